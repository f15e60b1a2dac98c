/* Grows UTF-8 text and converts it to and from UTF-16 without loss. */
#include "core/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *t)
{
    free(t->s);
    memset(t, 0, sizeof *t);
}

void text_clear(struct text *t)
{
    t->len = 0;
    if (t->s)
        t->s[0] = 0;
}

static bool reserve(struct text *t, size_t more)
{
    if (t->failed)
        return false;
    if (more < t->cap && t->len < t->cap - more)
        return true;
    if (more >= SIZE_MAX / 2 - t->len) {
        t->failed = true;
        return false;
    }
    size_t cap = t->cap ? t->cap : 64;
    while (cap <= t->len + more)
        cap *= 2;
    char *s = realloc(t->s, cap);
    if (!s) {
        t->failed = true;
        return false;
    }
    t->s = s;
    t->cap = cap;
    return true;
}

void text_add_n(struct text *t, const char *s, size_t n)
{
    if (!reserve(t, n))
        return;
    if (n)
        memcpy(t->s + t->len, s, n);
    t->len += n;
    t->s[t->len] = 0;
}

void text_add(struct text *t, const char *s)
{
    text_add_n(t, s, strlen(s));
}

void text_add_char(struct text *t, char c)
{
    text_add_n(t, &c, 1);
}

void text_addf(struct text *t, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0) {
        t->failed = true;
        return;
    }
    if (!reserve(t, (size_t)n))
        return;
    va_start(args, fmt);
    vsnprintf(t->s + t->len, (size_t)n + 1, fmt, args);
    va_end(args);
    t->len += (size_t)n;
}

const char *text_str(const struct text *t)
{
    return t->s ? t->s : "";
}

char *text_copy(const char *s)
{
    size_t n = strlen(s) + 1;
    char *copy = malloc(n);
    if (copy)
        memcpy(copy, s, n);
    return copy;
}

bool text_put(char *out, size_t size, const char *s)
{
    size_t n = strlen(s);
    if (!size)
        return false; /* no room for the end either */
    bool whole = n < size;
    if (!whole) {
        n = size - 1;
        while (n && ((unsigned char)s[n] & 0xC0) == 0x80)
            n--;
    }
    memmove(out, s, n);
    out[n] = 0;
    return whole;
}

static void add_code_point(struct text *t, uint32_t c)
{
    char b[4];
    size_t n = 0;
    if (c < 0x80) {
        b[n++] = (char)c;
    } else if (c < 0x800) {
        b[n++] = (char)(0xC0 | c >> 6);
        b[n++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        b[n++] = (char)(0xE0 | c >> 12);
        b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        b[n++] = (char)(0x80 | (c & 0x3F));
    } else {
        b[n++] = (char)(0xF0 | c >> 18);
        b[n++] = (char)(0x80 | (c >> 12 & 0x3F));
        b[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        b[n++] = (char)(0x80 | (c & 0x3F));
    }
    text_add_n(t, b, n);
}

void text_add_utf16le(struct text *t, const void *bytes, size_t units, bool stop_at_nul)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < units; i++) {
        uint32_t c = (uint32_t)p[2 * i] | (uint32_t)p[2 * i + 1] << 8;
        if (!c && stop_at_nul)
            return;
        if (c >= 0xD800 && c < 0xDC00 && i + 1 < units) {
            uint32_t low = (uint32_t)p[2 * i + 2] | (uint32_t)p[2 * i + 3] << 8;
            if (low >= 0xDC00 && low < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
                i++;
            }
        }
        add_code_point(t, c);
    }
}

/* Decodes one character at `s`, which has `n` bytes; returns its length, 0 when it is ill-formed. Lone surrogates in
 * their three-byte form are accepted when `surrogates`. */
static size_t decode(const unsigned char *s, size_t n, bool surrogates, uint32_t *out)
{
    if (s[0] < 0x80) {
        *out = s[0];
        return 1;
    }
    size_t len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || n < len)
        return 0;
    uint32_t c = s[0] & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3F);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000 && !surrogates))
        return 0;
    *out = c;
    return len;
}

size_t text_to_utf16(const char *s, uint16_t *out, size_t cap)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t left = strlen(s);
    size_t units = 0;
    while (left) {
        uint32_t c = 0xFFFD;
        size_t n = decode(p, left, true, &c);
        if (!n)
            n = 1;
        p += n;
        left -= n;
        if (c < 0x10000) {
            if (units < cap)
                out[units] = (uint16_t)c;
            units++;
            continue;
        }
        if (units < cap)
            out[units] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
        if (units + 1 < cap)
            out[units + 1] = (uint16_t)(0xDC00 + ((c - 0x10000) & 0x3FF));
        units += 2;
    }
    return units;
}

void text_fill(char *out, size_t size, const char *format, const char *const *args, unsigned n)
{
    struct text t = {0};
    for (const char *p = format; *p; p++) {
        if (*p != '%') {
            text_add_char(&t, *p);
            continue;
        }
        if (!*++p)
            break;
        unsigned i = (unsigned)(*p - '1');
        if (*p == '%')
            text_add_char(&t, '%');
        else if (i < n)
            text_add(&t, args[i]);
    }
    text_put(out, size, text_str(&t));
    text_free(&t);
}

bool text_is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    while (n) {
        uint32_t c = 0;
        size_t len = decode(p, n, false, &c);
        if (!len)
            return false;
        p += len;
        n -= len;
    }
    return true;
}

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int text_casecmp(const char *a, const char *b)
{
    while (*a && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return (int)fold(*a) - (int)fold(*b);
}

bool text_match(const char *pattern, const char *s)
{
    /* On a mismatch only the last star can absorb one more character: linear in practice, never exponential. */
    const char *star = NULL;
    const char *resume = NULL;
    while (*s) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = s;
        } else if (*pattern == '?') {
            /* One character, however many bytes it has. */
            pattern++;
            do
                s++;
            while (((unsigned char)*s & 0xC0) == 0x80);
        } else if (*pattern && fold(*pattern) == fold(*s)) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
