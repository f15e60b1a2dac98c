/* Compares the nodes of a .wprp file with the documented structure. */
#include "core/profile/wprp_exam.h"

#include "core/profile/wprp_tree.h"

#include <stdio.h>
#include <string.h>

/* Lists of names, each with a space before and after. */
struct shape {
    const char *element;
    const char *required; /* attributes */
    const char *newer;    /* attributes that the first versions do not know */
    const char *children; /* in the order that they must have; empty: not looked at */
    const char *newer_children;
    const char *single; /* children that must stand there once */
};

static const struct shape shapes[] = {
    {"WindowsPerformanceRecorder", " Version Author ", "",
     " Profiles TraceMergeProperties OnOffTransitionConfigurations ", "", " Profiles "},
    {"Profiles", "", "",
     " SystemCollector EventCollector HeapEventCollector SystemProvider EventProvider HeapEventProvider Profile "
     "TraceMergeProperties ",
     "", ""},
    {"SystemCollector", " Id ", "", " BufferSize Buffers StackCaching MaximumFileSize FlushTimer ",
     " MaximumFileSize FlushTimer ", ""},
    {"SystemCollectorId", " Value ", "",
     " BufferSize Buffers StackCaching MaximumFileSize FlushTimer SystemProviderId SystemProvider ",
     " MaximumFileSize FlushTimer ", ""},
    {"BufferSize", " Value ", "", "", "", ""},
    {"Buffers", " Value ", " MaximumBufferSpace BuffersPerCpu ", "", "", ""},
    {"StackCaching", " BucketCount CacheSize ", "", "", "", ""},
    {"MaximumFileSize", " Value ", " FileMode ", "", "", ""},
    {"SystemProvider", " Id ", "", " Keywords Stacks PoolTags ", "", ""},
    {"SystemProviderId", " Value ", "", " Keywords Stacks PoolTags ", "", ""},
    {"Keyword", " Value ", "", "", "", ""},
    {"CustomKeyword", " Value ", "", "", "", ""},
    {"Stack", " Value ", "", "", "", ""},
    {"Profile", " Id Name Description LoggingMode DetailLevel ", "", "", " TraceMergeProperties ", ""},
    {"Collectors", "", "", " SystemCollectorId EventCollectorId HeapEventCollectorId ", "", ""},
};

void wprp_exam_note(struct wprp_exam *exam, enum wprp_note_kind kind, struct wprp_place at, const char *fmt, ...)
{
    exam->of[kind]++;
    if (exam->count == WPRP_EXAM_MAX)
        return;
    struct wprp_note *n = &exam->notes[exam->count++];
    va_list args;
    va_start(args, fmt);
    vsnprintf(n->text, sizeof n->text, fmt, args);
    va_end(args);
    n->kind = kind;
    n->at = at;
}

static const struct shape *shape_of(const char *element)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].element, element) == 0)
            return &shapes[i];
    return NULL;
}

/* Where the name stands in the list; 0: it does not. */
static size_t place_in(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = strstr(list, name); n && p; p = strstr(p + 1, name))
        if (p > list && p[-1] == ' ' && p[n] == ' ')
            return (size_t)(p - list);
    return 0;
}

/* The next name of a list, or false at its end. */
static bool next_name(const char **list, char out[40])
{
    const char *p = *list + strspn(*list, " ");
    size_t n = strcspn(p, " ");
    if (!n)
        return false;
    snprintf(out, 40, "%.*s", (int)n, p);
    *list = p + n;
    return true;
}

static void check_attributes(const struct wprp *w, size_t node, const struct shape *s, struct wprp_exam *exam)
{
    const struct wprp_node *n = &w->nodes[node];
    char name[40];
    const char *list = s->required;
    while (next_name(&list, name))
        if (!wprp_find_attr(w, node, name))
            wprp_exam_note(exam, WPRP_NOTE_WRONG, n->at, "<%s> needs the attribute %s.", s->element, name);
    for (size_t i = 0; i < n->attr_count; i++) {
        const struct wprp_attr *a = &w->attrs[n->first_attr + i];
        if (place_in(s->newer, a->name))
            wprp_exam_note(exam, WPRP_NOTE_NEWER, a->at, "%s of <%s>", a->name, s->element);
    }
}

/* One child against what came before it. */
static void check_child(const struct wprp *w, size_t child, const struct shape *s, size_t *reached,
                        struct wprp_exam *exam)
{
    const struct wprp_node *n = &w->nodes[child];
    size_t place = place_in(s->children, n->name);
    if (place_in(s->newer_children, n->name))
        wprp_exam_note(exam, WPRP_NOTE_NEWER, n->at, "<%s> in <%s>", n->name, s->element);
    if (!place)
        return; /* unknown ones are the reader's to refuse */
    if (place < *reached)
        wprp_exam_note(exam, WPRP_NOTE_WRONG, n->at, "<%s> stands too late in <%s>; the order is%s.", n->name,
                       s->element, s->children);
    else
        *reached = place;
}

static void check_children(const struct wprp *w, size_t node, const struct shape *s, struct wprp_exam *exam)
{
    char name[40];
    size_t reached = 0;
    for (size_t i = node + 1; s->children[0] && i < w->node_count; i++) {
        if (w->nodes[i].parent == WPRP_NO_NODE || w->nodes[i].parent < node)
            break;
        if (w->nodes[i].parent == node)
            check_child(w, i, s, &reached, exam);
    }
    const char *list = s->single;
    while (next_name(&list, name)) {
        unsigned found = 0;
        for (size_t i = node + 1; i < w->node_count; i++)
            found += w->nodes[i].parent == node && strcmp(w->nodes[i].name, name) == 0;
        if (found != 1)
            wprp_exam_note(exam, WPRP_NOTE_WRONG, w->nodes[node].at, "<%s> needs one <%s>, not %u.", s->element, name,
                           found);
    }
}

