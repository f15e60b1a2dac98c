/* Writes the smallest program files and files with symbols for tests. Includes nothing of the product. */
#ifndef HR_TEST_PE_BUILDER_H
#define HR_TEST_PE_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEB_ROOM 8192

struct peb {
    uint8_t bytes[PEB_ROOM];
    size_t size;
};

struct peb_pe {
    bool narrow; /* 32 bit */
    uint32_t timestamp, image_size, checksum;
    uint8_t guid; /* its first byte; the others count up */
    uint32_t age;
    const char *pdb; /* NULL: no debug directory */
    bool old_debug;  /* an entry of an old kind as well */
};
void peb_pe(struct peb *b, const struct peb_pe *what);

/* `age` as programs say it, `info_age` as the file itself counts. */
void peb_pdb(struct peb *b, uint8_t guid, uint32_t age, uint32_t info_age);

/* `size` bytes of it; ends the test program when that is not possible. */
void peb_save(const struct peb *b, size_t size, const char *path);

#endif
