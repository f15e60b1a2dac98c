/* Files as core sees them: UTF-8 paths, 64-bit positions. Link seam: posix, win, or a faulty one in tests. */
#ifndef HR_BASE_FILE_H
#define HR_BASE_FILE_H

#include "core/base/err.h"

struct file;

enum file_mode {
    FILE_TO_READ,   /* must exist; others may read, write and delete it meanwhile */
    FILE_TO_CREATE, /* must not exist: ERR_EXISTS */
    FILE_TO_UPDATE, /* must exist; read and write */
    FILE_TO_APPEND, /* made when missing; each write goes to the end, whatever its position, others may write too */
};

bool file_open(const char *path, enum file_mode mode, struct file **out, struct err *err);
void file_close(struct file *f); /* NULL is fine */
bool file_size(struct file *f, uint64_t *size, struct err *err);

/* Reads up to `n` bytes at `pos`; *got is less only at the end of the file. Any thread, one at a time per file. */
bool file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err);
/* Writes all or fails. */
bool file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err);
/* On the disk when it returns. */
bool file_sync(struct file *f, struct err *err);

/* Renames within one volume, at once. ERR_UNSUPPORTED: `to` is on another one; nothing was done. Without `replace` an
 * existing target is ERR_EXISTS and stays untouched; with it, a target that is no plain file is refused. */
bool file_rename(const char *from, const char *to, bool replace, struct err *err);
bool file_delete(const char *path, struct err *err); /* not there: ERR_NOT_FOUND */
bool file_exists(const char *path);
/* Whether both are there and are one file, by whatever names. */
bool file_same(const char *a, const char *b);
bool file_make_dir(const char *path, struct err *err); /* with its parents; there already is fine */
/* Bytes free for this user on the volume that holds `path` (which need not exist yet; its folder must). */
bool file_free_space(const char *path, uint64_t *bytes, struct err *err);

/* Calls `each` for every plain file in `dir` (name only, no path). Stops early when it returns false. */
bool file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx, struct err *err);

#endif
