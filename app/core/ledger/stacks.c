/* Interns stacks: raw parts through a cache, resolved ones by content. */
#include "core/ledger/stacks_inside.h"

#include "core/etl/bytes.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 0x4000000u

bool stacks_start(struct stacks *s, const struct names *names, struct processes *processes)
{
    memset(s, 0, sizeof *s);
    s->names = names;
    s->processes = processes;
    s->tidy_min = STACKS_TIDY_MIN;
    if (!grow_list(&s->nodes, &s->room, 1, sizeof *s->nodes) ||
        !grow_list(&s->frames, &s->frame_room, 1, sizeof *s->frames))
        return false;
    s->nodes[STACK_NONE] = (struct stack_node){.kind = NODE_FRAMES}; /* none */
    s->count = 1;
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
    return a->first == b->first && (a->kind != NODE_PAIR || a->second == b->second);
}

void stacks_place_all(struct stacks *s)
{
    for (uint32_t id = 1; id < s->count; id++) {
        uint32_t at = s->nodes[id].hash & (s->slot_count - 1);
        while (s->slots[at])
            at = (at + 1) & (s->slot_count - 1);
        s->slots[at] = id;
    }
}

static bool rehash(struct stacks *s)
{
    uint32_t count = s->slot_count ? s->slot_count * 2 : 1024;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    stacks_place_all(s);
    return true;
}

uint32_t stacks_hash(const struct stack_node *node, const struct ledger_frame *frames)
{
    uint64_t h = hash_two((uint64_t)node->process << 8 | node->kind, node->count);
    for (uint32_t i = 0; frames && i < node->count; i++) {
        h = (h ^ frames[i].offset ^ (uint64_t)frames[i].image << 40) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    if (!frames)
        h = h ^ node->first ^ (uint64_t)(node->kind == NODE_PAIR ? node->second : 0) << 32;
    return (uint32_t)hash_mix(h);
}

bool stacks_intern(struct stacks *s, struct stack_node *node, const struct ledger_frame *frames, uint32_t *id)
{
    node->hash = stacks_hash(node, frames);
    if ((uint64_t)s->count * 4 >= (uint64_t)s->slot_count * 3 && !rehash(s))
        return false;
    uint32_t at = node->hash & (s->slot_count - 1);
    for (; s->slots[at]; at = (at + 1) & (s->slot_count - 1))
        if (same_node(s, &s->nodes[s->slots[at]], node, frames)) {
            *id = s->slots[at] | (node->user ? STACK_USER : 0);
            return true;
        }
    if (s->count >= NODES_MAX || !grow_list(&s->nodes, &s->room, s->count + 1, sizeof *s->nodes))
        return false;
    if (frames) {
        if (!grow_list(&s->frames, &s->frame_room, s->frame_count + node->count, sizeof *s->frames))
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

bool stacks_intern_frames(struct stacks *s, uint32_t process, int64_t time, const struct ledger_frame *frames,
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
    return stacks_intern(s, &node, frames, id);
}

bool stacks_put_frames(struct stacks *s, uint32_t process, const struct stack_part *part, const uint64_t hash[2],
                       uint32_t *stack)
{
    struct ledger_frame frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    for (size_t i = 0; i < part->frame_count && i < STACK_FRAMES_MAX; i++) {
        uint64_t address = le_pointer(part->frames + i * part->pointer_size, part->pointer_size);
        if (address)
            frames[count++] =
                stacks_resolve(s, process, part->time, address, stack_is_kernel(address, part->pointer_size));
    }
    return stacks_intern_frames(s, process, part->time, frames, count, stack) &&
           stack_cache_put(&s->cache, hash, *stack);
}

static void join_hash(uint32_t first, uint32_t second, uint64_t hash[2])
{
    uint64_t both = (uint64_t)first << 32 | second;
    hash[0] = hash_two(both, 1);
    hash[1] = hash_two(1, both * 0xC2B2AE3D27D4EB4Fu);
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
    if (!stacks_intern_frames(s, process, a->time, frames, first + second, stack))
        return false;
    *stack |= user ? STACK_USER : 0;
    return true;
}

static bool join_known(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack)
{
    uint64_t hash[2];
    if (!s->nodes[second].count) { /* if both have none, it is still not no stack */
        *stack = first | (s->nodes[first].user ? STACK_USER : 0);
        return true;
    }
    join_hash(first, second, hash);
    return stack_cache_find(&s->cache, hash, stack) ||
           (join_frames(s, &s->nodes[first], &s->nodes[second], stack) && stack_cache_put(&s->cache, hash, *stack));
}

bool stacks_pair(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack)
{
    first = stacks_known(s, first);
    second = stacks_known(s, second);
    const struct stack_node *a = &s->nodes[first];
    const struct stack_node *b = &s->nodes[second];
    if (a->kind == NODE_FRAMES && b->kind == NODE_FRAMES)
        return join_known(s, first, second, stack);
    struct stack_node node = {.kind = NODE_PAIR,
                              .first = first,
                              .second = second,
                              .process = a->process ? a->process : b->process,
                              .time = a->time,
                              .user = a->user || b->user};
    return stacks_intern(s, &node, NULL, stack);
}

bool stacks_join_two(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack)
{
    uint64_t hash[2];
    join_hash(first, second, hash);
    if (stack_cache_find(&s->cache, hash, stack))
        return true;
    if (!stacks_pair(s, first & ~STACK_USER, second & ~STACK_USER, stack))
        return false;
    /* A key says that it ends in user code before its frames do. */
    *stack |= (first | second) & STACK_USER;
    return stack_cache_put(&s->cache, hash, *stack);
}

/* Appends the frames of a node; pairs of pairs nest no deeper than the parts of one stack. */
static uint32_t flatten(const struct stacks *s, uint32_t id, struct ledger_frame *frames, uint32_t count, int depth)
{
    const struct stack_node *n = &s->nodes[id];
    if (n->kind == NODE_PAIR)
        return depth ? flatten(s, n->second, frames, flatten(s, n->first, frames, count, depth - 1), depth - 1) : count;
    if (n->kind == NODE_KEY)
        return count; /* nobody told its frames */
    if (n->kind == NODE_BECAME)
        return flatten(s, n->first, frames, count, depth);
    for (uint32_t i = 0; i < n->count && count < STACK_FRAMES_MAX; i++) {
        struct ledger_frame f = s->frames[n->first + i];
        /* Its module may have been told since: at the end of the recording, say. */
        frames[count++] = f.image ? f : stacks_resolve(s, n->process, n->time, f.offset, f.kernel);
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
        final[id] = n.kind == NODE_BECAME ? n.first : id;
        if (n.kind == NODE_BECAME)
            continue;
        if (n.kind == NODE_FRAMES && !n.unresolved)
            continue;
        uint32_t count = flatten(s, id, frames, 0, PARTS_MAX);
        if (!stacks_intern_frames(s, n.process, n.time, frames, count, &final[id])) {
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
    free(s->keys.rows);
    free(s->final);
    memset(s, 0, sizeof *s);
}
