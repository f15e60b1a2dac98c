/* The structures of the native interface that the census reads, as the system lays them out; no header has them all.
 */
#ifndef HR_WIN_SYS_NT_H
#define HR_WIN_SYS_NT_H

#include "win/win.h"

#include <winternl.h>

#define NT_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)

enum { NT_CLASS_PROCESSES = 5, NT_CLASS_HANDLES_EX = 64, NT_CLASS_OBJECT_TYPES = 3 };

/* SystemExtendedHandleInformation: two counters, then entries. */
struct nt_handle {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR handle;
    ULONG access;
    USHORT back_trace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};
struct nt_handles {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct nt_handle entry[1]; /* `count` of them */
};

/* ObjectTypesInformation: a count, then at the next pointer's alignment one of these and its name, and so on. */
struct nt_object_type {
    UNICODE_STRING name;
    ULONG objects;
    ULONG handles;
    ULONG paged_pool;
    ULONG non_paged_pool;
    ULONG name_pool;
    ULONG handle_table;
    ULONG high_objects;
    ULONG high_handles;
    ULONG high_paged_pool;
    ULONG high_non_paged_pool;
    ULONG high_name_pool;
    ULONG high_handle_table;
    ULONG invalid_attributes;
    ULONG generic_mapping[4];
    ULONG valid_access;
    BOOLEAN security_required;
    BOOLEAN maintain_handle_count;
    UCHAR index; /* since Windows 8.1 */
    CHAR reserved;
    ULONG pool_type;
    ULONG default_paged;
    ULONG default_non_paged;
};

/* SystemProcessInformation, as far as it is read. */
struct nt_process {
    ULONG next; /* bytes to the next one, 0: the last */
    ULONG threads;
    LONGLONG private_working_set;
    ULONG hard_faults;
    ULONG most_threads;
    ULONGLONG cycles;
    LONGLONG create_time;
    LONGLONG user_time;
    LONGLONG kernel_time;
    UNICODE_STRING image;
    LONG base_priority;
    HANDLE pid;
};

#ifdef _WIN64
_Static_assert(sizeof(struct nt_handle) == 0x28, "an entry of the handle list");
_Static_assert(sizeof(struct nt_object_type) == 104, "an entry of the list of types");
_Static_assert(offsetof(struct nt_object_type, index) == 90, "the index of a type");
_Static_assert(offsetof(struct nt_process, create_time) == 0x20, "the start of a process");
_Static_assert(offsetof(struct nt_process, pid) == 0x50, "the number of a process");
#endif

/* A buffer that grows until an answer fits and is kept for the next time. */
struct nt_buffer {
    void *at;
    ULONG size; /* room */
    ULONG used; /* bytes of the last answer, as far as the system tells; else the room */
};

#endif
