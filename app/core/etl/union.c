/* Merges files by time and leaves out what came already. */
#include "core/etl/union.h"

#include "core/etl/digest.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"
#include "core/etl/twins.h"

#include <stdlib.h>
#include <string.h>

/* Files of one boot agree on it this well; clocks are set now and then. */
#define BOOT_SECONDS 10
/* Events that two files hold lie near each other in the merged order. A power of two. */
#define SEEN_ROOM  65536u
#define SEEN_STEPS 4u
#define NO_FILE    UINT32_MAX
#define PROCESSORS 0x10000u

struct seen {
    uint64_t hash;
    uint32_t file; /* + 1; 0: empty */
};

/* What a ring file's events tell of the time that it covers. */
struct ring {
    uint8_t *met; /* processors, a bit each; NULL: the file is no ring's */
    bool any;
    int64_t first;
    int64_t since;
    int64_t until;
};

struct source {
    struct etl_trace *trace;
    const struct etl_record *next; /* NULL: at its end */
    struct ring ring;
    enum twins_side side;
    const struct etl_origin
        *whole; /* of a file made of a ring and its companion: what it holds of the ring; else NULL */
};

struct etl_union {
    struct source sources[ETL_UNION_FILES_MAX];
    unsigned count;
    unsigned current;   /* the file whose event was delivered; NO_FILE: none yet */
    unsigned runner_up; /* whose event comes next if not another one's of the current file; NO_FILE: none */
    bool started;
    struct seen *seen;      /* with several files only */
    struct twins *twins;    /* with a ring and a companion only */
    unsigned wholes;        /* files with such an origin */
    struct etl_origin told; /* by files that were merged */
    struct etl_union_facts facts;
};

static bool same_clock(const struct etl_header *a, const struct etl_header *b)
{
    if (a->clock != b->clock || etl_ticks_per_second(a) != etl_ticks_per_second(b))
        return false;
    int64_t expected = (int64_t)(a->start_time & INT64_MAX);
    int64_t actual = (int64_t)(b->start_time & INT64_MAX);
    int64_t since = etl_time_since_start(a, b->first_time);
    if (since > INT64_MAX - expected)
        return false;
    int64_t difference = expected + since - actual;
    return difference < BOOT_SECONDS * 10000000ll && difference > -BOOT_SECONDS * 10000000ll;
}

/* The earliest file says what times mean. */
static bool anchor(struct etl_union *u, const char *const *files, struct err *err)
{
    struct etl_union_facts *f = &u->facts;
    for (unsigned i = 0; i < u->count; i++) {
        const struct etl_trace *t = u->sources[i].trace;
        const struct etl_header *h = etl_header(t);
        if (!same_clock(etl_header(u->sources[0].trace), h)) {
            err_set(err, ERR_ARGUMENT, "Reading %s together with %s", files[i], files[0]);
            return err_remedy(err, "Give files of one recording only: these are of another start of Windows.");
        }
        if (h->first_time < etl_header(u->sources[f->first].trace)->first_time)
            f->first = i;
        f->bytes += etl_size(t);
        f->events_lost += h->events_lost;
        f->buffers_lost += h->buffers_lost;
        f->end_time = h->end_time > f->end_time ? h->end_time : f->end_time;
    }
    f->header = *etl_header(u->sources[f->first].trace);
    f->last = f->header.first_time;
    return true;
}

/* Rings are told by their headers; what was merged tells of itself. */
static bool sort_out(struct etl_union *u, struct err *err)
{
    unsigned rings = 0;
    unsigned companions = 0;
    for (unsigned i = 0; i < u->count; i++) {
        struct source *s = &u->sources[i];
        const struct etl_origin *o = etl_origin(s->trace);
        if (o) {
            s->whole = o->flags & ETL_ORIGIN_RING ? o : NULL;
            u->wholes += s->whole != NULL;
            etl_origin_add(&u->told, o);
            continue;
        }
        u->told.files++;
        if (!(etl_header(s->trace)->mode & ETL_MODE_BUFFERING)) {
            s->side = TWINS_COMPANION;
            companions++;
            continue;
        }
        s->side = TWINS_RING;
        rings++;
        s->ring.met = calloc(PROCESSORS / 8, 1);
        if (!s->ring.met)
            return err_set(err, ERR_NO_MEMORY, "Reading a ring");
        s->ring.first = s->ring.since = s->ring.until = etl_header(s->trace)->first_time;
    }
    if (((rings && companions) || u->wholes > 1) && !twins_open(etl_ticks_per_second(&u->facts.header), &u->twins, err))
        return false;
    etl_union_facts(u);
    return true;
}

bool etl_union_open(const char *const *files, unsigned count, struct etl_union **out, struct err *err)
{
    if (!count || count > ETL_UNION_FILES_MAX)
        return err_set(err, ERR_ARGUMENT, "Reading %u files as one recording (1 to %u can be)", count,
                       ETL_UNION_FILES_MAX);
    struct etl_union *u = calloc(1, sizeof *u);
    if (!u)
        return err_set(err, ERR_NO_MEMORY, "Reading %u files", count);
    u->current = NO_FILE;
    bool ok = true;
    for (unsigned i = 0; ok && i < count; i++) {
        ok = etl_open(files[i], &u->sources[i].trace, err);
        u->count += ok;
    }
    if (ok && count > 1) {
        u->seen = calloc(SEEN_ROOM, sizeof *u->seen);
        ok = u->seen || err_set(err, ERR_NO_MEMORY, "Reading several files");
    }
    if (!ok || !anchor(u, files, err) || !sort_out(u, err)) {
        etl_union_close(u);
        return false;
    }
    *out = u;
    return true;
}

