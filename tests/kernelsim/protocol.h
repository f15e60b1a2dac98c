/*
 * What a program under the simulated kernel and the kernel's server (ksimd) say to each other.
 *
 * One named pipe, \\.\pipe\ksim-<name>, in message mode; <name> comes from the environment variable KSIM_NAME
 * ("default" when it is not set). Each message is one TransactNamedPipe: the server has done everything the message
 * asks for, and has logged its events, before the reply arrives. The server has one thread per connection, so a call
 * that hangs (a knob can make it) blocks its own connection only: a client keeps one connection per thread, or at
 * least never lets ETW calls share one with handle events.
 *
 * The first message on a process's first connection is HELLO, the first on every further one is JOIN.
 *
 * Both sides are x64 and little-endian. Structures have natural alignment and no hidden padding; what varies in
 * length is a span: an offset from the start of the message and a number of bytes. An offset need not be aligned
 * for strings (UTF-16LE, no terminating zero counted in), and is a multiple of 8 for arrays and blocks.
 * The server checks every span against the message's size and answers KSIM_BAD_MESSAGE when one does not fit.
 */
#ifndef KSIM_PROTOCOL_H
#define KSIM_PROTOCOL_H

#include <stdint.h>

#define KSIM_VERSION      1u
#define KSIM_PIPE_PREFIX  L"\\\\.\\pipe\\ksim-"
#define KSIM_ENV_NAME     L"KSIM_NAME"
#define KSIM_DEFAULT_NAME L"default"
#define KSIM_MESSAGE_MAX  0x100000u /* bytes, both directions; longer handle tables go in several messages */
#define KSIM_FRAMES_MAX   190u      /* user stack frames of one event */

/*
 * A named section Local\ksim-<name>-interest holds one uint32_t that the server writes and every client may read at
 * any time without a transaction. Every reply carries the same word.
 * When no bit is set the client still sends its events (the kernel keeps the handle tables for the rundown) but may
 * leave out the stack frames.
 */
#define KSIM_INTEREST_SECTION_PREFIX L"Local\\ksim-"
#define KSIM_INTEREST_SECTION_SUFFIX L"-interest"
enum ksim_interest {
    KSIM_INTEREST_HANDLES = 1,       /* some session records handle events */
    KSIM_INTEREST_CREATE_STACKS = 2, /* ... with stacks of these kinds */
    KSIM_INTEREST_CLOSE_STACKS = 4,
    KSIM_INTEREST_DUPLICATE_STACKS = 8,
    KSIM_INTEREST_OTHER_STACKS = 16 /* stacks of process, thread or image events */
};

enum ksim_kind {
    KSIM_HELLO = 1,
    KSIM_JOIN = 2,    /* head only */
    KSIM_HANDLES = 3, /* handles that were open before the process was watched */
    KSIM_IMAGE_LOAD = 4,
    KSIM_IMAGE_UNLOAD = 5,
    KSIM_THREAD_START = 6,
    KSIM_THREAD_EXIT = 7,
    KSIM_PROCESS_EXIT = 8,
    KSIM_HANDLE_CREATE = 9,
    KSIM_HANDLE_CLOSE = 10,
    KSIM_HANDLE_CLOSED = 11,
    KSIM_HANDLE_DUPLICATE = 12,
    KSIM_CALL = 13,    /* an ETW entry point was called */
    KSIM_CONTROL = 14, /* ksimctl: words as UTF-8, each ended by a zero byte, right after the head */
    KSIM_CHANNEL = 15  /* this connection's further messages come through a shared section (channel.h) */
};

struct ksim_span {
    uint32_t offset; /* from the start of the message */
    uint32_t bytes;  /* 0: absent; then the offset does not matter */
};

/* Opens every message. */
struct ksim_head {
    uint32_t size; /* of the whole message, this head included */
    uint32_t kind; /* enum ksim_kind */
    uint32_t pid;  /* the process and thread that act */
    uint32_t tid;
    uint32_t processor; /* NtGetCurrentProcessorNumber; the server takes it modulo its own count */
    uint32_t version;   /* KSIM_VERSION */
};

enum ksim_reply_flags {
    KSIM_REPLY_SEND_CLOSED = 1 /* to HANDLE_CLOSE: send HANDLE_CLOSED after the real NtClose returned */
};

/* status of a reply to anything but CALL. */
enum ksim_status {
    KSIM_OK = 0,
    KSIM_BAD_MESSAGE = 1,    /* a size, span or kind is wrong; nothing was done */
    KSIM_UNKNOWN_HANDLE = 2, /* close or duplicate of a handle the kernel does not know: nothing was logged */
    KSIM_UNKNOWN_PROCESS = 3 /* no HELLO for this pid, or it has ended */
};

