/* The simulated kernel's own state and what its parts offer each other; nobody outside kernel_*.c includes this. */
#ifndef KSIM_KERNEL_STATE_H
#define KSIM_KERNEL_STATE_H

#include "kernel.h"
#include "protocol.h"

#define KERNEL_CPUS_MAX     64u
#define KERNEL_SESSIONS     16u /* slots; the limits that clients meet are smaller */
#define KERNEL_SYSTEM_SLOTS 8u  /* system loggers in all, of which two are reserved */
#define KERNEL_HOOKS_MAX    256u
#define KERNEL_TAGS_MAX     4u
#define KERNEL_CONSUMERS    8u /* programs that read in real time */
#define KERNEL_PAYLOAD_MAX  0xFF00u
#define KERNEL_VERSION      70u /* as in group mask records of Windows 10 1903 */
#define KERNEL_BUFFER_HEAD  0x48u

#define KERNEL_MASK_PROCESS 1u /* word 0 */
#define KERNEL_MASK_THREAD  2u
#define KERNEL_MASK_IMAGE   4u
#define KERNEL_MASK_HANDLE  0x40u /* word 4 */
#define KERNEL_MASK_OBJECT  0x80u

/* Win32 errors and NTSTATUS values by the names Windows gives them. */
enum kernel_error {
    KE_OK = 0,
    KE_FILE_NOT_FOUND = 2,
    KE_ACCESS_DENIED = 5,
    KE_INVALID_HANDLE = 6,
    KE_NOT_ENOUGH_MEMORY = 8,
    KE_BAD_LENGTH = 24,
    KE_SHARING_VIOLATION = 32,
    KE_NOT_SUPPORTED = 50,
    KE_INVALID_PARAMETER = 87,
    KE_DISK_FULL = 112,
    KE_BAD_PATHNAME = 161,
    KE_ALREADY_EXISTS = 183,
    KE_MORE_DATA = 234,
    KE_INSUFFICIENT_BUFFER = 122,
    KE_NO_SYSTEM_RESOURCES = 1450,
    KE_INSTANCE_NOT_FOUND = 4201
};
#define KS_INVALID_INFO_CLASS   0xC0000003u
#define KS_NOT_IMPLEMENTED      0xC0000002u
#define KS_INFO_LENGTH_MISMATCH 0xC0000004u
#define KS_INVALID_PARAMETER    0xC000000Du
#define KS_ACCESS_DENIED        0xC0000022u
#define KS_NOT_SUPPORTED        0xC00000BBu
#define KS_NO_SUCH_LOGGER       0xC0000296u
#define KS_ALREADY_ENABLED      0xC0000303u

enum kernel_header { KERNEL_SYSTEM = 2, KERNEL_COMPACT = 4, KERNEL_PERFINFO = 0x11 };
enum kernel_stack_form { KERNEL_STACK_JOINED, KERNEL_STACK_SPLIT, KERNEL_STACK_LATE };

enum kernel_order { KERNEL_ORDER_TIME, KERNEL_ORDER_PROCESSOR, KERNEL_ORDER_MEMORY };

/* One way the undocumented parts could be. */
struct kernel_dialect {
    const char *name;
    const char *about;
    enum kernel_header handle_header;
    enum kernel_header image_header; /* of live user images and of rundown images */
    enum kernel_stack_form stacks;
    bool sweep_after_end;       /* the handles of a dead process are closed after its Process/End */
    bool terminate_after_sweep; /* 030B comes after the closes */
    bool late_close;            /* a close is logged when NtClose is done: its value may already be in use again */
    bool close_source_actor;    /* header pid of a DUPLICATE_CLOSE_SOURCE close: who did it, not the owner */
    bool sessions_apart;        /* each session tells an event at a time of its own */
    bool clocks_apart;          /* processors' clocks differ by a few microseconds */
    bool flush_marker;          /* the last buffer of a FLUSH carries the marker too */
    /* A ring: what is overwritten, and what its files look like. */
    bool ring_global;        /* the oldest buffer of any processor is overwritten, not of the one that needs room */
    bool ring_drains;        /* a FLUSH empties the ring, so that files do not overlap */
    bool ring_switches;      /* a FLUSH takes the buffers in use as well, however empty, and others are begun */
    bool ring_flush_times;   /* buffers bear the time of the FLUSH, not of when they were full */
    bool ring_empties;       /* buffers that were never used are written too */
    bool ring_header_late;   /* the file's header bears the time of the FLUSH: every event is before it */
    bool ring_figures;       /* end time and count of buffers are filled in */
    bool ring_no_masks;      /* no group masks in buffer 0 */
    bool ring_keeps_files;   /* a FLUSH to a file that exists is refused (183) */
    enum kernel_order order; /* of the buffers in a ring's file */
};

