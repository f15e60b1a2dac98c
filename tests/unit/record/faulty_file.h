/* A disk that fails: takes the place of file.h's functions (linked with --wrap) and passes on what it does not fail. */
#ifndef HR_TEST_FAULTY_FILE_H
#define HR_TEST_FAULTY_FILE_H

#include "core/base/file.h"

enum faulty_op {
    FAULTY_OPEN,
    FAULTY_CREATE,
    FAULTY_SIZE,
    FAULTY_READ,
    FAULTY_WRITE,
    FAULTY_SYNC,
    FAULTY_RENAME,
    FAULTY_DELETE,
    FAULTY_MAKE_DIR,
    FAULTY_LIST,
    FAULTY_OP_COUNT
};

extern const char *const faulty_op_names[FAULTY_OP_COUNT];

/* Forgets all faults and counts. */
void faulty_reset(void);
/* The at-th call of `op` from now on fails (and for good: every later one) with this errno-like number. `after`: it is
 * done all the same. */
void faulty_fail(enum faulty_op op, unsigned at, bool for_good, bool after, uint32_t number);
/* Every rename to a path that contains `mark` is one to another volume; NULL: none is. */
void faulty_other_volume(const char *mark);
unsigned faulty_calls(enum faulty_op op);
/* How often a fault was hit. */
unsigned faulty_hits(void);

/* A killed program changes nothing any more: while `dead` says so, every operation fails without effect. It is asked
 * before each one. */
void faulty_set_dead(bool (*dead)(void *ctx), void *ctx);

#endif
