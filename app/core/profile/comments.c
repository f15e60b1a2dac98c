/* Reads this program's part of the Comments attribute and keeps other people's words apart from it. */
#include "core/profile/comments.h"

#include <stdio.h>
#include <string.h>

#define MARK      "HandleRecorder:"
#define VALUE_MAX 256

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

static bool set_types(struct comments *c, struct span value, char *why, size_t why_size)
{
    c->tag_count = 0;
    c->filtered = !(value.n == 1 && value.s[0] == '*');
    if (!c->filtered)
        return true;
    size_t at = 0;
    while (at <= value.n) {
        const char *comma = at < value.n ? memchr(value.s + at, ',', value.n - at) : NULL;
        size_t n = comma ? (size_t)(comma - value.s) - at : value.n - at;
        char tag[5];
        if (!decode(value.s + at, n, tag, sizeof tag) || !tag[0]) {
            snprintf(why, why_size, "type %u in Comments is not a tag of one to four characters", c->tag_count + 1);
            return false;
        }
        if (c->tag_count == PROFILE_MAX_TAGS) {
            snprintf(why, why_size, "Comments names more than %d types", PROFILE_MAX_TAGS);
            return false;
        }
        c->tags[c->tag_count++] = profile_tag(tag);
        at += n + 1;
    }
    return true;
}

static bool set_storage(struct comments *c, struct span value, char *why, size_t why_size)
{
    static const struct {
        const char *word;
        enum profile_storage storage;
    } words[] = {{"file", PROFILE_FILE}, {"ring", PROFILE_RING}, {"circular", PROFILE_CIRCULAR}};
    char word[VALUE_MAX];
    if (decode(value.s, value.n, word, sizeof word))
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (strcmp(words[i].word, word) == 0) {
                c->has_storage = true;
                c->storage = words[i].storage;
                return true;
            }
    snprintf(why, why_size, "storage in Comments is not file, ring or circular");
    return false;
}

static bool set_max_mb(struct comments *c, struct span value, char *why, size_t why_size)
{
    char number[VALUE_MAX];
    if (decode(value.s, value.n, number, sizeof number) && read_number(number, &c->max_file_mb))
        return true;
    snprintf(why, why_size, "maxMB in Comments is not a number");
    return false;
}

static bool set_title(struct comments *c, struct span value, char *why, size_t why_size)
{
    if (decode(value.s, value.n, c->title, sizeof c->title) && c->title[0])
        return true;
    snprintf(why, why_size, "title in Comments is empty or longer than %d bytes", PROFILE_NAME_MAX - 1);
    return false;
}

static const struct {
    const char *key;
    bool (*set)(struct comments *c, struct span value, char *why, size_t why_size);
} keys[] = {{"types", set_types}, {"storage", set_storage}, {"maxMB", set_max_mb}, {"title", set_title}};
#define KEY_COUNT (sizeof keys / sizeof keys[0])

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
        return keys[i].set(c, value, why, why_size);
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

bool comments_parse(const char *attribute, struct comments *out, char *why, size_t why_size)
{
    const char *mark = find_mark(attribute);
    if (!mark) {
        text_add(&out->other, attribute);
        return true;
    }
    const char *s = mark + strlen(MARK);
    size_t n = 0;
    while (s[n] && !is_space(s[n]))
        n++;
    text_add_n(&out->other, attribute, (size_t)(mark - attribute));
    text_add(&out->other, s + n);
    out->ours = true;
    return parse_ours(out, s, n, why, why_size);
}
