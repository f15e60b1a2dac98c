/* From a profile to the editor's fields and back. */
#include "core/editor/editor.h"

#include "core/editor/editor_words.h"
#include "core/record/profile_text.h"

#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

#define MB (1024ull * 1024)

/* --- numbers as people write them --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What may stand between groups of three digits: , . ' blank, no-break space, narrow no-break space. */
static size_t separator(const char *s)
{
    static const char *const signs[] = {",", ".", "'", " ", "\xC2\xA0", "\xE2\x80\xAF"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t n = strlen(signs[i]);
        if (strncmp(s, signs[i], n) == 0)
            return is_digit(s[n]) && is_digit(s[n + 1]) && is_digit(s[n + 2]) && !is_digit(s[n + 3]) ? n : 0;
    }
    return 0;
}

/* A whole number, blanks around it aside; one that is too large becomes UINT32_MAX. False: it is not one. */
static bool read_number(const char *s, uint32_t *out)
{
    uint64_t n = 0;
    s += strspn(s, " ");
    if (!is_digit(*s))
        return false;
    while (is_digit(*s) || separator(s)) {
        s += separator(s);
        n = n * 10 + (uint64_t)(*s++ - '0');
        if (n > UINT32_MAX)
            n = UINT32_MAX;
    }
    s += strspn(s, " ");
    *out = (uint32_t)n;
    return !*s;
}

static bool is_blank(const char *s)
{
    return !s[strspn(s, " ")];
}

static uint32_t number_in(const struct editor_input *in, enum profile_field field)
{
    uint32_t n = 0;
    return read_number(in->text[field], &n) ? n : 0;
}

static void put_number(struct editor_input *in, enum profile_field field, uint64_t n)
{
    snprintf(in->text[field], sizeof in->text[field], "%llu", (unsigned long long)n);
}

/* Fields that may stay empty: no limit. */
static void put_limit(struct editor_input *in, enum profile_field field, uint32_t n)
{
    if (n)
        put_number(in, field, n);
}

/* --- which field is what --- */

static const struct {
    enum editor_page page;
    bool number;
    unsigned rule; /* the stop rule that it belongs to */
} fields[PROFILE_FIELD_COUNT] = {
    [PROFILE_FIELD_NAME] = {EDITOR_PAGE_GENERAL, false, 0},
    [PROFILE_FIELD_DESCRIPTION] = {EDITOR_PAGE_GENERAL, false, 0},
    [PROFILE_FIELD_TYPES] = {EDITOR_PAGE_TYPES, false, 0},
    [PROFILE_FIELD_STACKS] = {EDITOR_PAGE_STACKS, false, 0},
    [PROFILE_FIELD_STORAGE] = {EDITOR_PAGE_STORAGE, false, 0},
    [PROFILE_FIELD_BUFFER_KB] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_MEMORY] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_FILE_MB] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_SEGMENT_MINUTES] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_SEGMENT_MB] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_KEEP_MB] = {EDITOR_PAGE_STORAGE, true, 0},
    [PROFILE_FIELD_STACK_CACHE] = {EDITOR_PAGE_STORAGE, false, 0},
    [PROFILE_FIELD_STOP_AFTER] = {EDITOR_PAGE_STOP, true, PROFILE_RULE_AFTER},
    [PROFILE_FIELD_STOP_AT] = {EDITOR_PAGE_STOP, true, PROFILE_RULE_AT},
    [PROFILE_FIELD_STOP_DISK] = {EDITOR_PAGE_STOP, true, PROFILE_RULE_DISK},
    [PROFILE_FIELD_HOLD_PROCESS] = {EDITOR_PAGE_STOP, false, PROFILE_RULE_HOLD},
    [PROFILE_FIELD_HOLD_TYPE] = {EDITOR_PAGE_STOP, false, PROFILE_RULE_HOLD},
    [PROFILE_FIELD_HOLD_COUNT] = {EDITOR_PAGE_STOP, true, PROFILE_RULE_HOLD},
    [PROFILE_FIELD_GROW_TYPE] = {EDITOR_PAGE_STOP, false, PROFILE_RULE_GROW},
    [PROFILE_FIELD_GROW_COUNT] = {EDITOR_PAGE_STOP, true, PROFILE_RULE_GROW},
};

enum editor_page editor_page_of(enum profile_field field)
{
    return fields[field].page;
}

static bool is_segment_field(enum profile_field field)
{
    return field == PROFILE_FIELD_SEGMENT_MINUTES || field == PROFILE_FIELD_SEGMENT_MB ||
           field == PROFILE_FIELD_KEEP_MB;
}

/* --- opening --- */

