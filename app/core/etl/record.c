/* Decodes record headers. A row per header type; the fields of each family in one function. */
#include "core/etl/record_kernel.h"

enum form { FORM_NONE, FORM_SYSTEM, FORM_PERFINFO, FORM_FULL, FORM_EVENT, FORM_SKIP };

struct type_row {
    uint8_t form;
    uint8_t header;  /* bytes */
    uint8_t size_at; /* where the u16 with the whole size is */
    uint8_t pointer;
    const char *name;
};

static const struct type_row types[] = {
    [ETL_SYSTEM32] = {FORM_SYSTEM, 32, 4, 4, "SYSTEM32"},
    [ETL_SYSTEM64] = {FORM_SYSTEM, 32, 4, 8, "SYSTEM64"},
    [ETL_COMPACT32] = {FORM_SYSTEM, 24, 4, 4, "COMPACT32"},
    [ETL_COMPACT64] = {FORM_SYSTEM, 24, 4, 8, "COMPACT64"},
    [ETL_FULL32] = {FORM_FULL, 48, 0, 4, "FULL32"},
    [ETL_INSTANCE32] = {FORM_FULL, 72, 0, 4, "INSTANCE32"},
    [0x0C] = {FORM_SKIP, 8, 0, 4, "other"}, /* TIMED, ERROR, WNODE and an unnamed one: no writer is known today */
    [0x0D] = {FORM_SKIP, 8, 0, 4, "other"},
    [0x0E] = {FORM_SKIP, 8, 0, 4, "other"},
    [0x0F] = {FORM_SKIP, 8, 0, 4, "other"},
    [ETL_PERFINFO32] = {FORM_PERFINFO, 16, 4, 4, "PERFINFO32"},
    [ETL_PERFINFO64] = {FORM_PERFINFO, 16, 4, 8, "PERFINFO64"},
    [ETL_EVENT32] = {FORM_EVENT, 80, 0, 4, "EVENT32"},
    [ETL_EVENT64] = {FORM_EVENT, 80, 0, 8, "EVENT64"},
    [ETL_FULL64] = {FORM_FULL, 48, 0, 8, "FULL64"},
    [ETL_INSTANCE64] = {FORM_FULL, 72, 0, 8, "INSTANCE64"},
};

#define TYPE_COUNT (sizeof types / sizeof types[0])

/* Bits of a PERFINFO version that say what stands between header and payload. */
#define PERFINFO_PEBS_INDEX     0x8000u
#define PERFINFO_COUNTERS(v)    ((v) >> 8 & 7u)
#define PERFINFO_MORE           (PERFINFO_PEBS_INDEX | 0x0700u)
#define EVENT_FLAG_EXTENDED     0x0001u
#define EVENT_EXTENDED_HAS_MORE 0x0001u
#define EXTENDED_ITEM_HEADER    8u

#define KERNEL_MARKER(type)           (0xC0000000u | (uint32_t)(type) << 16)
#define SYSTEM(type, header, pointer) [type] = {0xF0FF0000u, KERNEL_MARKER(type), 0, header, type, pointer, 16}
#define PERFINFO(type, pointer)                                                                                        \
    [(type)] = {0xF0FF0000u | PERFINFO_MORE, KERNEL_MARKER(type), UINT64_MAX, 16, type, pointer, 8}
#define NO_FORM                                                                                                        \
    {                                                                                                                  \
        .head = 1                                                                                                      \
    }

/* clang-format off */
const struct etl_kernel_form etl_kernel_forms[ETL_KERNEL_FORMS] = {
    [0x00] = NO_FORM,
    SYSTEM(ETL_SYSTEM32, 32, 4),
    SYSTEM(ETL_SYSTEM64, 32, 8),
    SYSTEM(ETL_COMPACT32, 24, 4),
    SYSTEM(ETL_COMPACT64, 24, 8),
    [0x05] = NO_FORM, [0x06] = NO_FORM, [0x07] = NO_FORM, [0x08] = NO_FORM, [0x09] = NO_FORM, [0x0A] = NO_FORM,
    [0x0B] = NO_FORM, [0x0C] = NO_FORM, [0x0D] = NO_FORM, [0x0E] = NO_FORM, [0x0F] = NO_FORM,
    PERFINFO(ETL_PERFINFO32, 4),
    PERFINFO(ETL_PERFINFO64, 8),
    [0x12] = NO_FORM, [0x13] = NO_FORM, [0x14] = NO_FORM, [0x15] = NO_FORM, [0x16] = NO_FORM, [0x17] = NO_FORM,
    [0x18] = NO_FORM, [0x19] = NO_FORM, [0x1A] = NO_FORM, [0x1B] = NO_FORM, [0x1C] = NO_FORM, [0x1D] = NO_FORM,
    [0x1E] = NO_FORM, [0x1F] = NO_FORM,
};
/* clang-format on */

const char *etl_header_type_name(unsigned header_type)
{
    return header_type < TYPE_COUNT && types[header_type].name ? types[header_type].name : "other";
}

