// The system's table of open handles, as it documents itself: one entry per handle of every process.
#ifndef E2E_HANDLES_H
#define E2E_HANDLES_H

#include <stdbool.h>
#include <windows.h>

// One entry of the table behind its two leading counts.
struct handle_entry {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR handle;
    ULONG access;
    USHORT back_trace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct handle_table {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct handle_entry entries[];
};

_Static_assert(sizeof(struct handle_entry) == 0x28, "the layout of a 64-bit system");

enum { HANDLES_MAX_TYPES = 256 };

// Names of types by type number, "" where unknown, and the system's own totals; see handles_name_types.
struct handle_types {
    char names[HANDLES_MAX_TYPES][64];
    unsigned long totals[HANDLES_MAX_TYPES];
    int offset; // a type's number less its place in the system's list of types
};

// The table now; the caller frees it. NULL after a message on stderr.
struct handle_table *handles_read(void);
// Makes one object of each type that this program knows, finds it in the table and so learns the type's number; closes
// them again. False after a message on stderr.
bool handles_name_types(struct handle_types *types);

#endif
