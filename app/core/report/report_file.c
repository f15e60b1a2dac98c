/* Writes beside the place and renames at the end. */
#include "core/report/report_file.h"

#include "core/base/file.h"
#include "core/report/report_write.h"

struct output {
    const char *path;
    struct text part;
    struct file *file;
    uint64_t size;
    bool (*go_on)(void *ctx);
    void *ctx;
    struct err err;
};

static bool put(void *ctx, const char *bytes, size_t size)
{
    struct output *f = ctx;
    if (f->go_on && !f->go_on(f->ctx))
        return err_set(&f->err, ERR_CANCELLED, "Writing %s", f->path);
    if (!file_write_at(f->file, f->size, bytes, size, &f->err))
        return false;
    f->size += size;
    return true;
}

static bool open_part(struct output *f, struct err *err)
{
    text_addf(&f->part, "%s.part", f->path);
    if (f->part.failed)
        return err_set(err, ERR_NO_MEMORY, "Writing %s", f->path);
    file_delete(text_str(&f->part), NULL);
    return file_open(text_str(&f->part), FILE_TO_CREATE, &f->file, err);
}

static bool close_part(struct output *f, bool whole, struct err *err)
{
    whole = whole && file_sync(f->file, err);
    file_close(f->file);
    whole = whole && file_rename(text_str(&f->part), f->path, true, err);
    if (!whole)
        file_delete(text_str(&f->part), NULL);
    return whole;
}

bool report_may_save(const char *path, const char *const *files, unsigned count, struct err *err)
{
    for (unsigned i = 0; i < count; i++)
        if (file_same(path, files[i])) {
            err_set(err, ERR_EXISTS, "Writing %s, which is the recording itself", path);
            return err_remedy(err, "Give another name.");
        }
    return true;
}

bool report_save(struct report *r, const char *path, bool (*go_on)(void *ctx), void *ctx, struct err *err)
{
    struct output f = {.path = path, .go_on = go_on, .ctx = ctx};
    struct report_out o = {.write = put, .ctx = &f};
    bool ok = open_part(&f, err);
    if (ok) {
        ok = report_write(r, &o);
        if (!ok && f.err.code != ERR_NONE && err && err->code == ERR_NONE)
            *err = f.err;
        else if (!ok)
            err_set(err, ERR_NO_MEMORY, "Writing %s", path);
        ok = close_part(&f, ok, err);
    }
    text_free(&f.part);
    return ok;
}
