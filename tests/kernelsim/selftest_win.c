// Makes handle activity of known extent under the simulated kernel, with a session of its own that records it, and
// prints what that session must have counted: "expect PID TYPE CREATES CLOSES DUPLICATES", closes with the sweep, and
// "balanced PID TYPE" where only is known that all was closed in the end.

#include <windows.h>

#include <evntrace.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { MANY = 1000, CLOSED = 400, THREADS = 8, EACH = 300, EACH_CLOSED = 100, MOVES = 200, LEFT = 50, INHERITED = 7 };
enum { GROUP_MASK_CLASS = 4, STACK_CLASS = 3, HANDLE_WORD = 4, HANDLE_BIT = 0x40 };

static const wchar_t session_name[] = L"kernelsim self-test";

struct tally {
    volatile LONG creates, closes, duplicates;
};

static struct tally events;
static struct tally semaphores;

static __attribute__((noreturn)) void stop(const char *what)
{
    printf("FAILED: %s (%lu)\n", what, GetLastError());
    fflush(stdout);
    ExitProcess(3);
}

static HANDLE make_event(const wchar_t *name)
{
    HANDLE h = CreateEventW(NULL, FALSE, FALSE, name);
    if (!h) {
        stop("CreateEventW");
    }
    InterlockedIncrement(&events.creates);
    return h;
}

static void drop_event(HANDLE h)
{
    if (!CloseHandle(h)) {
        stop("CloseHandle");
    }
    InterlockedIncrement(&events.closes);
}

static double microseconds(void)
{
    LARGE_INTEGER now;
    LARGE_INTEGER frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart * 1e6 / (double)frequency.QuadPart;
}

// ---- the parts; each leaves the tallies right

static void one_thread(void)
{
    double start = microseconds();
    for (int i = 0; i < MANY; i++) {
        HANDLE h = make_event(NULL);
        if (i < CLOSED) {
            drop_event(h);
        }
    }
    printf("cost: %.1f us per event, one thread\n", (microseconds() - start) / (MANY + CLOSED));
}

static DWORD WINAPI opens_and_closes(void *argument)
{
    (void)argument;
    HANDLE open[EACH_CLOSED];
    for (int i = 0; i < EACH; i++) {
        HANDLE h = make_event(NULL);
        if (i < EACH_CLOSED) {
            open[i] = h;
        }
    }
    for (int i = 0; i < EACH_CLOSED; i++) {
        drop_event(open[i]);
    }
    return 0;
}

static void in_threads(LPTHREAD_START_ROUTINE routine, const char *what)
{
    HANDLE threads[THREADS];
    double start = microseconds();
    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, routine, NULL, 0, NULL);
        if (!threads[i]) {
            stop("CreateThread");
        }
    }
    if (WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE) != WAIT_OBJECT_0) {
        stop("WaitForMultipleObjects");
    }
    for (int i = 0; i < THREADS; i++) {
        CloseHandle(threads[i]);
    }
    printf("time: %.0f ms for %s in %d threads\n", (microseconds() - start) / 1000, what, THREADS);
}

static HANDLE duplicate(HANDLE h, struct tally *tally, DWORD options)
{
    HANDLE copy = NULL;
    if (!DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS | options)) {
        stop("DuplicateHandle");
    }
    InterlockedIncrement(&tally->duplicates);
    if (options & DUPLICATE_CLOSE_SOURCE) {
        InterlockedIncrement(&tally->closes);
    }
    return copy;
}

// Values that one thread's move has just freed are given to the other threads' events.
static DWORD WINAPI moves(void *argument)
{
    (void)argument;
    for (int i = 0; i < MOVES; i++) {
        HANDLE h = make_event(NULL);
        HANDLE second = duplicate(h, &events, 0);
        second = duplicate(second, &events, DUPLICATE_CLOSE_SOURCE);
        drop_event(h);
        drop_event(second);
    }
    return 0;
}

