/* Names and finds the files of one recording. */
#include "core/record/pieces.h"

#include "core/base/file.h"
#include "core/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_SUFFIX ".etl"

/* Between the stem and the number, or the ending. */
static const struct {
    const char *word;
    const char *ending;
} names[PIECE_KIND_COUNT] = {
    [PIECE_CARRIED] = {".carried", PART_SUFFIX},
    [PIECE_MAIN] = {"", PART_SUFFIX},
    [PIECE_SEGMENT] = {"", PART_SUFFIX},
    [PIECE_FLUSH] = {".flush", PART_SUFFIX},
    [PIECE_SNAPSHOT] = {".snapshot", PART_SUFFIX},
    [PIECE_COMPANION] = {".companion", PART_SUFFIX},
    [PIECE_MARKS] = {".marks", ""},
    [PIECE_WHOLE] = {".whole", PART_SUFFIX},
    [PIECE_SET] = {".set", ""},
    [PIECE_TEMP] = {".part", ""}, /* and whatever else ends so */
};

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

static size_t stem_length(const char *part)
{
    size_t n = strlen(part);
    return has_suffix(part, PART_SUFFIX) ? n - strlen(PART_SUFFIX) : n;
}

static const char *base_name(const char *path)
{
    const char *base = path;
    for (const char *s = path; *s; s++)
        if (*s == '/' || *s == '\\')
            base = s + 1;
    return base;
}

bool piece_sibling(const char *part, const char *suffix, char out[TRACE_PATH_MAX], struct err *err)
{
    size_t stem = stem_length(part);
    if (stem + strlen(suffix) + 1 > TRACE_PATH_MAX)
        return err_set(err, ERR_RANGE, "Naming a file beside %s", part);
    memcpy(out, part, stem);
    text_put(out + stem, TRACE_PATH_MAX - stem, suffix);
    return true;
}

static void suffix_of(enum piece_kind kind, unsigned number, char out[PIECE_SUFFIX_MAX])
{
    char digits[16] = "";
    if (number)
        snprintf(digits, sizeof digits, ".%04u", number);
    snprintf(out, PIECE_SUFFIX_MAX, "%s%s%s", names[kind].word, digits, names[kind].ending);
}

bool piece_path(const char *part, enum piece_kind kind, unsigned number, char out[TRACE_PATH_MAX], struct err *err)
{
    char suffix[PIECE_SUFFIX_MAX];
    suffix_of(kind, number, suffix);
    return piece_sibling(part, suffix, out, err);
}

bool piece_path_of(const char *part, const struct piece *p, char out[TRACE_PATH_MAX], struct err *err)
{
    return piece_sibling(part, p->suffix, out, err);
}

static size_t without(const char *path, size_t n, const char *word)
{
    size_t m = strlen(word);
    return n >= m && memcmp(path + n - m, word, m) == 0 ? n - m : n;
}

void piece_part_of(const char *path, char out[TRACE_PATH_MAX])
{
    size_t n = stem_length(path);
    size_t digits = n;
    while (digits && path[digits - 1] >= '0' && path[digits - 1] <= '9')
        digits--;
    if (n - digits >= 4 && digits && path[digits - 1] == '.')
        n = digits - 1;
    n = without(path, n, names[PIECE_COMPANION].word);
    snprintf(out, TRACE_PATH_MAX, "%.*s%s", (int)n, path, PART_SUFFIX);
}

/* Whether `suffix` is a kind's, and with which number. */
static bool parse_as(enum piece_kind kind, const char *suffix, unsigned *number)
{
    char again[PIECE_SUFFIX_MAX];
    size_t word = strlen(names[kind].word);
    if (strncmp(suffix, names[kind].word, word) != 0)
        return false;
    const char *s = suffix + word;
    *number = 0;
    if (s[0] == '.' && s[1] >= '0' && s[1] <= '9')
        *number = (unsigned)strtoul(s + 1, NULL, 10);
    suffix_of(kind, *number, again);
    return strcmp(again, suffix) == 0;
}

