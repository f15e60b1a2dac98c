/* Counts what each type's events and stacks take of a recording. */
#include "core/base/text.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"
#include "core/record/span.h"

#include <stdlib.h>
#include <string.h>

#define OUT_OF_RANGE SPAN_TYPES /* types beyond the table go together */

/* An event whose stack may still come; stacks name their event by time and thread. */
struct pending {
    int64_t time;
    uint32_t tid;
    uint16_t type;
    uint8_t action;
    bool used;
    bool has_stack; /* a first part has come */
};

struct span_counter {
    struct span_cost cost[SPAN_TYPES + 1][SPAN_ACTIONS];
    uint32_t tag[SPAN_TYPES + 1]; /* 0: not named yet */
    uint64_t other_bytes;
    uint64_t events;
    bool any;
    int64_t first;
    int64_t last;
    struct pending pending[SPAN_PENDING];
};

bool span_counter_create(struct span_counter **out, struct err *err)
{
    struct span_counter *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NO_MEMORY, "Measuring what a recording holds");
    *out = c;
    return true;
}

void span_counter_free(struct span_counter *c)
{
    free(c);
}

static uint64_t room_of(const struct etl_record *r)
{
    return (uint64_t)r->size + (8 - r->size % 8) % 8;
}

static struct pending *slot_of(struct span_counter *c, int64_t time)
{
    uint64_t hash = (uint64_t)time * 0x9E3779B97F4A7C15ull;
    return &c->pending[(hash >> 32) % SPAN_PENDING];
}

static void take_time(struct span_counter *c, int64_t time)
{
    if (!c->any || time < c->first)
        c->first = time;
    if (!c->any || time > c->last)
        c->last = time;
    c->any = true;
}

static void take_event(struct span_counter *c, const struct etl_record *r, const struct etl_handle_event *e)
{
    static const uint8_t actions[] = {
        [ETL_HANDLE_CREATE] = SPAN_CREATE, [ETL_HANDLE_CLOSE] = SPAN_CLOSE, [ETL_HANDLE_DUPLICATE] = SPAN_DUPLICATE};
    if (e->action == ETL_HANDLE_LISTED)
        return; /* an inventory: once, at the end, and never in a ring */
    uint16_t type = e->type < SPAN_TYPES ? e->type : OUT_OF_RANGE;
    struct span_cost *cost = &c->cost[type][actions[e->action]];
    cost->events++;
    cost->event_bytes += room_of(r);
    c->events++;
    take_time(c, r->time);
    *slot_of(c, r->time) =
        (struct pending){.time = r->time, .tid = r->tid, .type = type, .action = actions[e->action], .used = true};
}

/* Headers that do not say their thread match by time alone, which is exact. */
static bool same_thread(uint32_t a, uint32_t b)
{
    return a == b || a == ETL_UNKNOWN_ID || b == ETL_UNKNOWN_ID;
}

/* A stack is one or two records, of kernel and user code: each counts its bytes, the first one the stack. */
static void take_stack(struct span_counter *c, const struct etl_record *r, const struct etl_stack_event *s)
{
    struct pending *p = slot_of(c, s->time);
    if (!p->used || p->time != s->time || !same_thread(p->tid, s->tid)) {
        c->other_bytes += room_of(r);
        return;
    }
    struct span_cost *cost = &c->cost[p->type][p->action];
    cost->stacks += !p->has_stack;
    p->has_stack = true;
    cost->stack_bytes += room_of(r);
}

static void take_type(struct span_counter *c, const struct etl_type_event *e)
{
    struct text name = {0};
    text_add_utf16le(&name, e->name.bytes, e->name.units < 4 ? e->name.units : 4, true);
    if (e->type < SPAN_TYPES && name.len)
        c->tag[e->type] = profile_tag(text_str(&name));
    text_free(&name);
}

/* Goes on while a session records, other than the lists at its beginning and end. */
static bool is_steady(uint16_t hook)
{
    static const uint16_t hooks[] = {HOOK_PROCESS_START, HOOK_PROCESS_END, HOOK_PROCESS_TERMINATE, HOOK_THREAD_START,
                                     HOOK_THREAD_END,    HOOK_IMAGE_LOAD,  HOOK_IMAGE_UNLOAD};
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        if (hooks[i] == hook)
            return true;
    return false;
}

void span_counter_feed(struct span_counter *c, const struct etl_record *r)
{
    struct etl_handle_event handle;
    struct etl_stack_event stack;
    struct etl_type_event type;
    if (etl_handle_event(r, &handle))
        take_event(c, r, &handle);
    else if (etl_stack_event(r, &stack))
        take_stack(c, r, &stack);
    else if (etl_type_event(r, &type))
        take_type(c, &type);
    else if (r->kind == ETL_KERNEL && is_steady(r->hook))
        c->other_bytes += room_of(r);
}

static uint64_t bytes_of(const struct span_tag *t)
{
    uint64_t sum = 0;
    for (unsigned a = 0; a < SPAN_ACTIONS; a++)
        sum += t->cost[a].event_bytes + t->cost[a].stack_bytes;
    return sum;
}

static int by_bytes(const void *left, const void *right)
{
    uint64_t a = bytes_of(left);
    uint64_t b = bytes_of(right);
    return (a < b) - (a > b);
}

static struct span_tag *tag_at(struct span_rates *r, uint32_t tag)
{
    for (unsigned i = 0; i < r->tag_count; i++)
        if (r->tags[i].tag == tag)
            return &r->tags[i];
    if (r->tag_count == SPAN_TAGS)
        return tag_at(r, r->tags[SPAN_TAGS - 1].tag);
    r->tags[r->tag_count].tag = tag;
    return &r->tags[r->tag_count++];
}

bool span_counter_finish(const struct span_counter *c, double ticks, const struct profile *recorded,
                         struct span_rates *out)
{
    double seconds = c->any ? ((double)c->last - (double)c->first) / ticks : 0;
    if (!c->events || !(seconds >= SPAN_LEAST_SECONDS))
        return false;
    struct span_rates r = {.seconds = seconds, .stacks = recorded->stacks, .other_bytes = c->other_bytes};
    memcpy(r.filter, recorded->tags, sizeof r.filter);
    r.filter_count = recorded->tag_count;
    for (unsigned type = 0; type <= SPAN_TYPES; type++)
        for (unsigned a = 0; a < SPAN_ACTIONS; a++) {
            const struct span_cost *cost = &c->cost[type][a];
            if (!cost->events)
                continue;
            struct span_cost *sum = &tag_at(&r, c->tag[type])->cost[a];
            sum->events += cost->events;
            sum->event_bytes += cost->event_bytes;
            sum->stacks += cost->stacks;
            sum->stack_bytes += cost->stack_bytes;
        }
    qsort(r.tags, r.tag_count, sizeof r.tags[0], by_bytes);
    *out = r;
    return true;
}
