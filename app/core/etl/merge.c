/* Puts the union of files into a writer, with marks, and proves what came of it. */
#include "core/etl/merge_inside.h"

#include <stdlib.h>

#define ASK_EVERY 16384u /* events */

struct merge {
    const struct merge_options *o;
    struct etl_union *in;
    struct etl_writer *out;
    struct text part;
    struct etl_mark_at *marks; /* by time */
    unsigned next_mark;
    uint64_t bytes; /* of the inputs */
    uint8_t pointer_size;
    struct etl_written written;
    struct merge_result result;
};

struct etl_mark_at {
    int64_t time;
    const char *text;
};

static int by_time(const void *left, const void *right)
{
    const struct etl_mark_at *a = left;
    const struct etl_mark_at *b = right;
    return a->time < b->time ? -1 : a->time > b->time;
}

static bool open_output(struct merge *m, struct err *err)
{
    const struct etl_union_facts *f = etl_union_facts(m->in);
    uint32_t largest = 0;
    for (unsigned i = 0; i < m->o->input_count; i++) {
        uint32_t size = etl_buffer_size(etl_union_trace(m->in, i));
        largest = size > largest ? size : largest;
    }
    m->bytes = f->bytes;
    m->pointer_size = f->header.pointer_size == 4 ? 4 : 8;
    return merge_open_output(m->in, text_str(&m->part), largest, &m->out, err);
}

static bool sort_marks(struct merge *m, struct err *err)
{
    const struct etl_header *h = &etl_union_facts(m->in)->header;
    if (!m->o->mark_count)
        return true;
    m->marks = calloc(m->o->mark_count, sizeof *m->marks);
    if (!m->marks)
        return err_set(err, ERR_NO_MEMORY, "Merging with %u marks", m->o->mark_count);
    for (unsigned i = 0; i < m->o->mark_count; i++)
        m->marks[i] = (struct etl_mark_at){etl_mark_time(h, &m->o->marks[i]), m->o->marks[i].text};
    qsort(m->marks, m->o->mark_count, sizeof *m->marks, by_time);
    return true;
}

/* Those before `time`. */
static bool put_marks(struct merge *m, int64_t time, bool all, struct err *err)
{
    uint8_t record[ETL_MARK_RECORD_MAX];
    for (; m->next_mark < m->o->mark_count; m->next_mark++) {
        const struct etl_mark_at *mark = &m->marks[m->next_mark];
        if (!all && mark->time >= time)
            return true;
        size_t size = etl_mark_record(mark->text, mark->time, m->pointer_size, record);
        if (!etl_writer_put(m->out, 0, mark->time, record, size, err))
            return false;
    }
    return true;
}

static bool asked(const struct merge *m, uint64_t done)
{
    return !m->o->go_on || m->o->go_on(m->o->ctx, done, 2 * m->bytes);
}

static bool copy(struct merge *m, struct err *err)
{
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    uint32_t since_asked = 0;
    while ((step = etl_union_next(m->in, &r, err)) == ETL_STEP_OK) {
        if (since_asked++ == ASK_EVERY) {
            since_asked = 0;
            if (!asked(m, etl_union_facts(m->in)->bytes_read))
                return err_set(err, ERR_CANCELLED, "Merging into %s", m->o->output);
        }
        /* What its own reader found malformed makes no good file: it counts as damage. */
        if (r->malformed)
            continue;
        if ((m->next_mark < m->o->mark_count && !put_marks(m, r->time, false, err)) ||
            !etl_writer_put(m->out, r->processor, r->time, r->bytes, r->size, err))
            return false;
    }
    return step == ETL_STEP_END && put_marks(m, 0, true, err);
}

static bool verify_asks(void *ctx, uint64_t done, uint64_t total)
{
    const struct merge *m = ctx;
    double part = total ? (double)done / (double)total : 1;
    return asked(m, m->bytes + (uint64_t)(part * (double)m->bytes));
}

static bool write_part(struct merge *m, struct err *err)
{
    if (!open_output(m, err))
        return false;
    if (!sort_marks(m, err) || !copy(m, err)) {
        etl_writer_abandon(m->out);
        return false;
    }
    struct etl_writer_end end;
    struct merge_warned warned;
    merge_sum_up(m->in, m->o->inputs, m->o->input_count, &end, &warned);
    const struct etl_union_facts *f = etl_union_facts(m->in);
    m->result = (struct merge_result){.warnings = warned.warnings,
                                      .first_warned = warned.first,
                                      .damaged_buffers = f->damaged_buffers,
                                      .skipped = f->skipped,
                                      .repeated = f->repeated,
                                      .marks = m->o->mark_count};
    return etl_writer_close(m->out, &end, &m->written, err);
}

bool merge_files(const struct merge_options *options, struct merge_result *out, struct err *err)
{
    struct merge m = {.o = options};
    bool ok = merge_check(options->inputs, options->input_count, options->output, options->replace, &m.part, err) &&
              merge_open_inputs(options->inputs, options->input_count, &m.in, err);
    bool written = ok && write_part(&m, err);
    /* Closed before the renaming: the output may be one of them. */
    etl_union_close(m.in);
    ok = written && merge_prove(text_str(&m.part), &m.written, verify_asks, &m, &m.result.written, err) &&
         file_rename(text_str(&m.part), options->output, options->replace, err);
    if (written && !ok)
        file_delete(text_str(&m.part), NULL);
    if (ok)
        *out = m.result;
    free(m.marks);
    text_free(&m.part);
    return ok;
}
