/* Raw parts and their notes on a real disk: names, what is found again, what is swept away, and notes that are damaged
 * or hostile. */
#include "core/record/parts.h"

#include "core/base/text.h"
#include "unit/test.h"

#include <stdio.h>

#define DIR   "record-test/parts"
#define START UINT64_C(133500000000000000)

static bool collect(void *ctx, const char *name, uint64_t size)
{
    (void)size;
    text_add_n(ctx, name, strlen(name) + 1);
    return true;
}

static unsigned empty_folder(bool remove_them)
{
    struct text names = {0};
    unsigned n = 0;
    assert_true(file_list(DIR, collect, &names, NULL));
    for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1, n++) {
        char path[600];
        snprintf(path, sizeof path, DIR "/%s", names.s + at);
        if (remove_them)
            remove(path);
    }
    text_free(&names);
    return n;
}

static int setup(void **state)
{
    (void)state;
    assert_true(file_make_dir(DIR, NULL));
    empty_folder(true);
    return 0;
}

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static struct parts_note example(uint64_t started)
{
    struct parts_note n = {.guid = {{1, 2, 3, 0xff}},
                           .pid = 77,
                           .pid_start = 7700,
                           .started = started,
                           .masks = {7, 0, 0, 0, 0x40},
                           .tags = {0x6E657645u, 0x2079654Bu},
                           .tag_count = 2,
                           .stacks = PROFILE_STACK_CREATE | PROFILE_STACK_CLOSE,
                           .recorded = {0x6E657645u, 0x2079654Bu, 0x656C6946u},
                           .recorded_count = 3};
    text_put(n.session, sizeof n.session, "A session = ours");
    text_put(n.profile, sizeof n.profile,
             "Gr\xC3\xBC\xC3\x9F"
             "e\nend=1");
    return n;
}

/* Process 88 lives, nobody else. */
static bool alive(void *ctx, uint32_t pid, uint64_t start)
{
    (void)ctx;
    (void)start;
    return pid == 88;
}

static void test_a_note_comes_back(void **state)
{
    (void)state;
    struct parts_note n = example(START);
    struct parts_note back = {0};
    struct err e = {0};
    assert_true(parts_begin(DIR, &n, &e));
    assert_non_null(strstr(n.part, "-77.etl"));
    assert_true(parts_read(n.part, &back, &e));
    assert_string_equal(back.part, n.part);
    assert_string_equal(back.session, n.session);
    assert_string_equal(back.profile, "Gr\xC3\xBC\xC3\x9F"
                                      "e end=1");
    assert_memory_equal(back.guid.bytes, n.guid.bytes, 16);
    assert_memory_equal(back.masks, n.masks, sizeof n.masks);
    assert_memory_equal(back.tags, n.tags, sizeof n.tags);
    assert_int_equal(back.pid, 77);
    assert_int_equal(back.pid_start, 7700);
    assert_int_equal(back.started, START);
    assert_int_equal(back.tag_count, 2);
    assert_int_equal(back.stacks, n.stacks);
    assert_int_equal(back.recorded_count, 3);
    assert_memory_equal(back.recorded, n.recorded, sizeof n.recorded);
    n.pid = 5;
    assert_true(parts_rewrite(&n, &e));
    assert_true(parts_read(n.part, &back, &e));
    assert_int_equal(back.pid, 5);
    assert_int_equal(empty_folder(false), 1); /* the note alone: no part yet, nothing half-written */
}

static void test_names_do_not_collide(void **state)
{
    (void)state;
    char seen[5][TRACE_PATH_MAX];
    for (int i = 0; i < 5; i++) {
        struct parts_note n = example(START);
        assert_true(parts_begin(DIR, &n, NULL));
        for (int k = 0; k < i; k++)
            assert_string_not_equal(seen[k], n.part);
        text_put(seen[i], sizeof seen[i], n.part);
        /* A part without its note also keeps its name. */
        if (i == 2) {
            put(n.part, "raw", 3);
            assert_true(parts_settle(&n, NULL));
        }
    }
}

static void test_a_folder_that_is_not_there_holds_nothing(void **state)
{
    (void)state;
    bool found = true;
    struct parts_note n = {0};
    assert_true(parts_find(DIR "/missing", alive, NULL, &found, &n, NULL));
    assert_false(found);
}

