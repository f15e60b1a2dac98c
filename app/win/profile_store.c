/* Lists the profiles that ship and the user's own, and finds one by name. */
#include "win/profile_store.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "win/folders.h"
#include "win/win.h"
#include "win/xml_win.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define FIRST_FILE "HandlesAll.wprp"

bool profile_store_shipped_dir(char out[PROFILE_STORE_PATH], struct err *err)
{
    WCHAR exe[PROFILE_STORE_PATH];
    DWORD n = GetModuleFileNameW(NULL, exe, PROFILE_STORE_PATH);
    WCHAR *slash = n && n < PROFILE_STORE_PATH ? wcsrchr(exe, L'\\') : NULL;
    static const WCHAR tail[] = L"\\profiles";
    if (!slash || (size_t)(slash - exe) + sizeof tail / sizeof *tail > PROFILE_STORE_PATH)
        return err_set(err, ERR_RANGE, "Finding the folder of the program's profiles");
    memcpy(slash, tail, sizeof tail);
    char dir[PROFILE_STORE_PATH];
    if (!utf16_put_utf8(dir, sizeof dir, exe))
        return err_set(err, ERR_RANGE, "Finding the folder of the program's profiles");
    memcpy(out, dir, sizeof dir);
    return true;
}

bool profile_store_user_dir(char out[PROFILE_STORE_PATH], struct err *err)
{
    return folders_find(FOLDER_OWN_PROFILES, out, PROFILE_STORE_PATH, err);
}

struct listing {
    struct profile_entry *entries;
    size_t count;
    const char *dir;
    bool shipped;
};

static bool ends_in_wprp(const char *name)
{
    return text_match("*.wprp", name);
}

static bool add_file(void *ctx, const char *name, uint64_t size)
{
    struct listing *l = ctx;
    (void)size;
    if (!ends_in_wprp(name))
        return true;
    if (l->count == PROFILE_STORE_MAX)
        return false;
    struct profile_entry *e = &l->entries[l->count];
    memset(e, 0, sizeof *e);
    char path[PROFILE_STORE_PATH + 300];
    snprintf(path, sizeof path, "%s\\%s", l->dir, name);
    if (!text_put(e->path, sizeof e->path, path))
        return true; /* longer than the file system's own names */
    e->shipped = l->shipped;
    e->readable = wprp_load(e->path, &e->profile, &e->why);
    text_put(e->name, sizeof e->name, e->readable ? e->profile.name : name);
    l->count++;
    return true;
}

static bool add_dir(struct listing *l, const char *dir, bool shipped, struct err *err)
{
    struct err why = {.code = ERR_NONE};
    l->dir = dir;
    l->shipped = shipped;
    if (file_list(dir, add_file, l, &why) || why.code == ERR_NOT_FOUND)
        return true;
    if (err && err->code == ERR_NONE)
        *err = why;
    return false;
}

static const char *file_of(const struct profile_entry *e)
{
    return strrchr(e->path, '\\') + 1;
}

static int order(const void *left, const void *right)
{
    const struct profile_entry *a = left;
    const struct profile_entry *b = right;
    if (a->shipped != b->shipped)
        return a->shipped ? -1 : 1;
    bool a_first = a->shipped && text_casecmp(file_of(a), FIRST_FILE) == 0;
    bool b_first = b->shipped && text_casecmp(file_of(b), FIRST_FILE) == 0;
    if (a_first != b_first)
        return a_first ? -1 : 1;
    int names = text_casecmp(a->name, b->name);
    return names ? names : text_casecmp(a->path, b->path);
}

/* A name that an earlier entry has gets its file's name added; the file's name is the only one in its folder. */
static void tell_apart(struct profile_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        size_t k = 0;
        while (k < i && text_casecmp(entries[k].name, entries[i].name) != 0)
            k++;
        if (k == i)
            continue;
        char longer[PROFILE_NAME_MAX + 300];
        snprintf(longer, sizeof longer, "%.60s (%s)", entries[i].name, file_of(&entries[i]));
        text_put(entries[i].name, sizeof entries[i].name, longer);
    }
}

bool profile_store_list_in(const char *shipped, const char *user, struct profile_entry **out, size_t *count,
                           struct err *err)
{
    struct listing l = {.entries = calloc(PROFILE_STORE_MAX, sizeof *l.entries)};
    if (!l.entries)
        return err_set(err, ERR_NO_MEMORY, "Listing the profiles");
    if (!add_dir(&l, shipped, true, err) || (user && !add_dir(&l, user, false, err))) {
        free(l.entries);
        return false;
    }
    qsort(l.entries, l.count, sizeof *l.entries, order);
    tell_apart(l.entries, l.count);
    *out = l.entries;
    *count = l.count;
    return true;
}

bool profile_store_list(struct profile_entry **out, size_t *count, struct err *err)
{
    char shipped[PROFILE_STORE_PATH];
    char user[PROFILE_STORE_PATH];
    struct err no_user = {.code = ERR_NONE};
    if (!profile_store_shipped_dir(shipped, err))
        return false;
    /* An account without a profile folder still has the shipped ones. */
    bool has_user = profile_store_user_dir(user, &no_user);
    return profile_store_list_in(shipped, has_user ? user : NULL, out, count, err);
}

void profile_store_free(struct profile_entry *entries)
{
    free(entries);
}

/* Of this name; else of this file, the extension aside; `count` when there is none. */
static size_t find_entry(const struct profile_entry *entries, size_t count, const char *name)
{
    char file[PROFILE_NAME_MAX];
    snprintf(file, sizeof file, "%.100s.wprp", name);
    for (size_t i = 0; i < count; i++)
        if (text_casecmp(entries[i].name, name) == 0)
            return i;
    for (size_t i = 0; i < count; i++)
        if (text_casecmp(file_of(&entries[i]), file) == 0)
            return i;
    return count;
}

bool profile_store_find(const char *name, struct profile *out, struct err *err)
{
    if (ends_in_wprp(name) || strpbrk(name, "\\/:"))
        return wprp_load(name, out, err);
    struct profile_entry *entries = NULL;
    size_t count = 0;
    if (!profile_store_list(&entries, &count, err))
        return false;
    size_t i = find_entry(entries, count, name);
    bool ok = i < count && entries[i].readable;
    if (ok)
        *out = entries[i].profile;
    else if (i < count && err && err->code == ERR_NONE)
        *err = entries[i].why;
    else
        err_set(err, ERR_NOT_FOUND, "Finding the profile \"%.100s\"", name);
    profile_store_free(entries);
    return ok;
}
