/* Gathers the inputs and marks of a merge. */
#include "core/record/merging.h"

#include "core/base/text.h"

#include <stdlib.h>
#include <string.h>

bool merging_add(struct merging *m, const char *path, bool live, struct err *err)
{
    if (m->input_count == MERGE_FILES_MAX)
        return err_set(err, ERR_RANGE, "Making one file of more than %u", MERGE_FILES_MAX);
    size_t n = strlen(path) + 1;
    char *copy = malloc(n);
    if (!copy)
        return err_set(err, ERR_NO_MEMORY, "Making one file of the parts");
    memcpy(copy, path, n);
    m->paths[m->input_count] = copy;
    m->inputs[m->input_count++] = (struct merge_input){.path = copy, .live = live};
    return true;
}

bool merging_add_kind(struct merging *m, const char *part, enum piece_kind kind, bool live, struct err *err)
{
    struct pieces all = {0};
    if (!pieces_find(part, &all, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < all.n; i++) {
        char path[TRACE_PATH_MAX];
        if (all.v[i].kind == kind)
            ok = piece_path_of(part, &all.v[i], path, err) && merging_add(m, path, live, err);
    }
    pieces_free(&all);
    return ok;
}

static bool read_marks(struct merging *m, const char *part, struct err *err)
{
    if (!mark_file_read(part, &m->list, err))
        return false;
    m->marks = calloc(m->list.marks + 1, sizeof *m->marks);
    return m->marks || err_set(err, ERR_NO_MEMORY, "Reading the marks");
}

static void add_mark(struct merging *m, const struct mark_line *l)
{
    m->marks[m->mark_count++] = (struct etl_mark){.text = l->text, .clock_ns = l->clock_ns, .filetime = l->filetime};
}

bool merging_add_marks(struct merging *m, const char *part, struct err *err)
{
    if (!read_marks(m, part, err))
        return false;
    for (size_t i = 0; i < m->list.n; i++)
        if (!m->list.v[i].segment && !m->list.v[i].done)
            add_mark(m, &m->list.v[i]);
    return true;
}

/* The segment that was written at this time; those lines stand in order of time. */
static unsigned segment_at(const struct mark_list *l, uint64_t clock_ns)
{
    unsigned number = 0;
    for (size_t i = 0; i < l->n; i++)
        if (l->v[i].segment && l->v[i].clock_ns <= clock_ns)
            number = l->v[i].number;
    return number;
}

bool merging_add_marks_of(struct merging *m, const char *part, unsigned number, bool first, struct err *err)
{
    if (!read_marks(m, part, err))
        return false;
    for (size_t i = 0; i < m->list.n; i++)
        if (m->list.v[i].done && m->list.v[i].number == number)
            return true;
    for (size_t i = 0; i < m->list.n; i++) {
        const struct mark_line *l = &m->list.v[i];
        if (l->segment || l->done)
            continue;
        unsigned at = segment_at(&m->list, l->clock_ns);
        if (at == number || (first && at < number))
            add_mark(m, l);
    }
    return true;
}

struct merge_options merging_options(const struct merging *m, const char *output, bool replace, etl_go_on_fn *go_on,
                                     void *ctx)
{
    return (struct merge_options){.inputs = m->inputs,
                                  .input_count = m->input_count,
                                  .output = output,
                                  .replace = replace,
                                  .marks = m->marks,
                                  .mark_count = m->mark_count,
                                  .go_on = go_on,
                                  .ctx = ctx};
}

void merging_free(struct merging *m)
{
    for (unsigned i = 0; i < m->input_count; i++)
        free(m->paths[i]);
    free(m->marks);
    mark_list_free(&m->list);
    memset(m, 0, sizeof *m);
}
