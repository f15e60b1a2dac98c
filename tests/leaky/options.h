// The command line of leaky.
#ifndef LEAKY_OPTIONS_H
#define LEAKY_OPTIONS_H

#include "kinds.h"

#include <stdbool.h>
#include <wchar.h>

enum { OPTIONS_MAX_JOBS = 24 };

// One --leak or --churn.
struct job {
    struct kind *kind;
    bool churn;
    long count;
    long rate; // a second; 0: as fast as it goes
};

enum exit_mode { EXIT_NORMAL, EXIT_ABORT, EXIT_TERMINATED };

struct options {
    struct job jobs[OPTIONS_MAX_JOBS];
    int job_count;
    long threads; // per job
    long depth;   // frames between the worker and the leaking function
    long race_threads;
    long race_rounds;
    long race_rate; // rounds a second; 0: as fast as it goes
    long inherit;
    long duplicate;
    long new_threads;
    long new_processes;
    long close_late; // seconds; -1: never
    enum exit_mode exit_mode;
    bool named;
    bool shared_name;
    bool list;
    bool help;
    long timeout; // seconds that a barrier is waited for
    const wchar_t *pause_file;
    const wchar_t *sync;
    const wchar_t *truth;
    // What leaky tells the copies of itself that it starts.
    long launcher_pid;
    HANDLE child_parent;
    HANDLE child_started;
    bool child_ends_at_once;
};

// Reads the command line. False after an error message on stderr.
bool options_read(struct options *options, int count, wchar_t **words);
void options_help(void);

#endif
