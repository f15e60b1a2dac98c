/* The part of file.h that reading needs, over memory. */
#include "fuzz/memory_file.h"

#include <string.h>

struct file {
    const uint8_t *bytes;
    size_t size;
};

static struct file only;

void memory_file_set(const uint8_t *bytes, size_t size)
{
    only.bytes = bytes;
    only.size = size;
}

bool file_open(const char *path, enum file_mode mode, struct file **out, struct err *err)
{
    (void)path;
    (void)mode;
    (void)err;
    *out = &only;
    return true;
}

void file_close(struct file *f)
{
    (void)f;
}

bool file_size(struct file *f, uint64_t *size, struct err *err)
{
    (void)err;
    *size = f->size;
    return true;
}

bool file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err)
{
    (void)err;
    size_t left = pos < f->size ? f->size - (size_t)pos : 0;
    *got = n < left ? n : left;
    if (*got)
        memcpy(buf, f->bytes + pos, *got);
    return true;
}

void err_os_text(enum err_kind kind, uint32_t os, char *out, size_t size)
{
    (void)kind;
    (void)os;
    if (size)
        out[0] = 0;
}
