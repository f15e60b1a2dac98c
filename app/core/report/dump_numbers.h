/* Which stack a number of the second pass means: numbers that were given anew in between lead to those at the end of
 * the first. One thread. Memory: about 10 bytes for each stack that had a number, where any number was given anew. */
#ifndef HR_REPORT_DUMP_NUMBERS_H
#define HR_REPORT_DUMP_NUMBERS_H

#include "core/ledger/stacks.h"

struct dump_map {
    uint32_t *to;
    uint32_t count;
};

/* All zero is empty. */
struct dump_numbers {
    struct dump_map *maps; /* one for each time that the first pass gave new numbers */
    uint32_t count;
    uint32_t room;
    uint32_t passed; /* times that the second pass did */
};

/* First pass: numbers are given anew. False for want of memory. */
bool dump_numbers_put(struct dump_numbers *n, const uint32_t *numbers, uint32_t count);
/* Between the passes: makes each map lead to the numbers at the end. */
void dump_numbers_settle(struct dump_numbers *n);
/* Second pass: numbers are given anew. */
void dump_numbers_pass(struct dump_numbers *n);
/* The number at the end of the first pass of what has this number now. */
uint32_t dump_numbers_final(const struct dump_numbers *n, uint32_t stack);
void dump_numbers_free(struct dump_numbers *n);

#endif
