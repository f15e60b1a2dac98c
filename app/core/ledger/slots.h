/* Which life each handle value of each process leads to. One thread.
 *
 * A process's handle values are mostly next to one another, so their slots are as well: 64 in a table, and the tables
 * are found by process and value. */
#ifndef HR_LEDGER_SLOTS_H
#define HR_LEDGER_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ledger/grow.h"

#define SLOTS_TABLE 64u
/* What of a handle value chooses the table; its two lowest bits are no part of it. */
#define SLOTS_VALUES(handle) ((handle) >> 8)
#define SLOTS_INDEX(handle)  ((handle) >> 2 & (SLOTS_TABLE - 1))

/* So many keys have room for one that is used: a key stands where it is looked for first, nearly always. */
#define SLOTS_KEY_ROOM 4u

struct slot_table {
    uint32_t lives[SLOTS_TABLE]; /* 0: none */
};

struct slot_key {
    uint32_t process;
    uint32_t values;
    uint32_t table; /* 0: no key */
    uint32_t used;  /* slots that lead to a life */
};

/* Tables stand in chunks of a large page's size. */
#define SLOTS_CHUNK_BITS 13u
#define SLOTS_CHUNK      (1u << SLOTS_CHUNK_BITS)

/* All zero is empty. */
struct slots {
    struct slot_key *keys;
    uint32_t key_room; /* a power of two */
    uint32_t key_count;
    struct slot_table **chunks;
    uint32_t chunk_count;
    uint32_t chunk_room;
    uint32_t table_count; /* numbers handed out, [0] included */
    uint32_t free;        /* given back; its first slot is the next such table */
};

/* A slot, until another is set or cleared. */
struct slot_place {
    struct slot_key *key;
    uint32_t *slot; /* NULL: no table has it yet */
};

static inline uint32_t slots_tag(uint32_t process, uint32_t handle)
{
    return (uint32_t)hash_mix((uint64_t)process << 32 | SLOTS_VALUES(handle));
}

/* `tag` is slots_tag of the others. */
static inline struct slot_place slots_find(const struct slots *s, uint32_t tag, uint32_t process, uint32_t handle)
{
    uint32_t mask = s->key_room - 1;
    if (!s->key_room)
        return (struct slot_place){NULL, NULL};
    for (uint32_t at = tag & mask; s->keys[at].table; at = (at + 1) & mask) {
        struct slot_key *key = &s->keys[at];
        if (key->process != process || key->values != SLOTS_VALUES(handle))
            continue;
        struct slot_table *table = &s->chunks[key->table >> SLOTS_CHUNK_BITS][key->table & (SLOTS_CHUNK - 1)];
        return (struct slot_place){key, &table->lives[SLOTS_INDEX(handle)]};
    }
    return (struct slot_place){NULL, NULL};
}

/* What comes near before a slot is looked for; not NULL once slots_reserve succeeded. */
static inline const struct slot_key *slots_likely(const struct slots *s, uint32_t tag)
{
    return s->keys ? &s->keys[tag & (s->key_room - 1)] : NULL;
}

/* So that slots_set cannot fail. False for want of memory. */
bool slots_make_room(struct slots *s);
static inline bool slots_reserve(struct slots *s)
{
    bool has_table = s->free || (s->table_count && s->table_count >> SLOTS_CHUNK_BITS < s->chunk_count);
    return (s->key_count * SLOTS_KEY_ROOM < s->key_room && has_table) || slots_make_room(s);
}

/* Gives a value a place in a new table. */
struct slot_place slots_add(struct slots *s, uint32_t tag, uint32_t process, uint32_t handle);
/* The slot of `place`, or of a new one where there is none, leads to a life; slots_reserve succeeded. */
static inline void slots_set(struct slots *s, struct slot_place place, uint32_t tag, uint32_t process, uint32_t handle,
                             uint32_t life)
{
    if (!place.slot)
        place = slots_add(s, tag, process, handle);
    place.key->used += *place.slot == 0;
    *place.slot = life;
}

/* A table that nobody uses goes back. */
void slots_drop(struct slots *s, struct slot_key *key);
static inline void slots_clear(struct slots *s, struct slot_place place)
{
    *place.slot = 0;
    if (--place.key->used == 0)
        slots_drop(s, place.key);
}

void slots_free(struct slots *s);

#endif
