/* The user's own profiles: saved, saved anew, imported, deleted; nothing is overwritten, and a failure leaves all as it
 * was. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "unit/test.h"
#include "win/profile_store.h"
#include "win/win.h"
#include "win/xml_win.h"

#include <stdio.h>

static char dir[512];

static int make_dir(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    char utf8[400];
    if (!GetTempPathW(MAX_PATH, temp) || !utf16_put_utf8(utf8, sizeof utf8, temp))
        return -1;
    /* Not made yet: the first save does that. */
    snprintf(dir, sizeof dir, "%shr-store-%lu\\own", utf8, GetCurrentProcessId());
    return 0;
}

static bool erase(void *ctx, const char *name, uint64_t size)
{
    char path[1024];
    struct err err = {0};
    (void)size;
    (void)ctx;
    snprintf(path, sizeof path, "%s\\%s", dir, name);
    return file_delete(path, &err);
}

static int drop_dir(void **state)
{
    struct err err = {0};
    (void)state;
    file_list(dir, erase, NULL, &err);
    WCHAR *wide = utf16_from_utf8(dir);
    if (!wide)
        return -1;
    RemoveDirectoryW(wide);
    *wcsrchr(wide, L'\\') = 0;
    RemoveDirectoryW(wide);
    free(wide);
    return 0;
}

static bool count_file(void *ctx, const char *name, uint64_t size)
{
    unsigned *n = ctx;
    (void)name;
    (void)size;
    ++*n;
    return true;
}

static unsigned files(void)
{
    unsigned n = 0;
    struct err err = {0};
    file_list(dir, count_file, &n, &err);
    return n;
}

static const char *name_of(const char *path)
{
    return strrchr(path, '\\') + 1;
}

static struct profile named(const char *name)
{
    struct profile p;
    profile_default(&p);
    text_put(p.name, sizeof p.name, name);
    return p;
}

static void save_new_ok(const struct profile *p, char path[PROFILE_STORE_PATH])
{
    struct err err = {0};
    if (!profile_store_save_new_in(dir, p, path, &err))
        fail_msg("%s", err.doing);
}

static struct profile load_ok(const char *path)
{
    struct profile p;
    struct err err = {0};
    if (!wprp_load(path, &p, &err))
        fail_msg("%s", err.doing);
    return p;
}

static void new_ones_never_overwrite(void **state)
{
    (void)state;
    char path[PROFILE_STORE_PATH];
    struct profile p = named("My <events>: é & \"more\"");
    p.stop.after_s = 60;
    save_new_ok(&p, path);
    assert_string_equal(name_of(path), "My events é & more.wprp");
    struct profile got = load_ok(path);
    assert_string_equal(got.name, p.name);
    assert_int_equal(got.stop.after_s, 60);
    assert_false(got.foreign);
    p.stop.after_s = 61;
    save_new_ok(&p, path);
    assert_string_equal(name_of(path), "My events é & more (2).wprp");
    save_new_ok(&p, path);
    assert_string_equal(name_of(path), "My events é & more (3).wprp");
    assert_int_equal(files(), 3);
}

static void file_names_are_what_the_system_takes(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Event", "Event.wprp"},     {"CON", "_CON.wprp"}, {"com1.old", "_com1.old.wprp"},
        {"...", "_.wprp"},           {"a. ", "a.wprp"},    {"../../x", "....x.wprp"},
        {"console", "console.wprp"}, {" x", "x.wprp"},     {"conout$", "_conout$.wprp"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char file[PROFILE_NAME_MAX + 8];
        profile_store_file_name(rows[i][0], file);
        assert_string_equal(file, rows[i][1]);
    }
}

static void saving_replaces_the_whole_file(void **state)
{
    (void)state;
    char path[PROFILE_STORE_PATH];
    struct profile p = named("Long");
    struct err err = {0};
    memset(p.description, 'x', sizeof p.description - 1);
    save_new_ok(&p, path);
    unsigned before = files();
    text_put(p.description, sizeof p.description, "short");
    text_put(p.name, sizeof p.name, "Renamed");
    if (!profile_store_save(path, &p, &err))
        fail_msg("%s", err.doing);
    struct profile got = load_ok(path);
    assert_string_equal(got.description, "short");
    assert_string_equal(got.name, "Renamed");
    assert_int_equal(files(), before);
}

static void a_failure_leaves_the_old_file(void **state)
{
    (void)state;
    char path[PROFILE_STORE_PATH];
    struct profile p = named("Kept");
    struct err err = {0};
    save_new_ok(&p, path);
    unsigned before = files();

    struct profile broken = p;
    broken.buffer_kb = 1;
    assert_false(profile_store_save(path, &broken, &err));
    assert_int_equal(err.code, ERR_RANGE);
    assert_int_equal(load_ok(path).buffer_kb, 1024);

    /* What is in the way of the new file's place cannot be deleted. */
    char beside[PROFILE_STORE_PATH + 8];
    snprintf(beside, sizeof beside, "%s.new", path);
    memset(&err, 0, sizeof err);
    assert_true(file_make_dir(beside, &err));
    p.buffer_kb = 512;
    assert_false(profile_store_save(path, &p, &err));
    assert_int_not_equal(err.code, ERR_NONE);
    assert_int_equal(load_ok(path).buffer_kb, 1024);
    WCHAR *wide = utf16_from_utf8(beside);
    assert_non_null(wide);
    assert_true(RemoveDirectoryW(wide));
    free(wide);
    assert_int_equal(files(), before);

    /* Nobody may take the old one's place while it is open so. */
    wide = utf16_from_utf8(path);
    assert_non_null(wide);
    HANDLE held = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    free(wide);
    assert_ptr_not_equal(held, INVALID_HANDLE_VALUE);
    memset(&err, 0, sizeof err);
    bool saved = profile_store_save(path, &p, &err);
    CloseHandle(held);
    assert_false(saved);
    assert_int_not_equal(err.code, ERR_NONE);
    assert_int_equal(load_ok(path).buffer_kb, 1024);
    assert_int_equal(files(), before);
}

