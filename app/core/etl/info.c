/* Counts the events of a trace by kind and gathers its facts. */
#include "core/etl/info.h"

#include "core/etl/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOOKS 0x10000u
/* A file with more kinds is no trace of a system; the table must not grow with every event of a crafted file. */
#define KINDS_MAX   0x100000u
#define SLOTS_LEAST 256u

/* Kernel events count in a plain array; the others in an open hash table, a power of two in size. */
struct counter {
    uint64_t *hooks;
    struct etl_count *slots;
    size_t slot_count;
    size_t used;
    uint64_t *by_header;
    size_t last; /* the slot found last: events come in runs */
    struct err *err;
};

static bool same(const struct etl_count *c, const struct etl_record *r)
{
    return c->kind == r->kind && c->id == r->id && c->opcode == r->opcode && !memcmp(c->provider, r->provider, 16);
}

static size_t hash(const uint8_t *provider, unsigned id, unsigned opcode)
{
    uint64_t h = le64(provider) ^ le64(provider + 8) * 0x9E3779B97F4A7C15u ^ ((uint64_t)id << 8 | opcode);
    h *= 0xFF51AFD7ED558CCDu;
    return (size_t)(h ^ h >> 29);
}

static bool grow(struct counter *c)
{
    size_t count = c->slot_count ? c->slot_count * 2 : SLOTS_LEAST;
    struct etl_count *slots = calloc(count, sizeof *slots);
    if (!slots)
        return err_set(c->err, ERR_NO_MEMORY, "Counting the events of a trace");
    for (size_t i = 0; i < c->slot_count; i++) {
        if (!c->slots[i].count)
            continue;
        size_t at = hash(c->slots[i].provider, c->slots[i].id, c->slots[i].opcode) & (count - 1);
        while (slots[at].count)
            at = (at + 1) & (count - 1);
        slots[at] = c->slots[i];
    }
    free(c->slots);
    c->slots = slots;
    c->slot_count = count;
    return true;
}

static bool count_other(struct counter *c, const struct etl_record *r)
{
    if (c->used && c->slots[c->last].count && same(&c->slots[c->last], r)) {
        c->slots[c->last].count++;
        return true;
    }
    if (c->used * 4 >= c->slot_count * 3 && !grow(c))
        return false;
    size_t at = hash(r->provider, r->id, r->opcode) & (c->slot_count - 1);
    while (c->slots[at].count && !same(&c->slots[at], r))
        at = (at + 1) & (c->slot_count - 1);
    c->last = at;
    if (c->slots[at].count++)
        return true;
    if (++c->used > KINDS_MAX)
        return err_set(c->err, ERR_RANGE, "Counting more than %u kinds of events", KINDS_MAX);
    c->slots[at].kind = r->kind;
    c->slots[at].id = r->id;
    c->slots[at].opcode = r->opcode;
    memcpy(c->slots[at].provider, r->provider, 16);
    return true;
}

static bool count_event(void *ctx, const struct etl_record *r)
{
    struct counter *c = ctx;
    c->by_header[r->header_type]++;
    if (r->kind != ETL_KERNEL)
        return count_other(c, r);
    c->hooks[r->hook]++;
    return true;
}

static int by_count(const void *left, const void *right)
{
    const struct etl_count *a = left;
    const struct etl_count *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->hook != b->hook)
        return a->hook < b->hook ? -1 : 1;
    int order = memcmp(a->provider, b->provider, 16);
    if (order)
        return order;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->opcode < b->opcode ? -1 : a->opcode > b->opcode;
}

