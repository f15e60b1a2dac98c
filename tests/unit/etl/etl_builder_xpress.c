/* Packs with plain LZ77 XPRESS: greedy matches through a table of the last place of each three bytes. */
#include "etl_builder.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS    4096u
#define DISTANCE 8192u

struct packer {
    uint8_t *out;
    size_t at;
    size_t flags_at;
    uint32_t flags;
    unsigned bits;
    size_t half; /* place of a nibble byte whose upper half is free; 0: none */
};

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v & 0xFFFF);
    put16(p + 2, v >> 16);
}

static void flag(struct packer *p, unsigned bit)
{
    if (p->bits == 32) {
        put32(p->out + p->flags_at, p->flags);
        p->flags_at = p->at;
        p->at += 4;
        p->flags = 0;
        p->bits = 0;
    }
    p->flags = p->flags << 1 | bit;
    p->bits++;
}

static void long_length(struct packer *p, size_t length)
{
    unsigned nibble = length < 15 ? (unsigned)length : 15;
    if (p->half) {
        p->out[p->half] = (uint8_t)(p->out[p->half] | nibble << 4);
        p->half = 0;
    } else {
        p->half = p->at;
        p->out[p->at++] = (uint8_t)nibble;
    }
    if (length < 15)
        return;
    if (length - 15 < 255) {
        p->out[p->at++] = (uint8_t)(length - 15);
        return;
    }
    p->out[p->at++] = 255;
    size_t whole = length + 7;
    if (whole < 0x10000) {
        put16(p->out + p->at, (unsigned)whole);
        p->at += 2;
        return;
    }
    put16(p->out + p->at, 0);
    put32(p->out + p->at + 2, (uint32_t)whole);
    p->at += 6;
}

size_t etlb_xpress(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t last[SLOTS];
    memset(last, 0xFF, sizeof last);
    struct packer p = {.out = out, .at = 4};
    size_t i = 0;
    while (i < n) {
        size_t length = 0;
        size_t distance = 0;
        if (n - i >= 3) {
            size_t slot = (in[i] * 31u + in[i + 1] * 17u + in[i + 2]) % SLOTS;
            size_t from = last[slot];
            last[slot] = i;
            if (from != SIZE_MAX && i - from <= DISTANCE) {
                distance = i - from;
                while (i + length < n && in[i + length] == in[from + length])
                    length++;
            }
        }
        if (length < 3) {
            flag(&p, 0);
            out[p.at++] = in[i++];
            continue;
        }
        flag(&p, 1);
        size_t rest = length - 3;
        put16(out + p.at, (unsigned)((distance - 1) << 3 | (rest < 7 ? rest : 7)));
        p.at += 2;
        if (rest >= 7)
            long_length(&p, rest - 7);
        i += length;
    }
    /* Unused flags are set, as the specification's own examples have them. */
    while (p.bits < 32) {
        p.flags = p.flags << 1 | 1;
        p.bits++;
    }
    put32(out + p.flags_at, p.flags);
    return p.at;
}
