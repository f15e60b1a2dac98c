// Uses the simulated kernel's rings and real-time sessions as programs do, and checks what they are told: prints OK at
// the end, or FAILED and what was wrong. usage: ksim_modes FOLDER (which gets ring-1.etl and ring-2.etl)
#include <windows.h>

#include <evntcons.h>
#include <evntrace.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { EARLY = 50, MANY = 3000, LIVE = 500, STRING_ROOM = 1024 };
enum { GROUP_MASK_CLASS = 4, HANDLE_WORD = 4, HANDLE_BIT = 0x40 };

static const GUID ob_trace = {0x89497f50, 0xeffe, 0x4440, {0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7}};

struct properties {
    EVENT_TRACE_PROPERTIES p;
    wchar_t name[STRING_ROOM];
    wchar_t file[STRING_ROOM];
};

static __attribute__((noreturn)) void stop(const char *what, ULONG got, ULONG wanted)
{
    printf("FAILED: %s: %lu instead of %lu\n", what, got, wanted);
    fflush(stdout);
    ExitProcess(3);
}

static void expect(const char *what, ULONG got, ULONG wanted)
{
    if (got != wanted) {
        stop(what, got, wanted);
    }
}

static void fill(struct properties *b, ULONG mode, const wchar_t *file)
{
    memset(b, 0, sizeof *b);
    b->p.Wnode.BufferSize = sizeof *b;
    b->p.Wnode.Flags = WNODE_FLAG_TRACED_GUID;
    b->p.Wnode.ClientContext = 1;
    b->p.BufferSize = 4;
    b->p.MinimumBuffers = 8;
    b->p.MaximumBuffers = 64;
    b->p.LogFileMode = mode;
    b->p.LoggerNameOffset = offsetof(struct properties, name);
    if (file) {
        b->p.LogFileNameOffset = offsetof(struct properties, file);
        wcsncpy(b->file, file, STRING_ROOM - 1);
    }
}

static TRACEHANDLE start(const wchar_t *name, ULONG mode)
{
    struct properties b;
    TRACEHANDLE session = 0;
    fill(&b, mode | EVENT_TRACE_SYSTEM_LOGGER_MODE, NULL);
    expect("StartTraceW", StartTraceW(&session, name, &b.p), ERROR_SUCCESS);
    ULONG masks[8] = {0};
    masks[HANDLE_WORD] = HANDLE_BIT;
    expect("TraceSetInformation", TraceSetInformation(session, (TRACE_INFO_CLASS)GROUP_MASK_CLASS, masks, sizeof masks),
           ERROR_SUCCESS);
    return session;
}

static ULONG control(TRACEHANDLE session, ULONG code, const wchar_t *file)
{
    struct properties b;
    fill(&b, 0, file);
    return ControlTraceW(session, NULL, &b.p, code);
}

static void make_and_close(int count)
{
    for (int i = 0; i < count; i++) {
        CloseHandle(CreateSemaphoreW(NULL, 0, 1, NULL));
    }
}

static ULONG file_bytes(const wchar_t *path)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    return GetFileAttributesExW(path, GetFileExInfoStandard, &data) ? data.nFileSizeLow : 0;
}

static void ring(const wchar_t *folder)
{
    wchar_t first[STRING_ROOM];
    wchar_t second[STRING_ROOM];
    swprintf(first, STRING_ROOM, L"%ls\\ring-1.etl", folder);
    swprintf(second, STRING_ROOM, L"%ls\\ring-2.etl", folder);
    TRACEHANDLE session = start(L"kernelsim ring", EVENT_TRACE_BUFFERING_MODE | EVENT_TRACE_REAL_TIME_MODE);
    make_and_close(MANY);
    expect("flush without a name", control(session, EVENT_TRACE_CONTROL_FLUSH, NULL), ERROR_FILE_NOT_FOUND);
    expect("update with a name", control(session, EVENT_TRACE_CONTROL_UPDATE, first), ERROR_INVALID_PARAMETER);
    expect("flush", control(session, EVENT_TRACE_CONTROL_FLUSH, first), ERROR_SUCCESS);
    make_and_close(10);
    expect("second flush", control(session, EVENT_TRACE_CONTROL_FLUSH, second), ERROR_SUCCESS);
    struct properties b;
    fill(&b, 0, NULL);
    expect("stop", ControlTraceW(session, NULL, &b.p, EVENT_TRACE_CONTROL_STOP), ERROR_SUCCESS);
    expect("lost events of a ring", b.p.EventsLost, 0);
    expect("buffers written of a ring", b.p.BuffersWritten, 0);
    expect("buffers of a ring", b.p.MaximumBuffers, b.p.MinimumBuffers);
    ULONG most = (b.p.MaximumBuffers + 1) * 4096;
    ULONG got = file_bytes(first);
    if (got < 2 * 4096 || got > most) {
        stop("bytes of a ring's file", got, most);
    }
    if (file_bytes(second) == 0) {
        stop("bytes of the second file", 0, 1);
    }
}

struct seen {
    TRACEHANDLE trace;
    volatile LONG creates, headers, others, buffers, wrong;
    bool stop_by_callback;
    ULONG result;
};

