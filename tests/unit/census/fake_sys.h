// A system made of two tables, types and processes, that a test fills in and changes as it likes.
#ifndef TESTS_FAKE_SYS_H
#define TESTS_FAKE_SYS_H

#include "core/census/sys_backend.h"

enum { FAKE_TYPES = 96, FAKE_PROCESSES = 64, FAKE_OWN_PID = 100 };

struct fake_type {
    char name[SYS_TYPE_NAME_MAX];
    uint16_t listed_index;
    uint16_t number; // in the handle list
    bool has_probe;
    bool unlisted;      // its handles are not in the handle list
    uint32_t extra;     // handles that the total counts and the list does not
    bool probe_is_open; // the one that open_probe opened
};

struct fake_process {
    uint32_t pid;
    uint64_t start;
    char name[SYS_PROCESS_NAME_MAX];
    uint32_t held[FAKE_TYPES]; // of each type
};

struct fake_sys {
    struct fake_type type[FAKE_TYPES];
    size_t type_count;
    struct fake_process process[FAKE_PROCESSES];
    size_t process_count;

    uint64_t cpu;        // 100 ns; grows by what a call costs
    uint64_t types_cost; // 100 ns each
    uint64_t handles_cost;
    bool types_fail;
    bool handles_fail;
    bool processes_fail;
    unsigned walks; // calls so far
    unsigned probes_opened;
    unsigned probes_open; // not closed yet
};

// Adds a type whose number in the handle list is its listed index plus `offset`; returns its place.
size_t fake_add_type(struct fake_sys *f, const char *name, int offset, bool has_probe);
struct fake_process *fake_add_process(struct fake_sys *f, uint32_t pid, uint64_t start, const char *name);
void fake_remove_process(struct fake_sys *f, uint32_t pid);
struct sys_backend fake_backend(struct fake_sys *f);

#endif
