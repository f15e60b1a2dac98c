/* Names, writes, finds and removes raw parts and their notes. A note is lines of key=value. */
#include "core/record/parts.h"

#include "core/base/text.h"
#include "core/base/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTE_FORMAT  1
#define NOTE_MAX     8192 /* bytes; a longer file is not ours */
#define PART_SUFFIX  ".etl"
#define NOTE_SUFFIX  ".recording"
#define FRESH_SUFFIX ".fresh" /* a note before it is whole */
#define NAME_PREFIX  "HandleRecorder-"
#define STAMP_LENGTH 20 /* yyyy-mm-dd_hh-mm-ss and the dash after it */
#define NAME_TRIES   100

static bool has_suffix(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);
    return n >= m && strcmp(s + n - m, suffix) == 0;
}

/* The part's path with another ending. */
static bool sibling(const char *part, const char *suffix, char out[TRACE_PATH_MAX], struct err *err)
{
    size_t n = strlen(part);
    size_t stem = has_suffix(part, PART_SUFFIX) ? n - strlen(PART_SUFFIX) : n;
    if (stem + strlen(suffix) + 1 > TRACE_PATH_MAX)
        return err_set(err, ERR_RANGE, "Naming the note of %s", part);
    memcpy(out, part, stem);
    text_put(out + stem, TRACE_PATH_MAX - stem, suffix);
    return true;
}

static bool join(const char *dir, const char *name, char out[TRACE_PATH_MAX], struct err *err)
{
    const char *mark = strchr(dir, '\\') ? "\\" : "/";
    size_t n = strlen(dir);
    if (n && (dir[n - 1] == '/' || dir[n - 1] == '\\'))
        mark = "";
    int len = snprintf(out, TRACE_PATH_MAX, "%s%s%s", dir, mark, name);
    if (len < 0 || len >= TRACE_PATH_MAX) {
        err_set(err, ERR_RANGE, "Naming a file in %s", dir);
        return err_remedy(err, "Choose a folder with a shorter name.");
    }
    return true;
}

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

static void print_note(const struct parts_note *n, struct text *t)
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
    /* A note without its last line was cut. */
    text_add(t, "end=1\n");
}

static bool write_fresh(const char *path, const struct parts_note *note, struct err *err)
{
    struct text t = {0};
    print_note(note, &t);
    struct file *f = NULL;
    bool ok = t.failed ? err_set(err, ERR_NO_MEMORY, "Writing %s", path) : file_open(path, FILE_TO_CREATE, &f, err);
    bool made = ok;
    ok = ok && file_write_at(f, 0, t.s, t.len, err) && file_sync(f, err);
    file_close(f);
    if (made && !ok)
        file_delete(path, NULL);
    text_free(&t);
    return ok;
}

/* Writes beside, then moves over: a note is there whole or not at all. */
static bool write_note(const struct parts_note *note, bool replace, struct err *err)
{
    char path[TRACE_PATH_MAX];
    char fresh[TRACE_PATH_MAX];
    if (!sibling(note->part, NOTE_SUFFIX, path, err) || !sibling(note->part, FRESH_SUFFIX, fresh, err))
        return false;
    file_delete(fresh, NULL); /* of an attempt that failed; that it is not there is the rule */
    if (!write_fresh(fresh, note, err))
        return false;
    if (file_rename(fresh, path, replace, err))
        return true;
    file_delete(fresh, NULL);
    return false;
}

bool parts_begin(const char *dir, struct parts_note *note, struct err *err)
{
    if (!file_make_dir(dir, err))
        return false;
    char stamp[20];
    clock_file_stamp(note->started, stamp);
    struct parts_note n = *note;
    for (int i = 1; i <= NAME_TRIES; i++) {
        char name[96];
        char again[16] = "";
        if (i > 1)
            snprintf(again, sizeof again, "-%d", i);
        snprintf(name, sizeof name, NAME_PREFIX "%s-%" PRIu32 "%s" PART_SUFFIX, stamp, n.pid, again);
        if (!join(dir, name, n.part, err))
            return false;
        if (file_exists(n.part))
            continue;
        struct err e = {0};
        if (write_note(&n, false, &e)) {
            *note = n;
            return true;
        }
        if (e.code != ERR_EXISTS) {
            if (err && err->code == ERR_NONE)
                *err = e;
            return false;
        }
    }
    return err_set(err, ERR_EXISTS, "Choosing a name for the raw part in %s", dir);
}

