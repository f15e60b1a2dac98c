/* Interns stacks: raw parts through a cache, resolved ones by content. */
#include "core/ledger/stacks.h"

#include "core/etl/bytes.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 0x4000000u

enum node_kind {
    NODE_FRAMES, /* first, count */
    NODE_KEY,    /* first: instance */
    NODE_PAIR,   /* first, second: numbers of stacks */
};

struct stack_node {
    uint32_t hash;
    uint32_t first;
    uint32_t second;
    uint32_t process; /* whose addresses; PROCESS_UNKNOWN where it does not matter */
    int64_t time;     /* of its first use */
    uint16_t count;
    uint8_t kind;
    bool user;       /* ends in user code */
    bool unresolved; /* a frame is in no module that was known then */
};

/* A key from its first use to its definition. */
struct key_instance {
    uint32_t first; /* into raw */
    uint16_t count;
    bool defined;
    bool kernel32;
};

bool stacks_start(struct stacks *s, const struct names *names, struct processes *processes)
{
    memset(s, 0, sizeof *s);
    s->names = names;
    s->processes = processes;
    if (!grow_array(&s->nodes, &s->room, 1, sizeof *s->nodes))
        return false;
    s->count = 1; /* STACK_NONE: no frames */
    return true;
}

static bool same_frames(const struct ledger_frame *a, const struct ledger_frame *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (a[i].offset != b[i].offset || a[i].image != b[i].image)
            return false;
    return true;
}

static bool same_node(const struct stacks *s, const struct stack_node *a, const struct stack_node *b,
                      const struct ledger_frame *frames)
{
    if (a->hash != b->hash || a->kind != b->kind || a->count != b->count || a->process != b->process)
        return false;
    if (a->kind == NODE_FRAMES)
        return same_frames(s->frames + a->first, frames, a->count);
    return a->first == b->first && a->second == b->second;
}

static bool rehash(struct stacks *s)
{
    uint32_t count = s->slot_count ? s->slot_count * 2 : 1024;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t id = 1; id < s->count; id++) {
        uint32_t at = s->nodes[id].hash & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = id;
    }
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

