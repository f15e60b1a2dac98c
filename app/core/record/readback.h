/* Proves a recording by reading it back. Link seam: tests put a scripted one in its place. */
#ifndef HR_RECORD_READBACK_H
#define HR_RECORD_READBACK_H

#include "core/base/err.h"

#define READBACK_TYPES    256
#define READBACK_NAME_MAX 48

/* Handle events of one object type. */
struct readback_type {
    char name[READBACK_NAME_MAX]; /* empty: the recording does not name it */
    uint64_t events;
};

struct readback {
    uint64_t events;
    uint64_t events_lost;
    bool events_lost_known;

    uint64_t handle_events;  /* handles made, closed and duplicated */
    uint64_t handles_listed; /* the inventory at the end */
    bool types_named;        /* the recording says at its end what the types are called */
    struct readback_type types[READBACK_TYPES];
    unsigned type_count; /* those that have events */
};

/* False ends the reading. Called every now and then on the reading thread; -1: how much is left is not known. */
typedef bool readback_go_on_fn(void *ctx, int percent);

/* Reads all of `path`. ERR_CANCELLED: go_on said no. ERR_FORMAT, ERR_TRUNCATED, ERR_MISMATCH: it was read, and it is
 * not whole. Any other failure: it could not be read. */
bool readback_check(const char *path, readback_go_on_fn *go_on, void *ctx, struct readback *out, struct err *err);

#endif