struct kernel_text { /* UTF-16, zero-terminated when data is not NULL */
    uint16_t *data;
    uint32_t length; /* without the zero */
};

struct kernel_type {
    struct kernel_text name;
    uint16_t index;
};

struct kernel_object {
    struct kernel_object *next; /* in the free list */
    uint64_t address;
    uint64_t key;        /* 0: nobody else can open it */
    uint32_t references; /* handles, and 1 while it stands for a running process */
    uint16_t type;       /* position in kernel.types */
    struct kernel_text name;
};

struct kernel_closing { /* a handle whose value is free again but whose close is not logged yet */
    uint32_t handle;
    uint32_t tid; /* 0: the value was given out again before its close was heard of */
    struct kernel_object *object;
};

struct kernel_module {
    uint64_t base, size;
    uint32_t timestamp, checksum;
    struct kernel_text path;
};

struct kernel_process {
    uint64_t serial; /* unique and rising */
    uint32_t pid, ppid, creator_tid, session, flags, exit_status;
    bool exited;
    uint64_t start_time, exit_time;
    struct kernel_text image, command;
    struct kernel_object *object;
    struct kernel_module *modules;
    uint32_t module_count, module_room;
    struct ksim_thread *threads;
    uint32_t thread_count, thread_room;
    struct kernel_object **handles; /* by handle value / 4 */
    uint32_t handle_room;
    struct kernel_closing *closing;
    uint32_t closing_count, closing_room;
};

enum kernel_count { KERNEL_CREATE, KERNEL_CLOSE, KERNEL_DUPLICATE, KERNEL_COUNTS };

struct kernel_truth { /* one (process, type) of one session */
    uint64_t serial;
    uint32_t pid;
    uint16_t type;
    uint64_t logged[KERNEL_COUNTS]; /* in buffers that were not dropped so far */
    uint64_t lost[KERNEL_COUNTS];
    uint64_t missed[KERNEL_COUNTS];      /* while its handle bit was off, after it had been on */
    uint64_t overwritten[KERNEL_COUNTS]; /* by a ring or a circular file; not lost */
    uint64_t swept;                      /* closes by process death, among the closes above, lost ones too */
    uint64_t rundown;                    /* HandleDCEnd events written or lost */
};

struct kernel_report { /* what a session counted; outlives it */
    uint16_t logger;
    bool over;
    struct kernel_text name;
    struct kernel_truth *rows;
    uint32_t row_count, row_room;
    uint32_t events_lost;
    uint32_t pauses;        /* how often handle events were switched off and on again */
    uint64_t longest_pause; /* microseconds */
    uint64_t bytes;         /* of all records that found a place in a buffer */
};

struct kernel_notes { /* truth row << 2 | kernel_count of each handle event in a buffer */
    uint32_t *of;
    uint32_t count, room;
};

struct kernel_file {
    void *handle;
    uint64_t next_offset;
    uint32_t buffers;            /* given a place in the file, buffer 0 included */
    uint32_t outstanding;        /* queued or being written */
    uint8_t *first;              /* buffer 0 as first written */
    uint32_t header_at;          /* TRACE_LOGFILE_HEADER in it */
    uint32_t circle;             /* data buffers that a circular file has room for; 0: it is not one */
    struct kernel_notes *places; /* what lies in each of them */
    bool preallocated;
};

struct kernel_buffer {
    struct kernel_buffer *next;
    uint8_t *data;
    uint32_t offset, events;
    uint32_t cpu;
    uint64_t sequence;
    uint64_t place;
    struct kernel_file *file;
    uint32_t index; /* among the session's, by age of the memory */
    int64_t sealed; /* when it was full */
    struct kernel_notes notes;
};

