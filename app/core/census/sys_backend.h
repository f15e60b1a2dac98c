/* The seam to what the system says of itself: open handles, processes, memory, disk, rights.
 *
 * Thread: `machine`, `free_disk`, `processes` and `own_pid` from any; the other operations from the census
 * thread only. Implementations: app/win and fakes in the tests. */
#ifndef HR_CENSUS_SYS_BACKEND_H
#define HR_CENSUS_SYS_BACKEND_H

#include "core/base/err.h"

#define SYS_TYPE_NAME_MAX    64
#define SYS_PROCESS_NAME_MAX 260

struct sys_machine {
    uint64_t memory_bytes; /* physical */
    uint32_t processors;   /* logical, online */
    uint32_t windows_build;
    bool elevated;
    bool
        wrong_architecture; /* a 32-bit build on a 64-bit system, whose native calls are translated: refuse to record */
    bool container;         /* a Windows Server container: no system sessions */
    char name[64];          /* of the machine, for file names */
};

/* One kind of kernel object, from NtQueryObject(ObjectTypesInformation). */
struct sys_type {
    char name[SYS_TYPE_NAME_MAX];
    uint16_t listed_index; /* the number the list itself claims; see `handles` */
    uint32_t handles;      /* open now, in the whole system */
    uint32_t objects;
};

struct sys_process {
    uint32_t pid;
    uint64_t start; /* FILETIME; tells a reused pid from its predecessor */
    char name[SYS_PROCESS_NAME_MAX];
};

struct sys_ops {
    bool (*machine)(void *self, struct sys_machine *out, struct err *err);
    bool (*free_disk)(void *self, const char *path, uint64_t *bytes, struct err *err);

    /* Calls `each` for every object type of the system, in list order. */
    bool (*types)(void *self, void (*each)(void *ctx, const struct sys_type *t), void *ctx, struct err *err);
    /* Calls `each` for every open handle of every process. `type_number` is in the number space of
     * SystemExtendedHandleInformation, which need not be the listed one: calibrate (probe_types). */
    bool (*handles)(void *self, void (*each)(void *ctx, uint32_t pid, uint32_t handle, uint16_t type_number), void *ctx,
                    struct err *err);
    bool (*processes)(void *self, void (*each)(void *ctx, const struct sys_process *p), void *ctx, struct err *err);
    /* Opens one object of a known type in this process ("Event", "Mutant", ...; see calibrate.h) and says its handle
     * value, so that its type_number can be found in `handles`; close_probe closes it. ERR_UNSUPPORTED: not a type that
     * can be made for the purpose. */
    bool (*open_probe)(void *self, const char *type_name, uint32_t *handle, struct err *err);
    void (*close_probe)(void *self, uint32_t handle);
    uint32_t (*own_pid)(void *self);
    /* CPU time this thread has used, in 100 ns: the census holds its own cost below a limit with it. */
    uint64_t (*thread_cpu)(void *self);
};

struct sys_backend {
    const struct sys_ops *ops;
    void *self;
};

#endif
