/* The rules of a profile, one row each: which field, how bad, what is wrong. */
#include "core/profile/problem.h"

#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

#define MB                   (1024ull * 1024)
#define GB                   (1024ull * MB)
#define MEMORY_SHARE_PERCENT 8
/* What a recording should find free beyond its own size: the list of open handles at the end, and the finished file's
 * copy. */
#define DISK_BESIDE (1 * GB)
/* A file without a size limit should have this much before it. */
#define DISK_UNLIMITED (5 * GB)

/* What the rules look at. */
struct look {
    const struct profile *p;
    const struct profile_limits *l;
};

uint32_t profile_memory_mb_max(uint64_t memory_bytes)
{
    return (uint32_t)(memory_bytes / MB * MEMORY_SHARE_PERCENT / 100);
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* `value` outside of the limits, which become the problem's numbers after it. */
static bool outside(uint64_t value, uint64_t least, uint64_t most, struct profile_problem *out)
{
    out->number[0] = least;
    out->number[1] = most;
    out->number[2] = value;
    return value < least || value > most;
}

/* --- name --- */

static bool blank(const char *s)
{
    return !s[strspn(s, " ")];
}

/* Text that an XML file can hold: no control characters but white space, none of the two noncharacters. */
static bool xml_text(const char *s, bool one_line)
{
    if (!text_is_utf8(s, strlen(s)) || strstr(s, "\xEF\xBF\xBE") || strstr(s, "\xEF\xBF\xBF"))
        return false;
    for (; *s; s++)
        if (*s == 0x7F || ((unsigned char)*s < ' ' && (one_line || !strchr("\t\r\n", *s))))
            return false;
    return true;
}

static bool name_empty(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return blank(k->p->name);
}

static bool name_taken(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return k->l->name_taken;
}

static bool name_characters(const struct look *k, struct profile_problem *out)
{
    const char *name = k->p->name;
    (void)out;
    return !blank(name) && (!xml_text(name, true) || name[0] == ' ' || name[strlen(name) - 1] == ' ');
}

static bool description_characters(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return !xml_text(k->p->description, false);
}

/* --- what to record --- */

static bool types_none(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return k->l->only_types && !k->p->tag_count;
}

static bool types_full(const struct look *k, struct profile_problem *out)
{
    out->number[0] = PROFILE_MAX_TAGS;
    out->number[2] = k->p->tag_count;
    return k->p->tag_count > PROFILE_MAX_TAGS;
}

static unsigned tags_of(const struct profile *p)
{
    return p->tag_count < PROFILE_MAX_TAGS ? p->tag_count : PROFILE_MAX_TAGS;
}

/* A tag that the kernel compares with names as they are: printable, not empty, no wildcard ('*' and '?' match
 * anything there). */
static bool tag_usable(uint32_t tag)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)(tag >> 8 * i & 0xFF);
        if (c < ' ' || c > '~' || c == '*' || c == '?')
            return false;
    }
    return (tag & 0xFF) != ' ';
}

static bool types_tag(const struct look *k, struct profile_problem *out)
{
    for (unsigned i = 0; i < tags_of(k->p); i++)
        if (!tag_usable(k->p->tags[i])) {
            out->number[0] = i + 1;
            return true;
        }
    return false;
}

static bool types_twice(const struct look *k, struct profile_problem *out)
{
    for (unsigned i = 1; i < tags_of(k->p); i++)
        for (unsigned before = 0; before < i; before++)
            if (k->p->tags[before] == k->p->tags[i]) {
                profile_tag_text(k->p->tags[i], out->word);
                return true;
            }
    return false;
}

static bool stacks_unknown(const struct look *k, struct profile_problem *out)
{
    const unsigned known = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE | PROFILE_STACK_CLOSE;
    out->number[2] = k->p->stacks;
    return k->p->stacks & ~known;
}

static bool stacks_no_create(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return !(k->p->stacks & PROFILE_STACK_CREATE);
}

/* --- storage --- */

static bool storage_unknown(const struct look *k, struct profile_problem *out)
{
    enum profile_storage s = k->p->storage;
    out->number[2] = (uint64_t)s;
    return s != PROFILE_FILE && s != PROFILE_RING && s != PROFILE_CIRCULAR;
}

