/* Decodes kernel records, which most of a trace is: as etl_record_read does, in few steps. Any thread. */
#ifndef HR_ETL_RECORD_KERNEL_H
#define HR_ETL_RECORD_KERNEL_H

#include "core/etl/bytes.h"
#include "core/etl/record.h"

/* What the header types of kernel records differ in. A row that is all zero but for `head` is of none. */
struct etl_kernel_form {
    uint64_t mask;   /* of a record's first eight bytes: marker, type, and bits of the version that say that more stands
                      * between header and payload */
    uint64_t head;   /* what they are there */
    uint64_t no_ids; /* ones where the header has no tid and pid */
    uint32_t header; /* bytes */
    uint8_t header_type;
    uint8_t pointer_size;
    uint8_t time_at;
};

/* By the lower bits of the header type. */
#define ETL_KERNEL_FORMS 32u
extern const struct etl_kernel_form etl_kernel_forms[ETL_KERNEL_FORMS];

/* False when it is not a plain kernel record, is older than `since`, or does not lie in `left` with its padding: then
 * nothing was changed, and etl_record_read tells more. `r` is all zero or an ETL_KERNEL record: what all of those have
 * in common is not written again. *step becomes the distance to the next record. */
static inline bool etl_record_read_kernel(const uint8_t *p, size_t left, int64_t since, struct etl_record *r,
                                          size_t *step)
{
    if (left < 8)
        return false;
    uint64_t head = le64(p);
    const struct etl_kernel_form *form = &etl_kernel_forms[head >> 16 & (ETL_KERNEL_FORMS - 1)];
    uint32_t size = (uint32_t)(head >> 32) & 0xFFFFu;
    uint32_t padded = (size + 7) & ~7u;
    if ((head & form->mask) != form->head || size < form->header || padded > left)
        return false;
    int64_t time = (int64_t)le64(p + form->time_at);
    if (time < since)
        return false;
    r->time = time;
    r->version = (uint8_t)head;
    r->opcode = (uint8_t)(head >> 48);
    r->hook = (uint16_t)(head >> 48);
    r->size = size;
    r->payload_size = size - form->header;
    r->header_type = form->header_type;
    r->pointer_size = form->pointer_size;
    uint64_t ids = le64(p + 8) | form->no_ids;
    r->tid = (uint32_t)ids;
    r->pid = (uint32_t)(ids >> 32);
    r->payload = p + form->header;
    r->bytes = p;
    *step = padded;
    return true;
}

#endif