/* One list of what was met, most frequent first. */
static bool list_counts(const struct counter *c, struct etl_info *info, struct err *err)
{
    size_t n = c->used;
    for (size_t i = 0; i < HOOKS; i++)
        n += c->hooks[i] != 0;
    info->counts = calloc(n ? n : 1, sizeof *info->counts);
    if (!info->counts)
        return err_set(err, ERR_NO_MEMORY, "Counting the events of a trace");
    size_t at = 0;
    for (size_t i = 0; i < HOOKS; i++)
        if (c->hooks[i])
            info->counts[at++] = (struct etl_count){.kind = ETL_KERNEL, .hook = (uint16_t)i, .count = c->hooks[i]};
    for (size_t i = 0; i < c->slot_count; i++)
        if (c->slots[i].count)
            info->counts[at++] = c->slots[i];
    info->count_count = at;
    if (at)
        qsort(info->counts, at, sizeof *info->counts, by_count);
    return true;
}

/* The string at the start of `*units` UTF-16 units; moves past it. */
static char *take_name(const uint8_t **p, size_t *units)
{
    size_t n = 0;
    while (n < *units && le16(*p + 2 * n))
        n++;
    struct text t = {0};
    text_add_utf16le(&t, *p, n, true);
    char *name = t.failed ? NULL : text_copy(text_str(&t));
    text_free(&t);
    size_t past = n < *units ? n + 1 : n;
    *p += 2 * past;
    *units -= past;
    return name;
}

static bool take_names(struct etl_info *info, const struct etl_header *h, struct err *err)
{
    const uint8_t *p = h->names;
    size_t units = h->names_size / 2;
    info->logger_name = take_name(&p, &units);
    info->file_name = take_name(&p, &units);
    info->header.names = NULL;
    info->header.names_size = 0;
    if (!info->logger_name || !info->file_name)
        return err_set(err, ERR_NO_MEMORY, "Reading the names in a trace");
    return true;
}

static bool read_all(struct etl_trace *t, struct etl_info *info, struct err *err)
{
    struct err reason = {0};
    struct counter c = {.hooks = calloc(HOOKS, sizeof *c.hooks), .by_header = info->by_header, .err = &reason};
    bool ok = c.hooks && grow(&c);
    if (!ok)
        err_set(&reason, ERR_NO_MEMORY, "Counting the events of a trace");
    ok = ok && etl_scan(t, count_event, &c, &reason) && list_counts(&c, info, &reason);
    free(c.hooks);
    free(c.slots);
    if (!ok && err && err->code == ERR_NONE)
        *err = reason;
    return ok;
}

bool etl_info_read(const char *path, struct etl_info *out, struct err *err)
{
    struct etl_trace *t = NULL;
    if (!etl_open(path, &t, err))
        return false;
    struct etl_info *info = calloc(1, sizeof *info);
    bool ok = info != NULL;
    if (!ok)
        err_set(err, ERR_NO_MEMORY, "Reading the trace %s", path);
    ok = ok && read_all(t, info, err);
    if (ok) {
        info->bytes = etl_size(t);
        info->header = *etl_header(t);
        info->stats = *etl_stats(t);
        info->losses_known = etl_knows_losses(t);
        ok = take_names(info, etl_header(t), err);
    }
    if (ok)
        *out = *info;
    else if (info)
        etl_info_free(info);
    free(info);
    etl_close(t);
    return ok;
}

void etl_info_free(struct etl_info *info)
{
    free(info->counts);
    free(info->logger_name);
    free(info->file_name);
    memset(info, 0, sizeof *info);
}

double etl_info_seconds(const struct etl_info *info)
{
    const struct etl_header *h = &info->header;
    if (h->end_time >= h->start_time && h->end_time <= INT64_MAX && h->end_time)
        return (double)(h->end_time - h->start_time) / 1e7;
    return (double)etl_time_since_start(h, info->stats.last_time) / 1e7;
}

bool etl_info_damaged(const struct etl_info *info)
{
    return info->stats.truncated || info->stats.damaged_buffers;
}

void etl_guid_text(const uint8_t guid[16], char out[ETL_GUID_TEXT])
{
    snprintf(out, ETL_GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", le32(guid), le16(guid + 4),
             le16(guid + 6), guid[8], guid[9], guid[10], guid[11], guid[12], guid[13], guid[14], guid[15]);
}
