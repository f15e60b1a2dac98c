/* Headers, one section with a debug directory in it; a multi-stream file with two streams. */
#include "pe_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NT_AT       ((size_t)0x80)
#define SECTION_RVA ((size_t)0x1000)
#define SECTION_AT  ((size_t)0x400)
#define DEBUG_AT    (SECTION_AT + 0x20)
#define RSDS_AT     ((size_t)0x480)

#define DIRECTORIES_SIZE ((size_t)128)
#define DEBUG_ENTRY      ((size_t)48) /* among the directories */

/* Of the file with symbols. */
#define BLOCK     ((size_t)512)
#define MAP       3
#define DIRECTORY 4
#define INFO      5
#define DBI       7
#define BLOCKS    8

static void put(struct peb *b, size_t at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        b->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void put_guid(struct peb *b, size_t at, uint8_t guid)
{
    for (uint8_t i = 0; i < 16; i++)
        b->bytes[at + i] = (uint8_t)(guid + i);
}

static void debug_entry(struct peb *b, size_t at, uint32_t type, uint32_t size)
{
    put(b, at + 12, type, 4);
    put(b, at + 16, size, 4);
    put(b, at + 20, SECTION_RVA + RSDS_AT - SECTION_AT, 4);
    put(b, at + 24, RSDS_AT, 4);
}

void peb_pe(struct peb *b, const struct peb_pe *what)
{
    memset(b, 0, sizeof *b);
    size_t directories = what->narrow ? 96 : 112;
    size_t optional = NT_AT + 24;
    memcpy(b->bytes, "MZ", 2);
    put(b, 0x3C, NT_AT, 4);
    memcpy(b->bytes + NT_AT, "PE", 2);
    put(b, NT_AT + 6, 1, 2); /* sections */
    put(b, NT_AT + 8, what->timestamp, 4);
    put(b, NT_AT + 20, directories + DIRECTORIES_SIZE, 2);
    put(b, optional, what->narrow ? 0x10B : 0x20B, 2);
    put(b, optional + 56, what->image_size, 4);
    put(b, optional + 64, what->checksum, 4);
    put(b, optional + directories - 4, 16, 4);
    size_t section = optional + directories + DIRECTORIES_SIZE;
    memcpy(b->bytes + section, ".rdata", 6);
    put(b, section + 8, 0x1000, 4);
    put(b, section + 12, SECTION_RVA, 4);
    put(b, section + 16, 0x400, 4);
    put(b, section + 20, SECTION_AT, 4);
    b->size = SECTION_AT + 0x400;
    if (!what->pdb)
        return;
    put(b, optional + directories + DEBUG_ENTRY, SECTION_RVA + DEBUG_AT - SECTION_AT, 4);
    put(b, optional + directories + DEBUG_ENTRY + 4, what->old_debug ? 56 : 28, 4);
    debug_entry(b, DEBUG_AT, 2, (uint32_t)(24 + strlen(what->pdb) + 1));
    if (what->old_debug)
        debug_entry(b, DEBUG_AT + 28, 4, 16);
    memcpy(b->bytes + RSDS_AT, "RSDS", 4);
    put_guid(b, RSDS_AT + 4, what->guid);
    put(b, RSDS_AT + 20, what->age, 4);
    memcpy(b->bytes + RSDS_AT + 24, what->pdb, strlen(what->pdb) + 1);
}

void peb_pdb(struct peb *b, uint8_t guid, uint32_t age, uint32_t info_age)
{
    /* Old directory: nothing; 1: info; 2: types, two blocks of it; 3: DBI. */
    static const uint32_t directory[] = {4, 0xFFFFFFFF, 28, 600, 64, INFO, 6, 6, DBI};
    memset(b, 0, sizeof *b);
    memcpy(b->bytes,
           "Microsoft C/C++ MSF 7.00\r\n\x1A"
           "DS",
           29);
    put(b, 32, BLOCK, 4);
    put(b, 36, 1, 4);
    put(b, 40, BLOCKS, 4);
    put(b, 44, sizeof directory, 4);
    put(b, 52, MAP, 4);
    put(b, MAP * BLOCK, DIRECTORY, 4);
    for (size_t i = 0; i < sizeof directory / sizeof directory[0]; i++)
        put(b, DIRECTORY * BLOCK + 4 * i, directory[i], 4);
    put(b, INFO * BLOCK, 20000404, 4);
    put(b, INFO * BLOCK + 8, info_age, 4);
    put_guid(b, INFO * BLOCK + 12, guid);
    put(b, DBI * BLOCK, 0xFFFFFFFF, 4);
    put(b, DBI * BLOCK + 4, 19990903, 4);
    put(b, DBI * BLOCK + 8, age, 4);
    b->size = BLOCKS * BLOCK;
}

void peb_save(const struct peb *b, size_t size, const char *path)
{
    FILE *f = fopen(path, "wb");
    size_t n = size < b->size ? size : b->size;
    if (!f || fwrite(b->bytes, 1, n, f) != n || fclose(f) != 0) {
        printf("cannot write %s\n", path);
        exit(1);
    }
}
