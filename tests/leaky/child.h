// Processes that leaky starts: copies of itself that inherit, receive or do the work.
#ifndef LEAKY_CHILD_H
#define LEAKY_CHILD_H

#include "options.h"
#include "truth.h"

#include <stdbool.h>

// Before counting starts: what the children need, and the one that receives duplicates.
bool child_prepare(const struct options *options, struct truth *truth);
// While counting: --inherit, --duplicate, --new-thread and --new-process. Main thread.
bool child_run(const struct options *options, struct truth *truth);
// In a child: says that it has started, and lives as long as its parent. Returns the exit code.
int child_main(const struct options *options);
// --terminated: starts a copy with the same command line, and terminates it at the barrier end. Returns the exit code.
int child_launch(const struct options *options);

#endif
