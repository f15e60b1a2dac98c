/* Marks: moments that a person named while recording. Written and read as the kernel's own mark event, which other
 * programs show too: hook 0x0F22 (PerfInfo, opcode 34), payload a text of 8-bit characters with its NUL. Any thread. */
#ifndef HR_ETL_MARKS_H
#define HR_ETL_MARKS_H

#include "core/base/text.h"
#include "core/etl/header.h"
#include "core/etl/record.h"

#define ETL_MARK_TEXT_MAX 1024u /* bytes of UTF-8, without the NUL; a longer text is cut at a character's edge */

/* A mark to be written. */
struct etl_mark {
    const char *text; /* UTF-8 */
    /* The performance counter's time in nanoseconds (clock_ns on Windows): exact. 0: not known, then `filetime`
     * decides, which is as exact as the file's start time: some 15 ms. */
    uint64_t clock_ns;
    uint64_t filetime;
};

/* The raw time of a mark in a file with this header. */
int64_t etl_mark_time(const struct etl_header *h, const struct etl_mark *mark);

/* True for a mark event; its text is appended to `out`: well-formed UTF-8 whatever the payload holds. */
bool etl_mark_read(const struct etl_record *r, struct text *out);

/* The record of a mark, for the writer. `out` has room for ETL_MARK_RECORD_MAX bytes; returns its size. */
#define ETL_MARK_RECORD_MAX (16u + ETL_MARK_TEXT_MAX + 1u)
size_t etl_mark_record(const char *text, int64_t time, uint8_t pointer_size, uint8_t *out);

#endif
