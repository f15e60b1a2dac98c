/* Makes a trace file, and reads it in both ways of reading. */
#include "trace_file.h"

#include "core/base/file.h"

#include <stdlib.h>

int trace_file_set_up(void **state)
{
    struct trace_file *f = calloc(1, sizeof *f);
    if (!f)
        return 1;
    f->o = etlb_defaults();
    *state = f;
    return 0;
}

int trace_file_tear_down(void **state)
{
    struct trace_file *f = *state;
    etlb_free(&f->b);
    file_delete(trace_file_path, NULL); /* not every test saves one */
    free(f);
    return 0;
}

void trace_file_begin(struct trace_file *f)
{
    etlb_free(&f->b);
    etlb_begin(&f->b, &f->o);
}

void trace_file_event(struct trace_file *f, int64_t time)
{
    static const struct etlb_ids ids = {100, 200};
    uint8_t payload[16] = {0};
    etlb_compact(&f->b, 8, TRACE_FILE_HOOK, 2, ids, time, payload, sizeof payload);
}

void trace_file_build(struct trace_file *f)
{
    static const struct {
        unsigned processor;
        int64_t times[2];
    } buffers[] = {{2, {1000010, 1000040}}, {0, {1000020, 1000050}}, {2, {1000060, 1000070}}, {9, {1000030, 1000080}}};
    trace_file_begin(f);
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        etlb_buffer(&f->b, buffers[i].processor);
        trace_file_event(f, buffers[i].times[0]);
        trace_file_event(f, buffers[i].times[1]);
    }
    etlb_finish(&f->b);
}

uint8_t *trace_file_byte(struct trace_file *f, size_t buffer, size_t offset)
{
    return f->b.file + f->b.pos[buffer] + offset;
}

static void read_merged(struct trace_file *f)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    f->n = 0;
    assert_true(etl_open(trace_file_path, &t, &err));
    while ((step = etl_next(t, &r, &err)) == ETL_STEP_OK) {
        if (r->hook == 0)
            continue;
        assert_true(f->n < TRACE_FILE_MAX);
        f->times[f->n++] = r->time;
    }
    assert_int_equal(step, ETL_STEP_END);
    f->s = *etl_stats(t);
    etl_close(t);
}

bool trace_file_see(void *seen, const struct etl_record *r)
{
    struct trace_seen *s = seen;
    (void)r;
    return ++s->events != s->stop_at;
}

static struct etl_stats read_scanned(void)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct trace_seen seen = {0};
    assert_true(etl_open(trace_file_path, &t, &err));
    assert_true(etl_scan(t, trace_file_see, &seen, &err));
    struct etl_stats stats = *etl_stats(t);
    assert_int_equal(stats.bytes_read, etl_size(t));
    assert_int_equal(stats.events, seen.events);
    etl_close(t);
    return stats;
}

size_t trace_file_read(struct trace_file *f, size_t size)
{
    etlb_save(&f->b, trace_file_path, size);
    read_merged(f);
    struct etl_stats scanned = read_scanned();
    assert_int_equal(f->s.events, scanned.events);
    assert_int_equal(f->s.skipped, scanned.skipped);
    assert_int_equal(f->s.buffers, scanned.buffers);
    assert_int_equal(f->s.damaged_buffers, scanned.damaged_buffers);
    assert_int_equal(f->s.truncated, scanned.truncated);
    assert_int_equal(f->s.last_time, scanned.last_time);
    return f->n;
}

void trace_file_assert_times(const struct trace_file *f, const int64_t *expected, size_t count)
{
    assert_int_equal(f->n, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(f->times[i], expected[i]);
}
