/* Keeps processes apart that had the same pid one after the other. */
#include "core/ledger/processes.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* A handle or image may be logged a little before its process's start. */
#define EARLY_SECONDS 1

static uint32_t *slot_of(const struct processes *p, uint32_t pid)
{
    uint32_t at = (uint32_t)hash_mix(pid) & (p->slot_count - 1);
    while (p->slots[at] && p->list[p->slots[at]].pid != pid)
        at = (at + 1) & (p->slot_count - 1);
    return &p->slots[at];
}

static bool rehash(struct processes *p)
{
    uint32_t *old = p->slots;
    uint32_t count = p->slot_count;
    uint32_t more = count ? count * 2 : 256;
    uint32_t *slots = more ? calloc(more, sizeof *slots) : NULL;
    if (!slots)
        return false;
    p->slots = slots;
    p->slot_count = more;
    for (uint32_t i = 0; i < count; i++)
        if (old[i])
            *slot_of(p, p->list[old[i]].pid) = old[i];
    free(old);
    return true;
}

/* Pids are multiples of four. */
static uint32_t recent_of(uint32_t pid)
{
    return pid / 4 % PROCESSES_RECENT;
}

static void answer(struct processes *p, uint32_t pid, uint32_t process)
{
    p->recent[recent_of(pid)].pid = pid;
    p->recent[recent_of(pid)].process = process;
}

static bool add(struct processes *p, uint32_t pid, int64_t time, uint32_t *index)
{
    if ((uint64_t)p->slots_used * 4 >= (uint64_t)p->slot_count * 3 && !rehash(p))
        return false;
    if (!grow_array(&p->list, &p->room, p->count + 1, sizeof *p->list))
        return false;
    p->list[p->count] = (struct ledger_process){.pid = pid, .since = INT64_MIN, .until = INT64_MAX, .met = time};
    uint32_t *slot = slot_of(p, pid);
    p->slots_used += *slot == 0;
    *slot = p->count++;
    answer(p, pid, *slot);
    *index = *slot;
    return true;
}

bool processes_start(struct processes *p)
{
    if (!rehash(p) || !grow_array(&p->list, &p->room, 1, sizeof *p->list))
        return false;
    p->list[0] = (struct ledger_process){.pid = ETL_UNKNOWN_ID, .since = INT64_MIN, .until = INT64_MAX};
    p->count = 1;
    return true;
}

bool processes_find(struct processes *p, uint32_t pid, int64_t time, uint32_t *index)
{
    if (pid == ETL_UNKNOWN_ID) {
        *index = PROCESS_UNKNOWN;
        return true;
    }
    uint32_t found = *slot_of(p, pid);
    if (!found)
        return add(p, pid, time, index);
    answer(p, pid, found);
    *index = found;
    return true;
}

static bool is_another(const struct ledger_process *known, const struct ledger_process *told, bool start, int64_t time,
                       int64_t second)
{
    if (!known->told)
        /* Met, but never introduced: whoever it was before a start is not the one that starts. */
        return start && (known->ended || time - known->met > EARLY_SECONDS * second);
    if (known->key && told->key && known->key != told->key)
        return true;
    if (known->name && told->name && known->name != told->name)
        return true;
    /* Two sessions tell of one start at nearly one time. */
    return start && (known->ended || !known->began || time - known->since > EARLY_SECONDS * second);
}

bool processes_event(struct processes *p, struct names *names, const struct etl_process_event *e, int64_t time,
                     int64_t second, uint32_t *index, bool *ended)
{
    struct ledger_process told = {.key = e->key, .pid = e->pid};
    uint32_t i = 0;
    bool start = e->life == ETL_LIFE_START;
    *ended = false;
    if (!names_put_ansi(names, e->image, e->image_size, &told.name) || !processes_at(p, e->pid, time, &i))
        return false;
    if (i && is_another(&p->list[i], &told, start, time, second)) {
        *index = PROCESS_UNKNOWN;
        if (e->life == ETL_LIFE_DEFUNCT)
            return true; /* long gone; its pid is in use again */
        if (!p->list[i].ended)
            p->list[i].until = time;
        p->list[i].ended = true;
        if (!add(p, e->pid, time, &i))
            return false;
    }
    *index = i;
    if (!i)
        return true;
    struct ledger_process *known = &p->list[i];
    known->told = true;
    known->key = e->key ? e->key : known->key;
    known->name = told.name ? told.name : known->name;
    known->parent_pid = e->parent_pid ? e->parent_pid : known->parent_pid;
    if (start && !known->began) {
        known->began = true;
        known->since = time;
    }
    if ((e->life == ETL_LIFE_END || e->life == ETL_LIFE_DEFUNCT) && !known->ended) {
        known->ended = true;
        known->until = time;
        *ended = true;
    }
    return true;
}

void processes_free(struct processes *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        image_map_free(&p->list[i].images);
    free(p->list);
    free(p->slots);
    memset(p, 0, sizeof *p);
}
