/* Rows, ticks and slots of the type list. */
#include "core/editor/editor_types.h"

#include "core/base/text.h"
#include "core/profile/type_names.h"
#include "core/record/type_pick.h"

#include <stdlib.h>
#include <string.h>

static bool add_row(struct editor_types *t, const char *name, uint32_t tag)
{
    struct editor_type *rows = realloc(t->rows, (t->count + 1) * sizeof *rows);
    if (!rows)
        return false;
    t->rows = rows;
    struct editor_type *row = &rows[t->count];
    memset(row, 0, sizeof *row);
    row->tag = tag;
    text_put(row->name, sizeof row->name, name);
    t->count++;
    return true;
}

struct adding {
    struct editor_types *types;
    bool failed;
};

static bool add_picked(void *ctx, const char *name, uint32_t tag)
{
    struct adding *a = ctx;
    a->failed = !add_row(a->types, name, tag);
    return !a->failed;
}

static bool has_tag(const struct editor_types *t, uint32_t tag)
{
    size_t i = 0;
    while (i < t->count && t->rows[i].tag != tag)
        i++;
    return i < t->count;
}

/* A tag of a profile that was made elsewhere: under the known names, or its own four characters. */
static bool add_strange(struct editor_types *t, uint32_t tag)
{
    bool named = false;
    for (size_t i = 0; type_names_known[i]; i++) {
        if (profile_tag(type_names_known[i]) != tag)
            continue;
        if (!add_row(t, type_names_known[i], tag))
            return false;
        named = true;
    }
    char text[5];
    profile_tag_text(tag, text);
    return named || add_row(t, text, tag);
}

static void count_fellows(struct editor_types *t)
{
    for (size_t i = 0; i < t->count; i++) {
        t->rows[i].fellows = 0;
        for (size_t k = 0; k < t->count; k++)
            t->rows[i].fellows += t->rows[k].tag == t->rows[i].tag;
    }
}

static bool fill(struct editor_types *t, const struct snapshot *counts, const uint32_t *tags, unsigned n)
{
    struct adding a = {.types = t};
    type_pick_each(counts, add_picked, &a);
    if (a.failed || !t->count) /* there is always a type to pick, unless memory is short */
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!has_tag(t, tags[i]) && !add_strange(t, tags[i]))
            return false;
    t->shown = calloc(t->count, sizeof *t->shown);
    return t->shown != NULL;
}

bool editor_types_open(struct editor_types *t, const struct snapshot *counts, const uint32_t *tags, unsigned n,
                       struct err *err)
{
    struct editor_types made = {0};
    if (n > PROFILE_MAX_TAGS)
        n = PROFILE_MAX_TAGS;
    if (!fill(&made, counts, tags, n)) {
        editor_types_close(&made);
        return err_set(err, ERR_NO_MEMORY, "Listing the handle types");
    }
    made.tag_count = n;
    if (n)
        memcpy(made.tags, tags, n * sizeof *tags);
    count_fellows(&made);
    editor_types_count(&made, counts);
    editor_types_search(&made, "");
    *t = made;
    return true;
}

void editor_types_close(struct editor_types *t)
{
    free(t->rows);
    free(t->shown);
    memset(t, 0, sizeof *t);
}

void editor_types_count(struct editor_types *t, const struct snapshot *counts)
{
    for (size_t i = 0; counts && i < t->count; i++) {
        size_t at = snapshot_find_type(counts, t->rows[i].name);
        t->rows[i].counted = counts->available && at != SIZE_MAX;
        t->rows[i].open = t->rows[i].counted ? counts->types[at].open : 0;
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool holds(const char *text, const char *part, size_t n)
{
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && text[i] && lower(text[i]) == lower(part[i]))
            i++;
        if (i == n)
            return true;
    }
    return n == 0;
}

void editor_types_search(struct editor_types *t, const char *text)
{
    text += strspn(text, " ");
    size_t n = strlen(text);
    while (n && text[n - 1] == ' ')
        n--;
    t->shown_count = 0;
    /* A tag is the start of its names. */
    for (size_t i = 0; i < t->count; i++)
        if (holds(t->rows[i].name, text, n))
            t->shown[t->shown_count++] = i;
}

static unsigned slot_of(const struct editor_types *t, uint32_t tag)
{
    unsigned i = 0;
    while (i < t->tag_count && t->tags[i] != tag)
        i++;
    return i;
}

enum editor_box editor_types_box(const struct editor_types *t, size_t row)
{
    if (slot_of(t, t->rows[row].tag) < t->tag_count)
        return EDITOR_BOX_TICKED;
    return t->tag_count < PROFILE_MAX_TAGS ? EDITOR_BOX_CLEAR : EDITOR_BOX_FULL;
}

bool editor_types_toggle(struct editor_types *t, size_t row)
{
    uint32_t tag = t->rows[row].tag;
    unsigned at = slot_of(t, tag);
    if (at == t->tag_count) {
        if (t->tag_count == PROFILE_MAX_TAGS)
            return false;
        t->tags[t->tag_count++] = tag;
        return true;
    }
    t->tag_count--;
    memmove(&t->tags[at], &t->tags[at + 1], (t->tag_count - at) * sizeof *t->tags);
    return true;
}
