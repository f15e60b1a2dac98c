/* Examines a .wprp file against the structure that Microsoft documents for wpr.exe: what that would not take, what only
 * newer versions of it take, and what this program leaves out, each with its place. One thread. */
#ifndef HR_PROFILE_WPRP_EXAM_H
#define HR_PROFILE_WPRP_EXAM_H

#include "core/base/text.h"
#include "core/profile/wprp.h"

#define WPRP_EXAM_MAX 64

enum wprp_note_kind {
    WPRP_NOTE_WRONG,    /* against the documented structure: wpr.exe would not take it */
    WPRP_NOTE_NEWER,    /* the first versions of wpr.exe would not take it */
    WPRP_NOTE_LEFT_OUT, /* for wpr.exe; this program does not record it */
    WPRP_NOTE_KINDS
};

struct wprp_note {
    enum wprp_note_kind kind;
    struct wprp_place at;
    char text[160];
};

struct wprp_exam {
    struct wprp_note notes[WPRP_EXAM_MAX]; /* in document order within a kind */
    unsigned count;
    unsigned of[WPRP_NOTE_KINDS]; /* how many there are of each kind, those beyond the table too */
};

/* After the last node and before wprp_finish, which must follow. Adds to `exam`, which is all zero at first; a file
 * that wprp_finish refuses is examined as well. */
void wprp_examine(struct wprp *w, struct wprp_exam *exam);

/* wprp_finish that also notes what is left out, with places. `exam` may be NULL. */
bool wprp_finish_examined(struct wprp *w, struct profile *out, struct wprp_exam *exam, struct err *err);

void wprp_exam_note(struct wprp_exam *exam, enum wprp_note_kind kind, struct wprp_place at, const char *fmt, ...)
    ERR_PRINTF(4, 5);

/* What the profile records, in sentences of "Title: text", one a line. `memory_bytes` as in profile_xperf_line. */
void profile_explain(const struct profile *p, uint64_t memory_bytes, struct text *out);

/* The notes as lines "FILE(line,column): text", under a heading for each kind that has some. */
void wprp_exam_print(const struct wprp_exam *exam, const char *file, struct text *out);

#endif
