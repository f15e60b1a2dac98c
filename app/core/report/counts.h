/* Counts of lives, folded by process, type and opening stack. One thread. */
#ifndef HR_REPORT_COUNTS_H
#define HR_REPORT_COUNTS_H

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
    double seconds; /* that the closed ones were open, together */
};
void life_counts_add(struct life_counts *sum, const struct life_counts *more);
/* `seconds`: how long it was open. */
void life_counts_take(struct life_counts *c, const struct ledger_life *life, double seconds);

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
uint32_t life_groups_hash(uint32_t process, uint16_t type, uint32_t stack);
/* Hints that a group is asked for soon: its slot, and after that what the slot leads to. */
void life_groups_expect_slot(const struct life_groups *g, uint32_t hash);
void life_groups_expect(const struct life_groups *g, uint32_t hash);
/* The group, made when it is new; NULL for want of memory. Valid until the next call. */
struct life_group *life_groups_find(struct life_groups *g, uint32_t hash, uint32_t process, uint16_t type,
                                    uint32_t stack);
struct life_group *life_groups_at(struct life_groups *g, uint32_t process, uint16_t type, uint32_t stack);
void life_groups_free(struct life_groups *g);

#endif