/* `name`: of a file in the folder; `stem`: what the recording's files begin with. */
static bool parse(const char *name, const char *stem, size_t stem_len, struct piece *out)
{
    size_t n = strlen(name);
    if (n <= stem_len || memcmp(name, stem, stem_len) != 0 || n - stem_len >= PIECE_SUFFIX_MAX)
        return false;
    const char *suffix = name + stem_len;
    text_put(out->suffix, sizeof out->suffix, suffix);
    out->number = 0;
    if (suffix[0] != '.')
        return false;
    if (has_suffix(suffix, ".part")) {
        out->kind = PIECE_TEMP;
        return true;
    }
    for (unsigned k = 0; k < PIECE_KIND_COUNT; k++)
        if (parse_as((enum piece_kind)k, suffix, &out->number)) {
            out->kind = (enum piece_kind)k;
            if (k == PIECE_MAIN && out->number)
                out->kind = PIECE_SEGMENT;
            return true;
        }
    return false;
}

bool piece_named_like(const char *part, const char *path)
{
    const char *stem = base_name(part);
    const char *name = base_name(path);
    size_t n = stem_length(stem);
    if (strlen(name) <= n || name[n] != '.')
        return false;
    char head[TRACE_PATH_MAX];
    char want[TRACE_PATH_MAX];
    snprintf(head, sizeof head, "%.*s", (int)n, name);
    snprintf(want, sizeof want, "%.*s", (int)n, stem);
    return text_casecmp(head, want) == 0;
}

struct finding {
    const char *stem;
    size_t stem_len;
    struct pieces found;
    size_t room;
    bool failed;
};

static bool collect(void *ctx, const char *name, uint64_t size)
{
    struct finding *f = ctx;
    struct piece p = {.size = size};
    if (!parse(name, f->stem, f->stem_len, &p))
        return true;
    if (f->found.n == f->room) {
        size_t room = f->room ? f->room * 2 : 16;
        struct piece *more = realloc(f->found.v, room * sizeof *more);
        if (!more) {
            f->failed = true;
            return false;
        }
        f->found.v = more;
        f->room = room;
    }
    f->found.v[f->found.n++] = p;
    return true;
}

static int by_kind_and_number(const void *a, const void *b)
{
    const struct piece *x = a;
    const struct piece *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

bool pieces_find(const char *part, struct pieces *out, struct err *err)
{
    const char *base = base_name(part);
    char dir[TRACE_PATH_MAX] = ".";
    if (base > part + 1)
        snprintf(dir, sizeof dir, "%.*s", (int)(base - part - 1), part);
    else if (base > part)
        snprintf(dir, sizeof dir, "%c", part[0]);
    struct finding f = {.stem = base, .stem_len = stem_length(base)};
    struct err e = {0};
    bool ok = file_list(dir, collect, &f, &e) || e.code == ERR_NOT_FOUND;
    if (f.failed)
        ok = err_set(&e, ERR_NO_MEMORY, "Listing %s", dir);
    if (!ok) {
        free(f.found.v);
        if (err && err->code == ERR_NONE)
            *err = e;
        return false;
    }
    if (f.found.n)
        qsort(f.found.v, f.found.n, sizeof *f.found.v, by_kind_and_number);
    *out = f.found;
    return true;
}

void pieces_free(struct pieces *p)
{
    free(p->v);
    *p = (struct pieces){0};
}

const struct piece *pieces_first(const struct pieces *p, enum piece_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].kind == kind)
            return &p->v[i];
    return NULL;
}

size_t pieces_count(const struct pieces *p, enum piece_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->v[i].kind == kind;
    return n;
}

unsigned pieces_next(const struct pieces *p, enum piece_kind kind)
{
    unsigned next = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->v[i].kind == kind && p->v[i].number >= next)
            next = p->v[i].number + 1;
    return next;
}
