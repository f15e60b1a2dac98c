/* An open hash table of the tables' keys, and the tables. */
#include "core/ledger/slots.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_FIRST 256u

static uint32_t home_of(const struct slots *s, const struct slot_key *key)
{
    return slots_tag(key->process, key->values << 8) & (s->key_room - 1);
}

static struct slot_key *empty_key(const struct slots *s, uint32_t home)
{
    uint32_t at = home;
    while (s->keys[at].table)
        at = (at + 1) & (s->key_room - 1);
    return &s->keys[at];
}

static bool grow_keys(struct slots *s)
{
    struct slots more = {.key_room = s->key_room ? s->key_room * 2 : KEYS_FIRST};
    more.keys = more.key_room ? memory_take(more.key_room * sizeof *more.keys) : NULL;
    if (!more.keys)
        return false;
    for (uint32_t i = 0; i < s->key_room; i++)
        if (s->keys[i].table)
            *empty_key(&more, home_of(&more, &s->keys[i])) = s->keys[i];
    memory_give(s->keys, s->key_room * sizeof *s->keys);
    s->keys = more.keys;
    s->key_room = more.key_room;
    return true;
}

static bool add_chunk(struct slots *s)
{
    if (s->chunk_count > UINT32_MAX >> SLOTS_CHUNK_BITS ||
        !grow_array(&s->chunks, &s->chunk_room, s->chunk_count + 1, sizeof(struct slot_table *)))
        return false;
    s->chunks[s->chunk_count] = memory_take(SLOTS_CHUNK * sizeof **s->chunks);
    if (!s->chunks[s->chunk_count])
        return false;
    s->chunk_count++;
    s->table_count += s->table_count == 0; /* number 0 is no table */
    return true;
}

bool slots_make_room(struct slots *s)
{
    if (s->key_count * SLOTS_KEY_ROOM >= s->key_room && !grow_keys(s))
        return false;
    return s->free || (s->table_count && s->table_count >> SLOTS_CHUNK_BITS < s->chunk_count) || add_chunk(s);
}

static uint32_t *first_slot(const struct slots *s, uint32_t table)
{
    return s->chunks[table >> SLOTS_CHUNK_BITS][table & (SLOTS_CHUNK - 1)].lives;
}

struct slot_place slots_add(struct slots *s, uint32_t tag, uint32_t process, uint32_t handle)
{
    uint32_t table = s->free;
    if (table) {
        s->free = *first_slot(s, table);
        *first_slot(s, table) = 0;
    } else {
        table = s->table_count++;
    }
    struct slot_key *key = empty_key(s, tag & (s->key_room - 1));
    *key = (struct slot_key){.process = process, .values = SLOTS_VALUES(handle), .table = table};
    s->key_count++;
    return (struct slot_place){key, first_slot(s, table) + SLOTS_INDEX(handle)};
}

/* Closes the gap, so that no search ends too early at it. */
static void remove_key(struct slots *s, uint32_t at)
{
    uint32_t mask = s->key_room - 1;
    for (uint32_t next = (at + 1) & mask; s->keys[next].table; next = (next + 1) & mask)
        if (((next - home_of(s, &s->keys[next])) & mask) >= ((next - at) & mask)) {
            s->keys[at] = s->keys[next];
            at = next;
        }
    s->keys[at] = (struct slot_key){0};
    s->key_count--;
}

void slots_drop(struct slots *s, struct slot_key *key)
{
    *first_slot(s, key->table) = s->free;
    s->free = key->table;
    remove_key(s, (uint32_t)(key - s->keys));
}

void slots_free(struct slots *s)
{
    for (uint32_t i = 0; i < s->chunk_count; i++)
        memory_give(s->chunks[i], SLOTS_CHUNK * sizeof **s->chunks);
    free(s->chunks);
    memory_give(s->keys, s->key_room * sizeof *s->keys);
    memset(s, 0, sizeof *s);
}
