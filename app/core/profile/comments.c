/* Reads and writes this program's part of the Comments attribute and keeps other people's words apart from it. */
#include "core/profile/comments.h"

#include <stdio.h>
#include <string.h>

#define MARK      "HandleRecorder:"
#define VALUE_MAX 32 /* of a word or number to choose by */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* `n` percent-encoded bytes into a NUL-terminated text. False: a broken or zero code, or too long. */
static bool decode(const char *s, size_t n, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            int high = i + 2 < n ? hex_digit(s[i + 1]) : -1;
            int low = i + 2 < n ? hex_digit(s[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if (used + 1 >= size)
            return false;
        out[used++] = c;
    }
    out[used] = 0;
    return true;
}

static bool read_number(const char *s, uint32_t *out)
{
    uint64_t v = 0;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        v = v * 10 + (uint64_t)(*s - '0');
        if (v > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)v;
    return true;
}

/* One value's bytes: still encoded, so that a comma inside a tag is not taken for one between tags. */
struct span {
    const char *s;
    size_t n;
};

static bool read_types(struct comments *c, struct span value, char *why, size_t why_size)
{
    struct profile *p = &c->said;
    p->tag_count = 0;
    c->filtered = !(value.n == 1 && value.s[0] == '*');
    if (!c->filtered)
        return true;
    size_t at = 0;
    while (at <= value.n) {
        const char *comma = at < value.n ? memchr(value.s + at, ',', value.n - at) : NULL;
        size_t n = comma ? (size_t)(comma - value.s) - at : value.n - at;
        char tag[5];
        if (!decode(value.s + at, n, tag, sizeof tag) || !tag[0]) {
            snprintf(why, why_size, "type %u in Comments is not a tag of one to four characters", p->tag_count + 1);
            return false;
        }
        if (p->tag_count == PROFILE_MAX_TAGS) {
            snprintf(why, why_size, "Comments names more than %d types", PROFILE_MAX_TAGS);
            return false;
        }
        p->tags[p->tag_count++] = profile_tag(tag);
        at += n + 1;
    }
    return true;
}

static const struct {
    const char *word;
    enum profile_storage storage;
} storages[] = {{"file", PROFILE_FILE}, {"ring", PROFILE_RING}, {"circular", PROFILE_CIRCULAR}};
#define STORAGES (sizeof storages / sizeof storages[0])

static bool read_storage(struct comments *c, struct span value, char *why, size_t why_size)
{
    char word[VALUE_MAX];
    if (decode(value.s, value.n, word, sizeof word))
        for (size_t i = 0; i < STORAGES; i++)
            if (strcmp(storages[i].word, word) == 0) {
                c->has_storage = true;
                c->said.storage = storages[i].storage;
                return true;
            }
    snprintf(why, why_size, "storage in Comments is not file, ring or circular");
    return false;
}

/* The keys, in the order in which they are written. A number's, word's or switch's place in struct profile. */
enum form { FORM_TYPES, FORM_STORAGE, FORM_NUMBER, FORM_WORD, FORM_SWITCH };
#define FIELD(member) offsetof(struct profile, member), sizeof(((struct profile *)0)->member)
static const struct key {
    const char *key;
    enum form form;
    size_t at;
    size_t size;
} keys[] = {
    {"title", FORM_WORD, FIELD(name)},
    {"types", FORM_TYPES, FIELD(tags)},
    {"storage", FORM_STORAGE, FIELD(storage)},
    {"maxMB", FORM_NUMBER, FIELD(max_file_mb)},
    {"segmentMin", FORM_NUMBER, FIELD(segment_minutes)},
    {"segmentMB", FORM_NUMBER, FIELD(segment_mb)},
    {"keepMB", FORM_NUMBER, FIELD(keep_mb)},
    {"live", FORM_SWITCH, FIELD(live_events)},
    {"stopAfterS", FORM_NUMBER, FIELD(stop.after_s)},
    {"stopAtMB", FORM_NUMBER, FIELD(stop.at_mb)},
    {"stopDiskMB", FORM_NUMBER, FIELD(stop.disk_below_mb)},
    {"holdProcess", FORM_WORD, FIELD(stop.hold_process)},
    {"holdType", FORM_WORD, FIELD(stop.hold_type)},
    {"holdCount", FORM_NUMBER, FIELD(stop.hold_count)},
    {"growType", FORM_WORD, FIELD(stop.grow_type)},
    {"growPerMin", FORM_NUMBER, FIELD(stop.grow_per_minute)},
};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

static void *field_of(struct profile *p, const struct key *k)
{
    return (char *)p + k->at;
}

static const void *const_field_of(const struct profile *p, const struct key *k)
{
    return (const char *)p + k->at;
}

static bool read_field(struct comments *c, const struct key *k, struct span value, char *why, size_t why_size)
{
    char word[VALUE_MAX];
    uint32_t n = 0;
    bool decoded = decode(value.s, value.n, word, sizeof word);
    bool is_number = decoded && read_number(word, &n);
    switch (k->form) {
    case FORM_TYPES:
        return read_types(c, value, why, why_size);
    case FORM_STORAGE:
        return read_storage(c, value, why, why_size);
    case FORM_WORD:
        if (decode(value.s, value.n, field_of(&c->said, k), k->size) && value.n)
            return true;
        snprintf(why, why_size, "%s in Comments is empty or longer than %u bytes", k->key, (unsigned)k->size - 1);
        return false;
    case FORM_SWITCH:
        *(bool *)field_of(&c->said, k) = n == 1;
        if (is_number && n <= 1)
            return true;
        snprintf(why, why_size, "%s in Comments is not 0 or 1", k->key);
        return false;
    default:
        *(uint32_t *)field_of(&c->said, k) = n;
        if (is_number)
            return true;
        snprintf(why, why_size, "%s in Comments is not a number", k->key);
        return false;
    }
}

/* One "key=value" of `n` bytes. */
static bool set_pair(struct comments *c, const char *s, size_t n, unsigned *seen, char *why, size_t why_size)
{
    const char *equals = memchr(s, '=', n);
    if (!equals || equals == s) {
        snprintf(why, why_size, "a part of Comments is not key=value");
        return false;
    }
    size_t key_n = (size_t)(equals - s);
    struct span value = {equals + 1, n - key_n - 1};
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strlen(keys[i].key) != key_n || memcmp(keys[i].key, s, key_n) != 0)
            continue;
        if (*seen & 1u << i) {
            snprintf(why, why_size, "Comments says %s twice", keys[i].key);
            return false;
        }
        *seen |= 1u << i;
        return read_field(c, &keys[i], value, why, why_size);
    }
    if (!c->unknown[0])
        snprintf(c->unknown, sizeof c->unknown, "%.*s", (int)(key_n < 40 ? key_n : 40), s);
    return true;
}

