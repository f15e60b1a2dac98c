/* Says which file's event comes next, and leaves out what came already. */
#include "core/etl/union_inside.h"

#include "core/etl/digest.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"

#define SEEN_STEPS 4u

static bool before(const struct etl_union *u, unsigned a, unsigned b)
{
    const struct etl_record *x = u->sources[a].next;
    const struct etl_record *y = u->sources[b].next;
    if (x->time != y->time)
        return x->time < y->time;
    return x->processor != y->processor ? x->processor < y->processor : a < b;
}

static bool advance(struct etl_source *s, struct err *err)
{
    enum etl_step step = etl_next(s->trace, &s->next, err);
    if (step == ETL_STEP_END)
        s->next = NULL;
    return step != ETL_STEP_FAILED;
}

/* The file with the next event, and the one after it: until that one's turn comes no other file has to be looked at. */
static unsigned choose(struct etl_union *u)
{
    unsigned best = ETL_NO_FILE;
    unsigned second = ETL_NO_FILE;
    for (unsigned i = 0; i < u->count; i++) {
        if (!u->sources[i].next)
            continue;
        if (best == ETL_NO_FILE || before(u, i, best)) {
            second = best;
            best = i;
        } else if (second == ETL_NO_FILE || before(u, i, second)) {
            second = i;
        }
    }
    u->runner_up = second;
    return best;
}

static bool move_on(struct etl_union *u, struct err *err)
{
    if (!u->started) {
        u->started = true;
        for (unsigned i = 0; i < u->count; i++)
            if (!advance(&u->sources[i], err))
                return false;
    } else if (u->current != ETL_NO_FILE && !advance(&u->sources[u->current], err)) {
        return false;
    }
    bool goes_on = u->current != ETL_NO_FILE && u->sources[u->current].next &&
                   (u->runner_up == ETL_NO_FILE || before(u, u->current, u->runner_up));
    if (!goes_on)
        u->current = choose(u);
    return true;
}

/* Whether another file held exactly this event. */
static bool is_repeated(struct etl_union *u, const struct etl_record *r)
{
    uint64_t hash = etl_digest(r->bytes, r->size, r->processor);
    struct etl_seen *free_one = NULL;
    for (unsigned i = 0; i < SEEN_STEPS; i++) {
        struct etl_seen *s = &u->seen[(hash + i) & (ETL_UNION_SEEN - 1)];
        if (s->file && s->hash == hash)
            return s->file != u->current + 1;
        free_one = free_one || s->file ? free_one : s;
    }
    struct etl_seen *place = free_one ? free_one : &u->seen[hash & (ETL_UNION_SEEN - 1)];
    *place = (struct etl_seen){hash, u->current + 1};
    return false;
}

/* Whether the file has all that the ring recorded at this time. */
static bool is_whole(const struct etl_source *s, int64_t time, uint64_t apart)
{
    const struct etl_origin *o = s->whole;
    return o && time >= o->ring_since && (time <= o->ring_until || (uint64_t)time - (uint64_t)o->ring_until <= apart);
}

/* Who told what a file has of this time: of one that was merged the ring, where it still held something. */
static enum twins_side side_at(const struct etl_source *s, int64_t time, uint64_t apart)
{
    const struct etl_origin *o = s->whole;
    if (!o)
        return s->side;
    bool late = time > o->ring_until && (uint64_t)time - (uint64_t)o->ring_until > apart;
    return time >= o->ring_first && !late ? TWINS_RING : TWINS_COMPANION;
}

static uint64_t twins_apart(const struct etl_union *u)
{
    return etl_ticks_per_second(&u->facts.header) / TWINS_PER_SECOND + 1;
}

/* A snapshot that was merged has of older times only what the companion told. An earlier snapshot has the same events
 * as the ring told them, at other times, so that they do not look the same. */
static bool is_told_better(const struct etl_union *u, const struct etl_record *r)
{
    if (u->wholes < 2 || !etl_is_handle_change(r) || !u->sources[u->current].whole)
        return false;
    uint64_t apart = twins_apart(u);
    if (is_whole(&u->sources[u->current], r->time, apart))
        return false;
    for (unsigned i = 0; i < u->count; i++)
        if (is_whole(&u->sources[i], r->time, apart))
            return true;
    return false;
}

static void note_ring(struct etl_ring *ring, const struct etl_record *r)
{
    if (r->kind == ETL_KERNEL && r->hook >> 8 == 0)
        return; /* written when it was flushed */
    uint8_t *met = &ring->met[r->processor / 8];
    uint8_t bit = (uint8_t)(1u << r->processor % 8);
    if (!ring->any || !(*met & bit))
        ring->since = !ring->any || r->time > ring->since ? r->time : ring->since;
    *met |= bit;
    ring->first = ring->any && ring->first < r->time ? ring->first : r->time;
    ring->until = ring->any && ring->until > r->time ? ring->until : r->time;
    ring->any = true;
}

/* Another program that merged the file once more has moved the event out of buffer 0. */
static bool take_origin(struct etl_union *u, const struct etl_source *s, const struct etl_record *r)
{
    struct etl_origin origin;
    if (!etl_origin_read(r, &origin))
        return false;
    if (!etl_origin(s->trace)) {
        etl_origin_add(&u->told, &origin);
        u->facts.origin = u->told;
    }
    return true;
}

/* Whether the record tells of its file only. */
static bool is_of_file(struct etl_union *u, const struct etl_source *s, const struct etl_record *r)
{
    if (r->kind == ETL_KERNEL)
        return r->hook == HOOK_LOGFILE_HEADER;
    return r->kind == ETL_EVENT && take_origin(u, s, r);
}

enum etl_step etl_union_sift(struct etl_union *u, const struct etl_record **out, struct err *err)
{
    for (;;) {
        const struct etl_record *met = u->met;
        u->met = NULL;
        if (met)
            u->sources[u->current].next = met;
        else if (!move_on(u, err))
            return ETL_STEP_FAILED;
        if (u->current == ETL_NO_FILE)
            return ETL_STEP_END;
        struct etl_source *s = &u->sources[u->current];
        const struct etl_record *r = s->next;
        if (is_of_file(u, s, r))
            continue;
        if (s->ring.met)
            note_ring(&s->ring, r);
        if (is_told_better(u, r)) {
            u->facts.repeated++;
            continue;
        }
        bool repeated = u->seen && is_repeated(u, r);
        enum twins_side side = u->twins ? side_at(s, r->time, twins_apart(u)) : TWINS_NEITHER;
        if (repeated && !(u->twins && twins_again(u->twins, side, r))) {
            u->facts.repeated++;
            continue;
        }
        if (!repeated && u->twins && !twins_pass(u->twins, side, &r)) {
            u->facts.repeated++;
            continue;
        }
        u->facts.events++;
        *out = r;
        return ETL_STEP_OK;
    }
}
