/* What the simulated kernel's server gives the kernel to stand on: its lock, clock, files, writer and watched
 * processes. */
#ifndef KSIM_SERVER_HOST_H
#define KSIM_SERVER_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "kernel.h"

/* Makes the kernel, the writer thread and the interest section. NULL: GetLastError says why. Once per process. */
struct kernel *host_start(const wchar_t *name);

/* The one lock over the kernel. */
void host_lock(void);
void host_unlock(void);

/* Watches a process that said HELLO, so that its death is noticed. Without the lock. */
void host_watch(uint32_t pid);

/* Tells the kernel of deaths that have happened but were not noticed yet. Without the lock. */
void host_notice_deaths(void);

#endif
