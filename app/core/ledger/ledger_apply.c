/* Applies handle events in order of time: the rules of the header. */
#include "core/ledger/ledger_inside.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Such values stand for the own process, thread or token. */
#define PSEUDO_HANDLE 0xFFFFFF00u
/* Lives of one slot that wait for late closes; with more of them the oldest one's close is lost. */
#define WAITING_MAX 8

/* What is in an owner's slot. */
struct occupants {
    uint32_t newest;
    uint32_t same; /* the object's, the oldest */
    uint32_t same_at;
    uint32_t vacant; /* where another life would be entered */
};

static inline struct occupants look(const struct ledger *l, uint32_t tag, uint32_t process, uint32_t handle,
                                    uint64_t object)
{
    struct life_search s = lives_search(&l->lives, tag);
    struct occupants o = {LIFE_NONE, LIFE_NONE, 0, 0};
    for (uint32_t id; (id = lives_next(&l->lives, &s, process, handle)) != LIFE_NONE;) {
        const struct life *x = lives_at(&l->lives, id);
        if (!(x->flags & LIFE_SUPERSEDED))
            o.newest = id;
        if (x->object == object && (o.same == LIFE_NONE || x->opened < lives_at(&l->lives, o.same)->opened)) {
            o.same = id;
            o.same_at = s.found;
        }
    }
    o.vacant = s.at;
    return o;
}

uint32_t ledger_in_slot(const struct ledger *l, uint32_t tag, uint32_t process, uint32_t handle, uint64_t object,
                        uint32_t *same)
{
    struct occupants o = look(l, tag, process, handle, object);
    *same = o.same;
    return o.newest;
}

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

/* A life is over because a close said so. `at`: its slot, if it has one. */
static bool close_life(struct ledger *l, uint32_t id, uint32_t at, const struct delayed *e)
{
    const struct life *x = lives_at(&l->lives, id);
    remember(l, e, x);
    l->unknown_owners -= ledger_is_known(x->process) ? 0 : 1;
    bool ok = tell_close(l, x, e);
    lives_remove_at(&l->lives, id, at);
    return ok;
}

