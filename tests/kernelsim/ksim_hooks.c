// The system calls that yield or close handles, hooked at ntdll's stubs by a table.
#include "ksim.h"

#include <string.h>

NTSYSAPI NTSTATUS WINAPI NtResumeThread(HANDLE thread, PULONG count);

enum { SUSPENDED = 1 };

struct call;
typedef NTSTATUS (*call_handler)(const struct call *call, uint64_t *a);

// One hooked call. Argument numbers begin at 1; 0: it has none.
struct call {
    const char *name;
    const wchar_t *type; // of the handle it yields
    call_handler handler;
    const void *hook;
    ksim_syscall *original;
    uintptr_t *stub;
    uint8_t handle_arg; // where the handle is put
    uint8_t access_arg;
    uint8_t attributes_arg;
    uint8_t client_arg; // CLIENT_ID of the process or thread it opens
};

static NTSTATUS invoke(const struct call *call, const uint64_t *a)
{
    return (*call->original)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13]);
}

static HANDLE as_handle(uint64_t value)
{
    return (HANDLE)(uintptr_t)value;
}

static bool is_pseudo(HANDLE handle)
{
    return (intptr_t)handle < 0 && (intptr_t)handle >= -6;
}

static bool has_name(const struct call *call, const uint64_t *a)
{
    if (!call->attributes_arg) {
        return false;
    }
    const OBJECT_ATTRIBUTES *attributes = (const void *)(uintptr_t)a[call->attributes_arg - 1];
    return attributes && (attributes->RootDirectory ||
                          (attributes->ObjectName && attributes->ObjectName->Length && attributes->ObjectName->Buffer));
}

static uint64_t key_of(const struct call *call, const uint64_t *a, HANDLE handle, const struct ksim_name *name)
{
    uint64_t key = ksim_object_key(handle, call->type, name ? name->text.Buffer : NULL,
                                   name ? name->text.Length / sizeof(wchar_t) : 0);
    if (key == 0 && call->client_arg) {
        const uint64_t *client = (const void *)(uintptr_t)a[call->client_arg - 1]; // process id, thread id
        key = call->type[0] == L'P' ? client[0] : client[1];
    }
    return key;
}

static NTSTATUS on_create(const struct call *call, uint64_t *a)
{
    NTSTATUS status = invoke(call, a);
    if (status < 0) {
        return status;
    }
    HANDLE handle = *(HANDLE *)(uintptr_t)a[call->handle_arg - 1];
    if (!handle) {
        return status;
    }
    ksim_moving_wait((uint32_t)(uintptr_t)handle);
    struct ksim_name name;
    bool named = has_name(call, a) && ksim_query_name(handle, &name);
    struct ksim_object object = {
        .handle = handle,
        .key = key_of(call, a, handle, named ? &name : NULL),
        .access = call->access_arg ? (uint32_t)a[call->access_arg - 1] : 0,
        .type = call->type,
        .name = named ? name.text.Buffer : NULL,
        .name_length = named ? name.text.Length / sizeof(wchar_t) : 0,
    };
    bool opened = strncmp(call->name, "NtOpen", 6) == 0;
    ksim_send_create(&object, GetCurrentProcessId(), opened ? KSIM_HANDLE_OPENED : 0, *call->stub);
    return status;
}

// The primary token belongs to its process; told apart from process ids by bit 32.
static NTSTATUS on_open_process_token(const struct call *call, uint64_t *a)
{
    NTSTATUS status = invoke(call, a);
    if (status < 0) {
        return status;
    }
    struct ksim_object object = {
        .handle = *(HANDLE *)(uintptr_t)a[call->handle_arg - 1],
        .key = (uint64_t)1 << 32 | ksim_pid_of(as_handle(a[0])),
        .access = (uint32_t)a[1],
        .type = call->type,
    };
    ksim_moving_wait((uint32_t)(uintptr_t)object.handle);
    ksim_send_create(&object, GetCurrentProcessId(), KSIM_HANDLE_OPENED, *call->stub);
    return status;
}

static NTSTATUS on_create_thread(const struct call *call, uint64_t *a)
{
    uint64_t flags = a[6];
    bool here = ksim_pid_of(as_handle(a[3])) == GetCurrentProcessId();
    // Its start must be known before anything that it does.
    bool hold = here && (flags & SUSPENDED) == 0 && (a[1] & (THREAD_SUSPEND_RESUME | GENERIC_ALL | MAXIMUM_ALLOWED));
    if (hold) {
        a[6] |= SUSPENDED;
    }
    NTSTATUS status = invoke(call, a);
    if (status < 0) {
        return status;
    }
    HANDLE handle = *(HANDLE *)(uintptr_t)a[0];
    ksim_moving_wait((uint32_t)(uintptr_t)handle);
    if (here) {
        ksim_thread_starts(handle, a[4], *call->stub);
    }
    struct ksim_object object = {
        .handle = handle,
        .key = ksim_object_key(handle, call->type, NULL, 0),
        .access = (uint32_t)a[1],
        .type = call->type,
    };
    ksim_send_create(&object, GetCurrentProcessId(), 0, *call->stub);
    if (hold) {
        NtResumeThread(handle, NULL);
    }
    return status;
}