static bool buffer_range(const struct look *k, struct profile_problem *out)
{
    return outside(k->p->buffer_kb, PROFILE_BUFFER_KB_MIN, PROFILE_BUFFER_KB_MAX, out);
}

static bool memory_nowhere(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return !k->l->editing && !k->p->buffers && !k->p->memory_percent;
}

static bool memory_twice(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return k->p->buffers && k->p->memory_percent;
}

static bool buffers_range(const struct look *k, struct profile_problem *out)
{
    return !k->l->editing && k->p->buffers && outside(k->p->buffers, PROFILE_BUFFERS_MIN, PROFILE_BUFFERS_MAX, out);
}

static bool percent_range(const struct look *k, struct profile_problem *out)
{
    return k->p->memory_percent && outside(k->p->memory_percent, 1, 100, out);
}

/* In a person's words: megabytes, and what this machine has. */
static bool memory_range(const struct look *k, struct profile_problem *out)
{
    if (!k->l->editing || k->p->memory_percent)
        return false;
    uint64_t kb = (uint64_t)k->p->buffers * k->p->buffer_kb;
    uint64_t most = (uint64_t)PROFILE_BUFFERS_MAX * k->p->buffer_kb / 1024;
    if (k->l->memory_bytes)
        most = least_of(most, profile_memory_mb_max(k->l->memory_bytes));
    return outside(kb / 1024, PROFILE_RING_MB_MIN, most, out);
}

static bool circular_small(const struct look *k, struct profile_problem *out)
{
    return k->p->storage == PROFILE_CIRCULAR && outside(k->p->max_file_mb, PROFILE_CIRCULAR_MB_MIN, UINT32_MAX, out);
}

/* What the recording will take of the disk, at most; 0: nobody knows. */
static uint64_t disk_wanted(const struct profile *p)
{
    uint64_t mb = p->max_file_mb;
    if (p->storage == PROFILE_RING)
        mb = (uint64_t)p->buffers * p->buffer_kb / 1024;
    else if (p->segment_minutes || p->segment_mb)
        mb = p->keep_mb;
    return mb * MB;
}

static bool drive_full(const struct look *k, struct profile_problem *out)
{
    uint64_t wanted = disk_wanted(k->p);
    out->number[0] = k->l->disk_free / GB;
    text_put(out->word, sizeof out->word, k->l->drive);
    return k->l->disk_known && k->l->disk_free < (wanted ? wanted + DISK_BESIDE : DISK_UNLIMITED);
}

static bool has_segments(const struct look *k)
{
    return k->l->segments || k->p->segment_minutes || k->p->segment_mb;
}

static bool segments_no_file(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return has_segments(k) && k->p->storage != PROFILE_FILE;
}

static bool segment_minutes_range(const struct look *k, struct profile_problem *out)
{
    bool used = k->p->segment_minutes || (k->l->segments && !k->p->segment_mb);
    return used && outside(k->p->segment_minutes, 1, PROFILE_SEGMENT_MINUTES_MAX, out);
}

static bool segment_mb_range(const struct look *k, struct profile_problem *out)
{
    return k->p->segment_mb && outside(k->p->segment_mb, PROFILE_SEGMENT_MB_MIN, PROFILE_SEGMENT_MB_MAX, out);
}

static bool keep_no_segments(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return k->p->keep_mb && !has_segments(k);
}

/* The one that is being written, and one before it. */
static bool keep_small(const struct look *k, struct profile_problem *out)
{
    uint64_t least = 2 * (uint64_t)(k->p->segment_mb ? k->p->segment_mb : PROFILE_SEGMENT_MB_MIN);
    return k->p->keep_mb && outside(k->p->keep_mb, least, UINT32_MAX, out);
}

static bool cache_incomplete(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return k->p->stack_cache && (!k->p->stack_cache_kb || !k->p->stack_cache_buckets);
}

/* --- stop rules --- */

/* The rule is in force: it says something, or is ticked and must. */
static bool rule_on(const struct look *k, enum profile_rule rule, uint32_t value)
{
    return value || (k->l->ticked & (unsigned)rule);
}

