/* Reads and writes the lines of marks: "M clock filetime text", "S clock filetime number", "D 0 0 number". */
#include "core/record/mark_file.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/record/pieces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (16u << 20) /* bytes; what is beyond is not read */

static bool append(const char *part, const struct text *line, struct err *err)
{
    char path[TRACE_PATH_MAX];
    struct file *f = NULL;
    if (line->failed)
        return err_set(err, ERR_NO_MEMORY, "Setting a mark");
    if (!piece_path(part, PIECE_MARKS, 0, path, err) || !file_open(path, FILE_TO_APPEND, &f, err))
        return false;
    bool ok = file_write_at(f, 0, line->s, line->len, err) && file_sync(f, err);
    file_close(f);
    return ok;
}

bool mark_file_add(const char *part, uint64_t clock_ns, uint64_t filetime, const char *text, struct err *err)
{
    struct text line = {0};
    size_t n = strlen(text);
    if (n > ETL_MARK_TEXT_MAX)
        n = ETL_MARK_TEXT_MAX;
    while (n && n < strlen(text) && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    text_addf(&line, "M %" PRIu64 " %" PRIu64 " ", clock_ns, filetime);
    for (size_t i = 0; i < n; i++)
        text_add_char(&line, (unsigned char)text[i] < ' ' ? ' ' : text[i]);
    text_add(&line, "\n");
    bool ok = append(part, &line, err);
    text_free(&line);
    return ok;
}

static bool add_number(const char *part, char kind, uint64_t clock_ns, uint64_t filetime, unsigned number,
                       struct err *err)
{
    struct text line = {0};
    text_addf(&line, "%c %" PRIu64 " %" PRIu64 " %u\n", kind, clock_ns, filetime, number);
    bool ok = append(part, &line, err);
    text_free(&line);
    return ok;
}

bool mark_file_add_segment(const char *part, uint64_t clock_ns, uint64_t filetime, unsigned number, struct err *err)
{
    return add_number(part, 'S', clock_ns, filetime, number, err);
}

bool mark_file_add_done(const char *part, unsigned number, struct err *err)
{
    return add_number(part, 'D', 0, 0, number, err);
}

/* One line without its end, changed in place. */
static bool parse(char *s, struct mark_line *out)
{
    char *end = NULL;
    char kind = s[0];
    if ((kind != 'M' && kind != 'S' && kind != 'D') || s[1] != ' ')
        return false;
    *out = (struct mark_line){.segment = kind == 'S', .done = kind == 'D'};
    out->clock_ns = strtoull(s + 2, &end, 10);
    if (*end != ' ')
        return false;
    out->filetime = strtoull(end + 1, &end, 10);
    if (*end != ' ')
        return false;
    out->text = end + 1;
    if (kind != 'M')
        out->number = (unsigned)strtoul(end + 1, NULL, 10);
    return true;
}

static bool parse_all(struct mark_list *l, struct err *err)
{
    size_t lines = 0;
    for (const char *s = l->room; *s; s++)
        lines += *s == '\n';
    l->v = calloc(lines + 1, sizeof *l->v);
    if (!l->v)
        return err_set(err, ERR_NO_MEMORY, "Reading the marks");
    for (char *s = l->room;;) {
        char *end = strchr(s, '\n');
        if (!end)
            return true; /* what follows was cut */
        *end = 0;
        if (parse(s, &l->v[l->n])) {
            l->marks += !l->v[l->n].segment && !l->v[l->n].done;
            l->n++;
        }
        s = end + 1;
    }
}

static bool read_all(struct file *f, struct mark_list *l, struct err *err)
{
    uint64_t size = 0;
    size_t got = 0;
    if (!file_size(f, &size, err))
        return false;
    size_t n = size < FILE_MAX ? (size_t)size : FILE_MAX;
    l->room = malloc(n + 1);
    if (!l->room)
        return err_set(err, ERR_NO_MEMORY, "Reading the marks");
    if (!file_read_at(f, 0, l->room, n, &got, err))
        return false;
    l->room[got] = 0;
    return parse_all(l, err);
}

bool mark_file_read(const char *part, struct mark_list *out, struct err *err)
{
    char path[TRACE_PATH_MAX];
    struct file *f = NULL;
    struct err e = {0};
    struct mark_list l = {0};
    bool there = piece_path(part, PIECE_MARKS, 0, path, &e) && file_open(path, FILE_TO_READ, &f, &e);
    bool ok = there ? read_all(f, &l, &e) : e.code == ERR_NOT_FOUND;
    file_close(f);
    if (ok) {
        *out = l;
        return true;
    }
    mark_list_free(&l);
    if (err && err->code == ERR_NONE)
        *err = e;
    return false;
}

void mark_list_free(struct mark_list *l)
{
    free(l->v);
    free(l->room);
    *l = (struct mark_list){0};
}
