/* Payloads of the events that tell which build an image is; merging writes them right before the image's own event,
 * with the very same time. Trusts no length. Any thread. */
#ifndef HR_ETL_IMAGE_IDENTITY_H
#define HR_ETL_IMAGE_IDENTITY_H

#include "core/etl/record.h"

/* Of two kinds: those that tell the debug information have a GUID, the others a time stamp. */
struct etl_image_identity {
    uint64_t base;
    uint32_t pid;
    bool has_guid;
    uint8_t guid[16]; /* as on disk */
    uint32_t age;
    const char *pdb; /* UTF-8, not terminated, in the record */
    size_t pdb_size;
    uint32_t timestamp; /* of the PE header */
};
bool etl_image_identity(const struct etl_record *r, struct etl_image_identity *out);

#endif
