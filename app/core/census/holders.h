/* Every (process, type) that holds handles, followed over time.
 *
 * Thread: the census thread. */
#ifndef HR_CENSUS_HOLDERS_H
#define HR_CENSUS_HOLDERS_H

#include "core/base/thread.h"
#include "core/census/counts.h"
#include "core/census/trend.h"

struct holders;

/* Holdings as snapshots show them, shared by all snapshots between two walks. */
struct holders_block {
    atomic_uint refs;
    size_t count;
    struct snapshot_holding row[];
};

bool holders_create(struct holders **out, struct err *err);
void holders_destroy(struct holders *h);

/* How a walk is to be read for one type. */
struct holders_type {
    uint32_t number; /* in the handle list, UINT32_MAX: unknown */
    bool rebase;     /* what it shows now is the baseline; otherwise what is new counts from 0 */
};

/* After a walk: takes the processes from the system, follows every holding, forgets ended processes, and makes a new
 * block with one reference for the caller. */
bool holders_update(struct holders *h, const struct sys_backend *sys, const struct counts *walk,
                    const struct holders_type *type, size_t types, uint64_t now_ms, struct holders_block **out,
                    struct err *err);

void holders_block_retain(struct holders_block *b);
void holders_block_release(struct holders_block *b); /* NULL is fine */

#endif
