/* A pool of lives, an open hash table by owner and value, and chains by object and value where those are needed. */
#include "core/ledger/lives.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* A crafted file can put any number of lives under one object; nobody needs to look at more. */
#define OBJECT_STEPS_MAX 256

static uint32_t bucket_of(const struct lives *l, uint64_t object, uint32_t handle)
{
    return (uint32_t)hash_two(object, handle) & (l->object_count - 1);
}

uint32_t lives_vacant(const struct lives *l, uint32_t tag)
{
    uint32_t at = lives_home(l, tag);
    while (l->slots[at].life)
        at = (at + 1) & (l->slot_count - 1);
    return at;
}

static bool rehash(struct lives *l)
{
    struct life_slot *old = l->slots;
    uint32_t count = l->slot_count;
    uint32_t more = count ? count * 2 : 1024;
    struct life_slot *slots = more ? memory_take(more * sizeof *slots) : NULL;
    if (!slots)
        return false;
    l->slots = slots;
    l->slot_count = more;
    for (uint32_t i = 0; i < count; i++)
        if (old[i].life)
            l->slots[lives_vacant(l, old[i].tag)] = old[i];
    memory_give(old, count * sizeof *old);
    return true;
}

static void enter(struct lives *l, uint32_t life)
{
    struct life *x = lives_at(l, life);
    uint32_t tag = lives_tag(x->process, x->handle);
    x->flags |= LIFE_IN_SLOTS;
    lives_enter(l, life, tag, lives_vacant(l, tag));
}

static void chain(struct lives *l, uint32_t life)
{
    struct life *x = lives_at(l, life);
    uint32_t *head = &l->objects[bucket_of(l, x->object, x->handle)];
    x->prev_object = LIFE_NONE;
    x->next_object = *head;
    if (*head)
        lives_at(l, *head)->prev_object = life;
    *head = life;
    x->flags |= LIFE_IN_OBJECTS;
}

static bool chain_all(struct lives *l)
{
    uint64_t want = 1024;
    while (want < l->used)
        want *= 2;
    uint32_t *objects = calloc((size_t)want, sizeof *objects);
    if (!objects)
        return false;
    free(l->objects);
    l->objects = objects;
    l->object_count = (uint32_t)want;
    for (uint32_t i = 1; i < l->count; i++)
        if (lives_at(l, i)->flags & LIFE_USED)
            chain(l, i);
    return true;
}

bool lives_need_objects(struct lives *l)
{
    return l->objects || chain_all(l);
}

static bool add_chunk(struct lives *l)
{
    if (!grow_array(&l->chunks, &l->chunk_room, l->chunk_count + 1, sizeof(struct life *)))
        return false;
    struct life *chunk = memory_take(LIVES_CHUNK * sizeof *chunk);
    if (!chunk)
        return false;
    l->chunks[l->chunk_count++] = chunk;
    uint64_t room = (uint64_t)l->chunk_count * LIVES_CHUNK;
    l->room = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
    if (!l->count)
        l->count = 1; /* LIFE_NONE */
    return true;
}

bool lives_make_room(struct lives *l)
{
    if ((uint64_t)l->slots_used * 2 >= l->slot_count && !rehash(l))
        return false;
    return l->free || l->count < l->room || (l->room < UINT32_MAX && add_chunk(l));
}

bool lives_chain(struct lives *l, uint32_t life)
{
    if (l->used > 2 * (uint64_t)l->object_count)
        return chain_all(l);
    chain(l, life);
    return true;
}

uint32_t lives_add(struct lives *l, const struct life *life, bool slot)
{
    if (!lives_reserve(l))
        return LIFE_NONE;
    uint32_t id = lives_new(l);
    *lives_at(l, id) = *life;
    lives_at(l, id)->flags |= LIFE_USED;
    if (slot)
        enter(l, id);
    return lives_chain_new(l, id) ? id : LIFE_NONE;
}

uint32_t lives_slot(const struct lives *l, uint32_t life)
{
    const struct life *x = lives_at(l, life);
    if (!(x->flags & LIFE_IN_SLOTS))
        return 0;
    uint32_t at = lives_home(l, lives_tag(x->process, x->handle));
    while (l->slots[at].life != life)
        at = (at + 1) & (l->slot_count - 1);
    return at;
}

/* Closes the gap, so that no search ends too early at it. */
static void empty_slot(struct lives *l, uint32_t at)
{
    uint32_t mask = l->slot_count - 1;
    for (uint32_t next = (at + 1) & mask; l->slots[next].life; next = (next + 1) & mask) {
        uint32_t home = l->slots[next].tag & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            l->slots[at] = l->slots[next];
            at = next;
        }
    }
    l->slots[at] = (struct life_slot){0};
    l->slots_used--;
}

void lives_remove(struct lives *l, uint32_t life)
{
    lives_remove_at(l, life, lives_slot(l, life));
}

void lives_remove_at(struct lives *l, uint32_t life, uint32_t at)
{
    struct life *x = lives_at(l, life);
    if (x->flags & LIFE_IN_SLOTS)
        empty_slot(l, at);
    if (x->flags & LIFE_IN_OBJECTS) {
        if (x->prev_object)
            lives_at(l, x->prev_object)->next_object = x->next_object;
        else
            l->objects[bucket_of(l, x->object, x->handle)] = x->next_object;
        if (x->next_object)
            lives_at(l, x->next_object)->prev_object = x->prev_object;
    }
    x->flags = 0;
    x->next_free = l->free;
    l->free = life;
    l->used--;
}

struct life_search lives_search(const struct lives *l, uint32_t tag)
{
    return (struct life_search){l->slot_count ? lives_home(l, tag) : 0, tag};
}

uint32_t lives_next(const struct lives *l, struct life_search *s, uint32_t process, uint32_t handle)
{
    if (!l->slot_count)
        return LIFE_NONE;
    for (;;) {
        const struct life_slot *slot = &l->slots[s->at];
        if (!slot->life)
            return LIFE_NONE;
        s->at = (s->at + 1) & (l->slot_count - 1);
        if (slot->tag == s->tag && lives_at(l, slot->life)->process == process &&
            lives_at(l, slot->life)->handle == handle)
            return slot->life;
    }
}

uint32_t lives_by_object(const struct lives *l, uint64_t object, uint32_t handle,
                         bool (*fits)(void *ctx, const struct life *life), void *ctx)
{
    uint32_t id = l->objects ? l->objects[bucket_of(l, object, handle)] : LIFE_NONE;
    for (int steps = 0; id && steps < OBJECT_STEPS_MAX; steps++) {
        const struct life *x = lives_at(l, id);
        if (x->object == object && x->handle == handle && fits(ctx, x))
            return id;
        id = x->next_object;
    }
    return LIFE_NONE;
}

bool lives_move(struct lives *l, uint32_t life, uint32_t process)
{
    struct life *x = lives_at(l, life);
    if (!lives_reserve(l))
        return false;
    if (x->flags & LIFE_IN_SLOTS) {
        empty_slot(l, lives_slot(l, life));
        x->flags &= (uint8_t)~LIFE_IN_SLOTS;
    }
    x->process = process;
    enter(l, life);
    return true;
}

void lives_free(struct lives *l)
{
    for (uint32_t i = 0; i < l->chunk_count; i++)
        memory_give(l->chunks[i], LIVES_CHUNK * sizeof *l->chunks[i]);
    free(l->chunks);
    memory_give(l->slots, l->slot_count * sizeof *l->slots);
    free(l->objects);
    memset(l, 0, sizeof *l);
}
