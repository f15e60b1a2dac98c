/* Whole traces: order across processors, and every kind of damage. */
#include "unit/test.h"

#include "core/base/file.h"
#include "core/etl/trace.h"
#include "etl_builder.h"

#define PATH  "test_trace.etl"
#define HOOK  0x1120
#define WHOLE SIZE_MAX

static const struct etlb_ids ids = {100, 200};

static void event(struct etlb *b, int64_t time)
{
    uint8_t payload[16] = {0};
    etlb_compact(b, 8, HOOK, 2, ids, time, payload, sizeof payload);
}

static uint8_t *field(struct etlb *b, size_t buffer, size_t offset)
{
    return b->file + b->pos[buffer] + offset;
}

/* Reads in time order; `times` gets what it met after the header record. */
static size_t read_merged(const char *path, int64_t *times, size_t room, struct etl_stats *stats)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    assert_true(etl_open(path, &t, &err));
    const struct etl_record *r = NULL;
    size_t n = 0;
    enum etl_step step = ETL_STEP_OK;
    while ((step = etl_next(t, &r, &err)) == ETL_STEP_OK) {
        if (r->hook == 0)
            continue;
        assert_true(n < room);
        times[n++] = r->time;
    }
    assert_int_equal(step, ETL_STEP_END);
    *stats = *etl_stats(t);
    etl_close(t);
    return n;
}

struct seen {
    size_t events;
    size_t stop_at;
};

static bool see(void *ctx, const struct etl_record *r)
{
    struct seen *s = ctx;
    (void)r;
    return ++s->events != s->stop_at;
}

static size_t read_scanned(const char *path, struct etl_stats *stats)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct seen seen = {0};
    assert_true(etl_open(path, &t, &err));
    assert_true(etl_scan(t, see, &seen, &err));
    *stats = *etl_stats(t);
    assert_int_equal(stats->bytes_read, etl_size(t));
    assert_int_equal(stats->events, seen.events);
    etl_close(t);
    return seen.events;
}

/* Both ways of reading, which must agree on everything but inversions. */
static size_t read_both(struct etlb *b, size_t size, int64_t *times, size_t room, struct etl_stats *stats)
{
    struct etl_stats scanned;
    etlb_save(b, PATH, size);
    size_t n = read_merged(PATH, times, room, stats);
    read_scanned(PATH, &scanned);
    assert_int_equal(stats->events, scanned.events);
    assert_int_equal(stats->skipped, scanned.skipped);
    assert_int_equal(stats->buffers, scanned.buffers);
    assert_int_equal(stats->damaged_buffers, scanned.damaged_buffers);
    assert_int_equal(stats->truncated, scanned.truncated);
    assert_int_equal(stats->last_time, scanned.last_time);
    return n;
}

static void assert_times(const int64_t *times, size_t n, const int64_t *expected, size_t expected_n)
{
    assert_int_equal(n, expected_n);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(times[i], expected[i]);
}
#define ASSERT_TIMES(times, n, ...)                                                                                    \
    do {                                                                                                               \
        static const int64_t wanted[] = {__VA_ARGS__};                                                                 \
        assert_times(times, n, wanted, sizeof wanted / sizeof wanted[0]);                                              \
    } while (0)

/* Four data buffers on three processors, interleaved in time. */
static void build(struct etlb *b, const struct etlb_options *o)
{
    etlb_begin(b, o);
    etlb_buffer(b, 2);
    event(b, 1000010);
    event(b, 1000040);
    etlb_buffer(b, 0);
    event(b, 1000020);
    event(b, 1000050);
    etlb_buffer(b, 2);
    event(b, 1000060);
    event(b, 1000070);
    etlb_buffer(b, 9);
    event(b, 1000030);
    event(b, 1000080);
    etlb_finish(b);
}

static void merges(void **state)
{
    (void)state;
    for (int variant = 0; variant < 4; variant++) {
        struct etlb_options o = etlb_defaults();
        o.compress = variant & 1;
        o.mode |= o.compress ? 0x04000000 : 0;
        o.old_flags = variant & 2;
        struct etlb b;
        struct etl_stats s;
        int64_t times[16];
        build(&b, &o);
        size_t n = read_both(&b, WHOLE, times, 16, &s);
        ASSERT_TIMES(times, n, 1000010, 1000020, 1000030, 1000040, 1000050, 1000060, 1000070, 1000080);
        assert_int_equal(s.events, 9);
        assert_int_equal(s.buffers, 5);
        assert_int_equal(s.packed_buffers, o.compress ? 4 : 0);
        assert_int_equal(s.damaged_buffers, 0);
        assert_int_equal(s.inversions, 0);
        assert_int_equal(s.last_time, 1000080);
        assert_false(s.truncated);
        etlb_free(&b);
    }
}

