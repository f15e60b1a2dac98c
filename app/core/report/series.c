/* Counts changes in steps; when the steps do not reach, two become one. */
#include "core/report/series.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

void series_start(struct series *s, int64_t start, int64_t second)
{
    memset(s, 0, sizeof *s);
    s->start = start;
    s->width = second > 1000 ? (uint64_t)second / 1000 : 1;
}

static void fold(struct series *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        int32_t *c = s->rows[i].change;
        for (uint32_t k = 0; k < SERIES_STEPS / 2; k++)
            c[k] = c[(size_t)2 * k] + c[(size_t)2 * k + 1];
        memset(c + (size_t)SERIES_STEPS / 2, 0, SERIES_STEPS / 2 * sizeof *c);
    }
    s->width *= 2;
}

static uint32_t step_of(struct series *s, int64_t time)
{
    uint64_t since = time > s->start ? (uint64_t)time - (uint64_t)s->start : 0;
    while (since / s->width >= SERIES_STEPS)
        fold(s);
    return (uint32_t)(since / s->width);
}

static struct series_row *row_of(struct series *s, uint32_t process, uint16_t type)
{
    for (uint32_t i = 0; i < s->count; i++) {
        uint32_t at = s->last + i < s->count ? s->last + i : s->last + i - s->count;
        if (s->rows[at].process == process && s->rows[at].type == type) {
            s->last = at;
            return &s->rows[at];
        }
    }
    if (!grow_array(&s->rows, &s->room, s->count + 1, sizeof *s->rows))
        return NULL;
    s->rows[s->count] = (struct series_row){.process = process, .type = type};
    s->last = s->count;
    return &s->rows[s->count++];
}

bool series_take(struct series *s, const struct ledger_life *life)
{
    struct series_row *row = row_of(s, life->process, life->type);
    if (!row)
        return false;
    /* When it was lost is not known: it is not counted as open at all. */
    if (life->end == LEDGER_LOST_CLOSE && life->closed == INT64_MAX)
        return true;
    if (life->how == LEDGER_PREEXISTING)
        row->before++;
    else
        row->change[step_of(s, life->opened)]++;
    if (life->end != LEDGER_OPEN && life->closed != INT64_MAX)
        row->change[step_of(s, life->closed)]--;
    return true;
}

void series_free(struct series *s)
{
    free(s->rows);
    memset(s, 0, sizeof *s);
}
