/* Works out type numbers from probes, then from a common offset, then from equal totals. */
#include "core/census/calibrate.h"

#include <stdlib.h>
#include <string.h>

#define NO_NUMBER UINT32_MAX
#define NO_PROBE  UINT32_MAX

static void add_type(void *ctx, const struct sys_type *t)
{
    struct calibrate_list *list = ctx;
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 96;
        struct sys_type *row = realloc(list->row, cap * sizeof *row);
        if (!row) {
            list->failed = true;
            return;
        }
        list->row = row;
        list->cap = cap;
    }
    list->row[list->count++] = *t;
}

bool calibrate_types(const struct sys_backend *sys, struct calibrate_list *out, struct err *err)
{
    out->count = 0;
    out->failed = false;
    if (!sys->ops->types(sys->self, add_type, out, err))
        return false;
    if (out->failed)
        return err_set(err, ERR_NO_MEMORY, "Listing handle types");
    return true;
}

void calibrate_free(struct calibration *c)
{
    free(c->type);
    free(c->known);
    memset(c, 0, sizeof *c);
}

static bool bit(const unsigned char *bits, uint32_t n)
{
    return bits[n >> 3] >> (n & 7) & 1;
}

static void set_bit(unsigned char *bits, uint32_t n)
{
    bits[n >> 3] = (unsigned char)(bits[n >> 3] | 1u << (n & 7));
}

static bool fits(uint64_t handles, uint64_t total)
{
    uint64_t apart = handles > total ? handles - total : total - handles;
    return apart <= CALIBRATE_SLACK || apart <= total / 4;
}

/* What one calibration works with. */
struct work {
    struct calibrated *type;
    unsigned char *taken; /* a bit per number that some type has */
    const struct sys_type *before;
    const struct sys_type *after;
    size_t count;
    const struct counts *walk;
};

static void assign(struct work *w, size_t i, uint16_t number, enum calibrate_source source)
{
    w->type[i].source = source;
    w->type[i].number = number;
    set_bit(w->taken, number);
}

static size_t take_probes(struct work *w, const uint32_t *probe)
{
    size_t proven = 0;
    for (size_t i = 0; i < w->count; i++) {
        bool alone = probe[i] <= UINT16_MAX;
        /* Two types under one number: the list does not tell them apart, so neither is known. */
        for (size_t k = 0; alone && k < w->count; k++)
            alone = k == i || probe[k] != probe[i];
        if (!alone)
            continue;
        assign(w, i, (uint16_t)probe[i], CALIBRATE_PROBED);
        proven++;
    }
    return proven;
}

/* The constant between the list's numbers and the listed index (or the place) that all probes agree on. */
static bool common_offset(const struct work *w, bool by_place, long *offset)
{
    bool any = false;
    for (size_t i = 0; i < w->count; i++) {
        if (w->type[i].source != CALIBRATE_PROBED)
            continue;
        long base = by_place ? (long)i : (long)w->before[i].listed_index;
        long k = (long)w->type[i].number - base;
        if (any && k != *offset)
            return false;
        *offset = k;
        any = true;
    }
    return any;
}

static void take_offset(struct work *w)
{
    long offset = 0;
    bool by_place = false;
    if (!common_offset(w, false, &offset)) {
        by_place = true;
        if (!common_offset(w, true, &offset))
            return;
    }
    for (size_t i = 0; i < w->count; i++) {
        if (w->type[i].source != CALIBRATE_UNKNOWN || w->type[i].rejected)
            continue;
        long number = offset + (by_place ? (long)i : (long)w->before[i].listed_index);
        if (number < 0 || number > UINT16_MAX || bit(w->taken, (uint32_t)number))
            continue;
        uint64_t handles = counts_of_number(w->walk, (uint16_t)number);
        /* Some and none are never alike, however few: when the number shows up later, it is looked at again. */
        if (fits(handles, w->after[i].handles) && (handles != 0) == (w->after[i].handles != 0))
            assign(w, i, (uint16_t)number, CALIBRATE_OFFSET);
    }
}

/* The one number left that has as many handles as type `i`; NO_NUMBER when there is none or more than one. */
static uint32_t number_with_total(const struct work *w, size_t i)
{
    uint32_t found = NO_NUMBER;
    for (size_t column = 0; column < w->walk->columns; column++) {
        uint16_t number = w->walk->number[column];
        if (bit(w->taken, number) || w->walk->total[column] != w->after[i].handles)
            continue;
        if (found != NO_NUMBER)
            return NO_NUMBER;
        found = number;
    }
    return found;
}

static bool total_is_telling(const struct work *w, size_t i)
{
    if (w->type[i].source != CALIBRATE_UNKNOWN || w->type[i].rejected)
        return false;
    if (w->after[i].handles < CALIBRATE_LEAST_TOTAL || w->before[i].handles != w->after[i].handles)
        return false;
    for (size_t k = 0; k < w->count; k++)
        if (k != i && w->type[k].source == CALIBRATE_UNKNOWN && w->after[k].handles == w->after[i].handles)
            return false;
    return true;
}

static void take_totals(struct work *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (!total_is_telling(w, i))
            continue;
        uint32_t number = number_with_total(w, i);
        if (number != NO_NUMBER)
            assign(w, i, (uint16_t)number, CALIBRATE_TOTALS);
    }
}