static void WINAPI on_event(EVENT_RECORD *e)
{
    struct seen *s = e->UserContext;
    const EVENT_HEADER *h = &e->EventHeader;
    if (!(h->Flags & EVENT_HEADER_FLAG_CLASSIC_HEADER)) {
        InterlockedIncrement(&s->wrong);
    }
    if (memcmp(&h->ProviderId, &ob_trace, sizeof ob_trace) != 0) {
        InterlockedIncrement(h->EventDescriptor.Opcode ? &s->others : &s->headers);
        return;
    }
    if (h->EventDescriptor.Opcode == 0x20 && e->UserDataLength == 16 && h->ProcessId == GetCurrentProcessId()) {
        InterlockedIncrement(&s->creates);
    }
}

static ULONG WINAPI on_buffer(EVENT_TRACE_LOGFILEW *file)
{
    struct seen *s = file->Context;
    InterlockedIncrement(&s->buffers);
    return !s->stop_by_callback;
}

static DWORD WINAPI reads(void *context)
{
    struct seen *s = context;
    s->result = ProcessTrace(&s->trace, 1, NULL, NULL);
    return 0;
}

static HANDLE read_session(struct seen *s, const wchar_t *name)
{
    wchar_t copy[64];
    wcscpy(copy, name);
    EVENT_TRACE_LOGFILEW file = {.LoggerName = copy,
                                 .ProcessTraceMode = PROCESS_TRACE_MODE_REAL_TIME | PROCESS_TRACE_MODE_EVENT_RECORD |
                                                     PROCESS_TRACE_MODE_RAW_TIMESTAMP,
                                 .BufferCallback = on_buffer,
                                 .EventRecordCallback = on_event,
                                 .Context = s};
    s->trace = OpenTraceW(&file);
    if (s->trace == INVALID_PROCESSTRACE_HANDLE) {
        stop("OpenTraceW", GetLastError(), 0);
    }
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    expect("PerfFreq", file.LogfileHeader.PerfFreq.LowPart, frequency.LowPart);
    return CreateThread(NULL, 0, reads, s, 0, NULL);
}

static void wait_for(HANDLE thread, const char *what)
{
    expect(what, WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static void await_creates(const struct seen *s, LONG wanted)
{
    for (int i = 0; i < 400 && s->creates < wanted; i++) {
        Sleep(20);
    }
    if (s->creates < wanted) {
        stop("creates that were read", (ULONG)s->creates, (ULONG)wanted);
    }
}

static void real_time(void)
{
    struct seen none = {0};
    EVENT_TRACE_LOGFILEW missing = {.LoggerName = L"kernelsim live",
                                    .ProcessTraceMode = PROCESS_TRACE_MODE_REAL_TIME | PROCESS_TRACE_MODE_EVENT_RECORD,
                                    .EventRecordCallback = on_event,
                                    .Context = &none};
    expect("OpenTraceW of none", OpenTraceW(&missing) == INVALID_PROCESSTRACE_HANDLE, TRUE);
    expect("its error", GetLastError(), ERROR_WMI_INSTANCE_NOT_FOUND);
    TRACEHANDLE session = start(L"kernelsim live", EVENT_TRACE_REAL_TIME_MODE);

    // Closed while it reads.
    struct seen closed = {0};
    HANDLE thread = read_session(&closed, L"kernelsim live");
    make_and_close(LIVE);
    await_creates(&closed, LIVE);
    expect("CloseTrace while it reads", CloseTrace(closed.trace), ERROR_CTX_CLOSE_PENDING);
    wait_for(thread, "ProcessTrace after CloseTrace");
    expect("its result", closed.result, ERROR_SUCCESS);
    expect("CloseTrace again", CloseTrace(closed.trace), ERROR_INVALID_HANDLE);

    // Ended by the buffer callback.
    struct seen cancelled = {.stop_by_callback = true};
    thread = read_session(&cancelled, L"kernelsim live");
    make_and_close(LIVE);
    wait_for(thread, "ProcessTrace after its callback");
    expect("its result", cancelled.result, ERROR_CANCELLED);
    expect("buffers until then", (ULONG)cancelled.buffers, 1);
    expect("CloseTrace", CloseTrace(cancelled.trace), ERROR_SUCCESS);

    // Until the session stops: everything arrives, the inventory of the stop too.
    struct seen all = {0};
    thread = read_session(&all, L"kernelsim live");
    make_and_close(LIVE);
    expect("stop", control(session, EVENT_TRACE_CONTROL_STOP, NULL), ERROR_SUCCESS);
    wait_for(thread, "ProcessTrace after the stop");
    expect("its result", all.result, ERROR_SUCCESS);
    await_creates(&all, LIVE);
    expect("headers", (ULONG)all.headers, 1);
    expect("events that are not classic", (ULONG)(closed.wrong + cancelled.wrong + all.wrong), 0);
    expect("CloseTrace", CloseTrace(all.trace), ERROR_SUCCESS);
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
    if (argc != 2) {
        fputs("ksim_modes FOLDER\n", stderr);
        return 2;
    }
    ring(argv[1]);
    real_time();
    puts("OK");
    return 0;
}
