/* Stands in for merging and carrying forward: the scripted world's files are texts, which are put one after the other.
 */
#ifndef HR_TEST_SCRIPTED_MERGE_H
#define HR_TEST_SCRIPTED_MERGE_H

#include "core/base/err.h"

#include <stdatomic.h>

struct scripted_merge {
    atomic_uint merges;
    atomic_uint carries;
    atomic_int code;   /* enum err_code both fail with; ERR_NONE: they succeed */
    atomic_bool stuck; /* goes on until it is cancelled or this is false */
    atomic_bool warns; /* an input ends early */
};

extern struct scripted_merge scripted_merge;

void scripted_merge_reset(void);

#endif
