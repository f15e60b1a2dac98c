/* Text: growth, conversions that lose nothing, patterns. */
#include "unit/test.h"

#include "core/base/text.h"

static void grows_and_formats(void **state)
{
    (void)state;
    struct text t = {0};
    assert_string_equal(text_str(&t), "");
    for (int i = 0; i < 1000; i++)
        text_addf(&t, "%d,", i);
    assert_int_equal(t.len, 10 * 2 + 90 * 3 + 900 * 4);
    assert_memory_equal(t.s, "0,1,2,", 6);
    assert_memory_equal(t.s + t.len - 4, "999,", 5);
    text_clear(&t);
    assert_string_equal(text_str(&t), "");
    assert_false(t.failed);
    text_free(&t);
}

static void utf16_round_trip(void **state)
{
    (void)state;
    /* a, umlaut, euro sign, a pair, a lone high, a lone low surrogate, a high one at the end */
    static const uint16_t units[] = {'a', 0xE4, 0x20AC, 0xD83D, 0xDE00, 0xD800, 'x', 0xDC00, 0xDBFF};
    enum { N = sizeof units / sizeof units[0] };
    struct text t = {0};
    text_add_utf16le(&t, units, N, false);
    uint16_t back[N + 1];
    assert_int_equal(text_to_utf16(t.s, back, N + 1), N);
    assert_memory_equal(back, units, sizeof units);
    text_free(&t);
}

static void utf16_stops_at_nul_when_asked(void **state)
{
    (void)state;
    static const uint16_t units[] = {'a', 0, 'b'};
    struct text t = {0};
    text_add_utf16le(&t, units, 3, true);
    assert_string_equal(t.s, "a");
    text_clear(&t);
    text_add_utf16le(&t, units, 3, false);
    assert_int_equal(t.len, 3);
    text_free(&t);
}

static void ill_formed_utf8_becomes_replacement(void **state)
{
    (void)state;
    uint16_t out[8];
    /* overlong slash, a byte alone, a cut sequence */
    assert_int_equal(text_to_utf16("\xC0\xAF\x80\xE2\x82", out, 8), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(out[i], 0xFFFD);
    assert_false(text_is_utf8("\xED\xA0\x80", 3)); /* a surrogate is no UTF-8 */
    assert_true(text_is_utf8("\xE2\x82\xAC", 3));
    assert_false(text_is_utf8("\xE2\x82", 2));
    assert_int_equal(text_to_utf16("\xF0\x9F\x98\x80", out, 1), 2); /* tells the need, writes what fits */
}

static void put_cuts_at_a_character(void **state)
{
    (void)state;
    char out[4];
    assert_true(text_put(out, sizeof out, "abc"));
    assert_string_equal(out, "abc");
    assert_false(text_put(out, sizeof out, "ab\xC3\xA4"));
    assert_string_equal(out, "ab");
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *s;
        bool match;
    } rows[] = {
        {"", "", true},
        {"*", "", true},
        {"?", "", false},
        {"app*.exe", "APP_one.exe", true},
        {"app*.exe", "app", false},
        {"*a*b*c*", "xaxbxc", true},
        {"*a*b*c*", "xaxcxb", false},
        {"a?c", "abc", true},
        {"a**c", "ac", true},
        {"abc", "abcd", false},
        {"Gr\xC3\xB6?e",
         "gr\xC3\xB6\xC3\x9F"
         "e",
         true},
        {"???", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", true},
        {"??", "\xC3\xA4", false},
        {"*?", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_match(rows[i].pattern, rows[i].s) != rows[i].match)
            fail_msg("text_match(\"%s\", \"%s\") is %d, expected %d", rows[i].pattern, rows[i].s, !rows[i].match,
                     rows[i].match);
    /* A pattern made to be slow for backtracking matchers. */
    char s[20001];
    memset(s, 'a', sizeof s - 1);
    s[sizeof s - 1] = 0;
    assert_false(text_match("*a*a*a*a*a*a*a*a*b", s));
}

static void case_folds_ascii_only(void **state)
{
    (void)state;
    assert_int_equal(text_casecmp("Event", "eVENT"), 0);
    assert_true(text_casecmp("a", "B") < 0);
    assert_true(text_casecmp("\xC3\x84", "\xC3\xA4") != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_formats),
        cmocka_unit_test(utf16_round_trip),
        cmocka_unit_test(utf16_stops_at_nul_when_asked),
        cmocka_unit_test(ill_formed_utf8_becomes_replacement),
        cmocka_unit_test(put_cuts_at_a_character),
        cmocka_unit_test(patterns),
        cmocka_unit_test(case_folds_ascii_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
