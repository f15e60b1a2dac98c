/* Feeds the union of files to a ledger. */
#include "core/ledger/timeline.h"

#include "core/etl/marks.h"
#include "core/ledger/ahead.h"
#include "core/ledger/feed_add.h"

#include <string.h>

#define ASK_EVERY 16384u
/* Where there is less to read a thread of its own is not worth its start. */
#define THREAD_BYTES 0x100000u

/* What fills the blocks, in whatever thread does that. */
struct reading {
    struct etl_union *in;
    const struct etl_record *next; /* the last block had no room for it */
    struct feed feed;
    struct err err; /* why it failed */
    bool failed;
};

struct timeline {
    const struct timeline_options *o;
    struct timeline_facts *facts;
    struct reading reading; /* while blocks are filled, the filling thread's */
    struct ledger *ledger;
    struct text mark;
};

/* What is known before the first event, and again at the end. */
static void take_facts(struct timeline *t)
{
    const struct etl_union_facts *u = etl_union_facts(t->reading.in);
    struct timeline_facts *f = t->facts;
    f->bytes = u->bytes;
    f->events = u->events + u->repeated;
    f->repeated = u->repeated;
    f->events_lost = u->events_lost + u->buffers_lost;
    f->losses_known = u->losses_known;
    f->damaged = u->damaged;
    f->header = u->header;
    f->header.names = NULL;
    f->header.names_size = 0;
    f->first = u->header.first_time;
    f->last = u->last;
    f->ring = u->origin.flags & ETL_ORIGIN_RING;
    f->ring_first = u->origin.ring_first;
    f->ring_since = u->origin.ring_since;
}

static bool open_ledger(struct timeline *t, struct err *err)
{
    const struct timeline_facts *f = t->facts;
    uint64_t second = etl_ticks_per_second(&f->header);
    struct ledger_options o = {.sink = t->o->sink,
                               .second = second < INT64_MAX / 64 ? (int64_t)second : INT64_MAX / 64,
                               .lossy = f->events_lost != 0,
                               .ring = f->ring};
    return ledger_open(&o, &t->ledger, err);
}

static bool tell_mark(struct timeline *t, const struct etl_record *r, struct err *err)
{
    text_clear(&t->mark);
    if (!etl_mark_read(r, &t->mark))
        return true;
    if (t->mark.failed)
        return err_set(err, ERR_NO_MEMORY, "Reading a mark");
    return t->o->mark(t->o->mark_ctx, r->time, text_str(&t->mark)) ||
           err_set(err, ERR_CANCELLED, "Reading the recording");
}

static bool tell_marks(struct timeline *t, const struct feed_block *b, struct err *err)
{
    for (uint32_t i = 0; b->marks && i < b->count; i++)
        if (b->items[i].kind == FEED_MARK && !tell_mark(t, b->items[i].other.record, err))
            return false;
    return true;
}

static enum etl_step next_record(struct reading *r)
{
    r->next = etl_union_step(r->in);
    return r->next ? ETL_STEP_OK : etl_union_next(r->in, &r->next, &r->err);
}

static void fill(void *ctx, struct feed_block *b)
{
    struct reading *r = ctx;
    enum feed_result result = FEED_NOTHING;
    enum etl_step step = r->next ? ETL_STEP_OK : next_record(r);
    uint32_t records = 0;
    while (step == ETL_STEP_OK) {
        result = feed_block_add(b, &r->feed, r->next);
        if (result > FEED_NOTHING)
            break;
        if (++records == ASK_EVERY) {
            r->next = NULL;
            break;
        }
        step = next_record(r);
    }
    b->records = records;
    if (result == FEED_NO_MEMORY)
        err_set(&r->err, ERR_NO_MEMORY, "Following the handles of a trace");
    r->failed = step == ETL_STEP_FAILED || result == FEED_NO_MEMORY;
    b->last = r->failed || step == ETL_STEP_END;
    b->bytes_read = etl_union_facts(r->in)->bytes_read;
}

static bool take_blocks(struct timeline *t, struct ahead *a, struct err *err)
{
    const struct timeline_options *o = t->o;
    uint32_t since_asked = 0;
    for (struct feed_block *b; (b = ahead_next(a)) != NULL;) {
        if (!tell_marks(t, b, err) || !ledger_feed_block(t->ledger, b, err))
            return false;
        since_asked += b->records;
        if (since_asked < ASK_EVERY)
            continue;
        since_asked = 0;
        if (o->go_on && !o->go_on(o->go_on_ctx, b->bytes_read, t->facts->bytes))
            return err_set(err, ERR_CANCELLED, "Reading the recording");
    }
    return true;
}

static bool follow(struct timeline *t, struct err *err)
{
    struct reading *r = &t->reading;
    struct ahead *a = NULL;
    r->feed.names = t->o->sink.names;
    r->feed.no_frames = t->o->sink.no_frames;
    r->feed.marks = t->o->mark != NULL;
    if (!ahead_begin(fill, r, t->facts->bytes >= THREAD_BYTES, &a, err))
        return false;
    bool ok = take_blocks(t, a, err);
    ahead_end(a);
    if (ok && r->failed && err)
        *err = r->err;
    return ok && !r->failed;
}

bool timeline_read(const struct timeline_options *options, struct ledger **out, struct timeline_facts *facts,
                   struct err *err)
{
    struct timeline t = {.o = options, .facts = facts};
    memset(facts, 0, sizeof *facts);
    bool ok = etl_union_open(options->files, options->file_count, &t.reading.in, err);
    if (ok) {
        take_facts(&t);
        ok = open_ledger(&t, err) && follow(&t, err);
    }
    if (ok) {
        take_facts(&t);
        if (facts->ring)
            ledger_set_ring(t.ledger, facts->ring_since);
        ok = ledger_finish(t.ledger, err);
    }
    etl_union_close(t.reading.in);
    text_free(&t.reading.feed.scratch);
    text_free(&t.mark);
    if (!ok) {
        ledger_close(t.ledger);
        return false;
    }
    *out = t.ledger;
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
