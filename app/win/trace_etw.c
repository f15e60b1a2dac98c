/* trace_backend over ETW. What is asked, written out or ended is named, and its identity compared first. What is set
 * goes to the number in the handle, which the next session gets once ours has ended: set it after a start or a query.
 */
#include "win/trace_etw.h"

#include "core/base/text.h"
#include "win/trace_block.h"

#include <stdlib.h>
#include <string.h>

/* Not in the SDK: SystemPerformanceTraceInformation and its sub-classes. */
#define PERFORMANCE_TRACE 31
#define CLASS_GROUP_MASK  1
#define CLASS_STACK_CACHE 16
#define CLASS_OBJECT_TAGS 17
#define TAG_ALL           0x2Au /* "*": zero would match no type at all */

#define MASK_WORDS         8
#define MASK_BITS          0x1FFFFFFFu /* the top three bits of a constant only say which word it is for */
#define MAX_HOOKS          256
#define HOOK_GROUP         0x11u /* of handle events: hook id = group, type */
#define MAX_LISTED         TRACE_LIST_MAX
#define USUAL_SESSIONS     64 /* the system's limit unless its registry says more */
#define STATUS_FINE        0
#define STATUS_CACHE_IS_ON ((LONG)0xC0000303)

typedef ULONG(WINAPI *set_information_fn)(TRACEHANDLE, TRACE_INFO_CLASS, PVOID, ULONG);
typedef ULONG(WINAPI *query_information_fn)(TRACEHANDLE, TRACE_INFO_CLASS, PVOID, ULONG, PULONG);
typedef LONG(WINAPI *nt_set_fn)(int, PVOID, ULONG);
typedef LONG(WINAPI *nt_query_fn)(int, PVOID, ULONG, PULONG);

struct trace_etw {
    set_information_fn set_information;
    query_information_fn query_information;
    nt_set_fn nt_set;
    nt_query_fn nt_query;
    const char *lost;
};

static bool wide_name(const char *name, WCHAR out[TRACE_NAME_MAX], struct err *err)
{
    size_t units = text_to_utf16(name, NULL, 0);
    if (!units || units >= TRACE_NAME_MAX)
        return err_set(err, ERR_RANGE, "Using a session name of %u characters", (unsigned)units);
    text_to_utf16(name, (uint16_t *)out, units);
    out[units] = 0;
    return true;
}

/* Blocks are too large for a stack that others share. */
static struct trace_block *new_block(const struct trace_guid *guid, struct err *err)
{
    struct trace_block *b = malloc(sizeof *b);
    if (b)
        trace_block_init(b, guid);
    else
        err_set(err, ERR_NO_MEMORY, "Controlling a recording session");
    return b;
}

static bool etw_start(void *self, const struct trace_start *want, struct trace_session *out, struct err *err)
{
    static const ULONG modes[] = {
        [TRACE_TO_FILE] = EVENT_TRACE_FILE_MODE_SEQUENTIAL,
        [TRACE_TO_RING] = EVENT_TRACE_BUFFERING_MODE,
        [TRACE_TO_CIRCULAR] = EVENT_TRACE_FILE_MODE_CIRCULAR,
        [TRACE_TO_CONSUMER] = EVENT_TRACE_REAL_TIME_MODE,
    };
    (void)self;
    WCHAR name[TRACE_NAME_MAX];
    struct trace_block *b = wide_name(want->name, name, err) ? new_block(&want->guid, err) : NULL;
    if (!b)
        return false;
    b->p.Wnode.ClientContext = 1; /* the performance counter as clock */
    b->p.BufferSize = want->buffer_kb;
    b->p.MinimumBuffers = want->min_buffers;
    b->p.MaximumBuffers = want->max_buffers;
    b->p.MaximumFileSize = want->max_file_mb;
    b->p.LogFileMode = modes[want->storage] | EVENT_TRACE_SYSTEM_LOGGER_MODE | EVENT_TRACE_STOP_ON_HYBRID_SHUTDOWN;
    if (want->real_time)
        b->p.LogFileMode |= EVENT_TRACE_REAL_TIME_MODE;
    b->p.LogFileNameOffset = 0;
    bool to_file = want->storage == TRACE_TO_FILE || want->storage == TRACE_TO_CIRCULAR;
    bool ok = !to_file || trace_block_path(b, want->path, err);
    TRACEHANDLE handle = 0;
    if (ok) {
        ULONG rc = StartTraceW(&handle, name, &b->p);
        ok = rc == ERROR_SUCCESS || err_set_os(err, ERR_KIND_WIN32, rc, "Starting the recording session");
        if (rc == ERROR_NO_SYSTEM_RESOURCES)
            err_remedy(err, "Stop another tracing program and try again.");
    }
    free(b);
    if (!ok)
        return false;
    struct trace_session s = {.handle = handle, .guid = want->guid};
    text_put(s.name, sizeof s.name, want->name);
    *out = s;
    return true;
}

