/* The seam to the system's tracing: operations on one session each, in this program's terms. No policy below it.
 *
 * Thread: all operations of one backend are called from the controller's thread only. Each may take seconds (STOP
 * writes the rundown). Implementations: app/win (ETW) and a scripted one in the tests. */
#ifndef HR_RECORD_TRACE_BACKEND_H
#define HR_RECORD_TRACE_BACKEND_H

#include "core/base/err.h"

#define TRACE_NAME_MAX 128
#define TRACE_PATH_MAX 1024 /* bytes of UTF-8; the tracing system itself takes 1024 UTF-16 units */
#define TRACE_MAX_TAGS 4
#define TRACE_LIST_MAX 256

struct trace_guid {
    uint8_t bytes[16]; /* as it stands in memory on Windows */
};

enum trace_storage { TRACE_TO_FILE, TRACE_TO_RING, TRACE_TO_CIRCULAR, TRACE_TO_CONSUMER /* real-time only */ };

/* What `start` asks for; sizes are wishes, `query` tells what was granted. */
struct trace_start {
    char name[TRACE_NAME_MAX];
    struct trace_guid guid;
    enum trace_storage storage;
    bool real_time;            /* a consumer may read along; not with TRACE_TO_RING, always with TRACE_TO_CONSUMER */
    char path[TRACE_PATH_MAX]; /* the .etl to write; empty for TRACE_TO_RING and TRACE_TO_CONSUMER */
    uint32_t buffer_kb;
    uint32_t min_buffers;
    uint32_t max_buffers;
    uint32_t max_file_mb; /* 0: no limit; TRACE_TO_CIRCULAR needs one */
};

/* A running session as this process knows it. */
struct trace_session {
    uint64_t handle;
    char name[TRACE_NAME_MAX];
    struct trace_guid guid;
};

/* Bits of trace_status.mode. */
#define TRACE_MODE_RING      0x00000400u
#define TRACE_MODE_REAL_TIME 0x00000100u

struct trace_status {
    uint32_t buffer_kb;
    uint32_t buffers; /* allocated */
    uint32_t buffers_free;
    uint32_t buffers_written;
    uint32_t events_lost;
    uint32_t buffers_lost;     /* not written to the file */
    uint32_t real_time_lost;   /* buffers that came faster than they were read */
    uint32_t mode;             /* LogFileMode as the system reports it */
    char path[TRACE_PATH_MAX]; /* empty for a ring */
};

struct trace_listing {
    struct trace_session session;
    struct trace_status status;
    bool system_logger; /* occupies one of the system-logger slots */
};

struct trace_ops {
    /* ERR_EXISTS: a session of this name or GUID runs. ERR_NO_SPACE with Win32 1450: no free (system) session. */
    bool (*start)(void *self, const struct trace_start *want, struct trace_session *out, struct err *err);
    /* Sets all eight group mask words and reads them back; ERR_MISMATCH when a wanted bit did not stay on. */
    bool (*set_masks)(void *self, const struct trace_session *s, const uint32_t masks[8], struct err *err);
    /* n 0: record all types. The system cannot read a filter back. */
    bool (*set_filter)(void *self, const struct trace_session *s, const uint32_t *tags, unsigned n, struct err *err);
    /* Hook ids (0x1120...) whose events get stacks; replaces the former list; n 0: none. */
    bool (*set_stacks)(void *self, const struct trace_session *s, const uint16_t *hooks, unsigned n, struct err *err);
    /* Repeated stacks are written once and named by a key from then on. Cannot be taken back. Once a session, before
     * events flow. */
    bool (*set_stack_cache)(void *self, const struct trace_session *s, uint32_t size_kb, uint32_t buckets,
                            struct err *err);
    /* ERR_NOT_FOUND: the session is gone. */
    bool (*query)(void *self, const struct trace_session *s, struct trace_status *out, struct err *err);
    /* Writes what is in memory: a ring to the new file `path`, a file session (path NULL) to its own file. */
    bool (*flush)(void *self, const struct trace_session *s, const char *path, struct err *err);
    /* Goes on in the new file `path`. The system then forgets the masks: the caller sets them again. Not for a ring. */
    bool (*rotate)(void *self, const struct trace_session *s, const char *path, struct err *err);
    /* Ends the session; `out` (may be NULL) is its final status. ERR_NOT_FOUND: it was gone already. */
    bool (*stop)(void *self, const struct trace_session *s, struct trace_status *out, struct err *err);
    /* All sessions of the machine, at most `cap`; *count is how many there are. */
    bool (*list)(void *self, struct trace_listing *out, size_t cap, size_t *count, struct err *err);
    /* Takes up a running session by name; ERR_EXISTS when its GUID is not `guid` (somebody else's). */
    bool (*adopt)(void *self, const char *name, const struct trace_guid *guid, struct trace_session *out,
                  struct trace_status *status, struct err *err);
};

struct trace_backend {
    const struct trace_ops *ops;
    void *self;
};

#endif
