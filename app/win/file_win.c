/* file.h over Win32. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "win/win.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct file {
    HANDLE handle;
};

/* Paths longer than MAX_PATH: the \\?\ form of the full path. NULL: out of memory or no such path form. */
static WCHAR *os_path(const char *path, struct err *err)
{
    WCHAR *wide = utf16_from_utf8(path);
    if (!wide) {
        err_set(err, ERR_NO_MEMORY, "Converting the path %s", path);
        return NULL;
    }
    if (wcslen(wide) < MAX_PATH - 12 || wcsncmp(wide, L"\\\\?\\", 4) == 0)
        return wide;
    DWORD need = GetFullPathNameW(wide, 0, NULL, NULL);
    WCHAR *full = malloc(((size_t)need + 8) * sizeof *full);
    if (!full) {
        free(wide);
        err_set(err, ERR_NO_MEMORY, "Converting the path %s", path);
        return NULL;
    }
    WCHAR *tail = full + 8;
    DWORD n = GetFullPathNameW(wide, need, tail, NULL);
    free(wide);
    if (!n || n >= need) {
        win_fail(err, "Converting the path", path);
        free(full);
        return NULL;
    }
    bool unc = tail[0] == L'\\' && tail[1] == L'\\';
    const WCHAR *prefix = unc ? L"\\\\?\\UNC" : L"\\\\?\\";
    size_t plen = wcslen(prefix);
    const WCHAR *rest = unc ? tail + 1 : tail;
    wmemmove(full + plen, rest, wcslen(rest) + 1);
    memcpy(full, prefix, plen * sizeof *full); /* its NUL is not wanted: the rest follows */
    return full;
}

bool file_open(const char *path, enum file_mode mode, struct file **out, struct err *err)
{
    static const struct {
        DWORD access;
        DWORD share;
        DWORD disposition;
        const char *doing;
    } modes[] = {
        [FILE_TO_READ] = {GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, OPEN_EXISTING,
                          "Opening"},
        [FILE_TO_CREATE] = {GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, CREATE_NEW, "Creating"},
        [FILE_TO_UPDATE] = {GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, OPEN_EXISTING, "Opening for writing"},
        /* The right to append alone: the system then puts each write at the end, whoever else writes. */
        [FILE_TO_APPEND] = {FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE, OPEN_ALWAYS,
                            "Opening for writing"},
    };
    WCHAR *wide = os_path(path, err);
    if (!wide)
        return false;
    HANDLE h = CreateFileW(wide, modes[mode].access, modes[mode].share, NULL, modes[mode].disposition,
                           FILE_ATTRIBUTE_NORMAL, NULL);
    if (h == INVALID_HANDLE_VALUE) {
        win_fail(err, modes[mode].doing, path);
        free(wide);
        return false;
    }
    free(wide);
    struct file *f = malloc(sizeof *f);
    if (!f) {
        CloseHandle(h);
        return err_set(err, ERR_NO_MEMORY, "%s %s", modes[mode].doing, path);
    }
    f->handle = h;
    *out = f;
    return true;
}

void file_close(struct file *f)
{
    if (!f)
        return;
    CloseHandle(f->handle);
    free(f);
}

bool file_size(struct file *f, uint64_t *size, struct err *err)
{
    LARGE_INTEGER n;
    if (!GetFileSizeEx(f->handle, &n))
        return win_fail(err, "Asking for the size of", "a file");
    *size = (uint64_t)n.QuadPart;
    return true;
}

/* One request of the system takes a DWORD; larger buffers go in pieces of this size. */
#define PIECE (64u << 20)

bool file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err)
{
    size_t done = 0;
    while (done < n) {
        uint64_t at = pos + done;
        OVERLAPPED o = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
        DWORD want = n - done < PIECE ? (DWORD)(n - done) : PIECE;
        DWORD r = 0;
        if (!ReadFile(f->handle, (char *)buf + done, want, &r, &o) && GetLastError() != ERROR_HANDLE_EOF)
            return win_fail(err, "Reading", "a file");
        if (r == 0)
            break;
        done += r;
    }
    *got = done;
    return true;
}

bool file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err)
{
    size_t done = 0;
    while (done < n) {
        uint64_t at = pos + done;
        OVERLAPPED o = {.Offset = (DWORD)at, .OffsetHigh = (DWORD)(at >> 32)};
        DWORD want = n - done < PIECE ? (DWORD)(n - done) : PIECE;
        DWORD r = 0;
        if (!WriteFile(f->handle, (const char *)buf + done, want, &r, &o) || r == 0)
            return win_fail(err, "Writing", "a file");
        done += r;
    }
    return true;
}

bool file_sync(struct file *f, struct err *err)
{
    return FlushFileBuffers(f->handle) || win_fail(err, "Writing to disk", "a file");
}

/* A moved file keeps the access list of the folder it came from: in a shared folder nobody else could read it. It gets
 * what a file made there would have. On a volume without access lists there is nothing to do, and whoever may not
 * change them still has the file: neither is a failure. */
