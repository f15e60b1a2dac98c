/* Writes trace files for tests, byte by byte from the description of the format. Includes nothing of the product: a
 * wrong belief about the format must not be written twice by one header. Ends the test program on lack of memory. */
#ifndef HR_TEST_ETL_BUILDER_H
#define HR_TEST_ETL_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETLB_MAX_BUFFERS 256

/* What the header record says. Start from etlb_defaults(). */
struct etlb_options {
    unsigned pointer_size; /* 4 or 8: the form of the header record */
    uint32_t buffer_size;
    uint32_t mode;
    uint32_t processors;
    uint64_t end_time;
    uint32_t clock;
    uint32_t cpu_mhz;
    uint64_t frequency;
    uint64_t start_time;
    int64_t first_time;
    uint32_t events_lost;
    uint32_t buffers_lost;
    uint32_t buffers_written; /* UINT32_MAX: the true number */
    bool compress;            /* data buffers */
    bool old_flags;           /* before Windows 8: one byte of processor number, an alignment beside it */
    bool no_flush_marker;
};

/* Where the finished buffers lie in `file`. */
struct etlb {
    struct etlb_options o;
    uint8_t *file; /* after etlb_finish */
    size_t size;
    size_t room;
    size_t pos[ETLB_MAX_BUFFERS];
    size_t disk_size[ETLB_MAX_BUFFERS];
    size_t count;
    uint8_t *data[ETLB_MAX_BUFFERS]; /* unfinished: whole uncompressed buffers */
    size_t used[ETLB_MAX_BUFFERS];
    unsigned processor[ETLB_MAX_BUFFERS];
    int64_t flushed[ETLB_MAX_BUFFERS];
    bool finished;
};

struct etlb_options etlb_defaults(void);

/* Begins a file with buffer 0 and its header record. */
void etlb_begin(struct etlb *b, const struct etlb_options *o);
/* Begins the next data buffer. */
void etlb_buffer(struct etlb *b, unsigned processor);
/* Puts a record's bytes into the current buffer, padded to 8 with garbage. Returns its offset in the buffer. */
size_t etlb_raw(struct etlb *b, const void *record, size_t size);

/* Records. `ids` is pid, tid. */
struct etlb_ids {
    uint32_t pid;
    uint32_t tid;
};
size_t etlb_system(struct etlb *b, unsigned pointer_size, uint16_t hook, uint8_t version, struct etlb_ids ids,
                   int64_t time, const void *payload, size_t size);
size_t etlb_compact(struct etlb *b, unsigned pointer_size, uint16_t hook, uint8_t version, struct etlb_ids ids,
                    int64_t time, const void *payload, size_t size);
/* `version` with its upper bits: counters and PEBS index are filled in. */
size_t etlb_perfinfo(struct etlb *b, unsigned pointer_size, uint16_t hook, uint16_t version, int64_t time,
                     const void *payload, size_t size);
size_t etlb_full(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint8_t opcode, uint16_t version,
                 struct etlb_ids ids, int64_t time, const void *payload, size_t size);
size_t etlb_instance(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint8_t opcode, uint16_t version,
                     struct etlb_ids ids, int64_t time, const void *payload, size_t size);
/* `extended` holds the chain of items, whole; NULL for none. */
size_t etlb_event(struct etlb *b, unsigned pointer_size, const uint8_t guid[16], uint16_t id, uint8_t opcode,
                  struct etlb_ids ids, int64_t time, const void *extended, size_t extended_size, const void *payload,
                  size_t size);
size_t etlb_message(struct etlb *b, uint16_t number, const void *payload, size_t size);

/* Lays the buffers out in b->file. Buffers without a flush time of their own get their last event's. */
void etlb_finish(struct etlb *b);
/* Writes `size` bytes of the file (SIZE_MAX: all of them) to `path`. */
void etlb_save(const struct etlb *b, const char *path, size_t size);
void etlb_free(struct etlb *b);

/* Payloads: numbers put one after the other. */
struct etlb_payload {
    uint8_t bytes[4096];
    size_t size;
};
void etlb_put(struct etlb_payload *p, uint64_t value, size_t size);
void etlb_put_utf16(struct etlb_payload *p, const char *ascii); /* with its NUL */
void etlb_put_ascii(struct etlb_payload *p, const char *s);     /* with its NUL */

/* Packs with plain XPRESS: literals and matches in all their lengths. `out` has room for n + n / 8 + 16 bytes. */
size_t etlb_xpress(const uint8_t *in, size_t n, uint8_t *out);

#endif
