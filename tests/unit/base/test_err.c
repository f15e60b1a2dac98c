/* The error value: the first one wins, the text has what, number and remedy. */
#include "unit/test.h"

#include "core/base/err.h"

static void first_error_wins(void **state)
{
    (void)state;
    struct err e = {0};
    assert_false(err_set(&e, ERR_NOT_FOUND, "Opening %s", "a.etl"));
    assert_false(err_set_os(&e, ERR_KIND_WIN32, 5, "Something later"));
    err_remedy(&e, "Look elsewhere.");
    err_remedy(&e, "Not this.");
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(e.os, 0);
    assert_string_equal(e.doing, "Opening a.etl");
    assert_string_equal(e.remedy, "Look elsewhere.");
    assert_false(err_set(NULL, ERR_OS, "nobody asks"));
}

static void remedy_without_error_is_ignored(void **state)
{
    (void)state;
    struct err e = {0};
    err_remedy(&e, "Nothing happened.");
    assert_string_equal(e.remedy, "");
}

static void codes_follow_numbers(void **state)
{
    (void)state;
    static const struct {
        enum err_kind kind;
        uint32_t os;
        enum err_code code;
    } rows[] = {
        {ERR_KIND_WIN32, 5, ERR_ACCESS},
        {ERR_KIND_WIN32, 112, ERR_NO_SPACE},
        {ERR_KIND_WIN32, 183, ERR_EXISTS},
        {ERR_KIND_WIN32, 1450, ERR_NO_SPACE},
        {ERR_KIND_WIN32, 4201, ERR_NOT_FOUND},
        {ERR_KIND_WIN32, 0xC0000022u, ERR_OS}, /* the kinds are separate number spaces */
        {ERR_KIND_NTSTATUS, 0xC0000022u, ERR_ACCESS},
        {ERR_KIND_NTSTATUS, 0xC000000Du, ERR_ARGUMENT},
        {ERR_KIND_HRESULT, 0x80010106u, ERR_OS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(err_code_of(rows[i].kind, rows[i].os), rows[i].code);
}

static void text_has_what_number_and_remedy(void **state)
{
    (void)state;
    struct err e = {0};
    err_set_os(&e, ERR_KIND_NTSTATUS, 0xC0000022u, "Setting the type filter");
    err_remedy(&e, "Run as administrator.");
    char line[600];
    err_format(&e, line, sizeof line);
    assert_memory_equal(line, "Setting the type filter: ", 25);
    assert_non_null(strstr(line, "(0xC0000022). Run as administrator."));
    assert_null(strstr(line, ".."));

    struct err own = {0};
    err_set(&own, ERR_FORMAT, "Reading trace.etl");
    err_format(&own, line, sizeof line);
    assert_string_equal(line, "Reading trace.etl: the content is not valid. Use an intact file.");
}

static void long_texts_are_cut_at_a_character(void **state)
{
    (void)state;
    char longer[2 * ERR_DOING_MAX];
    for (size_t i = 0; i + 2 < sizeof longer; i += 2)
        memcpy(longer + i, "\xC3\xA4", 3);
    struct err e = {0};
    err_set(&e, ERR_OS, "%s", longer);
    assert_int_equal(strlen(e.doing), ERR_DOING_MAX - 2);
    assert_int_equal((unsigned char)e.doing[ERR_DOING_MAX - 3], 0xA4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_error_wins),
        cmocka_unit_test(remedy_without_error_is_ignored),
        cmocka_unit_test(codes_follow_numbers),
        cmocka_unit_test(text_has_what_number_and_remedy),
        cmocka_unit_test(long_texts_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
