/* The block of properties that sessions are controlled with: EVENT_TRACE_PROPERTIES and room for both names. */
#ifndef HR_WIN_TRACE_BLOCK_H
#define HR_WIN_TRACE_BLOCK_H

#include "win/win.h"

#include <evntrace.h>

#include "core/record/trace_backend.h"

#define TRACE_BLOCK_NAME 1024 /* UTF-16 units with NUL, the limit of the system */

/* The class of handle and object type events (ObTrace). */
extern const GUID trace_ob_class;

struct trace_block {
    EVENT_TRACE_PROPERTIES p;
    WCHAR name[TRACE_BLOCK_NAME];
    WCHAR path[TRACE_BLOCK_NAME];
};

/* Empty, for a control code that gives and takes the file's name; `guid` may be NULL. */
void trace_block_init(struct trace_block *b, const struct trace_guid *guid);
/* A file for the session to write; ERR_RANGE when the name is too long. */
bool trace_block_path(struct trace_block *b, const char *path, struct err *err);
bool trace_block_is(const struct trace_block *b, const struct trace_guid *guid);
void trace_block_status(const struct trace_block *b, struct trace_status *out);
void trace_block_listing(const struct trace_block *b, struct trace_listing *out);

#endif
