/* Reads JSON piece by piece, as its reader asks. Trusts no input; never recurses. One thread. */
#ifndef HR_REPORT_JSON_PULL_H
#define HR_REPORT_JSON_PULL_H

#include "core/base/text.h"

/* Start with {.at = begin, .end = end}. After the first thing that is no JSON `bad` is set and everything ends. */
struct json_pull {
    const char *at;
    const char *end;
    bool bad;
    char key[64]; /* cut */
};

/* Enters an object ('{') or array ('['). When the value is something else it is skipped: false. */
bool json_pull_enter(struct json_pull *j, char bracket);
/* The next key of the object, whose value must be taken next; false at its end. */
bool json_pull_key(struct json_pull *j);
/* Whether the array has a next item, which must be taken next; false at its end. */
bool json_pull_item(struct json_pull *j);
/* Values of another kind are skipped: false, and nothing changed. */
bool json_pull_string(struct json_pull *j, struct text *out);
bool json_pull_u64(struct json_pull *j, uint64_t *out);
void json_pull_skip(struct json_pull *j);

#endif