/* Same time: lower processor first, then file order. Old files have an alignment in the processor's upper byte. */
static void ties_and_processors(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        struct etlb_options o = etlb_defaults();
        o.old_flags = old;
        struct etlb b;
        etlb_begin(&b, &o);
        static const unsigned processors[] = {3, 1, 2};
        for (unsigned i = 0; i < 3; i++) {
            etlb_buffer(&b, processors[i]);
            event(&b, 5000000);
            event(&b, 5000000);
        }
        etlb_finish(&b);
        etlb_save(&b, PATH, WHOLE);
        struct err err = {0};
        struct etl_trace *t = NULL;
        const struct etl_record *r = NULL;
        assert_true(etl_open(PATH, &t, &err));
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_OK);
        assert_int_equal(r->hook, 0);
        for (unsigned i = 0; i < 6; i++) {
            assert_int_equal(etl_next(t, &r, &err), ETL_STEP_OK);
            assert_int_equal(r->processor, i / 2 + 1);
        }
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_END);
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_END);
        etl_close(t);
        etlb_free(&b);
    }
}

static void inversions_are_counted_and_kept(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct etl_stats s;
    int64_t times[8];
    etlb_begin(&b, &o);
    etlb_buffer(&b, 0);
    event(&b, 1000100);
    event(&b, 1000050); /* late */
    event(&b, 1000200);
    etlb_buffer(&b, 1);
    event(&b, 1000060);
    event(&b, 1000150);
    etlb_buffer(&b, 0);
    event(&b, 1000190); /* a buffer that overlaps the one before */
    etlb_finish(&b);
    size_t n = read_both(&b, WHOLE, times, 8, &s);
    ASSERT_TIMES(times, n, 1000060, 1000100, 1000050, 1000150, 1000200, 1000190);
    assert_int_equal(s.inversions, 2);
    assert_int_equal(s.events, 7);
    etlb_free(&b);
}

/* A file that went round: the oldest buffer is in the middle, and more were written than are there. */
static void circular(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.mode = 2;
    o.buffers_written = 9;
    o.no_flush_marker = true;
    struct etlb b;
    struct etl_stats s;
    int64_t times[8];
    etlb_begin(&b, &o);
    static const int64_t starts[] = {1000500, 1000600, 1000300, 1000400};
    for (size_t i = 0; i < 4; i++) {
        etlb_buffer(&b, i & 1);
        event(&b, starts[i]);
        event(&b, starts[i] + 1);
    }
    etlb_finish(&b);
    field(&b, 2, 0x34)[0] |= 1; /* the last one written */
    size_t n = read_both(&b, WHOLE, times, 8, &s);
    ASSERT_TIMES(times, n, 1000300, 1000301, 1000400, 1000401, 1000500, 1000501, 1000600, 1000601);
    assert_int_equal(s.inversions, 0);
    assert_false(s.truncated);
    field(&b, 2, 0x34)[0] &= 0xFE; /* nobody closed it */
    read_both(&b, WHOLE, times, 8, &s);
    assert_true(s.truncated);
    etlb_free(&b);
}

/* A ring that was written out as it lies in memory: every buffer bears the time of that, not the time when it was full.
 */
static void ring_in_memory_order(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.mode = 0x400;
    o.no_flush_marker = true;
    struct etlb b;
    struct etl_stats s;
    int64_t times[8];
    etlb_begin(&b, &o);
    static const int64_t starts[] = {1000500, 1000400, 1000300, 1000600, 0, 1000200};
    for (size_t i = 0; i < 6; i++) {
        etlb_buffer(&b, i & 1);
        if (i == 1) { /* what no reader knows comes before an event of 1.5 KB */
            uint8_t big[1500] = {0};
            etlb_message(&b, 9, big, sizeof big);
        }
        if (starts[i]) { /* one was never used */
            event(&b, starts[i]);
        }
        b.flushed[b.count - 1] = 1000900 + (int64_t)i;
    }
    etlb_finish(&b);
    size_t n = read_both(&b, WHOLE, times, 8, &s);
    ASSERT_TIMES(times, n, 1000200, 1000300, 1000400, 1000500, 1000600);
    assert_int_equal(s.inversions, 0);
    assert_int_equal(s.damaged_buffers, 0);
    etlb_free(&b);
}

