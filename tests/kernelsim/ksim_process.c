// What the server learns of this process besides its calls: that it runs, its images, threads and early handles.
#include "ksim.h"

#include <psapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

enum { MODULES = 512, THREADS = 64, HELLO_ROOM = 0x40000, HANDLES_ROOM = 0x10000, HANDLES_AT_ONCE = 64 };

extern IMAGE_DOS_HEADER __ImageBase;

bool ksim_own_path(wchar_t *path)
{
    DWORD n = GetModuleFileNameW((HMODULE)&__ImageBase, path, MAX_PATH);
    return n > 0 && n < MAX_PATH;
}

static struct ksim_module describe_module(uint64_t base)
{
    struct ksim_module module = {.base = base};
    const IMAGE_DOS_HEADER *dos = (const void *)(uintptr_t)base;
    const IMAGE_NT_HEADERS64 *nt = (const void *)((uintptr_t)base + (uintptr_t)dos->e_lfanew);
    module.size = nt->OptionalHeader.SizeOfImage;
    module.timestamp = nt->FileHeader.TimeDateStamp;
    module.checksum = nt->OptionalHeader.CheckSum;
    return module;
}

/* As the kernel says it: the drive's device instead of its letter. */
static struct ksim_span put_path(struct ksim_message *m, const wchar_t *path, size_t units)
{
    wchar_t drive[] = {units ? path[0] : 0, L':', 0};
    wchar_t whole[2 * MAX_PATH];
    DWORD n = units > 2 && path[1] == L':' ? QueryDosDeviceW(drive, whole, MAX_PATH) : 0;
    size_t device = n ? wcslen(whole) : 0;
    if (!device || units - 2 > MAX_PATH) {
        return ksim_message_put(m, path, units * sizeof *path, 1);
    }
    memcpy(whole + device, path + 2, (units - 2) * sizeof *path);
    return ksim_message_put(m, whole, (device + units - 2) * sizeof *path, 1);
}

static struct ksim_span put_modules(struct ksim_message *m)
{
    static struct ksim_module modules[MODULES];
    HMODULE found[MODULES];
    DWORD bytes = 0;
    if (!EnumProcessModules(GetCurrentProcess(), found, sizeof found, &bytes)) {
        ksim_fail("cannot list this process's modules (%lu)", GetLastError());
    }
    size_t count = 0;
    for (DWORD i = 0; i < bytes / sizeof(HMODULE) && i < MODULES; i++) {
        if (found[i] == (HMODULE)&__ImageBase) {
            continue;
        }
        wchar_t path[MAX_PATH];
        DWORD n = GetModuleFileNameW(found[i], path, MAX_PATH);
        modules[count] = describe_module((uint64_t)(uintptr_t)found[i]);
        modules[count].path = put_path(m, path, n);
        count++;
    }
    return ksim_message_put(m, modules, count * sizeof *modules, 8);
}

static void describe_thread(HANDLE thread, struct ksim_thread *out)
{
    struct {
        NTSTATUS exit_status;
        void *teb;
        ULONG_PTR ids[2];
        ULONG_PTR affinity;
        LONG priorities[2];
    } basic = {0};
    uint64_t start = 0;
    NtQueryInformationThread(thread, (THREADINFOCLASS)0, &basic, sizeof basic, NULL);
    NtQueryInformationThread(thread, (THREADINFOCLASS)9, &start, sizeof start, NULL); // ThreadQuerySetWin32StartAddress
    out->tid = (uint32_t)basic.ids[1];
    out->start_address = start;
    out->teb = (uint64_t)(uintptr_t)basic.teb;
}

// All threads but the calling one, which is the injector's.
static struct ksim_span put_threads(struct ksim_message *m)
{
    struct ksim_thread threads[THREADS];
    size_t count = 0;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    THREADENTRY32 entry = {.dwSize = sizeof entry};
    for (BOOL more = Thread32First(snapshot, &entry); more && count < THREADS; more = Thread32Next(snapshot, &entry)) {
        if (entry.th32OwnerProcessID != GetCurrentProcessId() || entry.th32ThreadID == GetCurrentThreadId()) {
            continue;
        }
        HANDLE thread = OpenThread(THREAD_QUERY_INFORMATION, FALSE, entry.th32ThreadID);
        if (!thread) {
            continue;
        }
        threads[count] = (struct ksim_thread){0};
        describe_thread(thread, &threads[count++]);
        CloseHandle(thread);
    }
    CloseHandle(snapshot);
    return ksim_message_put(m, threads, count * sizeof *threads, 8);
}

