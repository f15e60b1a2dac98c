/* What a filter and stack switches make of measured costs. */
#include "core/record/span.h"

#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

static const unsigned switch_of[SPAN_ACTIONS] = {
    [SPAN_CREATE] = PROFILE_STACK_CREATE,
    [SPAN_CLOSE] = PROFILE_STACK_CLOSE,
    [SPAN_DUPLICATE] = PROFILE_STACK_DUPLICATE,
};

static bool has_tag(const uint32_t *tags, unsigned n, uint32_t tag)
{
    for (unsigned i = 0; i < n; i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static void add_cost(struct span_cost *to, const struct span_cost *from)
{
    to->events += from->events;
    to->event_bytes += from->event_bytes;
    to->stacks += from->stacks;
    to->stack_bytes += from->stack_bytes;
}

/* All stacks of a tag, or (tag NULL) of all. */
static struct span_cost sum_of(const struct span_rates *r, const struct span_tag *tag)
{
    struct span_cost sum = {.events = 0};
    for (unsigned i = 0; i < r->tag_count; i++)
        for (unsigned a = 0; a < SPAN_ACTIONS; a++)
            if (!tag || tag == &r->tags[i])
                add_cost(&sum, &r->tags[i].cost[a]);
    return sum;
}

/* Bytes of the stacks that `cost` would have with them. False: no stack was recorded to go by. */
static bool stack_bytes(const struct span_rates *r, const struct span_tag *tag, const struct span_cost *cost,
                        bool recorded, double *out)
{
    if (recorded || !cost->events) {
        *out = (double)cost->stack_bytes;
        return true;
    }
    struct span_cost like = sum_of(r, tag);
    if (!like.stacks)
        like = sum_of(r, NULL);
    if (!like.stacks)
        return false;
    *out = (double)like.stack_bytes / (double)like.stacks * (double)cost->events;
    return true;
}

/* Everything that was asked for is among what was recorded. */
static bool filter_measured(const struct span_rates *r, const struct profile *p)
{
    if (!r->filter_count)
        return true;
    for (unsigned i = 0; i < p->tag_count; i++)
        if (!has_tag(r->filter, r->filter_count, p->tags[i]))
            return false;
    return p->tag_count > 0;
}

/* Bytes and events of the measured time, with this filter and these stacks. */
static bool weigh(const struct span_rates *r, const struct profile *p, unsigned stacks, double *bytes, double *events)
{
    if (!(r->seconds > 0) || !filter_measured(r, p))
        return false;
    *bytes = (double)r->other_bytes;
    *events = 0;
    for (unsigned i = 0; i < r->tag_count; i++) {
        const struct span_tag *tag = &r->tags[i];
        if (p->tag_count && !has_tag(p->tags, p->tag_count, tag->tag))
            continue;
        for (unsigned a = 0; a < SPAN_ACTIONS; a++) {
            double more = 0;
            if ((stacks & switch_of[a]) && !stack_bytes(r, tag, &tag->cost[a], r->stacks & switch_of[a], &more))
                return false;
            *bytes += (double)tag->cost[a].event_bytes + more;
            *events += (double)tag->cost[a].events;
        }
    }
    return true;
}

uint64_t span_storage_bytes(const struct profile *p, uint64_t memory_bytes)
{
    if (p->storage != PROFILE_RING)
        return (uint64_t)p->max_file_mb << 20;
    if (p->buffers)
        return (uint64_t)p->buffers * p->buffer_kb * 1024;
    return memory_bytes / 100 * p->memory_percent;
}

bool span_estimate(const struct span_rates *r, const struct profile *p, uint64_t memory_bytes, struct span *out)
{
    double bytes = 0;
    double events = 0;
    if (!weigh(r, p, p->stacks, &bytes, &events) || !(bytes > 0))
        return false;
    out->bytes_per_second = bytes / r->seconds;
    out->events_per_minute = events / r->seconds * 60.0;
    out->seconds = (double)span_storage_bytes(p, memory_bytes) / out->bytes_per_second;
    return true;
}

bool span_of_switch(const struct span_rates *r, const struct profile *p, unsigned stack, uint64_t memory_bytes,
                    struct span_switch *out)
{
    double with = 0;
    double without = 0;
    double events = 0;
    if (!weigh(r, p, p->stacks | stack, &with, &events) || !weigh(r, p, p->stacks & ~stack, &without, &events) ||
        !(without > 0))
        return false;
    double room = (double)span_storage_bytes(p, memory_bytes);
    out->share = (with - without) / with;
    out->with_s = room * r->seconds / with;
    out->without_s = room * r->seconds / without;
    return true;
}

/* --- kept from one start to the next: lines of words and numbers --- */

#define HEAD "span 1"

static void print_tags(struct text *out, const uint32_t *tags, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        text_addf(out, " %08x", tags[i]);
}

void span_rates_print(const struct span_rates *r, struct text *out)
{
    /* Milliseconds: decimal points are not the same in every language. */
    text_addf(out, HEAD "\nmeasured %llu %u %llu", (unsigned long long)(r->seconds * 1000), r->stacks,
              (unsigned long long)r->other_bytes);
    print_tags(out, r->filter, r->filter_count);
    for (unsigned i = 0; i < r->tag_count; i++) {
        text_addf(out, "\ntag %08x", r->tags[i].tag);
        for (unsigned a = 0; a < SPAN_ACTIONS; a++) {
            const struct span_cost *c = &r->tags[i].cost[a];
            text_addf(out, " %llu %llu %llu %llu", (unsigned long long)c->events, (unsigned long long)c->event_bytes,
                      (unsigned long long)c->stacks, (unsigned long long)c->stack_bytes);
        }
    }
    text_add(out, "\nend\n");
}

struct words {
    const char *p;
    const char *end;
    bool ok;
};

static bool word(struct words *w, const char *s)
{
    size_t n = strlen(s);
    w->ok = w->ok && (size_t)(w->end - w->p) >= n && memcmp(w->p, s, n) == 0;
    if (w->ok)
        w->p += n;
    return w->ok;
}

static bool next_is(const struct words *w, char c)
{
    return w->ok && w->p < w->end && *w->p == c;
}

/* A space and a number in base 10 or 16. */
static uint64_t number(struct words *w, unsigned base)
{
    uint64_t v = 0;
    unsigned digits = 0;
    word(w, " ");
    for (; w->ok && w->p < w->end; w->p++, digits++) {
        char c = *w->p;
        unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
        if (d >= base)
            break;
        w->ok = v <= (UINT64_MAX - d) / base;
        v = v * base + d;
    }
    w->ok = w->ok && digits;
    return v;
}

static uint32_t number32(struct words *w, unsigned base)
{
    uint64_t v = number(w, base);
    w->ok = w->ok && v <= UINT32_MAX;
    return (uint32_t)v;
}

static void parse_tag(struct words *w, struct span_rates *r)
{
    struct span_tag *t = &r->tags[r->tag_count++];
    t->tag = number32(w, 16);
    for (unsigned a = 0; a < SPAN_ACTIONS; a++)
        t->cost[a] = (struct span_cost){number(w, 10), number(w, 10), number(w, 10), number(w, 10)};
    word(w, "\n");
}

bool span_rates_parse(const char *s, size_t size, struct span_rates *out)
{
    struct span_rates r = {.seconds = 0};
    struct words w = {s, s + size, true};
    if (!word(&w, HEAD "\nmeasured"))
        return false;
    r.seconds = (double)number(&w, 10) / 1000.0;
    r.stacks = number32(&w, 10);
    r.other_bytes = number(&w, 10);
    while (next_is(&w, ' ') && r.filter_count < PROFILE_MAX_TAGS)
        r.filter[r.filter_count++] = number32(&w, 16);
    word(&w, "\n");
    while (next_is(&w, 't') && r.tag_count < SPAN_TAGS && word(&w, "tag"))
        parse_tag(&w, &r);
    if (!word(&w, "end\n") || w.p != w.end)
        return false;
    *out = r;
    return true;
}
