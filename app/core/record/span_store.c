/* Keeps measured costs in a file. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/record/span.h"

#include <stdlib.h>

#define FILE_MOST 65536

static bool make_folder_of(const char *file, struct err *err)
{
    char *folder = text_copy(file);
    if (!folder)
        return err_set(err, ERR_NO_MEMORY, "Making the folder of %s", file);
    char *end = folder;
    for (char *p = folder; *p; p++)
        if (*p == '/' || *p == '\\')
            end = p;
    *end = 0;
    bool ok = !*folder || file_make_dir(folder, err);
    free(folder);
    return ok;
}

static bool write_new(const char *path, const struct text *s, struct err *err)
{
    struct file *f = NULL;
    struct err ignored = {.code = ERR_NONE};
    file_delete(path, &ignored); /* left by a crash */
    if (!file_open(path, FILE_TO_CREATE, &f, err))
        return false;
    bool ok = file_write_at(f, 0, text_str(s), s->len, err);
    file_close(f);
    return ok;
}

bool span_rates_save(const struct span_rates *r, const char *file, struct err *err)
{
    struct text s = {0};
    struct text beside = {0};
    struct err ignored = {.code = ERR_NONE};
    span_rates_print(r, &s);
    text_addf(&beside, "%s.new", file);
    bool ok = !s.failed && !beside.failed;
    if (!ok)
        err_set(err, ERR_NO_MEMORY, "Keeping what recording costs");
    ok = ok && make_folder_of(file, err);
    if (ok && !(write_new(text_str(&beside), &s, err) && file_rename(text_str(&beside), file, true, err))) {
        file_delete(text_str(&beside), &ignored);
        ok = false;
    }
    text_free(&s);
    text_free(&beside);
    return ok;
}

bool span_rates_load(const char *file, struct span_rates *out)
{
    struct file *f = NULL;
    struct err ignored = {.code = ERR_NONE};
    size_t got = 0;
    char *s = malloc(FILE_MOST);
    bool ok = false;
    if (s && file_open(file, FILE_TO_READ, &f, &ignored)) {
        ok = file_read_at(f, 0, s, FILE_MOST, &got, &ignored) && span_rates_parse(s, got, out);
        file_close(f);
    }
    free(s);
    return ok;
}
