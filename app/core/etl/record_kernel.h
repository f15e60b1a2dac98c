/* Decodes kernel records, which most of a trace is: as etl_record_read does, in few steps. Any thread. */
#ifndef HR_ETL_RECORD_KERNEL_H
#define HR_ETL_RECORD_KERNEL_H

#include "core/etl/bytes.h"
#include "core/etl/record.h"

/* What the header types of kernel records differ in. */
struct etl_kernel_form {
    uint32_t header;  /* bytes, or ETL_KERNEL_NO_FORM */
    uint16_t refused; /* bits of the version that say that more stands between header and payload */
    uint8_t time_at;
    uint8_t pointer;
    uint64_t no_ids; /* ones where the header has no tid and pid */
};

/* More than any 16-bit size: what has this header type is no kernel record. */
#define ETL_KERNEL_NO_FORM 0x10000u
#define ETL_KERNEL_FORMS   0x12u
extern const struct etl_kernel_form etl_kernel_forms[ETL_KERNEL_FORMS]; /* by header type */

/* False when it is not a plain kernel record, is older than `since`, or does not lie in `left` with its padding: then
 * nothing was changed, and etl_record_read tells more. `r` is all zero or as a call that found a record left it: what
 * all kernel records have in common is not written again. *step becomes the distance to the next record. */
static inline bool etl_record_read_kernel(const uint8_t *p, size_t left, int64_t since, struct etl_record *r,
                                          size_t *step)
{
    if (left < 8 || r->kind != ETL_KERNEL)
        return false;
    uint64_t head = le64(p);
    uint32_t type = ((uint32_t)head >> 16 & 0xF0FFu) - 0xC000u;
    if (type >= ETL_KERNEL_FORMS)
        return false;
    const struct etl_kernel_form *form = &etl_kernel_forms[type];
    uint32_t size = (uint32_t)(head >> 32) & 0xFFFFu;
    uint32_t padded = (size + 7) & ~7u;
    if (size < form->header || padded > left || head & form->refused)
        return false;
    int64_t time = (int64_t)le64(p + form->time_at);
    if (time < since)
        return false;
    uint64_t ids = le64(p + 8) | form->no_ids;
    r->header_type = (uint8_t)type;
    r->pointer_size = form->pointer;
    r->opcode = (uint8_t)(head >> 48);
    r->version = (uint8_t)head;
    r->hook = (uint16_t)(head >> 48);
    r->tid = (uint32_t)ids;
    r->pid = (uint32_t)(ids >> 32);
    r->time = time;
    r->payload = p + form->header;
    r->payload_size = size - form->header;
    r->size = size;
    r->bytes = p;
    *step = padded;
    return true;
}

#endif
