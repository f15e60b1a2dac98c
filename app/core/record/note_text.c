/* Writes and reads the text of a note: lines of key=value. Trusts no value. */
#include "core/record/note_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_FORMAT  1
#define STOP_NUMBERS 5

/* A value keeps its line: what would break it becomes a space (names may hold such characters, paths on Windows not).
 */
static void add_line(struct text *t, const char *key, const char *value)
{
    text_addf(t, "%s=", key);
    for (; *value; value++)
        text_add_char(t, *value == '\n' || *value == '\r' ? ' ' : *value);
    text_add(t, "\n");
}

static void add_numbers(struct text *t, const char *key, const uint32_t *v, unsigned n)
{
    text_addf(t, "%s=", key);
    for (unsigned i = 0; i < n; i++)
        text_addf(t, "%s%" PRIu32, i ? "," : "", v[i]);
    text_add(t, "\n");
}

static void print_stop(const struct profile_stop *r, struct text *t)
{
    const uint32_t numbers[] = {r->after_s, r->at_mb, r->disk_below_mb, r->hold_count, r->grow_per_minute};
    add_numbers(t, "stop", numbers, STOP_NUMBERS);
    add_line(t, "hold_process", r->hold_process);
    add_line(t, "hold_type", r->hold_type);
    add_line(t, "grow_type", r->grow_type);
}

void note_print(const struct parts_note *n, struct text *t)
{
    text_addf(t, "handle-recorder-note=%d\n", NOTE_FORMAT);
    add_line(t, "session", n->session);
    text_add(t, "guid=");
    for (size_t i = 0; i < sizeof n->guid.bytes; i++)
        text_addf(t, "%02x", n->guid.bytes[i]);
    text_addf(t, "\npid=%" PRIu32 "\npid_start=%" PRIu64 "\nstarted=%" PRIu64 "\n", n->pid, n->pid_start, n->started);
    add_line(t, "profile", n->profile);
    add_line(t, "copy", n->copy);
    add_numbers(t, "masks", n->masks, 8);
    add_numbers(t, "tags", n->tags, n->tag_count);
    text_addf(t, "stacks=%u\n", n->stacks);
    add_numbers(t, "recorded", n->recorded, n->recorded_count);
    text_addf(t, "storage=%u\ncompanion=%u\nlive=%u\n", (unsigned)n->storage, (unsigned)n->companion,
              (unsigned)n->live_events);
    text_addf(t, "segment=%u\nsegment_minutes=%" PRIu32 "\nsegment_mb=%" PRIu32 "\nkeep_mb=%" PRIu32 "\n", n->segment,
              n->segment_minutes, n->segment_mb, n->keep_mb);
    print_stop(&n->stop, t);
    add_line(t, "place", n->place);
    /* A note without its last line was cut. */
    text_add(t, "end=1\n");
}

static bool parse_guid(const char *s, struct trace_guid *out)
{
    if (strlen(s) != 2 * sizeof out->bytes)
        return false;
    for (size_t i = 0; i < sizeof out->bytes; i++) {
        char two[3] = {s[2 * i], s[2 * i + 1], 0};
        char *end = NULL;
        out->bytes[i] = (uint8_t)strtoul(two, &end, 16);
        if (*end)
            return false;
    }
    return true;
}

static unsigned parse_numbers(const char *s, uint32_t *out, unsigned cap)
{
    unsigned n = 0;
    while (*s && n < cap) {
        char *end = NULL;
        out[n++] = (uint32_t)strtoul(s, &end, 10);
        if (*end != ',')
            break;
        s = end + 1;
    }
    return n;
}

struct parsed {
    struct parts_note note;
    bool format, guid, whole;
};

static void take_number(struct parts_note *n, const char *key, const char *value)
{
    uint32_t v = (uint32_t)strtoul(value, NULL, 10);
    const struct {
        const char *key;
        uint32_t *field;
    } rows[] = {
        {"pid", &n->pid},
        {"segment", &n->segment},
        {"segment_minutes", &n->segment_minutes},
        {"segment_mb", &n->segment_mb},
        {"keep_mb", &n->keep_mb},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(key, rows[i].key) == 0)
            *rows[i].field = v;
    if (strcmp(key, "stacks") == 0)
        n->stacks = v & 7u;
    else if (strcmp(key, "companion") == 0)
        n->companion = v == 1;
    else if (strcmp(key, "live") == 0)
        n->live_events = v == 1;
    else if (strcmp(key, "storage") == 0 && v <= PROFILE_CIRCULAR)
        n->storage = (enum profile_storage)v;
    else if (strcmp(key, "pid_start") == 0)
        n->pid_start = strtoull(value, NULL, 10);
    else if (strcmp(key, "started") == 0)
        n->started = strtoull(value, NULL, 10);
}

static void take_text(struct parts_note *n, const char *key, const char *value)
{
    const struct {
        const char *key;
        char *field;
        size_t size;
    } rows[] = {
        {"session", n->session, sizeof n->session},
        {"profile", n->profile, sizeof n->profile},
        {"copy", n->copy, sizeof n->copy},
        {"place", n->place, sizeof n->place},
        {"hold_process", n->stop.hold_process, sizeof n->stop.hold_process},
        {"hold_type", n->stop.hold_type, sizeof n->stop.hold_type},
        {"grow_type", n->stop.grow_type, sizeof n->stop.grow_type},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(key, rows[i].key) == 0)
            text_put(rows[i].field, rows[i].size, value);
}

static void take_stop(struct profile_stop *r, const char *value)
{
    uint32_t v[STOP_NUMBERS] = {0};
    parse_numbers(value, v, STOP_NUMBERS);
    r->after_s = v[0];
    r->at_mb = v[1];
    r->disk_below_mb = v[2];
    r->hold_count = v[3];
    r->grow_per_minute = v[4];
}

static void take(struct parsed *p, const char *key, const char *value)
{
    struct parts_note *n = &p->note;
    take_number(n, key, value);
    take_text(n, key, value);
    if (strcmp(key, "handle-recorder-note") == 0)
        p->format = strtoul(value, NULL, 10) == NOTE_FORMAT;
    else if (strcmp(key, "guid") == 0)
        p->guid = parse_guid(value, &n->guid);
    else if (strcmp(key, "masks") == 0)
        parse_numbers(value, n->masks, 8);
    else if (strcmp(key, "tags") == 0)
        n->tag_count = parse_numbers(value, n->tags, PROFILE_MAX_TAGS);
    else if (strcmp(key, "recorded") == 0)
        n->recorded_count = parse_numbers(value, n->recorded, PARTS_MAX_RECORDED);
    else if (strcmp(key, "stop") == 0)
        take_stop(&n->stop, value);
    else if (strcmp(key, "end") == 0)
        p->whole = true;
}

bool note_parse(char *s, struct parts_note *out)
{
    struct parsed p = {0};
    while (*s) {
        char *line = s;
        s += strcspn(s, "\n");
        if (*s)
            *s++ = 0;
        char *eq = strchr(line, '=');
        if (!eq)
            continue;
        *eq = 0;
        take(&p, line, eq + 1);
    }
    if (!p.format || !p.guid || !p.whole)
        return false;
    *out = p.note;
    return true;
}