/* Opens every reply. */
struct ksim_reply {
    uint32_t size;          /* of the whole reply */
    uint32_t status;        /* CALL: what the API returns (Win32 error, or NTSTATUS for the Nt entry points) */
    uint32_t flags;         /* enum ksim_reply_flags */
    uint32_t interest;      /* enum ksim_interest */
    uint64_t handle;        /* CALL StartTrace that succeeded: the TRACEHANDLE; otherwise 0 */
    uint32_t return_length; /* CALL: TraceQueryInformation's and NtQuerySystemInformation's ReturnLength */
    uint32_t out_bytes;     /* bytes right after this structure, to copy over the start of the caller's block.
                               May be non-zero although status is an error: copy whenever it is not 0.
                               CONTROL: UTF-8 text */
};

/*
 * CHANNEL: sent after JOIN. When the reply is KSIM_OK, the server has mapped the section and serves it until the pipe
 * breaks; nothing more is written to the pipe. Any other status: the connection goes on as it was. Only messages whose
 * reply has no trailing bytes and that end before CHANNEL_ROOM are sent that way.
 */
struct ksim_channel_request {
    struct ksim_head head;
    struct ksim_span section; /* UTF-16 name */
};

enum ksim_hello_flags {
    KSIM_HELLO_STARTED = 1, /* the process begins now: Process, Thread and Image events are logged;
                               without it the process ran before it was watched, and appears in rundowns only */
    KSIM_HELLO_WOW64 = 2
};

struct ksim_module { /* arrays of it at multiples of 8 */
    uint64_t base;
    uint64_t size;
    uint32_t timestamp; /* of the PE header */
    uint32_t checksum;
    struct ksim_span path; /* UTF-16; a drive path is made a device path by the server */
};

struct ksim_thread {
    uint32_t tid;
    uint32_t reserved;
    uint64_t start_address;
    uint64_t teb;
};

struct ksim_hello {
    struct ksim_head head;
    uint32_t ppid;
    uint32_t creator_tid; /* the parent's thread that created this process, 0 = not known */
    uint32_t session;
    uint32_t flags;           /* enum ksim_hello_flags */
    uint64_t start_time;      /* FILETIME */
    struct ksim_span image;   /* UTF-16 full path */
    struct ksim_span command; /* UTF-16 command line */
    struct ksim_span modules; /* struct ksim_module[] */
    struct ksim_span threads; /* struct ksim_thread[]: all that exist now */
};

enum ksim_handle_flags {
    KSIM_HANDLE_OPENED = 1 /* the call opened an object that may have existed (information only) */
};

/*
 * How objects are told apart. key 0: the event made an object of its own. Otherwise handles with the same type and
 * key, in whatever process, are handles to the same object as long as one of them is open: pid for Process, tid for
 * Thread, a hash of the full name for named Event/Mutant/Section/... (not for File and Key: each open makes another
 * object). Duplicates take the source's object, their key does not matter.
 */
struct ksim_handle_entry { /* arrays of it at multiples of 8 */
    uint64_t key;
    uint32_t handle;
    uint32_t access;
    struct ksim_span type; /* UTF-16 type name as the system spells it: "Event", "File", ... */
    struct ksim_span name; /* UTF-16 object name, may be absent */
};

/*
 * Sent after HELLO, in as many messages as needed. In a process that began (KSIM_HELLO_STARTED) an entry whose value
 * and type the parent also has is taken as inherited and logged as a duplicate, every other one as created; in one
 * that ran before they are only entered into its table.
 */
struct ksim_handles {
    struct ksim_head head;
    struct ksim_span entries; /* struct ksim_handle_entry[] */
};

struct ksim_image { /* IMAGE_LOAD, IMAGE_UNLOAD (base alone counts) */
    struct ksim_head head;
    struct ksim_module module;
    struct ksim_span frames;
};

struct ksim_thread_event { /* THREAD_START: head is the creating thread; THREAD_EXIT: the one that ends */
    struct ksim_head head;
    struct ksim_thread thread;
    struct ksim_span frames;
};

/*
 * Sent when the process is about to end itself for good: before the last NtTerminateProcess, after the loader's
 * shutdown. The server logs thread ends, the sweep of all remaining handles and the process's end in this
 * transaction. A process that dies without it (terminated by another, or by a crash) is noticed by the server.
 */
struct ksim_process_exit {
    struct ksim_head head;
    uint32_t exit_status;
    uint32_t reserved;
    struct ksim_span frames;
};

/* HANDLE_CREATE: sent after the system call succeeded, before it returns to the program. */
struct ksim_handle_create {
    struct ksim_head head;
    uint32_t owner_pid; /* whose table the handle is in; normally head.pid */
    uint32_t flags;     /* enum ksim_handle_flags */
    struct ksim_handle_entry entry;
    struct ksim_span frames; /* uint64_t[], innermost first, user addresses only */
};

/*
 * HANDLE_CLOSE: sent *before* the real NtClose, so that the value cannot be given out again first.
 * HANDLE_CLOSED: sent after it, if the reply asked for it or if NtClose failed. With status != 0 and
 * KSIM_REPLY_SEND_CLOSED the kernel forgets the close; with status != 0 otherwise nothing is sent: the event is out.
 */
