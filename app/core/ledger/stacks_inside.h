/* What the files of the stacks share; nobody else includes it. */
#ifndef HR_LEDGER_STACKS_INSIDE_H
#define HR_LEDGER_STACKS_INSIDE_H

#include "core/ledger/stacks.h"

enum node_kind {
    NODE_FRAMES, /* first, count */
    NODE_KEY,    /* first: instance; second: another stack of the same one, or STACK_NONE */
    NODE_PAIR,   /* first, second: numbers of stacks */
    NODE_BECAME, /* first: the number that it is known by now */
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

/* Numbers here are without STACK_USER, except *id and *stack. What returns bool is false for want of memory. */

/* The number that this one is known by now. */
static inline uint32_t stacks_known(const struct stacks *s, uint32_t stack)
{
    while (s->nodes[stack].kind == NODE_BECAME)
        stack = s->nodes[stack].first;
    return stack;
}

/* One address as module and offset, where a module is known. */
static inline struct ledger_frame stacks_resolve(const struct stacks *s, uint32_t process, int64_t time,
                                                 uint64_t address, bool kernel)
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

/* stacks.c */
/* `frames` are copied when the node is new; NULL for other kinds. */
uint32_t stacks_hash(const struct stack_node *node, const struct ledger_frame *frames);
bool stacks_intern(struct stacks *s, struct stack_node *node, const struct ledger_frame *frames, uint32_t *id);
bool stacks_intern_frames(struct stacks *s, uint32_t process, int64_t time, const struct ledger_frame *frames,
                          uint32_t count, uint32_t *id);
bool stacks_pair(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack);
/* Enters all nodes in the slots, which are empty. */
void stacks_place_all(struct stacks *s);

#endif
