/* A sorted list of who had which handle when. */
#include "core/report/dump_lives.h"

#include "core/ledger/grow.h"

#include <stdlib.h>

bool dump_lives_put(struct dump_lives *l, const struct ledger_life *life)
{
    if (!grow_array(&l->list, &l->room, l->count + 1, sizeof *l->list))
        return false;
    l->list[l->count++] = (struct dump_life){life->opened, life->closed, life->process, life->handle};
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct dump_life *a = left;
    const struct dump_life *b = right;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    if (a->handle != b->handle)
        return a->handle < b->handle ? -1 : 1;
    return (a->opened > b->opened) - (a->opened < b->opened);
}

void dump_lives_sort(struct dump_lives *l)
{
    if (l->count)
        qsort(l->list, l->count, sizeof *l->list, compare);
}

bool dump_lives_has(const struct dump_lives *l, uint32_t process, uint32_t handle, int64_t time)
{
    const struct dump_life wanted = {.opened = time, .process = process, .handle = handle};
    uint32_t low = 0;
    uint32_t high = l->count;
    while (low < high) { /* behind the last one that was opened by then */
        uint32_t mid = low + (high - low) / 2;
        if (compare(&l->list[mid], &wanted) <= 0)
            low = mid + 1;
        else
            high = mid;
    }
    /* Not only the last: the close of one may come after its value is in use again. */
    for (uint32_t i = low; i-- > 0 && l->list[i].process == process && l->list[i].handle == handle;)
        if (l->list[i].closed >= time)
            return true;
    return false;
}

void dump_lives_free(struct dump_lives *l)
{
    free(l->list);
    *l = (struct dump_lives){0};
}
