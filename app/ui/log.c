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
    struct file *file; /* NULL until the first line */
    bool tried;
    uint64_t size;
    char *dir;
    char heading[80];
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

static void make_stamp(char stamp[20])
{
    clock_file_stamp(clock_filetime(), stamp);
    stamp[10] = ' ';
    stamp[13] = stamp[16] = ':';
}

bool log_open(const char *dir, const char *heading, struct log **out, struct err *err)
{
    struct log *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(err, ERR_NO_MEMORY, "Opening the log");
    l->path = join(dir, LOG_NAME);
    l->old = join(dir, LOG_OLD);
    l->dir = text_copy(dir);
    if (!l->path || !l->old || !l->dir) {
        log_close(l);
        return err_set(err, ERR_NO_MEMORY, "Opening the log");
    }
    char stamp[20];
    make_stamp(stamp);
    snprintf(l->heading, sizeof l->heading, "%s %s\r\n", stamp, heading);
    *out = l;
    return true;
}

void log_close(struct log *l)
{
    if (!l)
        return;
    if (l->file) {
        log_line(l, "ended");
        file_close(l->file);
    }
    free(l->dir);
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

static void append(struct log *l, const char *line)
{
    struct err ignored = {0};
    if (l->file && file_write_at(l->file, l->size, line, strlen(line), &ignored))
        l->size += strlen(line);
}

/* Once: where a log cannot be made, trying again with every line would only cost time. */
static void begin(struct log *l)
{
    struct err ignored = {0};
    l->tried = true;
    if (file_make_dir(l->dir, &ignored) && open_file(l, &ignored))
        append(l, l->heading);
}

void log_line(struct log *l, const char *format, ...)
{
    if (!l)
        return;
    if (!l->tried)
        begin(l);
    char words[2000];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    char stamp[20];
    make_stamp(stamp);
    char line[2100];
    snprintf(line, sizeof line, "%s %s\r\n", stamp, words);
    append(l, line);
    if (l->file && l->size >= LOG_LIMIT)
        rotate(l);
}
