/* The sidecar of a recording that holds its marks, and when its segments began, a line each: appended to and on the
 * disk at once, by the recorder or by any other program that sees the recording's part. Any thread and process. */
#ifndef HR_RECORD_MARK_FILE_H
#define HR_RECORD_MARK_FILE_H

#include "core/base/err.h"
#include "core/etl/marks.h"

struct mark_line {
    bool segment; /* a segment began, `number`; else a mark */
    bool done;    /* the marks of segment `number` are in its file */
    unsigned number;
    uint64_t clock_ns; /* of this start of the system */
    uint64_t filetime;
    char *text; /* of a mark */
};

struct mark_list {
    struct mark_line *v;
    size_t n;
    size_t marks; /* how many of them are marks */
    char *room;
};

/* `part`: of the recording. A text that is too long is cut; line ends in it become spaces. */
bool mark_file_add(const char *part, uint64_t clock_ns, uint64_t filetime, const char *text, struct err *err);
bool mark_file_add_segment(const char *part, uint64_t clock_ns, uint64_t filetime, unsigned number, struct err *err);
bool mark_file_add_done(const char *part, unsigned number, struct err *err);

/* No file: no lines. A line that was cut, or is none, is left out. mark_list_free afterwards. */
bool mark_file_read(const char *part, struct mark_list *out, struct err *err);
void mark_list_free(struct mark_list *l);

#endif
