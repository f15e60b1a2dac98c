/* Which elements and attributes a .wprp file may hold, which of them this program understands, and which it leaves
 * out. */
#include "core/base/text.h"
#include "core/profile/wprp_exam.h"
#include "core/profile/wprp_tree.h"

#include <stdio.h>
#include <string.h>

/* Lists of names, each with a space before and after. */
struct rule {
    const char *element;
    const char *required; /* attributes */
    const char *optional;
    const char *unused; /* attributes that WPR knows and this program leaves out */
    const char *children;
    const char *left_out; /* children that WPR knows and this program leaves out */
};

static const struct rule rules[] = {
    {"WindowsPerformanceRecorder", " Version ", " Author Team Copyright Company Comments Tag ", "", " Profiles ",
     " TraceMergeProperties OnOffTransitionConfigurations "},
    {"Profiles", "", "", "", " SystemCollector SystemProvider Profile ",
     " EventCollector HeapEventCollector EventProvider HeapEventProvider TraceMergeProperties "},
    {"SystemCollector", " Id ", " Base Name Realtime ", "", " BufferSize Buffers StackCaching MaximumFileSize ",
     " FlushTimer "},
    {"BufferSize", " Value ", " Operation ", "", "", ""},
    {"Buffers", " Value ", " Operation PercentageOfTotalMemory ", " MaximumBufferSpace BuffersPerCpu ", "", ""},
    {"StackCaching", " BucketCount CacheSize ", "", "", "", ""},
    {"MaximumFileSize", " Value ", " Operation FileMode ", "", "", ""},
    {"SystemProvider", " Id ", " Base ", "", " Keywords Stacks ", " PoolTags "},
    {"Keywords", "", " Operation ", "", " Keyword CustomKeyword ", ""},
    {"Keyword", " Value ", " Strict ", "", "", ""},
    {"CustomKeyword", " Value ", " Strict ", "", "", ""},
    {"Stacks", "", " Operation ", "", " Stack ", " CustomStack "},
    {"Stack", " Value ", " Strict ", "", "", ""},
    {"Profile", " Id Name Description LoggingMode DetailLevel ", " Base Internal Default Strict ", "", " Collectors ",
     " ProblemCategories TraceMergeProperties "},
    {"Collectors", "", " Operation ", "", " SystemCollectorId ", " EventCollectorId HeapEventCollectorId "},
    {"SystemCollectorId", " Value ", "", "",
     " BufferSize Buffers StackCaching MaximumFileSize SystemProviderId SystemProvider ", " FlushTimer "},
    {"SystemProviderId", " Value ", "", "", " Keywords Stacks ", " PoolTags "},
};

/* Attributes that hold one of some words, wherever they stand. */
static const struct {
    const char *attr;
    const char *words;
} worded[] = {
    {"Operation", " Set Add Remove "},  {"LoggingMode", " File Memory "},
    {"DetailLevel", " Light Verbose "}, {"FileMode", " Circular Sequential "},
    {"Realtime", " true false 1 0 "},   {"PercentageOfTotalMemory", " true false 1 0 "},
    {"Strict", " true false 1 0 "},     {"Internal", " true false 1 0 "},
    {"Default", " true false 1 0 "},
};

static bool in_list(const char *list, const char *name)
{
    size_t n = strlen(name);
    if (!n || strchr(name, ' '))
        return false;
    for (const char *p = strstr(list, name); p; p = strstr(p + 1, name))
        if (p[-1] == ' ' && p[n] == ' ')
            return true;
    return false;
}

static const struct rule *find_rule(const char *element)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (strcmp(rules[i].element, element) == 0)
            return &rules[i];
    return NULL;
}

void wprp_leave_out(struct wprp_left_out *l, struct wprp_place at, const char *kind, const char *name)
{
    char what[64];
    snprintf(what, sizeof what, "%s%s%s", kind, name ? " " : "", name ? wprp_word(name).s : "");
    if (l->exam)
        wprp_exam_note(l->exam, WPRP_NOTE_LEFT_OUT, at, "%s", what);
    for (unsigned i = 0; i < l->count; i++)
        if (strcmp(l->items[i].what, what) == 0) {
            l->items[i].times++;
            return;
        }
    if (l->count == WPRP_LEFT_OUT_MAX) {
        l->more = true;
        return;
    }
    text_put(l->items[l->count].what, sizeof l->items[0].what, what);
    l->items[l->count++].times = 1;
}

void wprp_print_left_out(const struct wprp_left_out *l, char *out, size_t size)
{
    static const char more[] = "and more\n";
    struct text t = {0};
    bool cut = l->more;
    for (unsigned i = 0; i < l->count; i++) {
        char line[96];
        int n = snprintf(line, sizeof line, l->items[i].times > 1 ? "%s (%u times)\n" : "%s\n", l->items[i].what,
                         l->items[i].times);
        if (t.len + (size_t)n + sizeof more > size) {
            cut = true;
            break;
        }
        text_add(&t, line);
    }
    if (cut)
        text_add(&t, more);
    text_put(out, size, text_str(&t));
    text_free(&t);
}

