/* Unpacks plain LZ77 XPRESS. Every read of input and every write of output is checked first. */
#include "core/etl/xpress.h"

#include "core/etl/bytes.h"

#include <stdbool.h>
#include <string.h>

struct source {
    const uint8_t *in;
    size_t n;
    size_t pos;
    size_t half; /* where the byte is whose high nibble waits for the next long match; 0: none (0 is a flag byte) */
};

static bool has(const struct source *s, size_t bytes)
{
    return s->n - s->pos >= bytes;
}

/* The length of a match whose 3-bit field is 7. */
static enum xpress_result long_length(struct source *s, uint64_t *length)
{
    uint64_t len = 0;
    if (s->half) {
        len = s->in[s->half] >> 4;
        s->half = 0;
    } else {
        if (!has(s, 1))
            return XPRESS_SHORT;
        s->half = s->pos;
        len = s->in[s->pos++] & 15;
    }
    if (len == 15) {
        if (!has(s, 1))
            return XPRESS_SHORT;
        len = s->in[s->pos++];
        if (len == 255) {
            if (!has(s, 2))
                return XPRESS_SHORT;
            len = le16(s->in + s->pos);
            s->pos += 2;
            if (!len) {
                if (!has(s, 4))
                    return XPRESS_SHORT;
                len = le32(s->in + s->pos);
                s->pos += 4;
            }
            if (len < 15 + 7)
                return XPRESS_CORRUPT;
            len -= 15 + 7;
        }
        len += 15;
    }
    *length = len + 7;
    return XPRESS_OK;
}

static void copy_match(uint8_t *out, size_t distance, size_t length)
{
    const uint8_t *from = out - distance;
    if (distance >= length) {
        memcpy(out, from, length);
        return;
    }
    /* The match runs into what it makes itself: that is how repeats are written. */
    for (size_t i = 0; i < length; i++)
        out[i] = from[i];
}

enum xpress_result xpress_unpack(const uint8_t *in, size_t n, uint8_t *out, size_t room, size_t *made)
{
    struct source s = {in, n, 0, 0};
    uint32_t flags = 0;
    unsigned bits = 0;
    size_t done = 0;
    enum xpress_result result = XPRESS_OK;
    while (done < room) {
        if (!bits) {
            if (!has(&s, 4)) {
                result = XPRESS_SHORT;
                break;
            }
            flags = le32(in + s.pos);
            s.pos += 4;
            bits = 32;
        }
        bits--;
        if (!(flags >> bits & 1)) {
            if (!has(&s, 1)) {
                result = XPRESS_SHORT;
                break;
            }
            out[done++] = in[s.pos++];
            continue;
        }
        if (!has(&s, 2)) {
            result = XPRESS_SHORT;
            break;
        }
        unsigned match = le16(in + s.pos);
        s.pos += 2;
        size_t distance = (match >> 3) + 1;
        uint64_t length = match & 7;
        if (length == 7)
            result = long_length(&s, &length);
        if (result != XPRESS_OK)
            break;
        length += 3;
        if (distance > done || length > room - done) {
            result = XPRESS_CORRUPT;
            break;
        }
        copy_match(out + done, distance, (size_t)length);
        done += (size_t)length;
    }
    *made = done;
    return result;
}