static NTSTATUS on_create_process(const struct call *call, uint64_t *a)
{
    uint64_t flags = a[7];
    a[7] |= SUSPENDED;
    NTSTATUS status = invoke(call, a);
    if (status < 0) {
        return status;
    }
    HANDLE handles[2] = {*(HANDLE *)(uintptr_t)a[0], *(HANDLE *)(uintptr_t)a[1]};
    static const wchar_t *const types[2] = {L"Process", L"Thread"};
    wchar_t dll[MAX_PATH];
    if (!ksim_own_path(dll) || !ksim_inject(handles[0], dll)) {
        ksim_warn("process %lu, started by this one, could not be brought under the simulated kernel",
                  (unsigned long)ksim_pid_of(handles[0]));
    }
    for (int i = 0; i < 2; i++) {
        ksim_moving_wait((uint32_t)(uintptr_t)handles[i]);
        struct ksim_object object = {
            .handle = handles[i],
            .key = ksim_object_key(handles[i], types[i], NULL, 0),
            .access = (uint32_t)a[2 + i],
            .type = types[i],
        };
        ksim_send_create(&object, GetCurrentProcessId(), 0, *call->stub);
    }
    if ((flags & SUSPENDED) == 0) {
        NtResumeThread(handles[1], NULL);
    }
    return status;
}

static NTSTATUS on_close(const struct call *call, uint64_t *a)
{
    HANDLE handle = as_handle(a[0]);
    if (!handle || is_pseudo(handle)) {
        return invoke(call, a);
    }
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_CLOSE_STACKS, *call->stub);
    struct ksim_reply reply = {0};
    bool sent = ksim_send_close(handle, KSIM_HANDLE_CLOSE, 0, &frames, &reply);
    if (sent && reply.status == KSIM_UNKNOWN_HANDLE && ksim_adopt(handle)) {
        sent = ksim_send_close(handle, KSIM_HANDLE_CLOSE, 0, &frames, &reply);
    }
    NTSTATUS status = invoke(call, a);
    if (sent && reply.status == KSIM_OK && (status < 0 || (reply.flags & KSIM_REPLY_SEND_CLOSED))) {
        ksim_send_close(handle, KSIM_HANDLE_CLOSED, status < 0 ? status : 0, &frames, &reply);
    }
    return status;
}

static NTSTATUS on_duplicate(const struct call *call, uint64_t *a)
{
    HANDLE target = NULL;
    struct ksim_duplicate d = {
        .source_pid = ksim_pid_of(as_handle(a[0])),
        .target_pid = a[2] ? ksim_pid_of(as_handle(a[2])) : 0,
        .source = as_handle(a[1]),
        .options = (uint32_t)a[6],
        .access = (uint32_t)a[4],
    };
    HANDLE *wanted = (HANDLE *)(uintptr_t)a[3];
    a[3] = (uint64_t)(uintptr_t)&target;
    bool closes = (d.options & KSIM_DUPLICATE_CLOSE_SOURCE) && !is_pseudo(d.source);
    bool from_here = d.source_pid == GetCurrentProcessId();
    int slot = closes && from_here ? ksim_moving_begin((uint32_t)a[1]) : -1;
    NTSTATUS status = invoke(call, a);
    d.target = target;
    if (status >= 0 && wanted) {
        *wanted = target;
    }
    if (status < 0) {
        // The source is closed even so, unless it was no handle or may not be closed.
        struct ksim_name type;
        closes = closes && !(from_here && ksim_query_type(d.source, &type));
        d.target_pid = 0;
    }
    if (d.source_pid && (status >= 0 || closes)) {
        ksim_send_duplicate(&d, *call->stub);
    }
    if (slot >= 0) {
        ksim_moving_end(slot);
    }
    if (status >= 0 && d.target_pid == GetCurrentProcessId()) {
        ksim_moving_wait((uint32_t)(uintptr_t)target);
    }
    return status;
}

static NTSTATUS on_terminate_thread(const struct call *call, uint64_t *a)
{
    HANDLE thread = as_handle(a[0]);
    uint32_t pid = GetCurrentProcessId();
    uint32_t tid = !thread || thread == KSIM_PSEUDO_THREAD ? GetCurrentThreadId() : ksim_tid_of(thread, &pid);
    if (tid == GetCurrentThreadId()) {
        ksim_thread_exits(tid, *call->stub);
        return invoke(call, a);
    }
    NTSTATUS status = invoke(call, a);
    if (status >= 0 && tid && pid == GetCurrentProcessId()) {
        ksim_thread_exits(tid, *call->stub);
    }
    return status;
}

