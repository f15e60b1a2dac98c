/* Each text once: names of processes, modules, types and objects as small numbers. One thread. */
#ifndef HR_LEDGER_NAMES_H
#define HR_LEDGER_NAMES_H

#include "core/base/text.h"

/* All zero is empty. Number 0 is the empty text. */
struct names {
    char *bytes;
    uint32_t used;
    uint32_t room;
    struct name_entry *list;
    uint32_t count;
    uint32_t list_room;
    uint32_t *slots;
    uint32_t slot_count;
    struct text scratch;
};

/* False for want of memory, or of room for four billion bytes. */
bool names_put(struct names *n, const char *s, size_t size, uint32_t *id);
bool names_put_utf16(struct names *n, const uint8_t *bytes, size_t units, uint32_t *id);
/* Bytes in the system's ANSI code page: those that are no ASCII show as U+FFFD. */
bool names_put_ansi(struct names *n, const uint8_t *bytes, size_t size, uint32_t *id);
/* Valid until the next put. */
const char *names_get(const struct names *n, uint32_t id);
void names_free(struct names *n);

#endif