static bool after_range(const struct look *k, struct profile_problem *out)
{
    uint32_t s = k->p->stop.after_s;
    /* Seconds are for the command line; a part of a minute is one. */
    return rule_on(k, PROFILE_RULE_AFTER, s) && outside(s / 60 + (s % 60 ? 1 : 0), 1, PROFILE_AFTER_MINUTES_MAX, out);
}

static bool at_no_file(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return rule_on(k, PROFILE_RULE_AT, k->p->stop.at_mb) && k->p->storage != PROFILE_FILE;
}

static bool at_range(const struct look *k, struct profile_problem *out)
{
    return rule_on(k, PROFILE_RULE_AT, k->p->stop.at_mb) && outside(k->p->stop.at_mb, 1, PROFILE_AT_MB_MAX, out);
}

static bool disk_range(const struct look *k, struct profile_problem *out)
{
    uint64_t gb = ((uint64_t)k->p->stop.disk_below_mb + 1023) / 1024;
    return rule_on(k, PROFILE_RULE_DISK, k->p->stop.disk_below_mb) && outside(gb, 1, PROFILE_DISK_GB_MAX, out);
}

static bool hold_on(const struct look *k)
{
    return rule_on(k, PROFILE_RULE_HOLD, k->p->stop.hold_count);
}

static bool hold_no_process(const struct look *k, struct profile_problem *out)
{
    const char *s = k->p->stop.hold_process;
    (void)out;
    return (hold_on(k) && k->l->editing && blank(s)) || !xml_text(s, true);
}

static bool hold_no_type(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return !xml_text(k->p->stop.hold_type, true); /* none: handles of all types */
}

static bool hold_range(const struct look *k, struct profile_problem *out)
{
    return hold_on(k) && outside(k->p->stop.hold_count, 1, PROFILE_COUNT_MAX, out);
}

static bool grow_on(const struct look *k)
{
    return rule_on(k, PROFILE_RULE_GROW, k->p->stop.grow_per_minute);
}

static bool grow_no_type(const struct look *k, struct profile_problem *out)
{
    (void)out;
    return !xml_text(k->p->stop.grow_type, true);
}

static bool grow_range(const struct look *k, struct profile_problem *out)
{
    return grow_on(k) && outside(k->p->stop.grow_per_minute, 1, PROFILE_COUNT_MAX, out);
}

/* In the order of the fields; `says` and `remedy` are for files and command lines: %1 and %2 the limits, %3 what there
 * is, %4 the word. Rows without them hold only while a person edits, and warnings. */
