/* Says in words what a profile records, and what was noted about its file. */
#include "core/profile/type_names.h"
#include "core/profile/wprp_exam.h"

#include <stdio.h>

#define MB (1024ull * 1024)

/* "Event", or "IoCompletion, IoCompletionReserve" where types share a tag. */
static void add_types_of(struct text *out, uint32_t tag)
{
    unsigned n = 0;
    for (const char *const *t = type_names_known; *t; t++)
        if (profile_tag(*t) == tag)
            text_addf(out, "%s%s", n++ ? ", " : "", *t);
    if (n)
        return;
    char text[5];
    profile_tag_text(tag, text);
    text_addf(out, "types beginning with \"%s\"", text);
}

static void add_types(const struct profile *p, struct text *out)
{
    text_add(out, "Types: ");
    for (unsigned i = 0; i < p->tag_count; i++) {
        text_add(out, i ? ", " : "");
        add_types_of(out, p->tags[i]);
    }
    text_add(out, p->tag_count ? "\n" : "all\n");
}

static void add_stacks(const struct profile *p, struct text *out)
{
    static const struct {
        unsigned bit;
        const char *word;
    } rows[] = {
        {PROFILE_STACK_CREATE, "create"}, {PROFILE_STACK_DUPLICATE, "duplicate"}, {PROFILE_STACK_CLOSE, "close"}};
    bool any = false;
    text_add(out, "Stacks: ");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (p->stacks & rows[i].bit) {
            text_addf(out, "%s%s", any ? ", " : "", rows[i].word);
            any = true;
        }
    text_add(out, any ? "" : "none");
    if (!(p->stacks & PROFILE_STACK_CREATE))
        text_add(out, " (without create stacks the report cannot name the leaking code)");
    text_add(out, "\n");
}

static void add_storage(const struct profile *p, uint64_t memory_bytes, struct text *out)
{
    static const char *const words[] = {
        [PROFILE_FILE] = "a file", [PROFILE_RING] = "a memory ring", [PROFILE_CIRCULAR] = "a circular file"};
    text_addf(out, "Storage: %s", words[p->storage]);
    if (p->max_file_mb)
        text_addf(out, " of at most %u MB", p->max_file_mb);
    text_addf(out, "\nBuffers: %u KB each, ", p->buffer_kb);
    if (p->buffers)
        text_addf(out, "%u of them (%llu MB)\n", p->buffers, (unsigned long long)p->buffers * p->buffer_kb / 1024);
    else if (memory_bytes)
        text_addf(out, "%u %% of the memory (%llu MB here)\n", p->memory_percent,
                  (unsigned long long)(memory_bytes / MB * p->memory_percent / 100));
    else
        text_addf(out, "%u %% of the memory\n", p->memory_percent);
    if (p->stack_cache)
        text_addf(out, "Stack cache: %u KB, %u buckets\n", p->stack_cache_kb, p->stack_cache_buckets);
    if (!p->segment_minutes && !p->segment_mb)
        return;
    text_add(out, "Segments: a new file");
    if (p->segment_minutes)
        text_addf(out, " every %u minutes", p->segment_minutes);
    if (p->segment_mb)
        text_addf(out, "%s at %u MB", p->segment_minutes ? " and" : "", p->segment_mb);
    if (p->keep_mb)
        text_addf(out, "; the oldest ones beyond %u MB are deleted", p->keep_mb);
    text_add(out, "\n");
}

static const char *or_any(const char *s, const char *any)
{
    return s[0] && !(s[0] == '*' && !s[1]) ? s : any;
}

static void add_stops(const struct profile_stop *s, struct text *out)
{
    if (s->after_s)
        text_addf(out, "Stops: after %u seconds\n", s->after_s);
    if (s->at_mb)
        text_addf(out, "Stops: at %u MB\n", s->at_mb);
    if (s->disk_below_mb)
        text_addf(out, "Stops: when less than %u MB of the disk are free\n", s->disk_below_mb);
    if (s->hold_count)
        text_addf(out, "Stops: when %s holds more than %u handles of %s\n", or_any(s->hold_process, "a process"),
                  s->hold_count, or_any(s->hold_type, "all types"));
    if (s->grow_per_minute)
        text_addf(out, "Stops: when handles of %s grow faster than %u a minute\n", or_any(s->grow_type, "all types"),
                  s->grow_per_minute);
}

void profile_explain(const struct profile *p, uint64_t memory_bytes, struct text *out)
{
    text_addf(out, "Profile: %s\n", p->name);
    if (p->description[0])
        text_addf(out, "Description: %s\n", p->description);
    add_types(p, out);
    add_stacks(p, out);
    add_storage(p, memory_bytes, out);
    add_stops(&p->stop, out);
    if (p->live_events)
        text_add(out, "Live: counts creates, closes and duplicates while recording\n");
}

void wprp_exam_print(const struct wprp_exam *exam, const char *file, struct text *out)
{
    static const char *const headings[WPRP_NOTE_KINDS] = {
        [WPRP_NOTE_WRONG] = "wpr.exe would not take this file, as far as its structure is documented:",
        [WPRP_NOTE_NEWER] = "The first versions of wpr.exe would not take:",
        [WPRP_NOTE_LEFT_OUT] = "For wpr.exe only; this program leaves it out:",
    };
    unsigned printed = 0;
    for (unsigned kind = 0; kind < WPRP_NOTE_KINDS; kind++) {
        if (exam->of[kind])
            text_addf(out, "\n%s\n", headings[kind]);
        for (unsigned i = 0; i < exam->count; i++) {
            const struct wprp_note *n = &exam->notes[i];
            if ((unsigned)n->kind != kind)
                continue;
            text_addf(out, "  %s(%u,%u): %s\n", file, n->at.line, n->at.column, n->text);
            printed++;
        }
    }
    unsigned all = exam->of[WPRP_NOTE_WRONG] + exam->of[WPRP_NOTE_NEWER] + exam->of[WPRP_NOTE_LEFT_OUT];
    if (all > printed)
        text_addf(out, "  and %u more\n", all - printed);
}
