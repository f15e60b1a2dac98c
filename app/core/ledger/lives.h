/* The handles that are open, found by owner and value or by object and value. One thread. */
#ifndef HR_LEDGER_LIVES_H
#define HR_LEDGER_LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ledger/grow.h"

#define LIFE_NONE 0u

enum life_flag {
    LIFE_USED = 1,
    LIFE_SUPERSEDED = 2, /* its value is in use again */
    LIFE_SOURCE = 4,     /* met as the source of a duplicate only */
    LIFE_UNCERTAIN = 8,
    LIFE_IN_SLOTS = 16,
    LIFE_IN_OBJECTS = 32,
};

/* 64 bytes: a line of the processor's cache. */
struct life {
    uint64_t object;
    int64_t opened;
    uint32_t process;
    uint32_t actor;
    uint32_t handle;
    uint32_t tid;
    uint32_t stack;
    uint32_t name;
    uint32_t next_object; /* others of the same bucket */
    uint32_t prev_object;
    uint32_t next_free;
    uint16_t inventory; /* the last one that listed it; 0: none */
    uint16_t type;
    uint8_t how;
    uint8_t flags;
};

struct life_slot {
    uint32_t life;
    uint32_t tag;
};

/* Lives stand in chunks of a large page's size, so that none moves when there are more. */
#define LIVES_CHUNK_BITS 15u
#define LIVES_CHUNK      (1u << LIVES_CHUNK_BITS)

struct lives {
    struct life **chunks;
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t room;  /* numbers that have a place in the chunks */
    uint32_t count; /* numbers handed out, [0] included */
    uint32_t free;
    uint32_t used;
    struct life_slot *slots;
    uint32_t slot_count;
    uint32_t slots_used;
    uint32_t *objects; /* heads; NULL until somebody asks by object */
    uint32_t object_count;
};

/* By which owner and value are looked up. */
static inline uint32_t lives_tag(uint32_t process, uint32_t handle)
{
    return (uint32_t)hash_mix((uint64_t)process << 32 | handle);
}

/* life < l->count */
static inline struct life *lives_at(const struct lives *l, uint32_t life)
{
    return &l->chunks[life >> LIVES_CHUNK_BITS][life & (LIVES_CHUNK - 1)];
}

/* Makes room for one more life and for its slot. False for want of memory. */
bool lives_make_room(struct lives *l);
static inline bool lives_reserve(struct lives *l)
{
    return ((uint64_t)l->slots_used * 2 < l->slot_count && (l->free || l->count < l->room)) || lives_make_room(l);
}

/* Where a search for a tag begins; lives_reserve succeeded once. */
static inline uint32_t lives_home(const struct lives *l, uint32_t tag)
{
    return tag & (l->slot_count - 1);
}

/* The lives of one owner and value, one per call until LIFE_NONE. */
struct life_search {
    uint32_t at;
    uint32_t tag;
};
struct life_search lives_search(const struct lives *l, uint32_t tag);
uint32_t lives_next(const struct lives *l, struct life_search *s, uint32_t process, uint32_t handle);

/* Mostly one look is enough, without those searches. Nothing has this tag: then *at is where a life of it is entered,
 * until something else is entered or removed. lives_reserve succeeded once. */
static inline bool lives_is_vacant(const struct lives *l, uint32_t tag, uint32_t *at)
{
    const struct life_slot *slots = l->slots;
    uint32_t mask = l->slot_count - 1;
    uint32_t i = tag & mask;
    for (; slots[i].life; i = (i + 1) & mask)
        if (slots[i].tag == tag)
            return false;
    *at = i;
    return true;
}
uint32_t lives_vacant(const struct lives *l, uint32_t tag); /* the same, whatever has the tag */
/* The only life with this tag and where it is entered; LIFE_NONE when there is none or another one too. */
static inline uint32_t lives_only(const struct lives *l, uint32_t tag, uint32_t *at)
{
    const struct life_slot *slots = l->slots;
    uint32_t mask = l->slot_count - 1;
    uint32_t only = LIFE_NONE;
    if (!l->slot_count)
        return LIFE_NONE;
    for (uint32_t i = tag & mask; slots[i].life; i = (i + 1) & mask) {
        if (slots[i].tag != tag)
            continue;
        if (only)
            return LIFE_NONE;
        only = slots[i].life;
        *at = i;
    }
    return only;
}

/* After lives_reserve: a life that the caller writes, with LIFE_USED. Next it is entered, then with LIFE_IN_SLOTS, and
 * chained. */
static inline uint32_t lives_new(struct lives *l)
{
    uint32_t id = l->free;
    l->used++;
    if (!id)
        return l->count++;
    l->free = lives_at(l, id)->next_free;
    return id;
}
static inline void lives_enter(struct lives *l, uint32_t life, uint32_t tag, uint32_t at)
{
    l->slots[at] = (struct life_slot){life, tag};
    l->slots_used++;
}
/* Where lives are found by object too. False for want of memory. */
bool lives_chain(struct lives *l, uint32_t life);
static inline bool lives_chain_new(struct lives *l, uint32_t life)
{
    return !l->objects || lives_chain(l, life);
}

/* What comes near before a tag is looked up: the slot first, then (room > 0) the life that the slot leads to, or the
 * next slot; rarely it is another one. */
static inline const struct life_slot *lives_first_slot(const struct lives *l, uint32_t tag)
{
    return &l->slots[lives_home(l, tag)];
}
static inline const struct life *lives_likely(const struct lives *l, uint32_t tag)
{
    const struct life_slot *first = lives_first_slot(l, tag);
    const struct life_slot *second = lives_first_slot(l, tag + 1);
    return lives_at(l, first->tag == tag ? first->life : second->life);
}

/* All of the above. Returns LIFE_NONE for want of memory. Enters it by owner when `slot`. */
uint32_t lives_add(struct lives *l, const struct life *life, bool slot);
void lives_remove(struct lives *l, uint32_t life);
/* The same where it is known that `at` is lives_slot: its slot, or anything when it has none. */
uint32_t lives_slot(const struct lives *l, uint32_t life);
void lives_remove_at(struct lives *l, uint32_t life, uint32_t at);
/* Builds the index by object when it is not there. */
bool lives_need_objects(struct lives *l);
/* The first of those with this object and value that `fits` accepts; looks at a limited number. */
uint32_t lives_by_object(const struct lives *l, uint64_t object, uint32_t handle,
                         bool (*fits)(void *ctx, const struct life *life), void *ctx);
/* Gives a life to another owner. */
bool lives_move(struct lives *l, uint32_t life, uint32_t process);
void lives_free(struct lives *l);

#endif
