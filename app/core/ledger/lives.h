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
    uint32_t handle;
    uint32_t tid;
    uint32_t stack;
    uint32_t name;
    uint32_t actor;
    uint32_t next_object; /* others of the same bucket */
    uint32_t prev_object;
    uint32_t next_free;
    uint16_t inventory; /* the last one that listed it; 0: none */
    uint16_t type;
    uint8_t how;
    uint8_t flags;
    uint8_t processor;
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

/* Hints that the handle of tag `soon` is asked for soon, and that of `later` after it. (No inline function: compilers
 * leave calls out when they see that nothing comes of them.) */
void lives_expect(const struct lives *l, uint32_t soon, uint32_t later);

/* Returns LIFE_NONE for want of memory. Enters it by owner when `slot`. */
uint32_t lives_add(struct lives *l, const struct life *life, bool slot);
void lives_remove(struct lives *l, uint32_t life);
/* Calls for each match until *at is LIFE_NONE: start with *at = the hash's place. */
struct life_search {
    uint32_t at;
    uint32_t tag;
};
struct life_search lives_search(const struct lives *l, uint32_t tag);
uint32_t lives_next(const struct lives *l, struct life_search *s, uint32_t process, uint32_t handle);
/* Builds the index by object when it is not there. */
bool lives_need_objects(struct lives *l);
/* The first of those with this object and value that `fits` accepts; looks at a limited number. */
uint32_t lives_by_object(const struct lives *l, uint64_t object, uint32_t handle,
                         bool (*fits)(void *ctx, const struct life *life), void *ctx);
/* Gives a life to another owner. */
bool lives_move(struct lives *l, uint32_t life, uint32_t process);
void lives_free(struct lives *l);

#endif
