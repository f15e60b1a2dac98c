/* The facts of a trace's header record, and the conversion of its event times. Any thread. */
#ifndef HR_ETL_HEADER_H
#define HR_ETL_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of the log file mode that reading depends on; others only print. */
#define ETL_MODE_CIRCULAR   0x00000002u
#define ETL_MODE_BUFFERING  0x00000400u
#define ETL_MODE_COMPRESSED 0x04000000u

enum etl_clock { ETL_CLOCK_RAW = 0, ETL_CLOCK_QPC = 1, ETL_CLOCK_SYSTEM = 2, ETL_CLOCK_CPU = 3 };

/* As written in the file; none of it is trusted for reading except buffer_size (checked) and the mode. */
struct etl_header {
    uint32_t buffer_size; /* of the session: bytes of an uncompressed buffer */
    uint32_t os_build;
    uint32_t processors;
    uint64_t end_time; /* FILETIME; 0 when the file was not closed */
    uint32_t max_file_size;
    uint32_t mode;
    uint32_t buffers_written;
    uint32_t pointer_size; /* of the program that controlled the session, not of the events */
    uint32_t events_lost;
    uint32_t cpu_mhz;
    uint64_t boot_time;  /* FILETIME */
    uint64_t frequency;  /* ticks of the performance counter a second */
    uint64_t start_time; /* FILETIME */
    uint32_t clock;      /* enum etl_clock, or what a damaged file says */
    uint32_t buffers_lost;
    int64_t first_time;   /* raw time of the header record: the moment of start_time */
    const uint8_t *names; /* UTF-16LE logger name, NUL, file name, NUL; inside the bytes given to decode */
    size_t names_size;    /* bytes */
};

/* Decodes the record at the start of `p`. False when it is not a header record or is cut. */
bool etl_header_read(const uint8_t *p, size_t left, struct etl_header *out);

/* Ticks a second of the raw times; never 0. A frequency that cannot be right counts as 10 MHz. */
uint64_t etl_ticks_per_second(const struct etl_header *h);

/* 100 ns between the header record and the raw time `t` (negative before it); saturates instead of wrapping. */
int64_t etl_time_since_start(const struct etl_header *h, int64_t t);

/* The moment of `t` as FILETIME; saturates at 0 and at INT64_MAX. */
uint64_t etl_filetime(const struct etl_header *h, int64_t t);

/* Writes "2026-11-23T02:17:40.1234567Z" (29 bytes with NUL) of a FILETIME; years past 9999 show as 9999. */
#define ETL_TIME_TEXT 29
void etl_filetime_text(uint64_t filetime, char out[ETL_TIME_TEXT]);

/* "qpc", "system", "cpu", "raw" or "unknown". */
const char *etl_clock_name(uint32_t clock);

#endif
