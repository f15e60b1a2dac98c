/* Real traces, cut and mutated: reading them never crashes, never hangs, and both ways of reading agree.
 *
 * A seeded sample: HR_ROBUST_ROUNDS (default 12 a file) says how many mutants, HR_ROBUST_SEED which. */
#include "unit/test.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/etl/handle_events.h"
#include "core/etl/trace.h"

#include <stdio.h>

#define PATH "test_robust.etl"
/* Enough of each file for many buffers of every kind, small enough to write often. */
#define PIECE 0x80000u

static uint64_t seed;
static unsigned long rounds;
static size_t files_done;
static uint64_t mutants;
static uint64_t events;

static uint32_t next_random(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

static void decode(const struct etl_record *r)
{
    struct etl_handle_event handle;
    struct etl_type_event type;
    struct etl_image_event image;
    struct etl_process_event process;
    struct etl_stack_event stack;
    struct etl_stack_key_event key;
    struct text t = {0};
    uint64_t sum = 0;
    if (etl_handle_event(r, &handle))
        text_add_utf16le(&t, handle.name.bytes, handle.name.units, false);
    if (etl_type_event(r, &type))
        text_add_utf16le(&t, type.name.bytes, type.name.units, false);
    if (etl_image_event(r, &image))
        text_add_utf16le(&t, image.name.bytes, image.name.units, false);
    if (etl_process_event(r, &process)) {
        text_add_n(&t, (const char *)process.image, process.image_size);
        text_add_utf16le(&t, process.command.bytes, process.command.units, false);
    }
    if (etl_stack_event(r, &stack))
        for (size_t i = 0; i < stack.frame_count; i++)
            sum += etl_frame(stack.frames, stack.pointer_size, i);
    if (etl_stack_key_event(r, &key))
        for (size_t i = 0; i < key.frame_count; i++)
            sum += etl_frame(key.frames, key.pointer_size, i);
    text_addf(&t, "%llu", (unsigned long long)sum);
    assert_false(t.failed);
    text_free(&t);
}

static bool visit(void *ctx, const struct etl_record *r)
{
    (void)ctx;
    decode(r);
    return true;
}

/* False when it is not even opened. */
static bool read_both(void)
{
    struct err err = {0};
    struct etl_trace *scan = NULL;
    struct etl_trace *merge = NULL;
    if (!etl_open(PATH, &scan, &err)) {
        assert_true(err.code == ERR_FORMAT || err.code == ERR_TRUNCATED);
        return false;
    }
    assert_true(etl_scan(scan, visit, NULL, &err));
    assert_true(etl_open(PATH, &merge, &err));
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    while ((step = etl_next(merge, &r, &err)) == ETL_STEP_OK) {
    }
    assert_int_equal(step, ETL_STEP_END);
    const struct etl_stats *a = etl_stats(scan);
    const struct etl_stats *b = etl_stats(merge);
    assert_int_equal(a->events, b->events);
    assert_int_equal(a->skipped, b->skipped);
    assert_int_equal(a->buffers, b->buffers);
    assert_int_equal(a->damaged_buffers, b->damaged_buffers);
    assert_int_equal(a->truncated, b->truncated);
    events += a->events;
    etl_close(scan);
    etl_close(merge);
    return true;
}

static void save(const uint8_t *bytes, size_t n)
{
    FILE *f = fopen(PATH, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    mutants++;
}

/* Bytes, words and stretches anywhere, but more often where sizes and headers are. */
static void mutate(uint8_t *bytes, size_t n)
{
    static const uint8_t favourites[] = {0x00, 0xFF, 0x01, 0x7F, 0x80, 0x40, 0x48, 0xC0};
    size_t count = 1 + next_random() % 40;
    for (size_t i = 0; i < count; i++) {
        size_t at = next_random() % n;
        if (next_random() % 2)
            at = at / 0x1000 * 0x1000 + next_random() % 0x100;
        if (next_random() % 8 == 0)
            at = next_random() % 0x400;
        size_t length = next_random() % 16 ? 1 + next_random() % 4 : next_random() % 3000;
        uint8_t value = favourites[next_random() % sizeof favourites];
        for (size_t k = 0; k < length && at + k < n; k++)
            bytes[at + k] = next_random() % 4 ? value : (uint8_t)next_random();
    }
}

static void try_file(const char *path)
{
    struct file *f = NULL;
    struct err err = {0};
    size_t n = 0;
    uint8_t *whole = malloc(PIECE);
    uint8_t *bytes = malloc(PIECE);
    assert_non_null(whole);
    assert_non_null(bytes);
    assert_true(file_open(path, FILE_TO_READ, &f, &err));
    assert_true(file_read_at(f, 0, whole, PIECE, &n, &err));
    file_close(f);
    save(whole, n);
    assert_true(read_both());
    for (unsigned long i = 0; i < rounds; i++) {
        save(whole, next_random() % n);
        read_both();
        memcpy(bytes, whole, n);
        mutate(bytes, n);
        save(bytes, n);
        read_both();
    }
    free(whole);
    free(bytes);
    files_done++;
}

static bool each_file(void *ctx, const char *name, uint64_t size)
{
    const char *folder = ctx;
    size_t length = strlen(name);
    (void)size;
    if (length < 4 || strcmp(name + length - 4, ".etl") != 0)
        return true;
    struct text path = {0};
    text_addf(&path, "%s/%s", folder, name);
    assert_false(path.failed);
    try_file(path.s);
    text_free(&path);
    return true;
}

static unsigned long number_from(const char *variable, unsigned long otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoul(text, NULL, 10) : otherwise;
}

static void cut_and_mutated_files(void **state)
{
    (void)state;
    const char *folder = getenv("HANDLEREC_ETL_CORPUS");
    if (!folder || !folder[0])
        folder = HR_DEFAULT_CORPUS;
    if (!file_exists(folder)) {
        print_message("SKIPPED: no trace files in %s (set HANDLEREC_ETL_CORPUS)\n", folder);
        skip();
    }
    struct err err = {0};
    seed = number_from("HR_ROBUST_SEED", 20240229);
    rounds = number_from("HR_ROBUST_ROUNDS", 12);
    struct text copy = {0};
    text_add(&copy, folder);
    assert_true(file_list(folder, each_file, copy.s, &err));
    text_free(&copy);
    print_message("%u files, %llu variants, %llu events read\n", (unsigned)files_done, (unsigned long long)mutants,
                  (unsigned long long)events);
    assert_true(files_done > 0);
    assert_true(file_delete(PATH, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cut_and_mutated_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
