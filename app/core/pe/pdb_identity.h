/* Which build a file with symbols belongs to. Trusts no length. Any thread. */
#ifndef HR_PE_PDB_IDENTITY_H
#define HR_PE_PDB_IDENTITY_H

#include "core/base/err.h"

struct pdb_identity {
    uint8_t guid[16]; /* as on disk */
    uint32_t age;     /* as programs linked with it say it */
};

/* ERR_FORMAT: no program database of the present form. */
bool pdb_identity_read(const char *path, struct pdb_identity *out, struct err *err);

#endif
