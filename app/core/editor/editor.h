/* What stands in the profile editor's fields, the profile that they make, and what is wrong, fixed or changed. Pure;
 * one thread. */
#ifndef HR_EDITOR_EDITOR_H
#define HR_EDITOR_EDITOR_H

#include "core/editor/editor_types.h"
#include "core/profile/problem.h"
#include "core/record/span.h"
#include "core/record/view_text.h"

#define EDITOR_TEXT_MAX PROFILE_DESCRIPTION_MAX

enum editor_page {
    EDITOR_PAGE_GENERAL,
    EDITOR_PAGE_TYPES,
    EDITOR_PAGE_STACKS,
    EDITOR_PAGE_STORAGE,
    EDITOR_PAGE_STOP,
    EDITOR_PAGES
};

/* What is edited, and so what can change. */
enum editor_mode {
    EDITOR_NEW,
    EDITOR_OWN,     /* a profile of the user's own: saved in its place */
    EDITOR_SHIPPED, /* stays as it is: changes are saved as a copy under another name */
    EDITOR_FOREIGN, /* made elsewhere, with more in it than is understood: shown only, until a copy is asked for */
    EDITOR_RUNNING  /* the recording that runs: types and stacks only */
};

/* What is known besides the profile. Borrowed; must outlive the editor. */
struct editor_facts {
    const struct snapshot *counts; /* NULL: not yet */
    uint64_t memory_bytes;         /* 0: not known */
    bool disk_known;
    uint64_t disk_free;
    const char *drive;              /* "D:", "" when it has no short name */
    const struct span_rates *rates; /* what recording costs, as measured last; NULL: not measured */
    /* Another profile (not the one that is edited, unless that ships) has this name. May be NULL: none has. */
    bool (*name_taken)(void *ctx, const char *name);
    void *ctx;
};

/* One person's input. The window copies fields in and out; `types` through editor_types_*. */
struct editor_input {
    char text[PROFILE_FIELD_COUNT][EDITOR_TEXT_MAX]; /* as typed; of fields without text empty */
    bool only_types;
    unsigned stacks; /* PROFILE_STACK_* */
    enum profile_storage storage;
    bool segments;
    unsigned rules; /* PROFILE_RULE_* that are ticked */
    bool live_events;
};

struct editor {
    enum editor_mode mode;
    struct editor_facts facts;
    struct profile profile; /* as it was opened */
    struct editor_input opened;
    struct editor_input now;
    struct editor_types types;
};

/* EDITOR_SHIPPED: `copy_name` is what the copy shall be called until the user says otherwise, else NULL. */
bool editor_open(struct editor *e, enum editor_mode mode, const struct profile *p, const char *copy_name,
                 const struct editor_facts *facts, struct err *err);
void editor_close(struct editor *e); /* all zero is fine */

/* EDITOR_FOREIGN becomes a copy that can be edited, under this name. */
void editor_make_copy(struct editor *e, const char *name);

/* The profile that the fields make; what cannot be read as a number is 0. */
void editor_take(const struct editor *e, struct profile *out);

/* Something differs from what was opened. */
bool editor_changed(const struct editor *e);

/* False: the field cannot be used; editor_note says why. */
bool editor_usable(const struct editor *e, enum profile_field field);
/* Segments' and rules' boxes: the same for the box before the field. */
bool editor_box_usable(const struct editor *e, enum profile_field field);

/* What to say below the field while nothing is wrong: why it cannot be used. "" when there is nothing to say. */
void editor_note(const struct editor *e, enum profile_field field, const struct view_locale *l, char *out, size_t size);

/* What is wrong with a field, in words. False: nothing, `out` is empty. *warning: it may stay so. */
bool editor_problem(const struct editor *e, enum profile_field field, const struct view_locale *l, char *out,
                    size_t size, bool *warning);
/* The first field, in the editor's order, with an error; PROFILE_FIELD_COUNT: none. */
enum profile_field editor_first_error(const struct editor *e);
enum editor_page editor_page_of(enum profile_field field);

/* "2 of 4 slots: Even, Dxgk", and for screen readers "2 of 4 slots used". */
void editor_slots(const struct editor *e, const struct view_locale *l, char *out, size_t size);
void editor_slots_name(const struct editor *e, const struct view_locale *l, char *out, size_t size);
/* "recorded together (4)"; "" for a type that has its tag alone. */
void editor_fellows(const struct editor *e, size_t row, const struct view_locale *l, char *out, size_t size);

/* How long the storage holds, or how fast it grows, with what is chosen now. */
void editor_estimate(const struct editor *e, const struct view_locale *l, char *out, size_t size);

/* Beside a stack switch (one PROFILE_STACK_* bit): what it is for, and what it costs with what is chosen now. */
void editor_cost(const struct editor *e, unsigned stack, const struct view_locale *l, char *out, size_t size);

/* One sentence about what is edited and what becomes of it; "" when it goes without saying. */
void editor_notice(const struct editor *e, const struct view_locale *l, char *out, size_t size);

#endif