static void failing_calls(void)
{
    HANDLE closed = make_event(NULL);
    drop_event(closed);
    bool quiet =
        !CloseHandle(closed) && !CloseHandle((HANDLE)(uintptr_t)0xabcd00) &&
        !OpenEventW(SYNCHRONIZE, FALSE, L"kernelsim no such event") &&
        CreateFileW(L"C:\\no such file", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE;
    HANDLE copy = NULL;
    quiet = quiet && !DuplicateHandle(GetCurrentProcess(), closed, GetCurrentProcess(), &copy, 0, FALSE, 2);
    if (!quiet) {
        stop("a call that must fail did not");
    }
}

static void named(void)
{
    HANDLE first = make_event(L"kernelsim named");
    HANDLE again = make_event(L"kernelsim named"); // the same object
    HANDLE opened = OpenEventW(SYNCHRONIZE, FALSE, L"kernelsim named");
    if (!opened) {
        stop("OpenEventW");
    }
    InterlockedIncrement(&events.creates);
    drop_event(first);
    drop_event(again);
    drop_event(opened);
}

static PROCESS_INFORMATION start_child(const wchar_t *role, HANDLE ready)
{
    wchar_t path[MAX_PATH];
    wchar_t line[MAX_PATH + 64];
    GetModuleFileNameW(NULL, path, MAX_PATH);
    swprintf(line, sizeof line / sizeof *line, L"\"%ls\" %ls %llu", path, role, (unsigned long long)(uintptr_t)ready);
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    if (!CreateProcessW(path, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child)) {
        stop("CreateProcessW");
    }
    if (WaitForSingleObject(ready, 30000) != WAIT_OBJECT_0) {
        stop("the child does not answer");
    }
    return child;
}

// A child that inherits semaphores, is given more, and is ended by this process while it waits.
static void child_ended_by_another(void)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE ready = CreateEventW(&inherit, FALSE, FALSE, NULL);
    InterlockedIncrement(&events.creates);
    HANDLE inherited[INHERITED];
    for (int i = 0; i < INHERITED; i++) {
        inherited[i] = CreateSemaphoreW(&inherit, 0, 1, NULL);
        InterlockedIncrement(&semaphores.creates);
    }
    PROCESS_INFORMATION child = start_child(L"wait", ready);
    HANDLE given[3];
    for (int i = 0; i < 3; i++) {
        if (!DuplicateHandle(GetCurrentProcess(), inherited[0], child.hProcess, &given[i], 0, FALSE,
                             DUPLICATE_SAME_ACCESS)) {
            stop("DuplicateHandle into the child");
        }
    }
    // One is taken back, one is closed there; the sweep closes the third and the inherited ones.
    HANDLE back = NULL;
    if (!DuplicateHandle(child.hProcess, given[0], GetCurrentProcess(), &back, 0, FALSE,
                         DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE)) {
        stop("DuplicateHandle out of the child");
    }
    // Wine closes it and says 6 (invalid handle) all the same.
    DuplicateHandle(child.hProcess, given[1], NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    InterlockedIncrement(&semaphores.duplicates);
    TerminateProcess(child.hProcess, 9);
    WaitForSingleObject(child.hProcess, INFINITE);
    for (int i = 0; i < INHERITED; i++) {
        CloseHandle(inherited[i]);
        InterlockedIncrement(&semaphores.closes);
    }
    drop_event(ready);
    printf("expect %lu Semaphore 0 %d %d\n", child.dwProcessId, INHERITED + 3, INHERITED + 3);
    // Its own events, and the inherited one.
    printf("expect %lu Event %d %d %d\n", child.dwProcessId, LEFT, LEFT + 1, 1);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
}

// A child that is ended in the midst of its work: whatever it has opened is closed by the sweep, no more and no less.
static void busy_child(void)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    HANDLE ready = CreateEventW(&inherit, FALSE, FALSE, NULL);
    InterlockedIncrement(&events.creates);
    PROCESS_INFORMATION child = start_child(L"busy", ready);
    Sleep(300);
    TerminateProcess(child.hProcess, 9);
    WaitForSingleObject(child.hProcess, INFINITE);
    drop_event(ready);
    printf("balanced %lu Event\n", child.dwProcessId);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
}

static DWORD WINAPI opens_and_waits(void *argument)
{
    make_event(NULL);
    SetEvent(argument);
    Sleep(INFINITE);
    return 0;
}

// What a thread has opened stays open when the thread is ended. (Ended in the midst of a system call it can take
// Wine's own locks with it, so it is ended while it waits.)
static void thread_terminated(void)
{
    HANDLE ready = make_event(NULL);
    HANDLE thread = CreateThread(NULL, 0, opens_and_waits, ready, 0, NULL);
    if (!thread || WaitForSingleObject(ready, 30000) != WAIT_OBJECT_0) {
        stop("CreateThread");
    }
    Sleep(50);
    TerminateThread(thread, 0);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    drop_event(ready);
}

// ---- the session

static union {
    EVENT_TRACE_PROPERTIES properties;
    char room[4096];
} block;