bool calibrate_resolve(struct calibration *c, const struct sys_type *before, const struct sys_type *after, size_t count,
                       const uint32_t *probe, const struct counts *walk, struct err *err)
{
    struct work w = {.before = before, .after = after, .count = count, .walk = walk};
    w.type = calloc(count ? count : 1, sizeof *w.type);
    w.taken = calloc(COUNTS_NUMBERS / 8, 1);
    unsigned char *known = calloc(COUNTS_NUMBERS / 8, 1);
    if (!w.type || !w.taken || !known) {
        free(w.type);
        free(w.taken);
        free(known);
        return err_set(err, ERR_NO_MEMORY, "Finding the numbers of handle types");
    }
    for (size_t i = 0; i < count && c->count == count; i++)
        w.type[i].rejected = c->type[i].rejected;
    size_t proven = take_probes(&w, probe);
    if (proven >= CALIBRATE_LEAST_PROBES)
        take_offset(&w);
    take_totals(&w);
    memcpy(known, w.taken, COUNTS_NUMBERS / 8);
    for (size_t column = 0; column < walk->columns; column++)
        set_bit(known, walk->number[column]);
    free(w.taken);
    calibrate_free(c);
    c->count = count;
    c->type = w.type;
    c->known = known;
    return true;
}

/* Our own handles among all: which number has which of the probes? */
struct probe_walk {
    struct counts *counts;
    uint32_t own_pid;
    size_t count;
    const uint32_t *handle; /* of each type, NO_PROBE without one */
    uint32_t *number;       /* found, NO_NUMBER without one */
};

static void see_handle(void *ctx, uint32_t pid, uint32_t handle, uint16_t number)
{
    struct probe_walk *p = ctx;
    for (size_t i = 0; pid == p->own_pid && i < p->count; i++) {
        if (p->handle[i] != handle)
            continue;
        p->number[i] = number;
        return; /* a probe is no handle that anybody wants to see counted */
    }
    counts_add(p->counts, pid, number);
}

static bool walk_with_probes(const struct sys_backend *sys, const struct calibrate_list *types, struct counts *scratch,
                             uint32_t *handle, uint32_t *number, struct err *err)
{
    for (size_t i = 0; i < types->count; i++) {
        struct err ignored = {0}; /* a type that cannot be opened is worked out another way */
        number[i] = NO_NUMBER;
        if (!sys->ops->open_probe(sys->self, types->row[i].name, &handle[i], &ignored))
            handle[i] = NO_PROBE;
    }
    struct probe_walk p = {scratch, sys->ops->own_pid(sys->self), types->count, handle, number};
    counts_begin(scratch);
    bool ok = sys->ops->handles(sys->self, see_handle, &p, err);
    for (size_t i = 0; i < types->count; i++)
        if (handle[i] != NO_PROBE)
            sys->ops->close_probe(sys->self, handle[i]);
    if (ok && scratch->failed)
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    return ok;
}

/* Opening a probe can bring a type into being: the list must have the same length on both sides of the walk. */
static bool same_types(const struct calibrate_list *a, const struct calibrate_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->row[i].name, b->row[i].name) != 0)
            return false;
    return true;
}

bool calibrate_run(struct calibration *c, const struct sys_backend *sys, struct counts *scratch, struct err *err)
{
    struct calibrate_list before = {0};
    struct calibrate_list after = {0};
    uint32_t *handle = NULL;
    uint32_t *number = NULL;
    bool ok = calibrate_types(sys, &before, err);
    for (int attempt = 0; ok && attempt < 3; attempt++) {
        free(handle);
        free(number);
        handle = calloc(before.count + 1, sizeof *handle);
        number = calloc(before.count + 1, sizeof *number);
        if (!handle || !number) {
            ok = err_set(err, ERR_NO_MEMORY, "Finding the numbers of handle types");
            break;
        }
        ok = walk_with_probes(sys, &before, scratch, handle, number, err) && calibrate_types(sys, &after, err);
        if (!ok || same_types(&before, &after))
            break;
        struct calibrate_list swap = before;
        before = after;
        after = swap;
        ok = attempt < 2 || err_set(err, ERR_BUSY, "Finding the numbers of handle types");
    }
    if (ok && number && before.row && after.row)
        ok = calibrate_resolve(c, before.row, after.row, before.count, number, scratch, err);
    free(before.row);
    free(after.row);
    free(handle);
    free(number);
    return ok;
}

bool calibrate_is_stale(const struct calibration *c, const struct calibrate_list *types, const struct counts *walk)
{
    if (!c->known || c->count != types->count)
        return true;
    for (size_t column = 0; column < walk->columns; column++)
        if (walk->total[column] && !bit(c->known, walk->number[column]))
            return true;
    return false;
}

void calibrate_check(struct calibration *c, const struct calibrate_list *types, const struct counts *walk)
{
    for (size_t i = 0; i < c->count && i < types->count; i++) {
        struct calibrated *t = &c->type[i];
        if (t->source != CALIBRATE_OFFSET && t->source != CALIBRATE_TOTALS)
            continue;
        if (fits(counts_of_number(walk, t->number), types->row[i].handles)) {
            t->doubts = 0;
            continue;
        }
        if (++t->doubts < 3)
            continue;
        t->source = CALIBRATE_UNKNOWN;
        t->rejected = true;
    }
}

const char *calibrate_source_name(enum calibrate_source s)
{
    static const char *const names[] = {"unknown", "probed", "offset", "totals"};
    return (size_t)s < sizeof names / sizeof names[0] ? names[s] : names[0];
}
