/* Adds up a real-time session's handle events; the same decoders as for files. */
#include "core/census/live.h"

#include "core/base/text.h"
#include "core/etl/handle_events.h"

#include <string.h>

#define NOT_MEASURED (-1.0)

void live_init(struct live *l)
{
    memset(l, 0, sizeof *l);
    l->work.cost = l->shown.cost = NOT_MEASURED;
    mutex_init(&l->lock);
}

void live_destroy(struct live *l)
{
    mutex_destroy(&l->lock);
}

static void show(struct live *l)
{
    mutex_lock(&l->lock);
    l->shown = l->work;
    mutex_unlock(&l->lock);
}

void live_reset(struct live *l)
{
    memset(&l->work, 0, sizeof l->work);
    l->work.cost = NOT_MEASURED;
    show(l);
}

void live_fail(struct live *l, const struct err *why)
{
    l->work.reading = false;
    l->work.why = *why;
    show(l);
}

void live_begin(struct live *l, uint64_t now_ns)
{
    l->work.reading = true;
    memset(&l->work.why, 0, sizeof l->work.why);
    l->work.cost = NOT_MEASURED;
    l->began_ns = now_ns;
    show(l);
}

static void name_type(struct live *l, const struct etl_type_event *e)
{
    struct text name = {0};
    text_add_utf16le(&name, e->name.bytes, e->name.units, true);
    text_put(l->work.types[e->type].name, LIVE_NAME_MAX, text_str(&name));
    text_free(&name);
}

void live_feed(struct live *l, const struct etl_record *r)
{
    struct etl_handle_event handle;
    struct etl_type_event type;
    if (etl_type_event(r, &type) && type.type < LIVE_TYPES) {
        name_type(l, &type);
        return;
    }
    if (!etl_handle_event(r, &handle) || handle.type >= LIVE_TYPES || handle.action == ETL_HANDLE_LISTED) {
        l->work.other++;
        return;
    }
    struct live_type *t = &l->work.types[handle.type];
    switch (handle.action) {
    case ETL_HANDLE_CREATE:
        t->created++;
        break;
    case ETL_HANDLE_CLOSE:
        t->closed++;
        break;
    case ETL_HANDLE_DUPLICATE:
        t->duplicated++;
        break;
    case ETL_HANDLE_LISTED:
        break;
    }
    l->work.events++;
}

static void measure(struct live *l, uint64_t now_ns, uint64_t cpu_ns)
{
    if (now_ns > l->began_ns)
        l->work.cost = (double)cpu_ns / (double)(now_ns - l->began_ns);
}

void live_publish(struct live *l, uint64_t now_ns, uint64_t cpu_ns)
{
    measure(l, now_ns, cpu_ns);
    show(l);
}

void live_end(struct live *l, uint64_t now_ns, uint64_t cpu_ns, const struct err *why)
{
    measure(l, now_ns, cpu_ns);
    l->work.reading = false;
    if (why)
        l->work.why = *why;
    show(l);
}

void live_read(struct live *l, struct live_counts *out)
{
    mutex_lock(&l->lock);
    *out = l->shown;
    mutex_unlock(&l->lock);
}

const struct live_type *live_find(const struct live_counts *c, const char *name)
{
    for (size_t i = 0; i < LIVE_TYPES; i++)
        if (c->types[i].name[0] && strcmp(c->types[i].name, name) == 0)
            return &c->types[i];
    return NULL;
}