static uint32_t parent_pid(void)
{
    struct {
        ULONG_PTR words[5];
        ULONG_PTR parent;
    } basic = {0};
    NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &basic, sizeof basic, NULL);
    return (uint32_t)basic.parent;
}

static void send_hello(void)
{
    void *space = VirtualAlloc(NULL, HELLO_ROOM, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!space) {
        ksim_fail("no memory to describe this process");
    }
    struct ksim_message m;
    struct ksim_hello *hello = ksim_message_start(&m, space, HELLO_ROOM, sizeof *hello, KSIM_HELLO);
    hello->ppid = parent_pid();
    DWORD session = 0;
    ProcessIdToSessionId(GetCurrentProcessId(), &session);
    hello->session = session;
    hello->flags = KSIM_HELLO_STARTED;
    FILETIME times[4];
    if (GetProcessTimes(GetCurrentProcess(), &times[0], &times[1], &times[2], &times[3])) {
        hello->start_time = (uint64_t)times[0].dwHighDateTime << 32 | times[0].dwLowDateTime;
    }
    wchar_t path[MAX_PATH];
    DWORD n = GetModuleFileNameW(NULL, path, MAX_PATH);
    hello->image = ksim_message_put(&m, path, n * sizeof *path, 1);
    hello->command = ksim_message_text(&m, GetCommandLineW());
    hello->modules = put_modules(&m);
    hello->threads = put_threads(&m);
    if (hello->threads.bytes) {
        // The process's first thread speaks, not the injector's.
        hello->head.tid = ((struct ksim_thread *)(void *)(m.data + hello->threads.offset))->tid;
    }
    struct ksim_reply reply;
    if (!ksim_transact(&m, &reply, sizeof reply)) {
        ksim_fail("the simulated kernel's server does not answer");
    }
    if (reply.status != KSIM_OK) {
        ksim_fail("the simulated kernel's server refuses this process (%u)", (unsigned)reply.status);
    }
    VirtualFree(space, 0, MEM_RELEASE);
}

void ksim_send_handles(const struct ksim_object *objects, size_t count)
{
    // Called from hooks too, on stacks of any size: memory of its own.
    void *space = VirtualAlloc(NULL, HANDLES_ROOM, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!space) {
        ksim_fail("no memory to tell of %u handles", (unsigned)count);
    }
    struct ksim_message m;
    struct ksim_handles *message = ksim_message_start(&m, space, HANDLES_ROOM, sizeof *message, KSIM_HANDLES);
    struct ksim_handle_entry entries[HANDLES_AT_ONCE];
    for (size_t i = 0; i < count && i < HANDLES_AT_ONCE; i++) {
        entries[i] = ksim_message_object(&m, &objects[i]);
    }
    message->entries = ksim_message_put(&m, entries, count * sizeof *entries, 8);
    struct ksim_reply reply;
    ksim_transact(&m, &reply, sizeof reply);
    VirtualFree(space, 0, MEM_RELEASE);
}

struct system_handle {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR handle;
    ULONG access;
    USHORT backtrace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct system_handles {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct system_handle entries[];
};

static struct system_handles *all_handles(void)
{
    ULONG room = 0x40000;
    for (;;) {
        void *buffer = VirtualAlloc(NULL, room, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
        ULONG length = 0;
        NTSTATUS status = NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)64, buffer, room, &length);
        if (status >= 0) {
            return buffer;
        }
        VirtualFree(buffer, 0, MEM_RELEASE);
        if (status != (NTSTATUS)0xC0000004L || room > 0x10000000) {
            ksim_fail("cannot list the system's handles (0x%08lx)", (unsigned long)status);
        }
        room *= 4;
    }
}

