/* The streams of a multi-stream file that say which build it is: 1 has the GUID, 3 the age that the linker wrote into
 * the program. */
#include "core/pe/pdb_identity.h"

#include "core/base/file.h"

#include <string.h>

#define HEAD_SIZE     56u
#define STREAM_INFO   1u
#define STREAM_DBI    3u
#define STREAMS_MAX   65536u
#define STREAM_ABSENT 0xFFFFFFFFu

struct msf {
    struct file *file;
    uint32_t block_size;
    uint32_t map;             /* block that lists the directory's blocks */
    uint32_t directory_bytes; /* u32: streams, the size of each, the blocks of each */
};

static uint32_t u32_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_at(struct file *f, uint64_t at, uint8_t *to, size_t size)
{
    size_t got = 0;
    return file_read_at(f, at, to, size, &got, NULL) && got == size;
}

/* The number at `offset` in the directory; it never lies across two blocks. */
static bool directory_at(const struct msf *m, uint64_t offset, uint32_t *out)
{
    uint8_t bytes[4];
    if (offset + 4 > m->directory_bytes ||
        !read_at(m->file, (uint64_t)m->map * m->block_size + offset / m->block_size * 4, bytes, 4) ||
        !read_at(m->file, (uint64_t)u32_at(bytes) * m->block_size + offset % m->block_size, bytes, 4))
        return false;
    *out = u32_at(bytes);
    return true;
}

/* The first bytes of a stream, which are in its first block. */
static bool stream_start(const struct msf *m, uint32_t stream, uint8_t *to, uint32_t size)
{
    uint32_t streams = 0;
    uint32_t length = 0;
    uint32_t block = 0;
    uint64_t blocks = 0; /* of the streams before */
    if (!directory_at(m, 0, &streams) || streams <= stream || streams > STREAMS_MAX)
        return false;
    for (uint32_t i = 0; i <= stream; i++) {
        if (!directory_at(m, 4 + (uint64_t)i * 4, &length))
            return false;
        if (i < stream && length != STREAM_ABSENT)
            blocks += ((uint64_t)length + m->block_size - 1) / m->block_size;
    }
    return length != STREAM_ABSENT && length >= size && directory_at(m, 4 + ((uint64_t)streams + blocks) * 4, &block) &&
           read_at(m->file, (uint64_t)block * m->block_size, to, size);
}

bool pdb_identity_read(const char *path, struct pdb_identity *out, struct err *err)
{
    static const char magic[32] = "Microsoft C/C++ MSF 7.00\r\n\x1A"
                                  "DS\0\0\0";
    uint8_t head[HEAD_SIZE];
    uint8_t info[28]; /* version, time stamp, age, GUID */
    uint8_t dbi[12];  /* signature, version, age */
    struct msf m = {0};
    if (!file_open(path, FILE_TO_READ, &m.file, err))
        return false;
    bool ok = read_at(m.file, 0, head, sizeof head) && !memcmp(head, magic, sizeof magic);
    if (ok) {
        m.block_size = u32_at(head + 32);
        m.directory_bytes = u32_at(head + 44);
        m.map = u32_at(head + 52);
        ok = m.block_size >= 512 && m.block_size <= 65536 && m.block_size % 512 == 0 &&
             stream_start(&m, STREAM_INFO, info, sizeof info);
    }
    if (ok) {
        memcpy(out->guid, info + 12, sizeof out->guid);
        /* Linking again in place counts both ages, but not always together: the program has this one. */
        out->age = u32_at(stream_start(&m, STREAM_DBI, dbi, sizeof dbi) ? dbi + 8 : info + 8);
    }
    file_close(m.file);
    return ok || err_set(err, ERR_FORMAT, "Reading %s", path);
}
