/* Stands in for reading a recording back: the scripted world's parts are no real traces. */
#ifndef HR_TEST_SCRIPTED_READBACK_H
#define HR_TEST_SCRIPTED_READBACK_H

#include "core/record/readback.h"

#include <stdatomic.h>

struct scripted_readback {
    atomic_uint calls;
    atomic_int code;   /* enum err_code it fails with; ERR_NONE: it succeeds */
    atomic_bool stuck; /* goes on reading until it is cancelled or this is false */
    /* What is found; written while nothing is under way. */
    struct readback found;
};

extern struct scripted_readback scripted_readback;

void scripted_readback_reset(void);

#endif