static const struct rule {
    enum profile_problem_code code;
    enum profile_field field;
    enum profile_severity severity;
    bool (*broken)(const struct look *k, struct profile_problem *out);
    enum err_code err;
    const char *says;
    const char *remedy;
} rules[] = {
    {PROFILE_NAME_EMPTY, PROFILE_FIELD_NAME, PROFILE_ERROR, name_empty, ERR_ARGUMENT, "The profile's name is empty",
     "Give the profile a name."},
    {PROFILE_NAME_CHARACTERS, PROFILE_FIELD_NAME, PROFILE_ERROR, name_characters, ERR_ARGUMENT,
     "The profile's name has characters that a name cannot have",
     "Give the profile a name of printable characters, without a space before or after."},
    {PROFILE_NAME_TAKEN, PROFILE_FIELD_NAME, PROFILE_ERROR, name_taken, ERR_EXISTS, "This name exists already",
     "Choose another name."},
    {PROFILE_DESCRIPTION_CHARACTERS, PROFILE_FIELD_DESCRIPTION, PROFILE_ERROR, description_characters, ERR_ARGUMENT,
     "The profile's description has control characters in it", "Remove them."},
    {PROFILE_TYPES_NONE, PROFILE_FIELD_TYPES, PROFILE_ERROR, types_none, ERR_ARGUMENT, "No type is chosen",
     "Choose at least one type, or all types."},
    {PROFILE_TYPES_FULL, PROFILE_FIELD_TYPES, PROFILE_ERROR, types_full, ERR_RANGE,
     "%3 types are chosen; the system filters by at most %1", "Choose fewer types, or record all of them."},
    {PROFILE_TYPES_TAG, PROFILE_FIELD_TYPES, PROFILE_ERROR, types_tag, ERR_ARGUMENT,
     "Type filter slot %1 is not the beginning of a type's name", "Choose a type from the list."},
    {PROFILE_TYPES_TWICE, PROFILE_FIELD_TYPES, PROFILE_ERROR, types_twice, ERR_ARGUMENT, "The type filter has %4 twice",
     "Remove one of them."},
    {PROFILE_STACKS_UNKNOWN, PROFILE_FIELD_STACKS, PROFILE_ERROR, stacks_unknown, ERR_ARGUMENT,
     "The stack switches hold an unknown bit (%3)", "Choose stacks of creating, duplicating and closing only."},
    {PROFILE_STACKS_NO_CREATE, PROFILE_FIELD_STACKS, PROFILE_WARNING, stacks_no_create, ERR_NONE, "", ""},
    {PROFILE_STORAGE_UNKNOWN, PROFILE_FIELD_STORAGE, PROFILE_ERROR, storage_unknown, ERR_ARGUMENT,
     "The kind of storage is unknown (%3)", "Choose a file, a memory ring or a circular file."},
    {PROFILE_BUFFER_RANGE, PROFILE_FIELD_BUFFER_KB, PROFILE_ERROR, buffer_range, ERR_RANGE,
     "The buffer size in KB is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_MEMORY_NOWHERE, PROFILE_FIELD_MEMORY, PROFILE_ERROR, memory_nowhere, ERR_ARGUMENT,
     "The profile says the amount of buffers nowhere", "Give either a number of buffers or a share of the memory."},
    {PROFILE_MEMORY_TWICE, PROFILE_FIELD_MEMORY, PROFILE_ERROR, memory_twice, ERR_ARGUMENT,
     "The profile says the amount of buffers twice, as a number and as a share of the memory",
     "Give either a number of buffers or a share of the memory."},
    {PROFILE_BUFFERS_RANGE, PROFILE_FIELD_MEMORY, PROFILE_ERROR, buffers_range, ERR_RANGE,
     "The number of buffers is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_PERCENT_RANGE, PROFILE_FIELD_MEMORY, PROFILE_ERROR, percent_range, ERR_RANGE,
     "The share of memory in percent is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_MEMORY_RANGE, PROFILE_FIELD_MEMORY, PROFILE_ERROR, memory_range, ERR_RANGE,
     "The memory in MB is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_CIRCULAR_SMALL, PROFILE_FIELD_FILE_MB, PROFILE_ERROR, circular_small, ERR_ARGUMENT,
     "A circular file needs a maximum size of %1 MB or more", "Give the maximum size in MB."},
    {PROFILE_DRIVE_FULL, PROFILE_FIELD_FILE_MB, PROFILE_WARNING, drive_full, ERR_NONE, "", ""},
    {PROFILE_SEGMENTS_NO_FILE, PROFILE_FIELD_SEGMENT_MINUTES, PROFILE_ERROR, segments_no_file, ERR_ARGUMENT,
     "Segments are asked for, but only a recording to a file has them", "Record to a file, or without segments."},
    {PROFILE_SEGMENT_MINUTES_RANGE, PROFILE_FIELD_SEGMENT_MINUTES, PROFILE_ERROR, segment_minutes_range, ERR_RANGE,
     "A segment's length in minutes is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_SEGMENT_MB_RANGE, PROFILE_FIELD_SEGMENT_MB, PROFILE_ERROR, segment_mb_range, ERR_RANGE,
     "A segment's size in MB is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_KEEP_NO_SEGMENTS, PROFILE_FIELD_KEEP_MB, PROFILE_ERROR, keep_no_segments, ERR_ARGUMENT,
     "A size to keep is given, but no segments of which the oldest could go",
     "Give the length or the size of a segment."},
    {PROFILE_KEEP_SMALL, PROFILE_FIELD_KEEP_MB, PROFILE_ERROR, keep_small, ERR_RANGE,
     "The size to keep in MB is %3; two segments need %1", "Keep more, or make segments smaller."},
    {PROFILE_CACHE_INCOMPLETE, PROFILE_FIELD_STACK_CACHE, PROFILE_ERROR, cache_incomplete, ERR_ARGUMENT,
     "Stack caching needs a size and a number of buckets", "Give both, or switch stack caching off."},
    {PROFILE_AFTER_RANGE, PROFILE_FIELD_STOP_AFTER, PROFILE_ERROR, after_range, ERR_RANGE,
     "The recording is to stop after %3 minutes; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_AT_NO_FILE, PROFILE_FIELD_STOP_AT, PROFILE_ERROR, at_no_file, ERR_ARGUMENT,
     "The recording is to stop at a size, but only a file grows", "Record to a file, or stop by another rule."},
    {PROFILE_AT_RANGE, PROFILE_FIELD_STOP_AT, PROFILE_ERROR, at_range, ERR_RANGE,
     "The recording is to stop at %3 MB; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_DISK_RANGE, PROFILE_FIELD_STOP_DISK, PROFILE_ERROR, disk_range, ERR_RANGE,
     "The recording is to stop below %3 GB of free disk; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_HOLD_NO_PROCESS, PROFILE_FIELD_HOLD_PROCESS, PROFILE_ERROR, hold_no_process, ERR_ARGUMENT,
     "The stop rule names no process", "Give a process name or PID."},
    {PROFILE_HOLD_NO_TYPE, PROFILE_FIELD_HOLD_TYPE, PROFILE_ERROR, hold_no_type, ERR_ARGUMENT,
     "The stop rule for a process names no handle type", "Give a handle type."},
    {PROFILE_HOLD_RANGE, PROFILE_FIELD_HOLD_COUNT, PROFILE_ERROR, hold_range, ERR_RANGE,
     "The stop rule's number of handles is %3; it can be %1 to %2", "Choose a value inside these limits."},
    {PROFILE_GROW_NO_TYPE, PROFILE_FIELD_GROW_TYPE, PROFILE_ERROR, grow_no_type, ERR_ARGUMENT,
     "The stop rule for growth names no handle type", "Give a handle type."},
    {PROFILE_GROW_RANGE, PROFILE_FIELD_GROW_COUNT, PROFILE_ERROR, grow_range, ERR_RANGE,
     "The stop rule's growth in handles a minute is %3; it can be %1 to %2", "Choose a value inside these limits."},
};
#define RULES (sizeof rules / sizeof rules[0])