struct kernel_rt_queue {
    struct kernel_rt_buffer *first, *last;
    uint32_t count;
};

struct kernel_consumer {
    uint64_t id; /* 0: nobody */
    uint32_t pid;
    struct kernel_session *session; /* NULL when it is over */
    struct kernel_rt_queue queue;
};

enum kernel_session_state { KERNEL_FREE, KERNEL_STARTING, KERNEL_RUNNING, KERNEL_STOPPING };

struct kernel_session {
    enum kernel_session_state state;
    uint16_t id;
    bool system, nt_logger, draining, busy;
    uint8_t guid[16];
    struct kernel_text name, path;
    uint32_t buffer_bytes, min_buffers, max_buffers, flush_timer, mode, max_file, clock_type, enable_flags;
    uint32_t masks[8];
    uint32_t tags[KERNEL_TAGS_MAX];
    uint32_t tag_count; /* 0: every type */
    uint16_t hooks[KERNEL_HOOKS_MAX];
    uint32_t hook_count;
    struct kernel_cache *cache; /* NULL: stacks are records of their own */
    bool paused;                /* handle events were on and are off: what comes is missed */
    int64_t paused_since;
    uint32_t events_lost, buffers_written, log_buffers_lost, realtime_lost;
    struct kernel_rt_queue backlog; /* while nobody reads */
    uint32_t starter_pid, starter_tid;
    uint32_t seconds; /* since the flush timer fired */
    uint64_t sequence;
    uint32_t buffer_count; /* made so far: in use, queued or free */
    struct kernel_buffer *current[KERNEL_CPUS_MAX];
    bool ring;
    int64_t start_time;
    uint64_t start_filetime;
    struct kernel_ring { /* a processor's full buffers, oldest first */
        struct kernel_buffer *oldest, *newest;
        uint32_t owned; /* these and the one in use */
    } rings[KERNEL_CPUS_MAX];
    struct kernel_buffer *free_list, *queue, **queue_end;
    uint32_t free_count, queued;
    bool writing;
    bool failed; /* a write failed: ends as soon as the writer is out of it */
    struct kernel_file *file;
    struct kernel_report *report;
};

enum kernel_fault_kind { KERNEL_FAULT_FAIL, KERNEL_FAULT_DELAY, KERNEL_FAULT_HANG, KERNEL_FAULT_DIE };

struct kernel_fault {
    enum kernel_fault_kind kind;
    char operation[48];
    uint32_t nth;   /* 1: the next call; 0: every call */
    uint32_t value; /* code, milliseconds */
    bool after;
};

struct kernel_call_count {
    char operation[48];
    uint64_t calls, refused;
};

#define KERNEL_FAULTS 32u
#define KERNEL_CALLS  96u

struct kernel_settings {
    const struct kernel_dialect *dialect;
    uint32_t processors, type_seed, disk_rate, disk_free_mb;
    uint32_t spread;        /* 0: events belong to the processor that they came from; else the seed that decides */
    uint32_t cache_entries; /* a stack cache holds no more; 0: as its size allows */
    uint32_t rt_backlog;    /* buffers that wait for a slow reader; 0: as many as the session has */
    uint32_t buffers_max;   /* a session has no more; 0: as memory allows */
    uint64_t ram_mb, frequency;
    int elevated; /* -1: as the caller says, 0 or 1: so for everybody */
    bool stall_writer, disk_full;
    bool filter_ignored; /* setting a type filter succeeds and does nothing */
};

struct kernel {
    struct kernel_host host;
    struct kernel_settings set;
    struct kernel_fault faults[KERNEL_FAULTS];
    uint32_t fault_count;
    struct kernel_call_count calls[KERNEL_CALLS];
    uint32_t call_count;
    bool quitting;
    uint32_t interest;

    int64_t last_time, cpu_time[KERNEL_CPUS_MAX];
    uint64_t boot_time;
    uint32_t handle_events; /* decides which stacks come late */
    uint32_t rundown_cpu;
    uint64_t spread_state;
    uint32_t spread_cpu, spread_left;

    struct kernel_type *types;
    uint32_t type_count, type_room;
    uint16_t type_order[256];
    struct kernel_object *free_objects;
    struct kernel_object **shared; /* objects with a key */
    uint32_t shared_count, shared_room;
    uint64_t next_address;
    uint64_t object_count;

