/* Fits the slope of the last minute and looks at the floors of the last windows. */
#include "core/census/trend.h"

#include <string.h>

enum { QUIET_STEPS = 3 }; /* in a row: it has ended */

static const struct {
    uint32_t window_ms;
    unsigned steps;
    unsigned up_to_begin; /* steps that must go up */
    unsigned up_to_stay;
    uint32_t least_rise; /* handles, over all steps */
} scales[TREND_SCALES] = {
    {10000, 18, 16, 14, 18},
    {60000, 10, 9, 7, 10},
};

void trend_start(struct trend *t, uint64_t baseline)
{
    memset(t, 0, sizeof *t);
    t->baseline = baseline;
}

static uint32_t clamp(uint64_t v)
{
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static void judge(struct trend_scale *s, size_t which)
{
    unsigned steps = scales[which].steps;
    if (s->count <= steps) {
        s->growing = false;
        return;
    }
    unsigned up = 0;
    unsigned quiet = 0; /* steps at the end that do not go up */
    for (unsigned i = 1; i <= steps; i++) {
        bool goes_up = s->floors[i] > s->floors[i - 1];
        up += goes_up;
        quiet = goes_up ? 0 : quiet + 1;
    }
    bool rise = s->floors[steps] > s->floors[0] && s->floors[steps] - s->floors[0] >= scales[which].least_rise;
    bool grows =
        rise && quiet < QUIET_STEPS && up >= (s->growing ? scales[which].up_to_stay : scales[which].up_to_begin);
    if (grows && !s->growing)
        s->since = s->starts[0];
    s->growing = grows;
}

static void add_to_scale(struct trend_scale *s, size_t which, uint64_t now_ms, uint32_t value, bool first)
{
    if (first) {
        s->window_start = now_ms;
        s->floor = value;
        return;
    }
    if (now_ms - s->window_start < scales[which].window_ms) {
        if (value < s->floor)
            s->floor = value;
        return;
    }
    if (s->count == scales[which].steps + 1) {
        s->count--;
        memmove(s->floors, s->floors + 1, s->count * sizeof s->floors[0]);
        memmove(s->starts, s->starts + 1, s->count * sizeof s->starts[0]);
    }
    s->floors[s->count] = s->floor;
    s->starts[s->count++] = s->window_start;
    s->window_start = now_ms;
    s->floor = value;
    judge(s, which);
}

void trend_add(struct trend *t, uint64_t now_ms, uint64_t value)
{
    for (size_t i = 0; i < TREND_SCALES; i++)
        add_to_scale(&t->scale[i], i, now_ms, clamp(value), !t->started);
    t->started = true;
    t->now_ms = now_ms;
    t->value = value;
    if (value > t->peak)
        t->peak = value;
    t->point[t->next] = (struct trend_point){now_ms, value};
    t->next = (t->next + 1) % TREND_POINTS;
    if (t->points < TREND_POINTS)
        t->points++;
}

void trend_rebase(struct trend *t)
{
    t->baseline = t->value;
    t->peak = t->value;
}

int64_t trend_change(const struct trend *t)
{
    return (int64_t)(t->value - t->baseline);
}

struct snapshot_rate trend_rate(const struct trend *t)
{
    struct snapshot_rate rate = {false, 0};
    /* Relative to the newest point: large counts and long uptimes cost no precision. */
    double n = 0;
    double sx = 0;
    double sy = 0;
    double sxx = 0;
    double sxy = 0;
    uint64_t span = 0;
    for (unsigned i = 1; i <= t->points; i++) {
        const struct trend_point *p = &t->point[(t->next + TREND_POINTS - i) % TREND_POINTS];
        uint64_t age = t->now_ms - p->ms;
        if (age > TREND_SLOPE_MS)
            break;
        double x = -(double)age / 60000.0;
        double y = (double)(int64_t)(p->value - t->value);
        n += 1;
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        span = age;
    }
    double d = n * sxx - sx * sx;
    if (span < TREND_KNOWN_MS || n < 3 || d <= 0)
        return rate;
    rate.known = true;
    rate.per_minute = (n * sxy - sx * sy) / d;
    return rate;
}

enum snapshot_suspect trend_suspect(const struct trend *t, uint32_t *minutes)
{
    *minutes = 0;
    bool growing = false;
    for (size_t i = 0; i < TREND_SCALES; i++) {
        const struct trend_scale *s = &t->scale[i];
        if (!s->growing)
            continue;
        growing = true;
        uint32_t m = (uint32_t)((t->now_ms - s->since) / 60000);
        if (m > *minutes)
            *minutes = m;
    }
    return growing ? SNAPSHOT_GROWING : SNAPSHOT_CALM;
}
