/* thread.h over Win32: SRW locks, condition variables, the performance counter. */
#include "core/base/text.h"
#include "core/base/thread.h"
#include "win/win.h"

#include <process.h>
#include <stdio.h>
#include <stdlib.h>

struct thread {
    HANDLE handle;
};

/* What a thread begins with; its own. */
struct beginning {
    void (*run)(void *ctx);
    void *ctx;
};

_Static_assert(sizeof(SRWLOCK) <= sizeof(struct mutex), "struct mutex is too small");
_Static_assert(sizeof(CONDITION_VARIABLE) <= sizeof(struct cond), "struct cond is too small");

static SRWLOCK *native_lock(struct mutex *m)
{
    return (SRWLOCK *)(void *)m->u.room;
}

static CONDITION_VARIABLE *native_cond(struct cond *c)
{
    return (CONDITION_VARIABLE *)(void *)c->u.room;
}

static unsigned __stdcall enter(void *arg)
{
    struct beginning b = *(struct beginning *)arg;
    free(arg);
    b.run(b.ctx);
    return 0;
}

/* SetThreadDescription is not in every Windows 10; a name is a convenience for debuggers only. */
static void describe(HANDLE thread, const char *name)
{
    typedef HRESULT(WINAPI * describe_fn)(HANDLE, PCWSTR);
    describe_fn set = (describe_fn)win_system_proc(L"kernel32.dll", "SetThreadDescription");
    WCHAR *wide = utf16_from_utf8(name);
    if (set && wide)
        set(thread, wide);
    free(wide);
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
    t->handle = (HANDLE)_beginthreadex(NULL, 0, enter, b, 0, NULL);
    if (!t->handle) {
        win_fail(err, "Starting the thread", name);
        free(t);
        free(b);
        return false;
    }
    describe(t->handle, name);
    *out = t;
    return true;
}

void thread_join(struct thread *t)
{
    if (!t)
        return;
    WaitForSingleObject(t->handle, INFINITE);
    CloseHandle(t->handle);
    free(t);
}

void thread_leave(struct thread *t)
{
    CloseHandle(t->handle);
    free(t);
}

void mutex_init(struct mutex *m)
{
    InitializeSRWLock(native_lock(m));
}

void mutex_destroy(struct mutex *m)
{
    (void)m; /* an SRW lock owns nothing */
}

void mutex_lock(struct mutex *m)
{
    AcquireSRWLockExclusive(native_lock(m));
}

void mutex_unlock(struct mutex *m)
{
    ReleaseSRWLockExclusive(native_lock(m));
}

void cond_init(struct cond *c)
{
    InitializeConditionVariable(native_cond(c));
}

void cond_destroy(struct cond *c)
{
    (void)c; /* owns nothing */
}

void cond_wait(struct cond *c, struct mutex *m)
{
    SleepConditionVariableSRW(native_cond(c), native_lock(m), INFINITE, 0);
}

bool cond_wait_ms(struct cond *c, struct mutex *m, uint32_t ms)
{
    return SleepConditionVariableSRW(native_cond(c), native_lock(m), ms, 0) || GetLastError() != ERROR_TIMEOUT;
}

void cond_signal(struct cond *c)
{
    WakeConditionVariable(native_cond(c));
}

void cond_broadcast(struct cond *c)
{
    WakeAllConditionVariable(native_cond(c));
}

uint64_t clock_ns(void)
{
    LARGE_INTEGER now;
    LARGE_INTEGER frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    uint64_t ticks = (uint64_t)now.QuadPart;
    uint64_t hz = (uint64_t)frequency.QuadPart;
    /* Split, so that the product does not overflow after some days of uptime. */
    return ticks / hz * 1000000000u + ticks % hz * 1000000000u / hz;
}

void clock_sleep_ms(uint32_t ms)
{
    Sleep(ms);
}

uint64_t win_thread_cpu(void)
{
    FILETIME created;
    FILETIME ended;
    FILETIME kernel;
    FILETIME user;
    if (!GetThreadTimes(GetCurrentThread(), &created, &ended, &kernel, &user))
        return 0;
    uint64_t k = (uint64_t)kernel.dwHighDateTime << 32 | kernel.dwLowDateTime;
    uint64_t u = (uint64_t)user.dwHighDateTime << 32 | user.dwLowDateTime;
    return k + u;
}

uint64_t clock_filetime(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    return (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

void clock_file_stamp(uint64_t filetime, char out[20])
{
    FILETIME ft = {.dwLowDateTime = (DWORD)filetime, .dwHighDateTime = (DWORD)(filetime >> 32)};
    SYSTEMTIME utc = {0};
    SYSTEMTIME local = {0};
    if (!FileTimeToSystemTime(&ft, &utc) || !SystemTimeToTzSpecificLocalTime(NULL, &utc, &local))
        local = utc;
    char line[64];
    snprintf(line, sizeof line, "%04u-%02u-%02u_%02u-%02u-%02u", local.wYear, local.wMonth, local.wDay, local.wHour,
             local.wMinute, local.wSecond);
    text_put(out, 20, line);
}