/* Somebody opens a handle where one seems open still. */
static bool supersede(struct ledger *l, const struct delayed *e, uint32_t newest)
{
    if (newest) {
        const struct life *x = lives_at(&l->lives, newest);
        if (x->object == e->object && (x->flags & LIFE_SOURCE)) {
            /* Its duplicate was told first, by a clock that runs ahead: it was not there before. */
            lives_remove(&l->lives, newest);
            return true;
        }
    }
    struct life_search s = lives_search(&l->lives, e->tag);
    uint32_t oldest = LIFE_NONE;
    int waiting = 0;
    for (uint32_t id; (id = lives_next(&l->lives, &s, e->process, e->handle)) != LIFE_NONE; waiting++)
        if ((lives_at(&l->lives, id)->flags & LIFE_SUPERSEDED) &&
            (!oldest || lives_at(&l->lives, id)->opened < lives_at(&l->lives, oldest)->opened))
            oldest = id;
    if (waiting > WAITING_MAX && oldest &&
        !ledger_end_life(l, oldest, e->time, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
        return false;
    if (newest)
        lives_at(&l->lives, newest)->flags |= LIFE_SUPERSEDED;
    return true;
}

/* Empties the slot of what is to be opened; *at is where it is to be entered. */
static bool free_slot(struct ledger *l, const struct delayed *e, uint32_t *at)
{
    if (e->process < l->ends_room && l->ends[e->process].run_count && !ledger_is_dying(l, e->process) &&
        !ledger_release_run(l, e->process, LEDGER_CLOSED))
        return false;
    struct occupants o = look(l, e->tag, e->process, e->handle, e->object);
    *at = o.vacant;
    if (!o.newest && !o.same)
        return true;
    if (!supersede(l, e, o.newest))
        return false;
    /* One may have left. */
    *at = look(l, e->tag, e->process, e->handle, e->object).vacant;
    return true;
}

static inline void write_life(struct life *x, const struct delayed *e, enum ledger_how how)
{
    *x = (struct life){.object = e->object,
                       .opened = e->time,
                       .process = e->process,
                       .actor = e->actor,
                       .handle = e->handle,
                       .tid = e->tid,
                       .stack = e->stack,
                       .type = e->type,
                       .how = (uint8_t)how,
                       .flags = LIFE_USED};
}

/* What is opened was closed already, by a clock that runs behind. */
static bool open_closed(struct ledger *l, const struct delayed *e, enum ledger_how how, struct early_close *early)
{
    struct life x;
    write_life(&x, e, how);
    bool ok = ledger_tell(l, &x, early->time, LEDGER_CLOSED, early->tid, early->stack, early->name);
    free(early->name);
    *early = l->early[--l->early_count];
    return ok;
}

static bool open_life(struct ledger *l, const struct delayed *e, enum ledger_how how)
{
    bool known = ledger_is_known(e->process);
    uint32_t at = 0;
    if (!lives_reserve(&l->lives) || (known && !free_slot(l, e, &at)))
        return false;
    struct early_close *early = l->early_count ? ledger_early_close(l, e) : NULL;
    if (early)
        return open_closed(l, e, how, early);
    if (!known && !lives_need_objects(&l->lives))
        return false;
    l->unknown_owners += known ? 0 : 1;
    uint32_t id = lives_new(&l->lives);
    write_life(lives_at(&l->lives, id), e, how);
    if (known)
        lives_enter(&l->lives, id, e->tag, at);
    return lives_chain_new(&l->lives, id);
}

static bool is_unowned(void *ctx, const struct life *x)
{
    (void)ctx;
    return !ledger_is_known(x->process);
}

struct closer {
    const struct ledger *ledger;
    const struct delayed *close;
};

/* Whether the handle may be another process's than the one that the header names. Who was there before the recording
 * has handles that nobody knows, perhaps of the same value and object: every process opens the same desktop first. It
 * closed another's only if it just duplicated that. Of a ring nobody knows all handles: what opened them may be gone.
 */
static bool may_be_anothers(void *ctx, const struct life *x)
{
    const struct closer *c = ctx;
    if (!ledger_is_known(c->close->process) || (c->ledger->processes.list[c->close->process].began && !c->ledger->ring))
        return true;
    for (uint32_t i = 0; i < RECENT_DUPLICATES; i++) {
        const struct recent_duplicate *d = &c->ledger->duplicates[i];
        if (d->tid == c->close->tid && d->process == x->process && d->handle == x->handle && d->object == x->object)
            return true;
    }
    return false;
}

bool ledger_find_elsewhere(struct ledger *l, const struct delayed *e, uint32_t *found)
{
    *found = LIFE_NONE;
    bool anybody = e->actor_in_header || !ledger_is_known(e->process);
    if (!anybody && !l->unknown_owners)
        return true;
    if (!lives_need_objects(&l->lives))
        return false;
    *found = lives_by_object(&l->lives, e->object, e->handle, is_unowned, NULL);
    struct closer closer = {l, e};
    if (*found == LIFE_NONE && anybody && e->kind == DELAYED_CLOSE)
        *found = lives_by_object(&l->lives, e->object, e->handle, may_be_anothers, &closer);
    return true;
}

static bool apply_close(struct ledger *l, const struct delayed *e)
{
    struct occupants o = {LIFE_NONE, LIFE_NONE, 0, 0};
    if (ledger_is_known(e->process))
        o = look(l, e->tag, e->process, e->handle, e->object);
    if (o.same)
        return close_life(l, o.same, o.same_at, e);
    if (!ledger_find_elsewhere(l, e, &o.same))
        return false;
    if (o.same)
        return close_life(l, o.same, lives_slot(&l->lives, o.same), e);
    return ledger_hold_early(l, e);
}

/* What a duplicate was made from existed, even if nobody saw how it came to be. */
static bool know_source(struct ledger *l, const struct delayed *e)
{
    if (!ledger_is_known(e->source_process) || e->source_handle >= PSEUDO_HANDLE || !e->source_handle)
        return true;
    uint32_t same = LIFE_NONE;
    uint32_t newest = ledger_in_slot(l, lives_tag(e->source_process, e->source_handle), e->source_process,
                                     e->source_handle, e->object, &same);
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
                     .how = LEDGER_PREEXISTING,
                     .flags = LIFE_SOURCE};
    return ledger_add_life(l, &x) != LIFE_NONE;
}

static bool apply_duplicate(struct ledger *l, const struct delayed *e)
{
    if (!know_source(l, e))
        return false;
    l->duplicates[l->duplicate_at++ % RECENT_DUPLICATES] =
        (struct recent_duplicate){e->object, e->source_process, e->source_handle, e->tid};
    const struct ledger_process *target = &l->processes.list[e->process];
    const struct ledger_process *source = &l->processes.list[e->source_process];
    bool inherited = e->source_handle == e->handle && e->source_process != e->process && !(e->handle >> 31) &&
                     (!target->parent_pid || target->parent_pid == source->pid);
    return open_life(l, e, inherited ? LEDGER_INHERITED : LEDGER_DUPLICATED);
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

bool ledger_apply(struct ledger *l, const struct delayed *e)
{
    if (l->early_count && !release_old_early(l, e->time))
        return false;
    if (e->kind <= DELAYED_LISTED) {
        l->counts.events++;
        if (l->sink.event && !tell_event(l, e))
            return false;
    }
    switch ((enum delayed_kind)e->kind) {
    case DELAYED_CREATE:
        return open_life(l, e, LEDGER_CREATED);
    case DELAYED_CLOSE:
        return apply_close(l, e);
    case DELAYED_DUPLICATE:
        return apply_duplicate(l, e);
    case DELAYED_LISTED:
        return ledger_list(l, e);
    case DELAYED_INVENTORY_END:
        l->inventory_ending = l->inventory_open;
        return true;
    case DELAYED_DYING:
    case DELAYED_ENDED:
        return begin_end(l, e->process);
    }
    return true;
}