/* Fetches the state of the session of this name into `b`. */
static bool query_name(const char *name, struct trace_block *b, const char *doing, struct err *err)
{
    WCHAR wide[TRACE_NAME_MAX];
    if (!wide_name(name, wide, err))
        return false;
    ULONG rc = ControlTraceW(0, wide, &b->p, EVENT_TRACE_CONTROL_QUERY);
    /* More data: a name did not fit, the numbers are there. */
    if (rc != ERROR_SUCCESS && rc != ERROR_MORE_DATA)
        return err_set_os(err, ERR_KIND_WIN32, rc, "%s", doing);
    /* Where tracing is only pretended every call succeeds and tells nothing. A session has a number and buffers. */
    if (!b->p.Wnode.HistoricalContext && !b->p.NumberOfBuffers)
        return err_set(err, ERR_NOT_FOUND, "%s: the system tells nothing of it", doing);
    return true;
}

/* The session is still there and still ours: its state is in `b`. */
static bool find_own(const struct trace_session *s, struct trace_block *b, const char *doing, struct err *err)
{
    if (!query_name(s->name, b, doing, err))
        return false;
    if (trace_block_is(b, &s->guid))
        return true;
    return err_set(err, ERR_NOT_FOUND, "%s: another session has its name now", doing);
}

/* One control code on our own session; afterwards `b` holds what the call gave back. */
static bool control(const struct trace_session *s, struct trace_block *b, ULONG code, const char *doing,
                    struct err *err)
{
    WCHAR wide[TRACE_NAME_MAX];
    if (!wide_name(s->name, wide, err))
        return false;
    ULONG rc = ControlTraceW(0, wide, &b->p, code);
    return rc == ERROR_SUCCESS || rc == ERROR_MORE_DATA || err_set_os(err, ERR_KIND_WIN32, rc, "%s", doing);
}

static bool etw_query(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    (void)self;
    struct trace_block *b = new_block(&s->guid, err);
    bool ok = b && find_own(s, b, "Asking for the state of the recording session", err);
    if (ok)
        trace_block_status(b, out);
    free(b);
    return ok;
}

/* A control code that may name a new file; `path` NULL: none. */
static bool control_file(const struct trace_session *s, ULONG code, const char *path, const char *doing,
                         struct err *err)
{
    struct trace_block *b = new_block(&s->guid, err);
    bool ok = b && find_own(s, b, doing, err);
    if (ok) {
        /* An update without it would end reading along. */
        ULONG keep = b->p.LogFileMode & EVENT_TRACE_REAL_TIME_MODE;
        trace_block_init(b, &s->guid);
        b->p.LogFileMode = code == EVENT_TRACE_CONTROL_UPDATE ? keep : 0;
        b->p.LogFileNameOffset = 0;
        ok = (!path || trace_block_path(b, path, err)) && control(s, b, code, doing, err);
    }
    free(b);
    return ok;
}

