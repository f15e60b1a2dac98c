/* The handles that are open, found by owner and value or by object and value. One thread. */
#ifndef HR_LEDGER_LIVES_H
#define HR_LEDGER_LIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ledger/slots.h"

#define LIFE_NONE 0u

enum life_flag {
    LIFE_USED = 1,
    LIFE_SUPERSEDED = 2, /* its value is in use again */
    LIFE_SOURCE = 4,     /* met as the source of a duplicate only */
    LIFE_UNCERTAIN = 8,
    LIFE_IN_SLOTS = 16,
};
/* How it was opened stands in the upper bits of the flags. */
#define LIFE_HOW(how)     ((uint8_t)((how) << 6))
#define LIFE_HOW_OF(life) ((uint8_t)((life)->flags >> 6))

/* Small: there are as many as open handles, and the system clears the memory of each. */
struct life {
    uint64_t object;
    int64_t opened;
    uint32_t process;
    uint32_t actor;
    uint32_t handle;
    uint32_t tid;
    uint32_t stack;
    uint32_t name;
    uint32_t next; /* an older one of the same owner and value; of one that is not used: the next such */
    uint16_t type;
    uint8_t inventory; /* the mark of the last one that listed it; 0: none */
    uint8_t flags;
};

/* Others of the same object and value's bucket. */
struct life_link {
    uint32_t next;
    uint32_t prev;
};

/* Lives stand in chunks of whole large pages, so that none moves when there are more. */
#define LIVES_CHUNK_BITS 17u
#define LIVES_CHUNK      (1u << LIVES_CHUNK_BITS)

struct lives {
    struct life **chunks;
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t room;  /* numbers that have a place in the chunks */
    uint32_t count; /* numbers handed out, [0] included */
    uint32_t free;
    uint32_t used;
    struct slots slots; /* lead to the newest life of an owner and value */
    uint32_t *objects;  /* heads; NULL until somebody asks by object: then all are chained */
    uint32_t object_count;
    struct life_link *links; /* by life */
    uint32_t link_room;
};

/* life < l->count */
static inline struct life *lives_at(const struct lives *l, uint32_t life)
{
    return &l->chunks[life >> LIVES_CHUNK_BITS][life & (LIVES_CHUNK - 1)];
}

/* Makes room for one more life and for its slot. False for want of memory. */
bool lives_make_room(struct lives *l);
static inline bool lives_reserve(struct lives *l)
{
    return slots_reserve(&l->slots) && (l->free || l->count < l->room || lives_make_room(l));
}

/* Where a life is entered. */
static inline struct slot_place lives_place(const struct lives *l, uint32_t life)
{
    const struct life *x = lives_at(l, life);
    return slots_find(&l->slots, slots_tag(x->process, x->handle), x->process, x->handle);
}
/* The newest life in a slot; the others follow by `next`. */
static inline uint32_t lives_first(struct slot_place place)
{
    return place.slot ? *place.slot : LIFE_NONE;
}

/* After lives_reserve: a life that the caller writes, with LIFE_USED and what lives_enter returned as `next`. Next it
 * is entered, then with LIFE_IN_SLOTS, and chained. */
static inline uint32_t lives_new(struct lives *l)
{
    uint32_t id = l->free;
    l->used++;
    if (!id)
        return l->count++;
    l->free = lives_at(l, id)->next;
    return id;
}
/* Returns the life that was the newest. */
static inline uint32_t lives_enter(struct lives *l, uint32_t life, uint32_t tag, struct slot_place place,
                                   uint32_t process, uint32_t handle)
{
    uint32_t older = lives_first(place);
    slots_set(&l->slots, place, tag, process, handle, life);
    return older;
}
/* Where lives are found by object too. False for want of memory. */
bool lives_chain(struct lives *l, uint32_t life);
static inline bool lives_chain_new(struct lives *l, uint32_t life)
{
    return !l->objects || lives_chain(l, life);
}

/* All of the above. Returns LIFE_NONE for want of memory. Enters it by owner when `slot`. */
uint32_t lives_add(struct lives *l, const struct life *life, bool slot);
void lives_remove(struct lives *l, uint32_t life);
/* The same where its slot is known; one without LIFE_IN_SLOTS has none. */
void lives_remove_at(struct lives *l, uint32_t life, struct slot_place place);
/* Builds the index by object when it is not there. */
bool lives_need_objects(struct lives *l);
/* The first of those with this object and value that `fits` accepts; looks at a limited number. */
uint32_t lives_by_object(const struct lives *l, uint64_t object, uint32_t handle,
                         bool (*fits)(void *ctx, const struct life *life), void *ctx);
/* Gives a life to another owner. */
bool lives_move(struct lives *l, uint32_t life, uint32_t process);
void lives_free(struct lives *l);

#endif
