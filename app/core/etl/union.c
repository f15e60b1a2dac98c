/* Merges files by time and leaves out what came already. */
#include "core/etl/union_inside.h"

#include "core/etl/hooks.h"
#include "core/etl/trace_inside.h"

#include <stdlib.h>
#include <string.h>

/* Files of one boot agree on it this well; clocks are set now and then. */
#define BOOT_SECONDS 10
#define PROCESSORS   0x10000u

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
        struct etl_source *s = &u->sources[i];
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
    if (u->count == 1 && !rings)
        u->plain = u->sources[0].trace;
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
    u->current = ETL_NO_FILE;
    bool ok = true;
    for (unsigned i = 0; ok && i < count; i++) {
        ok = etl_open(files[i], &u->sources[i].trace, err);
        u->count += ok;
    }
    if (ok && count > 1) {
        u->seen = calloc(ETL_UNION_SEEN, sizeof *u->seen);
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

const struct etl_record *etl_union_step(struct etl_union *u)
{
    struct etl_trace *t = u->plain;
    const struct etl_record *r = t ? etl_trace_step(t) : NULL;
    if (!r)
        return NULL;
    /* A header record has that hook, and all that is no kernel record. */
    if (r->hook == HOOK_LOGFILE_HEADER) {
        u->met = r;
        return NULL;
    }
    u->facts.events++;
    return r;
}

enum etl_step etl_union_next(struct etl_union *u, const struct etl_record **out, struct err *err)
{
    const struct etl_record *r = u->met ? NULL : etl_union_step(u);
    if (!r)
        return etl_union_sift(u, out, err);
    *out = r;
    return ETL_STEP_OK;
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
        const struct etl_source *source = &u->sources[i];
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
