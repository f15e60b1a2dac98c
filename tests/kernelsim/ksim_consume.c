// OpenTraceW, ProcessTrace and CloseTrace for real-time sessions: buffers from the server become event records.
#include "ksim.h"

#include <evntcons.h>
#include <evntrace.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { CONSUMERS = 8, POLL_MS = 20, BUFFER_MAX = 0x1000000 };
enum consumer_state { CONSUMER_FREE, CONSUMER_OPEN, CONSUMER_RUNNING };

static struct consumer {
    _Atomic int state;
    _Atomic bool closing;
    TRACEHANDLE handle;
    EVENT_TRACE_LOGFILEW file; // LoggerName is not kept
    int64_t start;             // the clock at the header's StartTime
} consumers[CONSUMERS];

static struct consumer *find_consumer(TRACEHANDLE handle)
{
    for (int i = 0; i < CONSUMERS; i++) {
        if (atomic_load(&consumers[i].state) != CONSUMER_FREE && consumers[i].handle == handle) {
            return &consumers[i];
        }
    }
    return NULL;
}

static TRACEHANDLE refuse(DWORD error)
{
    SetLastError(error);
    return INVALID_PROCESSTRACE_HANDLE;
}

static struct consumer *take_consumer(void)
{
    for (int i = 0; i < CONSUMERS; i++) {
        int none = CONSUMER_FREE;
        if (atomic_compare_exchange_strong(&consumers[i].state, &none, CONSUMER_OPEN)) {
            return &consumers[i];
        }
    }
    return NULL;
}

// Files are not simulated: for them the answer is Wine's own.
static TRACEHANDLE WINAPI open_trace(EVENT_TRACE_LOGFILEW *file)
{
    if (!file) {
        return refuse(ERROR_INVALID_PARAMETER);
    }
    if (!(file->ProcessTraceMode & PROCESS_TRACE_MODE_REAL_TIME)) {
        return refuse(ERROR_ACCESS_DENIED);
    }
    bool records = file->ProcessTraceMode & PROCESS_TRACE_MODE_EVENT_RECORD;
    if (!file->LoggerName || file->LogFileName || !records || !file->EventRecordCallback) {
        return refuse(ERROR_INVALID_PARAMETER);
    }
    struct consumer *c = take_consumer();
    if (!c) {
        return refuse(ERROR_NO_SYSTEM_RESOURCES);
    }
    struct ksim_open_trace opened;
    struct ksim_traced_call call = {
        .api = KSIM_OPEN_TRACE,
        .name = file->LoggerName,
        .out = &opened,
        .out_room = sizeof opened,
    };
    uint32_t status = ksim_etw_call(&call);
    if (status) {
        atomic_store(&c->state, CONSUMER_FREE);
        return refuse(status);
    }
    _Static_assert(sizeof file->LogfileHeader == sizeof opened.header, "TRACE_LOGFILE_HEADER of x64");
    memcpy(&file->LogfileHeader, opened.header, sizeof opened.header);
    c->handle = call.out_handle;
    c->start = (int64_t)opened.start;
    c->file = *file;
    c->file.LoggerName = NULL;
    atomic_store(&c->closing, false);
    return c->handle;
}

static const struct group {
    uint8_t number;
    GUID guid;
} groups[] = {
    {0x00, {0x68fdd900, 0x4a3e, 0x11d1, {0x84, 0xf4, 0x00, 0x00, 0xf8, 0x04, 0x64, 0xe3}}},
    {0x03, {0x3d6fa8d0, 0xfe05, 0x11d0, {0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c}}},
    {0x05, {0x3d6fa8d1, 0xfe05, 0x11d0, {0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c}}},
    {0x11, {0x89497f50, 0xeffe, 0x4440, {0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7}}},
    {0x14, {0x2cb15d1d, 0x5fc1, 0x11d2, {0xab, 0xe1, 0x00, 0xa0, 0xc9, 0x11, 0xf5, 0x18}}},
    {0x18, {0xdef2fe46, 0x7bd6, 0x4b80, {0xbd, 0x94, 0xf5, 0x7f, 0xe2, 0x0d, 0x0c, 0xe3}}},
};

