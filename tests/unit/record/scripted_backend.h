/* A world without a kernel: one machine with tracing sessions, disk space and processes, which fails, hangs, and lets
 * sessions die as a test says. Its sessions outlive the controllers that use it. */
#ifndef HR_TEST_SCRIPTED_BACKEND_H
#define HR_TEST_SCRIPTED_BACKEND_H

#include "core/base/text.h"
#include "core/base/thread.h"
#include "core/census/sys_backend.h"
#include "core/record/trace_backend.h"

enum script_op {
    SCRIPT_START,
    SCRIPT_MASKS,
    SCRIPT_FILTER,
    SCRIPT_STACKS,
    SCRIPT_QUERY,
    SCRIPT_STOP,
    SCRIPT_LIST,
    SCRIPT_ADOPT,
    SCRIPT_FLUSH,
    SCRIPT_ROTATE,
    SCRIPT_CACHE,
    SCRIPT_OP_COUNT
};

extern const char *const script_op_names[SCRIPT_OP_COUNT];

#define SCRIPT_FAULTS    4
#define SCRIPT_PROCESSES 8

struct script_fault {
    enum script_op op;
    unsigned at;   /* the how-manieth call fails, from 1; 0: no fault */
    bool for_good; /* every later one too */
    bool after;    /* what was asked for happens, and is reported as failed */
    enum err_kind kind;
    uint32_t os;
};

/* The second session; its file begins with "proc;", each list of handles adds "handles;", its end "end;". */
struct script_companion {
    bool running;
    struct trace_start started;
    uint64_t handle;
    uint32_t masks[8];
    uint32_t tags[TRACE_MAX_TAGS];
    unsigned tag_count;
    unsigned starts;
    unsigned lists; /* of handles, ever */
};

/* A file begins with "raw;", and gets "rundown;" when the masks are cleared or the session stops. A ring has no file:
 * being written out makes one of "ring;". */
struct script_world {
    struct mutex lock; /* guards all below: the test and the controller's thread use it */
    struct cond changed;

    bool running;
    struct trace_start started; /* what start asked for */
    uint64_t handle;
    uint32_t masks[8];
    uint32_t tags[TRACE_MAX_TAGS];
    unsigned tag_count;
    uint16_t hooks[8];
    unsigned hook_count;
    uint32_t cache_kb;
    bool unwritten_ring;     /* what runs is a ring whose content no file has */
    unsigned rings_lost;     /* stopped while that was so */
    unsigned rings_died;     /* ended by themselves while that was so */
    unsigned recorded_files; /* that were begun, and recorded something */
    unsigned recorded_rings;
    uint32_t padding; /* bytes that each new file of rotate begins with, after its text */
    unsigned files;   /* that were ever begun with rotate */
    bool masks_off;   /* after they were on: between two segments */
    struct script_companion companion;
    bool burst;          /* events flowed before the filter that the start asked for */
    uint32_t lost;       /* what query says */
    bool foreign;        /* a session of our name with another GUID runs */
    unsigned starts;     /* sessions ever started */
    unsigned recordings; /* sessions in which masks were ever set */
    bool recorded;       /* masks were set: events flowed into the present part */

    /* The program is killed before its ops-th step (a call here, or of the faulty disk's): none has an effect any more.
     * 0: it lives. */
    unsigned kill_at;
    unsigned steps;

    unsigned calls[SCRIPT_OP_COUNT];
    struct script_fault faults[SCRIPT_FAULTS];
    bool hang[SCRIPT_OP_COUNT]; /* calls wait here until it is false */
    int hanging;                /* which op hangs now, -1: none */
    uint32_t delay_ms;

    uint64_t disk_free;
    bool elevated;
    bool processes_fail;
    bool disk_fails;
    uint32_t own_pid;
    struct sys_process processes[SCRIPT_PROCESSES];
    unsigned process_count;

    struct text log; /* the calls, one word each */
};

void script_init(struct script_world *w);
void script_free(struct script_world *w);

struct trace_backend script_trace(struct script_world *w);
struct sys_backend script_sys(struct script_world *w);

/* The test's side; each takes the lock. */
struct script_fault *script_fail(struct script_world *w, enum script_op op, unsigned at, enum err_kind kind,
                                 uint32_t os);
void script_hang(struct script_world *w, enum script_op op, bool on);
bool script_wait_hanging(struct script_world *w, enum script_op op, uint32_t ms);
void script_vanish(struct script_world *w);
void script_vanish_companion(struct script_world *w);
bool script_running(struct script_world *w); /* either session */
unsigned script_calls(struct script_world *w, enum script_op op);
/* Counts a step of the program; true when it is dead. For faulty_set_dead. */
bool script_step(void *world);
/* A new process takes the place of the recorder's: another number, and the old one is gone. */
void script_new_process(struct script_world *w);
void script_set_disk(struct script_world *w, uint64_t bytes);

#endif
