/* Facts about a trace file and counts of its events: what `handlerec info` prints. Any thread. */
#ifndef HR_ETL_INFO_H
#define HR_ETL_INFO_H

#include "core/base/json.h"
#include "core/etl/trace.h"

/* One kind of event. */
struct etl_count {
    enum etl_kind kind;
    uint16_t hook;        /* ETL_KERNEL */
    uint16_t id;          /* ETL_EVENT */
    uint8_t opcode;       /* not ETL_KERNEL */
    uint8_t provider[16]; /* not ETL_KERNEL; as on disk */
    uint64_t count;
};

struct etl_info {
    uint64_t bytes;
    struct etl_header header; /* names lead nowhere here: see below */
    struct etl_stats stats;   /* inversions not counted: file order */
    bool losses_known;
    uint64_t by_header[256];  /* events by header type */
    struct etl_count *counts; /* most frequent first */
    size_t count_count;
    char *logger_name; /* UTF-8, never NULL */
    char *file_name;
};

/* Reads the whole file. Damage is counted, not an error. */
bool etl_info_read(const char *path, struct etl_info *out, struct err *err);
void etl_info_free(struct etl_info *info);

/* Seconds from the session's start to its end; where the header has no end, to the last event. */
double etl_info_seconds(const struct etl_info *info);
/* True when the file was read but is not whole. */
bool etl_info_damaged(const struct etl_info *info);

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" of 16 bytes as on disk. */
#define ETL_GUID_TEXT 37
void etl_guid_text(const uint8_t guid[16], char out[ETL_GUID_TEXT]);

/* One JSON object with the keys
 *   file, bytes, osBuild, pointerSize (of the controlling program), processors, clock ("qpc", "system", "cpu", "raw",
 *   "unknown"), bufferSize, buffers (in the file), mode (the log file mode as a number), start (UTC, ISO 8601; null
 *   when the header has none), durationSeconds, eventsLost and buffersLost (null where unknown: in a file that was not
 *   closed, or flushed from a ring), compressed, events, truncated, damagedBuffers,
 *   counts: [{hook: "0x1120", name, count}] for kernel events and
 *           [{provider, id, opcode, count}] for others (id null for classic events). */
void etl_info_json(const struct etl_info *info, const char *file, struct json *j);

/* The same for people. */
void etl_info_text(const struct etl_info *info, const char *file, struct text *out);

#endif
