/* One census after another, without a thread and without a clock of its own: what the watcher's thread runs.
 *
 * Thread: the caller's, one at a time. */
#ifndef HR_CENSUS_CENSUS_H
#define HR_CENSUS_CENSUS_H

#include "core/census/calibrate.h"
#include "core/census/watcher.h"

/* The promise is that counting costs less than 5 % of one core. Totals are cheap and come every second; the walk
 * through all handles waits until it costs no more than its share. What is aimed at leaves room for a growing list. */
#define CENSUS_INTERVAL_NS   UINT64_C(1000000000)
#define CENSUS_TOTALS_SHARE  0.01
#define CENSUS_WALK_SHARE    0.03
#define CENSUS_RECALIBRATE_S 10 /* at most so often, for numbers that are new */

struct census;

bool census_create(const struct sys_backend *sys, struct census **out, struct err *err);
void census_destroy(struct census *c); /* NULL is fine; snapshots stay valid */

/* Counts and makes a snapshot with one reference for the caller. NULL only when memory is short; when the system gives
 * no counts, the snapshot says so. */
const struct snapshot *census_take(struct census *c, uint64_t now_ns, uint64_t filetime);

/* When the next one is due, in the time of `now_ns`. */
uint64_t census_due(const struct census *c);

/* `change` and `peak` count from the next one on. */
void census_reset_baseline(struct census *c);

/* Where the number of each type came from, in the order of the snapshots' types. */
enum calibrate_source census_source(const struct census *c, size_t type);

/* CPU time of the last totals and of the last walk, ns, and handles in that walk: for measurements. */
void census_cost(const struct census *c, uint64_t *totals_ns, uint64_t *walk_ns, uint64_t *handles);

#endif