/* Whether the file's byte at `at` lies behind a buffer's records. */
static bool in_fill(const struct etlb *b, size_t at)
{
    for (size_t i = 0; i < b->count; i++)
        if (at >= b->pos[i] && at < b->pos[i] + b->disk_size[i])
            return at - b->pos[i] > b->used[i];
    return false;
}

/* Cut after every byte (a sample of those in the fill): what whole records are left is read, in both ways of reading,
 * and it says that it is cut. */
static void cut_everywhere(void **state)
{
    (void)state;
    for (int packed = 0; packed < 2; packed++) {
        struct etlb_options o = etlb_defaults();
        o.buffer_size = 0x400;
        o.compress = packed;
        o.mode |= packed ? 0x04000000 : 0;
        struct etlb b;
        build(&b, &o);
        int64_t times[16];
        uint64_t before = 0;
        size_t opened = 0;
        for (size_t size = 0; size < b.size; size += in_fill(&b, size) ? 61 : 1) {
            struct err err = {0};
            struct etl_trace *t = NULL;
            etlb_save(&b, PATH, size);
            if (!etl_open(PATH, &t, &err)) {
                assert_true(err.code == ERR_TRUNCATED || err.code == ERR_FORMAT);
                assert_int_equal(opened, 0);
                continue;
            }
            etl_close(t);
            opened++;
            struct etl_stats s;
            read_both(&b, size, times, 16, &s);
            assert_true(s.truncated);
            assert_int_equal(s.damaged_buffers, 0);
            assert_true(s.events >= before);
            before = s.events;
        }
        assert_true(opened > 0);
        /* The last buffer's fill is missing only: all events are there. */
        if (!packed)
            assert_int_equal(before, 9);
        etlb_free(&b);
    }
}

static void not_closed(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.no_flush_marker = true;
    o.buffers_written = 0;
    o.end_time = 0;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    build(&b, &o);
    size_t n = read_both(&b, WHOLE, times, 16, &s);
    assert_int_equal(n, 8);
    assert_true(s.truncated);
    assert_int_equal(s.damaged_buffers, 0);
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct seen seen = {0};
    assert_true(etl_open(PATH, &t, &err));
    assert_true(etl_scan(t, see, &seen, &err));
    assert_false(etl_knows_losses(t));
    etl_close(t);
    /* A flush may leave its mark in a file that goes on: the end time decides. */
    field(&b, 4, 0x34)[0] |= 1;
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
    assert_true(s.truncated);
    etlb_free(&b);
}

/* Fewer buffers than the header counts: cut at a buffer's edge. */
static void buffers_missing(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.buffers_written = 6;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    build(&b, &o);
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
    assert_true(s.truncated);
    etlb_free(&b);
}

static void ring(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.mode = 0x400;
    o.no_flush_marker = true;
    o.buffers_written = 77;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    build(&b, &o);
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
    assert_false(s.truncated);
    struct err err = {0};
    struct etl_trace *t = NULL;
    assert_true(etl_open(PATH, &t, &err));
    assert_false(etl_knows_losses(t));
    etl_close(t);
    etlb_free(&b);
}

