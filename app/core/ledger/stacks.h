/* Call stacks, each distinct one once, as modules and offsets. One thread.
 *
 * A stack may be known in parts: frames, a key whose frames are told later, or two of these joined. stacks_finish makes
 * frames of everything that can be; until then numbers of stacks only compare equal or not.
 *
 * A key is told again and again, and each time its uses since are one of few stacks: stacks_tidy lets go of the numbers
 * that these uses had, so that memory follows distinct stacks. */
#ifndef HR_LEDGER_STACKS_H
#define HR_LEDGER_STACKS_H

#include "core/ledger/processes.h"

#define STACK_NONE       0u
#define STACK_OUTLINE    1u          /* where nobody asks for frames: any stack that has some */
#define STACK_USER       0x80000000u /* part of a number: the stack ends in user code */
#define STACK_FRAMES_MAX 400u /* Windows walks 192 at most; two parts and the keys of a crafted file may say more */

struct ledger_frame {
    uint64_t offset; /* into the image; without one the address */
    uint32_t image;  /* of the ledger's images; 0: none is known there */
    bool kernel;
};

struct stack_node; /* see stacks_inside.h */
struct key_row;    /* see stack_keys.c */

/* A part of a stack as an event tells it: frames, or a key. Where nobody asks for frames its outline: frame_count is 1
 * when there are any, user_part says whether one is in user code, and nothing else is told but the time. */
struct stack_part {
    bool by_key;
    bool user_part; /* by_key only */
    uint8_t pointer_size;
    uint16_t frame_count;
    int64_t time; /* of the event whose stack it is */
    uint64_t key;
    uint64_t hash[2];      /* stack_cache_hash of the frames; not by_key */
    const uint8_t *frames; /* innermost first */
};

/* Four in a line of the processor's cache. The place in the table is part of the comparison. */
struct cache_row {
    uint64_t hash;
    uint32_t check;
    uint32_t stack; /* + 1; 0: empty */
};

/* Raw parts met lately, by independent hashes of 64 and 32 bits: addresses are not compared. What has the first of them
 * and not the second is out of date: its row is taken by what is put next. */
struct stack_cache {
    struct cache_row *rows;
    uint32_t room;
    uint32_t used;
};
/* The row of this hash, or the empty one that it would be put in; c->room > 0. */
static inline struct cache_row *stack_cache_row(const struct stack_cache *c, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (c->room - 1);
    while (c->rows[at].hash != hash && c->rows[at].stack)
        at = (at + 1) & (c->room - 1);
    return &c->rows[at];
}
static inline bool stack_cache_find(const struct stack_cache *c, const uint64_t hash[2], uint32_t *stack)
{
    const struct cache_row *row = c->room ? stack_cache_row(c, hash[0]) : NULL;
    if (!row || !row->stack || row->check != (uint32_t)hash[1])
        return false;
    *stack = row->stack - 1;
    return true;
}
/* Forgets everything when it is full: what is forgotten is only made again. */
bool stack_cache_put(struct stack_cache *c, const uint64_t hash[2], uint32_t stack);
void stack_cache_free(struct stack_cache *c);
/* Of hash[1] the lower half counts. */
void stack_cache_hash(const uint8_t *frames, size_t count, uint8_t pointer_size, uint64_t hash[2]);

/* The keys that were used and not told since. */
struct stack_keys {
    struct key_row *rows;
    uint32_t room;
    uint32_t used;
    uint32_t instances; /* keys from their first use to their being told */
};

struct stacks {
    const struct names *names;
    struct processes *processes;
    struct image_map kernel;
    struct stack_node *nodes; /* by number */
    uint32_t count;
    uint32_t room;
    struct ledger_frame *frames;
    uint32_t frame_count;
    uint32_t frame_room;
    uint32_t *slots; /* number by content */
    uint32_t slot_count;
    struct stack_cache cache;
    struct stack_keys keys;
    uint32_t became;   /* nodes that are known by another number since the last tidying */
    uint32_t kept;     /* nodes that were left by it */
    uint32_t tidy_min; /* new nodes that are not worth one; tests have it smaller */
    uint32_t *final;   /* after stacks_finish: what each number of before became */
    uint32_t final_count;
};

