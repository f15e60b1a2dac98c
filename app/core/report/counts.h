/* Counts of lives, folded by process, type and opening stack. One thread. */
#ifndef HR_REPORT_COUNTS_H
#define HR_REPORT_COUNTS_H

#include "core/ledger/grow.h"
#include "core/ledger/ledger.h"

/* preexisting + created + duplicated - closed = open, always. */
struct life_counts {
    uint64_t preexisting;
    uint64_t created;
    uint64_t duplicated; /* inherited ones too */
    uint64_t inherited;
    uint64_t closed; /* those closed at exit and those whose close was lost too */
    uint64_t open;
    uint64_t leaked;         /* open and not preexisting */
    uint64_t leaked_at_exit; /* closed only because the process ended, and not preexisting */
    uint64_t uncertain;
    double seconds; /* that the closed ones were open, together; only life_counts_add knows of them */
};
void life_counts_add(struct life_counts *sum, const struct life_counts *more);
static inline void life_counts_take(struct life_counts *c, const struct ledger_life *life)
{
    bool new = life->how != LEDGER_PREEXISTING;
    if (life->how == LEDGER_CREATED) {
        c->created++;
    } else {
        c->preexisting += new ? 0 : 1;
        c->duplicated += new;
        c->inherited += life->how == LEDGER_INHERITED;
    }
    if (life->end == LEDGER_OPEN) {
        c->open++;
        c->leaked += new;
    } else {
        c->closed++;
        c->leaked_at_exit += life->end == LEDGER_AT_EXIT && new;
    }
    c->uncertain += life->uncertain;
}

/* For sorting, most leaked first: < 0 when `a` comes before `b`. */
int life_counts_order(const struct life_counts *a, const struct life_counts *b);

struct life_group {
    uint32_t process;
    uint32_t stack;
    uint16_t type;
    struct life_counts counts;
    int64_t first; /* opened: of the leaked ones */
    int64_t last;
};

/* All zero is empty. */
struct life_groups {
    struct life_group *list;
    uint32_t count;
    uint32_t room;
    uint32_t *slots;
    uint32_t slot_count;
};
/* What a group is found by. */
static inline uint32_t life_groups_hash(uint32_t process, uint16_t type, uint32_t stack)
{
    return (uint32_t)hash_two((uint64_t)process << 16 | type, stack);
}
/* Hints that a group is asked for soon: its slot, and after that what the slot leads to. */
void life_groups_expect_slot(const struct life_groups *g, uint32_t hash);
void life_groups_expect(const struct life_groups *g, uint32_t hash);
/* Makes a group that is not there; NULL for want of memory. The others move. */
struct life_group *life_groups_add(struct life_groups *g, uint32_t hash, uint32_t process, uint16_t type,
                                   uint32_t stack);
/* The group; NULL when it is not there. */
static inline struct life_group *life_groups_find(const struct life_groups *g, uint32_t hash, uint32_t process,
                                                  uint16_t type, uint32_t stack)
{
    uint32_t mask = g->slot_count - 1;
    for (uint32_t at = hash & mask; g->slot_count && g->slots[at]; at = (at + 1) & mask) {
        struct life_group *x = &g->list[g->slots[at] - 1];
        if (x->stack == stack && x->process == process && x->type == type)
            return x;
    }
    return NULL;
}
/* The group, made when it is new; NULL for want of memory. Valid until the next call. */
struct life_group *life_groups_at(struct life_groups *g, uint32_t process, uint16_t type, uint32_t stack);
/* So many groups at most come into an empty table: none of them moves. False for want of memory. */
bool life_groups_expect_count(struct life_groups *g, uint32_t count);
/* Says whether a group stays, and which stack it has from now on. False for want of memory. */
typedef bool life_groups_stack(void *ctx, const struct life_group *group, uint32_t *stack, bool *stays);
/* Groups that come to the same are one, in the place of the first. */
bool life_groups_restack(struct life_groups *g, life_groups_stack *stack_of, void *ctx);
void life_groups_free(struct life_groups *g);

#endif