/* What is wrong with the third buffer (its events are at ...60 and ...70), and what is left. */
static void damage(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t offset;
        uint32_t value;
        size_t bytes;
        size_t events; /* besides the header record */
    } rows[] = {
        {"size zero", 0x00, 0, 4, 6},
        {"size absurd", 0x00, 0xFFFFFFF0, 4, 6},
        {"size below its header", 0x00, 0x47, 4, 6},
        {"size of two buffers", 0x00, 0x2000, 4, 6},
        {"size a little off", 0x00, 0x1008, 4, 6},
        {"end before its start", 0x30, 0x40, 4, 6},
        {"end behind the buffer", 0x30, 0x1001, 4, 6},
        {"end absurd", 0x30, 0xFFFFFFFF, 4, 6},
        {"type absurd", 0x36, 0x99, 2, 6},
        {"state absurd", 0x2C, 0x99, 4, 6},
        {"compressed where none is", 0x34, 0x60, 2, 6},
        {"first marker zero", 0x48, 0, 4, 6},
        {"first marker fill", 0x48, 0xFFFFFFFF, 4, 6},
        {"first type unknown", 0x4A, 0x77, 1, 6},
        {"first size zero", 0x4C, 0, 2, 6},
        {"first size below its header", 0x4C, 23, 2, 6},
        {"first size behind the end", 0x4C, 0xFFFF, 2, 6},
        {"second marker zero", 0x48 + 40, 0, 4, 7},
        {"second size behind the end", 0x48 + 44, 41, 2, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etlb_options o = etlb_defaults();
        struct etlb b;
        struct etl_stats s;
        int64_t times[16];
        build(&b, &o);
        for (size_t k = 0; k < rows[i].bytes; k++)
            field(&b, 3, rows[i].offset)[k] = (uint8_t)(rows[i].value >> 8 * k);
        print_message("  %s\n", rows[i].what);
        assert_int_equal(read_both(&b, WHOLE, times, 16, &s), rows[i].events);
        assert_int_equal(s.damaged_buffers, 1);
        assert_int_equal(s.buffers, 5);
        assert_false(s.truncated);
        etlb_free(&b);
    }
}

static void overwritten_areas(void **state)
{
    (void)state;
    static const uint8_t fills[] = {0x00, 0xFF, 0x5A};
    for (size_t i = 0; i < sizeof fills; i++) {
        struct etlb_options o = etlb_defaults();
        struct etlb b;
        struct etl_stats s;
        int64_t times[16];
        build(&b, &o);
        /* From the middle of the second into the middle of the fourth buffer: only the first record of the second is
         * whole, the third is gone. */
        memset(field(&b, 2, 0x48 + 40), fills[i], 0x1000);
        size_t n = read_both(&b, WHOLE, times, 16, &s);
        ASSERT_TIMES(times, n, 1000010, 1000020, 1000030, 1000040, 1000080);
        assert_int_equal(s.damaged_buffers, 2);
        assert_int_equal(s.buffers, 5);
        assert_false(s.truncated);
        etlb_free(&b);
    }
}

/* Room that was set aside and never written is no damage; as a file's end it means that nobody closed it. */
static void preallocated_end(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.buffers_written = 3;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    build(&b, &o);
    memset(field(&b, 3, 0), 0, 0x2000);
    field(&b, 2, 0x34)[0] |= 1;
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 4);
    assert_int_equal(s.damaged_buffers, 0);
    assert_int_equal(s.buffers, 3);
    assert_false(s.truncated);
    field(&b, 2, 0x34)[0] &= 0xFE;
    read_both(&b, WHOLE, times, 16, &s);
    assert_true(s.truncated);
    etlb_free(&b);
}

static void compressed_damage(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.compress = true;
    o.mode |= 0x04000000;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    /* A blob that unpacks to nothing sensible: this buffer is lost, the others are not. */
    build(&b, &o);
    memset(field(&b, 3, 0x48), 0xFF, 8);
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 6);
    assert_int_equal(s.damaged_buffers, 1);
    assert_false(s.truncated);
    etlb_free(&b);
    /* It should unpack to more than it does: what it gives is good, and it is damaged. */
    build(&b, &o);
    field(&b, 3, 0x31)[0] += 2;
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
    assert_int_equal(s.damaged_buffers, 1);
    etlb_free(&b);
    /* Larger than the session's buffers: not unpacked. Nothing behind it can be found. */
    build(&b, &o);
    field(&b, 3, 0x32)[0] = 0xFF;
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 4);
    assert_int_equal(s.damaged_buffers, 1);
    assert_true(s.truncated);
    etlb_free(&b);
}

/* A buffer that is whole on disk may be compressed in a file of uncompressed ones' size, and the other way round. */
static void uncompressed_among_compressed(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.mode |= 0x04000000;
    struct etlb b;
    struct etl_stats s;
    int64_t times[16];
    build(&b, &o);
    assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
    assert_int_equal(s.damaged_buffers, 0);
    assert_int_equal(s.packed_buffers, 0);
    etlb_free(&b);
}

