/* A recording profile: what to record and how, as people edit it and as a .wprp file keeps it. A plain value. */
#ifndef HR_PROFILE_PROFILE_H
#define HR_PROFILE_PROFILE_H

#include "core/base/err.h"

#define PROFILE_NAME_MAX        128
#define PROFILE_DESCRIPTION_MAX 512
#define PROFILE_COMMENTS_MAX    512
#define PROFILE_TYPE_MAX        64 /* names of types and processes in stop rules */
#define PROFILE_MAX_TAGS        4  /* the kernel's limit for one session (handle-type filter slots) */

/* Ranges that profile_check holds; the machine's own limits come later, in the plan. In the editor's units. */
#define PROFILE_BUFFER_KB_MIN       64
#define PROFILE_BUFFER_KB_MAX       16384 /* the system's limit since Windows 8 */
#define PROFILE_BUFFERS_MIN         2
#define PROFILE_BUFFERS_MAX         1000000
#define PROFILE_RING_MB_MIN         16 /* for a person's input; a file may say less */
#define PROFILE_CIRCULAR_MB_MIN     64 /* below it, the lists at the start and the end overwrite all else */
#define PROFILE_SEGMENT_MINUTES_MAX 1440
#define PROFILE_SEGMENT_MB_MIN      1
#define PROFILE_SEGMENT_MB_MAX      1048576
#define PROFILE_AFTER_MINUTES_MAX   43200 /* 30 days */
#define PROFILE_AT_MB_MAX           16777216
#define PROFILE_DISK_GB_MAX         1024
#define PROFILE_COUNT_MAX           16777216 /* handles; a process can hold no more */

/* Which handle events carry a call stack. */
enum profile_stack { PROFILE_STACK_CREATE = 1, PROFILE_STACK_DUPLICATE = 2, PROFILE_STACK_CLOSE = 4 };

enum profile_storage { PROFILE_FILE, PROFILE_RING, PROFILE_CIRCULAR };

/* When a recording stops and saves by itself; each rule by itself, 0 or empty: not this rule. */
struct profile_stop {
    uint32_t after_s;       /* seconds of recording */
    uint32_t at_mb;         /* of what was written to disk; not for a ring, which writes nothing */
    uint32_t disk_below_mb; /* free space where the parts are written */

    char hold_process[PROFILE_TYPE_MAX]; /* name (with * and ?) or pid; empty or *: any one process */
    char hold_type[PROFILE_TYPE_MAX];    /* empty: handles of all types */
    uint32_t hold_count;                 /* more than so many handles open: 1..16,777,216 */

    char grow_type[PROFILE_TYPE_MAX]; /* empty: handles of all types */
    uint32_t grow_per_minute;         /* of the whole system, as the window's "Per minute" */
};

struct profile {
    char name[PROFILE_NAME_MAX];
    char description[PROFILE_DESCRIPTION_MAX];

    /* The type filter: tags (first four characters of the type name, space padded, little endian as in
     * OBJECT_TYPE.Key). tag_count 0 records all types. */
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned tag_count;

    unsigned stacks; /* PROFILE_STACK_* bits */

    enum profile_storage storage;
    uint32_t buffer_kb;      /* 64..16384 */
    uint32_t buffers;        /* number of buffers; 0 when memory_percent says it */
    uint32_t memory_percent; /* of physical memory, 1..100; 0 when `buffers` says it */
    uint32_t max_file_mb;    /* 0: no limit; PROFILE_CIRCULAR needs one */

    /* A new file every so often, each readable on its own; PROFILE_FILE only; both 0: one file. */
    uint32_t segment_minutes;
    uint32_t segment_mb;
    uint32_t keep_mb; /* the oldest segments beyond it are deleted; 0: none */

    bool live_events; /* counts of creates, closes and duplicates while recording, from a real-time companion session */

    struct profile_stop stop;

    char comments[PROFILE_COMMENTS_MAX]; /* other people's words in the file's Comments attribute: kept */

    bool stack_cache;
    uint32_t stack_cache_kb;
    uint32_t stack_cache_buckets;

    /* The file held more than this program understands: it opens read-only, and this says what (UTF-8, one thing a
     * line). */
    bool foreign;
    char left_out[512];
};

/* "Event" -> 0x6E657645 ("Even"); shorter names are padded with spaces. */
uint32_t profile_tag(const char *type_name);
/* The tag as text of 1..4 characters, without the padding. */
void profile_tag_text(uint32_t tag, char out[5]);

/* What the window starts with: all types, create and duplicate stacks, to file. */
void profile_default(struct profile *p);

/* Every rule that a profile must keep before it is planned or saved (ranges, name); the first broken one. Which field
 * each belongs to: problem.h. */
bool profile_check(const struct profile *p, struct err *err);

#endif
