/* Writes JSON into a text. */
#include "core/base/json.h"

#include <stdio.h>
#include <string.h>

static void escape(struct text *out, const char *s)
{
    size_t left = strlen(s);
    text_add_char(out, '"');
    while (left) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\') {
            text_addf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7F) {
            text_addf(out, "\\u%04x", c);
        } else if (c < 0x80) {
            text_add_char(out, (char)c);
        } else {
            size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
            if (n > left || !text_is_utf8(s, n)) {
                text_add(out, "\\ufffd");
                n = 1;
            } else {
                text_add_n(out, s, n);
            }
            s += n;
            left -= n;
            continue;
        }
        s++;
        left--;
    }
    text_add_char(out, '"');
}

static void line(struct json *j)
{
    if (!j->pretty)
        return;
    text_add_char(j->out, '\n');
    for (unsigned i = 0; i < j->depth; i++)
        text_add(j->out, "  ");
}

static void begin(struct json *j, const char *name)
{
    if (j->has_items[j->depth])
        text_add_char(j->out, ',');
    if (j->depth)
        line(j);
    j->has_items[j->depth] = true;
    if (name) {
        escape(j->out, name);
        text_add(j->out, j->pretty ? ": " : ":");
    }
}

static void open(struct json *j, const char *name, char bracket)
{
    begin(j, name);
    text_add_char(j->out, bracket);
    if (j->depth == JSON_MAX_DEPTH) {
        j->out->failed = true; /* the writer's own nesting is fixed and less deep: this is a programming error */
        return;
    }
    j->has_items[++j->depth] = false;
}

static void shut(struct json *j, char bracket)
{
    bool had = j->has_items[j->depth];
    if (j->depth)
        j->depth--;
    if (had)
        line(j);
    text_add_char(j->out, bracket);
}

void json_object(struct json *j, const char *name)
{
    open(j, name, '{');
}

void json_array(struct json *j, const char *name)
{
    open(j, name, '[');
}

void json_end_object(struct json *j)
{
    shut(j, '}');
}

void json_end_array(struct json *j)
{
    shut(j, ']');
}

void json_string(struct json *j, const char *name, const char *value)
{
    if (!value) {
        json_null(j, name);
        return;
    }
    begin(j, name);
    escape(j->out, value);
}

void json_u64(struct json *j, const char *name, uint64_t value)
{
    begin(j, name);
    text_addf(j->out, "%llu", (unsigned long long)value);
}

void json_i64(struct json *j, const char *name, int64_t value)
{
    begin(j, name);
    text_addf(j->out, "%lld", (long long)value);
}

void json_real(struct json *j, const char *name, double value, int decimals)
{
    if (!(value - value == 0.0)) { /* infinite or not a number; isfinite warns in some compilers' headers */
        json_null(j, name);
        return;
    }
    begin(j, name);
    text_addf(j->out, "%.*f", decimals, value);
}

void json_bool(struct json *j, const char *name, bool value)
{
    begin(j, name);
    text_add(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *name)
{
    begin(j, name);
    text_add(j->out, "null");
}
