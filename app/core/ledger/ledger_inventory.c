/* Applies inventories: what one lists is open, and what it lacks lost its close. */
#include "core/ledger/ledger_inside.h"

#include <string.h>

bool ledger_list(struct ledger *l, const struct delayed *e)
{
    uint32_t name = 0;
    if (e->name && !names_put(&l->names, e->name, strlen(e->name), &name))
        return false;
    if (l->inventory_ending && !ledger_end_inventory(l))
        return false;
    if (!l->inventory_open) {
        l->inventory_open = true;
        l->inventory_start = e->time;
        l->inventory++;
        l->counts.inventories++;
        memset(l->covered, 0, TYPES / 8);
    }
    l->covered[e->type / 8] |= (uint8_t)(1u << e->type % 8);
    uint32_t same = LIFE_NONE;
    uint32_t newest = ledger_in_slot(l, e->tag, e->process, e->handle, e->object, &same);
    if (!same) {
        if (!ledger_find_elsewhere(l, e, &same))
            return false;
        if (same && !lives_move(&l->lives, same, e->process))
            return false;
        l->unknown_owners -= same ? 1 : 0;
    }
    if (same) {
        lives_at(&l->lives, same)->inventory = (uint16_t)l->inventory;
        lives_at(&l->lives, same)->name = name ? name : lives_at(&l->lives, same)->name;
        return true;
    }
    struct life x = {.object = e->object,
                     .opened = e->time,
                     .process = e->process,
                     .actor = e->process,
                     .handle = e->handle,
                     .tid = ETL_UNKNOWN_ID,
                     .name = name,
                     .type = e->type,
                     .how = LEDGER_PREEXISTING,
                     .inventory = (uint16_t)l->inventory};
    if (newest) {
        /* The one that seemed open was closed, and this one's create was lost as well. */
        lives_at(&l->lives, newest)->flags |= LIFE_SUPERSEDED;
        x.flags |= LIFE_UNCERTAIN;
    }
    return ledger_add_life(l, &x) != LIFE_NONE;
}

/* What an inventory lacks although it covers its type lost its close. Handles that were opened about when it began are
 * left alone: it is not one moment. */
bool ledger_end_inventory(struct ledger *l)
{
    if (!l->inventory_open)
        return true;
    l->inventory_open = false;
    l->inventory_ending = false;
    int64_t margin = l->second / 20;
    for (uint32_t i = 1; i < l->lives.count; i++) {
        const struct life *x = lives_at(&l->lives, i);
        if (!(x->flags & LIFE_USED) || x->inventory == (uint16_t)l->inventory || !ledger_is_known(x->process) ||
            ledger_is_dying(l, x->process) || ledger_after(x->opened, margin) >= l->inventory_start ||
            !(l->ring || l->covered[x->type / 8] >> x->type % 8 & 1))
            continue;
        if (!ledger_end_life(l, i, l->inventory_start, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
            return false;
    }
    return true;
}
