/* Reads a real-time session: classic kernel events become records that core's decoders take. */
#include "win/trace_live.h"

#include "core/base/text.h"
#include "win/trace_block.h"
#include "win/win.h"

#include <evntcons.h>
#include <evntrace.h>

#include <stdlib.h>
#include <string.h>

#define HOOK_GROUP 0x1100u

struct trace_live {
    struct thread *thread; /* NULL: nothing is read */
    TRACEHANDLE handle;
    struct live *to;
};

static VOID WINAPI on_event(EVENT_RECORD *e)
{
    struct trace_live *t = e->UserContext;
    const EVENT_HEADER *h = &e->EventHeader;
    struct etl_record r = {.kind = ETL_CLASSIC};
    if (IsEqualGUID(&h->ProviderId, &trace_ob_class))
        r = (struct etl_record){
            .kind = ETL_KERNEL,
            .pointer_size = h->Flags & EVENT_HEADER_FLAG_32_BIT_HEADER ? 4 : 8,
            .opcode = h->EventDescriptor.Opcode,
            .version = h->EventDescriptor.Version,
            .hook = (uint16_t)(HOOK_GROUP | h->EventDescriptor.Opcode),
            .pid = h->ProcessId,
            .tid = h->ThreadId,
            .time = h->TimeStamp.QuadPart,
            .payload = e->UserData,
            .payload_size = e->UserData ? e->UserDataLength : 0,
        };
    live_feed(t->to, &r);
}

static ULONG WINAPI on_buffer(EVENT_TRACE_LOGFILEW *file)
{
    struct trace_live *t = file->Context;
    live_publish(t->to, clock_ns(), win_thread_cpu() * 100);
    return TRUE;
}

static void read_events(void *ctx)
{
    struct trace_live *t = ctx;
    ULONG rc = ProcessTrace(&t->handle, 1, NULL, NULL);
    struct err err = {0};
    if (rc != ERROR_SUCCESS && rc != ERROR_CANCELLED)
        err_set_os(&err, ERR_KIND_WIN32, rc, "Reading live events");
    live_end(t->to, clock_ns(), win_thread_cpu() * 100, rc != ERROR_SUCCESS && rc != ERROR_CANCELLED ? &err : NULL);
}

static bool live_open(void *self, const char *session, struct live *to, struct err *err)
{
    struct trace_live *t = self;
    if (t->thread)
        return err_set(err, ERR_EXISTS, "Reading live events of %s", session);
    WCHAR *name = utf16_from_utf8(session);
    if (!name)
        return err_set(err, ERR_NO_MEMORY, "Reading live events");
    EVENT_TRACE_LOGFILEW file = {.LoggerName = name,
                                 .ProcessTraceMode = PROCESS_TRACE_MODE_REAL_TIME | PROCESS_TRACE_MODE_EVENT_RECORD |
                                                     PROCESS_TRACE_MODE_RAW_TIMESTAMP,
                                 .BufferCallback = on_buffer,
                                 .EventRecordCallback = on_event,
                                 .Context = t};
    t->to = to;
    t->handle = OpenTraceW(&file);
    DWORD rc = GetLastError();
    free(name);
    if (t->handle == INVALID_PROCESSTRACE_HANDLE)
        return err_set_os(err, ERR_KIND_WIN32, rc, "Opening live events of %s", session);
    live_begin(to, clock_ns());
    if (thread_start("live events", read_events, t, &t->thread, err))
        return true;
    CloseTrace(t->handle);
    return false;
}

static void live_close(void *self)
{
    struct trace_live *t = self;
    if (!t->thread)
        return;
    /* Pending or done: ProcessTrace returns after the buffer under way. */
    CloseTrace(t->handle);
    thread_join(t->thread);
    t->thread = NULL;
}

bool trace_live_create(struct live_source *out, struct err *err)
{
    struct trace_live *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, ERR_NO_MEMORY, "Reading live events");
    *out = (struct live_source){.open = live_open, .close = live_close, .self = t};
    return true;
}

void trace_live_destroy(struct live_source *s)
{
    if (!s->self)
        return;
    live_close(s->self);
    free(s->self);
    s->self = NULL;
}
