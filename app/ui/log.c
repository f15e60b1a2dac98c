/* Writes the log with file.h, so that every line is where it belongs even when two programs write. */
#include "ui/log.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_LIMIT (1u << 20) /* bytes; then the file becomes the old one */
#define LOG_NAME  "\\HandleRecorder.log"
#define LOG_OLD   "\\HandleRecorder.old.log"

struct log {
    struct file *file;
    uint64_t size;
    char *path;
    char *old;
};

static char *join(const char *dir, const char *name)
{
    struct text t = {0};
    text_add(&t, dir);
    text_add(&t, name);
    char *s = t.failed ? NULL : text_copy(text_str(&t));
    text_free(&t);
    return s;
}

static bool open_file(struct log *l, struct err *err)
{
    struct err first = {0};
    if (!file_open(l->path, FILE_TO_UPDATE, &l->file, &first) && !file_open(l->path, FILE_TO_CREATE, &l->file, err))
        return false;
    return file_size(l->file, &l->size, err);
}

bool log_open(const char *dir, struct log **out, struct err *err)
{
    struct log *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, ERR_NO_MEMORY, "Opening the log");
    l->path = join(dir, LOG_NAME);
    l->old = join(dir, LOG_OLD);
    if (!l->path || !l->old) {
        log_close(l);
        return err_set(err, ERR_NO_MEMORY, "Opening the log");
    }
    if (!file_make_dir(dir, err) || !open_file(l, err)) {
        log_close(l);
        return false;
    }
    *out = l;
    return true;
}

void log_close(struct log *l)
{
    if (!l)
        return;
    if (l->file)
        file_close(l->file);
    free(l->path);
    free(l->old);
    free(l);
}

static void rotate(struct log *l)
{
    file_close(l->file);
    l->file = NULL;
    l->size = 0;
    /* When another process still has it open the rename fails and the file simply goes on growing. */
    struct err ignored = {0};
    file_rename(l->path, l->old, true, &ignored);
    open_file(l, &ignored);
}

void log_line(struct log *l, const char *format, ...)
{
    if (!l || !l->file)
        return;
    char words[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    char stamp[20];
    clock_file_stamp(clock_filetime(), stamp);
    stamp[10] = ' ';
    stamp[13] = stamp[16] = ':';
    char line[2100];
    snprintf(line, sizeof line, "%s %s\r\n", stamp, words);
    struct err ignored = {0};
    if (file_write_at(l->file, l->size, line, strlen(line), &ignored))
        l->size += strlen(line);
    if (l->size >= LOG_LIMIT)
        rotate(l);
}
