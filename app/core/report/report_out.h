/* Output in pieces, so that a long report is never in memory whole. One thread. */
#ifndef HR_REPORT_REPORT_OUT_H
#define HR_REPORT_REPORT_OUT_H

#include "core/base/err.h"
#include "core/base/text.h"

/* Start with {.write = ..., .ctx = ...}. */
struct report_out {
    struct text text; /* what is being added to */
    bool (*write)(void *ctx, const char *bytes, size_t size);
    void *ctx;
    bool failed;  /* writing, or memory */
    bool refused; /* it was writing */
};

/* Writes what has gathered when it is much, or in any case at the end. */
void report_out_pass(struct report_out *o);
bool report_out_end(struct report_out *o); /* false when anything failed; frees */
/* Sets why making or writing a report failed; returns false. */
bool report_out_error(const struct report_out *o, struct err *err);
/* Sets the error of an output that takes no more; returns false. */
bool report_out_refused(struct err *err);

/* Adds text from a trace for a terminal: control characters, which could command it, show as '?'. */
void report_add_clean(struct text *t, const char *s);

#endif