static NTSTATUS on_terminate_process(const struct call *call, uint64_t *a)
{
    // 0: end all other threads; the last call names this process.
    HANDLE process = as_handle(a[0]);
    if (process && ksim_pid_of(process) == GetCurrentProcessId()) {
        ksim_process_exits((uint32_t)a[1], *call->stub);
    }
    return invoke(call, a);
}

static NTSTATUS on_set_system(const struct call *call, uint64_t *a)
{
    return (uint32_t)a[0] == 31 ? ksim_etw_nt_set((void *)(uintptr_t)a[1], (uint32_t)a[2]) : invoke(call, a);
}

static NTSTATUS on_query_system(const struct call *call, uint64_t *a)
{
    uint32_t class_number = (uint32_t)a[0];
    void *buffer = (void *)(uintptr_t)a[1];
    if (class_number == 31) {
        return ksim_etw_nt_query(buffer, (uint32_t)a[2], (uint32_t *)(uintptr_t)a[3]);
    }
    NTSTATUS status = invoke(call, a);
    if (status >= 0) {
        ksim_types_handles(class_number, buffer, (uint32_t)a[2]);
    }
    return status;
}

static NTSTATUS on_query_object(const struct call *call, uint64_t *a)
{
    NTSTATUS status = invoke(call, a);
    if (status >= 0) {
        ksim_types_object((uint32_t)a[1], (void *)(uintptr_t)a[2], (uint32_t)a[3]);
    }
    return status;
}

static NTSTATUS on_query_token(const struct call *call, uint64_t *a)
{
    NTSTATUS status = invoke(call, a);
    if (status >= 0) {
        ksim_etw_token((uint32_t)a[1], (void *)(uintptr_t)a[2]);
    }
    return status;
}

// name, type, handler, arguments: handle, access, attributes, client id
#define CALLS(X)                                                                                                       \
    X(NtClose, NULL, on_close, 0, 0, 0, 0)                                                                             \
    X(NtDuplicateObject, NULL, on_duplicate, 0, 0, 0, 0)                                                               \
    X(NtCreateUserProcess, NULL, on_create_process, 0, 0, 0, 0)                                                        \
    X(NtCreateThreadEx, L"Thread", on_create_thread, 1, 2, 0, 0)                                                       \
    X(NtTerminateThread, NULL, on_terminate_thread, 0, 0, 0, 0)                                                        \
    X(NtTerminateProcess, NULL, on_terminate_process, 0, 0, 0, 0)                                                      \
    X(NtSetSystemInformation, NULL, on_set_system, 0, 0, 0, 0)                                                         \
    X(NtQuerySystemInformation, NULL, on_query_system, 0, 0, 0, 0)                                                     \
    X(NtQueryObject, NULL, on_query_object, 0, 0, 0, 0)                                                                \
    X(NtQueryInformationToken, NULL, on_query_token, 0, 0, 0, 0)                                                       \
    X(NtOpenProcessToken, L"Token", on_open_process_token, 3, 2, 0, 0)                                                 \
    X(NtOpenProcessTokenEx, L"Token", on_open_process_token, 4, 2, 0, 0)                                               \
    X(NtOpenThreadToken, L"Token", on_create, 4, 2, 0, 0)                                                              \
    X(NtOpenThreadTokenEx, L"Token", on_create, 5, 2, 0, 0)                                                            \
    X(NtDuplicateToken, L"Token", on_create, 6, 2, 0, 0)                                                               \
    X(NtFilterToken, L"Token", on_create, 6, 0, 0, 0)                                                                  \
    X(NtCreateLowBoxToken, L"Token", on_create, 1, 3, 0, 0)                                                            \
    X(NtGetNextThread, L"Thread", on_create, 6, 3, 0, 0)                                                               \
    X(NtOpenProcess, L"Process", on_create, 1, 2, 0, 4)                                                                \
    X(NtOpenThread, L"Thread", on_create, 1, 2, 0, 4)                                                                  \
    X(NtCreateDebugObject, L"DebugObject", on_create, 1, 2, 3, 0)                                                      \
    X(NtCreateDirectoryObject, L"Directory", on_create, 1, 2, 3, 0)                                                    \
    X(NtOpenDirectoryObject, L"Directory", on_create, 1, 2, 3, 0)                                                      \
    X(NtCreateEvent, L"Event", on_create, 1, 2, 3, 0)                                                                  \
    X(NtOpenEvent, L"Event", on_create, 1, 2, 3, 0)                                                                    \
    X(NtCreateFile, L"File", on_create, 1, 2, 3, 0)                                                                    \
    X(NtOpenFile, L"File", on_create, 1, 2, 3, 0)                                                                      \
    X(NtCreateMailslotFile, L"File", on_create, 1, 2, 3, 0)                                                            \
    X(NtCreateNamedPipeFile, L"File", on_create, 1, 2, 3, 0)                                                           \
    X(NtCreateIoCompletion, L"IoCompletion", on_create, 1, 2, 3, 0)                                                    \
    X(NtOpenIoCompletion, L"IoCompletion", on_create, 1, 2, 3, 0)                                                      \
    X(NtCreateJobObject, L"Job", on_create, 1, 2, 3, 0)                                                                \
    X(NtOpenJobObject, L"Job", on_create, 1, 2, 3, 0)                                                                  \
    X(NtCreateKey, L"Key", on_create, 1, 2, 3, 0)                                                                      \
    X(NtCreateKeyTransacted, L"Key", on_create, 1, 2, 3, 0)                                                            \
    X(NtOpenKey, L"Key", on_create, 1, 2, 3, 0)                                                                        \
    X(NtOpenKeyEx, L"Key", on_create, 1, 2, 3, 0)                                                                      \
    X(NtOpenKeyTransacted, L"Key", on_create, 1, 2, 3, 0)                                                              \
    X(NtOpenKeyTransactedEx, L"Key", on_create, 1, 2, 3, 0)                                                            \
    X(NtCreateKeyedEvent, L"KeyedEvent", on_create, 1, 2, 3, 0)                                                        \
    X(NtOpenKeyedEvent, L"KeyedEvent", on_create, 1, 2, 3, 0)                                                          \
    X(NtCreateMutant, L"Mutant", on_create, 1, 2, 3, 0)                                                                \
    X(NtOpenMutant, L"Mutant", on_create, 1, 2, 3, 0)                                                                  \
    X(NtCreateSection, L"Section", on_create, 1, 2, 3, 0)                                                              \
    X(NtOpenSection, L"Section", on_create, 1, 2, 3, 0)                                                                \
    X(NtCreateSemaphore, L"Semaphore", on_create, 1, 2, 3, 0)                                                          \
    X(NtOpenSemaphore, L"Semaphore", on_create, 1, 2, 3, 0)                                                            \
    X(NtCreateSymbolicLinkObject, L"SymbolicLink", on_create, 1, 2, 3, 0)                                              \
    X(NtOpenSymbolicLinkObject, L"SymbolicLink", on_create, 1, 2, 3, 0)                                                \
    X(NtCreateTimer, L"Timer", on_create, 1, 2, 3, 0)                                                                  \
    X(NtOpenTimer, L"Timer", on_create, 1, 2, 3, 0)

