/* Applies inventories: what one lists is open, and what it lacks lost its close. */
#include "core/ledger/ledger_inside.h"

#include <string.h>

/* Of so many inventories the marks are different; then those of before go. */
static void new_mark(struct ledger *l)
{
    if (++l->inventory)
        return;
    for (uint32_t i = 1; i < l->lives.count; i++)
        lives_at(&l->lives, i)->inventory = 0;
    l->inventory = 1;
}

bool ledger_list(struct ledger *l, const struct delayed *e)
{
    uint32_t name = 0;
    if (l->inventory_ending && !ledger_end_inventory(l))
        return false;
    if (e->name && !names_put(&l->objects, e->name, strlen(e->name), &name))
        return false;
    if (!l->inventory_open) {
        l->inventory_open = true;
        l->inventory_start = e->time;
        new_mark(l);
        l->counts.inventories++;
        memset(l->covered, 0, TYPES / 8);
    }
    l->covered[e->type / 8] |= (uint8_t)(1u << e->type % 8);
    uint32_t same = LIFE_NONE;
    uint32_t newest = ledger_in_slot(l, slots_find(&l->lives.slots, e->tag, e->process, e->handle), e->object, &same);
    if (!same) {
        if (!ledger_find_elsewhere(l, e, &same))
            return false;
        if (newest && !ledger_free_slot(l, e)) /* it seemed open, and was closed */
            return false;
        if (same && ledger_is_known(e->process)) {
            if (!lives_move(&l->lives, same, e->process))
                return false;
            l->unknown_owners--;
        }
    }
    if (same) {
        lives_at(&l->lives, same)->inventory = l->inventory;
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
                     .flags = LIFE_HOW(LEDGER_PREEXISTING),
                     .inventory = l->inventory};
    if (newest)
        x.flags |= LIFE_UNCERTAIN; /* that one's close was lost, and this one's create as well */
    return ledger_add_life(l, &x) != LIFE_NONE;
}

/* Fewer bytes of names are not worth looking for those that nobody uses. */
#define NAMES_LOOSE 0x10000u

static bool keep_name(const struct ledger *l, struct names *kept, uint32_t *name)
{
    const char *text = names_get(&l->objects, *name);
    return names_put(kept, text, strlen(text), name);
}

/* Lets go of the names of handles that are closed, or a recording with many inventories would gather them all. */
static bool tidy_names(struct ledger *l)
{
    if (l->objects.used / 2 < l->objects_kept + NAMES_LOOSE)
        return true;
    struct names kept = {0};
    bool ok = ledger_tell_all(l);
    for (uint32_t i = 1; ok && i < l->lives.count; i++)
        if (lives_at(&l->lives, i)->flags & LIFE_USED)
            ok = keep_name(l, &kept, &lives_at(&l->lives, i)->name);
    for (uint32_t i = 0; ok && i < l->ends_room; i++)
        for (uint32_t k = 0; ok && k < l->ends[i].run_count; k++)
            ok = keep_name(l, &kept, &l->ends[i].run[k].life.name);
    if (!ok) {
        names_free(&kept);
        return false;
    }
    names_free(&l->objects);
    l->objects = kept;
    l->objects_kept = kept.used;
    return true;
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
        if (!(x->flags & LIFE_USED) || x->inventory == l->inventory || !ledger_is_known(x->process) ||
            ledger_is_dying(l, x->process) || ledger_after(x->opened, margin) >= l->inventory_start ||
            !(l->ring || l->covered[x->type / 8] >> x->type % 8 & 1))
            continue;
        if (!ledger_end_life(l, i, l->inventory_start, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
            return false;
    }
    return tidy_names(l);
}
