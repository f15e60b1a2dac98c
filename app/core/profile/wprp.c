/* The sink of the .wprp reader: keeps the XML nodes as they come, within limits. */
#include "core/profile/wprp.h"

#include "core/base/text.h"
#include "core/profile/wprp_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wprp_word wprp_word(const char *s)
{
    struct wprp_word w = {.s = ""};
    if (!text_put(w.s, sizeof w.s - 3, s))
        memcpy(w.s + strlen(w.s), "...", 4);
    for (char *c = w.s; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            *c = '?';
    return w;
}

bool wprp_refuse(struct wprp *w, struct wprp_place at, struct err *err, const char *fmt, ...)
{
    char what[ERR_DOING_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    w->failed = true;
    err_set(err, ERR_FORMAT, "%s(%u,%u): %s", w->file, at.line, at.column, what);
    return err_remedy(err, "Correct the file there, or choose another profile.");
}

static bool out_of_memory(struct wprp *w, struct err *err)
{
    w->failed = true;
    return err_set(err, ERR_NO_MEMORY, "Reading the profile %s", w->file);
}

bool wprp_create(const char *file, struct wprp **out, struct err *err)
{
    struct wprp *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Reading the profile %s", file);
    text_put(w->file, sizeof w->file, file);
    w->current = WPRP_NO_NODE;
    *out = w;
    return true;
}

void wprp_free(struct wprp *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->node_count; i++)
        free(w->nodes[i].name);
    for (size_t i = 0; i < w->attr_count; i++) {
        free(w->attrs[i].name);
        free(w->attrs[i].value);
    }
    free(w->nodes);
    free(w->attrs);
    free(w);
}

/* `items` with room for one more of `size` bytes, or NULL; the arrays double. */
static void *room(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    size_t more = *cap ? *cap * 2 : 64;
    void *bigger = realloc(items, more * size);
    if (bigger)
        *cap = more;
    return bigger;
}

static bool usable(struct wprp *w, struct err *err)
{
    if (!w->failed)
        return true;
    return err_set(err, ERR_STATE, "Reading the profile %s after it was refused", w->file);
}

/* Takes one name or value into the sum of bytes. */
static bool take_bytes(struct wprp *w, const char *s, struct wprp_place at, struct err *err)
{
    size_t n = strlen(s);
    if (n > WPRP_MAX_BYTES - w->bytes)
        return wprp_refuse(w, at, err, "the profile is larger than %u MB", WPRP_MAX_BYTES >> 20);
    if (!text_is_utf8(s, n))
        return wprp_refuse(w, at, err, "a character is not valid Unicode");
    w->bytes += n;
    return true;
}

bool wprp_element(struct wprp *w, const char *name, struct wprp_place at, struct err *err)
{
    if (!usable(w, err) || !take_bytes(w, name, at, err))
        return false;
    if (w->current == WPRP_NO_NODE && w->node_count)
        return wprp_refuse(w, at, err, "a second root element <%s>", wprp_word(name).s);
    if (w->depth == WPRP_MAX_DEPTH)
        return wprp_refuse(w, at, err, "elements are nested deeper than %d", WPRP_MAX_DEPTH);
    if (w->node_count == WPRP_MAX_ELEMENTS)
        return wprp_refuse(w, at, err, "more than %d elements", WPRP_MAX_ELEMENTS);
    struct wprp_node *nodes = room(w->nodes, w->node_count, &w->node_cap, sizeof *nodes);
    if (!nodes)
        return out_of_memory(w, err);
    w->nodes = nodes;
    char *copy = text_copy(name);
    if (!copy)
        return out_of_memory(w, err);
    w->nodes[w->node_count] =
        (struct wprp_node){.name = copy, .at = at, .parent = w->current, .first_attr = w->attr_count};
    w->current = w->node_count++;
    w->depth++;
    w->taking_attributes = true;
    return true;
}

bool wprp_attribute(struct wprp *w, const char *name, const char *value, struct wprp_place at, struct err *err)
{
    if (!usable(w, err) || !take_bytes(w, name, at, err) || !take_bytes(w, value, at, err))
        return false;
    if (!w->taking_attributes)
        return wprp_refuse(w, at, err, "the attribute %s stands outside of an element's start", wprp_word(name).s);
    /* Namespaces and what belongs to other ones mean nothing here. */
    if (strchr(name, ':') || strcmp(name, "xmlns") == 0)
        return true;
    if (wprp_find_attr(w, w->current, name))
        return wprp_refuse(w, at, err, "the attribute %s stands twice", wprp_word(name).s);
    if (w->nodes[w->current].attr_count == WPRP_MAX_ATTRIBUTES)
        return wprp_refuse(w, at, err, "more than %d attributes", WPRP_MAX_ATTRIBUTES);
    struct wprp_attr *attrs = room(w->attrs, w->attr_count, &w->attr_cap, sizeof *attrs);
    if (!attrs)
        return out_of_memory(w, err);
    w->attrs = attrs;
    struct wprp_attr a = {.name = text_copy(name), .value = text_copy(value), .at = at};
    if (!a.name || !a.value) {
        free(a.name);
        free(a.value);
        return out_of_memory(w, err);
    }
    w->attrs[w->attr_count++] = a;
    w->nodes[w->current].attr_count++;
    return true;
}

bool wprp_text(struct wprp *w, const char *text, struct wprp_place at, struct err *err)
{
    if (!usable(w, err) || !take_bytes(w, text, at, err))
        return false;
    size_t blank = strspn(text, " \t\r\n");
    if (!text[blank])
        return true;
    for (size_t i = 0; i < blank; i++) {
        at.column++;
        if (text[i] == '\n')
            at = (struct wprp_place){at.line + 1, 1};
    }
    if (w->current == WPRP_NO_NODE)
        return wprp_refuse(w, at, err, "text outside of the root element");
    w->taking_attributes = false;
    struct wprp_node *node = &w->nodes[w->current];
    if (!node->text_at.line)
        node->text_at = (struct wprp_place){at.line ? at.line : 1, at.column};
    return true;
}

bool wprp_element_end(struct wprp *w, struct wprp_place at, struct err *err)
{
    if (!usable(w, err))
        return false;
    if (w->current == WPRP_NO_NODE)
        return wprp_refuse(w, at, err, "the end of an element that did not begin");
    w->taking_attributes = false;
    w->current = w->nodes[w->current].parent;
    w->depth--;
    return true;
}

const struct wprp_attr *wprp_find_attr(const struct wprp *w, size_t node, const char *name)
{
    const struct wprp_node *n = &w->nodes[node];
    for (size_t i = 0; i < n->attr_count; i++)
        if (strcmp(w->attrs[n->first_attr + i].name, name) == 0)
            return &w->attrs[n->first_attr + i];
    return NULL;
}
