/* The seam sys_backend on Windows.
 *
 * Thread: as sys_backend.h says; create and destroy on any. */
#ifndef HR_WIN_SYS_WIN_H
#define HR_WIN_SYS_WIN_H

#include "core/census/sys_backend.h"

/* Fails only when memory is short. What this Windows does not offer fails when it is asked for. */
bool sys_win_create(struct sys_backend *out, struct err *err);
void sys_win_destroy(struct sys_backend *sys); /* NULL and a zero backend are fine */

#endif
