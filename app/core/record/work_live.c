/* The actions on live events: reading the companion while it runs, and getting its types named. */
#include "core/record/work.h"

#include <string.h>

void work_live_open(struct work *w)
{
    struct err e = {0};
    if (!w->note.live_events || !w->companion_runs || w->live_open)
        return;
    if (!w->live_source.open) {
        err_set(&e, ERR_UNSUPPORTED, "Counting live events");
    } else {
        w->live_open = w->live_source.open(w->live_source.self, w->companion.name, w->live, &e);
    }
    if (w->live_open)
        return;
    e.remedy[0] = 0;
    err_remedy(&e, "Recording goes on, without counts of created, closed and duplicated handles.");
    live_fail(w->live, &e);
    work_add_error(w, &e);
}

void work_live_close(struct work *w)
{
    if (w->live_open)
        w->live_source.close(w->live_source.self);
    w->live_open = false;
}

/* Taking objects out of what is recorded makes the system name all types, and costs less than its list of handles. */
void work_live_name_types(struct work *w)
{
    uint32_t masks[8];
    struct err e = {0};
    if (!w->live_open)
        return;
    memcpy(masks, w->plan.companion_masks, sizeof masks);
    plan_set_objects(masks, true);
    if (w->trace.ops->set_masks(w->trace.self, &w->companion, masks, &e))
        return; /* the masks that count are set next, and that names them */
    e.remedy[0] = 0;
    err_remedy(&e, "Recording goes on; what live events count is not told by type.");
    work_add_error(w, &e);
}
