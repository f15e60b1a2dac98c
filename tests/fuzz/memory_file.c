/* The part of file.h that reading and merging need, over memory. */
#include "fuzz/memory_file.h"

#include <stdlib.h>
#include <string.h>

#define FILES_MAX 8

struct file {
    char name[64]; /* empty: nobody's */
    uint8_t *bytes;
    size_t size;
};

static struct file any;
static bool has_any;
static struct file files[FILES_MAX];

static void forget(struct file *f)
{
    free(f->bytes);
    memset(f, 0, sizeof *f);
}

static struct file *find(const char *path)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (files[i].name[0] && !strcmp(files[i].name, path))
            return &files[i];
    return NULL;
}

static struct file *make(const char *path)
{
    for (int i = 0; i < FILES_MAX; i++)
        if (!files[i].name[0]) {
            strncpy(files[i].name, path, sizeof files[i].name - 1);
            return &files[i];
        }
    abort();
}

static void fill(struct file *f, const uint8_t *bytes, size_t size)
{
    f->bytes = malloc(size ? size : 1);
    if (!f->bytes)
        abort();
    if (size)
        memcpy(f->bytes, bytes, size);
    f->size = size;
}

void memory_file_set(const uint8_t *bytes, size_t size)
{
    for (int i = 0; i < FILES_MAX; i++)
        forget(&files[i]);
    forget(&any);
    has_any = bytes != NULL;
    if (has_any)
        fill(&any, bytes, size);
}

void memory_file_put(const char *path, const uint8_t *bytes, size_t size)
{
    fill(make(path), bytes, size);
}

unsigned memory_file_count(void)
{
    unsigned n = 0;
    for (int i = 0; i < FILES_MAX; i++)
        n += files[i].name[0] != 0;
    return n;
}

size_t memory_file_size(const char *path)
{
    const struct file *f = find(path);
    return f ? f->size : 0;
}

bool file_open(const char *path, enum file_mode mode, struct file **out, struct err *err)
{
    struct file *f = find(path);
    if (mode == FILE_TO_CREATE) {
        if (f)
            return err_set(err, ERR_EXISTS, "Creating %s", path);
        f = make(path);
    }
    f = f || !has_any ? f : &any;
    if (!f)
        return err_set(err, ERR_NOT_FOUND, "Opening %s", path);
    *out = f;
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

bool file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err)
{
    if (pos + n > f->size) {
        uint8_t *bytes = realloc(f->bytes, (size_t)pos + n);
        if (!bytes)
            return err_set(err, ERR_NO_MEMORY, "Writing");
        memset(bytes + f->size, 0, (size_t)pos + n - f->size);
        f->bytes = bytes;
        f->size = (size_t)pos + n;
    }
    memcpy(f->bytes + pos, buf, n);
    return true;
}

bool file_sync(struct file *f, struct err *err)
{
    (void)f;
    (void)err;
    return true;
}

bool file_rename(const char *from, const char *to, bool replace, struct err *err)
{
    struct file *f = find(from);
    struct file *old = find(to);
    if (!f || (old && !replace))
        return err_set(err, f ? ERR_EXISTS : ERR_NOT_FOUND, "Renaming %s", from);
    if (old)
        forget(old);
    memset(f->name, 0, sizeof f->name);
    strncpy(f->name, to, sizeof f->name - 1);
    return true;
}

bool file_delete(const char *path, struct err *err)
{
    struct file *f = find(path);
    if (!f)
        return err_set(err, ERR_NOT_FOUND, "Deleting %s", path);
    forget(f);
    return true;
}

bool file_exists(const char *path)
{
    return find(path) != NULL;
}

void err_os_text(enum err_kind kind, uint32_t os, char *out, size_t size)
{
    (void)kind;
    (void)os;
    if (size)
        out[0] = 0;
}
