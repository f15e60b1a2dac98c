/* Address ranges, sorted by base; what is unloaded goes to a ring of limited size. */
#include "core/ledger/images.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Stacks refer to unloaded modules for a short time only; a process that reloads for ever must not cost memory. */
#define GONE_MAX 1024u

/* By what never changes: the rest may become known later. */
static uint32_t hash_image(const struct ledger_image *i)
{
    return (uint32_t)hash_two(i->name, i->size);
}

static bool same_image(const struct ledger_image *a, const struct ledger_image *b)
{
    return a->name == b->name && a->timestamp == b->timestamp && a->size == b->size && a->checksum == b->checksum &&
           a->identified == b->identified && a->age == b->age && a->pdb == b->pdb &&
           !memcmp(a->guid, b->guid, sizeof a->guid);
}

/* False: both are known, and differ. */
static bool learn_number(uint32_t *number, uint32_t more)
{
    bool agrees = !*number || !more || *number == more;
    *number = *number ? *number : more;
    return agrees;
}

void image_list_learn(struct image_list *l, uint32_t id, const struct ledger_image *more)
{
    struct ledger_image *x = &l->list[id];
    bool agrees = learn_number(&x->timestamp, more->timestamp) && learn_number(&x->checksum, more->checksum);
    if (x->identified && more->identified)
        agrees = agrees && x->age == more->age && !memcmp(x->guid, more->guid, sizeof x->guid);
    if (!x->identified && more->identified) {
        x->identified = true;
        x->pdb = more->pdb;
        x->age = more->age;
        memcpy(x->guid, more->guid, sizeof x->guid);
    }
    x->ambiguous = x->ambiguous || !agrees;
}

static bool rehash(struct image_list *l)
{
    uint32_t count = l->slot_count ? l->slot_count * 2 : 256;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t id = 1; id <= l->count; id++) {
        uint32_t at = hash_image(&l->list[id]) & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = id;
    }
    free(l->slots);
    l->slots = slots;
    l->slot_count = count;
    return true;
}

bool image_list_put(struct image_list *l, const struct ledger_image *image, uint32_t *id)
{
    if ((uint64_t)l->count * 4 >= (uint64_t)l->slot_count * 3 && !rehash(l))
        return false;
    uint32_t at = hash_image(image) & (l->slot_count - 1);
    for (; l->slots[at]; at = (at + 1) & (l->slot_count - 1))
        if (same_image(&l->list[l->slots[at]], image)) {
            *id = l->slots[at];
            return true;
        }
    if (!grow_array(&l->list, &l->room, l->count + 2, sizeof *l->list))
        return false;
    l->list[++l->count] = *image;
    l->slots[at] = l->count;
    *id = l->count;
    return true;
}

void image_list_free(struct image_list *l)
{
    free(l->list);
    free(l->slots);
    memset(l, 0, sizeof *l);
}

/* The first range that ends after `address`. */
static uint32_t first_after(const struct image_map *m, uint64_t address)
{
    uint32_t low = 0;
    uint32_t high = m->live_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (m->live[mid].base + m->live[mid].size - 1 < address)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The range that has `address`. Without branches that depend on it: nobody could guess which way they go. */
static inline const struct image_range *range_of(const struct image_map *m, uint64_t address)
{
    const struct image_range *at = m->live;
    for (uint32_t count = m->live_count; count > 1; count -= count / 2)
        at = at[count / 2].base <= address ? at + count / 2 : at;
    return m->live_count && address - at->base < at->size ? at : NULL;
}

static bool retire(struct image_map *m, uint32_t at, int64_t time)
{
    struct image_range gone = m->live[at];
    gone.until = time;
    if (m->gone_count < GONE_MAX) {
        if (!grow_array(&m->gone, &m->gone_room, m->gone_count + 1, sizeof *m->gone))
            return false;
        m->gone[m->gone_count++] = gone;
    } else {
        m->gone[m->gone_at] = gone;
        m->gone_at = (m->gone_at + 1) % GONE_MAX;
    }
    memmove(m->live + at, m->live + at + 1, (m->live_count - at - 1) * sizeof *m->live);
    m->live_count--;
    m->epoch++;
    return true;
}

bool image_map_add(struct image_map *m, const struct image_range *range)
{
    struct image_range r = *range;
    if (!r.size || r.base + r.size - 1 < r.base)
        return true; /* no range that anything could lie in */
    uint32_t at = first_after(m, r.base);
    /* Told again, at the end of the recording or of another file. */
    if (at < m->live_count && m->live[at].base == r.base && m->live[at].size == r.size && m->live[at].image == r.image)
        return true;
    while (at < m->live_count && m->live[at].base <= r.base + r.size - 1)
        if (!retire(m, at, r.since))
            return false;
    if (!grow_array(&m->live, &m->live_room, m->live_count + 1, sizeof *m->live))
        return false;
    memmove(m->live + at + 1, m->live + at, (m->live_count - at) * sizeof *m->live);
    m->live[at] = r;
    m->live_count++;
    return true;
}

const struct image_range *image_map_at(const struct image_map *m, uint64_t base)
{
    uint32_t at = first_after(m, base);
    return at < m->live_count && m->live[at].base == base ? &m->live[at] : NULL;
}

bool image_map_remove(struct image_map *m, uint64_t base, int64_t time)
{
    const struct image_range *range = image_map_at(m, base);
    return !range || retire(m, (uint32_t)(range - m->live), time);
}

const struct image_range *image_map_find(const struct image_map *m, uint64_t address, int64_t time)
{
    const struct image_range *live = range_of(m, address);
    if (live && live->since <= time)
        return live;
    for (uint32_t i = m->gone_count; i-- > 0;) {
        const struct image_range *g = &m->gone[i];
        if (address - g->base < g->size && time < g->until && (live || g->since <= time))
            return g;
    }
    return live;
}

void image_map_free(struct image_map *m)
{
    free(m->live);
    free(m->gone);
    memset(m, 0, sizeof *m);
}
