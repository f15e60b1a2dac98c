/* Puts the controller and the census on top of the real system. */
#include "ui/services.h"

#include "win/folders.h"
#include "win/sys_win.h"
#include "win/trace_etw.h"
#include "win/trace_live.h"

#include <string.h>

bool services_start(struct services *s, void (*view)(void *ctx), void (*counts)(void *ctx), void *ctx, struct err *err)
{
    if (!folders_find(FOLDER_PARTS, s->parts_dir, sizeof s->parts_dir, err) ||
        !folders_find(FOLDER_LOG, s->log_dir, sizeof s->log_dir, err) || !sys_win_create(&s->sys, err) ||
        !trace_etw_create(&s->trace, err) || !trace_live_create(&s->live, err) ||
        !s->sys.ops->machine(s->sys.self, &s->machine, err))
        return false;
    struct controller_options o = {
        .trace = s->trace, .sys = s->sys, .live = s->live, .parts_dir = s->parts_dir, .notify = view, .ctx = ctx};
    return controller_create(&o, &s->controller, err) && watcher_start(&s->sys, counts, ctx, &s->watcher, err);
}

void services_stop(struct services *s)
{
    if (s->watcher)
        watcher_stop(s->watcher);
    if (s->controller)
        controller_destroy(s->controller);
    if (s->trace.ops)
        trace_etw_destroy(&s->trace);
    trace_live_destroy(&s->live);
    sys_win_destroy(&s->sys);
    s->watcher = NULL;
    s->controller = NULL;
    memset(&s->trace, 0, sizeof s->trace);
    memset(&s->sys, 0, sizeof s->sys);
}

const char *services_parts_dir(const struct services *s)
{
    return s->parts_dir;
}

const char *services_log_dir(const struct services *s)
{
    return s->log_dir;
}