static uint64_t memory_mb(const struct editor *e, const struct profile *p)
{
    if (p->memory_percent)
        return e->facts.memory_bytes / MB * p->memory_percent / 100;
    uint64_t kb = (uint64_t)p->buffers * p->buffer_kb;
    return (kb + 1023) / 1024;
}

static void put_text(struct editor_input *in, enum profile_field field, const char *s)
{
    text_put(in->text[field], sizeof in->text[field], s);
}

static void put_stop(struct editor_input *in, const struct profile_stop *s)
{
    /* What a rule starts with when it is ticked. */
    put_number(in, PROFILE_FIELD_STOP_AFTER, s->after_s ? ((uint64_t)s->after_s + 59) / 60 : 10);
    put_limit(in, PROFILE_FIELD_STOP_AT, s->at_mb);
    put_number(in, PROFILE_FIELD_STOP_DISK, s->disk_below_mb ? ((uint64_t)s->disk_below_mb + 1023) / 1024 : 5);
    put_text(in, PROFILE_FIELD_HOLD_PROCESS, s->hold_count && !s->hold_process[0] ? "*" : s->hold_process);
    put_text(in, PROFILE_FIELD_HOLD_TYPE, s->hold_type);
    put_number(in, PROFILE_FIELD_HOLD_COUNT, s->hold_count ? s->hold_count : 5000);
    put_text(in, PROFILE_FIELD_GROW_TYPE, s->grow_type);
    put_number(in, PROFILE_FIELD_GROW_COUNT, s->grow_per_minute ? s->grow_per_minute : 500);
    in->rules = (s->after_s ? PROFILE_RULE_AFTER : 0u) | (s->at_mb ? PROFILE_RULE_AT : 0u) |
                (s->disk_below_mb ? PROFILE_RULE_DISK : 0u) | (s->hold_count ? PROFILE_RULE_HOLD : 0u) |
                (s->grow_per_minute ? PROFILE_RULE_GROW : 0u);
}

static void put_input(struct editor *e, const struct profile *p)
{
    struct editor_input *in = &e->now;
    put_text(in, PROFILE_FIELD_NAME, p->name);
    put_text(in, PROFILE_FIELD_DESCRIPTION, p->description);
    put_number(in, PROFILE_FIELD_BUFFER_KB, p->buffer_kb);
    put_number(in, PROFILE_FIELD_MEMORY, memory_mb(e, p));
    put_limit(in, PROFILE_FIELD_FILE_MB, p->max_file_mb);
    put_limit(in, PROFILE_FIELD_SEGMENT_MINUTES, p->segment_minutes);
    put_limit(in, PROFILE_FIELD_SEGMENT_MB, p->segment_mb);
    put_limit(in, PROFILE_FIELD_KEEP_MB, p->keep_mb);
    put_stop(in, &p->stop);
    in->only_types = p->tag_count > 0;
    in->stacks = p->stacks;
    in->storage = p->storage;
    in->segments = p->segment_minutes || p->segment_mb;
    in->live_events = p->live_events;
}

bool editor_open(struct editor *e, enum editor_mode mode, const struct profile *p, const char *copy_name,
                 const struct editor_facts *facts, struct err *err)
{
    struct editor_types types;
    if (!editor_types_open(&types, facts->counts, p->tags, p->tag_count, err))
        return false;
    memset(e, 0, sizeof *e);
    e->mode = mode;
    e->facts = *facts;
    e->profile = *p;
    e->types = types;
    put_input(e, p);
    if (copy_name)
        put_text(&e->now, PROFILE_FIELD_NAME, copy_name);
    e->opened = e->now;
    return true;
}

void editor_close(struct editor *e)
{
    editor_types_close(&e->types);
}

void editor_make_copy(struct editor *e, const char *name)
{
    e->mode = EDITOR_NEW;
    put_text(&e->now, PROFILE_FIELD_NAME, name);
}

/* --- what the fields make --- */

static bool same_text(const struct editor *e, enum profile_field field)
{
    return strcmp(e->now.text[field], e->opened.text[field]) == 0;
}

