/* trace_backend over the tracing of Windows (ETW): each operation is the calls it needs, nothing is decided here.
 *
 * Thread: that of trace_backend.h. What only newer or undocumented calls can do is looked up at run time:
 * - Without TraceSetInformation no session can record handles: set_masks and set_stacks fail with ERR_UNSUPPORTED.
 * - Without TraceQueryInformation the masks are read back with NtQuerySystemInformation; without that, too, set_masks
 *   cannot prove that events flow, and `trace_etw_lost` says so. */
#ifndef HR_WIN_TRACE_ETW_H
#define HR_WIN_TRACE_ETW_H

#include "core/record/trace_backend.h"

/* Also asks for the privilege to profile the system; going on without it is fine, see trace_etw.c. */
bool trace_etw_create(struct trace_backend *out, struct err *err);
void trace_etw_destroy(struct trace_backend *b); /* sessions keep running */

/* What this Windows cannot prove or do, one sentence, or "". Thread: the backend's; after set_masks. */
const char *trace_etw_lost(const struct trace_backend *b);

#endif
