/* Finds what is in a slot or elsewhere, where more than one look is needed. */
#include "core/ledger/ledger_inside.h"

/* Lives of one slot that wait for late closes; with more of them the oldest one's close is lost. */
#define WAITING_MAX 8

uint32_t ledger_in_slot(const struct ledger *l, struct slot_place place, uint64_t object, uint32_t *same)
{
    uint32_t newest = LIFE_NONE;
    *same = LIFE_NONE;
    for (uint32_t id = lives_first(place); id != LIFE_NONE; id = lives_at(&l->lives, id)->next) {
        const struct life *x = lives_at(&l->lives, id);
        if (!newest && !(x->flags & LIFE_SUPERSEDED))
            newest = id;
        if (x->object == object && (*same == LIFE_NONE || x->opened <= lives_at(&l->lives, *same)->opened))
            *same = id;
    }
    return newest;
}

bool ledger_free_slot(struct ledger *l, const struct delayed *e)
{
    struct slot_place place = slots_find(&l->lives.slots, e->tag, e->process, e->handle);
    uint32_t same = LIFE_NONE;
    uint32_t newest = ledger_in_slot(l, place, e->object, &same);
    if (!newest && !same)
        return true;
    if (newest) {
        const struct life *x = lives_at(&l->lives, newest);
        if (x->object == e->object && (x->flags & LIFE_SOURCE)) {
            /* Its duplicate was told first, by a clock that runs ahead: it was not there before. */
            lives_remove(&l->lives, newest);
            return true;
        }
    }
    uint32_t oldest = LIFE_NONE;
    int waiting = 0;
    for (uint32_t id = lives_first(place); id != LIFE_NONE; id = lives_at(&l->lives, id)->next, waiting++)
        if ((lives_at(&l->lives, id)->flags & LIFE_SUPERSEDED) &&
            (!oldest || lives_at(&l->lives, id)->opened <= lives_at(&l->lives, oldest)->opened))
            oldest = id;
    if (waiting > WAITING_MAX && oldest &&
        !ledger_end_life(l, oldest, e->time, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
        return false;
    if (newest)
        lives_at(&l->lives, newest)->flags |= LIFE_SUPERSEDED;
    return true;
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
