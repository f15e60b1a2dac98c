/* Applies handle events in order of time: the rules of the header. */
#include "core/ledger/ledger_inside.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Such values stand for the own process, thread or token. */
#define PSEUDO_HANDLE 0xFFFFFF00u

uint32_t ledger_add_life(struct ledger *l, const struct life *x)
{
    bool known = ledger_is_known(x->process);
    if (!known && !lives_need_objects(&l->lives))
        return LIFE_NONE;
    l->unknown_owners += known ? 0 : 1;
    return lives_add(&l->lives, x, known);
}

bool ledger_end_life(struct ledger *l, uint32_t id, int64_t closed, enum ledger_end end, uint32_t tid, uint32_t stack,
                     const char *name)
{
    const struct life *x = lives_at(&l->lives, id);
    bool ok = ledger_tell(l, x, closed, end, tid, stack, name);
    l->unknown_owners -= ledger_is_known(x->process) ? 0 : 1;
    lives_remove(&l->lives, id);
    return ok;
}

static inline struct slot_place place_of(const struct ledger *l, const struct delayed *e)
{
    return slots_find(&l->lives.slots, e->tag, e->process, e->handle);
}

static void remember(struct ledger *l, const struct delayed *e, const struct life *x)
{
    l->recent[l->recent_at++ % RECENT_CLOSES] = (struct recent_close){e->object, e->time, x->process, e->handle};
}

static const struct recent_close *recently_closed(const struct ledger *l, uint32_t process, uint32_t handle,
                                                  uint64_t object, int64_t time, int64_t ticks)
{
    for (uint32_t i = 0; i < RECENT_CLOSES; i++) {
        const struct recent_close *c = &l->recent[i];
        if (c->process == process && c->handle == handle && c->object == object && ledger_is_near(c->time, time, ticks))
            return c;
    }
    return NULL;
}

/* Tells of a life that a close ended, now or when it is clear what the close was part of. */
static bool tell_close(struct ledger *l, const struct life *x, const struct delayed *e)
{
    if (!ledger_is_known(x->process))
        return ledger_tell(l, x, e->time, LEDGER_CLOSED, e->tid, e->stack, e->name);
    if (!ledger_process_end_room(l, x->process))
        return false;
    bool dying = l->ends[x->process].dying;
    /* User code on the stack: the program did it, or another program. */
    if (!(e->stack & STACK_USER) && !dying)
        return ledger_hold(l, x, e);
    /* In the sweep, too: what was held back was not of it. */
    enum ledger_end end = e->stack & STACK_USER ? LEDGER_CLOSED : LEDGER_AT_EXIT;
    return ledger_release_run(l, x->process, LEDGER_CLOSED) &&
           ledger_tell(l, x, e->time, end, e->tid, e->stack, e->name);
}

static inline void write_life(struct life *x, const struct delayed *e, enum ledger_how how, uint8_t flags)
{
    *x = (struct life){.object = e->object,
                       .opened = e->time,
                       .process = e->process,
                       .actor = e->actor,
                       .handle = e->handle,
                       .tid = e->tid,
                       .stack = e->stack,
                       .type = e->type,
                       .flags = flags | LIFE_HOW(how)};
}

/* What is opened was closed already, by a clock that runs behind. */
static bool open_closed(struct ledger *l, const struct delayed *e, enum ledger_how how, struct early_close *early)
{
    struct life x;
    write_life(&x, e, how, LIFE_USED);
    bool ok = ledger_tell(l, &x, early->time, LEDGER_CLOSED, early->tid, early->stack, early->name);
    free(early->name);
    *early = l->early[--l->early_count];
    return ok;
}

static bool open_life(struct ledger *l, const struct delayed *e, enum ledger_how how)
{
    bool known = ledger_is_known(e->process);
    if (known && e->process < l->ends_room && l->ends[e->process].run_count && !l->ends[e->process].dying &&
        !ledger_release_run(l, e->process, LEDGER_CLOSED))
        return false;
    if (!lives_reserve(&l->lives))
        return false;
    struct slot_place place = place_of(l, e);
    if (lives_first(place) != LIFE_NONE) {
        if (!ledger_free_slot(l, e))
            return false;
        place = place_of(l, e);
    }
    struct early_close *early = l->early_count ? ledger_early_close(l, e) : NULL;
    if (early)
        return open_closed(l, e, how, early);
    if (!known && !lives_need_objects(&l->lives))
        return false;
    uint32_t id = lives_new(&l->lives);
    struct life *x = lives_at(&l->lives, id);
    write_life(x, e, how, known ? LIFE_USED | LIFE_IN_SLOTS : LIFE_USED);
    if (known)
        x->next = lives_enter(&l->lives, id, e->tag, place, e->process, e->handle);
    else
        l->unknown_owners++;
    return lives_chain_new(&l->lives, id);
}

/* The life that a close is of; LIFE_NONE: none. */
static bool find_closed(struct ledger *l, const struct delayed *e, struct slot_place place, uint32_t *id)
{
    ledger_in_slot(l, place, e->object, id);
    return *id || ledger_find_elsewhere(l, e, id);
}

static bool apply_close(struct ledger *l, const struct delayed *e)
{
    struct slot_place place = place_of(l, e);
    uint32_t id = lives_first(place);
    const struct life *x = id ? lives_at(&l->lives, id) : NULL;
    bool is_it = x && x->object == e->object && !x->next;
    if (!is_it) {
        if (!find_closed(l, e, place, &id))
            return false;
        if (!id)
            return ledger_hold_early(l, e);
        x = lives_at(&l->lives, id);
        place = lives_place(&l->lives, id);
    }
    remember(l, e, x);
    l->unknown_owners -= ledger_is_known(x->process) ? 0 : 1;
    bool ok = tell_close(l, x, e);
    lives_remove_at(&l->lives, id, place);
    return ok;
}