void etl_union_close(struct etl_union *u)
{
    if (!u)
        return;
    for (unsigned i = 0; i < u->count; i++) {
        etl_close(u->sources[i].trace);
        free(u->sources[i].ring.met);
    }
    twins_close(u->twins);
    free(u->seen);
    free(u);
}

const struct etl_trace *etl_union_trace(const struct etl_union *u, unsigned file)
{
    return u->sources[file].trace;
}

static bool before(const struct etl_union *u, unsigned a, unsigned b)
{
    const struct etl_record *x = u->sources[a].next;
    const struct etl_record *y = u->sources[b].next;
    if (x->time != y->time)
        return x->time < y->time;
    return x->processor != y->processor ? x->processor < y->processor : a < b;
}

static bool advance(struct source *s, struct err *err)
{
    enum etl_step step = etl_next(s->trace, &s->next, err);
    if (step == ETL_STEP_END)
        s->next = NULL;
    return step != ETL_STEP_FAILED;
}

/* The file with the next event, and the one after it: until that one's turn comes no other file has to be looked at. */
static unsigned choose(struct etl_union *u)
{
    unsigned best = NO_FILE;
    unsigned second = NO_FILE;
    for (unsigned i = 0; i < u->count; i++) {
        if (!u->sources[i].next)
            continue;
        if (best == NO_FILE || before(u, i, best)) {
            second = best;
            best = i;
        } else if (second == NO_FILE || before(u, i, second)) {
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
    } else if (u->current != NO_FILE && !advance(&u->sources[u->current], err)) {
        return false;
    }
    bool goes_on = u->current != NO_FILE && u->sources[u->current].next &&
                   (u->runner_up == NO_FILE || before(u, u->current, u->runner_up));
    if (!goes_on)
        u->current = choose(u);
    return true;
}

/* Whether another file held exactly this event. */
static bool is_repeated(struct etl_union *u, const struct etl_record *r)
{
    uint64_t hash = etl_digest(r->bytes, r->size, r->processor);
    struct seen *free_one = NULL;
    for (unsigned i = 0; i < SEEN_STEPS; i++) {
        struct seen *s = &u->seen[(hash + i) & (SEEN_ROOM - 1)];
        if (s->file && s->hash == hash)
            return s->file != u->current + 1;
        free_one = free_one || s->file ? free_one : s;
    }
    struct seen *place = free_one ? free_one : &u->seen[hash & (SEEN_ROOM - 1)];
    *place = (struct seen){hash, u->current + 1};
    return false;
}

/* Whether the file has all that the ring recorded at this time. */
static bool is_whole(const struct source *s, int64_t time, uint64_t apart)
{
    const struct etl_origin *o = s->whole;
    return o && time >= o->ring_since && (time <= o->ring_until || (uint64_t)time - (uint64_t)o->ring_until <= apart);
}

/* Who told what a file has of this time: of one that was merged the ring, where it still held something. */
static enum twins_side side_at(const struct source *s, int64_t time, uint64_t apart)
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

static void note_ring(struct ring *ring, const struct etl_record *r)
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
static void take_origin(struct etl_union *u, const struct etl_origin *origin)
{
    if (etl_origin(u->sources[u->current].trace))
        return;
    etl_origin_add(&u->told, origin);
    u->facts.origin = u->told;
}

enum etl_step etl_union_next(struct etl_union *u, const struct etl_record **out, struct err *err)
{
    for (;;) {
        if (!move_on(u, err))
            return ETL_STEP_FAILED;
        if (u->current == NO_FILE)
            return ETL_STEP_END;
        struct source *s = &u->sources[u->current];
        const struct etl_record *r = s->next;
        struct etl_origin origin;
        if (r->kind == ETL_KERNEL && r->hook == HOOK_LOGFILE_HEADER)
            continue;
        if (r->kind == ETL_EVENT && etl_origin_read(r, &origin)) {
            take_origin(u, &origin);
            continue;
        }
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

const struct etl_union_facts *etl_union_facts(struct etl_union *u)
{
    struct etl_union_facts *f = &u->facts;
    f->losses_known = !(u->told.flags & ETL_ORIGIN_LOSSES_UNKNOWN);
    f->bytes_read = 0;
    f->skipped = 0;
    f->damaged_buffers = 0;
    f->origin = u->told;
    f->damaged = f->origin.flags & ETL_ORIGIN_DAMAGED;
    for (unsigned i = 0; i < u->count; i++) {
        const struct source *source = &u->sources[i];
        const struct etl_stats *s = etl_stats(source->trace);
        f->bytes_read += s->bytes_read;
        f->skipped += s->skipped;
        f->damaged_buffers += s->damaged_buffers;
        f->damaged = f->damaged || s->truncated || s->damaged_buffers;
        f->losses_known = f->losses_known && etl_knows_losses(source->trace);
        f->last = s->last_time > f->last ? s->last_time : f->last;
        if (source->side == TWINS_RING)
            etl_origin_add_ring(&f->origin, source->ring.first, source->ring.since, source->ring.until);
    }
    return f;
}