static bool check_attributes(struct wprp *w, size_t node, const struct rule *r, struct wprp_left_out *left,
                             struct err *err)
{
    const struct wprp_node *n = &w->nodes[node];
    for (size_t i = 0; i < n->attr_count; i++) {
        const struct wprp_attr *a = &w->attrs[n->first_attr + i];
        if (in_list(r->unused, a->name))
            wprp_leave_out(left, a->at, r->element, a->name);
        else if (!in_list(r->required, a->name) && !in_list(r->optional, a->name))
            return wprp_refuse(w, a->at, err, "unknown attribute %s of <%s>", wprp_word(a->name).s, r->element);
        for (size_t k = 0; k < sizeof worded / sizeof worded[0]; k++)
            if (strcmp(worded[k].attr, a->name) == 0 && !in_list(worded[k].words, a->value))
                return wprp_refuse(w, a->at, err, "%s=\"%s\" is none of%s", a->name, wprp_word(a->value).s,
                                   worded[k].words);
    }
    for (const char *p = r->required; *p == ' ' && p[1];) {
        char name[32];
        size_t len = strcspn(p + 1, " ");
        snprintf(name, sizeof name, "%.*s", (int)len, p + 1);
        if (!wprp_find_attr(w, node, name))
            return wprp_refuse(w, n->at, err, "<%s> has no %s", r->element, name);
        p += len + 1;
    }
    return true;
}

/* Names that others refer to: no colon, no white space, no second of the same name. */
static bool check_id(struct wprp *w, size_t node, struct err *err)
{
    const struct wprp_attr *id = wprp_find_attr(w, node, "Id");
    if (!id)
        return true;
    if (!id->value[0] || strpbrk(id->value, ": \t\r\n"))
        return wprp_refuse(w, id->at, err, "Id=\"%s\" is empty or has a colon or space in it", wprp_word(id->value).s);
    for (size_t i = 0; i < w->id_count; i++) {
        const struct wprp_attr *other = wprp_find_attr(w, w->ids[i], "Id");
        if (strcmp(other->value, id->value) == 0)
            return wprp_refuse(w, id->at, err, "Id=\"%s\" is used before, in line %u", wprp_word(id->value).s,
                               other->at.line);
    }
    if (w->id_count == WPRP_MAX_IDS)
        return wprp_refuse(w, id->at, err, "more than %d elements with an Id", WPRP_MAX_IDS);
    w->ids[w->id_count++] = node;
    return true;
}

static bool check_node(struct wprp *w, size_t node, struct wprp_left_out *left, struct err *err)
{
    struct wprp_node *n = &w->nodes[node];
    if (n->parent == WPRP_NO_NODE) {
        if (strcmp(n->name, rules[0].element) != 0)
            return wprp_refuse(w, n->at, err, "the root element is <%s>, not <%s>", wprp_word(n->name).s,
                               rules[0].element);
    } else {
        const struct wprp_node *parent = &w->nodes[n->parent];
        if (!parent->meant)
            return true; /* inside of something left out */
        const struct rule *above = find_rule(parent->name);
        if (above && in_list(above->left_out, n->name)) {
            wprp_leave_out(left, n->at, n->name, NULL);
            return true;
        }
        if (!above || !in_list(above->children, n->name))
            return wprp_refuse(w, n->at, err, "unknown element <%s> in <%s>", wprp_word(n->name).s, parent->name);
    }
    const struct rule *r = find_rule(n->name);
    if (!r)
        return wprp_refuse(w, n->at, err, "unknown element <%s>", wprp_word(n->name).s);
    if (n->text_at.line)
        return wprp_refuse(w, n->text_at, err, "text in <%s>, where only elements can stand", r->element);
    n->meant = true;
    return check_attributes(w, node, r, left, err) && check_id(w, node, err);
}

bool wprp_check_schema(struct wprp *w, struct wprp_left_out *left, struct err *err)
{
    for (size_t i = 0; i < w->node_count; i++)
        if (!check_node(w, i, left, err))
            return false;
    return true;
}

enum wprp_operation wprp_operation(const struct wprp *w, size_t node)
{
    const struct wprp_attr *a = wprp_find_attr(w, node, "Operation");
    if (a && strcmp(a->value, "Add") == 0)
        return WPRP_ADD;
    return a && strcmp(a->value, "Remove") == 0 ? WPRP_REMOVE : WPRP_SET;
}

bool wprp_is_true(const struct wprp *w, size_t node, const char *attr)
{
    const struct wprp_attr *a = wprp_find_attr(w, node, attr);
    return a && (strcmp(a->value, "true") == 0 || strcmp(a->value, "1") == 0);
}
