/* thread.h over POSIX threads. */
#include "core/base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct thread {
    pthread_t id;
};

/* What a thread begins with; its own. */
struct beginning {
    void (*run)(void *ctx);
    void *ctx;
};

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct mutex), "struct mutex is too small");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct cond), "struct cond is too small");

static pthread_mutex_t *native_mutex(struct mutex *m)
{
    return (pthread_mutex_t *)(void *)m->u.room;
}

static pthread_cond_t *native_cond(struct cond *c)
{
    return (pthread_cond_t *)(void *)c->u.room;
}

static void *enter(void *arg)
{
    struct beginning b = *(struct beginning *)arg;
    free(arg);
    b.run(b.ctx);
    return NULL;
}

bool thread_start(const char *name, void (*run)(void *ctx), void *ctx, struct thread **out, struct err *err)
{
    struct thread *t = calloc(1, sizeof *t);
    struct beginning *b = malloc(sizeof *b);
    if (!t || !b) {
        free(t);
        free(b);
        return err_set(err, ERR_NO_MEMORY, "Starting the thread %s", name);
    }
    *b = (struct beginning){run, ctx};
    int rc = pthread_create(&t->id, NULL, enter, b);
    if (rc != 0) {
        free(t);
        free(b);
        return err_set_os(err, ERR_KIND_ERRNO, (uint32_t)rc, "Starting the thread %s", name);
    }
    *out = t;
    return true;
}

void thread_join(struct thread *t)
{
    if (!t)
        return;
    pthread_join(t->id, NULL);
    free(t);
}

void thread_leave(struct thread *t)
{
    pthread_detach(t->id);
    free(t);
}

void mutex_init(struct mutex *m)
{
    pthread_mutex_init(native_mutex(m), NULL);
}

void mutex_destroy(struct mutex *m)
{
    pthread_mutex_destroy(native_mutex(m));
}

void mutex_lock(struct mutex *m)
{
    pthread_mutex_lock(native_mutex(m));
}

void mutex_unlock(struct mutex *m)
{
    pthread_mutex_unlock(native_mutex(m));
}

void cond_init(struct cond *c)
{
    /* Timed waits use the clock that wall clock changes do not move. */
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(native_cond(c), &attr);
    pthread_condattr_destroy(&attr);
}

void cond_destroy(struct cond *c)
{
    pthread_cond_destroy(native_cond(c));
}

void cond_wait(struct cond *c, struct mutex *m)
{
    pthread_cond_wait(native_cond(c), native_mutex(m));
}

bool cond_wait_ms(struct cond *c, struct mutex *m, uint32_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(native_cond(c), native_mutex(m), &until) != ETIMEDOUT;
}

void cond_signal(struct cond *c)
{
    pthread_cond_signal(native_cond(c));
}

void cond_broadcast(struct cond *c)
{
    pthread_cond_broadcast(native_cond(c));
}

uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void clock_sleep_ms(uint32_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

/* Seconds from 1601-01-01 to 1970-01-01. */
#define UNIX_EPOCH 11644473600u

uint64_t clock_filetime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec + UNIX_EPOCH) * 10000000u + (uint64_t)now.tv_nsec / 100;
}

void clock_file_stamp(uint64_t filetime, char out[20])
{
    time_t seconds = (time_t)(filetime / 10000000u) - (time_t)UNIX_EPOCH;
    struct tm tm;
    if (!localtime_r(&seconds, &tm) || strftime(out, 20, "%Y-%m-%d_%H-%M-%S", &tm) == 0)
        memcpy(out, "0000-00-00_00-00-00", 20);
}
