/* What the nodes of a .wprp file mean: references and bases resolved, one profile taken. */
#include "core/profile/wprp_tree.h"

#include <stdlib.h>
#include <string.h>

#define MAX_BASES 16
#define MAX_USES  16 /* references to collectors in one profile */

static bool is(const struct wprp *w, size_t node, const char *element)
{
    return w->nodes[node].meant && strcmp(w->nodes[node].name, element) == 0;
}

static bool child_of(const struct wprp *w, size_t node, size_t parent, const char *element)
{
    return w->nodes[node].parent == parent && is(w, node, element);
}

/* Nodes stand in document order, so what lies below `node` follows it directly. */
static size_t end_of(const struct wprp *w, size_t node)
{
    size_t i = node + 1;
    while (i < w->node_count && w->nodes[i].parent != WPRP_NO_NODE && w->nodes[i].parent >= node)
        i++;
    return i;
}

static bool find_id(const struct wprp *w, const char *element, const char *id, size_t *out)
{
    for (size_t i = 0; i < w->id_count; i++)
        if (is(w, w->ids[i], element) && strcmp(wprp_find_attr(w, w->ids[i], "Id")->value, id) == 0) {
            *out = w->ids[i];
            return true;
        }
    return false;
}

/* A whole number in an attribute, from `least` to `most`. */
static bool number(struct wprp *w, size_t node, const char *attr, uint32_t least, uint32_t most, uint32_t *out,
                   struct err *err)
{
    const struct wprp_attr *a = wprp_find_attr(w, node, attr);
    uint64_t v = 0;
    size_t n = strlen(a->value);
    for (size_t i = 0; i < n; i++) {
        if (a->value[i] < '0' || a->value[i] > '9' || n > 18)
            return wprp_refuse(w, a->at, err, "%s=\"%s\" is not a number", attr, wprp_word(a->value).s);
        v = v * 10 + (uint64_t)(a->value[i] - '0');
    }
    if (!n || v < least || v > most)
        return wprp_refuse(w, a->at, err, "%s=\"%s\" of <%s> is not from %u to %u", attr, wprp_word(a->value).s,
                           w->nodes[node].name, least, most);
    *out = (uint32_t)v;
    return true;
}

/* The node and its bases, the node first. */
struct chain {
    size_t node[MAX_BASES];
    unsigned count;
};

static bool follow_bases(struct wprp *w, size_t node, struct chain *c, struct err *err)
{
    const char *element = w->nodes[node].name;
    c->count = 0;
    for (;;) {
        for (unsigned i = 0; i < c->count; i++)
            if (c->node[i] == node)
                return wprp_refuse(w, wprp_find_attr(w, node, "Base")->at, err, "Base leads back to \"%s\"",
                                   wprp_word(wprp_find_attr(w, node, "Id")->value).s);
        if (c->count == MAX_BASES)
            return wprp_refuse(w, w->nodes[node].at, err, "more than %d bases in a row", MAX_BASES);
        c->node[c->count++] = node;
        const struct wprp_attr *base = wprp_find_attr(w, node, "Base");
        if (!base || !base->value[0])
            return true;
        if (!find_id(w, element, base->value, &node))
            return wprp_refuse(w, base->at, err, "Base=\"%s\" is no <%s> of this file; built-in bases cannot be read",
                               wprp_word(base->value).s, element);
    }
}

static void other(struct wprp_flags *f, enum wprp_operation op, const char *kind, const char *name,
                  struct wprp_place at)
{
    unsigned i = 0;
    while (i < f->other_count && (f->others[i].kind != kind || strcmp(f->others[i].name, name) != 0))
        i++;
    if (op == WPRP_REMOVE) {
        if (i < f->other_count)
            f->others[i] = f->others[--f->other_count];
    } else if (i == f->other_count && i < WPRP_MAX_OTHERS) {
        f->others[i].kind = kind;
        f->others[i].name = name;
        f->others[i].at = at;
        f->other_count++;
    }
}

static void forget_others(struct wprp_flags *f, const char *kind)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < f->other_count; i++)
        if (f->others[i].kind != kind)
            f->others[kept++] = f->others[i];
    f->other_count = kept;
}

static const char keyword_kind[] = "keyword";
static const char stack_kind[] = "stack";