static void read_system(const uint8_t *p, size_t header, size_t size, struct etl_record *r)
{
    r->kind = ETL_KERNEL;
    r->version = le16(p) & 0xFF;
    r->opcode = p[6];
    r->hook = (uint16_t)(p[7] << 8 | p[6]);
    r->tid = le32(p + 8);
    r->pid = le32(p + 12);
    r->time = (int64_t)le64(p + 16);
    r->payload = p + header;
    r->payload_size = (uint32_t)(size - header);
}

static bool read_perfinfo(const uint8_t *p, size_t header, size_t size, struct etl_record *r)
{
    unsigned version = le16(p);
    header += 8 * (size_t)PERFINFO_COUNTERS(version) + (version & PERFINFO_PEBS_INDEX ? 8 : 0);
    if (size < header)
        return false;
    r->kind = ETL_KERNEL;
    r->version = version & 0xFF;
    r->opcode = p[6];
    r->hook = (uint16_t)(p[7] << 8 | p[6]);
    r->tid = ETL_UNKNOWN_ID;
    r->pid = ETL_UNKNOWN_ID;
    r->time = (int64_t)le64(p + 8);
    r->payload = p + header;
    r->payload_size = (uint32_t)(size - header);
    return true;
}

/* FULL has level and version where INSTANCE has them too; INSTANCE goes on with instance ids. */
static void read_full(const uint8_t *p, size_t header, size_t size, struct etl_record *r)
{
    r->kind = ETL_CLASSIC;
    r->opcode = p[4];
    r->version = le16(p + 6);
    r->tid = le32(p + 8);
    r->pid = le32(p + 12);
    r->time = (int64_t)le64(p + 16);
    r->provider = p + 24;
    r->payload = p + header;
    r->payload_size = (uint32_t)(size - header);
}

/* The bytes that the chain of extended items takes; false when an item does not fit into `room`. */
static bool extended_size(const uint8_t *p, size_t room, size_t *size)
{
    size_t at = 0;
    for (;;) {
        if (room - at < EXTENDED_ITEM_HEADER)
            return false;
        size_t item = le16(p + at);
        if (item < EXTENDED_ITEM_HEADER || item > room - at || le16(p + at + 6) > item - EXTENDED_ITEM_HEADER)
            return false;
        bool more = le16(p + at + 4) & EVENT_EXTENDED_HAS_MORE;
        at += item;
        if (!more)
            break;
    }
    *size = at;
    return true;
}

static void read_event(const uint8_t *p, size_t header, size_t size, struct etl_record *r)
{
    r->kind = ETL_EVENT;
    r->tid = le32(p + 8);
    r->pid = le32(p + 12);
    r->time = (int64_t)le64(p + 16);
    r->provider = p + 24;
    r->id = le16(p + 40);
    r->version = p[42];
    r->opcode = p[45];
    size_t extended = 0;
    if (le16(p + 4) & EVENT_FLAG_EXTENDED) {
        if (extended_size(p + header, size - header, &extended)) {
            r->extended = p + header;
            r->extended_size = (uint32_t)extended;
        } else {
            r->malformed = true;
            extended = size - header;
        }
    }
    r->payload = p + header + extended;
    r->payload_size = (uint32_t)(size - header - extended);
}

static size_t step_of(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

enum etl_read etl_record_read(const uint8_t *p, size_t left, struct etl_record *out, size_t *step)
{
    if (left < 8)
        return ETL_READ_BAD;
    uint32_t marker = le32(p);
    unsigned type = marker >> 16 & 0xFF;
    if (marker >> 28 != 0xC) {
        /* 9: a WPP message; B: the oldest header with a 32-bit time. Both begin with their size. */
        size_t size = le16(p);
        if ((marker >> 28 != 0x9 && marker >> 28 != 0xB) || size < 8 || size > left)
            return ETL_READ_BAD;
        *step = step_of(size);
        return ETL_READ_SKIP;
    }
    if (type >= TYPE_COUNT || types[type].form == FORM_NONE)
        return ETL_READ_BAD;
    const struct type_row *row = &types[type];
    size_t size = le16(p + row->size_at);
    if (size < row->header || size > left)
        return ETL_READ_BAD;
    *step = step_of(size);
    if (row->form == FORM_SKIP)
        return ETL_READ_SKIP;
    out->header_type = (uint8_t)type;
    out->pointer_size = row->pointer;
    out->bytes = p;
    out->size = (uint32_t)size;
    out->malformed = false;
    out->hook = 0;
    out->id = 0;
    out->provider = NULL;
    out->extended = NULL;
    out->extended_size = 0;
    if (row->form == FORM_SYSTEM)
        read_system(p, row->header, size, out);
    else if (row->form == FORM_FULL)
        read_full(p, row->header, size, out);
    else if (row->form == FORM_EVENT)
        read_event(p, row->header, size, out);
    else if (!read_perfinfo(p, row->header, size, out))
        return ETL_READ_BAD;
    return ETL_READ_OK;
}