/* Whether a frame is in the kernel. */
static inline bool stack_is_kernel(uint64_t address, uint8_t pointer_size)
{
    return pointer_size == 8 ? address >> 63 : address >= 0x80000000u;
}
static inline uint32_t stack_outline(const struct stack_part *part)
{
    return !part->frame_count ? STACK_NONE : part->user_part ? STACK_OUTLINE | STACK_USER : STACK_OUTLINE;
}

/* With fewer new nodes the caches that are emptied cost more than what is won. */
#define STACKS_TIDY_MIN 0x4000u

bool stacks_start(struct stacks *s, const struct names *names, struct processes *processes);
/* What the same addresses mean depends on whose they are, and on which modules are there: what was put before those
 * changed is out of date. */
static inline uint64_t stacks_part_hash(uint32_t pid, const struct stack_part *part)
{
    return part->hash[0] ^ pid * 0x9E3779B97F4A7C15u;
}
static inline uint32_t stacks_part_check(const struct stacks *s, uint32_t process, const struct stack_part *part)
{
    uint32_t epoch = s->processes->list[process].images.epoch + s->kernel.epoch;
    return (uint32_t)part->hash[1] + epoch + process * 0x85EBCA77u;
}
/* Frames that were not put lately. */
bool stacks_put_frames(struct stacks *s, uint32_t process, const struct stack_part *part, const uint64_t hash[2],
                       uint32_t *stack);
bool stacks_put_key(struct stacks *s, uint32_t process, const struct stack_part *part, uint32_t *stack);
/* A part of a stack that `process`, of this pid, walked. */
static inline bool stacks_put(struct stacks *s, uint32_t process, uint32_t pid, const struct stack_part *part,
                              uint32_t *stack)
{
    if (part->by_key)
        return stacks_put_key(s, process, part, stack);
    const uint64_t hash[2] = {stacks_part_hash(pid, part), stacks_part_check(s, process, part)};
    return stack_cache_find(&s->cache, hash, stack) || stacks_put_frames(s, process, part, hash, stack);
}
/* What comes near before this is put; not by_key, and s->cache.room > 0. */
static inline const struct cache_row *stacks_likely(const struct stacks *s, uint32_t pid, const struct stack_part *part)
{
    return &s->cache.rows[(uint32_t)stacks_part_hash(pid, part) & (s->cache.room - 1)];
}
/* The frames of a key, for all its uses since it was defined last. */
bool stacks_define(struct stacks *s, const struct etl_stack_key_event *e);
bool stacks_join_two(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack);
static inline bool stacks_join(struct stacks *s, uint32_t first, uint32_t second, uint32_t *stack)
{
    if (first && second)
        return stacks_join_two(s, first, second, stack);
    *stack = first ? first : second;
    return true;
}
/* Whether stacks_tidy would be worth its time when it costs the caller as much as so many more nodes. Never without
 * keys. */
bool stacks_tidy_due(const struct stacks *s, uint32_t more);
/* Gives all stacks new numbers: *numbers (free) leads from those before, which were *count, to them; see
 * stacks_renumbered. Not after stacks_finish. */
bool stacks_tidy(struct stacks *s, uint32_t **numbers, uint32_t *count);
static inline uint32_t stacks_renumbered(const uint32_t *numbers, uint32_t stack)
{
    return numbers[stack & ~STACK_USER] | (stack & STACK_USER);
}
bool stacks_finish(struct stacks *s);
/* After stacks_finish only: the number that all equal stacks share, and its frames, innermost first. */
uint32_t stacks_final(const struct stacks *s, uint32_t stack);
const struct ledger_frame *stacks_frames(const struct stacks *s, uint32_t stack, uint32_t *count);
void stacks_free(struct stacks *s);

#endif