/* A group mask constant: the word in the top 3 bits, one or more bits below. */
static bool custom_keyword(struct wprp *w, struct wprp_flags *f, enum wprp_operation op, size_t node, struct err *err)
{
    const struct wprp_attr *a = wprp_find_attr(w, node, "Value");
    const char *hex = a->value;
    size_t n = strlen(hex);
    if (n < 3 || n > 10 || hex[0] != '0' || hex[1] != 'x' || strspn(hex + 2, "0123456789abcdefABCDEF") != n - 2)
        return wprp_refuse(w, a->at, err, "\"%s\" is not 0x and one to eight hexadecimal digits", wprp_word(hex).s);
    unsigned long v = strtoul(hex + 2, NULL, 16);
    if (v == 0x80000040ul)
        f->handle = op != WPRP_REMOVE;
    else if (v == 0 || (v & ~7ul) != 0) /* 1, 2 and 4: processes, threads and images, which are always recorded */
        other(f, op, keyword_kind, hex, a->at);
    return true;
}

static void keyword(struct wprp_flags *f, enum wprp_operation op, const char *name, struct wprp_place at)
{
    if (strcmp(name, "Handle") == 0)
        f->handle = op != WPRP_REMOVE;
    else if (strcmp(name, "ProcessThread") != 0 && strcmp(name, "Loader") != 0) /* always recorded */
        other(f, op, keyword_kind, name, at);
}

static void stack(struct wprp_flags *f, enum wprp_operation op, const char *name, struct wprp_place at)
{
    static const struct {
        const char *name;
        unsigned bit;
    } ours[] = {{"HandleCreate", PROFILE_STACK_CREATE},
                {"HandleClose", PROFILE_STACK_CLOSE},
                {"HandleDuplicate", PROFILE_STACK_DUPLICATE}};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (strcmp(ours[i].name, name) == 0) {
            f->stacks = op == WPRP_REMOVE ? f->stacks & ~ours[i].bit : f->stacks | ours[i].bit;
            return;
        }
    other(f, op, stack_kind, name, at);
}

/* Applies what stands in a provider or in a reference to one. */
static bool apply_provider(struct wprp *w, size_t provider, struct wprp_flags *f, struct err *err)
{
    size_t end = end_of(w, provider);
    enum wprp_operation op = WPRP_SET;
    for (size_t i = provider + 1; i < end; i++) {
        const struct wprp_attr *value = wprp_find_attr(w, i, "Value");
        if (child_of(w, i, provider, "Keywords")) {
            op = wprp_operation(w, i);
            if (op == WPRP_SET) {
                f->handle = false;
                forget_others(f, keyword_kind);
            }
        } else if (child_of(w, i, provider, "Stacks")) {
            op = wprp_operation(w, i);
            if (op == WPRP_SET) {
                f->stacks = 0;
                forget_others(f, stack_kind);
            }
        } else if (is(w, i, "Keyword")) {
            keyword(f, op, value->value, value->at);
        } else if (is(w, i, "Stack")) {
            stack(f, op, value->value, value->at);
        } else if (is(w, i, "CustomKeyword") && !custom_keyword(w, f, op, i, err)) {
            return false;
        }
    }
    return true;
}

static bool apply_provider_with_bases(struct wprp *w, size_t provider, struct wprp_flags *f, struct err *err)
{
    struct chain c;
    if (!follow_bases(w, provider, &c, err))
        return false;
    while (c.count)
        if (!apply_provider(w, c.node[--c.count], f, err))
            return false;
    return true;
}

static bool apply_setting(struct wprp *w, size_t i, struct wprp_reading *r, struct err *err)
{
    if (is(w, i, "BufferSize"))
        return number(w, i, "Value", PROFILE_BUFFER_KB_MIN, PROFILE_BUFFER_KB_MAX, &r->buffer_kb, err);
    if (is(w, i, "Buffers") && wprp_is_true(w, i, "PercentageOfTotalMemory")) {
        r->buffers = 0;
        return number(w, i, "Value", 1, 100, &r->memory_percent, err);
    }
    if (is(w, i, "Buffers")) {
        r->memory_percent = 0;
        return number(w, i, "Value", PROFILE_BUFFERS_MIN, PROFILE_BUFFERS_MAX, &r->buffers, err);
    }
    if (is(w, i, "StackCaching")) {
        r->stack_cache = true;
        return number(w, i, "CacheSize", 1, 1u << 20, &r->cache_kb, err) &&
               number(w, i, "BucketCount", 1, 1u << 20, &r->cache_buckets, err);
    }
    if (is(w, i, "MaximumFileSize")) {
        const struct wprp_attr *mode = wprp_find_attr(w, i, "FileMode");
        r->circular = !mode || strcmp(mode->value, "Circular") == 0;
        return number(w, i, "Value", 1, UINT32_MAX, &r->max_file_mb, err);
    }
    return true;
}

/* Applies the buffers and so on that stand in a collector or in a reference to one. */
static bool apply_collector(struct wprp *w, size_t collector, struct wprp_reading *r, struct err *err)
{
    if (wprp_find_attr(w, collector, "Realtime"))
        r->realtime = wprp_is_true(w, collector, "Realtime");
    size_t end = end_of(w, collector);
    for (size_t i = collector + 1; i < end; i++)
        if (w->nodes[i].parent == collector && w->nodes[i].meant && !apply_setting(w, i, r, err))
            return false;
    return true;
}