/* What a duplicate was made from existed, even if nobody saw how it came to be. */
static bool know_source(struct ledger *l, const struct delayed *e)
{
    if (!ledger_is_known(e->source_process) || e->source_handle >= PSEUDO_HANDLE || !e->source_handle)
        return true;
    uint32_t same = LIFE_NONE;
    uint32_t tag = slots_tag(e->source_process, e->source_handle);
    struct slot_place place = slots_find(&l->lives.slots, tag, e->source_process, e->source_handle);
    uint32_t newest = ledger_in_slot(l, place, e->object, &same);
    if (newest || same || ledger_is_dying(l, e->source_process) ||
        recently_closed(l, e->source_process, e->source_handle, e->object, e->time, l->second / SKEW_PER_SECOND + 1))
        return true;
    struct life x = {.object = e->object,
                     .opened = e->time,
                     .process = e->source_process,
                     .actor = e->source_process,
                     .handle = e->source_handle,
                     .tid = ETL_UNKNOWN_ID,
                     .type = e->type,
                     .flags = LIFE_SOURCE | LIFE_HOW(LEDGER_PREEXISTING)};
    return ledger_add_life(l, &x) != LIFE_NONE;
}

static bool apply_duplicate(struct ledger *l, const struct delayed *e, enum ledger_how *how)
{
    if (!know_source(l, e))
        return false;
    l->duplicates[l->duplicate_at++ % RECENT_DUPLICATES] =
        (struct recent_duplicate){e->object, e->source_process, e->source_handle, e->tid};
    const struct ledger_process *target = &l->processes.list[e->process];
    const struct ledger_process *source = &l->processes.list[e->source_process];
    bool inherited = e->source_handle == e->handle && e->source_process != e->process && !(e->handle >> 31) &&
                     (!target->parent_pid || target->parent_pid == source->pid);
    *how = inherited ? LEDGER_INHERITED : LEDGER_DUPLICATED;
    return true;
}

static bool tell_event(struct ledger *l, const struct delayed *e)
{
    static const uint8_t actions[] = {[DELAYED_CREATE] = ETL_HANDLE_CREATE,
                                      [DELAYED_CLOSE] = ETL_HANDLE_CLOSE,
                                      [DELAYED_DUPLICATE] = ETL_HANDLE_DUPLICATE,
                                      [DELAYED_LISTED] = ETL_HANDLE_LISTED};
    struct ledger_event event = {.time = e->time,
                                 .object = e->object,
                                 .action = actions[e->kind],
                                 .process = e->process,
                                 .tid = e->tid,
                                 .handle = e->handle,
                                 .source_process = e->source_process,
                                 .source_handle = e->source_handle,
                                 .stack = e->stack,
                                 .type = e->type,
                                 .name = e->name ? e->name : ""};
    if (l->sink.event(l->sink.ctx, &event))
        return true;
    l->stopped = true;
    return false;
}

static bool begin_end(struct ledger *l, uint32_t process)
{
    if (!ledger_is_known(process))
        return true;
    if (!ledger_process_end_room(l, process))
        return false;
    l->ends[process].dying = true;
    return true;
}

static bool release_old_early(struct ledger *l, int64_t time)
{
    int64_t skew = l->second / SKEW_PER_SECOND + 1;
    return time <= INT64_MIN + skew || ledger_release_early(l, time - skew);
}

/* What is no handle's. */
static bool apply_other(struct ledger *l, const struct delayed *e)
{
    if (e->kind != DELAYED_INVENTORY_END)
        return begin_end(l, e->process);
    l->inventory_ending = l->inventory_open;
    return true;
}

static bool apply(struct ledger *l, const struct delayed *e)
{
    enum ledger_how how = LEDGER_CREATED;
    if (l->early_count && !release_old_early(l, e->time))
        return false;
    if (e->kind > DELAYED_LISTED)
        return apply_other(l, e);
    l->counts.events++;
    if (l->sink.event && !tell_event(l, e))
        return false;
    if (e->kind == DELAYED_CLOSE)
        return apply_close(l, e);
    if (e->kind == DELAYED_LISTED)
        return ledger_list(l, e);
    if (e->kind == DELAYED_DUPLICATE && !apply_duplicate(l, e, &how))
        return false;
    return open_life(l, e, how);
}

/* How far the delayed events are looked ahead, so that memory is there when it is needed: they themselves, the key
 * of the slot's table, the slot, then the life that it leads to. */
#define AHEAD_EVENT 64u
#define AHEAD_TABLE 36u
#define AHEAD_SLOT  24u
#define AHEAD_LIFE  12u

bool ledger_apply_oldest(struct ledger *l)
{
    const struct delayed *e = delay_at(&l->delay, 0);
    /* Not at the ring's end: so few do not matter. */
    if (l->delay.count > AHEAD_EVENT && l->delay.first + AHEAD_EVENT < l->delay.room) {
        struct slot_place soon = place_of(l, &e[AHEAD_SLOT]);
        uint32_t sooner = lives_first(place_of(l, &e[AHEAD_LIFE]));
        MEMORY_PREFETCH(&e[AHEAD_EVENT]);
        MEMORY_PREFETCH(slots_likely(&l->lives.slots, e[AHEAD_TABLE].tag));
        if (soon.slot)
            MEMORY_PREFETCH(soon.slot);
        if (sooner) {
            MEMORY_PREFETCH(lives_at(&l->lives, sooner));
            MEMORY_PREFETCH(&lives_at(&l->lives, sooner)->flags); /* perhaps in the next line */
        }
    }
    bool ok = apply(l, e);
    delay_drop(&l->delay, e);
    return ok;
}
