/* The steps of writing one file from several that merging and carrying forward have in common. */
#include "core/etl/merge_inside.h"

#include <string.h>

bool merge_check(const struct merge_input *inputs, unsigned count, const char *output, bool replace, struct text *part,
                 struct err *err)
{
    if (!count || count > MERGE_FILES_MAX)
        return err_set(err, ERR_ARGUMENT, "Merging %u files (1 to %u can be)", count, MERGE_FILES_MAX);
    if (!replace && file_exists(output)) {
        err_set(err, ERR_EXISTS, "Merging into %s", output);
        return err_remedy(err, "Choose another name for the merged file.");
    }
    text_addf(part, "%s" MERGE_PART_SUFFIX, output);
    if (part->failed)
        return err_set(err, ERR_NO_MEMORY, "Merging into %s", output);
    for (unsigned i = 0; i < count; i++)
        if (!strcmp(inputs[i].path, text_str(part)))
            return err_set(err, ERR_ARGUMENT, "Merging %s, which is the temporary name of the output", inputs[i].path);
    return true;
}

bool merge_open_inputs(const struct merge_input *inputs, unsigned count, struct etl_union **out, struct err *err)
{
    const char *files[MERGE_FILES_MAX];
    for (unsigned i = 0; i < count; i++)
        files[i] = inputs[i].path;
    return etl_union_open(files, count, out, err);
}

bool merge_open_output(struct etl_union *in, const char *part, uint32_t buffer_size, struct etl_writer **out,
                       struct err *err)
{
    struct etl_writer_options w = {.path = part,
                                   .header = etl_header_record(etl_union_trace(in, etl_union_facts(in)->first)),
                                   .buffer_size = buffer_size};
    struct err old = {0};
    if (!file_delete(part, &old) && old.code != ERR_NOT_FOUND) {
        if (err && err->code == ERR_NONE)
            *err = old;
        return false;
    }
    return etl_writer_open(&w, out, err);
}

static void warn(struct merge_warned *w, unsigned input, unsigned warning)
{
    if (!w->warnings)
        w->first = input;
    w->warnings |= warning;
}

static uint32_t capped(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

void merge_sum_up(struct etl_union *in, const struct merge_input *inputs, unsigned count, struct etl_writer_end *end,
                  struct merge_warned *warned)
{
    const struct etl_union_facts *f = etl_union_facts(in);
    *warned = (struct merge_warned){0};
    *end = (struct etl_writer_end){.end_time = f->end_time,
                                   .events_lost = capped(f->events_lost),
                                   .buffers_lost = capped(f->buffers_lost),
                                   .origin = f->origin};
    for (unsigned i = 0; i < count; i++) {
        const struct etl_trace *t = etl_union_trace(in, i);
        const struct etl_stats *s = etl_stats(t);
        end->processors = etl_header(t)->processors > end->processors ? etl_header(t)->processors : end->processors;
        if (s->truncated && !inputs[i].live)
            warn(warned, i, MERGE_CUT);
        if (s->damaged_buffers)
            warn(warned, i, MERGE_DAMAGED);
        if (s->skipped)
            warn(warned, i, MERGE_SKIPPED);
    }
    end->origin.flags |=
        (warned->warnings ? ETL_ORIGIN_DAMAGED : 0u) | (f->losses_known ? 0u : ETL_ORIGIN_LOSSES_UNKNOWN);
}

bool merge_prove(const char *part, const struct etl_written *written, etl_go_on_fn *go_on, void *ctx,
                 struct etl_verify_result *out, struct err *err)
{
    struct etl_verify_result v = {0};
    if (!etl_verify_watched(part, go_on, ctx, &v, err))
        return false;
    if (v.written_events != written->events || v.written_digest != written->digest) {
        err_set(err, ERR_MISMATCH, "Checking the merged file, which should have %llu events and has %llu",
                (unsigned long long)written->events, (unsigned long long)v.written_events);
        return err_remedy(err, "Keep the raw parts, and save again.");
    }
    *out = v;
    return true;
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
