/* One record of a trace buffer, whatever its header type, as one structure. Trusts no length. Any thread. */
#ifndef HR_ETL_RECORD_H
#define HR_ETL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum etl_kind {
    ETL_KERNEL,  /* SYSTEM, COMPACT, PERFINFO: the hook says what it is */
    ETL_CLASSIC, /* FULL, INSTANCE: provider (event class) and opcode */
    ETL_EVENT,   /* EVENT_HEADER: provider, id, opcode */
};

/* What pid and tid hold where the header has none (PERFINFO) or says so itself. */
#define ETL_UNKNOWN_ID 0xFFFFFFFFu

/* What header types are called on disk; the odd/even pairs are 32/64 bit. */
enum etl_header_type {
    ETL_SYSTEM32 = 0x01,
    ETL_SYSTEM64 = 0x02,
    ETL_COMPACT32 = 0x03,
    ETL_COMPACT64 = 0x04,
    ETL_FULL32 = 0x0A,
    ETL_INSTANCE32 = 0x0B,
    ETL_PERFINFO32 = 0x10,
    ETL_PERFINFO64 = 0x11,
    ETL_EVENT32 = 0x12,
    ETL_EVENT64 = 0x13,
    ETL_FULL64 = 0x14,
    ETL_INSTANCE64 = 0x15,
};

/* Pointers lead into the caller's buffer: nothing is copied. */
struct etl_record {
    enum etl_kind kind;
    uint8_t header_type;  /* enum etl_header_type: never binds a payload's layout */
    uint8_t pointer_size; /* 4 or 8: of this record's payload */
    uint8_t opcode;
    bool malformed;          /* the extended data does not fit: there is no payload */
    uint16_t version;        /* of the payload */
    uint16_t hook;           /* ETL_KERNEL: group << 8 | type; otherwise 0 */
    uint16_t id;             /* ETL_EVENT; otherwise 0 */
    uint16_t processor;      /* of the buffer it came from */
    uint32_t tid;            /* or ETL_UNKNOWN_ID */
    uint32_t pid;            /* or ETL_UNKNOWN_ID */
    int64_t time;            /* raw, in units of the trace's clock */
    const uint8_t *provider; /* 16 bytes as on disk; NULL for ETL_KERNEL */
    const uint8_t *payload;
    uint32_t payload_size;
    uint32_t size;           /* of the whole record */
    const uint8_t *bytes;    /* the whole record as it stands in the file, without padding */
    uint32_t extended_size;  /* ETL_EVENT: the items between header and payload */
    const uint8_t *extended; /* NULL when there are none */
};

enum etl_read {
    ETL_READ_OK,
    ETL_READ_SKIP, /* a whole record of a kind that carries nothing for this program (WPP messages, obsolete types) */
    ETL_READ_BAD,  /* no record: what follows in this buffer cannot be found either */
};

/* Decodes the record at the start of `p`, of which `left` bytes are valid. *step becomes the distance to the next
 * record (it may exceed `left` by the padding of the last one) unless the result is ETL_READ_BAD. `out->processor` is
 * left alone. `out` is undefined unless the result is ETL_READ_OK. */
enum etl_read etl_record_read(const uint8_t *p, size_t left, struct etl_record *out, size_t *step);

/* "SYSTEM64" and so on; "other" for types this reader skips. */
const char *etl_header_type_name(unsigned header_type);

#endif
