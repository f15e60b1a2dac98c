/* One count over time: its slope, its change and peak since the baseline, and whether it grows as a leak does.
 *
 * Thread: none of its own; a series belongs to the census thread. Times are milliseconds of a clock that never goes
 * back; samples may come at any interval.
 *
 * The rule for "suspect". A leak differs from work that comes and goes in its floor: what is closed again brings the
 * count back down, a leak does not. So time is cut into windows and only each window's lowest value, its floor, is
 * looked at. A series grows steadily while, on one of two scales,
 *     fast: of the last 18 steps between the floors of 10-second windows at least 16 go up, by 18 handles in all or
 *           more (6 a minute): a leak that a person waits for, known after about three minutes;
 *     slow: of the last 10 steps between the floors of 60-second windows at least 9 go up, by 10 handles in all or
 *           more (1 a minute): a leak that takes days to hurt, known after about eleven minutes.
 * A count that merely wanders goes up in 16 of 18 steps about once in 1,500 looks, and even then seldom by so much;
 * one that jumps once and stays has a single step. Having begun, it stays suspect while 14 (fast) or 7 (slow) of the
 * steps go up and the least rise is kept, so that one quiet moment of a leak does not make the mark flicker; three
 * steps in a row that do not go up end it.
 * `growing_minutes` counts from the first of the floors with which the series first qualified. */
#ifndef HR_CENSUS_TREND_H
#define HR_CENSUS_TREND_H

#include "core/census/watcher.h"

#define TREND_SLOPE_MS  60000u /* the slope is that of the last minute */
#define TREND_KNOWN_MS  10000u /* and not told before so much of it was seen */
#define TREND_POINTS    64     /* room for it at one a second */
#define TREND_MAX_STEPS 18
#define TREND_SCALES    2

struct trend_scale {
    uint64_t window_start;                /* ms */
    uint32_t floor;                       /* of the open window */
    uint32_t floors[TREND_MAX_STEPS + 1]; /* of closed windows, oldest first */
    uint64_t starts[TREND_MAX_STEPS + 1]; /* when they began */
    unsigned count;
    bool growing;
    uint64_t since; /* ms, while growing */
};

struct trend {
    bool started;
    uint64_t value; /* the newest */
    uint64_t baseline;
    uint64_t peak; /* since the baseline */
    uint64_t now_ms;
    unsigned points; /* in the ring */
    unsigned next;
    struct trend_point {
        uint64_t ms;
        uint64_t value;
    } point[TREND_POINTS];
    struct trend_scale scale[TREND_SCALES];
};

/* `baseline` is what `change` counts from: the first value for what was there when counting began, 0 for what
 * appeared since. */
void trend_start(struct trend *t, uint64_t baseline);
void trend_add(struct trend *t, uint64_t now_ms, uint64_t value);
/* Change and peak count from the newest value on. */
void trend_rebase(struct trend *t);

int64_t trend_change(const struct trend *t);
struct snapshot_rate trend_rate(const struct trend *t);
enum snapshot_suspect trend_suspect(const struct trend *t, uint32_t *minutes);

#endif
