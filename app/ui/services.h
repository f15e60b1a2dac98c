/* What works behind the window: the controller and the census over the real system, and where their files lie.
 *
 * Thread: the window's. */
#ifndef HR_UI_SERVICES_H
#define HR_UI_SERVICES_H

#include "core/census/watcher.h"
#include "core/record/controller.h"

struct services {
    struct sys_backend sys;
    struct trace_backend trace;
    struct live_source live;
    struct sys_machine machine;
    struct controller *controller;
    struct watcher *watcher;
    char parts_dir[TRACE_PATH_MAX];
    char log_dir[TRACE_PATH_MAX];
};

/* Both notices come on the workers' threads; see controller.h and watcher.h. */
bool services_start(struct services *s, void (*view)(void *ctx), void (*counts)(void *ctx), void *ctx, struct err *err);
/* Waits for the workers; a recording that still runs is stopped and its parts stay. All zero is fine. */
void services_stop(struct services *s);

const char *services_parts_dir(const struct services *s);
const char *services_log_dir(const struct services *s);

#endif