/* A size that was not touched stays exactly what it was: fields are in whole MB, minutes and GB. */
static void take_memory(const struct editor *e, struct profile *p)
{
    p->buffer_kb = number_in(&e->now, PROFILE_FIELD_BUFFER_KB);
    bool same = same_text(e, PROFILE_FIELD_MEMORY);
    if (same && (e->profile.memory_percent || p->buffer_kb == e->profile.buffer_kb))
        return;
    uint64_t kb = same ? (uint64_t)e->profile.buffers * e->profile.buffer_kb
                       : (uint64_t)number_in(&e->now, PROFILE_FIELD_MEMORY) * 1024;
    uint64_t n = p->buffer_kb ? kb / p->buffer_kb : 0;
    if (kb && n < PROFILE_BUFFERS_MIN)
        n = PROFILE_BUFFERS_MIN;
    p->memory_percent = 0;
    p->buffers = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static uint32_t scaled(const struct editor *e, enum profile_field field, uint32_t as_opened, uint32_t unit)
{
    if (as_opened && same_text(e, field))
        return as_opened;
    uint64_t n = (uint64_t)number_in(&e->now, field) * unit;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void take_stop(const struct editor *e, struct profile_stop *s)
{
    const struct editor_input *in = &e->now;
    const struct profile_stop *was = &e->profile.stop;
    memset(s, 0, sizeof *s);
    if (in->rules & PROFILE_RULE_AFTER)
        s->after_s = scaled(e, PROFILE_FIELD_STOP_AFTER, was->after_s, 60);
    if ((in->rules & PROFILE_RULE_AT) && in->storage == PROFILE_FILE)
        s->at_mb = number_in(in, PROFILE_FIELD_STOP_AT);
    if (in->rules & PROFILE_RULE_DISK)
        s->disk_below_mb = scaled(e, PROFILE_FIELD_STOP_DISK, was->disk_below_mb, 1024);
    if (in->rules & PROFILE_RULE_HOLD) {
        text_put(s->hold_process, sizeof s->hold_process, in->text[PROFILE_FIELD_HOLD_PROCESS]);
        text_put(s->hold_type, sizeof s->hold_type, in->text[PROFILE_FIELD_HOLD_TYPE]);
        s->hold_count = number_in(in, PROFILE_FIELD_HOLD_COUNT);
    }
    if (in->rules & PROFILE_RULE_GROW) {
        text_put(s->grow_type, sizeof s->grow_type, in->text[PROFILE_FIELD_GROW_TYPE]);
        s->grow_per_minute = number_in(in, PROFILE_FIELD_GROW_COUNT);
    }
}

static void take_storage(const struct editor *e, struct profile *p)
{
    const struct editor_input *in = &e->now;
    bool segments = in->segments && in->storage == PROFILE_FILE;
    p->storage = in->storage;
    take_memory(e, p);
    p->max_file_mb = in->storage == PROFILE_RING ? 0 : number_in(in, PROFILE_FIELD_FILE_MB);
    p->segment_minutes = segments ? number_in(in, PROFILE_FIELD_SEGMENT_MINUTES) : 0;
    p->segment_mb = segments ? number_in(in, PROFILE_FIELD_SEGMENT_MB) : 0;
    p->keep_mb = segments ? number_in(in, PROFILE_FIELD_KEEP_MB) : 0;
}

void editor_take(const struct editor *e, struct profile *out)
{
    struct profile p = e->profile;
    const struct editor_input *in = &e->now;
    text_put(p.name, sizeof p.name, in->text[PROFILE_FIELD_NAME]);
    text_put(p.description, sizeof p.description, in->text[PROFILE_FIELD_DESCRIPTION]);
    memset(p.tags, 0, sizeof p.tags);
    p.tag_count = in->only_types ? e->types.tag_count : 0;
    memcpy(p.tags, e->types.tags, p.tag_count * sizeof *p.tags);
    p.stacks = in->stacks;
    p.live_events = in->live_events;
    take_storage(e, &p);
    take_stop(e, &p.stop);
    /* A copy has what is understood, and nothing else. */
    p.foreign = e->mode == EDITOR_FOREIGN && p.foreign;
    if (!p.foreign)
        p.left_out[0] = 0;
    *out = p;
}

static bool same_tags(const struct editor *e)
{
    const struct profile *p = &e->profile;
    if (e->types.tag_count != p->tag_count)
        return false;
    for (unsigned i = 0; i < p->tag_count; i++) {
        unsigned k = 0;
        while (k < p->tag_count && e->types.tags[k] != p->tags[i])
            k++;
        if (k == p->tag_count)
            return false;
    }
    return true;
}

bool editor_changed(const struct editor *e)
{
    const struct editor_input *a = &e->now;
    const struct editor_input *b = &e->opened;
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        if (!same_text(e, (enum profile_field)i))
            return true;
    return a->only_types != b->only_types || a->stacks != b->stacks || a->storage != b->storage ||
           a->segments != b->segments || a->rules != b->rules || a->live_events != b->live_events ||
           (a->only_types && !same_tags(e));
}

/* --- what can be used --- */

bool editor_box_usable(const struct editor *e, enum profile_field field)
{
    if (e->mode == EDITOR_FOREIGN)
        return false;
    if (e->mode == EDITOR_RUNNING)
        return field == PROFILE_FIELD_TYPES || field == PROFILE_FIELD_STACKS;
    if (is_segment_field(field) || field == PROFILE_FIELD_STOP_AT)
        return e->now.storage == PROFILE_FILE;
    return field != PROFILE_FIELD_FILE_MB || e->now.storage != PROFILE_RING;
}

bool editor_usable(const struct editor *e, enum profile_field field)
{
    unsigned rule = fields[field].rule;
    return editor_box_usable(e, field) && (!rule || (e->now.rules & rule)) &&
           (!is_segment_field(field) || e->now.segments);
}

static unsigned note_word(const struct editor *e, enum profile_field field)
{
    if (e->mode == EDITOR_FOREIGN || e->mode == EDITOR_RUNNING)
        return 0; /* the notice says it, for all */
    if (field == PROFILE_FIELD_STORAGE)
        return EDITOR_WORD_MODE_NOTE + (unsigned)e->now.storage;
    if (field == PROFILE_FIELD_MEMORY && e->profile.memory_percent && same_text(e, field))
        return EDITOR_WORD_PERCENT;
    if (field == PROFILE_FIELD_FILE_MB && e->now.storage == PROFILE_RING)
        return EDITOR_WORD_RING_NO_FILE;
    if (field == PROFILE_FIELD_FILE_MB && e->now.storage == PROFILE_FILE)
        return EDITOR_WORD_SIZE_ANY;
    bool only_file = field == PROFILE_FIELD_SEGMENT_MINUTES || field == PROFILE_FIELD_STOP_AT;
    return only_file && e->now.storage != PROFILE_FILE ? EDITOR_WORD_ONLY_FILE : 0;
}

void editor_note(const struct editor *e, enum profile_field field, const struct view_locale *l, char *out, size_t size)
{
    unsigned id = note_word(e, field);
    char percent[16];
    snprintf(percent, sizeof percent, "%u", e->profile.memory_percent);
    const char *args[] = {percent};
    view_fill(out, size, id ? view_word(l, id) : "", args, 1);
}

/* --- what is wrong --- */

static struct profile_limits limits_of(const struct editor *e)
{
    const struct editor_facts *f = &e->facts;
    struct profile_limits l = {.memory_bytes = f->memory_bytes,
                               .disk_known = f->disk_known,
                               .disk_free = f->disk_free,
                               .editing = true,
                               .only_types = e->now.only_types,
                               .segments = e->now.segments && e->now.storage == PROFILE_FILE,
                               .ticked = e->now.rules};
    if (e->now.storage != PROFILE_FILE)
        l.ticked &= ~(unsigned)PROFILE_RULE_AT;
    text_put(l.drive, sizeof l.drive, f->drive ? f->drive : "");
    l.name_taken = f->name_taken && f->name_taken(f->ctx, e->now.text[PROFILE_FIELD_NAME]);
    return l;
}

static bool find_problem(const struct editor *e, enum profile_field field, struct profile_problem *out)
{
    struct profile p;
    struct profile_limits limits = limits_of(e);
    editor_take(e, &p);
    /* The memory is fine or not whatever the buffers are: what is wrong with those is told there. */
    if (field == PROFILE_FIELD_MEMORY && !p.memory_percent) {
        p.buffers = number_in(&e->now, field);
        p.buffer_kb = 1024;
    }
    return editor_usable(e, field) && profile_problem_of(&p, &limits, field, out);
}

/* Not a number where one may be missing: an empty field is a limit that is not set. */
static bool is_no_number(const struct editor *e, enum profile_field field)
{
    uint32_t n = 0;
    const char *s = e->now.text[field];
    return fields[field].number && editor_usable(e, field) && !is_blank(s) && !read_number(s, &n);
}

bool editor_problem(const struct editor *e, enum profile_field field, const struct view_locale *l, char *out,
                    size_t size, bool *warning)
{
    struct profile_problem found = {.severity = PROFILE_ERROR};
    bool is = find_problem(e, field, &found);
    *warning = is && found.severity == PROFILE_WARNING;
    out[0] = 0;
    if (is && !*warning) {
        profile_problem_text(&found, l, out, size);
        return true;
    }
    if (is_no_number(e, field)) {
        *warning = false;
        text_put(out, size, view_word(l, EDITOR_WORD_NUMBER));
        return true;
    }
    if (is)
        profile_problem_text(&found, l, out, size);
    return is;
}

enum profile_field editor_first_error(const struct editor *e)
{
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++) {
        enum profile_field field = (enum profile_field)i;
        struct profile_problem found;
        if (is_no_number(e, field) || (find_problem(e, field, &found) && found.severity == PROFILE_ERROR))
            return field;
    }
    return PROFILE_FIELD_COUNT;
}