static bool has_tag(const struct parts_note *note, uint32_t tag)
{
    for (unsigned i = 0; i < note->recorded_count; i++)
        if (note->recorded[i] == tag)
            return true;
    return false;
}

void parts_let_through(struct parts_note *note, const uint32_t *tags, unsigned n)
{
    unsigned more = 0;
    for (unsigned i = 0; i < n; i++)
        more += !has_tag(note, tags[i]);
    /* No room for a tag (nobody filters that often): then it is as if all types had been let through. */
    if (n == 0 || note->recorded_count == 0 || note->recorded_count + more > PARTS_MAX_RECORDED) {
        note->recorded_count = 0;
        return;
    }
    for (unsigned i = 0; i < n; i++)
        if (!has_tag(note, tags[i]))
            note->recorded[note->recorded_count++] = tags[i];
}

bool parts_rewrite(const struct parts_note *note, struct err *err)
{
    return write_note(note, true, err);
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

static void take(struct parsed *p, const char *key, const char *value)
{
    struct parts_note *n = &p->note;
    if (strcmp(key, "handle-recorder-note") == 0)
        p->format = strtoul(value, NULL, 10) == NOTE_FORMAT;
    else if (strcmp(key, "session") == 0)
        text_put(n->session, sizeof n->session, value);
    else if (strcmp(key, "guid") == 0)
        p->guid = parse_guid(value, &n->guid);
    else if (strcmp(key, "pid") == 0)
        n->pid = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(key, "pid_start") == 0)
        n->pid_start = strtoull(value, NULL, 10);
    else if (strcmp(key, "started") == 0)
        n->started = strtoull(value, NULL, 10);
    else if (strcmp(key, "profile") == 0)
        text_put(n->profile, sizeof n->profile, value);
    else if (strcmp(key, "copy") == 0)
        text_put(n->copy, sizeof n->copy, value);
    else if (strcmp(key, "masks") == 0)
        parse_numbers(value, n->masks, 8);
    else if (strcmp(key, "tags") == 0)
        n->tag_count = parse_numbers(value, n->tags, PROFILE_MAX_TAGS);
    else if (strcmp(key, "stacks") == 0)
        n->stacks = (unsigned)strtoul(value, NULL, 10) & 7u;
    else if (strcmp(key, "recorded") == 0)
        n->recorded_count = parse_numbers(value, n->recorded, PARTS_MAX_RECORDED);
    else if (strcmp(key, "end") == 0)
        p->whole = true;
}

static bool parse_note(char *s, struct parts_note *out)
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

bool parts_read(const char *part, struct parts_note *out, struct err *err)
{
    char path[TRACE_PATH_MAX];
    char room[NOTE_MAX + 1];
    struct file *f = NULL;
    size_t got = 0;
    if (!sibling(part, NOTE_SUFFIX, path, err) || !file_open(path, FILE_TO_READ, &f, err))
        return false;
    bool ok = file_read_at(f, 0, room, NOTE_MAX, &got, err);
    file_close(f);
    if (!ok)
        return false;
    room[got] = 0;
    struct parts_note n = {0};
    if (got == NOTE_MAX || !parse_note(room, &n))
        return err_set(err, ERR_FORMAT, "Reading the note %s", path);
    text_put(n.part, sizeof n.part, part);
    *out = n;
    return true;
}

static bool delete_if_there(const char *path, struct err *err)
{
    struct err e = {0};
    if (file_delete(path, &e) || e.code == ERR_NOT_FOUND)
        return true;
    if (err && err->code == ERR_NONE)
        *err = e;
    return err_remedy(err, "Close what has the file open, then discard again.");
}