/* Each provider stands for itself; what any of them switches on is recorded. */
static void join(struct wprp_flags *to, const struct wprp_flags *from)
{
    to->handle = to->handle || from->handle;
    to->stacks |= from->stacks;
    for (unsigned i = 0; i < from->other_count; i++)
        other(to, WPRP_ADD, from->others[i].kind, from->others[i].name, from->others[i].at);
}

static bool apply_use_provider(struct wprp *w, size_t i, struct wprp_flags *all, struct err *err)
{
    struct wprp_flags f = {.handle = false};
    if (is(w, i, "SystemProvider")) {
        if (!apply_provider_with_bases(w, i, &f, err))
            return false;
    } else {
        const struct wprp_attr *value = wprp_find_attr(w, i, "Value");
        size_t provider = 0;
        if (!find_id(w, "SystemProvider", value->value, &provider))
            return wprp_refuse(w, value->at, err, "there is no <SystemProvider> \"%s\"", wprp_word(value->value).s);
        if (!apply_provider_with_bases(w, provider, &f, err) || !apply_provider(w, i, &f, err))
            return false;
    }
    join(all, &f);
    return true;
}

/* One <SystemCollectorId>: the collector it names with its bases, then what it says itself, then its provider. */
static bool apply_use(struct wprp *w, size_t use, struct wprp_reading *r, struct err *err)
{
    const struct wprp_attr *id = wprp_find_attr(w, use, "Value");
    size_t collector = 0;
    if (!find_id(w, "SystemCollector", id->value, &collector))
        return wprp_refuse(w, id->at, err, "there is no <SystemCollector> \"%s\"", wprp_word(id->value).s);
    struct chain c;
    if (!follow_bases(w, collector, &c, err))
        return false;
    while (c.count)
        if (!apply_collector(w, c.node[--c.count], r, err))
            return false;
    if (!apply_collector(w, use, r, err))
        return false;
    size_t end = end_of(w, use);
    for (size_t i = use + 1; i < end; i++)
        if ((child_of(w, i, use, "SystemProvider") || child_of(w, i, use, "SystemProviderId")) &&
            !apply_use_provider(w, i, &r->flags, err))
            return false;
    return true;
}

/* The references to system collectors that are in force after all bases and operations. */
struct uses {
    size_t node[MAX_USES];
    unsigned count;
};

static bool collect_uses(struct wprp *w, size_t collectors, struct uses *u, struct err *err)
{
    enum wprp_operation op = wprp_operation(w, collectors);
    if (op == WPRP_SET)
        u->count = 0;
    size_t end = end_of(w, collectors);
    for (size_t i = collectors + 1; i < end; i++) {
        if (!child_of(w, i, collectors, "SystemCollectorId"))
            continue;
        if (op == WPRP_REMOVE) {
            unsigned kept = 0;
            for (unsigned k = 0; k < u->count; k++)
                if (strcmp(wprp_find_attr(w, u->node[k], "Value")->value, wprp_find_attr(w, i, "Value")->value) != 0)
                    u->node[kept++] = u->node[k];
            u->count = kept;
        } else if (u->count == MAX_USES) {
            return wprp_refuse(w, w->nodes[i].at, err, "more than %d collectors in one profile", MAX_USES);
        } else {
            u->node[u->count++] = i;
        }
    }
    return true;
}

bool wprp_read_profile(struct wprp *w, size_t profile, struct wprp_reading *r, struct err *err)
{
    /* What WPR takes where a collector says nothing. */
    *r = (struct wprp_reading){.buffer_kb = 128, .buffers = 64};
    struct chain c;
    if (!follow_bases(w, profile, &c, err))
        return false;
    struct uses uses = {.count = 0};
    while (c.count) {
        size_t p = c.node[--c.count];
        size_t end = end_of(w, p);
        for (size_t i = p + 1; i < end; i++)
            if (child_of(w, i, p, "Collectors") && !collect_uses(w, i, &uses, err))
                return false;
    }
    for (unsigned i = 0; i < uses.count; i++) {
        const struct wprp_attr *first = wprp_find_attr(w, uses.node[0], "Value");
        const struct wprp_attr *id = wprp_find_attr(w, uses.node[i], "Value");
        if (strcmp(id->value, first->value) != 0)
            return wprp_refuse(w, id->at, err, "a second system collector \"%s\"", wprp_word(id->value).s);
        if (!apply_use(w, uses.node[i], r, err))
            return false;
    }
    return true;
}
