// What the parts of ksim.dll share: the system interfaces it hooks, its hooks and its link to the server.
#ifndef KSIM_H
#define KSIM_H

#include <windows.h>
#include <winternl.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol.h"

// Not declared by mingw's headers.
NTSYSAPI NTSTATUS WINAPI NtDelayExecution(BOOLEAN alertable, const LARGE_INTEGER *interval);
NTSYSAPI NTSTATUS WINAPI NtYieldExecution(void);
NTSYSAPI NTSTATUS WINAPI NtDuplicateObject(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                                           ACCESS_MASK access, ULONG attributes, ULONG options);

struct ksim_pipe_peek { // FILE_PIPE_PEEK_BUFFER
    ULONG state;
    ULONG bytes_available;
    ULONG messages;
    ULONG message_bytes;
    CHAR data[4];
};

// One word per argument: every system call takes its arguments as machine words, at most this many of them.
#define KSIM_MAX_ARGS 14
typedef NTSTATUS (*ksim_syscall)(uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6,
                                 uint64_t a7, uint64_t a8, uint64_t a9, uint64_t a10, uint64_t a11, uint64_t a12,
                                 uint64_t a13, uint64_t a14);

#define KSIM_PSEUDO_PROCESS ((HANDLE)(intptr_t)-1)
#define KSIM_PSEUDO_THREAD  ((HANDLE)(intptr_t)-2)

// What of an object the kernel is told; the spans' contents live in the caller's buffers.
struct ksim_object {
    HANDLE handle;
    uint64_t key;
    uint32_t access;
    const wchar_t *type;
    const wchar_t *name; // may be NULL
    size_t name_length;  // characters
};

struct ksim_frames {
    uint32_t count;
    uint64_t address[KSIM_FRAMES_MAX];
};

// A message being put together in memory of the caller's.
struct ksim_message {
    uint8_t *data;
    uint32_t size;
    uint32_t room;
};

// ---- ksim_patch.c: code patches. Called while the DLL is attached, when no other thread runs code of this process.

// Where a stack frame of a stub points on Windows: behind the syscall instruction.
#define KSIM_STUB_RETURN 0x14

// Replaces the system call stub `name` of ntdll by `hook`. *original: a copy of the stub that still does the call.
// *stub: the stub's address. Returns false if ntdll has no such export; a stub of unknown shape ends the process.
bool ksim_patch_stub(const char *name, const void *hook, ksim_syscall *original, uintptr_t *stub);

// Replaces `function` (at least 14 bytes of code) by `hook`; the function can then no longer be called.
void ksim_patch_function(void *function, const void *hook);

// Says on standard error what does not hold and ends the process: a simulated kernel that misses events would lie.
__attribute__((noreturn, format(printf, 1, 2))) void ksim_fail(const char *format, ...);
__attribute__((format(printf, 1, 2))) void ksim_warn(const char *format, ...);

// ---- ksim_link.c: connections to the server. Any thread, also one that is about to be terminated: no locks.

// Reads KSIM_NAME and maps the interest word. False: there is no server of that name.
bool ksim_link_open(void);

// What the server's sessions want to know (enum ksim_interest).
uint32_t ksim_interest(void);

// Sends the message and waits for the answer. False: the server is gone or the answer makes no sense; from then on
// this process runs as if no kernel were simulated. The answer's trailing bytes are behind *reply, up to `room` bytes.
bool ksim_transact(struct ksim_message *m, struct ksim_reply *reply, uint32_t room);

// Makes KSIM_CONNECTIONS connections, once the server knows the process.
void ksim_link_prepare(void);

// True for the handles of the connections themselves.
bool ksim_link_owns(HANDLE handle);

// Marks the calling thread as being inside the simulated kernel: what it does is not the program's doing.
// False: it already is. ksim_leave only after a true return.
bool ksim_enter(void);
void ksim_leave(void);

// ---- ksim_message.c: putting messages together.

// Starts a message of `fixed` bytes (zeroed, head filled in) in `data`.
void *ksim_message_start(struct ksim_message *m, void *data, uint32_t room, uint32_t fixed, enum ksim_kind kind);

// Appends bytes; an absent span when there are none or they do not fit.
struct ksim_span ksim_message_put(struct ksim_message *m, const void *bytes, size_t count, uint32_t alignment);
struct ksim_span ksim_message_text(struct ksim_message *m, const wchar_t *text);
struct ksim_handle_entry ksim_message_object(struct ksim_message *m, const struct ksim_object *object);
struct ksim_span ksim_message_frames(struct ksim_message *m, const struct ksim_frames *frames);

// ---- ksim_object.c: asking the system about objects. Inside ksim_enter only.

