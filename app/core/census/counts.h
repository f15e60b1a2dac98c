/* Adds up a walk through the system's handle list: handles per type number and per (process, type number).
 *
 * Thread: the census thread. Made for a million handles a walk: one table lookup per run of handles of a process. */
#ifndef HR_CENSUS_COUNTS_H
#define HR_CENSUS_COUNTS_H

#include "core/base/err.h"

#define COUNTS_NUMBERS 65536 /* type numbers are 16 bits wide */

/* A process in the walk, with `stride` counters at cell[slot * stride]. */
struct counts {
    uint16_t *column; /* number -> 1 + column, 0: never seen */
    uint16_t *number; /* column -> number */
    uint64_t *total;  /* column -> handles in this walk */
    size_t columns;   /* in use */
    size_t stride;    /* room for columns */
    uint32_t *pid;    /* slot -> process, in the order they were met */
    uint32_t *cell;   /* handles in this walk */
    size_t slots;     /* in use */
    size_t slot_cap;  /* room */
    uint32_t *bucket; /* hash of pid -> 1 + slot */
    size_t buckets;   /* a power of two */
    size_t last;      /* slot of the handle before: the system lists a process's handles together */
    uint64_t handles; /* in this walk */
    bool failed;      /* memory was short: nothing in here counts */
};

bool counts_init(struct counts *c, struct err *err);
void counts_free(struct counts *c);
/* Begins another walk; numbers seen keep their columns, memory is kept. */
void counts_begin(struct counts *c);
void counts_add(struct counts *c, uint32_t pid, uint16_t number);

uint64_t counts_of_number(const struct counts *c, uint16_t number);
/* Handles of one process; 0 when it holds none of this number. */
uint32_t counts_of(const struct counts *c, uint32_t pid, uint16_t number);

#endif
