/* Writes JSON into a text: commas, escapes and indentation in one place. */
#ifndef HR_BASE_JSON_H
#define HR_BASE_JSON_H

#include "core/base/text.h"

#define JSON_MAX_DEPTH 16

/* Start with {.out = &text, .pretty = true}. Names are NULL inside arrays and for the outermost value. */
struct json {
    struct text *out;
    bool pretty;
    unsigned depth;
    bool has_items[JSON_MAX_DEPTH + 1];
};

void json_object(struct json *j, const char *name);
void json_array(struct json *j, const char *name);
void json_end_object(struct json *j);
void json_end_array(struct json *j);
void json_string(struct json *j, const char *name, const char *value); /* NULL value: null; bad UTF-8 becomes U+FFFD */
void json_u64(struct json *j, const char *name, uint64_t value);
void json_i64(struct json *j, const char *name, int64_t value);
void json_real(struct json *j, const char *name, double value, int decimals); /* not finite: null */
void json_bool(struct json *j, const char *name, bool value);
void json_null(struct json *j, const char *name);

#endif