// Longest object name that is sent, in characters (the kernel's own limit for handle events is 0x2000 bytes).
#define KSIM_NAME_CHARS 4096

// UNICODE_STRING and its characters, as NtQueryObject fills it in.
struct ksim_name {
    UNICODE_STRING text;
    wchar_t chars[KSIM_NAME_CHARS];
};

bool ksim_query_name(HANDLE handle, struct ksim_name *name);
bool ksim_query_type(HANDLE handle, struct ksim_name *type); // text is zero-terminated
uint64_t ksim_object_key(HANDLE handle, const wchar_t *type, const wchar_t *name, size_t name_length);
uint32_t ksim_pid_of(HANDLE process); // 0: not known
uint32_t ksim_tid_of(HANDLE thread, uint32_t *pid);

// The caller's stack if someone records stacks of that kind; stub: the system call it went through, 0: none.
void ksim_capture(struct ksim_frames *frames, uint32_t interest, uintptr_t stub);

// ---- ksim_event.c: handle events. Inside ksim_enter only. stub: the system call the program made.

// Handles of this process that NtDuplicateObject is closing: their values may already be given out again, but the
// server must hear of the close first. begin: a number for end. wait: until no such handle has the value.
int ksim_moving_begin(uint32_t handle);
void ksim_moving_end(int slot);
void ksim_moving_wait(uint32_t handle);

void ksim_send_create(const struct ksim_object *object, uint32_t owner, uint32_t flags, uintptr_t stub);
// kind: HANDLE_CLOSE, or HANDLE_CLOSED with the real call's result. False: the server is gone.
bool ksim_send_close(HANDLE handle, enum ksim_kind kind, NTSTATUS result, const struct ksim_frames *frames,
                     struct ksim_reply *reply);
// A handle that came into this process where no hook sees it (from the window system, from a program that is not
// watched, ...) is made known late rather than never. False: it is none of the program's.
bool ksim_adopt(HANDLE handle);

struct ksim_duplicate {
    uint32_t source_pid;
    uint32_t target_pid; // 0: the source was only closed
    HANDLE source;
    HANDLE target;
    uint32_t options;
    uint32_t access;
};
void ksim_send_duplicate(const struct ksim_duplicate *d, uintptr_t stub);

// ---- ksim_hooks.c, ksim_process.c, ksim_etw.c, ksim_types.c: the hooks.

void ksim_hooks_install(void);

// This DLL's own path, MAX_PATH characters.
bool ksim_own_path(wchar_t *path);

// Tells the server of this process, its images, threads and handles.
void ksim_process_hello(void);
// Watches images from now on; before this, other modules may already be loaded.
void ksim_process_watch_images(void);
void ksim_process_exits(uint32_t status, uintptr_t stub);
void ksim_thread_starts(HANDLE thread, uint64_t start, uintptr_t stub);
void ksim_thread_exits(uint32_t tid, uintptr_t stub);
// Handles the server does not know yet.
void ksim_send_handles(const struct ksim_object *objects, size_t count);

// One ETW call on its way: inputs first, then what came back.
struct ksim_traced_call {
    uint32_t api;
    uint32_t code;
    uint64_t handle;
    uint32_t flags;
    uint32_t length;
    const wchar_t *name;
    const void *block;
    uint32_t block_bytes;
    void *out;
    uint32_t out_room;
    uint64_t out_handle;
    uint32_t return_length;
};

// Returns what the API returns.
uint32_t ksim_etw_call(struct ksim_traced_call *call);

struct ksim_entry_point {
    const wchar_t *module;
    const char *name;
    const void *hook;
    bool code; // has code of its own there; otherwise it is only found by GetProcAddress or leads to one that has
};

extern const struct ksim_entry_point ksim_consume_entry_points[3]; // ksim_consume.c

void ksim_etw_install(void);
// A module was loaded: replaces the entry points if it is one of those that have them. Its own start has not run yet.
void ksim_etw_module(HMODULE module);
// Overrides what a token says about elevation.
void ksim_etw_token(uint32_t class_number, void *buffer);
// Class 31 of the two system information calls; NTSTATUS.
NTSTATUS ksim_etw_nt_set(void *buffer, uint32_t length);
NTSTATUS ksim_etw_nt_query(void *buffer, uint32_t length, uint32_t *return_length);

void ksim_types_init(void);
void ksim_types_handles(uint32_t class_number, void *buffer, size_t length);
void ksim_types_object(uint32_t class_number, void *buffer, size_t length);

// ---- ksim_inject.c, also in ksimrun.exe

// Loads the DLL into a process whose first thread has not run yet. False: GetLastError says why.
bool ksim_inject(HANDLE process, const wchar_t *dll);

#endif