static const struct profile_limits nothing_known;

static bool is_broken(const struct rule *r, const struct look *k, struct profile_problem *out)
{
    struct profile_problem found = {.code = r->code, .field = r->field, .severity = r->severity};
    if (!r->broken(k, &found))
        return false;
    *out = found;
    return true;
}

unsigned profile_problems(const struct profile *p, const struct profile_limits *limits, struct profile_problem *out,
                          unsigned cap)
{
    const struct look k = {p, limits ? limits : &nothing_known};
    unsigned n = 0;
    for (size_t i = 0; i < RULES; i++) {
        struct profile_problem found;
        if (!is_broken(&rules[i], &k, &found))
            continue;
        if (n < cap)
            out[n] = found;
        n++;
    }
    return n;
}

bool profile_problem_of(const struct profile *p, const struct profile_limits *limits, enum profile_field field,
                        struct profile_problem *out)
{
    const struct look k = {p, limits ? limits : &nothing_known};
    for (size_t i = 0; i < RULES; i++)
        if (rules[i].field == field && is_broken(&rules[i], &k, out))
            return true;
    return false;
}

static bool say(const struct rule *r, const struct profile_problem *found, struct err *err)
{
    char numbers[3][24];
    char text[ERR_DOING_MAX];
    for (unsigned i = 0; i < 3; i++)
        snprintf(numbers[i], sizeof numbers[i], "%llu", (unsigned long long)found->number[i]);
    const char *const args[] = {numbers[0], numbers[1], numbers[2], found->word};
    text_fill(text, sizeof text, r->says, args, 4);
    err_set(err, r->err, "%s", text);
    return err_remedy(err, r->remedy);
}

bool profile_check(const struct profile *p, struct err *err)
{
    const struct look k = {p, &nothing_known};
    for (size_t i = 0; i < RULES; i++) {
        struct profile_problem found;
        if (rules[i].severity == PROFILE_ERROR && is_broken(&rules[i], &k, &found))
            return say(&rules[i], &found, err);
    }
    return true;
}
