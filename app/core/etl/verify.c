/* Reads a finished recording back and judges it. */
#include "core/etl/verify.h"

#include "core/base/text.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"
#include "core/etl/writer.h"

#include <stdlib.h>

#define ASK_EVERY 4096u /* events: well under a millisecond of reading */

struct count {
    struct etl_verify_result v;
    const struct etl_trace *trace;
    etl_go_on_fn *go_on;
    void *ctx;
    uint32_t since_asked;
};

static bool ask(struct count *c)
{
    if (!c->go_on || c->since_asked++ < ASK_EVERY)
        return true;
    c->since_asked = 0;
    return c->go_on(c->ctx, etl_stats(c->trace)->bytes_read, etl_size(c->trace));
}

static void count_type(struct etl_verify_result *v, const struct etl_record *r)
{
    struct etl_handle_event e;
    if (etl_handle_event(r, &e) && e.type < ETL_VERIFY_TYPES)
        v->types[e.type].events++;
}

static void name_type(struct etl_verify_result *v, const struct etl_record *r)
{
    struct etl_type_event e;
    if (!etl_type_event(r, &e) || e.type >= ETL_VERIFY_TYPES)
        return;
    struct text name = {0};
    text_add_utf16le(&name, e.name.bytes, e.name.units, true);
    text_put(v->types[e.type].name, sizeof v->types[0].name, text_str(&name));
    text_free(&name);
}

static void note_written(struct etl_verify_result *v, const struct etl_record *r)
{
    struct etl_origin origin;
    if ((r->kind == ETL_KERNEL && r->hook == HOOK_LOGFILE_HEADER) || etl_origin_read(r, &origin))
        return;
    v->written_events++;
    v->written_digest += etl_record_digest(r->processor, r->bytes, r->size);
}

static bool count(void *ctx, const struct etl_record *r)
{
    struct count *c = ctx;
    struct etl_verify_result *v = &c->v;
    if (!ask(c))
        return false;
    note_written(v, r);
    if (r->kind != ETL_KERNEL)
        return true;
    v->marks += r->hook == HOOK_MARK;
    v->creates += r->hook == HOOK_CREATE_HANDLE;
    v->closes += r->hook == HOOK_CLOSE_HANDLE;
    v->duplicates += r->hook == HOOK_DUPLICATE_HANDLE;
    v->handles_listed += r->hook == HOOK_HANDLE_DCEND;
    v->types_listed += r->hook == HOOK_TYPE_DCEND;
    count_type(v, r);
    name_type(v, r);
    v->stacks += r->hook == HOOK_STACK || r->hook == HOOK_STACK_KEY_KERNEL || r->hook == HOOK_STACK_KEY_USER;
    return true;
}

static bool judge(const struct etl_trace *t, const char *path, struct err *err)
{
    const struct etl_header *h = etl_header(t);
    const struct etl_stats *s = etl_stats(t);
    if (s->damaged_buffers) {
        err_set(err, ERR_FORMAT, "Checking %s, which has %llu damaged buffers", path,
                (unsigned long long)s->damaged_buffers);
        return err_remedy(err, "What can be read is still there: open it with care, or record again.");
    }
    if (s->truncated) {
        err_set(err, ERR_TRUNCATED, "Checking %s, which was not closed", path);
        return err_remedy(err, "Keep the raw parts, and save again.");
    }
    bool in_place = h->mode & (ETL_MODE_CIRCULAR | ETL_MODE_BUFFERING);
    if (!in_place && h->buffers_written != s->buffers) {
        err_set(err, ERR_MISMATCH, "Checking %s, which should have %u buffers and has %llu", path, h->buffers_written,
                (unsigned long long)s->buffers);
        return err_remedy(err, "Keep the raw parts, and save again.");
    }
    return true;
}

bool etl_verify(const char *path, struct etl_verify_result *out, struct err *err)
{
    return etl_verify_watched(path, NULL, NULL, out, err);
}

bool etl_verify_watched(const char *path, etl_go_on_fn *go_on, void *ctx, struct etl_verify_result *out,
                        struct err *err)
{
    struct etl_trace *t = NULL;
    if (!etl_open(path, &t, err))
        return false;
    struct count c = {.trace = t, .go_on = go_on, .ctx = ctx};
    bool ok = etl_scan(t, count, &c, err) && judge(t, path, err);
    if (ok) {
        *out = c.v;
        out->bytes = etl_size(t);
        out->buffers = etl_stats(t)->buffers;
        out->events = etl_stats(t)->events;
        out->losses_known = etl_knows_losses(t);
        out->events_lost = etl_header(t)->events_lost;
        out->buffers_lost = etl_header(t)->buffers_lost;
    }
    etl_close(t);
    return ok;
}
