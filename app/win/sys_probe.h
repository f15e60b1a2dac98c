/* Opens one object of a named kernel type, so that the type's number can be found under its handle.
 *
 * Thread: any. */
#ifndef HR_WIN_SYS_PROBE_H
#define HR_WIN_SYS_PROBE_H

#include "win/win.h"

/* ERR_UNSUPPORTED: not a type that is made for the purpose. The handle is closed with CloseHandle. */
bool sys_probe_open(const char *type_name, HANDLE *out, struct err *err);

#endif
