/* Writes a trace file as programs that merge write it: a header buffer, then buffers of the processors' streams, each
 * in order. One thread a writer.
 *
 * Memory: a buffer for each processor that has events, at most ETL_WRITER_MEMORY; with more processors than that
 * allows, buffers are written half full. */
#ifndef HR_ETL_WRITER_H
#define HR_ETL_WRITER_H

#include "core/base/file.h"
#include "core/etl/header.h"
#include "core/etl/origin.h"

#define ETL_WRITER_MEMORY     ((uint64_t)256 << 20)
#define ETL_WRITER_BUFFER_MIN 0x4000u /* room for the header record and for any sort of small event */

struct etl_writer;

struct etl_writer_options {
    const char *path;      /* must not exist */
    const uint8_t *header; /* the header record of a file of the same recording: most of it is taken over */
    uint32_t buffer_size;  /* raised to ETL_WRITER_BUFFER_MIN; every record must fit into it beside a buffer's header */
};

/* What the header record says, known at the end. */
struct etl_writer_end {
    uint64_t end_time; /* FILETIME; the last event's where that is later */
    uint32_t processors;
    uint32_t events_lost;
    uint32_t buffers_lost;
    struct etl_origin origin;
};

/* What was put, for comparing with what is read back; the header record and the origin are not in it. */
struct etl_written {
    uint64_t events;
    uint64_t digest; /* sum of etl_record_digest */
};

/* On failure no file is left. */
bool etl_writer_open(const struct etl_writer_options *options, struct etl_writer **out, struct err *err);
/* Records of one processor are expected in order of time; a late one is written as it comes. The bytes are copied. */
bool etl_writer_put(struct etl_writer *w, uint16_t processor, int64_t time, const uint8_t *bytes, size_t size,
                    struct err *err);
/* Completes the file: it is on the disk when this returns true. Frees the writer either way; on failure the file is
 * deleted. */
bool etl_writer_close(struct etl_writer *w, const struct etl_writer_end *end, struct etl_written *out, struct err *err);
/* Gives up: closes and deletes the file. NULL is fine. */
void etl_writer_abandon(struct etl_writer *w);

/* Of one record in one stream; padding not included. */
uint64_t etl_record_digest(uint16_t processor, const uint8_t *bytes, size_t size);

#endif