static bool id_is_plain(const char *id)
{
    return id[0] && !strpbrk(id, ": \t\r\n");
}

static void check_id(const struct wprp *w, size_t node, struct wprp_exam *exam)
{
    const struct wprp_attr *id = wprp_find_attr(w, node, "Id");
    if (id && !id_is_plain(id->value))
        wprp_exam_note(exam, WPRP_NOTE_WRONG, id->at, "Id=\"%s\" is empty or has a colon or space in it.",
                       wprp_word(id->value).s);
}

static const char *value_of(const struct wprp *w, size_t node, const char *name)
{
    const struct wprp_attr *a = wprp_find_attr(w, node, name);
    return a ? a->value : "";
}

static void check_profile(const struct wprp *w, size_t node, struct wprp_exam *exam)
{
    char want[300];
    const struct wprp_attr *id = wprp_find_attr(w, node, "Id");
    snprintf(want, sizeof want, "%.128s.%.20s.%.20s", value_of(w, node, "Name"), value_of(w, node, "DetailLevel"),
             value_of(w, node, "LoggingMode"));
    if (id && strcmp(id->value, want) != 0)
        wprp_exam_note(exam, WPRP_NOTE_WRONG, id->at, "The Id of this profile must be \"%s\".", wprp_word(want).s);
}

static void check_collector(const struct wprp *w, size_t node, struct wprp_exam *exam)
{
    const struct wprp_attr *name = wprp_find_attr(w, node, "Name");
    if (name && strcmp(name->value, "NT Kernel Logger") != 0 &&
        strcmp(name->value, "Circular Kernel Context Logger") != 0)
        wprp_exam_note(exam, WPRP_NOTE_NEWER, name->at, "a name of its own for <SystemCollector>");
}

/* What an element refers to by its Value must be there. */
static void check_reference(const struct wprp *w, size_t node, const char *to, struct wprp_exam *exam)
{
    const struct wprp_attr *value = wprp_find_attr(w, node, "Value");
    if (!value)
        return;
    for (size_t i = 0; i < w->node_count; i++)
        if (strcmp(w->nodes[i].name, to) == 0 && strcmp(value_of(w, i, "Id"), value->value) == 0)
            return;
    wprp_exam_note(exam, WPRP_NOTE_WRONG, value->at, "There is no <%s> \"%s\".", to, wprp_word(value->value).s);
}

/* File and Memory, of one level: wpr.exe chooses by them. */
static void check_variants(const struct wprp *w, size_t node, struct wprp_exam *exam)
{
    const char *other = strcmp(value_of(w, node, "LoggingMode"), "File") == 0 ? "Memory" : "File";
    for (size_t i = 0; i < w->node_count; i++)
        if (strcmp(w->nodes[i].name, "Profile") == 0 &&
            strcmp(value_of(w, i, "Name"), value_of(w, node, "Name")) == 0 &&
            strcmp(value_of(w, i, "DetailLevel"), value_of(w, node, "DetailLevel")) == 0 &&
            strcmp(value_of(w, i, "LoggingMode"), other) == 0)
            return;
    wprp_exam_note(exam, WPRP_NOTE_WRONG, w->nodes[node].at, "This profile has no variant with LoggingMode=\"%s\".",
                   other);
}

static void check_by_name(const struct wprp *w, size_t node, struct wprp_exam *exam)
{
    static const struct {
        const char *from;
        const char *to;
    } references[] = {{"SystemCollectorId", "SystemCollector"},       {"EventCollectorId", "EventCollector"},
                      {"HeapEventCollectorId", "HeapEventCollector"}, {"SystemProviderId", "SystemProvider"},
                      {"EventProviderId", "EventProvider"},           {"HeapEventProviderId", "HeapEventProvider"}};
    const char *name = w->nodes[node].name;
    for (size_t i = 0; i < sizeof references / sizeof references[0]; i++)
        if (strcmp(references[i].from, name) == 0)
            check_reference(w, node, references[i].to, exam);
    if (strcmp(name, "SystemCollector") == 0)
        check_collector(w, node, exam);
    if (strcmp(name, "Profile") == 0) {
        check_profile(w, node, exam);
        check_variants(w, node, exam);
    }
}

void wprp_examine(struct wprp *w, struct wprp_exam *exam)
{
    bool any_profile = false;
    unsigned ids = 0;
    for (size_t i = 0; i < w->node_count && exam->count < WPRP_EXAM_MAX; i++) {
        ids += wprp_find_attr(w, i, "Id") != NULL;
        if (ids > WPRP_MAX_IDS)
            return; /* which the reader refuses */
        const struct shape *s = shape_of(w->nodes[i].name);
        if (s) {
            check_attributes(w, i, s, exam);
            check_children(w, i, s, exam);
        }
        check_id(w, i, exam);
        check_by_name(w, i, exam);
        any_profile = any_profile || strcmp(w->nodes[i].name, "Profile") == 0;
    }
    if (w->node_count && !any_profile)
        wprp_exam_note(exam, WPRP_NOTE_WRONG, w->nodes[0].at, "The file holds no <Profile>.");
}
