// Gives the object types other numbers, the same ones in every answer: no program may depend on the usual ones.
#include "ksim.h"

#include <stdlib.h>
#include <string.h>

enum { TYPES = 256, FIRST_TYPE = 2, HANDLES_CLASS = 16, EXTENDED_HANDLES_CLASS = 64, TYPE_CLASS = 2, TYPES_CLASS = 3 };

struct type_information { // OBJECT_TYPE_INFORMATION, 104 bytes
    UNICODE_STRING name;
    uint8_t other[74];
    uint8_t index;
    uint8_t rest[13];
};

struct extended_handle {
    uint8_t other[0x1e];
    uint16_t type;
    uint8_t rest[8];
};

struct short_handle {
    uint8_t other[4];
    uint8_t type;
    uint8_t rest[19];
};

static bool permuting;
static uint8_t numbers[TYPES]; // Wine's number in the handle list -> ours

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

void ksim_types_init(void)
{
    wchar_t seed[16];
    DWORD n = GetEnvironmentVariableW(L"KSIM_PERMUTE_TYPES", seed, 16);
    if (n == 0 || n >= 16) {
        return;
    }
    uint32_t state = (uint32_t)wcstoul(seed, NULL, 10);
    for (int i = 0; i < TYPES; i++) {
        numbers[i] = (uint8_t)i;
    }
    const int last = 80; // as many types as any Windows has, so that the numbers have holes as they do there
    for (int i = last; i > FIRST_TYPE; i--) {
        int j = FIRST_TYPE + (int)(next_random(&state) % (uint32_t)(i - FIRST_TYPE + 1));
        uint8_t other = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = other;
    }
    permuting = true;
}

// The number an object type has in Wine's handle list is its place in the list of types, two less than its index.
static uint8_t from_place(uint32_t place)
{
    return numbers[(place + FIRST_TYPE) % TYPES];
}

void ksim_types_handles(uint32_t class_number, void *buffer, size_t length)
{
    if (!permuting) {
        return;
    }
    if (class_number == EXTENDED_HANDLES_CLASS && length >= 16) {
        uint64_t count = *(uint64_t *)buffer;
        struct extended_handle *entries = (void *)((uint8_t *)buffer + 16);
        for (uint64_t i = 0; i < count && 16 + (i + 1) * sizeof *entries <= length; i++) {
            entries[i].type = from_place(entries[i].type);
        }
    }
    if (class_number == HANDLES_CLASS && length >= 8) {
        uint32_t count = *(uint32_t *)buffer;
        struct short_handle *entries = (void *)((uint8_t *)buffer + 8);
        for (uint32_t i = 0; i < count && 8 + (i + 1) * sizeof *entries <= length; i++) {
            entries[i].type = from_place(entries[i].type);
        }
    }
}

void ksim_types_object(uint32_t class_number, void *buffer, size_t length)
{
    if (!permuting || !buffer) {
        return;
    }
    if (class_number == TYPE_CLASS && length >= sizeof(struct type_information)) {
        struct type_information *type = buffer;
        type->index = numbers[type->index];
    }
    if (class_number != TYPES_CLASS || length < 8) {
        return;
    }
    uint32_t count = *(uint32_t *)buffer;
    uint8_t *at = (uint8_t *)buffer + 8;
    for (uint32_t i = 0; i < count; i++) {
        struct type_information *type = (void *)at;
        type->index = numbers[type->index];
        at += sizeof *type + ((type->name.MaximumLength + 7u) & ~(size_t)7);
    }
}