/* The header record and buffer 0 disagree about the size of buffers; whichever is wrong, the events are found. */
static void wrong_sizes_in_buffer_0(void **state)
{
    (void)state;
    static const uint32_t wrong[] = {0, 1, 0x48, 0x800, 0x2000, 0x10000, 0x2000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (size_t place = 0; place < 2; place++) {
            struct etlb_options o = etlb_defaults();
            struct etlb b;
            struct etl_stats s;
            int64_t times[16];
            build(&b, &o);
            for (size_t k = 0; k < 4; k++)
                field(&b, 0, place ? 0x48 + 32 : 0)[k] = (uint8_t)(wrong[i] >> 8 * k);
            assert_int_equal(read_both(&b, WHOLE, times, 16, &s), 8);
            assert_int_equal(s.damaged_buffers, 0);
            etlb_free(&b);
        }
}

static void only_buffer_0(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct etl_stats s;
    int64_t times[4];
    etlb_begin(&b, &o);
    etlb_finish(&b);
    assert_int_equal(read_both(&b, WHOLE, times, 4, &s), 0);
    assert_int_equal(s.events, 1);
    assert_int_equal(s.buffers, 1);
    assert_false(s.truncated);
    etlb_free(&b);
}

/* In merged Windows 7 files the valid data of buffer 0 ends with the last record, without its padding. */
static void unpadded_end(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct etl_stats s;
    int64_t times[4];
    etlb_begin(&b, &o);
    etlb_compact(&b, 8, HOOK, 2, ids, 1000001, "abcdef", 6);
    etlb_finish(&b);
    field(&b, 0, 0x30)[0] -= 2;
    assert_int_equal(read_both(&b, WHOLE, times, 4, &s), 1);
    assert_int_equal(s.damaged_buffers, 0);
    field(&b, 0, 0x30)[0] -= 1; /* now the record itself does not fit */
    assert_int_equal(read_both(&b, WHOLE, times, 4, &s), 0);
    assert_int_equal(s.damaged_buffers, 1);
    etlb_free(&b);
}

static void skipped_kinds(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct etl_stats s;
    int64_t times[4];
    etlb_begin(&b, &o);
    etlb_buffer(&b, 0);
    event(&b, 1000001);
    etlb_message(&b, 12, "hello", 5);
    event(&b, 1000002);
    etlb_message(&b, 13, NULL, 0);
    etlb_finish(&b);
    assert_int_equal(read_both(&b, WHOLE, times, 4, &s), 2);
    assert_int_equal(s.skipped, 2);
    assert_int_equal(s.damaged_buffers, 0);
    etlb_free(&b);
}

static void refuses(void **state)
{
    (void)state;
    struct err err = {0};
    struct etl_trace *t = NULL;
    assert_false(etl_open("no_such_file.etl", &t, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    build(&b, &o);
    etlb_save(&b, PATH, 0);
    err = (struct err){0};
    assert_false(etl_open(PATH, &t, &err));
    assert_int_equal(err.code, ERR_TRUNCATED);
    memset(b.file, 'x', b.size);
    etlb_save(&b, PATH, WHOLE);
    err = (struct err){0};
    assert_false(etl_open(PATH, &t, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_null(t);
    etlb_free(&b);
}

static void a_visitor_ends_the_scan(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    build(&b, &o);
    etlb_save(&b, PATH, WHOLE);
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct seen seen = {.stop_at = 3};
    assert_true(etl_open(PATH, &t, &err));
    assert_false(etl_scan(t, see, &seen, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(seen.events, 3);
    etl_close(t);
    etlb_free(&b);
}

static int remove_file(void **state)
{
    (void)state;
    return file_delete(PATH, NULL) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges),
        cmocka_unit_test(ties_and_processors),
        cmocka_unit_test(inversions_are_counted_and_kept),
        cmocka_unit_test(circular),
        cmocka_unit_test(ring_in_memory_order),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(not_closed),
        cmocka_unit_test(buffers_missing),
        cmocka_unit_test(ring),
        cmocka_unit_test(damage),
        cmocka_unit_test(overwritten_areas),
        cmocka_unit_test(preallocated_end),
        cmocka_unit_test(compressed_damage),
        cmocka_unit_test(uncompressed_among_compressed),
        cmocka_unit_test(wrong_sizes_in_buffer_0),
        cmocka_unit_test(only_buffer_0),
        cmocka_unit_test(unpadded_end),
        cmocka_unit_test(skipped_kinds),
        cmocka_unit_test(refuses),
        cmocka_unit_test(a_visitor_ends_the_scan),
    };
    return cmocka_run_group_tests(tests, NULL, remove_file);
}
