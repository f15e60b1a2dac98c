/* Merges files by time and leaves out what came already. */
#include "core/ledger/timeline.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Files of one boot agree on it this well; clocks are set now and then. */
#define BOOT_SECONDS 10
#define ASK_EVERY    16384u
/* Events that two files hold lie near each other in the merged order. */
#define SEEN_ROOM 65536u

struct seen {
    uint64_t hash;
    uint32_t file; /* + 1; 0: empty */
};

struct source {
    struct etl_trace *trace;
    const struct etl_record *next; /* NULL: at its end */
};

struct timeline {
    struct source sources[TIMELINE_FILES_MAX];
    unsigned count;
    struct seen *seen; /* with several files only */
};

static bool open_all(struct timeline *t, const struct timeline_options *o, struct err *err)
{
    if (!o->file_count || o->file_count > TIMELINE_FILES_MAX)
        return err_set(err, ERR_ARGUMENT, "Reading %u files as one recording (1 to %u can be)", o->file_count,
                       TIMELINE_FILES_MAX);
    for (unsigned i = 0; i < o->file_count; i++) {
        if (!etl_open(o->files[i], &t->sources[i].trace, err))
            return false;
        t->count++;
    }
    t->seen = o->file_count > 1 ? calloc(SEEN_ROOM, sizeof *t->seen) : NULL;
    if (o->file_count > 1 && !t->seen)
        return err_set(err, ERR_NO_MEMORY, "Reading several files");
    return true;
}

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
static bool anchor(const struct timeline *t, const struct timeline_options *o, struct timeline_facts *f,
                   struct err *err)
{
    unsigned first = 0;
    for (unsigned i = 1; i < t->count; i++) {
        const struct etl_header *h = etl_header(t->sources[i].trace);
        if (!same_clock(etl_header(t->sources[0].trace), h)) {
            err_set(err, ERR_ARGUMENT, "Reading %s together with %s", o->files[i], o->files[0]);
            return err_remedy(err, "Give files of one recording only: these are of another start of Windows.");
        }
        if (h->first_time < etl_header(t->sources[first].trace)->first_time)
            first = i;
    }
    f->header = *etl_header(t->sources[first].trace);
    f->header.names = NULL;
    f->header.names_size = 0;
    f->first = f->header.first_time;
    f->last = f->first;
    for (unsigned i = 0; i < t->count; i++) {
        const struct etl_header *h = etl_header(t->sources[i].trace);
        f->bytes += etl_size(t->sources[i].trace);
        f->events_lost += (uint64_t)h->events_lost + h->buffers_lost;
    }
    return true;
}

static bool advance(struct source *s, struct err *err)
{
    enum etl_step step = etl_next(s->trace, &s->next, err);
    if (step == ETL_STEP_END)
        s->next = NULL;
    return step != ETL_STEP_FAILED;
}

static struct source *earliest(struct timeline *t)
{
    struct source *best = NULL;
    for (unsigned i = 0; i < t->count; i++)
        if (t->sources[i].next && (!best || t->sources[i].next->time < best->next->time))
            best = &t->sources[i];
    return best;
}

/* Whether another file held exactly this event. */
static bool is_repeated(struct timeline *t, const struct etl_record *r, unsigned file)
{
    uint64_t hash[2];
    stack_cache_hash(r->payload, r->payload_size, hash_two((uint64_t)r->time, (uint64_t)r->hook << 32 | r->tid), hash);
    for (unsigned i = 0; i < 4; i++) {
        struct seen *s = &t->seen[(hash[0] + i) & (SEEN_ROOM - 1)];
        if (s->file && s->hash == hash[1])
            return s->file != file + 1;
    }
    struct seen *place = &t->seen[hash[0] & (SEEN_ROOM - 1)];
    for (unsigned i = 0; i < 4 && place->file; i++)
        place = &t->seen[(hash[0] + i) & (SEEN_ROOM - 1)];
    *place = (struct seen){hash[1], file + 1};
    return false;
}

static bool go_on(const struct timeline *t, const struct timeline_options *o, const struct timeline_facts *f)
{
    uint64_t done = 0;
    if (!o->go_on)
        return true;
    for (unsigned i = 0; i < t->count; i++)
        done += etl_stats(t->sources[i].trace)->bytes_read;
    return o->go_on(o->go_on_ctx, done, f->bytes);
}

static bool follow(struct timeline *t, const struct timeline_options *o, struct timeline_facts *f, struct ledger *l,
                   struct err *err)
{
    for (unsigned i = 0; i < t->count; i++)
        if (!advance(&t->sources[i], err))
            return false;
    struct source *s = NULL;
    while ((s = earliest(t)) != NULL) {
        unsigned file = (unsigned)(s - t->sources);
        if (t->seen && s->next->kind == ETL_KERNEL && is_repeated(t, s->next, file))
            f->repeated++;
        else if (!ledger_feed(l, s->next, file, err))
            return false;
        if (++f->events % ASK_EVERY == 0 && !go_on(t, o, f))
            return err_set(err, ERR_CANCELLED, "Reading the recording");
        if (!advance(s, err))
            return false;
    }
    return true;
}

static void sum_up(const struct timeline *t, struct timeline_facts *f)
{
    f->losses_known = true;
    for (unsigned i = 0; i < t->count; i++) {
        const struct etl_stats *s = etl_stats(t->sources[i].trace);
        f->damaged = f->damaged || s->truncated || s->damaged_buffers;
        f->losses_known = f->losses_known && etl_knows_losses(t->sources[i].trace);
        f->last = s->last_time > f->last ? s->last_time : f->last;
    }
}

bool timeline_read(const struct timeline_options *options, struct ledger **out, struct timeline_facts *facts,
                   struct err *err)
{
    struct timeline t = {.count = 0};
    struct ledger *l = NULL;
    memset(facts, 0, sizeof *facts);
    bool ok = open_all(&t, options, err) && anchor(&t, options, facts, err);
    if (ok) {
        uint64_t second = etl_ticks_per_second(&facts->header);
        struct ledger_options o = {.sink = options->sink,
                                   .second = second < INT64_MAX / 64 ? (int64_t)second : INT64_MAX / 64,
                                   .lossy = facts->events_lost != 0};
        ok = ledger_open(&o, &l, err);
    }
    ok = ok && follow(&t, options, facts, l, err);
    if (ok)
        sum_up(&t, facts);
    ok = ok && ledger_finish(l, err);
    for (unsigned i = 0; i < t.count; i++)
        etl_close(t.sources[i].trace);
    free(t.seen);
    if (!ok) {
        ledger_close(l);
        return false;
    }
    *out = l;
    return true;
}

double timeline_seconds(const struct timeline_facts *f, int64_t time)
{
    return (double)etl_time_since_start(&f->header, time) / 1e7;
}

uint64_t timeline_filetime(const struct timeline_facts *f, int64_t time)
{
    return etl_filetime(&f->header, time);
}
