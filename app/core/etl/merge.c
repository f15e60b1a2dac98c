/* Puts the union of files into a writer, with marks, and proves what came of it. */
#include "core/etl/merge.h"

#include "core/etl/union.h"
#include "core/etl/writer.h"

#include <stdlib.h>
#include <string.h>

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

static bool check(struct merge *m, struct err *err)
{
    const struct merge_options *o = m->o;
    if (!o->input_count || o->input_count > MERGE_FILES_MAX)
        return err_set(err, ERR_ARGUMENT, "Merging %u files (1 to %u can be)", o->input_count, MERGE_FILES_MAX);
    if (!o->replace && file_exists(o->output)) {
        err_set(err, ERR_EXISTS, "Merging into %s", o->output);
        return err_remedy(err, "Choose another name for the merged file.");
    }
    text_addf(&m->part, "%s" MERGE_PART_SUFFIX, o->output);
    if (m->part.failed)
        return err_set(err, ERR_NO_MEMORY, "Merging into %s", o->output);
    for (unsigned i = 0; i < o->input_count; i++)
        if (!strcmp(o->inputs[i].path, text_str(&m->part)))
            return err_set(err, ERR_ARGUMENT, "Merging %s, which is the temporary name of the output",
                           o->inputs[i].path);
    return true;
}

static bool open_inputs(struct merge *m, struct err *err)
{
    const char *files[MERGE_FILES_MAX];
    for (unsigned i = 0; i < m->o->input_count; i++)
        files[i] = m->o->inputs[i].path;
    return etl_union_open(files, m->o->input_count, &m->in, err);
}

static bool open_output(struct merge *m, struct err *err)
{
    const struct etl_union_facts *f = etl_union_facts(m->in);
    struct etl_writer_options w = {.path = text_str(&m->part),
                                   .header = etl_header_record(etl_union_trace(m->in, f->first))};
    for (unsigned i = 0; i < m->o->input_count; i++) {
        uint32_t size = etl_buffer_size(etl_union_trace(m->in, i));
        w.buffer_size = size > w.buffer_size ? size : w.buffer_size;
    }
    m->bytes = f->bytes;
    m->pointer_size = f->header.pointer_size == 4 ? 4 : 8;
    /* What a merge that crashed left behind. */
    struct err old = {0};
    if (!file_delete(text_str(&m->part), &old) && old.code != ERR_NOT_FOUND) {
        if (err && err->code == ERR_NONE)
            *err = old;
        return false;
    }
    return etl_writer_open(&w, &m->out, err);
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

static void warn(struct merge *m, unsigned input, unsigned warning)
{
    if (!m->result.warnings)
        m->result.first_warned = input;
    m->result.warnings |= warning;
}

static uint32_t capped(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static struct etl_writer_end sum_up(struct merge *m)
{
    const struct etl_union_facts *f = etl_union_facts(m->in);
    struct etl_writer_end end = {.end_time = f->end_time,
                                 .events_lost = capped(f->events_lost),
                                 .buffers_lost = capped(f->buffers_lost),
                                 .origin = f->origin};
    bool damaged = f->origin.flags & ETL_ORIGIN_DAMAGED;
    for (unsigned i = 0; i < m->o->input_count; i++) {
        const struct etl_trace *t = etl_union_trace(m->in, i);
        const struct etl_stats *s = etl_stats(t);
        end.processors = etl_header(t)->processors > end.processors ? etl_header(t)->processors : end.processors;
        if (s->truncated && !m->o->inputs[i].live)
            warn(m, i, MERGE_CUT);
        if (s->damaged_buffers)
            warn(m, i, MERGE_DAMAGED);
        if (s->skipped)
            warn(m, i, MERGE_SKIPPED);
    }
    damaged = damaged || m->result.warnings;
    end.origin.flags |= (damaged ? ETL_ORIGIN_DAMAGED : 0u) | (f->losses_known ? 0u : ETL_ORIGIN_LOSSES_UNKNOWN);
    m->result.damaged_buffers = f->damaged_buffers;
    m->result.skipped = f->skipped;
    m->result.repeated = f->repeated;
    m->result.marks = m->o->mark_count;
    return end;
}

static bool verify_asks(void *ctx, uint64_t done, uint64_t total)
{
    const struct merge *m = ctx;
    double part = total ? (double)done / (double)total : 1;
    return asked(m, m->bytes + (uint64_t)(part * (double)m->bytes));
}

static bool prove(struct merge *m, struct err *err)
{
    struct etl_verify_result *v = &m->result.written;
    if (!etl_verify_watched(text_str(&m->part), verify_asks, m, v, err))
        return false;
    if (v->written_events == m->written.events && v->written_digest == m->written.digest)
        return true;
    err_set(err, ERR_MISMATCH, "Checking the merged file, which should have %llu events and has %llu",
            (unsigned long long)m->written.events, (unsigned long long)v->written_events);
    return err_remedy(err, "Keep the raw parts, and save again.");
}

static bool write_part(struct merge *m, struct err *err)
{
    if (!open_output(m, err))
        return false;
    if (!sort_marks(m, err) || !copy(m, err)) {
        etl_writer_abandon(m->out);
        return false;
    }
    struct etl_writer_end end = sum_up(m);
    return etl_writer_close(m->out, &end, &m->written, err);
}

bool merge_files(const struct merge_options *options, struct merge_result *out, struct err *err)
{
    struct merge m = {.o = options};
    bool ok = check(&m, err) && open_inputs(&m, err);
    bool written = ok && write_part(&m, err);
    /* Closed before the renaming: the output may be one of them. */
    etl_union_close(m.in);
    ok = written && prove(&m, err) && file_rename(text_str(&m.part), options->output, options->replace, err);
    if (written && !ok)
        file_delete(text_str(&m.part), NULL);
    if (ok)
        *out = m.result;
    free(m.marks);
    text_free(&m.part);
    return ok;
}

void merge_warning_text(const struct merge_options *options, const struct merge_result *result, struct text *out)
{
    if (!result->warnings)
        return;
    text_addf(out, "%s", options->inputs[result->first_warned].path);
    const char *between = " ";
    if (result->warnings & MERGE_CUT) {
        text_addf(out, "%sends early or was not closed", between);
        between = ", ";
    }
    if (result->warnings & MERGE_DAMAGED) {
        text_addf(out, "%shas %llu damaged buffers", between, (unsigned long long)result->damaged_buffers);
        between = ", ";
    }
    if (result->warnings & MERGE_SKIPPED)
        text_addf(out, "%shas %llu records of a kind that cannot be merged", between,
                  (unsigned long long)result->skipped);
    text_add(out, ": the merged file holds what could be read.");
}
