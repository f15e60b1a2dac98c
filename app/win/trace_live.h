/* live_source over ETW: reads a running real-time session's events on a thread of its own.
 *
 * Thread: create, open, close and destroy from one (the controller's); the events are counted on the reading thread. */
#ifndef HR_WIN_TRACE_LIVE_H
#define HR_WIN_TRACE_LIVE_H

#include "core/census/live.h"

bool trace_live_create(struct live_source *out, struct err *err);
void trace_live_destroy(struct live_source *s); /* ends the reading */

#endif
