/* The scripted merging: link replacement for merge.c and carry.c. "mark:TEXT;" stands for a mark, "carried;" for what a
 * carried file says of each of its inputs. */
#include "unit/record/scripted_merge.h"

#include "core/base/file.h"
#include "core/base/thread.h"
#include "core/finish/carry.h"

#include <stdio.h>
#include <string.h>

struct scripted_merge scripted_merge;

void scripted_merge_reset(void)
{
    atomic_store(&scripted_merge.merges, 0u);
    atomic_store(&scripted_merge.carries, 0u);
    atomic_store(&scripted_merge.code, ERR_NONE);
    atomic_store(&scripted_merge.stuck, false);
    atomic_store(&scripted_merge.warns, false);
}

static bool read_into(const char *path, struct text *out, struct err *err)
{
    char room[4096];
    size_t got = 0;
    struct file *f = NULL;
    if (!file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_read_at(f, 0, room, sizeof room, &got, err);
    file_close(f);
    if (ok)
        text_add_n(out, room, got);
    return ok;
}

/* Written beside, then given its name, as the real ones do. */
static bool write_out(const char *path, bool replace, const struct text *content, struct err *err)
{
    char part[600];
    struct file *f = NULL;
    snprintf(part, sizeof part, "%s" MERGE_PART_SUFFIX, path);
    file_delete(part, NULL);
    bool ok = file_open(part, FILE_TO_CREATE, &f, err);
    bool made = ok;
    ok = ok && file_write_at(f, 0, text_str(content), content->len, err) && file_sync(f, err);
    file_close(f);
    ok = ok && file_rename(part, path, replace, err);
    if (made && !ok)
        file_delete(part, NULL);
    return ok;
}

static bool go_on(etl_go_on_fn *ask, void *ctx, struct err *err)
{
    do {
        if (ask && !ask(ctx, 1, 2))
            return err_set(err, ERR_CANCELLED, "The scripted merge");
        if (atomic_load(&scripted_merge.stuck))
            clock_sleep_ms(1);
    } while (atomic_load(&scripted_merge.stuck));
    enum err_code code = (enum err_code)atomic_load(&scripted_merge.code);
    return code == ERR_NONE || err_set(err, code, "The scripted merge");
}

bool merge_files(const struct merge_options *o, struct merge_result *out, struct err *err)
{
    struct text t = {0};
    atomic_fetch_add(&scripted_merge.merges, 1u);
    bool ok = o->input_count > 0 || err_set(err, ERR_ARGUMENT, "The scripted merge of nothing");
    if (ok && !o->replace && file_exists(o->output))
        ok = err_set(err, ERR_EXISTS, "The scripted merge to %s", o->output);
    ok = ok && go_on(o->go_on, o->ctx, err);
    for (unsigned i = 0; ok && i < o->input_count; i++)
        ok = read_into(o->inputs[i].path, &t, err);
    for (unsigned i = 0; ok && i < o->mark_count; i++)
        text_addf(&t, "mark:%s;", o->marks[i].text);
    ok = ok && write_out(o->output, o->replace, &t, err);
    text_free(&t);
    if (ok)
        *out = (struct merge_result){.warnings = atomic_load(&scripted_merge.warns) ? MERGE_CUT : 0};
    return ok;
}

void merge_warning_text(const struct merge_options *options, const struct merge_result *result, struct text *out)
{
    (void)options;
    if (result->warnings)
        text_add(out, "a part ends early");
}

bool carry_forward(const struct carry_options *o, struct carry_result *out, struct err *err)
{
    struct text t = {0};
    atomic_fetch_add(&scripted_merge.carries, 1u);
    bool ok = go_on(o->go_on, o->ctx, err);
    for (unsigned i = 0; ok && i < o->input_count; i++) {
        struct text one = {0};
        ok = read_into(o->inputs[i].path, &one, err);
        /* What was carried before stays in it. */
        text_add(&t, strncmp(text_str(&one), "carried;", 8) == 0 ? text_str(&one) : "carried;");
        text_free(&one);
    }
    ok = ok && write_out(o->output, o->replace, &t, err);
    text_free(&t);
    if (ok)
        *out = (struct carry_result){.bytes = 1};
    return ok;
}
