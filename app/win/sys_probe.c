/* Probes: a table of types and how one object of each is had without rights and without side effects. */
#include "win/sys_probe.h"

#include <string.h>
#include <winternl.h>

static HANDLE open_event(void)
{
    return CreateEventW(NULL, TRUE, FALSE, NULL);
}

static HANDLE open_mutant(void)
{
    return CreateMutexW(NULL, FALSE, NULL);
}

static HANDLE open_semaphore(void)
{
    return CreateSemaphoreW(NULL, 0, 1, NULL);
}

static HANDLE open_timer(void)
{
    return CreateWaitableTimerW(NULL, TRUE, NULL);
}

static HANDLE open_section(void)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 1, NULL);
}

static HANDLE open_completion(void)
{
    return CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
}

static HANDLE open_key(void)
{
    HKEY key = NULL;
    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE", 0, KEY_QUERY_VALUE, &key) == ERROR_SUCCESS ? (HANDLE)key
                                                                                                     : NULL;
}

static HANDLE open_file(void)
{
    /* The null device: no disk, no scanner, no share. */
    return CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
}

static HANDLE open_thread(void)
{
    return OpenThread(SYNCHRONIZE, FALSE, GetCurrentThreadId());
}

static HANDLE open_process(void)
{
    return OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId());
}

static HANDLE open_token(void)
{
    HANDLE token = NULL;
    return OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) ? token : NULL;
}

static HANDLE open_job(void)
{
    return CreateJobObjectW(NULL, NULL);
}

/* Objects that only the native interface opens: by name, or without one. */
typedef NTSTATUS(NTAPI *open_fn)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
typedef NTSTATUS(NTAPI *create_fn)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);

static HANDLE open_named(const char *entry, const WCHAR *name, ACCESS_MASK access)
{
    open_fn open = (open_fn)win_system_proc(L"ntdll.dll", entry);
    if (!open)
        return NULL;
    UNICODE_STRING text = {.Length = (USHORT)(wcslen(name) * sizeof(WCHAR)), .Buffer = (WCHAR *)(UINT_PTR)name};
    text.MaximumLength = text.Length;
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof attributes, .ObjectName = &text, .Attributes = 0x40};
    HANDLE handle = NULL;
    return open(&handle, access, &attributes) >= 0 ? handle : NULL;
}

static HANDLE open_directory(void)
{
    return open_named("NtOpenDirectoryObject", L"\\BaseNamedObjects", 1);
}

static HANDLE open_link(void)
{
    HANDLE link = open_named("NtOpenSymbolicLinkObject", L"\\SystemRoot", 1);
    return link ? link : open_named("NtOpenSymbolicLinkObject", L"\\??\\C:", 1);
}

static HANDLE open_keyed_event(void)
{
    create_fn create = (create_fn)win_system_proc(L"ntdll.dll", "NtCreateKeyedEvent");
    HANDLE handle = NULL;
    return create && create(&handle, SYNCHRONIZE | 3, NULL, 0) >= 0 ? handle : NULL;
}

static HANDLE open_debug_object(void)
{
    create_fn create = (create_fn)win_system_proc(L"ntdll.dll", "NtCreateDebugObject");
    HANDLE handle = NULL;
    return create && create(&handle, SYNCHRONIZE, NULL, 0) >= 0 ? handle : NULL;
}

static const struct probe {
    const char *type;
    HANDLE (*open)(void);
} probes[] = {
    {"Event", open_event},
    {"Mutant", open_mutant},
    {"Semaphore", open_semaphore},
    {"Timer", open_timer},
    {"Section", open_section},
    {"IoCompletion", open_completion},
    {"Key", open_key},
    {"File", open_file},
    {"Thread", open_thread},
    {"Process", open_process},
    {"Token", open_token},
    {"Job", open_job},
    {"Directory", open_directory},
    {"SymbolicLink", open_link},
    {"KeyedEvent", open_keyed_event},
    {"DebugObject", open_debug_object},
};

bool sys_probe_open(const char *type_name, HANDLE *out, struct err *err)
{
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        if (strcmp(probes[i].type, type_name) != 0)
            continue;
        HANDLE handle = probes[i].open();
        if (!handle || handle == INVALID_HANDLE_VALUE)
            return win_fail(err, "Opening an object of type", type_name);
        *out = handle;
        return true;
    }
    return err_set(err, ERR_UNSUPPORTED, "Opening an object of type %s", type_name);
}
