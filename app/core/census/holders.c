/* Follows holdings by (process, start, type) from walk to walk. */
#include "core/census/holders.h"

#include <stdlib.h>
#include <string.h>

/* A holding and its past. */
struct holding {
    uint16_t type;
    uint32_t pid;
    uint64_t start;
    uint32_t process; /* place in `processes` of this walk */
    struct trend trend;
};

struct holders {
    struct sys_process *process; /* of this walk */
    size_t process_count;
    size_t process_cap;
    bool failed;              /* memory was short while listing them */
    uint32_t *process_bucket; /* hash of pid -> 1 + place */
    size_t process_buckets;

    struct holding *row;
    size_t count;
    size_t cap;
    uint32_t *bucket; /* hash of (pid, type) -> 1 + place */
    size_t buckets;
};

bool holders_create(struct holders **out, struct err *err)
{
    struct holders *h = calloc(1, sizeof *h);
    if (!h)
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    *out = h;
    return true;
}

void holders_destroy(struct holders *h)
{
    if (!h)
        return;
    free(h->process);
    free(h->process_bucket);
    free(h->row);
    free(h->bucket);
    free(h);
}

void holders_block_retain(struct holders_block *b)
{
    atomic_fetch_add(&b->refs, 1);
}

void holders_block_release(struct holders_block *b)
{
    if (b && atomic_fetch_sub(&b->refs, 1) == 1)
        free(b);
}

static size_t mix(uint64_t key, size_t buckets)
{
    return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (buckets - 1);
}

/* Makes an empty table of at least twice `count` places. */
static bool clear_buckets(uint32_t **bucket, size_t *buckets, size_t count)
{
    size_t want = *buckets ? *buckets : 256;
    while (want < count * 2)
        want *= 2;
    if (want != *buckets) {
        uint32_t *b = calloc(want, sizeof *b);
        if (!b)
            return false;
        free(*bucket);
        *bucket = b;
        *buckets = want;
        return true;
    }
    memset(*bucket, 0, want * sizeof **bucket);
    return true;
}

static void add_process(void *ctx, const struct sys_process *p)
{
    struct holders *h = ctx;
    if (h->process_count == h->process_cap) {
        size_t cap = h->process_cap ? h->process_cap * 2 : 256;
        struct sys_process *process = realloc(h->process, cap * sizeof *process);
        if (!process) {
            h->failed = true;
            return;
        }
        h->process = process;
        h->process_cap = cap;
    }
    h->process[h->process_count++] = *p;
}

static bool list_processes(struct holders *h, const struct sys_backend *sys, struct err *err)
{
    h->process_count = 0;
    h->failed = false;
    if (!sys->ops->processes(sys->self, add_process, h, err))
        return false;
    if (h->failed || !clear_buckets(&h->process_bucket, &h->process_buckets, h->process_count))
        return err_set(err, ERR_NO_MEMORY, "Listing processes");
    for (size_t i = 0; i < h->process_count; i++) {
        size_t at = mix(h->process[i].pid, h->process_buckets);
        while (h->process_bucket[at])
            at = (at + 1) & (h->process_buckets - 1);
        h->process_bucket[at] = (uint32_t)i + 1;
    }
    return true;
}

/* NULL: not in the list. */
static const struct sys_process *find_process(const struct holders *h, uint32_t pid, uint32_t *place)
{
    size_t at = mix(pid, h->process_buckets);
    while (h->process_bucket[at]) {
        *place = h->process_bucket[at] - 1;
        if (h->process[*place].pid == pid)
            return &h->process[*place];
        at = (at + 1) & (h->process_buckets - 1);
    }
    return NULL;
}

static uint64_t key_of(uint32_t pid, uint16_t type)
{
    return (uint64_t)pid << 16 | type;
}

static void put_row(struct holders *h, size_t i)
{
    size_t at = mix(key_of(h->row[i].pid, h->row[i].type), h->buckets);
    while (h->bucket[at])
        at = (at + 1) & (h->buckets - 1);
    h->bucket[at] = (uint32_t)i + 1;
}

static bool rebuild(struct holders *h, size_t room)
{
    if (!clear_buckets(&h->bucket, &h->buckets, room))
        return false;
    for (size_t i = 0; i < h->count; i++)
        put_row(h, i);
    return true;
}