    struct kernel_process **processes; /* by serial; running ones, and ended ones somebody has a handle to */
    uint32_t process_count, process_room;
    uint64_t next_serial;
    uint64_t unheard_closes;

    struct kernel_session sessions[KERNEL_SESSIONS];
    uint16_t next_logger;
    struct kernel_consumer consumers[KERNEL_CONSUMERS];
    uint64_t next_consumer;
    struct kernel_report **reports;
    uint32_t report_count, report_room;
};

/* What an event is, apart from its payload. */
struct kernel_event {
    uint16_t hook;
    uint16_t version;
    enum kernel_header header;
    uint32_t pid, tid;  /* of the record's header */
    uint32_t actor_pid; /* of the stack's record */
    uint32_t cpu;
    const uint64_t *kernel_frames;
    uint32_t kernel_count;
    const uint64_t *user_frames;
    uint32_t user_count;
};

struct kernel_taken { /* the sessions that took an event: bits by position; and when */
    uint32_t set;
    int64_t time[KERNEL_SESSIONS];
};

struct kernel_payload { /* set bytes to 0 first; the rest need not be cleared, which would cost more than the event */
    uint32_t bytes;
    uint8_t data[KERNEL_PAYLOAD_MAX + 0x100];
};

/* kernel_text.c: bytes, UTF-16 and arrays. Running out of memory ends the program: there is nothing to recover. */
void *kernel_grow(void *array, uint32_t *room, uint32_t wanted, size_t item);
void *kernel_alloc(size_t bytes);
struct kernel_text kernel_text_copy(const void *utf16, uint32_t bytes);
struct kernel_text kernel_text_ascii(const char *text);
bool kernel_text_same(const struct kernel_text *a, const struct kernel_text *b); /* ASCII case does not matter */
void kernel_text_free(struct kernel_text *text);
uint32_t kernel_get32(const uint8_t *at);
uint64_t kernel_get64(const uint8_t *at);
void kernel_put16(uint8_t *at, uint16_t v);
void kernel_put32(uint8_t *at, uint32_t v);
void kernel_put64(uint8_t *at, uint64_t v);
void payload_u8(struct kernel_payload *p, uint8_t v);
void payload_u16(struct kernel_payload *p, uint16_t v);
void payload_u32(struct kernel_payload *p, uint32_t v);
void payload_u64(struct kernel_payload *p, uint64_t v);
void payload_bytes(struct kernel_payload *p, const void *data, uint32_t bytes);
void payload_text(struct kernel_payload *p, const struct kernel_text *t, uint32_t most); /* with its zero */

/* kernel_buffer.c: buffers, the queue to the writer, the file. */
int64_t kernel_now(struct kernel *k, uint32_t cpu);
bool kernel_log(struct kernel *k, struct kernel_session *s, const struct kernel_event *e, int64_t time,
                const struct kernel_payload *p, uint32_t note, bool patient);
/* For one record of any size that a rundown may write: it then does not wait. */
void kernel_make_room(struct kernel *k, struct kernel_session *s, uint32_t cpu);
void kernel_flush(struct kernel *k, struct kernel_session *s, bool marker); /* queues what is in use, waits for it */
void kernel_rotate(struct kernel *k, struct kernel_session *s, struct kernel_file *next);
void kernel_session_free_buffers(struct kernel_session *s);
struct kernel_buffer *kernel_buffer_take(struct kernel_session *s); /* a free or new one; NULL: the pool is used up */
void kernel_buffer_clear(struct kernel_session *s, struct kernel_buffer *b); /* as new, under the next number */
void kernel_buffer_free(struct kernel_buffer *b);
void kernel_buffer_seal(const struct kernel_session *s, const struct kernel_buffer *b, int64_t time, bool marker,
                        uint8_t *data);
void kernel_overwritten(struct kernel_session *s, struct kernel_notes *notes); /* forgets them */
#define KERNEL_NO_NOTE 0xFFFFFFFFu

/* kernel_ring.c: buffers that are overwritten, and files made of them. */
struct kernel_buffer *kernel_ring_take(struct kernel *k, struct kernel_session *s, uint32_t cpu);
uint32_t kernel_ring_flush(struct kernel *k, struct kernel_session *s, const struct kernel_text *path);
void kernel_ring_free(struct kernel_session *s);

