/* Bytes, UTF-16 texts, growing arrays and event payloads of the simulated kernel. */
#include "kernel_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void)
{
    fputs("ksim: out of memory\n", stderr);
    abort();
}

void *kernel_alloc(size_t bytes)
{
    void *p = calloc(1, bytes ? bytes : 1);
    if (!p)
        out_of_memory();
    return p;
}

/* The new part is zero. */
void *kernel_grow(void *array, uint32_t *room, uint32_t wanted, size_t item)
{
    if (wanted <= *room)
        return array;
    uint32_t more = *room ? *room * 2 : 16;
    if (more < wanted)
        more = wanted;
    uint8_t *grown = realloc(array, more * item);
    if (!grown) {
        out_of_memory();
        return array;
    }
    memset(grown + *room * item, 0, (more - *room) * item);
    *room = more;
    return grown;
}

struct kernel_text kernel_text_copy(const void *utf16, uint32_t bytes)
{
    struct kernel_text t = {.length = bytes / 2};
    t.data = kernel_alloc((t.length + 1) * sizeof(uint16_t));
    if (bytes)
        memcpy(t.data, utf16, t.length * sizeof(uint16_t));
    return t;
}

struct kernel_text kernel_text_ascii(const char *text)
{
    struct kernel_text t = {.length = (uint32_t)strlen(text)};
    t.data = kernel_alloc((t.length + 1) * sizeof(uint16_t));
    for (uint32_t i = 0; i < t.length; i++)
        t.data[i] = (uint8_t)text[i];
    return t;
}

static uint16_t fold(uint16_t c)
{
    return (uint16_t)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

bool kernel_text_same(const struct kernel_text *a, const struct kernel_text *b)
{
    if (a->length != b->length)
        return false;
    for (uint32_t i = 0; i < a->length; i++) {
        if (fold(a->data[i]) != fold(b->data[i]))
            return false;
    }
    return true;
}

void kernel_text_free(struct kernel_text *text)
{
    free(text->data);
    text->data = NULL;
    text->length = 0;
}

uint32_t kernel_get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t kernel_get64(const uint8_t *at)
{
    return kernel_get32(at) | (uint64_t)kernel_get32(at + 4) << 32;
}

void kernel_put16(uint8_t *at, uint16_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

void kernel_put32(uint8_t *at, uint32_t v)
{
    kernel_put16(at, (uint16_t)v);
    kernel_put16(at + 2, (uint16_t)(v >> 16));
}

void kernel_put64(uint8_t *at, uint64_t v)
{
    kernel_put32(at, (uint32_t)v);
    kernel_put32(at + 4, (uint32_t)(v >> 32));
}

void payload_bytes(struct kernel_payload *p, const void *data, uint32_t bytes)
{
    if (bytes == 0 || bytes > sizeof p->data - p->bytes)
        return;
    memcpy(p->data + p->bytes, data, bytes);
    p->bytes += bytes;
}

void payload_u8(struct kernel_payload *p, uint8_t v)
{
    payload_bytes(p, &v, 1);
}

void payload_u16(struct kernel_payload *p, uint16_t v)
{
    uint8_t b[2];
    kernel_put16(b, v);
    payload_bytes(p, b, 2);
}

void payload_u32(struct kernel_payload *p, uint32_t v)
{
    uint8_t b[4];
    kernel_put32(b, v);
    payload_bytes(p, b, 4);
}

void payload_u64(struct kernel_payload *p, uint64_t v)
{
    uint8_t b[8];
    kernel_put64(b, v);
    payload_bytes(p, b, 8);
}

void payload_text(struct kernel_payload *p, const struct kernel_text *t, uint32_t most)
{
    uint32_t n = t->length < most / 2 ? t->length : most / 2;
    for (uint32_t i = 0; i < n; i++)
        payload_u16(p, t->data[i]);
    payload_u16(p, 0);
}
