/* Makes one trace file of several that belong to one recording: a ring and its companion, snapshots of a ring,
 * segments, what was carried forward from segments. Any thread, one call at a time for one output; it takes as long as
 * reading all of them, writing and reading back.
 *
 * The result reads exactly as the inputs do together: every event once, its record byte for byte, in the stream of its
 * processor and in order of time. (One exception: the stack of an event that two sessions told at two times gets the
 * time of the one that is kept.) Only the inputs' header records become one: earliest start, latest end, losses added
 * up. What the header cannot say (that a ring was in it, that losses are not known, that an input was damaged) stands
 * in an event of this program's own: see origin.h.
 *
 * Memory: a buffer per processor stream of each input and of the output; not the length of the files. */
#ifndef HR_ETL_MERGE_H
#define HR_ETL_MERGE_H

#include "core/etl/marks.h"
#include "core/etl/verify.h"

#define MERGE_FILES_MAX   64u
#define MERGE_PART_SUFFIX ".part" /* of the output until it is proven */

struct merge_input {
    const char *path;
    bool live; /* a session writes it still: that it was not closed is no damage */
};

struct merge_options {
    const struct merge_input *inputs; /* in any order; all of one start of Windows and one clock */
    unsigned input_count;             /* 1 to MERGE_FILES_MAX */
    const char *output;
    bool replace; /* an existing output is replaced, once the new one is proven; else it is ERR_EXISTS */
    const struct etl_mark *marks; /* in any order */
    unsigned mark_count;
    etl_go_on_fn *go_on; /* may be NULL; false: ERR_CANCELLED, and nothing stays behind */
    void *ctx;
};

enum merge_warning {
    MERGE_CUT = 1,     /* an input ends early or was not closed */
    MERGE_DAMAGED = 2, /* an input has damaged buffers: what could be read of it is in the output */
    MERGE_SKIPPED = 4, /* records of a kind that this program cannot place in time are not in the output */
};

struct merge_result {
    unsigned warnings;     /* enum merge_warning; 0: all that the inputs hold is in the output */
    unsigned first_warned; /* the first input that a warning is about */
    uint64_t damaged_buffers;
    uint64_t skipped;
    uint64_t repeated; /* events that came from more than one input */
    uint64_t marks;
    struct etl_verify_result written; /* as read back */
};

/* On failure nothing is left at `output` but what was there before, and no temporary file; the inputs are never
 * touched. Besides what reading and writing files can say:
 *   ERR_ARGUMENT  no input, too many, or they are not of one recording
 *   ERR_FORMAT, ERR_TRUNCATED  an input is no trace at all
 *   ERR_EXISTS    the output is there and `replace` is not set
 *   ERR_MISMATCH  the read-back found something else than was written
 *   ERR_RANGE     more processor streams than memory is allowed for
 *   ERR_CANCELLED
 * An input that is damaged further on, or ends early, is no failure: see warnings. */
bool merge_files(const struct merge_options *options, struct merge_result *out, struct err *err);

/* The warnings in words for `input`s: "ring.etl ends early" ...; nothing when there are none. */
void merge_warning_text(const struct merge_options *options, const struct merge_result *result, struct text *out);

#endif
