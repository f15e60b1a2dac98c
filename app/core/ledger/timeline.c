/* Feeds the union of files to a ledger. */
#include "core/ledger/timeline.h"

#include "core/etl/hooks.h"
#include "core/etl/marks.h"

#include <string.h>

#define ASK_EVERY 16384u

struct timeline {
    const struct timeline_options *o;
    struct timeline_facts *facts;
    struct etl_union *in;
    struct ledger *ledger;
    struct text mark;
};

/* What is known before the first event, and again at the end. */
static void take_facts(struct timeline *t)
{
    const struct etl_union_facts *u = etl_union_facts(t->in);
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

static bool go_on(const struct timeline *t)
{
    if (!t->o->go_on)
        return true;
    const struct etl_union_facts *u = etl_union_facts(t->in);
    return t->o->go_on(t->o->go_on_ctx, u->bytes_read, u->bytes);
}

static bool follow(struct timeline *t, struct err *err)
{
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    uint32_t since_asked = 0;
    while ((step = etl_union_next(t->in, &r, err)) == ETL_STEP_OK) {
        if (r->hook == HOOK_MARK && t->o->mark && !tell_mark(t, r, err))
            return false;
        if (!ledger_feed(t->ledger, r, err))
            return false;
        if (++since_asked == ASK_EVERY) {
            since_asked = 0;
            if (!go_on(t))
                return err_set(err, ERR_CANCELLED, "Reading the recording");
        }
    }
    return step == ETL_STEP_END;
}

bool timeline_read(const struct timeline_options *options, struct ledger **out, struct timeline_facts *facts,
                   struct err *err)
{
    struct timeline t = {.o = options, .facts = facts};
    memset(facts, 0, sizeof *facts);
    bool ok = etl_union_open(options->files, options->file_count, &t.in, err);
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
    etl_union_close(t.in);
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