// In the file the loading of an image is an event of the Process group; for readers it is one of the Image class.
static GUID class_of(uint8_t group, uint8_t opcode)
{
    if (group == 0x03 && opcode == 0x0A) {
        group = 0x14;
    }
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (groups[i].number == group) {
            return groups[i].guid;
        }
    }
    return (GUID){0};
}

static int64_t stamp(const struct consumer *c, int64_t ticks)
{
    if (c->file.ProcessTraceMode & PROCESS_TRACE_MODE_RAW_TIMESTAMP) {
        return ticks;
    }
    double seconds = (double)(ticks - c->start) / (double)c->file.LogfileHeader.PerfFreq.QuadPart;
    return c->file.LogfileHeader.StartTime.QuadPart + (int64_t)(seconds * 1e7);
}

static void tell_event(struct consumer *c, const uint8_t *record, uint16_t size, uint16_t processor)
{
    static const struct {
        uint8_t type;
        uint16_t bytes, time_at;
    } kinds[] = {{2, 32, 16}, {4, 24, 16}, {0x11, 16, 8}};
    EVENT_RECORD e = {.EventHeader = {.Flags = EVENT_HEADER_FLAG_CLASSIC_HEADER | EVENT_HEADER_FLAG_64_BIT_HEADER,
                                      .EventProperty = EVENT_HEADER_PROPERTY_LEGACY_EVENTLOG,
                                      .ThreadId = 0xFFFFFFFF,
                                      .ProcessId = 0xFFFFFFFF}};
    uint16_t head = 0;
    int64_t ticks = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].type == record[2]) {
            head = kinds[i].bytes;
            memcpy(&ticks, record + kinds[i].time_at, sizeof ticks);
        }
    }
    if (head > 16) {
        memcpy(&e.EventHeader.ThreadId, record + 8, sizeof(ULONG));
        memcpy(&e.EventHeader.ProcessId, record + 12, sizeof(ULONG));
    }
    if (head == 32) {
        memcpy(&e.EventHeader.KernelTime, record + 24, sizeof(ULONG));
        memcpy(&e.EventHeader.UserTime, record + 28, sizeof(ULONG));
    }
    e.EventHeader.Size = (USHORT)(sizeof e.EventHeader + size - head);
    e.EventHeader.TimeStamp.QuadPart = stamp(c, ticks);
    e.EventHeader.ProviderId = class_of(record[7], record[6]);
    e.EventHeader.EventDescriptor.Version = record[0];
    e.EventHeader.EventDescriptor.Opcode = record[6];
    memcpy(&e.BufferContext, &processor, sizeof processor); // ProcessorNumber and Alignment, or ProcessorIndex
    e.UserData = (void *)(uintptr_t)(record + head);
    e.UserDataLength = (USHORT)(size - head);
    e.UserContext = c->file.Context;
    c->file.EventRecordCallback(&e);
}

// The log file header comes as an event of its own before all others.
static void tell_header(struct consumer *c)
{
    EVENT_RECORD e = {.EventHeader = {.Flags = EVENT_HEADER_FLAG_CLASSIC_HEADER | EVENT_HEADER_FLAG_64_BIT_HEADER,
                                      .Size = (USHORT)(sizeof e.EventHeader + sizeof c->file.LogfileHeader)}};
    e.EventHeader.TimeStamp.QuadPart = stamp(c, c->start);
    e.EventHeader.ProviderId = groups[0].guid;
    e.UserData = &c->file.LogfileHeader;
    e.UserDataLength = (USHORT)sizeof c->file.LogfileHeader;
    e.UserContext = c->file.Context;
    c->file.EventRecordCallback(&e);
}

// False: the program wants no more.
static bool tell_buffer(struct consumer *c, const uint8_t *b, uint32_t bytes)
{
    uint16_t processor;
    memcpy(&processor, b + 0x28, sizeof processor);
    for (uint32_t at = 0x48; at + 16 <= bytes;) {
        uint16_t size;
        memcpy(&size, b + at + 4, sizeof size);
        tell_event(c, b + at, size, processor);
        at = (at + size + 7u) & ~7u;
    }
    c->file.BuffersRead++;
    c->file.BufferSize = c->file.LogfileHeader.BufferSize;
    c->file.Filled = bytes;
    return !c->file.BufferCallback || c->file.BufferCallback(&c->file);
}

