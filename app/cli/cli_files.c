/* The files that a command line names, patterns among them. */
#include "cli/cli_files.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

struct match {
    struct cli_files *files;
    const char *pattern; /* of the name */
    const char *folder;  /* of the argument, with its separator; may be empty */
    bool no_memory;
};

static bool take(struct cli_files *f, const char *folder, const char *name)
{
    struct text path = {0};
    text_addf(&path, "%s%s", folder, name);
    char *copy = path.failed ? NULL : text_copy(text_str(&path));
    text_free(&path);
    if (!copy || !grow_array(&f->list, &f->room, f->count + 1, sizeof *f->list)) {
        free(copy);
        return false;
    }
    f->list[f->count++] = copy;
    return true;
}

static bool each(void *ctx, const char *name, uint64_t size)
{
    struct match *m = ctx;
    (void)size;
    m->no_memory = text_match(m->pattern, name) && !take(m->files, m->folder, name);
    return !m->no_memory;
}

static int by_name(const void *left, const void *right)
{
    char *const *a = left;
    char *const *b = right;
    return strcmp(*a, *b);
}

static const char *last_part(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '/' || *p == '\\')
            name = p + 1;
    return name;
}

/* Without the separator at its end, but "C:\\" and "/" are places only with it. */
static void add_place(struct text *place, const struct text *folder)
{
    size_t n = folder->len;
    if (!n)
        text_add(place, ".");
    else if (n == 1 || folder->s[n - 2] == ':')
        text_add(place, text_str(folder));
    else
        text_add_n(place, text_str(folder), n - 1);
}

bool cli_files_add(struct cli_files *f, const char *arg, struct err *err)
{
    const char *name = last_part(arg);
    struct match m = {.files = f, .pattern = name};
    struct text folder = {0};
    struct text place = {0};
    uint32_t before = f->count;
    if (!strpbrk(name, "*?") || file_exists(arg))
        return take(f, "", arg) || err_set(err, ERR_NO_MEMORY, "Reading the command line");
    text_add_n(&folder, arg, (size_t)(name - arg));
    m.folder = text_str(&folder);
    add_place(&place, &folder);
    m.no_memory = folder.failed || place.failed;
    bool ok = !m.no_memory && file_list(text_str(&place), each, &m, err);
    text_free(&folder);
    text_free(&place);
    if (m.no_memory)
        return err_set(err, ERR_NO_MEMORY, "Reading the command line");
    if (!ok)
        return false;
    if (f->count == before) {
        err_set(err, ERR_NOT_FOUND, "Looking for files named %s", arg);
        return err_remedy(err, "Check the name and the folder.");
    }
    qsort(f->list + before, f->count - before, sizeof *f->list, by_name);
    return true;
}

bool cli_files_add_all(struct cli_files *f, char *const *args, int count, struct err *err)
{
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = cli_files_add(f, args[i], err);
    return ok;
}

void cli_files_free(struct cli_files *f)
{
    for (uint32_t i = 0; i < f->count; i++)
        free(f->list[i]);
    free(f->list);
    *f = (struct cli_files){0};
}
