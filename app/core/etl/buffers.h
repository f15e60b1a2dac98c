/* Finds the buffers of a trace file and gets their records' bytes. Never loads or maps the whole file. One thread. */
#ifndef HR_ETL_BUFFERS_H
#define HR_ETL_BUFFERS_H

#include "core/base/file.h"
#include "core/etl/header.h"
#include "core/etl/origin.h"

#define ETL_BUFFER_HEADER 0x48u
/* What Windows allows; a larger size is damage. */
#define ETL_BUFFER_MAX 0x1000000u
/* A session's buffers are at least this large; a smaller size is damage. */
#define ETL_BUFFER_MIN 0x400u

#define ETL_FLAG_FLUSH_MARKER 0x01u
#define ETL_FLAG_PROC_INDEX   0x20u
#define ETL_FLAG_COMPRESSED   0x40u

/* A file whose header record was read. */
struct etl_file {
    struct file *file;
    uint64_t size;
    struct etl_header header;
    uint8_t *first;      /* the part of buffer 0 that header.names leads into */
    uint32_t session;    /* bytes of a whole buffer, checked; the upper limit of an unpacked one */
    uint32_t first_size; /* from buffer 0 to the next */
    bool packed;         /* buffers are compressed: each has its own size on disk, and damage cannot be skipped */
    bool has_origin;     /* this program made it of others */
    struct etl_origin origin;
    bool reorder; /* file order is not time order: buffers are overwritten in place */
};

bool etl_file_open(const char *path, struct etl_file *out, struct err *err);
void etl_file_close(struct etl_file *f); /* all zero is fine */

enum etl_step { ETL_STEP_OK, ETL_STEP_END, ETL_STEP_FAILED };

struct etl_buffer {
    uint64_t pos;
    uint64_t sequence;
    int64_t time;       /* flush time, in whatever unit: good for order only */
    uint32_t disk_size; /* header included; less than stated when the file ends first */
    uint32_t data_end;  /* end of valid data once unpacked */
    uint16_t flags;
    uint16_t processor;
    bool cut; /* the file ends inside it */
};

/* What a walk met. */
struct etl_walk_facts {
    uint64_t buffers; /* damaged ones included */
    uint64_t damaged; /* whose header cannot be right */
    uint64_t packed;
    bool cut;          /* the file ends inside a buffer */
    bool flush_marker; /* on the last buffer; in a file that is written in place: on any data buffer */
};

/* Goes through the file once. `window` is how much is read at a time: at least a buffer header. */
struct etl_walk {
    const struct etl_file *file;
    uint64_t pos;
    uint64_t unused; /* empty slots since the last buffer: damage only if another buffer follows */
    uint64_t window_pos;
    uint8_t *window;
    size_t window_room;
    size_t window_size;
    struct etl_walk_facts facts;
};

bool etl_walk_start(struct etl_walk *w, const struct etl_file *f, size_t window, struct err *err);
enum etl_step etl_walk_next(struct etl_walk *w, struct etl_buffer *b, struct err *err);
/* The buffer's bytes as on disk (b->disk_size), valid until the next call with this walk. */
bool etl_walk_bytes(struct etl_walk *w, const struct etl_buffer *b, const uint8_t **bytes, struct err *err);
void etl_walk_end(struct etl_walk *w);

/* Memory that grows to what the largest buffer needs. All zero is empty. */
struct etl_room {
    uint8_t *bytes;
    size_t size;
};
bool etl_room_grow(struct etl_room *r, size_t size, struct err *err);
void etl_room_free(struct etl_room *r);

/* Where the records of a buffer are. */
struct etl_records {
    const uint8_t *bytes;
    size_t size;
    bool damaged; /* nothing of it can be used, or not all of it */
    bool cut;     /* a last record that does not fit is the file's end, not damage */
};

/* `disk` holds the b->disk_size bytes of the buffer. Unpacks into `room` when needed; fails for want of memory only. */
bool etl_records_of(const struct etl_buffer *b, const uint8_t *disk, struct etl_room *room, struct etl_records *out,
                    struct err *err);

/* Decodes a buffer header that stands at `pos` in the file. False when it cannot be one. */
bool etl_buffer_read(const struct etl_file *f, uint64_t pos, const uint8_t *head, struct etl_buffer *out);

#endif
