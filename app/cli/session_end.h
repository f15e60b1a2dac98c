/* Hears that Windows ends the user's session. A console program that has user32 loaded, as everything that asks the
 * shell has, is sent no CTRL_LOGOFF_EVENT and no CTRL_SHUTDOWN_EVENT: only a window hears of it. */
#ifndef HR_CLI_SESSION_END_H
#define HR_CLI_SESSION_END_H

#include "core/base/err.h"

struct session_end;

/* Makes a hidden window on a thread of its own. When the session ends, `ending` is called on that thread; Windows waits
 * until it returns (or the user has no more patience) and shows `reason`, UTF-8, meanwhile. */
bool session_end_watch(void (*ending)(void), const char *reason, struct session_end **out, struct err *err);

/* `ending` must have returned, or be about to; NULL is fine. */
void session_end_forget(struct session_end *s);

#endif
