/* Threads, locks, waiting and the clock as core sees them. Atomics are C11's own. Link seam: posix or win. */
#ifndef HR_BASE_THREAD_H
#define HR_BASE_THREAD_H

#include "core/base/err.h"

#include <stdatomic.h>

struct thread;

/* The thread's name shows in debuggers. Every started thread is joined or left by its starter. */
bool thread_start(const char *name, void (*run)(void *ctx), void *ctx, struct thread **out, struct err *err);
void thread_join(struct thread *t); /* NULL is fine; frees */
/* For a thread that may stand in a call of the system's which never returns: nobody waits for its end, so all that it
 * uses must be its own. Frees `t`, at once. */
void thread_leave(struct thread *t);

/* Sized for every platform; initialised by mutex_init, never copied. */
struct mutex {
    union {
        void *align;
        unsigned char room[64];
    } u;
};
struct cond {
    union {
        void *align;
        unsigned char room[64];
    } u;
};

void mutex_init(struct mutex *m);
void mutex_destroy(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);

void cond_init(struct cond *c);
void cond_destroy(struct cond *c);
void cond_wait(struct cond *c, struct mutex *m);
/* False when `ms` passed without a signal. Wakes may be spurious: check the condition. */
bool cond_wait_ms(struct cond *c, struct mutex *m, uint32_t ms);
void cond_signal(struct cond *c);
void cond_broadcast(struct cond *c);

/* Nanoseconds of a clock that never goes back; its zero means nothing. */
uint64_t clock_ns(void);
void clock_sleep_ms(uint32_t ms);

/* 100 ns since 1601-01-01 UTC (FILETIME), from the system's wall clock. */
uint64_t clock_filetime(void);

/* Local time of a FILETIME as "yyyy-mm-dd_hh-mm-ss" (20 bytes with NUL), as file names use it. */
void clock_file_stamp(uint64_t filetime, char out[20]);

#endif
