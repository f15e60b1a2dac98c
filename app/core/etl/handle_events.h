/* Payloads of handle, object type, image, process and stack events. Trusts no length: a decoder returns false for
 * events of another kind and for payloads that are too short; longer ones (newer versions) are fine. Any thread.
 *
 * Nothing is copied: pointers lead into the record and have any alignment. */
#ifndef HR_ETL_HANDLE_EVENTS_H
#define HR_ETL_HANDLE_EVENTS_H

#include "core/etl/record.h"

/* UTF-16LE at any alignment, without its NUL; `units` may be 0. For text_add_utf16le. */
struct etl_name {
    const uint8_t *bytes;
    size_t units;
};

enum etl_handle_action {
    ETL_HANDLE_CREATE,
    ETL_HANDLE_CLOSE,
    ETL_HANDLE_DUPLICATE,
    ETL_HANDLE_LISTED, /* in an inventory: HandleDCStart, HandleDCEnd */
};

/* Handles of the kernel have bit 31 set, wherever they are reported. */
struct etl_handle_event {
    enum etl_handle_action action;
    uint64_t object;
    uint32_t pid;           /* the process in whose table the handle is, or ETL_UNKNOWN_ID */
    uint32_t tid;           /* the thread that acted, or ETL_UNKNOWN_ID */
    uint32_t handle;        /* DUPLICATE: the new one */
    uint32_t source_handle; /* DUPLICATE only */
    uint32_t source_pid;    /* DUPLICATE only, or ETL_UNKNOWN_ID: old systems do not say */
    uint16_t type;          /* index: named by etl_type_event of the same trace only */
    struct etl_name name;   /* CLOSE, LISTED: of the object, often empty */
};
bool etl_handle_event(const struct etl_record *r, struct etl_handle_event *out);

/* A handle is made, closed or duplicated. */
bool etl_is_handle_change(const struct etl_record *r);

/* TypeDCStart, TypeDCEnd. */
struct etl_type_event {
    uint16_t type;
    struct etl_name name;
};
bool etl_type_event(const struct etl_record *r, struct etl_type_event *out);

enum etl_life { ETL_LIFE_START, ETL_LIFE_END, ETL_LIFE_DCSTART, ETL_LIFE_DCEND, ETL_LIFE_DEFUNCT };

struct etl_image_event {
    enum etl_life life; /* START: loaded, END: unloaded, DC*: was there at that end of the recording */
    uint64_t base;
    uint64_t size;
    uint32_t pid; /* 0: kernel; ETL_UNKNOWN_ID in the oldest version */
    uint32_t checksum;
    uint32_t timestamp;   /* of the PE header; 0 when not told */
    struct etl_name name; /* \Device\HarddiskVolumeN\..., \SystemRoot\... */
};
bool etl_image_event(const struct etl_record *r, struct etl_image_event *out);

struct etl_process_event {
    enum etl_life life; /* DEFUNCT: ended, but something still holds it */
    uint64_t key;       /* the process object; 0 in the oldest versions */
    uint32_t pid;
    uint32_t parent_pid;
    uint32_t session;
    uint32_t exit_status;
    const uint8_t *image; /* file name in the system's ANSI code page, without its NUL */
    size_t image_size;
    struct etl_name command; /* empty in the oldest version */
};
bool etl_process_event(const struct etl_record *r, struct etl_process_event *out);

/* StackWalk/Stack, and KeyKernel/KeyUser that lead to frames given elsewhere. Belongs to the event with exactly this
 * time (and thread). */
struct etl_stack_event {
    int64_t time;
    uint32_t pid;
    uint32_t tid;
    bool by_key;
    bool user_part;        /* by_key only: frames in user code, after those in the kernel */
    uint64_t key;          /* by_key only */
    const uint8_t *frames; /* innermost first */
    size_t frame_count;
    uint8_t pointer_size;
};
bool etl_stack_event(const struct etl_record *r, struct etl_stack_event *out);

/* The frames of a key, told when it leaves the cache or the recording stops: they apply to uses before this event. */
struct etl_stack_key_event {
    uint64_t key;
    const uint8_t *frames;
    size_t frame_count;
    uint8_t pointer_size;
};
bool etl_stack_key_event(const struct etl_record *r, struct etl_stack_key_event *out);

/* Frame `i` of either; i < frame_count. */
uint64_t etl_frame(const uint8_t *frames, uint8_t pointer_size, size_t i);

#endif
