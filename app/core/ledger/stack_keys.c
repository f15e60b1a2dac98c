/* Stacks that are known by a key until its frames are told, and the numbers that they had until then. */
#include "core/ledger/stacks_inside.h"

#include "core/base/memory.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* A key from its first use on; goes when it is told. */
struct key_row {
    uint64_t key;
    uint32_t instance;
    uint32_t first; /* the stack used last; STACK_NONE: the row is empty */
};

static uint32_t home_of(const struct stack_keys *k, uint64_t key)
{
    return (uint32_t)hash_mix(key) & (k->room - 1);
}

/* The key's row, or the empty one where it would be; there is room. */
static struct key_row *row_of(const struct stack_keys *k, uint64_t key)
{
    uint32_t at = home_of(k, key);
    while (k->rows[at].first && k->rows[at].key != key)
        at = (at + 1) & (k->room - 1);
    return &k->rows[at];
}

static bool make_room(struct stack_keys *k)
{
    if (k->used * 2 < k->room)
        return true;
    struct stack_keys more = *k;
    more.room = k->room ? k->room * 2 : 256;
    more.rows = more.room ? calloc(more.room, sizeof *more.rows) : NULL;
    if (!more.rows)
        return false;
    for (uint32_t i = 0; i < k->room; i++)
        if (k->rows[i].first)
            *row_of(&more, k->rows[i].key) = k->rows[i];
    free(k->rows);
    *k = more;
    return true;
}

/* Closes the gap, so that no search ends too early at it. */
static void take_out(struct stack_keys *k, struct key_row *row)
{
    uint32_t mask = k->room - 1;
    uint32_t at = (uint32_t)(row - k->rows);
    for (uint32_t next = (at + 1) & mask; k->rows[next].first; next = (next + 1) & mask) {
        uint32_t home = home_of(k, k->rows[next].key);
        if (((next - home) & mask) >= ((next - at) & mask)) {
            k->rows[at] = k->rows[next];
            at = next;
        }
    }
    k->rows[at] = (struct key_row){0};
    k->used--;
}

bool stacks_put_key(struct stacks *s, uint32_t process, const struct stack_part *part, uint32_t *stack)
{
    struct stack_keys *k = &s->keys;
    if (!make_room(k))
        return false;
    struct key_row *row = row_of(k, part->key);
    uint32_t instance = row->first ? row->instance : k->instances;
    uint32_t count = s->count;
    struct stack_node node = {
        .kind = NODE_KEY, .first = instance, .process = process, .time = part->time, .user = part->user_part};
    if (!stacks_intern(s, &node, NULL, stack))
        return false;
    if (s->count == count)
        return true;
    if (!row->first) {
        k->instances++;
        k->used++;
    }
    s->nodes[count].second = row->first;
    *row = (struct key_row){part->key, instance, count};
    return true;
}

/* A key without frames: still another number than no stack has, until the end. */
static bool intern_empty(struct stacks *s, uint32_t *id)
{
    const struct ledger_frame none = {0};
    struct stack_node node = {.kind = NODE_FRAMES, .unresolved = true};
    return stacks_intern(s, &node, &none, id);
}

/* What one process's uses of a key come to. */
static bool define_one(struct stacks *s, uint32_t id, const struct etl_stack_key_event *e)
{
    struct ledger_frame frames[STACK_FRAMES_MAX];
    struct stack_node *n = &s->nodes[id];
    uint32_t count = 0;
    uint32_t known = STACK_NONE;
    for (size_t i = 0; i < e->frame_count && i < STACK_FRAMES_MAX; i++) {
        uint64_t a = etl_frame(e->frames, e->pointer_size, i);
        if (a)
            frames[count++] = stacks_resolve(s, n->process, n->time, a, stack_is_kernel(a, e->pointer_size));
    }
    if (count ? !stacks_intern_frames(s, n->process, n->time, frames, count, &known) : !intern_empty(s, &known))
        return false;
    n = &s->nodes[id]; /* nodes move when there are more */
    n->kind = NODE_BECAME;
    n->first = known & ~STACK_USER;
    s->became++;
    return true;
}

bool stacks_define(struct stacks *s, const struct etl_stack_key_event *e)
{
    struct key_row *row = s->keys.room ? row_of(&s->keys, e->key) : NULL;
    if (!row || !row->first)
        return true; /* nothing that was recorded used it */
    for (uint32_t id = row->first; id; id = s->nodes[id].second)
        if (!define_one(s, id, e))
            return false;
    take_out(&s->keys, row);
    return true;
}

bool stacks_tidy_due(const struct stacks *s, uint32_t more)
{
    return s->became && s->count - s->kept >= (uint64_t)s->kept + more + s->tidy_min;
}

/* A pair whose parts are known by other numbers is another one, or frames. */
static bool settle_pair(struct stacks *s, uint32_t id)
{
    const struct stack_node *n = &s->nodes[id];
    uint32_t stack = STACK_NONE;
    bool same = s->nodes[n->first].kind != NODE_BECAME && s->nodes[n->second].kind != NODE_BECAME;
    if (same && (s->nodes[n->first].kind != NODE_FRAMES || s->nodes[n->second].kind != NODE_FRAMES))
        return true;
    if (!stacks_pair(s, n->first, n->second, &stack))
        return false;
    s->nodes[id].kind = NODE_BECAME;
    s->nodes[id].first = stack & ~STACK_USER;
    return true;
}

/* The nodes that stay close ranks, in their order. */
static void move_nodes(struct stacks *s, const uint32_t *numbers, uint32_t kept)
{
    for (uint32_t id = 1; id < s->count; id++) {
        struct stack_node n = s->nodes[id];
        if (n.kind == NODE_BECAME)
            continue;
        if (n.kind == NODE_PAIR)
            n.first = numbers[n.first];
        if (n.kind == NODE_PAIR || n.kind == NODE_KEY)
            n.second = numbers[n.second];
        if (n.kind == NODE_PAIR)
            n.hash = stacks_hash(&n, NULL);
        s->nodes[numbers[id]] = n;
    }
    s->count = kept;
    memset(s->slots, 0, s->slot_count * sizeof *s->slots);
    stacks_place_all(s);
    for (uint32_t i = 0; i < s->keys.room; i++)
        s->keys.rows[i].first = numbers[s->keys.rows[i].first];
}

bool stacks_tidy(struct stacks *s, uint32_t **numbers, uint32_t *count)
{
    uint32_t before = s->count;
    for (uint32_t id = 1; id < before; id++)
        if (s->nodes[id].kind == NODE_PAIR && !settle_pair(s, id))
            return false;
    uint32_t *map = calloc(s->count, sizeof *map);
    if (!map)
        return false;
    uint32_t kept = 1;
    for (uint32_t id = 1; id < s->count; id++)
        if (s->nodes[id].kind != NODE_BECAME)
            map[id] = kept++;
    for (uint32_t id = 1; id < s->count; id++)
        if (s->nodes[id].kind == NODE_BECAME)
            map[id] = map[stacks_known(s, id)];
    *count = s->count;
    move_nodes(s, map, kept);
    /* Their numbers are others now. */
    stack_cache_free(&s->cache);
    s->became = 0;
    s->kept = kept;
    *numbers = map;
    return true;
}
