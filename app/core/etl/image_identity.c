/* Class ImageID, operations Info and DbgID_RSDS. */
#include "core/etl/image_identity.h"

#include <string.h>

enum { OP_INFO = 0, OP_RSDS = 36 };

static uint64_t le(const uint8_t *p, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

bool etl_image_identity(const struct etl_record *r, struct etl_image_identity *out)
{
    /* {b3e675d7-2554-4f18-830b-2762732560de} */
    static const uint8_t class_guid[16] = {0xD7, 0x75, 0xE6, 0xB3, 0x54, 0x25, 0x18, 0x4F,
                                           0x83, 0x0B, 0x27, 0x62, 0x73, 0x25, 0x60, 0xDE};
    if (r->kind != ETL_CLASSIC || memcmp(r->provider, class_guid, sizeof class_guid) != 0)
        return false;
    size_t ps = r->pointer_size;
    const uint8_t *p = r->payload;
    if (r->opcode == OP_INFO && r->payload_size >= 2 * ps + 8) {
        *out = (struct etl_image_identity){
            .base = le(p, ps), .pid = (uint32_t)le(p + 2 * ps, 4), .timestamp = (uint32_t)le(p + 2 * ps + 4, 4)};
        return true;
    }
    if (r->opcode != OP_RSDS || r->payload_size < ps + 24)
        return false;
    struct etl_image_identity e = {.base = le(p, ps), .pid = (uint32_t)le(p + ps, 4), .has_guid = true};
    memcpy(e.guid, p + ps + 4, sizeof e.guid);
    e.age = (uint32_t)le(p + ps + 20, 4);
    const uint8_t *name = p + ps + 24;
    size_t left = r->payload_size - ps - 24;
    const uint8_t *end = left ? memchr(name, 0, left) : NULL;
    e.pdb = (const char *)name;
    e.pdb_size = end ? (size_t)(end - name) : left;
    *out = e;
    return true;
}