static void inherit_access(WCHAR *path)
{
    ACL none;
    if (InitializeAcl(&none, sizeof none, ACL_REVISION))
        SetNamedSecurityInfoW(path, SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION,
                              NULL, NULL, &none, NULL);
}

bool file_rename(const char *from, const char *to, bool replace, struct err *err)
{
    WCHAR *wide_from = os_path(from, err);
    WCHAR *wide_to = wide_from ? os_path(to, err) : NULL;
    bool ok = false;
    DWORD flags = MOVEFILE_WRITE_THROUGH | (replace ? MOVEFILE_REPLACE_EXISTING : 0);
    if (wide_to)
        ok = MoveFileExW(wide_from, wide_to, flags) || win_fail(err, "Moving a file to", to);
    if (ok)
        inherit_access(wide_to);
    free(wide_from);
    free(wide_to);
    return ok;
}

bool file_delete(const char *path, struct err *err)
{
    WCHAR *wide = os_path(path, err);
    bool ok = wide && (DeleteFileW(wide) || win_fail(err, "Deleting", path));
    free(wide);
    return ok;
}

bool file_exists(const char *path)
{
    WCHAR *wide = os_path(path, NULL);
    bool there = wide && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
    free(wide);
    return there;
}

static bool identity(const char *path, BY_HANDLE_FILE_INFORMATION *out)
{
    WCHAR *wide = os_path(path, NULL);
    HANDLE h = wide ? CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                                  FILE_FLAG_BACKUP_SEMANTICS, NULL)
                    : INVALID_HANDLE_VALUE;
    bool ok = h != INVALID_HANDLE_VALUE && GetFileInformationByHandle(h, out);
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    free(wide);
    return ok;
}

bool file_same(const char *a, const char *b)
{
    BY_HANDLE_FILE_INFORMATION x;
    BY_HANDLE_FILE_INFORMATION y;
    return identity(a, &x) && identity(b, &y) && x.dwVolumeSerialNumber == y.dwVolumeSerialNumber &&
           x.nFileIndexHigh == y.nFileIndexHigh && x.nFileIndexLow == y.nFileIndexLow;
}

static bool make_one(const WCHAR *dir)
{
    if (CreateDirectoryW(dir, NULL))
        return true;
    DWORD error = GetLastError();
    DWORD attributes = GetFileAttributesW(dir);
    SetLastError(error);
    /* Roots and shares answer "access denied" although they are there. */
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

bool file_make_dir(const char *path, struct err *err)
{
    WCHAR *wide = os_path(path, err);
    if (!wide)
        return false;
    bool ok = make_one(wide);
    if (!ok && GetLastError() == ERROR_PATH_NOT_FOUND) {
        for (WCHAR *p = wide + 1; *p; p++) {
            if (*p != L'\\' && *p != L'/')
                continue;
            WCHAR separator = *p;
            *p = 0;
            make_one(wide); /* a prefix such as \\server may fail; the last step decides */
            *p = separator;
        }
        ok = make_one(wide);
    }
    if (!ok)
        win_fail(err, "Creating the folder", path);
    free(wide);
    return ok;
}

bool file_free_space(const char *path, uint64_t *bytes, struct err *err)
{
    WCHAR *wide = os_path(path, err);
    if (!wide)
        return false;
    WCHAR *cut = wcsrchr(wide, L'\\');
    WCHAR *slash = wcsrchr(wide, L'/');
    if (slash > cut)
        cut = slash;
    if (cut)
        cut[1] = 0;
    ULARGE_INTEGER free_bytes;
    bool ok = GetDiskFreeSpaceExW(cut ? wide : NULL, &free_bytes, NULL, NULL) ||
              win_fail(err, "Asking for the free space of", path);
    free(wide);
    if (ok)
        *bytes = free_bytes.QuadPart;
    return ok;
}

bool file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx, struct err *err)
{
    struct text pattern = {0};
    text_addf(&pattern, "%s\\*", dir);
    WCHAR *wide = pattern.failed ? NULL : os_path(pattern.s, err);
    text_free(&pattern);
    if (!wide)
        return err_set(err, ERR_NO_MEMORY, "Listing %s", dir);
    WIN32_FIND_DATAW data;
    HANDLE find = FindFirstFileW(wide, &data);
    free(wide);
    if (find == INVALID_HANDLE_VALUE)
        return win_fail(err, "Listing", dir);
    bool more = true;
    bool ok = true;
    while (more) {
        if (!(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)) {
            char *name = utf16_to_utf8(data.cFileName);
            more = name && each(ctx, name, (uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow);
            free(name);
        }
        if (!more)
            break;
        more = FindNextFileW(find, &data);
        /* A folder that went away half read, a share that is gone: not the end of the list. */
        ok = more || GetLastError() == ERROR_NO_MORE_FILES || win_fail(err, "Listing", dir);
    }
    FindClose(find);
    return ok;
}