static void send_early_handles(void)
{
    struct system_handles *all = all_handles();
    for (ULONG_PTR i = 0; i < all->count; i++) {
        const struct system_handle *entry = &all->entries[i];
        HANDLE handle = (HANDLE)entry->handle;
        static struct ksim_name type;
        static struct ksim_name name;
        if (entry->pid != GetCurrentProcessId() || ksim_link_owns(handle) || !ksim_query_type(handle, &type)) {
            continue;
        }
        bool named = ksim_query_name(handle, &name);
        struct ksim_object object = {
            .handle = handle,
            .access = entry->access,
            .type = type.text.Buffer,
            .name = named ? name.text.Buffer : NULL,
            .name_length = named ? name.text.Length / sizeof(wchar_t) : 0,
        };
        object.key = ksim_object_key(handle, object.type, object.name, object.name_length);
        ksim_send_handles(&object, 1);
    }
    VirtualFree(all, 0, MEM_RELEASE);
}

void ksim_process_hello(void)
{
    send_hello();
    send_early_handles();
}

void ksim_process_exits(uint32_t status, uintptr_t stub)
{
    uint64_t space[KSIM_FRAMES_MAX + 64];
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_OTHER_STACKS, stub);
    struct ksim_message m;
    struct ksim_process_exit *message = ksim_message_start(&m, space, sizeof space, sizeof *message, KSIM_PROCESS_EXIT);
    message->exit_status = status;
    message->frames = ksim_message_frames(&m, &frames);
    struct ksim_reply reply;
    ksim_transact(&m, &reply, sizeof reply);
}

static void send_thread(enum ksim_kind kind, uint32_t acting, const struct ksim_thread *thread, uintptr_t stub)
{
    uint64_t space[KSIM_FRAMES_MAX + 64];
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_OTHER_STACKS, stub);
    struct ksim_message m;
    struct ksim_thread_event *message = ksim_message_start(&m, space, sizeof space, sizeof *message, kind);
    message->head.tid = acting;
    message->thread = *thread;
    message->frames = ksim_message_frames(&m, &frames);
    struct ksim_reply reply;
    ksim_transact(&m, &reply, sizeof reply);
}

void ksim_thread_starts(HANDLE thread, uint64_t start, uintptr_t stub)
{
    struct ksim_thread about = {0};
    describe_thread(thread, &about);
    about.start_address = start;
    send_thread(KSIM_THREAD_START, GetCurrentThreadId(), &about, stub);
}

void ksim_thread_exits(uint32_t tid, uintptr_t stub)
{
    struct ksim_thread about = {.tid = tid};
    send_thread(KSIM_THREAD_EXIT, tid, &about, stub);
}

// The loader's notifications; not declared by mingw.
struct loader_notice {
    ULONG flags;
    const UNICODE_STRING *path;
    const UNICODE_STRING *name;
    void *base;
    ULONG size;
};
typedef VOID(CALLBACK *loader_callback)(ULONG reason, const struct loader_notice *notice, void *context);
typedef NTSTATUS(WINAPI *loader_register)(ULONG flags, loader_callback callback, void *context, void **cookie);

static VOID CALLBACK on_image(ULONG reason, const struct loader_notice *notice, void *context)
{
    (void)context;
    enum { LOADED = 1 };
    if (!ksim_enter()) {
        return;
    }
    DWORD error = GetLastError();
    if (reason == LOADED) {
        ksim_etw_module(notice->base);
    }
    uint64_t space[KSIM_FRAMES_MAX + 64 + MAX_PATH];
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_OTHER_STACKS, 0);
    struct ksim_message m;
    struct ksim_image *message = ksim_message_start(&m, space, sizeof space, sizeof *message,
                                                    reason == LOADED ? KSIM_IMAGE_LOAD : KSIM_IMAGE_UNLOAD);
    message->module = describe_module((uint64_t)(uintptr_t)notice->base);
    message->module.path = put_path(&m, notice->path->Buffer, notice->path->Length / sizeof(wchar_t));
    message->frames = ksim_message_frames(&m, &frames);
    struct ksim_reply reply;
    ksim_transact(&m, &reply, sizeof reply);
    SetLastError(error);
    ksim_leave();
}

void ksim_process_watch_images(void)
{
    union {
        FARPROC function;
        loader_register call;
    } watch = {.function = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification")};
    void *cookie = NULL;
    if (!watch.function || watch.call(0, on_image, NULL, &cookie) < 0) {
        ksim_fail("the loader does not tell of images");
    }
}