struct ksim_handle_close {
    struct ksim_head head;
    uint32_t owner_pid;
    uint32_t handle;
    uint32_t status; /* HANDLE_CLOSED: NTSTATUS of the real call; HANDLE_CLOSE: 0 */
    uint32_t reserved;
    struct ksim_span frames;
};

#define KSIM_DUPLICATE_CLOSE_SOURCE 1u /* as in the API */

/*
 * HANDLE_DUPLICATE: sent after NtDuplicateObject succeeded. target_pid 0 with the close option means that only the
 * source was closed (no target handle). Pseudo handles (current process, thread) have source_handle 0xFFFFFFFF or
 * 0xFFFFFFFE: then key and type of entry name the object. Otherwise entry.type and entry.name are only used when the
 * kernel does not know the source. entry.handle is the target handle.
 */
struct ksim_handle_duplicate {
    struct ksim_head head;
    uint32_t source_pid;
    uint32_t source_handle;
    uint32_t target_pid;
    uint32_t options;
    struct ksim_handle_entry entry;
    struct ksim_span frames;
};

enum ksim_api {
    KSIM_START_TRACE = 1,
    KSIM_CONTROL_TRACE = 2,
    KSIM_QUERY_ALL_TRACES = 3,
    KSIM_ENABLE_TRACE_EX2 = 4,
    KSIM_TRACE_SET_INFORMATION = 5,
    KSIM_TRACE_QUERY_INFORMATION = 6,
    KSIM_NT_SET_SYSTEM_INFORMATION = 7,   /* class 31 only */
    KSIM_NT_QUERY_SYSTEM_INFORMATION = 8, /* class 31 only */
    KSIM_OPEN_TRACE = 9,                  /* real time only: the reply's handle is for the three below */
    KSIM_PROCESS_TRACE = 10,              /* may it begin to read? */
    KSIM_CLOSE_TRACE = 11,
    KSIM_READ_TRACE = 12
};

enum ksim_call_flags {
    KSIM_CALLER_ELEVATED = 1, /* TokenElevation of the calling process */
    KSIM_CALL_NAME = 2,       /* an instance name was passed (it may be empty) */
    KSIM_CALL_NULL_BLOCK = 4  /* the pointer to the block was NULL */
};

/*
 * What goes into a CALL:
 *                           handle       code           name           block                     out_room
 * StartTraceW               -            -              InstanceName   properties, Wnode.        same
 *                                                                      BufferSize bytes
 * ControlTraceW             TraceHandle  ControlCode    InstanceName   properties, as above      same
 * QueryAllTracesW           -            -              -              struct ksim_query_all     same
 * EnableTraceEx2            TraceHandle  ControlCode    -              struct ksim_enable        0
 * TraceSetInformation       SessionHandle class         -              TraceInformation          0
 * TraceQueryInformation     SessionHandle class         -              -                         InformationLength
 * NtSetSystemInformation    0            31             -              the buffer                0
 * NtQuerySystemInformation  0            31             -              the buffer (in and out)   its length
 * OpenTraceW               -            -              LoggerName     -                          struct ksim_open_trace
 * ProcessTrace, CloseTrace TraceHandle  -              -              -                          0
 * reading, while in it     TraceHandle  see below      -              -                          struct ksim_read_trace
 * StopTraceW, QueryTraceW, UpdateTraceW, FlushTraceW are ControlTraceW; ANSI forms are not simulated.
 * A properties pointer is read by the client: first Wnode.BufferSize, then that many bytes (at most 64 KiB).
 */
struct ksim_call {
    struct ksim_head head;
    uint32_t api; /* enum ksim_api */
    uint32_t code;
    uint64_t handle;
    uint32_t flags; /* enum ksim_call_flags */
    uint32_t out_room;
    uint32_t length; /* the length the caller stated, for the APIs that have one */
    uint32_t reserved;
    struct ksim_span name; /* UTF-16 without the zero */
    struct ksim_span block;
};

/*
 * QueryAllTracesW: the array's blocks one after the other, each Wnode.BufferSize bytes and then zeroes to the next
 * multiple of 8. The reply has the same layout, with the blocks filled in place; count is then the number of
 * sessions running, which may be larger than the number of blocks.
 */
struct ksim_query_all {
    uint32_t count;
    uint32_t reserved;
};

struct ksim_open_trace {
    uint8_t header[0x118]; /* TRACE_LOGFILE_HEADER */
    uint64_t start;        /* the clock's value at the header's StartTime */
};

/*
 * A part of the oldest buffer that was not read yet, right behind this; nothing when none is there. The call's code is
 * how many of its bytes the reader has; when it has all it gets the next buffer.
 */
#define KSIM_READ_MAX 0x10000u
struct ksim_read_trace {
    uint32_t total; /* bytes of the buffer, used ones only; 0: none */
    uint32_t over;  /* and none will come */
    uint32_t events_lost;
    uint32_t reserved;
};

struct ksim_enable {
    uint8_t provider[16];
    uint64_t match_any;
    uint64_t match_all;
    uint32_t level;
    uint32_t timeout;
    uint32_t has_parameters;
    uint32_t reserved;
};

#endif
