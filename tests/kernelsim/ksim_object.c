// Asks the system what a handle is: name, type, whose process or thread; and where a call came from.
#include "ksim.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { OBJECT_NAME_CLASS = 1, OBJECT_TYPE_CLASS = 2 };

struct process_basic {
    NTSTATUS exit_status;
    void *peb;
    ULONG_PTR affinity;
    LONG priority;
    ULONG_PTR pid;
    ULONG_PTR parent;
};

struct thread_basic {
    NTSTATUS exit_status;
    void *teb;
    ULONG_PTR pid;
    ULONG_PTR tid;
    ULONG_PTR affinity;
    LONG priority;
    LONG base_priority;
};

// This DLL, from the linker.
extern const uint8_t image_base[] __asm__("__ImageBase");

bool ksim_query_name(HANDLE handle, struct ksim_name *name)
{
    ULONG length = 0;
    NTSTATUS status = NtQueryObject(handle, (OBJECT_INFORMATION_CLASS)OBJECT_NAME_CLASS, name, sizeof *name, &length);
    return status >= 0 && name->text.Length > 0 && name->text.Buffer;
}

bool ksim_query_type(HANDLE handle, struct ksim_name *type)
{
    ULONG length = 0;
    NTSTATUS status = NtQueryObject(handle, (OBJECT_INFORMATION_CLASS)OBJECT_TYPE_CLASS, type, sizeof *type, &length);
    return status >= 0 && type->text.Length > 0 && type->text.Buffer;
}

uint32_t ksim_pid_of(HANDLE process)
{
    if (process == KSIM_PSEUDO_PROCESS) {
        return GetCurrentProcessId();
    }
    struct process_basic info = {0};
    NTSTATUS status = NtQueryInformationProcess(process, ProcessBasicInformation, &info, sizeof info, NULL);
    if (status < 0) {
        // The handle may be good for duplicating only; ask through one of our own.
        HANDLE mine = NULL;
        if (NtDuplicateObject(KSIM_PSEUDO_PROCESS, process, KSIM_PSEUDO_PROCESS, &mine,
                              PROCESS_QUERY_LIMITED_INFORMATION, 0, 0) < 0) {
            return 0;
        }
        status = NtQueryInformationProcess(mine, ProcessBasicInformation, &info, sizeof info, NULL);
        NtClose(mine);
    }
    return status < 0 ? 0 : (uint32_t)info.pid;
}

uint32_t ksim_tid_of(HANDLE thread, uint32_t *pid)
{
    struct thread_basic info = {0};
    NTSTATUS status = NtQueryInformationThread(thread, (THREADINFOCLASS)0, &info, sizeof info, NULL);
    if (status < 0) {
        return 0;
    }
    *pid = (uint32_t)info.pid;
    return (uint32_t)info.tid;
}

static bool is_type(const wchar_t *type, const wchar_t *other)
{
    return type && wcscmp(type, other) == 0;
}

uint64_t ksim_object_key(HANDLE handle, const wchar_t *type, const wchar_t *name, size_t name_length)
{
    if (is_type(type, L"Process")) {
        return ksim_pid_of(handle);
    }
    if (is_type(type, L"Thread")) {
        uint32_t pid = 0;
        return ksim_tid_of(handle, &pid);
    }
    if (name_length == 0 || is_type(type, L"File") || is_type(type, L"Key")) {
        return 0;
    }
    uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
    for (size_t i = 0; i < name_length; i++) {
        hash = (hash ^ name[i]) * 0x100000001b3u;
    }
    return hash | 1;
}

static bool is_ours(uint64_t address)
{
    const IMAGE_DOS_HEADER *dos = (const void *)image_base;
    const IMAGE_NT_HEADERS64 *nt = (const void *)(image_base + dos->e_lfanew);
    uint64_t start = (uint64_t)(uintptr_t)image_base;
    return address >= start && address < start + nt->OptionalHeader.SizeOfImage;
}

void ksim_capture(struct ksim_frames *frames, uint32_t interest, uintptr_t stub)
{
    frames->count = 0;
    if ((ksim_interest() & interest) == 0) {
        return;
    }
    void *found[KSIM_FRAMES_MAX];
    unsigned n = RtlCaptureStackBackTrace(0, KSIM_FRAMES_MAX - 1, found, NULL);
    unsigned first = 0;
    while (first < n && is_ours((uint64_t)(uintptr_t)found[first])) {
        first++;
    }
    if (stub) {
        frames->address[frames->count++] = stub + KSIM_STUB_RETURN;
    }
    // Wine's walk goes on beyond a thread's first function; a zero follows that.
    for (unsigned i = first; i < n && found[i]; i++) {
        frames->address[frames->count++] = (uint64_t)(uintptr_t)found[i];
    }
}
