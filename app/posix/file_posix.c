/* file.h over POSIX. */
#include "core/base/file.h"
#include "core/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct file {
    int fd;
};

static bool fail(struct err *err, const char *doing, const char *path)
{
    return err_set_os(err, ERR_KIND_ERRNO, (uint32_t)errno, "%s %s", doing, path);
}

bool file_open(const char *path, enum file_mode mode, struct file **out, struct err *err)
{
    static const int flags[] = {
        [FILE_TO_READ] = O_RDONLY,
        [FILE_TO_CREATE] = O_RDWR | O_CREAT | O_EXCL,
        [FILE_TO_UPDATE] = O_RDWR,
        [FILE_TO_APPEND] = O_WRONLY | O_CREAT | O_APPEND, /* then pwrite appends, too: Linux */
    };
    static const char *const doing[] = {
        [FILE_TO_READ] = "Opening",
        [FILE_TO_CREATE] = "Creating",
        [FILE_TO_UPDATE] = "Opening for writing",
        [FILE_TO_APPEND] = "Opening for writing",
    };
    int fd = open(path, flags[mode] | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(err, doing[mode], path);
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return err_set(err, ERR_ARGUMENT, "Opening %s, which is a folder", path);
    }
    struct file *f = malloc(sizeof *f);
    if (!f) {
        close(fd);
        return err_set(err, ERR_NO_MEMORY, "Opening %s", path);
    }
    f->fd = fd;
    *out = f;
    return true;
}

void file_close(struct file *f)
{
    if (!f)
        return;
    close(f->fd);
    free(f);
}

bool file_size(struct file *f, uint64_t *size, struct err *err)
{
    struct stat st;
    if (fstat(f->fd, &st) != 0)
        return fail(err, "Asking for the size of", "a file");
    *size = (uint64_t)st.st_size;
    return true;
}

bool file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err)
{
    size_t done = 0;
    while (done < n) {
        ssize_t r = pread(f->fd, (char *)buf + done, n - done, (off_t)(pos + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return fail(err, "Reading", "a file");
        if (r == 0)
            break;
        done += (size_t)r;
    }
    *got = done;
    return true;
}

bool file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err)
{
    size_t done = 0;
    while (done < n) {
        ssize_t r = pwrite(f->fd, (const char *)buf + done, n - done, (off_t)(pos + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return fail(err, "Writing", "a file");
        done += (size_t)r;
    }
    return true;
}

bool file_sync(struct file *f, struct err *err)
{
    return fsync(f->fd) == 0 || fail(err, "Writing to disk", "a file");
}

bool file_rename(const char *from, const char *to, bool replace, struct err *err)
{
    struct stat st;
    if (replace) {
        /* It would take the place of a device, too. */
        if (stat(to, &st) == 0 && !S_ISREG(st.st_mode))
            return err_set(err, ERR_ARGUMENT, "Moving a file to %s, which is no plain file", to);
        if (rename(from, to) == 0)
            return true;
    } else if (link(from, to) == 0) {
        /* link refuses an existing name at once; rename would replace it. */
        return unlink(from) == 0 || fail(err, "Removing", from);
    }
    return fail(err, "Moving a file to", to);
}

bool file_delete(const char *path, struct err *err)
{
    return unlink(path) == 0 || fail(err, "Deleting", path);
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_same(const char *a, const char *b)
{
    struct stat x;
    struct stat y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

bool file_make_dir(const char *path, struct err *err)
{
    char part[4096];
    if (!text_put(part, sizeof part, path))
        return err_set(err, ERR_RANGE, "Creating the folder %s", path);
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail(err, "Creating the folder", part);
        *p = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
        return fail(err, "Creating the folder", part);
    return true;
}

bool file_free_space(const char *path, uint64_t *bytes, struct err *err)
{
    char dir[4096];
    if (!text_put(dir, sizeof dir, path))
        return err_set(err, ERR_RANGE, "Asking for the free space of %s", path);
    char *slash = strrchr(dir, '/');
    if (slash == dir)
        slash[1] = 0;
    else if (slash)
        *slash = 0;
    else
        text_put(dir, sizeof dir, ".");
    struct statvfs vfs;
    if (statvfs(dir, &vfs) != 0)
        return fail(err, "Asking for the free space of", dir);
    *bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    return true;
}

bool file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx, struct err *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return fail(err, "Listing", dir);
    const struct dirent *e;
    while ((e = readdir(d)) != NULL) {
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, 0) != 0 || !S_ISREG(st.st_mode))
            continue;
        if (!each(ctx, e->d_name, (uint64_t)st.st_size))
            break;
    }
    closedir(d);
    return true;
}
