/* Growing UTF-8 text, and the conversions between UTF-8 and UTF-16 that lose nothing. */
#ifndef HR_BASE_TEXT_H
#define HR_BASE_TEXT_H

#include "core/base/err.h"

/* All zero is an empty text. `s` is NULL or NUL-terminated. After a failed allocation the text stays as it was and
 * `failed` is set: callers may append many times and check once. */
struct text {
    char *s;
    size_t len; /* bytes, without the NUL */
    size_t cap;
    bool failed;
};

void text_free(struct text *t);
void text_clear(struct text *t); /* keeps the memory */
void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t n);
void text_add_char(struct text *t, char c);
void text_addf(struct text *t, const char *fmt, ...) ERR_PRINTF(2, 3);
const char *text_str(const struct text *t); /* never NULL */

/* %1..%9 of `format` filled from `args` (n of them); %% is a per cent sign. Always terminates. */
void text_fill(char *out, size_t size, const char *format, const char *const *args, unsigned n);

/* A copy of `s` on the heap, or NULL. */
char *text_copy(const char *s);

/* Copies into a fixed buffer, cutting at a character's edge. Returns false when it had to cut. */
bool text_put(char *out, size_t size, const char *s);

/* UTF-16LE code units (bytes, any alignment) to UTF-8. Unpaired surrogates become their three-byte form, so that the
 * way back yields the same units (WTF-8). Appends `units` units or up to the first NUL when `stop_at_nul`. */
void text_add_utf16le(struct text *t, const void *bytes, size_t units, bool stop_at_nul);

/* UTF-8 (or WTF-8) to UTF-16 code units. Returns the number of units the whole text needs, without NUL; writes at
 * most cap units. Bytes that are no UTF-8 become U+FFFD each. */
size_t text_to_utf16(const char *s, uint16_t *out, size_t cap);

/* True when `s` is well-formed UTF-8. */
bool text_is_utf8(const char *s, size_t n);

/* ASCII case folding only: for names that the system compares so (image names, switches). */
int text_casecmp(const char *a, const char *b);

/* `pattern` with * and ?, ASCII case ignored. */
bool text_match(const char *pattern, const char *s);

#endif