enum call_number {
#define X(name, ...) CALL_##name,
    CALLS(X)
#undef X
        CALL_COUNT
};

static ksim_syscall originals[CALL_COUNT];
static uintptr_t stubs[CALL_COUNT];
static const struct call calls[CALL_COUNT];

static NTSTATUS dispatch(enum call_number number, uint64_t *a)
{
    const struct call *call = &calls[number];
    if (!ksim_enter()) {
        return invoke(call, a);
    }
    DWORD error = GetLastError(); // a system call leaves it alone
    NTSTATUS status = call->handler(call, a);
    SetLastError(error);
    ksim_leave();
    return status;
}

// Every hook takes as many words as the longest call has; those beyond a call's own are copied and never looked at.
#define X(name, ...)                                                                                                   \
    static NTSTATUS hook_##name(uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6,          \
                                uint64_t a7, uint64_t a8, uint64_t a9, uint64_t a10, uint64_t a11, uint64_t a12,       \
                                uint64_t a13, uint64_t a14)                                                            \
    {                                                                                                                  \
        uint64_t a[KSIM_MAX_ARGS] = {a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14};                     \
        return dispatch(CALL_##name, a);                                                                               \
    }
CALLS(X)
#undef X

static const struct call calls[CALL_COUNT] = {
#define X(call_name, type_name, function, handle, access, attributes, client)                                          \
    {#call_name,                                                                                                       \
     type_name,                                                                                                        \
     function,                                                                                                         \
     (const void *)hook_##call_name,                                                                                   \
     &originals[CALL_##call_name],                                                                                     \
     &stubs[CALL_##call_name],                                                                                         \
     handle,                                                                                                           \
     access,                                                                                                           \
     attributes,                                                                                                       \
     client},
    CALLS(X)
#undef X
};

void ksim_hooks_install(void)
{
    for (int i = 0; i < CALL_COUNT; i++) {
        if (!ksim_patch_stub(calls[i].name, calls[i].hook, calls[i].original, calls[i].stub)) {
            ksim_fail("ntdll does not export %s", calls[i].name);
        }
    }
}
