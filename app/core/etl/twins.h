/* One event of a handle that two sessions recorded, a ring and its companion, each at its own time: finds such pairs.
 * One thread. */
#ifndef HR_ETL_TWINS_H
#define HR_ETL_TWINS_H

#include "core/base/err.h"
#include "core/etl/record.h"

/* Two sessions tell one event no further apart than a part of a second. */
#define TWINS_PER_SECOND 1000u

enum twins_side { TWINS_NEITHER, TWINS_RING, TWINS_COMPANION };

struct twins;

/* `second`: ticks of the clock. */
bool twins_open(uint64_t second, struct twins **out, struct err *err);
void twins_close(struct twins *t); /* NULL is fine */

/* False when the record says again what came already. Else *r may be changed to a copy, valid until the next call: a
 * stack whose event was left out belongs to the one that was kept. */
bool twins_pass(struct twins *t, enum twins_side side, const struct etl_record **r);

/* The other session told exactly this record as well, at the same time, and it came already. True: it was taken for the
 * twin of an earlier event that says the same and was left out, so this one counts after all. */
bool twins_again(struct twins *t, enum twins_side side, const struct etl_record *r);

#endif
