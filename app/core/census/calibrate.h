/* Finds out which type number in the system's handle list stands for which type name, and trusts no order.
 *
 * Thread: the census thread. The list of types and the list of handles number types differently (by two under Wine, not
 * at all on today's Windows), and nothing promises that this stays so. In order of trust:
 *   probed  a handle of the type was opened here and found in the list under its own (pid, value);
 *   offset  no handle of the type can be opened, but every probe agrees that the list's number is the listed index (or
 *           the place in the list) plus one constant, and the handles under that number are about as many as the type
 *           has;
 *   totals  exactly one type and one number that are left have this many handles, and it is not a small number.
 * Any other type stays unknown: its total is right, its holders cannot be told. */
#ifndef HR_CENSUS_CALIBRATE_H
#define HR_CENSUS_CALIBRATE_H

#include "core/census/counts.h"
#include "core/census/sys_backend.h"

enum calibrate_source { CALIBRATE_UNKNOWN, CALIBRATE_PROBED, CALIBRATE_OFFSET, CALIBRATE_TOTALS };

#define CALIBRATE_LEAST_PROBES 3  /* fewer agree by chance */
#define CALIBRATE_LEAST_TOTAL  16 /* handles; smaller totals are equal by chance */
#define CALIBRATE_SLACK        16 /* handles, or a quarter: what opens and closes between two looks */

/* The system's list of types, in its order. Zero is empty. */
struct calibrate_list {
    struct sys_type *row;
    size_t count;
    size_t cap;
    bool failed;
};
bool calibrate_types(const struct sys_backend *sys, struct calibrate_list *out, struct err *err);

struct calibrated {
    enum calibrate_source source;
    uint16_t number; /* in the handle list; undefined when unknown */
    unsigned doubts; /* looks in a row in which totals and handles did not fit */
    bool rejected;   /* three doubts: not to be guessed again the same way */
};

struct calibration {
    size_t count; /* as long as the list of types that it was made from */
    struct calibrated *type;
    unsigned char *known; /* a bit per number: in use when the calibration was made */
};

void calibrate_free(struct calibration *c);

/* Opens probes, walks the handle list once and works out the numbers. `scratch` is overwritten with that walk, without
 * the probes. On failure *c keeps what it had. */
bool calibrate_run(struct calibration *c, const struct sys_backend *sys, struct counts *scratch, struct err *err);

/* The same without a system: `probe` has a number for each type, or UINT32_MAX; `before` and `after` are the types
 * around the walk that filled `walk`. */
bool calibrate_resolve(struct calibration *c, const struct sys_type *before, const struct sys_type *after, size_t count,
                       const uint32_t *probe, const struct counts *walk, struct err *err);

/* Should it be made again? When the types are others, or the walk has a number that was not there then. */
bool calibrate_is_stale(const struct calibration *c, const struct calibrate_list *types, const struct counts *walk);

/* Compares the numbers that were not probed with the totals, after each walk: one that does not fit three times in a
 * row is unknown from then on. */
void calibrate_check(struct calibration *c, const struct calibrate_list *types, const struct counts *walk);

const char *calibrate_source_name(enum calibrate_source s); /* "probed", ... for people and JSON */

#endif
