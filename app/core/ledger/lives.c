/* A pool of lives, lists of those of one slot, and chains by object and value where those are needed. */
#include "core/ledger/lives.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct life) == 48 && LIVES_CHUNK * sizeof(struct life) % MEMORY_LARGE_PAGE == 0, "whole pages");

/* A crafted file can put any number of lives under one object; nobody needs to look at more. */
#define OBJECT_STEPS_MAX 256

static uint32_t bucket_of(const struct lives *l, uint64_t object, uint32_t handle)
{
    return (uint32_t)hash_two(object, handle) & (l->object_count - 1);
}

static void enter(struct lives *l, uint32_t life)
{
    struct life *x = lives_at(l, life);
    x->flags |= LIFE_IN_SLOTS;
    x->next = lives_enter(l, life, slots_tag(x->process, x->handle), lives_place(l, life), x->process, x->handle);
}

static void leave(struct lives *l, uint32_t life, struct slot_place place)
{
    uint32_t next = lives_at(l, life)->next;
    if (!place.slot)
        return; /* never: it was entered; said for the analyzer */
    uint32_t id = *place.slot;
    if (id != life) {
        while (lives_at(l, id)->next != life)
            id = lives_at(l, id)->next;
        lives_at(l, id)->next = next;
    } else if (next) {
        *place.slot = next;
    } else {
        slots_clear(&l->slots, place);
    }
}

static void chain(struct lives *l, uint32_t life)
{
    const struct life *x = lives_at(l, life);
    uint32_t *head = &l->objects[bucket_of(l, x->object, x->handle)];
    l->links[life] = (struct life_link){.next = *head};
    if (*head)
        l->links[*head].prev = life;
    *head = life;
}

static void unchain(struct lives *l, uint32_t life)
{
    const struct life *x = lives_at(l, life);
    struct life_link link = l->links[life];
    if (link.prev)
        l->links[link.prev].next = link.next;
    else
        l->objects[bucket_of(l, x->object, x->handle)] = link.next;
    if (link.next)
        l->links[link.next].prev = link.prev;
}

static bool make_links(struct lives *l)
{
    return grow_array(&l->links, &l->link_room, l->room, sizeof *l->links);
}

static bool chain_all(struct lives *l)
{
    uint64_t want = 1024;
    while (want < l->used)
        want *= 2;
    uint32_t *objects = make_links(l) ? calloc((size_t)want, sizeof *objects) : NULL;
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
    return !l->objects || make_links(l);
}

bool lives_make_room(struct lives *l)
{
    return l->room < UINT32_MAX && add_chunk(l);
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

void lives_remove(struct lives *l, uint32_t life)
{
    lives_remove_at(l, life, lives_place(l, life));
}

void lives_remove_at(struct lives *l, uint32_t life, struct slot_place place)
{
    struct life *x = lives_at(l, life);
    if (x->flags & LIFE_IN_SLOTS)
        leave(l, life, place);
    if (l->objects)
        unchain(l, life);
    x->flags = 0;
    x->next = l->free;
    l->free = life;
    l->used--;
}

uint32_t lives_by_object(const struct lives *l, uint64_t object, uint32_t handle,
                         bool (*fits)(void *ctx, const struct life *life), void *ctx)
{
    uint32_t id = l->objects ? l->objects[bucket_of(l, object, handle)] : LIFE_NONE;
    for (int steps = 0; id && steps < OBJECT_STEPS_MAX; steps++) {
        const struct life *x = lives_at(l, id);
        if (x->object == object && x->handle == handle && fits(ctx, x))
            return id;
        id = l->links[id].next;
    }
    return LIFE_NONE;
}

bool lives_move(struct lives *l, uint32_t life, uint32_t process)
{
    struct life *x = lives_at(l, life);
    if (!lives_reserve(l))
        return false;
    if (x->flags & LIFE_IN_SLOTS) {
        leave(l, life, lives_place(l, life));
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
    slots_free(&l->slots);
    free(l->objects);
    free(l->links);
    memset(l, 0, sizeof *l);
}
