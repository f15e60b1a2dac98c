/* Mark events: their text and their time. */
#include "core/etl/marks.h"

#include "core/etl/hooks.h"

#include <string.h>

#define HEADER      16u
#define NANOSECONDS 1000000000u
#define TICKS_100NS 10000000u

/* value * to / from without overflow on the way, as long as the result fits; saturates. */
static int64_t scale(uint64_t value, uint64_t from, uint64_t to)
{
    uint64_t whole = value / from;
    if (to && whole > (uint64_t)INT64_MAX / to - 1)
        return INT64_MAX;
    uint64_t rest = value % from;
    return (int64_t)(whole * to + rest * (to / from) + rest * (to % from) / from);
}

int64_t etl_mark_time(const struct etl_header *h, const struct etl_mark *mark)
{
    uint64_t frequency = etl_ticks_per_second(h);
    if (h->clock == ETL_CLOCK_QPC && mark->clock_ns)
        return scale(mark->clock_ns, NANOSECONDS, frequency);
    if (h->clock == ETL_CLOCK_SYSTEM)
        return mark->filetime <= INT64_MAX ? (int64_t)mark->filetime : INT64_MAX;
    bool before = mark->filetime < h->start_time;
    int64_t ticks =
        scale(before ? h->start_time - mark->filetime : mark->filetime - h->start_time, TICKS_100NS, frequency);
    if (before)
        return h->first_time < INT64_MIN + ticks ? INT64_MIN : h->first_time - ticks;
    return h->first_time > INT64_MAX - ticks ? INT64_MAX : h->first_time + ticks;
}

/* Some systems wrote it in UTF-16: every other byte of plain text is zero then. */
static bool is_utf16(const struct etl_record *r)
{
    return r->payload_size >= 4 && r->payload[0] && !r->payload[1] && (r->payload[2] || r->payload[3]);
}

/* Another program's text is in its code page: only ASCII means the same everywhere. */
static void add_well_formed(struct text *out, const char *s, size_t n)
{
    if (text_is_utf8(s, n)) {
        text_add_n(out, s, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] < 0x80)
            text_add_char(out, s[i]);
        else
            text_add(out, "\xEF\xBF\xBD");
}

bool etl_mark_read(const struct etl_record *r, struct text *out)
{
    if (r->kind != ETL_KERNEL || r->hook != HOOK_MARK)
        return false;
    if (is_utf16(r)) {
        struct text wide = {0};
        text_add_utf16le(&wide, r->payload, r->payload_size / 2, true);
        add_well_formed(out, text_str(&wide), wide.len);
        out->failed = out->failed || wide.failed;
        text_free(&wide);
        return true;
    }
    const char *s = (const char *)r->payload;
    const char *end = r->payload_size ? memchr(s, 0, r->payload_size) : NULL;
    add_well_formed(out, s, end ? (size_t)(end - s) : r->payload_size);
    return true;
}

size_t etl_mark_record(const char *text, int64_t time, uint8_t pointer_size, uint8_t *out)
{
    char fitting[ETL_MARK_TEXT_MAX + 1];
    text_put(fitting, sizeof fitting, text);
    size_t length = strlen(fitting) + 1;
    size_t size = HEADER + length;
    memset(out, 0, HEADER);
    out[2] = pointer_size == 4 ? ETL_PERFINFO32 : ETL_PERFINFO64;
    out[3] = 0xC0;
    out[4] = (uint8_t)size;
    out[5] = (uint8_t)(size >> 8);
    out[6] = HOOK_MARK & 0xFF;
    out[7] = HOOK_MARK >> 8;
    for (unsigned i = 0; i < 8; i++)
        out[8 + i] = (uint8_t)((uint64_t)time >> 8 * i);
    memcpy(out + HEADER, fitting, length);
    return size;
}
