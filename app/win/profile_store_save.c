/* Writes the user's own profiles: beside the place first, read back, then renamed into it. */
#include "win/profile_store.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/profile/wprp_write.h"
#include "win/xml_win.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXTENSION   ".wprp"
#define MOST_COPIES 1000 /* of one name in a folder */

bool profile_store_has_name(const struct profile_entry *entries, size_t count, const char *name, const char *path)
{
    for (size_t i = 0; i < count; i++)
        if ((!path || text_casecmp(entries[i].path, path) != 0) && text_casecmp(entries[i].name, name) == 0)
            return true;
    return false;
}

/* Names that the system keeps for devices, whatever follows their first dot. */
static bool reserved(const char *name)
{
    static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "COM?", "LPT?", "CONIN$", "CONOUT$"};
    char stem[16];
    size_t n = strcspn(name, ".");
    if (n >= sizeof stem)
        return false;
    memcpy(stem, name, n);
    stem[n] = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_match(names[i], stem))
            return true;
    return false;
}

void profile_store_file_name(const char *name, char out[PROFILE_NAME_MAX + 8])
{
    char plain[PROFILE_NAME_MAX];
    size_t n = 0;
    for (; *name && n + 1 < sizeof plain; name++)
        if ((unsigned char)*name >= ' ' && *name != 0x7F && !strchr("<>:\"/\\|?*", *name) && (n || *name != ' '))
            plain[n++] = *name;
    while (n && (plain[n - 1] == ' ' || plain[n - 1] == '.'))
        n--;
    plain[n] = 0;
    snprintf(out, PROFILE_NAME_MAX + 8, "%s%s" EXTENSION, !n || reserved(plain) ? "_" : "", plain);
}

static bool refuse_shipped(const char *path, struct err *err)
{
    char dir[PROFILE_STORE_PATH];
    char start[PROFILE_STORE_PATH];
    struct err why = {.code = ERR_NONE};
    if (!profile_store_shipped_dir(dir, &why))
        return true; /* then nothing can be in it */
    size_t n = strlen(dir);
    text_put(start, n + 1 < sizeof start ? n + 1 : sizeof start, path);
    if (text_casecmp(start, dir) != 0 || (path[n] != '\\' && path[n] != '/'))
        return true;
    err_set(err, ERR_ACCESS, "Changing a profile that came with the program");
    return err_remedy(err, "Save it under another name.");
}

/* A file of its own beside `path`; a crash leaves it, and it is never listed. */
static bool write_beside(const char *path, const void *data, size_t n, char beside[PROFILE_STORE_PATH], struct err *err)
{
    struct file *f = NULL;
    struct err gone = {.code = ERR_NONE};
    int length = snprintf(beside, PROFILE_STORE_PATH, "%s.new", path);
    if (length < 0 || length >= PROFILE_STORE_PATH)
        return err_set(err, ERR_RANGE, "Writing the profile to a path of that length");
    file_delete(beside, &gone);
    if (!file_open(beside, FILE_TO_CREATE, &f, err))
        return false;
    bool ok = file_write_at(f, 0, data, n, err) && file_sync(f, err);
    file_close(f);
    if (!ok)
        file_delete(beside, &gone);
    return ok;
}

/* Of two texts that were made by wprp_write. */
static bool same_profile(const struct profile *a, const struct text *b)
{
    struct text again = {0};
    struct err ignored = {.code = ERR_NONE};
    bool same = wprp_write(a, &again, &ignored) && strcmp(text_str(&again), text_str(b)) == 0;
    text_free(&again);
    return same;
}

static bool read_back(const char *path, const struct text *written, struct err *err)
{
    struct profile p;
    if (!wprp_load(path, &p, err))
        return false;
    return same_profile(&p, written) || err_set(err, ERR_MISMATCH, "Reading back the profile that was written");
}

static bool save(const char *path, const struct profile *p, bool replace, struct err *err)
{
    char beside[PROFILE_STORE_PATH];
    struct text xml = {0};
    struct err gone = {.code = ERR_NONE};
    bool ok = wprp_write(p, &xml, err) && write_beside(path, text_str(&xml), xml.len, beside, err);
    if (ok && !(read_back(beside, &xml, err) && file_rename(beside, path, replace, err))) {
        file_delete(beside, &gone);
        ok = false;
    }
    text_free(&xml);
    return ok;
}

