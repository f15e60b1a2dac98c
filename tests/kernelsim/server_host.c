/* The operating system's side of the simulated kernel's server. */
#include "server_host.h"

#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "protocol.h"

enum { WATCHED_MAX = 512, TICK_MS = 1000, STILL_SECONDS = 30 };

static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE work = CONDITION_VARIABLE_INIT;     /* for the writer: a buffer is waiting */
static CONDITION_VARIABLE progress = CONDITION_VARIABLE_INIT; /* for everybody else: the writer has done a step */
static CONDITION_VARIABLE release = CONDITION_VARIABLE_INIT;
static uint32_t releases; /* guarded by lock, like all below */
static struct kernel *kernel;
static volatile uint32_t *interest_word;
static uint64_t real_frequency;

static struct watched {
    uint32_t pid;
    HANDLE process;
} watched[WATCHED_MAX];
static uint32_t watched_count;

void host_lock(void)
{
    AcquireSRWLockExclusive(&lock);
}

void host_unlock(void)
{
    ReleaseSRWLockExclusive(&lock);
}

static int64_t host_clock(void *context, uint64_t frequency)
{
    (void)context;
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    uint64_t t = (uint64_t)now.QuadPart;
    if (frequency == real_frequency)
        return (int64_t)t;
    return (int64_t)(t / real_frequency * frequency + t % real_frequency * frequency / real_frequency);
}

