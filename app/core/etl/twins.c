/* Remembers the last events of either session for a moment, and which pairs were found. */
#include "core/etl/twins.h"

#include "core/etl/digest.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"

#include <stdlib.h>

#define RECENT     4096u  /* events of one side; a power of two */
#define PAIRS      4096u  /* a power of two; stacks come soon after */
#define PLACES     16384u /* a power of two */
#define RECORD_MAX 0x10000u

/* One side's event of a handle. */
struct recent {
    uint64_t key;
    int64_t time;
    uint32_t tid;  /* or ETL_UNKNOWN_ID */
    uint32_t pair; /* + 1; 0: none */
    bool left_out;
    bool stacked; /* a stack of it has come */
};

struct side {
    struct recent list[RECENT];
    uint32_t count;
    uint32_t places[PLACES]; /* of the list, + 1, by time; a newer one takes the place */
};

/* Of one event twice: the time that stays, and whose stacks do. */
struct pair {
    int64_t kept;
    enum twins_side stacks; /* TWINS_NEITHER: none has come */
};

struct twins {
    int64_t apart; /* ticks */
    struct side sides[2];
    struct pair pairs[PAIRS];
    uint32_t pair_count;
    struct etl_record copy;
    uint8_t bytes[RECORD_MAX];
};

bool twins_open(uint64_t second, struct twins **out, struct err *err)
{
    struct twins *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, ERR_NO_MEMORY, "Reading a ring with its companion");
    t->apart = (int64_t)(second / TWINS_PER_SECOND + 1);
    *out = t;
    return true;
}

void twins_close(struct twins *t)
{
    free(t);
}

static struct side *side_of(struct twins *t, enum twins_side side)
{
    return &t->sides[side == TWINS_RING];
}

static enum twins_side other(enum twins_side side)
{
    return side == TWINS_RING ? TWINS_COMPANION : TWINS_RING;
}

static uint32_t *place_of(struct side *s, int64_t time)
{
    return &s->places[(uint64_t)time * 0x9E3779B97F4A7C15u >> 40 & (PLACES - 1)];
}

static struct recent *remember(struct side *s, const struct etl_record *r, uint64_t key)
{
    uint32_t at = s->count++ & (RECENT - 1);
    s->list[at] = (struct recent){.key = key, .time = r->time, .tid = r->tid};
    *place_of(s, r->time) = at + 1;
    return &s->list[at];
}

static uint64_t key_of(const struct etl_record *r)
{
    uint64_t ids = (uint64_t)r->pid << 32 | r->tid;
    return etl_digest(r->payload, r->payload_size, ids ^ (uint64_t)r->hook << 16);
}

static uint64_t apart(const struct recent *e, const struct etl_record *r)
{
    return r->time >= e->time ? (uint64_t)r->time - (uint64_t)e->time : (uint64_t)e->time - (uint64_t)r->time;
}

/* The other side's event that says the same, not long ago and not told again yet. */
static struct recent *find_twin(const struct twins *t, struct side *s, const struct etl_record *r, uint64_t key)
{
    uint32_t n = s->count < RECENT ? s->count : RECENT;
    for (uint32_t i = 1; i <= n; i++) {
        struct recent *e = &s->list[(s->count - i) & (RECENT - 1)];
        if (apart(e, r) > (uint64_t)t->apart)
            return NULL;
        if (!e->pair && e->key == key)
            return e;
    }
    return NULL;
}

static bool pass_handle(struct twins *t, enum twins_side side, const struct etl_record *r)
{
    uint64_t key = key_of(r);
    struct recent *twin = find_twin(t, side_of(t, other(side)), r, key);
    struct recent *own = remember(side_of(t, side), r, key);
    if (!twin)
        return true;
    uint32_t at = t->pair_count++ & (PAIRS - 1);
    t->pairs[at] = (struct pair){twin->time, twin->stacked ? other(side) : TWINS_NEITHER};
    twin->pair = own->pair = at + 1;
    own->left_out = true;
    return false;
}

static struct recent *find_exactly(const struct twins *t, struct side *s, const struct etl_record *r, uint64_t key)
{
    uint32_t n = s->count < RECENT ? s->count : RECENT;
    for (uint32_t i = 1; i <= n; i++) {
        struct recent *e = &s->list[(s->count - i) & (RECENT - 1)];
        if (e->time == r->time && e->key == key)
            return e;
        if (apart(e, r) > (uint64_t)t->apart)
            break;
    }
    return NULL;
}

static void release(struct side *s, uint32_t pair)
{
    for (uint32_t i = 0; i < RECENT; i++)
        if (s->list[i].pair == pair)
            s->list[i].pair = 0;
}

bool twins_again(struct twins *t, enum twins_side side, const struct etl_record *r)
{
    if (side == TWINS_NEITHER || !etl_is_handle_change(r))
        return false;
    uint64_t key = key_of(r);
    struct recent *same = find_exactly(t, side_of(t, other(side)), r, key);
    if (!same || (same->pair && !same->left_out))
        return false;
    bool wrong = same->left_out;
    if (wrong)
        release(side_of(t, side), same->pair);
    same->left_out = false;
    uint32_t at = t->pair_count++ & (PAIRS - 1);
    t->pairs[at] = (struct pair){r->time, same->stacked ? other(side) : TWINS_NEITHER};
    same->pair = remember(side_of(t, side), r, key)->pair = at + 1;
    return wrong;
}

/* The event that a stack belongs to, when it is remembered. */
static struct recent *event_of(struct side *s, const struct etl_stack_event *e)
{
    uint32_t at = *place_of(s, e->time);
    struct recent *r = at ? &s->list[at - 1] : NULL;
    return r && r->time == e->time && (r->tid == ETL_UNKNOWN_ID || r->tid == e->tid) ? r : NULL;
}

/* A copy of the stack that names the time of the event that was kept. */
static const struct etl_record *moved(struct twins *t, const struct etl_record *r, int64_t time)
{
    memcpy(t->bytes, r->bytes, r->size);
    t->copy = *r;
    t->copy.bytes = t->bytes;
    t->copy.payload = t->bytes + (r->payload - r->bytes);
    uint8_t *p = t->bytes + (r->payload - r->bytes);
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)((uint64_t)time >> 8 * i);
    return &t->copy;
}

bool twins_pass(struct twins *t, enum twins_side side, const struct etl_record **r)
{
    if (side == TWINS_NEITHER || (*r)->kind != ETL_KERNEL)
        return true;
    if (etl_is_handle_change(*r))
        return pass_handle(t, side, *r);
    struct etl_stack_event e;
    if (!etl_stack_event(*r, &e))
        return true;
    struct recent *event = event_of(side_of(t, side), &e);
    if (!event)
        return true;
    event->stacked = true;
    if (!event->pair)
        return true;
    struct pair *p = &t->pairs[event->pair - 1];
    if (p->stacks == TWINS_NEITHER)
        p->stacks = side;
    if (p->stacks != side)
        return false;
    if (event->left_out)
        *r = moved(t, *r, p->kept);
    return true;
}
