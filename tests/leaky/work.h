// The threads of leaky: leaking, churning and the race.
#ifndef LEAKY_WORK_H
#define LEAKY_WORK_H

#include "options.h"
#include "truth.h"

#include <stdbool.h>

// Starts all threads and waits until each stands at the gate, so that none starts while handles are counted.
bool work_prepare(const struct options *options, struct truth *truth);
// Opens the gate and waits until all threads are done; they stay alive. Main thread.
void work_run(void);
// Closes what the --leak jobs made. Main thread, after work_run.
void work_close_late(void);
// Notes that a call failed and prints it at once. Any thread.
void work_failed(const char *what, unsigned long error);
// Whether any call failed.
bool work_has_failed(void);
// The gate that the race's threads wait at, and how they say that they are done: for race.c.
bool work_start_thread(unsigned long (*body)(void *), void *argument);

// The race of race.c.
bool race_prepare(const struct options *options, struct truth *truth);

#endif