bool parts_settle(const struct parts_note *note, struct err *err)
{
    char path[TRACE_PATH_MAX];
    /* Only what has the name of a copy: a note is a file that others can write, too. */
    if (has_suffix(note->copy, PARTS_COPY_SUFFIX) && !delete_if_there(note->copy, err))
        return false;
    return sibling(note->part, NOTE_SUFFIX, path, err) && delete_if_there(path, err);
}

bool parts_drop(const struct parts_note *note, struct err *err)
{
    return delete_if_there(note->part, err) && parts_settle(note, err);
}

/* Names of notes, each with its zero, and the sizes of parts are asked for later: the folder is small. */
static bool collect(void *ctx, const char *name, uint64_t size)
{
    struct text *names = ctx;
    (void)size;
    bool ours = strncmp(name, NAME_PREFIX, strlen(NAME_PREFIX)) == 0;
    if (ours && (has_suffix(name, NOTE_SUFFIX) || has_suffix(name, FRESH_SUFFIX)))
        text_add_n(names, name, strlen(name) + 1);
    return !names->failed;
}

static bool part_is_empty(const char *part)
{
    struct file *f = NULL;
    struct err e = {0};
    if (!file_open(part, FILE_TO_READ, &f, &e))
        return e.code == ERR_NOT_FOUND;
    uint64_t size = 1;
    bool known = file_size(f, &size, NULL);
    file_close(f);
    return known && size == 0;
}

/* A note that never became whole: no session was started on it. Its own name says whose it was. */
static void sweep_fresh(const char *dir, const char *name, parts_alive_fn *alive, void *ctx)
{
    char path[TRACE_PATH_MAX];
    size_t stamp = strlen(NAME_PREFIX) + STAMP_LENGTH;
    uint32_t pid = strlen(name) > stamp ? (uint32_t)strtoul(name + stamp, NULL, 10) : 0;
    if (!alive(ctx, pid, 0) && join(dir, name, path, NULL))
        file_delete(path, NULL); /* tried again at the next start */
}

/* One note of the folder. Returns true when it is a recording to offer. */
static bool consider(const char *dir, const char *name, parts_alive_fn *alive, void *ctx, struct parts_note *out)
{
    char part_name[256];
    struct parts_note n = {0};
    size_t stem = strlen(name) - strlen(NOTE_SUFFIX);
    if (stem + sizeof PART_SUFFIX > sizeof part_name)
        return false;
    snprintf(part_name, sizeof part_name, "%.*s" PART_SUFFIX, (int)stem, name);
    if (!join(dir, part_name, n.part, NULL))
        return false;
    char part[TRACE_PATH_MAX];
    text_put(part, sizeof part, n.part);
    struct err e = {0};
    if (!parts_read(part, &n, &e) && e.code != ERR_FORMAT)
        return false;
    /* A damaged note still names its part by its own name. */
    if (e.code == ERR_NONE && alive(ctx, n.pid, n.pid_start))
        return false;
    if (part_is_empty(part)) {
        parts_drop(&n, NULL); /* found again next time if it did not go */
        return false;
    }
    *out = n;
    return true;
}

bool parts_find(const char *dir, parts_alive_fn *alive, void *ctx, bool *found, struct parts_note *out, struct err *err)
{
    struct text names = {0};
    struct err e = {0};
    if (!file_list(dir, collect, &names, &e) || names.failed) {
        text_free(&names);
        *found = false;
        if (e.code == ERR_NOT_FOUND)
            return true;
        if (err && err->code == ERR_NONE)
            *err = e;
        return e.code == ERR_NONE ? err_set(err, ERR_NO_MEMORY, "Listing %s", dir) : false;
    }
    bool any = false;
    struct parts_note oldest = {0};
    for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1) {
        struct parts_note n = {0};
        if (has_suffix(names.s + at, FRESH_SUFFIX)) {
            sweep_fresh(dir, names.s + at, alive, ctx);
            continue;
        }
        if (!consider(dir, names.s + at, alive, ctx, &n))
            continue;
        if (!any || n.started < oldest.started)
            oldest = n;
        any = true;
    }
    text_free(&names);
    if (any)
        *out = oldest;
    *found = any;
    return true;
}