/* Our part: from the mark, which is the first thing or follows white space, to the next white space. */
static const char *find_mark(const char *s)
{
    for (const char *m = strstr(s, MARK); m; m = strstr(m + 1, MARK))
        if (m == s || is_space(m[-1]))
            return m;
    return NULL;
}

static bool parse_ours(struct comments *c, const char *s, size_t n, char *why, size_t why_size)
{
    const char *end = s + n;
    const char *semicolon = memchr(s, ';', n);
    const char *version_end = semicolon ? semicolon : end;
    if (version_end - s != 1 || *s != '1') {
        snprintf(why, why_size, "Comments was written by another version of this program (%.*s)",
                 (int)(version_end - s < 20 ? version_end - s : 20), s);
        return false;
    }
    unsigned seen = 0;
    const char *p = version_end;
    while (p < end) {
        p++; /* the semicolon */
        if (p == end)
            return true; /* one at the very end is harmless */
        const char *next = memchr(p, ';', (size_t)(end - p));
        if (!next)
            next = end;
        if (!set_pair(c, p, (size_t)(next - p), &seen, why, why_size))
            return false;
        p = next;
    }
    return true;
}

/* Appends without the white space before and after. */
static void add_trimmed(struct text *out, const char *s, size_t n)
{
    while (n && is_space(*s)) {
        s++;
        n--;
    }
    while (n && is_space(s[n - 1]))
        n--;
    if (out->len && n)
        text_add_char(out, ' ');
    text_add_n(out, s, n);
}

bool comments_parse(const char *attribute, struct comments *out, char *why, size_t why_size)
{
    const char *mark = find_mark(attribute);
    if (!mark) {
        add_trimmed(&out->other, attribute, strlen(attribute));
        return true;
    }
    const char *s = mark + strlen(MARK);
    size_t n = 0;
    while (s[n] && !is_space(s[n]))
        n++;
    add_trimmed(&out->other, attribute, (size_t)(mark - attribute));
    add_trimmed(&out->other, s + n, strlen(s + n));
    out->ours = true;
    return parse_ours(out, s, n, why, why_size);
}

/* Letters, digits and what nobody reads anything into stay; all else, bytes beyond ASCII too, is encoded. */
static void add_encoded(struct text *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._", c);
        if (plain)
            text_add_char(out, *s);
        else
            text_addf(out, "%%%02X", c);
    }
}

static void add_types(struct text *out, const struct profile *p)
{
    for (unsigned i = 0; i < p->tag_count; i++) {
        char tag[5];
        profile_tag_text(p->tags[i], tag);
        text_add(out, i ? "," : "");
        add_encoded(out, tag);
    }
    if (!p->tag_count)
        text_add(out, "*");
}

static void add_storage(struct text *out, const struct profile *p)
{
    for (size_t i = 0; i < STORAGES; i++)
        if (storages[i].storage == p->storage)
            text_add(out, storages[i].word);
}

/* What is 0, empty, off, or what reading takes anyway. Only the filter is always said. */
static bool is_silent(const struct profile *p, const struct key *k, const char *name)
{
    const void *field = const_field_of(p, k);
    switch (k->form) {
    case FORM_TYPES:
        return false;
    case FORM_STORAGE:
        return p->storage == PROFILE_FILE;
    case FORM_WORD:
        return !*(const char *)field || (field == p->name && strcmp(p->name, name) == 0);
    case FORM_SWITCH:
        return !*(const bool *)field;
    default:
        return !*(const uint32_t *)field;
    }
}

void comments_write(const struct profile *p, const char *name, struct text *out)
{
    text_add(out, MARK "1");
    for (size_t i = 0; i < KEY_COUNT; i++) {
        const struct key *k = &keys[i];
        if (is_silent(p, k, name))
            continue;
        text_addf(out, ";%s=", k->key);
        if (k->form == FORM_TYPES)
            add_types(out, p);
        else if (k->form == FORM_STORAGE)
            add_storage(out, p);
        else if (k->form == FORM_WORD)
            add_encoded(out, const_field_of(p, k));
        else
            text_addf(out, "%u", k->form == FORM_SWITCH ? 1u : *(const uint32_t *)const_field_of(p, k));
    }
    if (p->comments[0])
        text_addf(out, " %s", p->comments);
}