static bool etw_flush(void *self, const struct trace_session *s, const char *path, struct err *err)
{
    (void)self;
    return control_file(s, EVENT_TRACE_CONTROL_FLUSH, path, "Writing out the recording session's buffers", err);
}

static bool etw_rotate(void *self, const struct trace_session *s, const char *path, struct err *err)
{
    (void)self;
    return control_file(s, EVENT_TRACE_CONTROL_UPDATE, path, "Continuing the recording in a new file", err);
}

static bool etw_stop(void *self, const struct trace_session *s, struct trace_status *out, struct err *err)
{
    static const char doing[] = "Stopping the recording session";
    (void)self;
    struct trace_block *b = new_block(&s->guid, err);
    bool ok = b && find_own(s, b, doing, err);
    if (ok) {
        trace_block_init(b, &s->guid);
        ok = control(s, b, EVENT_TRACE_CONTROL_STOP, doing, err);
    }
    if (ok && out)
        trace_block_status(b, out);
    free(b);
    return ok;
}

/* False: this Windows has no call that tells them, or refuses it. */
static bool read_masks(struct trace_etw *t, const struct trace_session *s, ULONG got[MASK_WORDS])
{
    ULONG length = 0;
    memset(got, 0, MASK_WORDS * sizeof *got);
    if (t->query_information && t->query_information(s->handle, TraceSystemTraceEnableFlagsInfo, got,
                                                     MASK_WORDS * sizeof *got, &length) == ERROR_SUCCESS)
        return true;
    struct {
        ULONG cls;
        ULONG pad;
        ULONG64 handle;
        ULONG masks[MASK_WORDS];
    } q = {.cls = CLASS_GROUP_MASK, .handle = s->handle};
    if (!t->nt_query || t->nt_query(PERFORMANCE_TRACE, &q, sizeof q, &length) != STATUS_FINE)
        return false;
    memcpy(got, q.masks, sizeof q.masks);
    return true;
}

static bool etw_set_masks(void *self, const struct trace_session *s, const uint32_t masks[8], struct err *err)
{
    static const char doing[] = "Switching on the recording of handles";
    struct trace_etw *t = self;
    ULONG want[MASK_WORDS];
    ULONG got[MASK_WORDS];
    for (unsigned i = 0; i < MASK_WORDS; i++)
        want[i] = masks[i];
    if (!t->set_information)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    ULONG rc = t->set_information(s->handle, TraceSystemTraceEnableFlagsInfo, want, sizeof want);
    if (rc != ERROR_SUCCESS)
        return err_set_os(err, ERR_KIND_WIN32, rc, "%s", doing);
    if (!read_masks(t, s, got)) {
        t->lost = "This Windows does not tell which events a session records, so it is not proved before the end "
                  "that handles are among them.";
        return true;
    }
    t->lost = "";
    for (unsigned i = 0; i < MASK_WORDS; i++)
        if (want[i] & MASK_BITS & ~got[i])
            return err_set(err, ERR_MISMATCH, "%s: word %u of the event mask is 0x%lX instead of 0x%lX", doing, i,
                           (unsigned long)got[i], (unsigned long)want[i]);
    return true;
}

static bool etw_set_filter(void *self, const struct trace_session *s, const uint32_t *tags, unsigned n, struct err *err)
{
    static const char doing[] = "Setting the type filter";
    struct trace_etw *t = self;
    struct {
        ULONG cls;
        ULONG pad;
        ULONG64 handle;
        ULONG tags[TRACE_MAX_TAGS];
    } set = {.cls = CLASS_OBJECT_TAGS, .handle = s->handle};
    if (n > TRACE_MAX_TAGS)
        return err_set(err, ERR_RANGE, "%s: %u types are more than %d", doing, n, TRACE_MAX_TAGS);
    for (unsigned i = 0; i < n; i++)
        set.tags[i] = tags[i];
    if (!n)
        set.tags[n++] = TAG_ALL;
    if (!t->nt_set)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    ULONG length = (ULONG)(sizeof set - (TRACE_MAX_TAGS - n) * sizeof set.tags[0]);
    LONG status = t->nt_set(PERFORMANCE_TRACE, &set, length);
    if (status != STATUS_FINE)
        return err_set_os(err, ERR_KIND_NTSTATUS, (uint32_t)status, "%s", doing);
    return true;
}

