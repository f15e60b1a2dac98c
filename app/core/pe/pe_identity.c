/* The few fields of a PE file's headers that name its build. */
#include "core/pe/pe_identity.h"

#include "core/base/file.h"

#include <string.h>

#define DOS_SIZE       64u
#define NT_SIZE        (4u + 20u + 240u) /* signature, file header, the largest optional header */
#define SECTION_SIZE   40u
#define SECTIONS_MAX   96u /* as many as Windows loads */
#define DEBUG_SIZE     28u
#define DEBUG_MAX      32u
#define DEBUG_CODEVIEW 2u
#define DEBUG_MISC     4u
#define RSDS_SIZE      24u

static uint32_t u16_at(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t u32_at(const uint8_t *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

/* Headers as read; `used` bytes of `nt` are the file's. */
struct headers {
    uint8_t nt[NT_SIZE];
    uint8_t sections[SECTIONS_MAX * SECTION_SIZE];
    uint32_t section_count;
    uint32_t debug_rva;
    uint32_t debug_size;
};

static bool read_whole(struct file *f, uint64_t at, void *to, size_t size, const char *path, struct err *err)
{
    size_t got = 0;
    if (!file_read_at(f, at, to, size, &got, err))
        return false;
    return got == size || err_set(err, ERR_TRUNCATED, "Reading the headers of %s", path);
}

static bool read_headers(struct file *f, const char *path, struct headers *h, struct err *err)
{
    uint8_t dos[DOS_SIZE] = {0};
    size_t got = 0;
    if (!read_whole(f, 0, dos, sizeof dos, path, err))
        return false;
    uint32_t at = u32_at(dos + 0x3C);
    if (dos[0] != 'M' || dos[1] != 'Z')
        return err_set(err, ERR_FORMAT, "Reading the headers of %s", path);
    memset(h, 0, sizeof *h);
    if (!file_read_at(f, at, h->nt, sizeof h->nt, &got, err))
        return false;
    uint32_t optional = got >= 24 ? u16_at(h->nt + 20) : 0;
    uint32_t magic = got >= 26 ? u16_at(h->nt + 24) : 0;
    if (memcmp(h->nt, "PE\0\0", 4) != 0 || (magic != 0x10B && magic != 0x20B))
        return err_set(err, ERR_FORMAT, "Reading the headers of %s", path);
    uint32_t directories = magic == 0x10B ? 96 : 112;
    if (optional < directories || got < 24 + (size_t)directories)
        return err_set(err, ERR_TRUNCATED, "Reading the headers of %s", path);
    uint32_t debug = 24 + directories + 6 * 8;
    if (u32_at(h->nt + 24 + directories - 4) > 6 && 24 + optional >= debug + 8 && got >= debug + 8) {
        h->debug_rva = u32_at(h->nt + debug);
        h->debug_size = u32_at(h->nt + debug + 4);
    }
    h->section_count = u16_at(h->nt + 6);
    if (h->section_count > SECTIONS_MAX)
        return err_set(err, ERR_FORMAT, "Reading the headers of %s", path);
    return read_whole(f, (uint64_t)at + 24 + optional, h->sections, (size_t)h->section_count * SECTION_SIZE, path, err);
}

static bool file_offset(const struct headers *h, uint32_t rva, uint64_t *offset)
{
    for (uint32_t i = 0; i < h->section_count; i++) {
        const uint8_t *s = h->sections + (size_t)i * SECTION_SIZE;
        uint32_t start = u32_at(s + 12);
        uint32_t raw_size = u32_at(s + 16);
        if (rva >= start && rva - start < raw_size) {
            *offset = (uint64_t)u32_at(s + 20) + (rva - start);
            return true;
        }
    }
    return false;
}

/* "RSDS", the GUID, the age, the path with its NUL. */
static void read_codeview(struct file *f, uint64_t at, uint32_t size, struct pe_identity *out)
{
    uint8_t record[RSDS_SIZE + PE_PDB_MAX] = {0};
    size_t got = 0;
    size_t want = size < sizeof record ? size : sizeof record;
    bool whole = file_read_at(f, at, record, want, &got, NULL) && got == want && want > RSDS_SIZE;
    const uint8_t *end = whole ? memchr(record + RSDS_SIZE, 0, want - RSDS_SIZE) : NULL;
    if (!end || memcmp(record, "RSDS", 4) != 0) {
        out->old_debug = true;
        return;
    }
    memcpy(out->guid, record + 4, 16);
    out->age = u32_at(record + 20);
    memcpy(out->pdb, record + RSDS_SIZE, (size_t)(end - record) - RSDS_SIZE + 1);
    out->identified = true;
}

static void read_debug(struct file *f, const struct headers *h, struct pe_identity *out)
{
    uint64_t at = 0;
    if (!h->debug_size || !file_offset(h, h->debug_rva, &at))
        return;
    uint32_t count = h->debug_size / DEBUG_SIZE;
    for (uint32_t i = 0; i < count && i < DEBUG_MAX; i++) {
        uint8_t entry[DEBUG_SIZE] = {0};
        size_t got = 0;
        if (!file_read_at(f, at + (uint64_t)i * DEBUG_SIZE, entry, sizeof entry, &got, NULL) || got != sizeof entry)
            return;
        uint32_t type = u32_at(entry + 12);
        if (type == DEBUG_CODEVIEW && !out->identified)
            read_codeview(f, u32_at(entry + 24), u32_at(entry + 16), out);
        else if (type == DEBUG_CODEVIEW || type == DEBUG_MISC)
            out->old_debug = true;
    }
}

bool pe_identity_read(const char *path, struct pe_identity *out, struct err *err)
{
    struct file *f = NULL;
    struct headers h = {.section_count = 0};
    if (!file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = read_headers(f, path, &h, err);
    if (ok) {
        *out = (struct pe_identity){
            .timestamp = u32_at(h.nt + 8), .size = u32_at(h.nt + 24 + 56), .checksum = u32_at(h.nt + 24 + 64)};
        read_debug(f, &h, out);
    }
    file_close(f);
    return ok;
}