/* `frames` are copied when the node is new; NULL for other kinds. */
static bool intern(struct stacks *s, struct stack_node *node, const struct ledger_frame *frames, uint32_t *id)
{
    uint64_t h = hash_two((uint64_t)node->process << 8 | node->kind, node->count);
    for (uint32_t i = 0; frames && i < node->count; i++) {
        h = (h ^ frames[i].offset ^ (uint64_t)frames[i].image << 40) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    if (!frames)
        h = h ^ node->first ^ (uint64_t)node->second << 32;
    node->hash = (uint32_t)hash_mix(h);
    if ((uint64_t)s->count * 4 >= (uint64_t)s->slot_count * 3 && !rehash(s))
        return false;
    uint32_t at = node->hash & (s->slot_count - 1);
    for (; s->slots[at]; at = (at + 1) & (s->slot_count - 1))
        if (same_node(s, &s->nodes[s->slots[at]], node, frames)) {
            *id = s->slots[at] | (node->user ? STACK_USER : 0);
            return true;
        }
    if (s->count >= NODES_MAX || !grow_array(&s->nodes, &s->room, s->count + 1, sizeof *s->nodes))
        return false;
    if (frames) {
        if (!grow_array(&s->frames, &s->frame_room, s->frame_count + node->count, sizeof *s->frames))
            return false;
        memcpy(s->frames + s->frame_count, frames, node->count * sizeof *frames);
        node->first = s->frame_count;
        s->frame_count += node->count;
    }
    s->slots[at] = s->count;
    s->nodes[s->count] = *node;
    *id = s->count++ | (node->user ? STACK_USER : 0);
    return true;
}

/* One address as module and offset, where a module is known. */
static inline struct ledger_frame resolve(const struct stacks *s, uint32_t process, int64_t time, uint64_t address,
                                          bool kernel)
{
    const struct image_map *map = kernel ? &s->kernel : &s->processes->list[process].images;
    const struct image_range *r = image_map_find(map, address, time);
    struct ledger_frame f = {.offset = address, .kernel = kernel};
    if (r) {
        f.offset -= r->base;
        f.image = r->image;
    }
    return f;
}

static bool intern_frames(struct stacks *s, uint32_t process, int64_t time, const struct ledger_frame *frames,
                          uint32_t count, uint32_t *id)
{
    struct stack_node node = {.kind = NODE_FRAMES, .count = (uint16_t)count, .time = time};
    if (!count) {
        *id = STACK_NONE;
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        /* Addresses without a module mean something in their own process only. */
        node.unresolved = node.unresolved || !frames[i].image;
        node.user = node.user || !frames[i].kernel;
    }
    node.process = node.unresolved ? process : PROCESS_UNKNOWN;
    return intern(s, &node, frames, id);
}

bool stacks_put_frames(struct stacks *s, uint32_t process, const struct stack_part *part, const uint64_t hash[2],
                       uint32_t *stack)
{
    struct ledger_frame frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    for (size_t i = 0; i < part->frame_count && count < STACK_FRAMES_MAX; i++) {
        uint64_t address = le_pointer(part->frames + i * part->pointer_size, part->pointer_size);
        if (address)
            frames[count++] = resolve(s, process, part->time, address, stack_is_kernel(address, part->pointer_size));
    }
    return intern_frames(s, process, part->time, frames, count, stack) && stack_cache_put(&s->cache, hash, *stack);
}

static void key_hash(uint64_t key, uint64_t process, uint64_t hash[2])
{
    hash[0] = hash_two(key, process);
    hash[1] = hash_two(~process, key * 0xC2B2AE3D27D4EB4Fu);
}

#define NO_PROCESS UINT64_MAX

bool stacks_put_key(struct stacks *s, uint32_t process, const struct stack_part *part, uint32_t *stack)
{
    uint64_t hash[2];
    uint32_t instance = 0;
    key_hash(part->key, NO_PROCESS, hash);
    if (!stack_cache_find(&s->keys, hash, &instance) || s->instances[instance].defined) {
        if (!grow_array(&s->instances, &s->instance_room, s->instance_count + 1, sizeof *s->instances))
            return false;
        instance = s->instance_count++;
        s->instances[instance] = (struct key_instance){0};
        if (!stack_cache_put(&s->keys, hash, instance))
            return false;
    }
    struct stack_node node = {
        .kind = NODE_KEY, .first = instance, .process = process, .time = part->time, .user = part->user_part};
    return intern(s, &node, NULL, stack);
}

bool stacks_define(struct stacks *s, const struct etl_stack_key_event *e)
{
    uint64_t hash[2];
    uint32_t instance = 0;
    key_hash(e->key, NO_PROCESS, hash);
    if (!stack_cache_find(&s->keys, hash, &instance) || s->instances[instance].defined)
        return true; /* nothing that was recorded used it */
    uint32_t count = e->frame_count < STACK_FRAMES_MAX ? (uint32_t)e->frame_count : STACK_FRAMES_MAX;
    if (!grow_array(&s->raw, &s->raw_room, s->raw_count + count, sizeof *s->raw))
        return false;
    struct key_instance *k = &s->instances[instance];
    *k = (struct key_instance){s->raw_count, (uint16_t)count, true, e->pointer_size == 4};
    for (uint32_t i = 0; i < count; i++)
        s->raw[s->raw_count++] = etl_frame(e->frames, e->pointer_size, i);
    return true;
}

static bool join_frames(struct stacks *s, const struct stack_node *a, const struct stack_node *b, uint32_t *stack)
{
    struct ledger_frame frames[STACK_FRAMES_MAX];
    uint32_t first = a->count;
    uint32_t second = b->count < STACK_FRAMES_MAX - first ? b->count : STACK_FRAMES_MAX - first;
    memcpy(frames, s->frames + a->first, first * sizeof *frames);
    memcpy(frames + first, s->frames + b->first, second * sizeof *frames);
    bool user = a->user || b->user; /* also when its frames are too many */
    uint32_t process = a->process ? a->process : b->process;
    if (!intern_frames(s, process, a->time, frames, first + second, stack))
        return false;
    *stack |= user ? STACK_USER : 0;
    return true;
}

bool stacks_join_two(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack)
{
    uint64_t hash[2];
    key_hash((uint64_t)first << 32 | second, NO_PROCESS - 1, hash);
    if (stack_cache_find(&s->cache, hash, stack))
        return true;
    const struct stack_node *a = &s->nodes[first & ~STACK_USER];
    const struct stack_node *b = &s->nodes[second & ~STACK_USER];
    bool ok = true;
    if (a->kind == NODE_FRAMES && b->kind == NODE_FRAMES) {
        ok = join_frames(s, a, b, stack);
    } else {
        struct stack_node node = {.kind = NODE_PAIR,
                                  .first = first & ~STACK_USER,
                                  .second = second & ~STACK_USER,
                                  .process = a->process ? a->process : b->process,
                                  .time = a->time,
                                  .user = a->user || b->user};
        ok = intern(s, &node, NULL, stack);
    }
    return ok && stack_cache_put(&s->cache, hash, *stack);
}

/* Appends the frames of a node; pairs of pairs nest no deeper than the parts of one stack. */
static uint32_t flatten(const struct stacks *s, uint32_t id, struct ledger_frame *frames, uint32_t count, int depth)
{
    const struct stack_node *n = &s->nodes[id];
    if (n->kind == NODE_PAIR)
        return depth ? flatten(s, n->second, frames, flatten(s, n->first, frames, count, depth - 1), depth - 1) : count;
    if (n->kind == NODE_KEY) {
        const struct key_instance *k = &s->instances[n->first];
        for (uint32_t i = 0; i < k->count && count < STACK_FRAMES_MAX; i++) {
            uint64_t a = s->raw[k->first + i];
            if (a)
                frames[count++] = resolve(s, n->process, n->time, a, stack_is_kernel(a, k->kernel32 ? 4 : 8));
        }
        return count;
    }
    for (uint32_t i = 0; i < n->count && count < STACK_FRAMES_MAX; i++) {
        struct ledger_frame f = s->frames[n->first + i];
        /* Its module may have been told since: at the end of the recording, say. */
        frames[count++] = f.image ? f : resolve(s, n->process, n->time, f.offset, f.kernel);
    }
    return count;
}

#define PARTS_MAX 8

bool stacks_finish(struct stacks *s)
{
    uint32_t before = s->count;
    struct ledger_frame frames[STACK_FRAMES_MAX];
    uint32_t *final = calloc(before, sizeof *final);
    if (!final)
        return false;
    for (uint32_t id = 1; id < before; id++) {
        struct stack_node n = s->nodes[id];
        final[id] = id;
        if (n.kind == NODE_FRAMES && !n.unresolved)
            continue;
        uint32_t count = flatten(s, id, frames, 0, PARTS_MAX);
        if (!intern_frames(s, n.process, n.time, frames, count, &final[id])) {
            free(final);
            return false;
        }
    }
    /* What one became may have become another, of which more was known. Each step knows more: the way ends. */
    for (uint32_t id = before; id-- > 1;)
        while ((final[id] & ~STACK_USER) < before && final[final[id] & ~STACK_USER] != final[id])
            final[id] = final[final[id] & ~STACK_USER];
    s->final = final;
    s->final_count = before;
    return true;
}

/* Those made in stacks_finish itself are final. */
uint32_t stacks_final(const struct stacks *s, uint32_t stack)
{
    stack &= ~STACK_USER;
    return stack < s->final_count ? s->final[stack] & ~STACK_USER : stack;
}

const struct ledger_frame *stacks_frames(const struct stacks *s, uint32_t stack, uint32_t *count)
{
    static const struct stack_node outline = {.kind = NODE_FRAMES};
    stack &= ~STACK_USER;
    const struct stack_node *n = stack < s->count ? &s->nodes[stack] : &outline;
    *count = n->kind == NODE_FRAMES ? n->count : 0;
    return *count ? s->frames + n->first : NULL;
}

void stacks_free(struct stacks *s)
{
    image_map_free(&s->kernel);
    free(s->nodes);
    free(s->frames);
    free(s->slots);
    stack_cache_free(&s->cache);
    stack_cache_free(&s->keys);
    free(s->instances);
    free(s->raw);
    free(s->final);
    memset(s, 0, sizeof *s);
}
