/* A pull reader of JSON. */
#include "core/report/json_pull.h"

#include <stdio.h>
#include <string.h>

static void space(struct json_pull *j)
{
    while (j->at < j->end && strchr(" \t\r\n", *j->at) && *j->at)
        j->at++;
}

static bool fail(struct json_pull *j)
{
    j->bad = true;
    j->at = j->end;
    return false;
}

static char peek(struct json_pull *j)
{
    space(j);
    return j->at < j->end ? *j->at : 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool escape(struct json_pull *j, struct text *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    if (j->at == j->end)
        return fail(j);
    char c = *j->at++;
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        text_add_char(out, to[at - from]);
        return true;
    }
    if (c != 'u' || j->end - j->at < 4)
        return fail(j);
    unsigned unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*j->at++);
        if (digit < 0)
            return fail(j);
        unit = unit << 4 | (unsigned)digit;
    }
    const unsigned char bytes[2] = {(unsigned char)unit, (unsigned char)(unit >> 8)};
    text_add_utf16le(out, bytes, 1, false);
    return true;
}

static bool string(struct json_pull *j, struct text *out)
{
    j->at++;
    while (j->at < j->end && *j->at != '"') {
        char c = *j->at++;
        if (c != '\\')
            text_add_char(out, c);
        else if (!escape(j, out))
            return false;
    }
    if (j->at == j->end)
        return fail(j);
    j->at++;
    return true;
}

bool json_pull_enter(struct json_pull *j, char bracket)
{
    if (peek(j) != bracket) {
        json_pull_skip(j);
        return false;
    }
    j->at++;
    return true;
}

/* Steps over the comma between members; false at the end of the object or array. */
static bool member(struct json_pull *j, char closing)
{
    char c = peek(j);
    if (c == ',') {
        j->at++;
        c = peek(j);
    }
    if (c == closing) {
        j->at++;
        return false;
    }
    return c ? true : fail(j);
}

bool json_pull_key(struct json_pull *j)
{
    struct text key = {0};
    if (!member(j, '}'))
        return false;
    if (peek(j) != '"')
        return fail(j);
    bool ok = string(j, &key);
    text_put(j->key, sizeof j->key, text_str(&key));
    text_free(&key);
    if (!ok)
        return false;
    if (peek(j) != ':')
        return fail(j);
    j->at++;
    return true;
}

bool json_pull_item(struct json_pull *j)
{
    return member(j, ']');
}

bool json_pull_string(struct json_pull *j, struct text *out)
{
    if (peek(j) == '"')
        return string(j, out);
    json_pull_skip(j);
    return false;
}

bool json_pull_u64(struct json_pull *j, uint64_t *out)
{
    uint64_t n = 0;
    const char *start = (peek(j), j->at);
    while (j->at < j->end && *j->at >= '0' && *j->at <= '9') {
        uint64_t digit = (uint64_t)(*j->at - '0');
        if (n > (UINT64_MAX - digit) / 10)
            return fail(j);
        n = n * 10 + digit;
        j->at++;
    }
    if (j->at == start) {
        json_pull_skip(j);
        return false;
    }
    *out = n;
    return true;
}

/* A value, by counting brackets outside of strings. */
void json_pull_skip(struct json_pull *j)
{
    size_t depth = 0;
    do {
        char c = peek(j);
        struct text ignored = {0};
        if (!c) {
            fail(j);
            return;
        }
        if (c == '"') {
            string(j, &ignored);
            text_free(&ignored);
        } else if (c == '{' || c == '[') {
            depth++;
            j->at++;
        } else if (c == '}' || c == ']') {
            if (!depth) {
                fail(j);
                return;
            }
            depth--;
            j->at++;
        } else if (c == ',' || c == ':') {
            if (!depth) {
                fail(j);
                return;
            }
            j->at++;
        } else {
            while (j->at < j->end && *j->at && !strchr(" \t\r\n,:]}[{\"", *j->at))
                j->at++;
        }
    } while (depth && !j->bad);
}
