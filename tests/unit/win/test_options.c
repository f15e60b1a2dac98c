/* The command line of the window program, and the one it writes for its restart as administrator. */
#include "ui/options.h"
#include "unit/test.h"

#include "core/base/text.h"

#include <shellapi.h>
#include <stdlib.h>
#include <string.h>

static bool parse_line(const WCHAR *line, struct options *out)
{
    WCHAR whole[2000] = L"HandleRecorder.exe ";
    wcscat(whole, line);
    int argc = 0;
    WCHAR **argv = CommandLineToArgvW(whole, &argc);
    assert_non_null(argv);
    bool ok = options_parse(argc, argv, out);
    LocalFree(argv);
    return ok;
}

/* The restarted program has another current folder: Windows gives an elevated one its system folder. */
static void profile_is_absolute(void **state)
{
    (void)state;
    struct options o = {.record = false};
    WCHAR here[600];
    char wanted[1024];
    assert_true(GetCurrentDirectoryW(600, here) > 0);
    wcscat(here, L"\\\x00E4 b\\x.wprp");
    assert_true(utf16_put_utf8(wanted, sizeof wanted, here));
    assert_true(parse_line(L"/profile \"\x00E4 b\\x.wprp\"", &o));
    assert_string_equal(o.profile, wanted);
    struct options again = {.record = false};
    struct profile p = {.tag_count = 0};
    WCHAR *line = options_restart_line(o.profile, &p);
    assert_non_null(line);
    assert_true(parse_line(line, &again));
    free(line);
    assert_string_equal(again.profile, wanted);
    assert_true(again.record);
    assert_true(again.restarted);
}

static void wishes_survive_the_restart(void **state)
{
    (void)state;
    struct profile p = {.tag_count = 2, .stacks = PROFILE_STACK_CREATE | PROFILE_STACK_CLOSE};
    p.tags[0] = profile_tag("Key");
    p.tags[1] = profile_tag("Event");
    struct options o = {.record = false};
    WCHAR *line = options_restart_line(NULL, &p);
    assert_non_null(line);
    assert_true(parse_line(line, &o));
    free(line);
    assert_int_equal(o.tag_count, 2);
    assert_int_equal(o.tags[0], p.tags[0]);
    assert_int_equal(o.tags[1], p.tags[1]);
    assert_int_equal(o.stacks, p.stacks);
    assert_string_equal(o.profile, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(profile_is_absolute),
                                       cmocka_unit_test(wishes_survive_the_restart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
