/* Unpacks compressed trace buffers: plain LZ77 XPRESS (MS-XCA 2.4). Trusts no length. Any thread. */
#ifndef HR_ETL_XPRESS_H
#define HR_ETL_XPRESS_H

#include <stddef.h>
#include <stdint.h>

enum xpress_result {
    XPRESS_OK,      /* all `room` bytes were made */
    XPRESS_SHORT,   /* the input ended first: *made bytes are good */
    XPRESS_CORRUPT, /* a match points before the start or past the room: *made bytes came before it */
};

/* Unpacks exactly `room` bytes. Input that stays over is not looked at: packers leave an unused flag word. */
enum xpress_result xpress_unpack(const uint8_t *in, size_t n, uint8_t *out, size_t room, size_t *made);

#endif
