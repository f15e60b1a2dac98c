/* Adds up a walk through the handle list in a table with a row per process and a column per type number. */
#include "core/census/counts.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_STRIDE = 96, FIRST_SLOTS = 512, NO_SLOT = -1 };

bool counts_init(struct counts *c, struct err *err)
{
    struct counts made = {.stride = FIRST_STRIDE, .slot_cap = FIRST_SLOTS, .buckets = (size_t)FIRST_SLOTS * 2};
    made.column = calloc(COUNTS_NUMBERS, sizeof *made.column);
    made.number = calloc(made.stride, sizeof *made.number);
    made.total = calloc(made.stride, sizeof *made.total);
    made.pid = calloc(made.slot_cap, sizeof *made.pid);
    made.cell = calloc(made.slot_cap * made.stride, sizeof *made.cell);
    made.bucket = calloc(made.buckets, sizeof *made.bucket);
    if (!made.column || !made.number || !made.total || !made.pid || !made.cell || !made.bucket) {
        counts_free(&made);
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    }
    *c = made;
    return true;
}

void counts_free(struct counts *c)
{
    free(c->column);
    free(c->number);
    free(c->total);
    free(c->pid);
    free(c->cell);
    free(c->bucket);
    memset(c, 0, sizeof *c);
}

void counts_begin(struct counts *c)
{
    memset(c->total, 0, c->stride * sizeof *c->total);
    memset(c->cell, 0, c->slots * c->stride * sizeof *c->cell);
    memset(c->bucket, 0, c->buckets * sizeof *c->bucket);
    c->slots = 0;
    c->last = 0;
    c->handles = 0;
    c->failed = false;
}

static size_t hash(uint32_t pid, size_t buckets)
{
    /* PIDs are multiples of four: the multiplication spreads them, the upper bits are the good ones. */
    return (size_t)((pid * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (buckets - 1);
}

static size_t find(const struct counts *c, uint32_t pid, size_t *at)
{
    size_t i = hash(pid, c->buckets);
    while (c->bucket[i]) {
        if (c->pid[c->bucket[i] - 1] == pid)
            return c->bucket[i] - 1;
        i = (i + 1) & (c->buckets - 1);
    }
    *at = i;
    return (size_t)NO_SLOT;
}

/* Doubles the room for processes. */
static bool grow_slots(struct counts *c)
{
    size_t cap = c->slot_cap * 2;
    uint32_t *pid = realloc(c->pid, cap * sizeof *pid);
    if (pid)
        c->pid = pid;
    uint32_t *cell = realloc(c->cell, cap * c->stride * sizeof *cell);
    if (cell)
        c->cell = cell;
    uint32_t *bucket = calloc(cap * 2, sizeof *bucket);
    if (!pid || !cell || !bucket) {
        free(bucket);
        return false;
    }
    memset(c->cell + c->slot_cap * c->stride, 0, (cap - c->slot_cap) * c->stride * sizeof *cell);
    free(c->bucket);
    c->bucket = bucket;
    c->buckets = cap * 2;
    c->slot_cap = cap;
    for (size_t slot = 0; slot < c->slots; slot++) {
        size_t at = 0;
        find(c, c->pid[slot], &at);
        c->bucket[at] = (uint32_t)slot + 1;
    }
    return true;
}

/* Doubles the room for type numbers; every row moves. */
static bool grow_columns(struct counts *c)
{
    size_t stride = c->stride * 2;
    uint16_t *number = realloc(c->number, stride * sizeof *number);
    if (number)
        c->number = number;
    uint64_t *total = realloc(c->total, stride * sizeof *total);
    if (total)
        c->total = total;
    uint32_t *cell = calloc(c->slot_cap * stride, sizeof *cell);
    if (!number || !total || !cell) {
        free(cell);
        return false;
    }
    memset(c->total + c->stride, 0, (stride - c->stride) * sizeof *total);
    for (size_t slot = 0; slot < c->slots; slot++)
        memcpy(cell + slot * stride, c->cell + slot * c->stride, c->stride * sizeof *cell);
    free(c->cell);
    c->cell = cell;
    c->stride = stride;
    return true;
}

static bool add_slot(struct counts *c, uint32_t pid, size_t at)
{
    if (c->slots == c->slot_cap) {
        if (!grow_slots(c))
            return false;
        find(c, pid, &at);
    }
    c->pid[c->slots] = pid;
    c->bucket[at] = (uint32_t)c->slots + 1;
    c->last = c->slots++;
    return true;
}

static bool add_column(struct counts *c, uint16_t number)
{
    if (c->columns == c->stride && !grow_columns(c))
        return false;
    c->number[c->columns] = number;
    c->column[number] = (uint16_t)++c->columns;
    return true;
}

void counts_add(struct counts *c, uint32_t pid, uint16_t number)
{
    if (c->failed)
        return;
    if (c->last >= c->slots || c->pid[c->last] != pid) {
        size_t at = 0;
        size_t slot = find(c, pid, &at);
        if (slot != (size_t)NO_SLOT)
            c->last = slot;
        else if (!add_slot(c, pid, at))
            c->failed = true;
    }
    if (!c->failed && !c->column[number] && !add_column(c, number))
        c->failed = true;
    if (c->failed)
        return;
    size_t column = c->column[number] - 1u;
    c->cell[c->last * c->stride + column]++;
    c->total[column]++;
    c->handles++;
}

uint64_t counts_of_number(const struct counts *c, uint16_t number)
{
    return c->column[number] ? c->total[c->column[number] - 1u] : 0;
}

uint32_t counts_of(const struct counts *c, uint32_t pid, uint16_t number)
{
    size_t at = 0;
    size_t slot = find(c, pid, &at);
    if (slot == (size_t)NO_SLOT || !c->column[number])
        return 0;
    return c->cell[slot * c->stride + c->column[number] - 1u];
}