static void shipped_ones_are_not_written_to(void **state)
{
    (void)state;
    char path[PROFILE_STORE_PATH];
    char file[PROFILE_STORE_PATH + 20];
    struct profile p = named("Event");
    struct err err = {0};
    assert_true(profile_store_shipped_dir(path, &err));
    snprintf(file, sizeof file, "%s\\Event.wprp", path);
    struct profile before = load_ok(file);
    assert_false(profile_store_save(file, &p, &err));
    assert_int_equal(err.code, ERR_ACCESS);
    memset(&err, 0, sizeof err);
    assert_false(profile_store_delete(file, &err));
    assert_int_equal(err.code, ERR_ACCESS);
    assert_string_equal(load_ok(file).description, before.description);
}

static void imports_are_copies_of_what_can_be_read(void **state)
{
    (void)state;
    static const char foreign[] =
        "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"A\">\r\n<Profiles>"
        "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><BufferSize Value=\"256\"/></SystemCollector>\r\n"
        "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"Handle\"/><Keyword Value=\"CSwitch\"/></Keywords>"
        "</SystemProvider>\r\n"
        "<Profile Id=\"CPU.Light.File\" Name=\"CPU\" Description=\"d\" LoggingMode=\"File\" DetailLevel=\"Light\">"
        "<Collectors><SystemCollectorId Value=\"C\"><SystemProviderId Value=\"P\"/></SystemCollectorId></Collectors>"
        "</Profile></Profiles></WindowsPerformanceRecorder>";
    char from[PROFILE_STORE_PATH];
    char path[PROFILE_STORE_PATH];
    struct file *f = NULL;
    struct profile p;
    struct err err = {0};
    snprintf(from, sizeof from, "%s\\foreign.txt", dir);
    if (!file_open(from, FILE_TO_CREATE, &f, &err) || !file_write_at(f, 0, foreign, strlen(foreign), &err))
        fail_msg("%s", err.doing);
    file_close(f);
    if (!profile_store_import_to(dir, from, &p, path, &err))
        fail_msg("%s", err.doing);
    assert_string_equal(name_of(path), "CPU.wprp");
    assert_true(p.foreign);
    assert_string_equal(p.left_out, "keyword CSwitch\n");
    assert_true(load_ok(path).foreign);
    assert_true(profile_store_import_to(dir, from, &p, path, &err));
    assert_string_equal(name_of(path), "CPU (2).wprp");

    /* An edited copy is ours. */
    p.buffer_kb = 512;
    save_new_ok(&p, path);
    assert_string_equal(name_of(path), "CPU (3).wprp");
    assert_false(load_ok(path).foreign);
    assert_int_equal(load_ok(path).buffer_kb, 512);

    unsigned before = files();
    assert_false(profile_store_import_to(dir, "C:\\windows\\win.ini", &p, path, &err));
    assert_int_not_equal(err.code, ERR_NONE);
    assert_int_equal(files(), before);
}

static void deleting_is_for_good(void **state)
{
    (void)state;
    char path[PROFILE_STORE_PATH];
    struct profile p = named("Gone");
    struct err err = {0};
    save_new_ok(&p, path);
    assert_true(profile_store_delete(path, &err));
    assert_false(file_exists(path));
    assert_false(profile_store_delete(path, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void names_are_looked_up_whatever_their_case(void **state)
{
    (void)state;
    static const struct profile_entry entries[] = {{.path = "C:\\a.wprp", .name = "Event"},
                                                   {.path = "C:\\b.wprp", .name = "File"}};
    assert_true(profile_store_has_name(entries, 2, "EVENT", NULL));
    assert_false(profile_store_has_name(entries, 2, "Key", NULL));
    assert_false(profile_store_has_name(entries, 2, "Event", "c:\\A.wprp"));
    assert_true(profile_store_has_name(entries, 2, "Event", "C:\\b.wprp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_ones_never_overwrite),
        cmocka_unit_test(file_names_are_what_the_system_takes),
        cmocka_unit_test(saving_replaces_the_whole_file),
        cmocka_unit_test(a_failure_leaves_the_old_file),
        cmocka_unit_test(shipped_ones_are_not_written_to),
        cmocka_unit_test(imports_are_copies_of_what_can_be_read),
        cmocka_unit_test(deleting_is_for_good),
        cmocka_unit_test(names_are_looked_up_whatever_their_case),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