static bool etw_set_stacks(void *self, const struct trace_session *s, const uint16_t *hooks, unsigned n,
                           struct err *err)
{
    static const char doing[] = "Choosing which events get call stacks";
    struct trace_etw *t = self;
    CLASSIC_EVENT_ID ids[MAX_HOOKS];
    if (n > MAX_HOOKS)
        return err_set(err, ERR_RANGE, "%s: %u are more than %d", doing, n, MAX_HOOKS);
    memset(ids, 0, sizeof ids);
    for (unsigned i = 0; i < n; i++) {
        if (hooks[i] >> 8 != HOOK_GROUP)
            return err_set(err, ERR_ARGUMENT, "%s: 0x%04X is not a handle event", doing, hooks[i]);
        ids[i].EventGuid = trace_ob_class;
        ids[i].Type = (UCHAR)(hooks[i] & 0xFF);
    }
    if (!t->set_information)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    /* An empty list has to be no list at all. */
    ULONG rc = t->set_information(s->handle, TraceStackTracingInfo, n ? ids : NULL, (ULONG)(n * sizeof ids[0]));
    return rc == ERROR_SUCCESS || err_set_os(err, ERR_KIND_WIN32, rc, "%s", doing);
}

static bool etw_set_stack_cache(void *self, const struct trace_session *s, uint32_t size_kb, uint32_t buckets,
                                struct err *err)
{
    static const char doing[] = "Switching on the cache for call stacks";
    struct trace_etw *t = self;
    struct {
        ULONG cls;
        ULONG pad;
        ULONG64 handle;
        UCHAR enabled;
        UCHAR more[3];
        ULONG size; /* bytes; the system takes 3 to 50 MB */
        ULONG buckets;
        ULONG end;
    } set = {.cls = CLASS_STACK_CACHE, .handle = s->handle, .enabled = 1, .size = size_kb * 1024, .buckets = buckets};
    _Static_assert(sizeof set == 32, "the system takes exactly this size");
    if (!t->nt_set)
        return err_set(err, ERR_UNSUPPORTED, "%s", doing);
    LONG status = t->nt_set(PERFORMANCE_TRACE, &set, sizeof set);
    if (status == STATUS_FINE || status == STATUS_CACHE_IS_ON)
        return true;
    return err_set_os(err, ERR_KIND_NTSTATUS, (uint32_t)status, "%s", doing);
}

static ULONG query_all(struct trace_block *blocks, ULONG room, ULONG *running)
{
    EVENT_TRACE_PROPERTIES *each[MAX_LISTED];
    for (ULONG i = 0; i < room; i++) {
        trace_block_init(&blocks[i], NULL);
        each[i] = &blocks[i].p;
    }
    *running = 0;
    return QueryAllTracesW(each, room, running);
}

static bool etw_list(void *self, struct trace_listing *out, size_t cap, size_t *count, struct err *err)
{
    (void)self;
    struct trace_block *blocks = malloc(MAX_LISTED * sizeof *blocks);
    if (!blocks)
        return err_set(err, ERR_NO_MEMORY, "Listing the tracing sessions");
    /* More room than the system has sessions is refused by some versions, so it is asked for only when needed. */
    ULONG running = 0;
    ULONG rc = query_all(blocks, USUAL_SESSIONS, &running);
    if (rc == ERROR_MORE_DATA)
        rc = query_all(blocks, MAX_LISTED, &running);
    bool ok = rc == ERROR_SUCCESS || rc == ERROR_MORE_DATA ||
              err_set_os(err, ERR_KIND_WIN32, rc, "Listing the tracing sessions");
    if (ok) {
        for (size_t i = 0; i < running && i < cap && i < MAX_LISTED; i++)
            trace_block_listing(&blocks[i], &out[i]);
        *count = running;
    }
    free(blocks);
    return ok;
}

