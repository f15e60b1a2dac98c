/* Whole traces: order across processors, and what a trace may have in it. */
#include "trace_file.h"

const char trace_file_path[] = "test_trace.etl";

static void merges(void **state)
{
    struct trace_file *f = *state;
    for (int variant = 0; variant < 4; variant++) {
        f->o = etlb_defaults();
        f->o.compress = variant & 1;
        f->o.mode |= f->o.compress ? 0x04000000 : 0;
        f->o.old_flags = variant & 2;
        trace_file_build(f);
        trace_file_read(f, WHOLE);
        ASSERT_TIMES(f, 1000010, 1000020, 1000030, 1000040, 1000050, 1000060, 1000070, 1000080);
        assert_int_equal(f->s.events, 9);
        assert_int_equal(f->s.buffers, 5);
        assert_int_equal(f->s.packed_buffers, f->o.compress ? 4 : 0);
        assert_int_equal(f->s.damaged_buffers, 0);
        assert_int_equal(f->s.inversions, 0);
        assert_int_equal(f->s.last_time, 1000080);
        assert_false(f->s.truncated);
    }
}

/* Same time: lower processor first, then file order. Old files have an alignment in the processor's upper byte. */
static void ties_and_processors(void **state)
{
    struct trace_file *f = *state;
    for (int old = 0; old < 2; old++) {
        f->o = etlb_defaults();
        f->o.old_flags = old;
        trace_file_begin(f);
        static const unsigned processors[] = {3, 1, 2};
        for (unsigned i = 0; i < 3; i++) {
            etlb_buffer(&f->b, processors[i]);
            trace_file_event(f, 5000000);
            trace_file_event(f, 5000000);
        }
        etlb_finish(&f->b);
        etlb_save(&f->b, trace_file_path, WHOLE);
        struct err err = {0};
        struct etl_trace *t = NULL;
        const struct etl_record *r = NULL;
        assert_true(etl_open(trace_file_path, &t, &err));
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_OK);
        assert_int_equal(r->hook, 0);
        for (unsigned i = 0; i < 6; i++) {
            assert_int_equal(etl_next(t, &r, &err), ETL_STEP_OK);
            assert_int_equal(r->processor, i / 2 + 1);
        }
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_END);
        assert_int_equal(etl_next(t, &r, &err), ETL_STEP_END);
        etl_close(t);
    }
}

static void inversions_are_counted_and_kept(void **state)
{
    struct trace_file *f = *state;
    trace_file_begin(f);
    etlb_buffer(&f->b, 0);
    trace_file_event(f, 1000100);
    trace_file_event(f, 1000050); /* late */
    trace_file_event(f, 1000200);
    etlb_buffer(&f->b, 1);
    trace_file_event(f, 1000060);
    trace_file_event(f, 1000150);
    etlb_buffer(&f->b, 0);
    trace_file_event(f, 1000190); /* a buffer that overlaps the one before */
    etlb_finish(&f->b);
    trace_file_read(f, WHOLE);
    ASSERT_TIMES(f, 1000060, 1000100, 1000050, 1000150, 1000200, 1000190);
    assert_int_equal(f->s.inversions, 2);
    assert_int_equal(f->s.events, 7);
}

/* A file that went round: the oldest buffer is in the middle, and more were written than are there. */
static void circular(void **state)
{
    struct trace_file *f = *state;
    f->o.mode = 2;
    f->o.buffers_written = 9;
    f->o.no_flush_marker = true;
    trace_file_begin(f);
    static const int64_t starts[] = {1000500, 1000600, 1000300, 1000400};
    for (size_t i = 0; i < 4; i++) {
        etlb_buffer(&f->b, i & 1);
        trace_file_event(f, starts[i]);
        trace_file_event(f, starts[i] + 1);
    }
    etlb_finish(&f->b);
    trace_file_byte(f, 2, 0x34)[0] |= 1; /* the last one written */
    trace_file_read(f, WHOLE);
    ASSERT_TIMES(f, 1000300, 1000301, 1000400, 1000401, 1000500, 1000501, 1000600, 1000601);
    assert_int_equal(f->s.inversions, 0);
    assert_false(f->s.truncated);
    trace_file_byte(f, 2, 0x34)[0] &= 0xFE; /* nobody closed it */
    trace_file_read(f, WHOLE);
    assert_true(f->s.truncated);
}

/* A ring that was written out as it lies in memory: every buffer bears the time of that, not the time when it was full.
 */