static void test_finds_the_oldest_and_sweeps(void **state)
{
    (void)state;
    struct parts_note young = example(START + 100 * UINT64_C(10000000));
    struct parts_note old = example(START);
    struct parts_note live = example(START - 100 * UINT64_C(10000000));
    struct parts_note missing = example(START - 200 * UINT64_C(10000000));
    struct parts_note empty = example(START - 300 * UINT64_C(10000000));
    live.pid = 88;
    assert_true(parts_begin(DIR, &young, NULL));
    assert_true(parts_begin(DIR, &old, NULL));
    assert_true(parts_begin(DIR, &live, NULL));
    assert_true(parts_begin(DIR, &missing, NULL));
    assert_true(parts_begin(DIR, &empty, NULL));
    put(young.part, "y", 1);
    put(old.part, "o", 1);
    put(empty.part, "", 0);
    put(DIR "/somebody's.etl", "s", 1);
    put(DIR "/HandleRecorder-2026-11-23_03-00-00-77.fresh", "half", 4);
    put(DIR "/HandleRecorder-2026-11-23_03-00-00-88.fresh", "half", 4); /* being written */
    bool found = false;
    struct parts_note n = {0};
    assert_true(parts_find(DIR, alive, NULL, &found, &n, NULL));
    assert_true(found);
    assert_string_equal(n.part, old.part);
    assert_true(parts_read(live.part, &n, NULL)); /* a living recorder's note without a part: it is about to start */
    assert_false(file_exists(empty.part));
    /* Two recordings with their notes, the living one's two, and what is not ours. */
    assert_int_equal(empty_folder(false), 7);
    assert_true(parts_drop(&old, NULL));
    assert_true(parts_drop(&old, NULL)); /* not there any more: fine */
    assert_true(parts_find(DIR, alive, NULL, &found, &n, NULL));
    assert_true(found);
    assert_string_equal(n.part, young.part);
}

static void test_a_damaged_note_still_finds_its_part(void **state)
{
    (void)state;
    struct parts_note n = example(START);
    assert_true(parts_begin(DIR, &n, NULL));
    put(n.part, "raw", 3);
    char note[TRACE_PATH_MAX + 16];
    snprintf(note, sizeof note, "%.*s.recording", (int)(strlen(n.part) - 4), n.part);
    put(note, "handle-recorder-note=1\nsess", 27);
    struct err e = {0};
    struct parts_note back = {0};
    assert_false(parts_read(n.part, &back, &e));
    assert_int_equal(e.code, ERR_FORMAT);
    bool found = false;
    assert_true(parts_find(DIR, alive, NULL, &found, &back, NULL));
    assert_true(found);
    assert_string_equal(back.part, n.part);
}

/* Whatever a note holds, reading it ends, in bounds (the sanitizers watch), and what it gives is in range. */
static void test_hostile_notes(void **state)
{
    (void)state;
    struct parts_note n = example(START);
    assert_true(parts_begin(DIR, &n, NULL));
    char path[TRACE_PATH_MAX + 16];
    snprintf(path, sizeof path, "%.*s.recording", (int)(strlen(n.part) - 4), n.part);
    char good[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t size = fread(good, 1, sizeof good, f);
    fclose(f);
    uint32_t r = 12345;
    unsigned accepted = 0;
    for (unsigned i = 0; i < 3000; i++) {
        char bad[4096];
        size_t len = size;
        memcpy(bad, good, size);
        for (unsigned k = 0; k < 1 + i % 4; k++) {
            r = r * 1664525u + 1013904223u;
            bad[(r >> 8) % size] = (char)(r >> 24);
        }
        if (i % 5 == 0)
            len = (r >> 4) % size;
        put(path, bad, len);
        struct parts_note back = {0};
        if (!parts_read(n.part, &back, NULL))
            continue;
        accepted++;
        assert_in_range(back.tag_count, 0, PROFILE_MAX_TAGS);
        assert_in_range(back.recorded_count, 0, PARTS_MAX_RECORDED);
        assert_in_range(back.stacks, 0, 7);
        assert_string_equal(back.part, n.part);
    }
    assert_in_range(accepted, 1, 2999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_note_comes_back, setup),
        cmocka_unit_test_setup(test_names_do_not_collide, setup),
        cmocka_unit_test_setup(test_a_folder_that_is_not_there_holds_nothing, setup),
        cmocka_unit_test_setup(test_finds_the_oldest_and_sweeps, setup),
        cmocka_unit_test_setup(test_a_damaged_note_still_finds_its_part, setup),
        cmocka_unit_test_setup(test_hostile_notes, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
