/* The profile editor's type list: which rows, which boxes, how many of the kernel's slots are taken. Pure; one thread.
 */
#ifndef HR_EDITOR_TYPES_H
#define HR_EDITOR_TYPES_H

#include "core/census/watcher.h"
#include "core/profile/profile.h"

struct editor_type {
    char name[SYS_TYPE_NAME_MAX];
    uint32_t tag;
    unsigned fellows; /* how many types share the tag, this one with them */
    bool counted;     /* `open` is known */
    uint64_t open;
};

/* The suspects first, then by tag. A row whose tag is in `tags` is ticked. */
struct editor_types {
    struct editor_type *rows;
    size_t count;
    size_t *shown; /* rows that the search lets through, in order */
    size_t shown_count;
    uint32_t tags[PROFILE_MAX_TAGS]; /* in the order in which they were ticked */
    unsigned tag_count;
};

/* Of the types of `counts` (NULL: the known ones) and those that `tags` name but this system does not have. At most
 * PROFILE_MAX_TAGS tags are taken. */
bool editor_types_open(struct editor_types *t, const struct snapshot *counts, const uint32_t *tags, unsigned n,
                       struct err *err);
void editor_types_close(struct editor_types *t); /* all zero is fine */

/* Newer counts for the rows that there are. */
void editor_types_count(struct editor_types *t, const struct snapshot *counts);

/* Shows the rows with `text` in their name or tag, ASCII case aside; all when it is blank. */
void editor_types_search(struct editor_types *t, const char *text);

enum editor_box { EDITOR_BOX_CLEAR, EDITOR_BOX_TICKED, EDITOR_BOX_FULL /* clear, and no slot is left for it */ };
enum editor_box editor_types_box(const struct editor_types *t, size_t row);

/* Ticks or clears a row and its fellows. False: all slots are taken; nothing changes. */
bool editor_types_toggle(struct editor_types *t, size_t row);

#endif
