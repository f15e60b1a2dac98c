/* What tells builds of a program or library apart, from its file. Trusts no length. Any thread. */
#ifndef HR_PE_PE_IDENTITY_H
#define HR_PE_PE_IDENTITY_H

#include "core/base/err.h"

#define PE_PDB_MAX 1024

struct pe_identity {
    uint32_t timestamp;
    uint32_t size; /* of the image in memory */
    uint32_t checksum;
    uint32_t age;
    uint8_t guid[16];     /* as on disk */
    char pdb[PE_PDB_MAX]; /* path of the file with its symbols as the linker wrote it, often without a folder; "" */
    bool identified;      /* age, guid and pdb are there */
    bool old_debug;       /* it leads to debug information in an older way as well */
};

/* ERR_FORMAT: not a PE file; ERR_TRUNCATED: it ends within its headers. A damaged debug directory is as none. */
bool pe_identity_read(const char *path, struct pe_identity *out, struct err *err);

#endif