/* Drops the holdings of processes that are gone; a pid that another process has now is such a one. */
static bool forget_ended(struct holders *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        struct holding *row = &h->row[i];
        const struct sys_process *p = find_process(h, row->pid, &row->process);
        if (!p || p->start != row->start)
            continue;
        if (kept != i)
            h->row[kept] = *row;
        kept++;
    }
    h->count = kept;
    return rebuild(h, h->count);
}

static struct holding *find_row(struct holders *h, uint32_t pid, uint16_t type)
{
    size_t at = mix(key_of(pid, type), h->buckets);
    while (h->bucket[at]) {
        struct holding *row = &h->row[h->bucket[at] - 1];
        if (row->pid == pid && row->type == type)
            return row;
        at = (at + 1) & (h->buckets - 1);
    }
    return NULL;
}

static bool add_row(struct holders *h, const struct sys_process *p, uint32_t place, uint16_t type, uint64_t baseline)
{
    if (h->count == h->cap) {
        size_t cap = h->cap ? h->cap * 2 : 1024;
        struct holding *row = realloc(h->row, cap * sizeof *row);
        if (!row)
            return false;
        h->row = row;
        h->cap = cap;
    }
    if (h->buckets < (h->count + 1) * 2 && !rebuild(h, (h->count + 1) * 2))
        return false;
    struct holding *row = &h->row[h->count];
    row->type = type;
    row->pid = p->pid;
    row->start = p->start;
    row->process = place;
    trend_start(&row->trend, baseline);
    put_row(h, h->count++);
    return true;
}

/* Adds what this walk met for the first time. */
static bool add_new(struct holders *h, const struct counts *walk, const struct holders_type *type, size_t types)
{
    for (size_t slot = 0; slot < walk->slots; slot++) {
        uint32_t place = 0;
        const struct sys_process *p = find_process(h, walk->pid[slot], &place);
        if (!p)
            continue; /* ended between the two lists */
        const uint32_t *cell = walk->cell + slot * walk->stride;
        for (size_t i = 0; i < types; i++) {
            size_t column = type[i].number <= UINT16_MAX ? walk->column[type[i].number] : 0;
            if (!column || !cell[column - 1] || find_row(h, p->pid, (uint16_t)i))
                continue;
            if (!add_row(h, p, place, (uint16_t)i, type[i].rebase ? cell[column - 1] : 0))
                return false;
        }
    }
    return true;
}

static void follow(struct holders *h, const struct counts *walk, const struct holders_type *type, uint64_t now_ms)
{
    for (size_t i = 0; i < h->count; i++) {
        struct holding *row = &h->row[i];
        uint32_t number = type[row->type].number;
        if (number > UINT16_MAX)
            continue; /* unknown now: its past stays, for when it is known again */
        trend_add(&row->trend, now_ms, counts_of(walk, row->pid, (uint16_t)number));
        if (type[row->type].rebase)
            trend_rebase(&row->trend);
    }
}

static int most_first(const void *a, const void *b)
{
    const struct snapshot_holding *x = a;
    const struct snapshot_holding *y = b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    if (x->open != y->open)
        return x->open > y->open ? -1 : 1;
    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static struct holders_block *make_block(const struct holders *h, const struct holders_type *type)
{
    struct holders_block *b = malloc(sizeof *b + h->count * sizeof b->row[0]);
    if (!b)
        return NULL;
    atomic_init(&b->refs, 1);
    b->count = 0;
    for (size_t i = 0; i < h->count; i++) {
        const struct holding *from = &h->row[i];
        if (!from->trend.value || type[from->type].number > UINT16_MAX)
            continue;
        struct snapshot_holding *to = &b->row[b->count++];
        memset(to, 0, sizeof *to);
        to->type = from->type;
        to->pid = from->pid;
        to->start = from->start;
        memcpy(to->process, h->process[from->process].name, sizeof to->process);
        to->open = from->trend.value;
        to->change = trend_change(&from->trend);
        to->rate = trend_rate(&from->trend);
        to->suspect = trend_suspect(&from->trend, &to->growing_minutes);
    }
    qsort(b->row, b->count, sizeof b->row[0], most_first);
    return b;
}

bool holders_update(struct holders *h, const struct sys_backend *sys, const struct counts *walk,
                    const struct holders_type *type, size_t types, uint64_t now_ms, struct holders_block **out,
                    struct err *err)
{
    if (!list_processes(h, sys, err))
        return false;
    struct holders_block *b = NULL;
    if (forget_ended(h) && add_new(h, walk, type, types)) {
        follow(h, walk, type, now_ms);
        b = make_block(h, type);
    }
    if (!b)
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    *out = b;
    return true;
}
