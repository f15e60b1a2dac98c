/* Damaged traces: what can still be read is read, and what is wrong is told. */
#include "trace_file.h"

const char trace_file_path[] = "test_damage.etl";

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
    struct trace_file *f = *state;
    for (int packed = 0; packed < 2; packed++) {
        f->o = etlb_defaults();
        f->o.buffer_size = 0x400;
        f->o.compress = packed;
        f->o.mode |= packed ? 0x04000000 : 0;
        trace_file_build(f);
        uint64_t before = 0;
        size_t opened = 0;
        for (size_t size = 0; size < f->b.size; size += in_fill(&f->b, size) ? 61 : 1) {
            struct err err = {0};
            struct etl_trace *t = NULL;
            etlb_save(&f->b, trace_file_path, size);
            if (!etl_open(trace_file_path, &t, &err)) {
                assert_true(err.code == ERR_TRUNCATED || err.code == ERR_FORMAT);
                assert_int_equal(opened, 0);
                continue;
            }
            etl_close(t);
            opened++;
            trace_file_read(f, size);
            assert_true(f->s.truncated);
            assert_int_equal(f->s.damaged_buffers, 0);
            assert_true(f->s.events >= before);
            before = f->s.events;
        }
        assert_true(opened > 0);
        /* The last buffer's fill is missing only: all events are there. */
        if (!packed)
            assert_int_equal(before, 9);
    }
}

static void not_closed(void **state)
{
    struct trace_file *f = *state;
    f->o.no_flush_marker = true;
    f->o.buffers_written = 0;
    f->o.end_time = 0;
    trace_file_build(f);
    trace_file_read(f, WHOLE);
    assert_int_equal(f->n, 8);
    assert_true(f->s.truncated);
    assert_int_equal(f->s.damaged_buffers, 0);
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct trace_seen seen = {0};
    assert_true(etl_open(trace_file_path, &t, &err));
    assert_true(etl_scan(t, trace_file_see, &seen, &err));
    assert_false(etl_knows_losses(t));
    etl_close(t);
    /* A flush may leave its mark in a file that goes on: the end time decides. */
    trace_file_byte(f, 4, 0x34)[0] |= 1;
    assert_int_equal(trace_file_read(f, WHOLE), 8);
    assert_true(f->s.truncated);
}

/* Fewer buffers than the header counts: cut at a buffer's edge. */
static void buffers_missing(void **state)
{
    struct trace_file *f = *state;
    f->o.buffers_written = 6;
    trace_file_build(f);
    assert_int_equal(trace_file_read(f, WHOLE), 8);
    assert_true(f->s.truncated);
}

/* What is wrong with the third buffer (its events are at ...60 and ...70), and what is left. */
static void damage(void **state)
{
    struct trace_file *f = *state;
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
        f->o = etlb_defaults();
        trace_file_build(f);
        for (size_t k = 0; k < rows[i].bytes; k++)
            trace_file_byte(f, 3, rows[i].offset)[k] = (uint8_t)(rows[i].value >> 8 * k);
        print_message("  %s\n", rows[i].what);
        assert_int_equal(trace_file_read(f, WHOLE), rows[i].events);
        assert_int_equal(f->s.damaged_buffers, 1);
        assert_int_equal(f->s.buffers, 5);
        assert_false(f->s.truncated);
    }
}

static void overwritten_areas(void **state)
{
    struct trace_file *f = *state;
    static const uint8_t fills[] = {0x00, 0xFF, 0x5A};
    for (size_t i = 0; i < sizeof fills; i++) {
        f->o = etlb_defaults();
        trace_file_build(f);
        /* From the middle of the second into the middle of the fourth buffer: only the first record of the second is
         * whole, the third is gone. */
        memset(trace_file_byte(f, 2, 0x48 + 40), fills[i], 0x1000);
        trace_file_read(f, WHOLE);
        ASSERT_TIMES(f, 1000010, 1000020, 1000030, 1000040, 1000080);
        assert_int_equal(f->s.damaged_buffers, 2);
        assert_int_equal(f->s.buffers, 5);
        assert_false(f->s.truncated);
    }
}

/* Room that was set aside and never written is no damage; as a file's end it means that nobody closed it. */
static void preallocated_end(void **state)
{
    struct trace_file *f = *state;
    f->o.buffers_written = 3;
    trace_file_build(f);
    memset(trace_file_byte(f, 3, 0), 0, 0x2000);
    trace_file_byte(f, 2, 0x34)[0] |= 1;
    assert_int_equal(trace_file_read(f, WHOLE), 4);
    assert_int_equal(f->s.damaged_buffers, 0);
    assert_int_equal(f->s.buffers, 3);
    assert_false(f->s.truncated);
    trace_file_byte(f, 2, 0x34)[0] &= 0xFE;
    trace_file_read(f, WHOLE);
    assert_true(f->s.truncated);
}

static void compressed_damage(void **state)
{
    struct trace_file *f = *state;
    f->o.compress = true;
    f->o.mode |= 0x04000000;
    /* A blob that unpacks to nothing sensible: this buffer is lost, the others are not. */
    trace_file_build(f);
    memset(trace_file_byte(f, 3, 0x48), 0xFF, 8);
    assert_int_equal(trace_file_read(f, WHOLE), 6);
    assert_int_equal(f->s.damaged_buffers, 1);
    assert_false(f->s.truncated);
    /* It should unpack to more than it does: what it gives is good, and it is damaged. */
    trace_file_build(f);
    trace_file_byte(f, 3, 0x31)[0] += 2;
    assert_int_equal(trace_file_read(f, WHOLE), 8);
    assert_int_equal(f->s.damaged_buffers, 1);
    /* Larger than the session's buffers: not unpacked. Nothing behind it can be found. */
    trace_file_build(f);
    trace_file_byte(f, 3, 0x32)[0] = 0xFF;
    assert_int_equal(trace_file_read(f, WHOLE), 4);
    assert_int_equal(f->s.damaged_buffers, 1);
    assert_true(f->s.truncated);
}

/* The header record and buffer 0 disagree about the size of buffers; whichever is wrong, the events are found. */
static void wrong_sizes_in_buffer_0(void **state)
{
    struct trace_file *f = *state;
    static const uint32_t wrong[] = {0, 1, 0x48, 0x800, 0x2000, 0x10000, 0x2000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        for (size_t place = 0; place < 2; place++) {
            f->o = etlb_defaults();
            trace_file_build(f);
            for (size_t k = 0; k < 4; k++)
                trace_file_byte(f, 0, place ? 0x48 + 32 : 0)[k] = (uint8_t)(wrong[i] >> 8 * k);
            assert_int_equal(trace_file_read(f, WHOLE), 8);
            assert_int_equal(f->s.damaged_buffers, 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRACE_TEST(cut_everywhere),    TRACE_TEST(not_closed),
        TRACE_TEST(buffers_missing),   TRACE_TEST(damage),
        TRACE_TEST(overwritten_areas), TRACE_TEST(preallocated_end),
        TRACE_TEST(compressed_damage), TRACE_TEST(wrong_sizes_in_buffer_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
