/* A small XML reader for tests; it trusts its input to be well-formed. */
#include "sink.h"

#include "core/base/text.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    const char *p;
    unsigned line;
    unsigned column;
};

static void step(struct reader *r, size_t n)
{
    for (; n; n--, r->p++) {
        r->column++;
        if (*r->p == '\n') {
            r->line++;
            r->column = 1;
        }
    }
}

static struct wprp_place here(const struct reader *r)
{
    return (struct wprp_place){.line = r->line, .column = r->column};
}

static void decode(struct text *out, const char *s, size_t n)
{
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&lt;", '<'},    {"&gt;", '>'},  {"&amp;", '&'},  {"&quot;", '"'},
                    {"&apos;", '\''}, {"&#9;", '\t'}, {"&#10;", '\n'}, {"&#13;", '\r'}};
    const size_t count = sizeof entities / sizeof entities[0];
    for (size_t i = 0; i < n;) {
        size_t k = 0;
        while (k < count && strncmp(s + i, entities[k].entity, strlen(entities[k].entity)) != 0)
            k++;
        text_add_char(out, k < count ? entities[k].c : s[i]);
        i += k < count ? strlen(entities[k].entity) : 1;
    }
}

static bool read_attributes(struct reader *r, struct wprp *w, struct err *err)
{
    bool ok = true;
    for (;;) {
        step(r, strspn(r->p, " \t\r\n"));
        if (*r->p == '>' || *r->p == '/' || !ok)
            return ok;
        struct wprp_place at = here(r);
        struct text name = {0};
        struct text value = {0};
        size_t n = strcspn(r->p, "=");
        text_add_n(&name, r->p, n);
        step(r, n + 1);
        char quote[2] = {*r->p, 0};
        step(r, 1);
        n = strcspn(r->p, quote);
        decode(&value, r->p, n);
        step(r, n + 1);
        ok = wprp_attribute(w, text_str(&name), text_str(&value), at, err);
        text_free(&name);
        text_free(&value);
    }
}

static bool read_element(struct reader *r, struct wprp *w, struct err *err)
{
    step(r, 1);
    if (*r->p == '/') {
        struct wprp_place at = here(r);
        step(r, strcspn(r->p, ">") + 1);
        return wprp_element_end(w, at, err);
    }
    struct wprp_place at = here(r);
    struct text name = {0};
    size_t n = strcspn(r->p, " \t\r\n/>");
    text_add_n(&name, r->p, n);
    step(r, n);
    bool ok = wprp_element(w, text_str(&name), at, err) && read_attributes(r, w, err);
    text_free(&name);
    if (!ok)
        return false;
    bool empty = *r->p == '/';
    at = here(r);
    step(r, empty ? 2 : 1);
    return !empty || wprp_element_end(w, at, err);
}

static bool read_node(struct reader *r, struct wprp *w, struct err *err)
{
    if (strncmp(r->p, "<?", 2) == 0) {
        step(r, (size_t)(strstr(r->p, "?>") - r->p) + 2);
        return true;
    }
    if (strncmp(r->p, "<!--", 4) == 0) {
        step(r, (size_t)(strstr(r->p, "-->") - r->p) + 3);
        return true;
    }
    if (*r->p == '<')
        return read_element(r, w, err);
    struct wprp_place at = here(r);
    struct text t = {0};
    size_t n = strcspn(r->p, "<");
    decode(&t, r->p, n);
    step(r, n);
    bool ok = wprp_text(w, text_str(&t), at, err);
    text_free(&t);
    return ok;
}

bool sink_examine(const char *name, const char *xml, struct profile *out, struct wprp_exam *exam, struct err *err)
{
    struct wprp *w = NULL;
    if (!wprp_create(name, &w, err))
        return false;
    struct reader r = {.p = xml, .line = 1, .column = 1};
    bool ok = true;
    while (ok && *r.p)
        ok = read_node(&r, w, err);
    if (ok && exam)
        wprp_examine(w, exam);
    ok = ok && wprp_finish_examined(w, out, exam, err);
    wprp_free(w);
    return ok;
}

bool sink_read(const char *name, const char *xml, struct profile *out, struct err *err)
{
    return sink_examine(name, xml, out, NULL, err);
}