static uint64_t host_filetime(void *context)
{
    (void)context;
    FILETIME t;
    GetSystemTimePreciseAsFileTime(&t);
    return (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
}

static uint32_t host_open(void *context, const uint16_t *path, enum kernel_open how, void **file)
{
    (void)context;
    size_t n = 0;
    while (path[n])
        n++;
    wchar_t *name = calloc(n + 1, sizeof *name);
    if (!name)
        return ERROR_NOT_ENOUGH_MEMORY;
    memcpy(name, path, n * sizeof *name);
    DWORD disposition = how == KERNEL_OPEN_NEW ? CREATE_NEW : CREATE_ALWAYS;
    if (how == KERNEL_OPEN_APPEND)
        disposition = OPEN_ALWAYS;
    host_unlock();
    HANDLE h = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, disposition,
                           FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD error = GetLastError();
    host_lock();
    free(name);
    if (h == INVALID_HANDLE_VALUE)
        return error == ERROR_FILE_EXISTS ? ERROR_ALREADY_EXISTS : error;
    *file = h;
    return ERROR_SUCCESS;
}

static uint32_t host_write(void *context, void *file, uint64_t offset, const void *data, uint32_t bytes)
{
    (void)context;
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD done = 0;
    host_unlock();
    DWORD error = WriteFile(file, data, bytes, &done, &at) ? ERROR_SUCCESS : GetLastError();
    host_lock();
    return error ? error : (done == bytes ? ERROR_SUCCESS : ERROR_DISK_FULL);
}

static uint32_t host_read(void *context, void *file, uint64_t offset, void *data, uint32_t bytes)
{
    (void)context;
    OVERLAPPED at = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD done = 0;
    host_unlock();
    DWORD error = ReadFile(file, data, bytes, &done, &at) ? ERROR_SUCCESS : GetLastError();
    host_lock();
    return error ? error : (done == bytes ? ERROR_SUCCESS : ERROR_HANDLE_EOF);
}

static uint32_t host_size(void *context, void *file, uint64_t *bytes)
{
    (void)context;
    LARGE_INTEGER size;
    if (!GetFileSizeEx(file, &size))
        return GetLastError();
    *bytes = (uint64_t)size.QuadPart;
    return ERROR_SUCCESS;
}

static uint32_t host_resize(void *context, void *file, uint64_t bytes)
{
    (void)context;
    LARGE_INTEGER end = {.QuadPart = (LONGLONG)bytes};
    host_unlock();
    bool done = SetFilePointerEx(file, end, NULL, FILE_BEGIN) && SetEndOfFile(file);
    DWORD error = GetLastError();
    host_lock();
    return done ? ERROR_SUCCESS : error;
}

static void host_close(void *context, void *file)
{
    (void)context;
    CloseHandle(file);
}

static void host_writer_wake(void *context)
{
    (void)context;
    WakeAllConditionVariable(&work);
}

static void host_wait_writer(void *context)
{
    (void)context;
    SleepConditionVariableSRW(&progress, &lock, 50, 0);
}

static void host_sleep(void *context, uint32_t milliseconds)
{
    (void)context;
    host_unlock();
    Sleep(milliseconds);
    host_lock();
}

static void host_wait_release(void *context)
{
    (void)context;
    uint32_t before = releases;
    while (releases == before)
        SleepConditionVariableSRW(&release, &lock, INFINITE, 0);
}

static void host_released(void *context)
{
    (void)context;
    releases++;
    WakeAllConditionVariable(&release);
}

static void host_kill(void *context, uint32_t pid)
{
    (void)context;
    for (uint32_t i = 0; i < watched_count; i++) {
        if (watched[i].pid == pid)
            TerminateProcess(watched[i].process, 1);
    }
}

static void host_interest(void *context, uint32_t word)
{
    (void)context;
    *interest_word = word;
}

/* Wine's tick count is kept by wineserver. When it stands still that is gone, and threads that wait for wineserver
 * would wait for ever: without this the server would outlive the prefix. */
static void end_with_wine(ULONGLONG ticks)
{
    static ULONGLONG last;
    static uint64_t changed;
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    if (ticks != last || !channel_possible()) {
        last = ticks;
        changed = (uint64_t)now.QuadPart;
    } else if ((uint64_t)now.QuadPart - changed > STILL_SECONDS * real_frequency) {
        channel_end_process(3);
    }
}

static DWORD WINAPI writer(void *context)
{
    (void)context;
    ULONGLONG ticked = GetTickCount64();
    host_lock();
    while (!kernel_quitting(kernel)) {
        bool wrote = kernel_writer_step(kernel);
        if (wrote)
            WakeAllConditionVariable(&progress);
        ULONGLONG ticks = GetTickCount64();
        end_with_wine(ticks);
        if (ticks - ticked >= TICK_MS) {
            ticked += TICK_MS;
            kernel_tick(kernel);
        }
        if (!wrote)
            SleepConditionVariableSRW(&work, &lock, 200, 0);
    }
    host_unlock();
    return 0;
}

/* With the lock. The handle is closed last: as long as it is open the pid is not given to another process. */
static void notice(uint32_t i)
{
    struct watched dead = watched[i];
    DWORD status = 1;
    GetExitCodeProcess(dead.process, &status);
    watched[i] = watched[--watched_count];
    kernel_process_died(kernel, dead.pid, status);
    CloseHandle(dead.process);
}

void host_notice_deaths(void)
{
    host_lock();
    for (uint32_t i = 0; i < watched_count;) {
        if (WaitForSingleObject(watched[i].process, 0) == WAIT_OBJECT_0)
            notice(i);
        else
            i++;
    }
    host_unlock();
}

static DWORD WINAPI watcher(void *process)
{
    WaitForSingleObject(process, INFINITE);
    host_notice_deaths();
    CloseHandle(process);
    return 0;
}

void host_watch(uint32_t pid)
{
    DWORD access = SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_TERMINATE;
    HANDLE process = OpenProcess(access, FALSE, pid);
    HANDLE again = OpenProcess(SYNCHRONIZE, FALSE, pid);
    if (!process || !again)
        return;
    host_lock();
    bool room = watched_count < WATCHED_MAX;
    if (room)
        watched[watched_count++] = (struct watched){.pid = pid, .process = process};
    host_unlock();
    HANDLE thread = room ? CreateThread(NULL, 0x20000, watcher, again, 0, NULL) : NULL;
    if (thread)
        CloseHandle(thread);
}

static bool make_interest(const wchar_t *name)
{
    wchar_t section[256] = KSIM_INTEREST_SECTION_PREFIX;
    wcsncat(section, name, 128);
    wcscat(section, KSIM_INTEREST_SECTION_SUFFIX);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, section);
    if (!mapping || GetLastError() == ERROR_ALREADY_EXISTS)
        return false;
    interest_word = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, sizeof *interest_word);
    return interest_word != NULL;
}

struct kernel *host_start(const wchar_t *name)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    real_frequency = (uint64_t)frequency.QuadPart;
    if (!make_interest(name))
        return NULL;
    const struct kernel_host host = {.clock = host_clock,
                                     .filetime = host_filetime,
                                     .open = host_open,
                                     .read = host_read,
                                     .size = host_size,
                                     .resize = host_resize,
                                     .write = host_write,
                                     .close = host_close,
                                     .writer_wake = host_writer_wake,
                                     .wait_writer = host_wait_writer,
                                     .sleep = host_sleep,
                                     .wait_release = host_wait_release,
                                     .released = host_released,
                                     .kill = host_kill,
                                     .interest = host_interest};
    kernel = kernel_create(&host);
    HANDLE thread = kernel ? CreateThread(NULL, 0, writer, NULL, 0, NULL) : NULL;
    if (!thread)
        return NULL;
    CloseHandle(thread);
    return kernel;
}