static bool etw_adopt(void *self, const char *name, const struct trace_guid *guid, struct trace_session *out,
                      struct trace_status *status, struct err *err)
{
    static const char doing[] = "Taking up the running session";
    (void)self;
    struct trace_block *b = new_block(guid, err);
    bool ok = b && query_name(name, b, doing, err);
    /* Whatever the system says here, it is no word about whose session it is. */
    if (!ok && err && err->code == ERR_EXISTS)
        err->code = ERR_OS;
    if (ok && !trace_block_is(b, guid)) {
        ok = err_set(err, ERR_EXISTS, "%s %.100s, which another program started", doing, name);
        err_remedy(err, "Stop it in that program first.");
    }
    if (ok) {
        struct trace_session s = {.handle = b->p.Wnode.HistoricalContext, .guid = *guid};
        text_put(s.name, sizeof s.name, name);
        *out = s;
        trace_block_status(b, status);
    }
    free(b);
    return ok;
}

static const struct trace_ops etw_ops = {
    .start = etw_start,
    .set_masks = etw_set_masks,
    .set_filter = etw_set_filter,
    .set_stacks = etw_set_stacks,
    .set_stack_cache = etw_set_stack_cache,
    .query = etw_query,
    .flush = etw_flush,
    .rotate = etw_rotate,
    .stop = etw_stop,
    .list = etw_list,
    .adopt = etw_adopt,
};

/* SeSystemProfilePrivilege. The kernel asks for it only when profiling bits are in the masks, which they never are
 * here; some readings of the rules differ, so it is switched on where the account has it. That it has not is no reason
 * to fail: starting the session tells whether the rights are enough. */
static void ask_for_privilege(void)
{
    HANDLE token = NULL;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token))
        return;
    TOKEN_PRIVILEGES p = {.PrivilegeCount = 1, .Privileges = {{.Attributes = SE_PRIVILEGE_ENABLED}}};
    if (LookupPrivilegeValueW(NULL, L"SeSystemProfilePrivilege", &p.Privileges[0].Luid))
        AdjustTokenPrivileges(token, FALSE, &p, 0, NULL, NULL);
    CloseHandle(token);
}

static win_proc from_sechost(const char *proc)
{
    win_proc f = win_system_proc(L"sechost.dll", proc);
    return f ? f : win_system_proc(L"advapi32.dll", proc);
}

bool trace_etw_create(struct trace_backend *out, struct err *err)
{
    struct trace_etw *t = calloc(1, sizeof *t);
    if (!t)
        return err_set(err, ERR_NO_MEMORY, "Preparing to record");
    t->set_information = (set_information_fn)from_sechost("TraceSetInformation");
    t->query_information = (query_information_fn)from_sechost("TraceQueryInformation");
    t->nt_set = (nt_set_fn)win_system_proc(L"ntdll.dll", "NtSetSystemInformation");
    t->nt_query = (nt_query_fn)win_system_proc(L"ntdll.dll", "NtQuerySystemInformation");
    t->lost = "";
    ask_for_privilege();
    *out = (struct trace_backend){.ops = &etw_ops, .self = t};
    return true;
}

void trace_etw_destroy(struct trace_backend *b)
{
    free(b->self);
    *b = (struct trace_backend){.ops = NULL};
}

const char *trace_etw_lost(const struct trace_backend *b)
{
    const struct trace_etw *t = b->self;
    return t->lost;
}
