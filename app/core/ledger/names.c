/* Interns texts through an open hash table. */
#include "core/ledger/names.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

struct name_entry {
    uint32_t at;
    uint32_t size;
    uint32_t hash;
};

static uint32_t hash_text(const char *s, size_t size)
{
    uint64_t h = size;
    for (size_t i = 0; i < size; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001B3u;
    return (uint32_t)hash_mix(h);
}

static bool rehash(struct names *n)
{
    uint32_t count = n->slot_count ? n->slot_count * 2 : 64;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t id = 1; id <= n->count; id++) {
        uint32_t at = n->list[id].hash & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = id;
    }
    free(n->slots);
    n->slots = slots;
    n->slot_count = count;
    return true;
}

bool names_put(struct names *n, const char *s, size_t size, uint32_t *id)
{
    *id = 0;
    if (!size)
        return true;
    if (size >= UINT32_MAX - 1 - n->used || ((uint64_t)n->count * 4 >= (uint64_t)n->slot_count * 3 && !rehash(n)))
        return false;
    uint32_t hash = hash_text(s, size);
    uint32_t at = hash & (n->slot_count - 1);
    for (; n->slots[at]; at = (at + 1) & (n->slot_count - 1)) {
        const struct name_entry *e = &n->list[n->slots[at]];
        if (e->hash == hash && e->size == size && !memcmp(n->bytes + e->at, s, size)) {
            *id = n->slots[at];
            return true;
        }
    }
    if (!grow_list(&n->bytes, &n->room, n->used + (uint32_t)size + 1, 1) ||
        !grow_array(&n->list, &n->list_room, n->count + 2, sizeof *n->list))
        return false;
    memcpy(n->bytes + n->used, s, size);
    n->bytes[n->used + size] = 0;
    n->list[++n->count] = (struct name_entry){n->used, (uint32_t)size, hash};
    n->used += (uint32_t)size + 1;
    n->slots[at] = n->count;
    *id = n->count;
    return true;
}

bool names_put_utf16(struct names *n, const uint8_t *bytes, size_t units, uint32_t *id)
{
    text_clear(&n->scratch);
    n->scratch.failed = false;
    text_add_utf16le(&n->scratch, bytes, units, true);
    return !n->scratch.failed && names_put(n, text_str(&n->scratch), n->scratch.len, id);
}

bool names_put_ansi(struct names *n, const uint8_t *bytes, size_t size, uint32_t *id)
{
    text_clear(&n->scratch);
    n->scratch.failed = false;
    for (size_t i = 0; i < size; i++) {
        char c = (char)bytes[i];
        if (bytes[i] < 0x80)
            text_add_n(&n->scratch, &c, 1);
        else
            text_add(&n->scratch, "\xEF\xBF\xBD");
    }
    return !n->scratch.failed && names_put(n, text_str(&n->scratch), n->scratch.len, id);
}

const char *names_get(const struct names *n, uint32_t id)
{
    return id && id <= n->count ? n->bytes + n->list[id].at : "";
}

void names_free(struct names *n)
{
    free(n->bytes);
    free(n->list);
    free(n->slots);
    text_free(&n->scratch);
    memset(n, 0, sizeof *n);
}
