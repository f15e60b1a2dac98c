/* Decodes the header record and converts event times. */
#include "core/etl/header.h"

#include "core/etl/bytes.h"
#include "core/etl/record.h"

#include <stdio.h>

#define TICKS_100NS 10000000u /* 100 ns in a second */
/* Above this the remainder of the split multiplication would not fit into 64 bits; no clock comes near it. */
#define MAX_FREQUENCY 1000000000000u
#define SECONDS_A_DAY 86400u
#define FIRST_YEAR    1601u

/* Where the fields are in the 32-bit and in the 64-bit form: two pointers in the middle make the difference. */
#define TAIL_AT(pointer_size) (0x38u + 2u * (pointer_size) + 172u)

bool etl_header_read(const uint8_t *p, size_t left, struct etl_header *out)
{
    struct etl_record r;
    size_t step = 0;
    if (etl_record_read(p, left, &r, &step) != ETL_READ_OK || r.kind != ETL_KERNEL || r.hook != 0)
        return false;
    /* Boot time stands on a multiple of 8 after the time zone. */
    size_t tail = (TAIL_AT(r.pointer_size) + 7u) & ~7u;
    size_t size = tail + 0x20;
    if (r.payload_size < size)
        return false;
    const uint8_t *h = r.payload;
    const uint8_t *t = h + tail;
    *out = (struct etl_header){
        .buffer_size = le32(h),
        .os_build = le32(h + 0x08),
        .processors = le32(h + 0x0C),
        .end_time = le64(h + 0x10),
        .max_file_size = le32(h + 0x1C),
        .mode = le32(h + 0x20),
        .buffers_written = le32(h + 0x24),
        .pointer_size = le32(h + 0x2C),
        .events_lost = le32(h + 0x30),
        .cpu_mhz = le32(h + 0x34),
        .boot_time = le64(t),
        .frequency = le64(t + 8),
        .start_time = le64(t + 16),
        .clock = le32(t + 24),
        .buffers_lost = le32(t + 28),
        .first_time = r.time,
        .names = h + size,
        .names_size = r.payload_size - size,
    };
    return true;
}

uint64_t etl_ticks_per_second(const struct etl_header *h)
{
    uint64_t ticks = h->frequency;
    if (h->clock == ETL_CLOCK_SYSTEM)
        ticks = TICKS_100NS;
    else if (h->clock == ETL_CLOCK_CPU)
        ticks = (uint64_t)h->cpu_mhz * 1000000u;
    return ticks && ticks <= MAX_FREQUENCY ? ticks : TICKS_100NS;
}

int64_t etl_time_since_start(const struct etl_header *h, int64_t t)
{
    bool before = t < h->first_time;
    /* Unsigned: the distance of two int64_t always fits. */
    uint64_t ticks = before ? (uint64_t)h->first_time - (uint64_t)t : (uint64_t)t - (uint64_t)h->first_time;
    uint64_t frequency = etl_ticks_per_second(h);
    uint64_t seconds = ticks / frequency;
    uint64_t rest = ticks % frequency * TICKS_100NS / frequency;
    if (seconds > ((uint64_t)INT64_MAX - TICKS_100NS) / TICKS_100NS)
        return before ? INT64_MIN : INT64_MAX;
    int64_t distance = (int64_t)(seconds * TICKS_100NS + rest);
    return before ? -distance : distance;
}

uint64_t etl_filetime(const struct etl_header *h, int64_t t)
{
    int64_t since = etl_time_since_start(h, t);
    uint64_t start = h->start_time <= INT64_MAX ? h->start_time : INT64_MAX;
    if (since < 0) {
        uint64_t back = 0 - (uint64_t)since;
        return back < start ? start - back : 0;
    }
    return (uint64_t)since <= (uint64_t)INT64_MAX - start ? start + (uint64_t)since : INT64_MAX;
}

static bool leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

void etl_filetime_text(uint64_t filetime, char out[ETL_TIME_TEXT])
{
    static const unsigned char month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t seconds = filetime / TICKS_100NS;
    unsigned fraction = (unsigned)(filetime % TICKS_100NS);
    uint64_t days = seconds / SECONDS_A_DAY;
    unsigned second = (unsigned)(seconds % SECONDS_A_DAY);
    unsigned year = FIRST_YEAR;
    while (year < 9999 && days >= (leap(year) ? 366u : 365u))
        days -= leap(year++) ? 366u : 365u;
    if (days > 365)
        days = 364; /* past the year 9999: only the order of size is told */
    unsigned month = 0;
    for (;;) {
        unsigned length = month_days[month] + (month == 1 && leap(year) ? 1u : 0u);
        if (days < length || month == 11)
            break;
        days -= length;
        month++;
    }
    char text[64];
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u.%07uZ", year, month + 1, (unsigned)days + 1,
             second / 3600, second / 60 % 60, second % 60, fraction);
    snprintf(out, ETL_TIME_TEXT, "%.28s", text);
}

const char *etl_clock_name(uint32_t clock)
{
    static const char *const names[] = {
        [ETL_CLOCK_RAW] = "raw", [ETL_CLOCK_QPC] = "qpc", [ETL_CLOCK_SYSTEM] = "system", [ETL_CLOCK_CPU] = "cpu"};
    return clock < sizeof names / sizeof names[0] ? names[clock] : "unknown";
}