// One piece of the oldest unread buffer, behind *head, which has room for KSIM_READ_MAX bytes more.
static uint32_t read_piece(struct consumer *c, uint32_t have, struct ksim_read_trace *head)
{
    struct ksim_traced_call call = {
        .api = KSIM_READ_TRACE,
        .handle = c->handle,
        .code = have,
        .out = head,
        .out_room = sizeof *head + KSIM_READ_MAX,
    };
    memset(head, 0, sizeof *head);
    return ksim_etw_call(&call);
}

static ULONG read_all(struct consumer *c, uint8_t *buffer, struct ksim_read_trace *head)
{
    uint32_t have = 0;
    bool whole = false; // the server gives the next one when it hears that
    tell_header(c);
    while (!atomic_load(&c->closing)) {
        uint32_t status = read_piece(c, have, head);
        if (status || head->over) {
            return status;
        }
        have = whole ? 0 : have;
        whole = false;
        if (head->total == 0 || head->total > BUFFER_MAX) {
            Sleep(POLL_MS);
            continue;
        }
        uint32_t piece = head->total - have < KSIM_READ_MAX ? head->total - have : KSIM_READ_MAX;
        memcpy(buffer + have, head + 1, piece);
        have += piece;
        c->file.LogfileHeader.EventsLost = head->events_lost;
        whole = have == head->total;
        if (whole && !tell_buffer(c, buffer, have)) {
            return ERROR_CANCELLED;
        }
    }
    return ERROR_SUCCESS;
}

static uint32_t call_consumer(const struct consumer *c, uint32_t api)
{
    struct ksim_traced_call call = {.api = api, .handle = c->handle};
    return ksim_etw_call(&call);
}

static ULONG WINAPI process_trace(TRACEHANDLE *handles, ULONG count, FILETIME *start, FILETIME *end)
{
    (void)start;
    (void)end;
    if (!handles || count != 1) { // in real time one session at a time
        return ERROR_INVALID_PARAMETER;
    }
    struct consumer *c = find_consumer(handles[0]);
    int open = CONSUMER_OPEN;
    if (!c || !atomic_compare_exchange_strong(&c->state, &open, CONSUMER_RUNNING)) {
        return ERROR_INVALID_HANDLE;
    }
    ULONG status = call_consumer(c, KSIM_PROCESS_TRACE);
    uint8_t *buffer = VirtualAlloc(NULL, BUFFER_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    struct ksim_read_trace *head =
        VirtualAlloc(NULL, sizeof *head + KSIM_READ_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!buffer || !head) {
        status = ERROR_NOT_ENOUGH_MEMORY;
    } else if (!status) {
        status = read_all(c, buffer, head);
    }
    if (buffer) {
        VirtualFree(buffer, 0, MEM_RELEASE);
    }
    if (head) {
        VirtualFree(head, 0, MEM_RELEASE);
    }
    atomic_store(&c->state, CONSUMER_OPEN);
    if (atomic_load(&c->closing)) { // CloseTrace left the end to us
        call_consumer(c, KSIM_CLOSE_TRACE);
        atomic_store(&c->state, CONSUMER_FREE);
    }
    return status;
}

static ULONG WINAPI close_trace(TRACEHANDLE handle)
{
    struct consumer *c = find_consumer(handle);
    if (!c) {
        return ERROR_INVALID_HANDLE;
    }
    atomic_store(&c->closing, true);
    int open = CONSUMER_OPEN;
    if (!atomic_compare_exchange_strong(&c->state, &open, CONSUMER_RUNNING)) {
        return ERROR_CTX_CLOSE_PENDING;
    }
    ULONG status = call_consumer(c, KSIM_CLOSE_TRACE);
    atomic_store(&c->state, CONSUMER_FREE);
    return status;
}

const struct ksim_entry_point ksim_consume_entry_points[3] = {
    {L"sechost.dll", "OpenTraceW", open_trace, true},
    {L"sechost.dll", "ProcessTrace", process_trace, true},
    {L"sechost.dll", "CloseTrace", close_trace, true},
};
