/* The files of one recording: beside its first part lie, with the same beginning of their names, what other parts it
 * has. They are found by their names, so that a crash at any time loses none. Any thread. */
#ifndef HR_RECORD_PIECES_H
#define HR_RECORD_PIECES_H

#include "core/base/err.h"
#include "core/record/trace_backend.h"

enum piece_kind {
    PIECE_CARRIED,   /* what segments that were deleted left open */
    PIECE_MAIN,      /* STEM.etl: the part itself; the first segment; a ring as it was last written out */
    PIECE_SEGMENT,   /* STEM.0001.etl and so on */
    PIECE_FLUSH,     /* a ring on its way to be the part: worth having where that is missing */
    PIECE_SNAPSHOT,  /* of a ring, raw, until its job is done */
    PIECE_COMPANION, /* STEM.companion.etl; .0001 and so on when it had to be started again */
    PIECE_MARKS,
    PIECE_WHOLE, /* merged from the others */
    PIECE_SET,   /* which files are being moved where; see work_set.c */
    PIECE_TEMP,  /* half-written, of no worth */
    PIECE_KIND_COUNT
};

#define PIECE_SUFFIX_MAX 48

struct piece {
    enum piece_kind kind;
    unsigned number;               /* 0: without one in its name */
    uint64_t size;                 /* as the folder says; of a file that is being written it may be an old one */
    char suffix[PIECE_SUFFIX_MAX]; /* STEM + this is its path */
};

/* Sorted by kind, then number. */
struct pieces {
    struct piece *v;
    size_t n;
};

/* The path of a piece of `part`'s recording. ERR_RANGE: it would be too long. */
bool piece_path(const char *part, enum piece_kind kind, unsigned number, char out[TRACE_PATH_MAX], struct err *err);
bool piece_path_of(const char *part, const struct piece *p, char out[TRACE_PATH_MAX], struct err *err);
/* The part's path with another ending than .etl. */
bool piece_sibling(const char *part, const char *suffix, char out[TRACE_PATH_MAX], struct err *err);
/* The part to whose recording a session's file belongs, by its name: STEM.0003.etl -> STEM.etl. */
void piece_part_of(const char *path, char out[TRACE_PATH_MAX]);
/* True when a file of this path would count as a piece of the recording (whatever the folder). */
bool piece_named_like(const char *part, const char *path);

/* What there is; pieces_free afterwards. A folder that is not there has none. */
bool pieces_find(const char *part, struct pieces *out, struct err *err);
void pieces_free(struct pieces *p);

/* The first of a kind, NULL: none; and how many there are. */
const struct piece *pieces_first(const struct pieces *p, enum piece_kind kind);
size_t pieces_count(const struct pieces *p, enum piece_kind kind);
/* One more than the highest number of the kind; 0 when there is none. */
unsigned pieces_next(const struct pieces *p, enum piece_kind kind);

#endif