/* kernel_realtime.c */
bool kernel_realtime_put(struct kernel *k, struct kernel_session *s, const struct kernel_buffer *b); /* false: lost */
void kernel_realtime_over(struct kernel *k, struct kernel_session *s); /* nothing more will come */
void kernel_realtime_died(struct kernel *k, uint32_t pid);
void kernel_realtime_free(struct kernel *k);

/* kernel_file.c */
uint32_t kernel_file_open(struct kernel *k, struct kernel_session *s, const struct kernel_text *path,
                          enum kernel_open how, struct kernel_file **file);
void kernel_file_finish(struct kernel *k, struct kernel_session *s, struct kernel_file *file);   /* header, close */
void kernel_file_drop(struct kernel *k, struct kernel_file *file);                               /* close as it is */
uint32_t kernel_file_log_header(struct kernel *k, const struct kernel_session *s, uint8_t *out); /* its bytes */
bool kernel_path_ok(const struct kernel_text *path);
uint64_t kernel_file_limit(const struct kernel_session *s); /* bytes; 0: none */

/* kernel_event.c */
uint32_t kernel_cpu(struct kernel *k, const struct ksim_head *head); /* to which processor its events belong */
bool kernel_session_wants(const struct kernel_session *s, uint16_t hook);
bool kernel_session_filter(const struct kernel *k, const struct kernel_session *s, uint16_t type);
void kernel_emit(struct kernel *k, const struct kernel_event *e, const struct kernel_payload *p);
void kernel_emit_handle(struct kernel *k, const struct kernel_event *e, const struct kernel_payload *p, uint64_t serial,
                        uint32_t pid, uint16_t type, enum kernel_count count, bool swept);
struct kernel_truth *kernel_truth_row(struct kernel_report *report, uint64_t serial, uint32_t pid, uint16_t type,
                                      uint32_t *index);
void kernel_interest(struct kernel *k);

/* kernel_stack.c */
void kernel_emit_stack(struct kernel *k, const struct kernel_event *e, const struct kernel_taken *taken);
uint32_t kernel_cache_start(struct kernel_session *s, uint32_t size, uint32_t buckets); /* NTSTATUS */
void kernel_cache_rundown(struct kernel *k, struct kernel_session *s);
void kernel_cache_free(struct kernel_session *s);

/* kernel_rundown.c */
void kernel_set_masks(struct kernel *k, struct kernel_session *s, const uint32_t masks[8], bool starting);
uint64_t kernel_image_base(void);
void payload_process(struct kernel_payload *p, const struct kernel_process *process, bool defunct);
void payload_thread(struct kernel_payload *p, uint32_t pid, const struct ksim_thread *thread);
void payload_image(struct kernel_payload *p, uint32_t pid, const struct kernel_module *module);

/* kernel_process.c */
void kernel_boot(struct kernel *k);
struct kernel_process *kernel_process_find(struct kernel *k, uint32_t pid); /* running ones only */
struct kernel_process *kernel_process_after(struct kernel *k, uint64_t serial);
void kernel_process_end(struct kernel *k, struct kernel_process *process, uint32_t tid, uint32_t cpu,
                        uint32_t exit_status);
