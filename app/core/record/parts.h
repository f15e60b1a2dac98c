/* Raw parts on disk, and the note beside each that says whose recording it is.
 *
 * The note is written, and on the disk, before the session starts, and goes last: whatever ends this program leaves
 * enough behind to find the session and the part again. One recorder at a time works on one note. Any thread. */
#ifndef HR_RECORD_PARTS_H
#define HR_RECORD_PARTS_H

#include "core/base/file.h"
#include "core/profile/profile.h"
#include "core/record/trace_backend.h"

#define PARTS_MAX_RECORDED 64 /* the known types make 39 tags */
#define PARTS_COPY_SUFFIX  ".incomplete"

struct parts_note {
    char part[TRACE_PATH_MAX]; /* the raw .etl; the note lies beside it and has its name */
    /* An unproven copy on another volume, while it is made; empty: none. A crash leaves it, dropping removes it. */
    char copy[TRACE_PATH_MAX];
    char session[TRACE_NAME_MAX];
    struct trace_guid guid;
    uint32_t pid;       /* of the recorder */
    uint64_t pid_start; /* FILETIME: tells it from a later process with its number */
    uint64_t started;   /* FILETIME of the recording */
    char profile[PROFILE_NAME_MAX];
    uint32_t masks[8];
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned tag_count;
    unsigned stacks; /* PROFILE_STACK_* */

    enum profile_storage storage;
    bool companion; /* a second session runs beside the first */
    bool live_events;
    uint32_t segment; /* number of the present file, 0 for the first */
    uint32_t segment_minutes, segment_mb, keep_mb;
    struct profile_stop stop;
    char place[TRACE_PATH_MAX]; /* where it is saved when it ends by itself; empty: nowhere */

    /* All tags that may have been let through since the recording began, for telling whether the filter took effect;
     * 0: all types, or not known. */
    uint32_t recorded[PARTS_MAX_RECORDED];
    unsigned recorded_count;
};

/* Adds a filter (0 tags: all types) to what may have been recorded. */
void parts_let_through(struct parts_note *note, const uint32_t *tags, unsigned n);

/* Makes the folder, chooses note->part (a name nobody has) and writes the note. On failure nothing stays behind. */
bool parts_begin(const char *dir, struct parts_note *note, struct err *err);

/* Writes the note anew, whole or not at all. */
bool parts_rewrite(const struct parts_note *note, struct err *err);

/* The note beside a part. ERR_NOT_FOUND: there is none; ERR_FORMAT: it is not one of ours, or damaged. */
bool parts_read(const char *part, struct parts_note *out, struct err *err);

/* Deletes the unproven copy and all pieces, then the note; what is not there any more is fine. */
bool parts_drop(const struct parts_note *note, struct err *err);

/* The same, but the part itself stays: it has become the saved file. */
bool parts_settle(const struct parts_note *note, struct err *err);

/* Says whether the recorder of a note still runs (and has a right to it). `start` 0: whatever its start time. */
typedef bool parts_alive_fn(void *ctx, uint32_t pid, uint64_t start);

/* The oldest recording in `dir` whose recorder is gone; notes that it left without anything recorded are swept away.
 * *found false: there is none (or no such folder). */
bool parts_find(const char *dir, parts_alive_fn *alive, void *ctx, bool *found, struct parts_note *out,
                struct err *err);

/* The newest note in `dir` of a ring, whoever's: a session that has no file does not say where its note lies. */
bool parts_find_ring(const char *dir, struct parts_note *out);

#endif