static EVENT_TRACE_PROPERTIES *fresh_properties(void)
{
    memset(&block, 0, sizeof block);
    EVENT_TRACE_PROPERTIES *p = &block.properties;
    p->Wnode.BufferSize = sizeof block;
    p->Wnode.Flags = WNODE_FLAG_TRACED_GUID;
    p->Wnode.ClientContext = 1;
    p->Wnode.Guid = (GUID){0x5e1f7e57, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    p->LoggerNameOffset = sizeof *p;
    p->LogFileNameOffset = sizeof *p + 1024;
    return p;
}

typedef ULONG(WINAPI *set_information)(TRACEHANDLE, int, void *, ULONG);

static TRACEHANDLE start_session(const wchar_t *file)
{
    EVENT_TRACE_PROPERTIES *p = fresh_properties();
    p->BufferSize = 256;
    p->MinimumBuffers = 64;
    p->MaximumBuffers = 256;
    p->LogFileMode = EVENT_TRACE_FILE_MODE_SEQUENTIAL | EVENT_TRACE_SYSTEM_LOGGER_MODE;
    wcsncpy((wchar_t *)(void *)(block.room + p->LogFileNameOffset), file, 500);
    TRACEHANDLE session = 0;
    ULONG status = StartTraceW(&session, session_name, p);
    SetLastError(status);
    if (status != ERROR_SUCCESS) {
        stop("StartTraceW");
    }
    union {
        FARPROC function;
        set_information call;
    } set = {.function = GetProcAddress(LoadLibraryW(L"sechost.dll"), "TraceSetInformation")};
    CLASSIC_EVENT_ID stacks[3];
    memset(stacks, 0, sizeof stacks);
    for (UCHAR i = 0; i < 3; i++) {
        stacks[i].EventGuid = (GUID){0x89497f50, 0xeffe, 0x4440, {0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7}};
        stacks[i].Type = (UCHAR)(0x20 + i);
    }
    ULONG masks[8] = {EVENT_TRACE_FLAG_PROCESS | EVENT_TRACE_FLAG_THREAD | EVENT_TRACE_FLAG_IMAGE_LOAD};
    masks[HANDLE_WORD] = HANDLE_BIT;
    status = set.call(session, STACK_CLASS, stacks, sizeof stacks);
    if (status == ERROR_SUCCESS) {
        status = set.call(session, GROUP_MASK_CLASS, masks, sizeof masks);
    }
    SetLastError(status);
    if (status != ERROR_SUCCESS) {
        stop("TraceSetInformation");
    }
    return session;
}

static int child_waits(const wchar_t *ready)
{
    for (int i = 0; i < LEFT; i++) {
        CreateEventW(NULL, FALSE, FALSE, NULL);
    }
    SetEvent((HANDLE)(uintptr_t)wcstoull(ready, NULL, 10));
    Sleep(60000);
    return 4;
}

static DWORD WINAPI opens_for_ever(void *argument)
{
    (void)argument;
    for (unsigned i = 0;; i++) {
        HANDLE h = CreateEventW(NULL, FALSE, FALSE, NULL);
        if (!h) {
            return 1;
        }
        if (i % 4) {
            CloseHandle(h);
        }
    }
}

static int child_is_busy(const wchar_t *ready)
{
    for (int i = 0; i < 4; i++) {
        CloseHandle(CreateThread(NULL, 0, opens_for_ever, NULL, 0, NULL));
    }
    SetEvent((HANDLE)(uintptr_t)wcstoull(ready, NULL, 10));
    Sleep(60000);
    return 4;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
    if (argc == 3 && wcscmp(argv[1], L"wait") == 0) {
        return child_waits(argv[2]);
    }
    if (argc == 3 && wcscmp(argv[1], L"busy") == 0) {
        return child_is_busy(argv[2]);
    }
    if (argc != 2) {
        fputs("selftest_win FILE.etl\n", stderr);
        return 2;
    }
    TRACEHANDLE session = start_session(argv[1]);
    one_thread();
    in_threads(opens_and_closes, "opening and closing");
    in_threads(moves, "moving");
    failing_calls();
    named();
    child_ended_by_another();
    thread_terminated();
    busy_child();
    EVENT_TRACE_PROPERTIES *p = fresh_properties();
    ULONG status = ControlTraceW(session, session_name, p, EVENT_TRACE_CONTROL_STOP);
    SetLastError(status);
    if (status != ERROR_SUCCESS) {
        stop("ControlTraceW");
    }
    printf("lost %lu\n", p->EventsLost);
    printf("expect %lu Event %ld %ld %ld\n", GetCurrentProcessId(), events.creates, events.closes, events.duplicates);
    printf("expect %lu Semaphore %ld %ld %ld\n", GetCurrentProcessId(), semaphores.creates, semaphores.closes,
           semaphores.duplicates);
    puts("made");
    return 0;
}