void kernel_bury(struct kernel *k); /* drops ended processes that nobody has a handle to */
uint32_t kernel_hello(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_image_event(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_thread_change(struct kernel *k, const uint8_t *message, size_t bytes);
void kernel_processes_free(struct kernel *k);
extern const uint64_t kernel_frames_load[3];

/* kernel_handle.c */
void kernel_types_boot(struct kernel *k);
void kernel_types_number(struct kernel *k); /* gives every type the index that the seed decides */
uint16_t kernel_type(struct kernel *k, const struct kernel_text *name);
struct kernel_object *kernel_object_open(struct kernel *k, uint16_t type, uint64_t key, const struct kernel_text *name);
void kernel_object_release(struct kernel *k, struct kernel_object *object);
void kernel_object_hide(struct kernel *k, struct kernel_object *object);
void kernel_handle_enter(struct kernel *k, struct kernel_process *p, uint32_t handle, struct kernel_object *object);
void kernel_handle_sweep(struct kernel *k, struct kernel_process *p, uint32_t tid, uint32_t cpu);
uint32_t kernel_handle_table(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_handle_create(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_handle_close(struct kernel *k, const uint8_t *message, size_t bytes, uint32_t *flags);
uint32_t kernel_handle_closed(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_handle_duplicate(struct kernel *k, const uint8_t *message, size_t bytes);
uint32_t kernel_type_tag(const struct kernel_text *name);

/* kernel_session.c, kernel_control.c, kernel_info.c: the API. Status returned; out gets the block to copy back. */
struct kernel_call {
    const struct ksim_call *message;
    const uint8_t *name, *block;
    uint32_t name_bytes, block_bytes;
    bool elevated;
    uint8_t *out; /* room for KSIM_MESSAGE_MAX less the reply's head */
    uint32_t out_bytes, return_length;
    uint64_t handle;
};
uint32_t kernel_start_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_control_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_query_all(struct kernel *k, struct kernel_call *c);
uint32_t kernel_enable_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_trace_set(struct kernel *k, struct kernel_call *c);
uint32_t kernel_trace_query(struct kernel *k, struct kernel_call *c);
uint32_t kernel_nt_set(struct kernel *k, struct kernel_call *c);
uint32_t kernel_nt_query(struct kernel *k, struct kernel_call *c);
uint32_t kernel_open_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_process_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_read_trace(struct kernel *k, struct kernel_call *c);
uint32_t kernel_close_trace(struct kernel *k, struct kernel_call *c);
struct kernel_session *kernel_session_by_handle(struct kernel *k, uint64_t handle);
struct kernel_session *kernel_session_by_name(struct kernel *k, const struct kernel_text *name);
bool kernel_block_room(const uint8_t *block, uint32_t bytes, bool log_file, const struct kernel_text *text);
uint32_t kernel_session_fill(const struct kernel_session *s, uint8_t *block, uint32_t bytes);
/* After an orderly end the slot is still taken, so that its figures can be read: forget it then. */
void kernel_session_end(struct kernel *k, struct kernel_session *s, bool orderly);
void kernel_session_forget(struct kernel_session *s);
void kernel_session_check(struct kernel *k, struct kernel_session *s); /* ends it if a write failed meanwhile */
uint32_t kernel_memory_cap(const struct kernel *k, uint32_t buffer_bytes);
uint32_t kernel_raise_minimum(const struct kernel *k, uint32_t buffers, uint32_t buffer_bytes);
struct kernel_text kernel_block_text(const uint8_t *block, uint32_t bytes, uint32_t offset);
extern const uint8_t kernel_system_trace_guid[16];

/* kernel_knob.c */
void kernel_settings_default(struct kernel_settings *set);
uint32_t kernel_perform(struct kernel *k, struct kernel_call *c); /* counts, injects faults, calls */
size_t kernel_control(struct kernel *k, const char *words, size_t bytes, char *text, size_t room, uint32_t *status);

/* kernel_report.c: JSON */
struct kernel_json {
    char *text;
    size_t bytes, room;
};
void kernel_json_sessions(struct kernel *k, struct kernel_json *out);
void kernel_json_calls(struct kernel *k, struct kernel_json *out);
void kernel_json_truth(struct kernel *k, struct kernel_json *out, bool one, uint32_t pid);
void kernel_json_dialects(struct kernel_json *out);
struct kernel_report *kernel_report_new(struct kernel *k, const struct kernel_session *s);
void kernel_reports_forget(struct kernel *k);
void kernel_reports_free(struct kernel *k);

/* kernel_dialect.c */
const struct kernel_dialect *kernel_dialect_find(const char *name); /* NULL: none of that name */
const struct kernel_dialect *kernel_dialect_at(uint32_t i);         /* NULL: past the end */

/* kernel_message.c */
const uint8_t *kernel_span(const uint8_t *message, size_t bytes, struct ksim_span span, uint32_t align, bool *ok);
/* The part that every message of a kind has, and the stack that one may carry. False: the message is too short. */
bool kernel_fixed(const uint8_t *message, size_t bytes, void *fixed, size_t size);
bool kernel_frames(const uint8_t *message, size_t bytes, struct ksim_span span, const uint64_t **frames,
                   uint32_t *count);

#endif
