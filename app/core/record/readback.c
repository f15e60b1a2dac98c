/* Reads a recording back with the program's own reader. */
#include "core/record/readback.h"

#include "core/base/text.h"
#include "core/etl/verify.h"

struct watch {
    readback_go_on_fn *go_on;
    void *ctx;
};

static bool go_on(void *ctx, uint64_t done, uint64_t total)
{
    const struct watch *w = ctx;
    int percent = total ? (int)((double)done / (double)total * 100.0) : -1;
    return w->go_on(w->ctx, percent > 100 ? 100 : percent);
}

static void take_types(const struct etl_verify_result *v, struct readback *out)
{
    out->type_count = 0;
    for (unsigned i = 0; i < ETL_VERIFY_TYPES && out->type_count < READBACK_TYPES; i++) {
        if (!v->types[i].events)
            continue;
        struct readback_type *t = &out->types[out->type_count++];
        text_put(t->name, sizeof t->name, v->types[i].name);
        t->events = v->types[i].events;
    }
}

bool readback_check(const char *path, readback_go_on_fn *ask, void *ctx, struct readback *out, struct err *err)
{
    struct watch w = {ask, ctx};
    struct etl_verify_result v = {0};
    if (!etl_verify_watched(path, go_on, &w, &v, err))
        return false;
    out->events = v.events;
    out->events_lost = v.events_lost;
    out->events_lost_known = v.losses_known;
    out->handle_events = v.creates + v.closes + v.duplicates;
    out->handles_listed = v.handles_listed;
    out->types_named = v.types_listed != 0;
    take_types(&v, out);
    return true;
}
