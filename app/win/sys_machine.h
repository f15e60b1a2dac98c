/* The machine's facts: version, memory, processors, rights.
 *
 * Thread: any. */
#ifndef HR_WIN_SYS_MACHINE_H
#define HR_WIN_SYS_MACHINE_H

#include "core/census/sys_backend.h"

bool sys_machine_read(struct sys_machine *out, struct err *err);

#endif
