/* Finds the part of the recording that runs, and appends the mark beside it. */
#include "core/record/mark_running.h"

#include "core/base/text.h"
#include "core/profile/plan.h"
#include "core/record/mark_file.h"
#include "core/record/parts.h"
#include "core/record/pieces.h"

/* A ring has no file of its own; its companion's tells. */
static bool part_of(const struct trace_backend *trace, const struct trace_status *main, const char *parts_dir,
                    char out[TRACE_PATH_MAX])
{
    struct trace_session s = {0};
    struct trace_status companion = {0};
    struct parts_note n = {0};
    if (!(main->mode & TRACE_MODE_RING)) {
        piece_part_of(main->path, out);
        return main->path[0] != 0;
    }
    if (trace->ops->adopt(trace->self, plan_companion_name, &plan_companion_guid, &s, &companion, NULL) &&
        companion.path[0]) {
        piece_part_of(companion.path, out);
        return true;
    }
    return parts_find_ring(parts_dir, &n) && text_put(out, TRACE_PATH_MAX, n.part);
}

bool mark_running(const struct trace_backend *trace, const char *parts_dir, const struct mark_moment *now,
                  const char *text, struct err *err)
{
    struct trace_session s = {0};
    struct trace_status status = {0};
    struct err e = {0};
    char part[TRACE_PATH_MAX];
    if (!trace->ops->adopt(trace->self, plan_session_name, &plan_session_guid, &s, &status, &e)) {
        if (e.code != ERR_NOT_FOUND && e.code != ERR_EXISTS) {
            if (err && err->code == ERR_NONE)
                *err = e;
            return false;
        }
        err_set(err, ERR_NOT_FOUND, "Setting a mark: nothing is being recorded");
        return err_remedy(err, "Start a recording first.");
    }
    if (!part_of(trace, &status, parts_dir, part)) {
        err_set(err, ERR_NOT_FOUND, "Setting a mark: the folder of the recording that runs");
        return err_remedy(err, "Set it in the program that records.");
    }
    return mark_file_add(part, now->clock_ns, now->filetime, text, err);
}
