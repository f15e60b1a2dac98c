/* The file seam, the same on both systems: modes, positions, moves that never replace unasked. */
#include "unit/test.h"

#include "core/base/file.h"
#include "core/base/text.h"

#include <stdio.h>

#define DIR_NAME "test_file.tmp"

static char *at(const char *name)
{
    static char paths[4][300];
    static unsigned next;
    char *p = paths[next++ % 4];
    snprintf(p, sizeof paths[0], DIR_NAME "/%s", name);
    return p;
}

static bool remove_each(void *ctx, const char *name, uint64_t size)
{
    (void)ctx;
    (void)size;
    return file_delete(at(name), NULL);
}

static int setup(void **state)
{
    (void)state;
    if (!file_make_dir(DIR_NAME "/deep/er", NULL))
        return -1;
    return file_list(DIR_NAME, remove_each, NULL, NULL) ? 0 : -1;
}

static void write_file(const char *name, const char *content)
{
    struct file *f = NULL;
    struct err err = {0};
    if (!file_open(at(name), FILE_TO_CREATE, &f, &err))
        fail_msg("%s (%u)", err.doing, err.os);
    assert_true(file_write_at(f, 0, content, strlen(content), &err));
    assert_true(file_sync(f, &err));
    file_close(f);
}

static void expect_content(const char *name, const char *content)
{
    struct file *f = NULL;
    char buf[64] = "";
    size_t got = 0;
    assert_true(file_open(at(name), FILE_TO_READ, &f, NULL));
    assert_true(file_read_at(f, 0, buf, sizeof buf - 1, &got, NULL));
    file_close(f);
    assert_int_equal(got, strlen(content));
    assert_string_equal(buf, content);
}

static void create_does_not_replace(void **state)
{
    (void)state;
    write_file("a", "one");
    struct file *f = (struct file *)&f;
    struct file *before = f;
    struct err err = {0};
    assert_false(file_open(at("a"), FILE_TO_CREATE, &f, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_ptr_equal(f, before); /* a failure leaves outputs alone */
    expect_content("a", "one");
}

static void missing_files_say_so(void **state)
{
    (void)state;
    struct file *f = NULL;
    struct err err = {0};
    assert_false(file_open(at("none"), FILE_TO_READ, &f, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    assert_false(file_open(at("none"), FILE_TO_UPDATE, &f, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    assert_false(file_delete(at("none"), &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(file_exists(at("none")));
    err = (struct err){0};
    assert_false(file_open(DIR_NAME, FILE_TO_READ, &f, &err));
    assert_int_not_equal(err.code, ERR_NONE);
}

static void positions_and_end_of_file(void **state)
{
    (void)state;
    write_file("p", "0123456789");
    struct file *f = NULL;
    assert_true(file_open(at("p"), FILE_TO_UPDATE, &f, NULL));
    assert_true(file_write_at(f, 4, "XY", 2, NULL));
    char buf[8] = "";
    size_t got = 99;
    assert_true(file_read_at(f, 3, buf, 4, &got, NULL));
    assert_int_equal(got, 4);
    assert_memory_equal(buf, "3XY6", 4);
    assert_true(file_read_at(f, 8, buf, 8, &got, NULL));
    assert_int_equal(got, 2);
    assert_true(file_read_at(f, 50, buf, 8, &got, NULL));
    assert_int_equal(got, 0);
    /* Beyond 4 GB the position is still exact (a sparse file: no such space is used). */
    assert_true(file_write_at(f, 0x100000010u, "Z", 1, NULL));
    uint64_t size = 0;
    assert_true(file_size(f, &size, NULL));
    assert_int_equal(size, 0x100000011u);
    file_close(f);
    assert_true(file_delete(at("p"), NULL));
}

static void rename_keeps_what_is_there(void **state)
{
    (void)state;
    write_file("from", "new");
    write_file("to", "old");
    struct err err = {0};
    assert_false(file_rename(at("from"), at("to"), false, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    expect_content("from", "new");
    expect_content("to", "old");
    assert_true(file_rename(at("from"), at("to"), true, NULL));
    expect_content("to", "new");
    assert_false(file_exists(at("from")));
    assert_true(file_rename(at("to"), at("\xC3\xA4\xE2\x82\xAC.etl"), false, NULL));
    expect_content("\xC3\xA4\xE2\x82\xAC.etl", "new");
}

/* Neither a folder nor what stands for a device gives its place to a file. */
static void rename_replaces_plain_files_only(void **state)
{
    (void)state;
    struct err err = {0};
    write_file("from", "new");
    assert_false(file_rename(at("from"), at("deep"), true, &err));
    assert_int_not_equal(err.code, ERR_NONE);
    expect_content("from", "new");
    assert_true(file_make_dir(DIR_NAME "/deep/er", NULL));
#ifndef _WIN32
    err = (struct err){0};
    assert_false(file_rename(at("from"), "/dev/null", true, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
#endif
}

static void same_file_by_other_names(void **state)
{
    (void)state;
    write_file("one", "1");
    write_file("two", "1");
    assert_true(file_same(at("one"), at("one")));
    assert_true(file_same(at("one"), DIR_NAME "/deep/../one"));
    assert_false(file_same(at("one"), at("two")));
    assert_false(file_same(at("one"), at("none")));
    assert_false(file_same(at("none"), at("none")));
}

static bool count_one(void *ctx, const char *name, uint64_t size)
{
    (void)name;
    *(uint64_t *)ctx += 1000 + size;
    return true;
}

static void list_names_plain_files(void **state)
{
    (void)state;
    write_file("l1", "12");
    write_file("l2", "1234");
    uint64_t sum = 0;
    assert_true(file_list(DIR_NAME, count_one, &sum, NULL));
    assert_int_equal(sum, 2006); /* the folder "deep" is not counted */
    struct err err = {0};
    assert_false(file_list(at("no-such-folder"), count_one, &sum, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void folders_and_space(void **state)
{
    (void)state;
    assert_true(file_make_dir(DIR_NAME "/deep/er", NULL));
    write_file("plain", "x");
    struct err err = {0};
    assert_false(file_make_dir(DIR_NAME "/plain/sub", &err));
    assert_int_not_equal(err.code, ERR_NONE);
    uint64_t bytes = 0;
    assert_true(file_free_space(at("not-there-yet.etl"), &bytes, NULL));
    assert_true(bytes > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(create_does_not_replace, setup),
        cmocka_unit_test_setup(missing_files_say_so, setup),
        cmocka_unit_test_setup(positions_and_end_of_file, setup),
        cmocka_unit_test_setup(rename_keeps_what_is_there, setup),
        cmocka_unit_test_setup(rename_replaces_plain_files_only, setup),
        cmocka_unit_test_setup(same_file_by_other_names, setup),
        cmocka_unit_test_setup(list_names_plain_files, setup),
        cmocka_unit_test_setup(folders_and_space, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