bool profile_store_save(const char *path, const struct profile *p, struct err *err)
{
    return refuse_shipped(path, err) && save(path, p, true, err);
}

/* "dir\Event.wprp", then "dir\Event (2).wprp"... */
static bool copy_name(const char *dir, const char *file, unsigned number, char path[PROFILE_STORE_PATH])
{
    size_t stem = strlen(file) - strlen(EXTENSION);
    int n = number < 2 ? snprintf(path, PROFILE_STORE_PATH, "%s\\%s", dir, file)
                       : snprintf(path, PROFILE_STORE_PATH, "%s\\%.*s (%u)" EXTENSION, dir, (int)stem, file, number);
    return n > 0 && n < PROFILE_STORE_PATH;
}

/* Tries names until one is free; `put` fails with ERR_EXISTS where one is not. */
static bool put_new(const char *dir, const char *file, bool (*put)(const void *what, const char *path, struct err *err),
                    const void *what, char path[PROFILE_STORE_PATH], struct err *err)
{
    struct err why = {.code = ERR_NONE};
    char place[PROFILE_STORE_PATH];
    if (!file_make_dir(dir, err))
        return false;
    for (unsigned i = 1; i <= MOST_COPIES; i++) {
        why = (struct err){.code = ERR_NONE};
        if (!copy_name(dir, file, i, place))
            return err_set(err, ERR_RANGE, "Writing the profile to a path of that length");
        if (put(what, place, &why)) {
            memcpy(path, place, sizeof place);
            return true;
        }
        if (why.code != ERR_EXISTS)
            break;
    }
    if (err && err->code == ERR_NONE)
        *err = why;
    return false;
}

static bool put_profile(const void *what, const char *path, struct err *err)
{
    return save(path, what, false, err);
}

bool profile_store_save_new_in(const char *dir, const struct profile *p, char path[PROFILE_STORE_PATH], struct err *err)
{
    char file[PROFILE_NAME_MAX + 8];
    profile_store_file_name(p->name, file);
    return put_new(dir, file, put_profile, p, path, err);
}

bool profile_store_save_new(const struct profile *p, char path[PROFILE_STORE_PATH], struct err *err)
{
    char dir[PROFILE_STORE_PATH];
    return profile_store_user_dir(dir, err) && profile_store_save_new_in(dir, p, path, err);
}

struct bytes {
    unsigned char *data;
    size_t n;
};

static bool put_bytes(const void *what, const char *path, struct err *err)
{
    const struct bytes *b = what;
    char beside[PROFILE_STORE_PATH];
    struct profile copied;
    struct err gone = {.code = ERR_NONE};
    if (!write_beside(path, b->data, b->n, beside, err))
        return false;
    /* Read once more: the file may have changed since its name was read. */
    if (wprp_load(beside, &copied, err) && file_rename(beside, path, false, err))
        return true;
    file_delete(beside, &gone);
    return false;
}

static bool read_all(const char *path, struct bytes *out, struct err *err)
{
    struct file *f = NULL;
    uint64_t size = 0;
    if (!file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_size(f, &size, err) &&
              (size <= WPRP_MAX_BYTES || err_set(err, ERR_RANGE, "Importing a file of more than 4 MB"));
    out->data = ok ? malloc((size_t)size + 1) : NULL;
    if (ok && !out->data)
        ok = err_set(err, ERR_NO_MEMORY, "Importing the profile");
    ok = ok && file_read_at(f, 0, out->data, (size_t)size, &out->n, err);
    file_close(f);
    return ok;
}

bool profile_store_import_to(const char *dir, const char *from, struct profile *out, char path[PROFILE_STORE_PATH],
                             struct err *err)
{
    struct profile p;
    struct bytes b = {.n = 0};
    char file[PROFILE_NAME_MAX + 8];
    if (!wprp_load(from, &p, err))
        return false;
    profile_store_file_name(p.name, file);
    bool ok = read_all(from, &b, err) && put_new(dir, file, put_bytes, &b, path, err);
    free(b.data);
    if (ok)
        *out = p;
    return ok;
}

bool profile_store_import(const char *from, struct profile *out, char path[PROFILE_STORE_PATH], struct err *err)
{
    char dir[PROFILE_STORE_PATH];
    return profile_store_user_dir(dir, err) && profile_store_import_to(dir, from, out, path, err);
}

bool profile_store_delete(const char *path, struct err *err)
{
    return refuse_shipped(path, err) && file_delete(path, err);
}