static void ring_in_memory_order(void **state)
{
    struct trace_file *f = *state;
    f->o.mode = 0x400;
    f->o.no_flush_marker = true;
    trace_file_begin(f);
    static const int64_t starts[] = {1000500, 1000400, 1000300, 1000600, 0, 1000200};
    for (size_t i = 0; i < 6; i++) {
        etlb_buffer(&f->b, i & 1);
        if (i == 1) { /* what no reader knows comes before an event of 1.5 KB */
            uint8_t big[1500] = {0};
            etlb_message(&f->b, 9, big, sizeof big);
        }
        if (starts[i]) { /* one was never used */
            trace_file_event(f, starts[i]);
        }
        f->b.flushed[f->b.count - 1] = 1000900 + (int64_t)i;
    }
    etlb_finish(&f->b);
    trace_file_read(f, WHOLE);
    ASSERT_TIMES(f, 1000200, 1000300, 1000400, 1000500, 1000600);
    assert_int_equal(f->s.inversions, 0);
    assert_int_equal(f->s.damaged_buffers, 0);
}

static void ring(void **state)
{
    struct trace_file *f = *state;
    f->o.mode = 0x400;
    f->o.no_flush_marker = true;
    f->o.buffers_written = 77;
    trace_file_build(f);
    assert_int_equal(trace_file_read(f, WHOLE), 8);
    assert_false(f->s.truncated);
    struct err err = {0};
    struct etl_trace *t = NULL;
    assert_true(etl_open(trace_file_path, &t, &err));
    assert_false(etl_knows_losses(t));
    etl_close(t);
}

/* A buffer that is whole on disk may be compressed in a file of uncompressed ones' size, and the other way round. */
static void uncompressed_among_compressed(void **state)
{
    struct trace_file *f = *state;
    f->o.mode |= 0x04000000;
    trace_file_build(f);
    assert_int_equal(trace_file_read(f, WHOLE), 8);
    assert_int_equal(f->s.damaged_buffers, 0);
    assert_int_equal(f->s.packed_buffers, 0);
}

static void only_buffer_0(void **state)
{
    struct trace_file *f = *state;
    trace_file_begin(f);
    etlb_finish(&f->b);
    assert_int_equal(trace_file_read(f, WHOLE), 0);
    assert_int_equal(f->s.events, 1);
    assert_int_equal(f->s.buffers, 1);
    assert_false(f->s.truncated);
}

/* In merged Windows 7 files the valid data of buffer 0 ends with the last record, without its padding. */
static void unpadded_end(void **state)
{
    struct trace_file *f = *state;
    trace_file_begin(f);
    etlb_compact(&f->b, 8, TRACE_FILE_HOOK, 2, (struct etlb_ids){100, 200}, 1000001, "abcdef", 6);
    etlb_finish(&f->b);
    trace_file_byte(f, 0, 0x30)[0] -= 2;
    assert_int_equal(trace_file_read(f, WHOLE), 1);
    assert_int_equal(f->s.damaged_buffers, 0);
    trace_file_byte(f, 0, 0x30)[0] -= 1; /* now the record itself does not fit */
    assert_int_equal(trace_file_read(f, WHOLE), 0);
    assert_int_equal(f->s.damaged_buffers, 1);
}

static void skipped_kinds(void **state)
{
    struct trace_file *f = *state;
    trace_file_begin(f);
    etlb_buffer(&f->b, 0);
    trace_file_event(f, 1000001);
    etlb_message(&f->b, 12, "hello", 5);
    trace_file_event(f, 1000002);
    etlb_message(&f->b, 13, NULL, 0);
    etlb_finish(&f->b);
    assert_int_equal(trace_file_read(f, WHOLE), 2);
    assert_int_equal(f->s.skipped, 2);
    assert_int_equal(f->s.damaged_buffers, 0);
}

static void refuses(void **state)
{
    struct trace_file *f = *state;
    struct err err = {0};
    struct etl_trace *t = NULL;
    assert_false(etl_open("no_such_file.etl", &t, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    trace_file_build(f);
    etlb_save(&f->b, trace_file_path, 0);
    err = (struct err){0};
    assert_false(etl_open(trace_file_path, &t, &err));
    assert_int_equal(err.code, ERR_TRUNCATED);
    memset(f->b.file, 'x', f->b.size);
    etlb_save(&f->b, trace_file_path, WHOLE);
    err = (struct err){0};
    assert_false(etl_open(trace_file_path, &t, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_null(t);
}

static void a_visitor_ends_the_scan(void **state)
{
    struct trace_file *f = *state;
    trace_file_build(f);
    etlb_save(&f->b, trace_file_path, WHOLE);
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct trace_seen seen = {.stop_at = 3};
    assert_true(etl_open(trace_file_path, &t, &err));
    assert_false(etl_scan(t, trace_file_see, &seen, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(seen.events, 3);
    etl_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRACE_TEST(merges),
        TRACE_TEST(ties_and_processors),
        TRACE_TEST(inversions_are_counted_and_kept),
        TRACE_TEST(circular),
        TRACE_TEST(ring_in_memory_order),
        TRACE_TEST(ring),
        TRACE_TEST(uncompressed_among_compressed),
        TRACE_TEST(only_buffer_0),
        TRACE_TEST(unpadded_end),
        TRACE_TEST(skipped_kinds),
        TRACE_TEST(refuses),
        TRACE_TEST(a_visitor_ends_the_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
