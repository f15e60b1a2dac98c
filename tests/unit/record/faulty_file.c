/* The failing disk. */
#include "unit/record/faulty_file.h"

#include "core/base/thread.h"

#include <stdio.h>
#include <string.h>

#define NO_SPACE 28u /* ENOSPC, where a fault says nothing else */

const char *const faulty_op_names[FAULTY_OP_COUNT] = {
    [FAULTY_OPEN] = "open",     [FAULTY_CREATE] = "create", [FAULTY_SIZE] = "size",
    [FAULTY_READ] = "read",     [FAULTY_WRITE] = "write",   [FAULTY_SYNC] = "sync",
    [FAULTY_RENAME] = "rename", [FAULTY_DELETE] = "delete", [FAULTY_MAKE_DIR] = "make folder",
    [FAULTY_LIST] = "list",
};

/* Set while no controller is busy, read by its thread: atomic so that both may. */
static atomic_uint calls[FAULTY_OP_COUNT];
static atomic_uint hits;
static atomic_int fault_op = -1;
static atomic_uint fault_at;
static atomic_bool fault_for_good;
static atomic_bool fault_after;
static atomic_uint fault_number;
static const char *_Atomic other_volume;
static bool (*_Atomic is_dead)(void *ctx);
static void *_Atomic dead_ctx;

void faulty_reset(void)
{
    for (int i = 0; i < FAULTY_OP_COUNT; i++)
        atomic_store(&calls[i], 0u);
    atomic_store(&hits, 0u);
    atomic_store(&fault_op, -1);
    atomic_store(&other_volume, NULL);
    atomic_store(&is_dead, NULL);
}

void faulty_fail(enum faulty_op op, unsigned at, bool for_good, bool after, uint32_t number)
{
    atomic_store(&fault_at, atomic_load(&calls[op]) + at);
    atomic_store(&fault_for_good, for_good);
    atomic_store(&fault_after, after);
    atomic_store(&fault_number, number ? number : NO_SPACE);
    atomic_store(&fault_op, (int)op);
}

void faulty_other_volume(const char *mark)
{
    atomic_store(&other_volume, mark);
}

unsigned faulty_calls(enum faulty_op op)
{
    return atomic_load(&calls[op]);
}

unsigned faulty_hits(void)
{
    return atomic_load(&hits);
}

void faulty_set_dead(bool (*dead)(void *ctx), void *ctx)
{
    atomic_store(&dead_ctx, ctx);
    atomic_store(&is_dead, dead);
}

/* Counts the call. False: it fails, with `err` set; *after: it is done all the same. */
static bool pass(enum faulty_op op, bool *after, struct err *err)
{
    bool (*dead)(void *ctx) = atomic_load(&is_dead);
    *after = false;
    if (dead && dead(atomic_load(&dead_ctx)))
        return err_set_os(err, ERR_KIND_ERRNO, 5, "The %s of a program that is gone", faulty_op_names[op]);
    unsigned call = atomic_fetch_add(&calls[op], 1u) + 1;
    unsigned at = atomic_load(&fault_at);
    if (atomic_load(&fault_op) != (int)op || !(call == at || (atomic_load(&fault_for_good) && call > at)))
        return true;
    atomic_fetch_add(&hits, 1u);
    *after = atomic_load(&fault_after);
    return err_set_os(err, ERR_KIND_ERRNO, atomic_load(&fault_number), "The faulty %s", faulty_op_names[op]);
}

/* The names that the linker's --wrap gives. */
bool __real_file_open(const char *path, enum file_mode mode, struct file **out, struct err *err);
bool __real_file_size(struct file *f, uint64_t *size, struct err *err);
bool __real_file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err);
bool __real_file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err);
bool __real_file_sync(struct file *f, struct err *err);
bool __real_file_rename(const char *from, const char *to, bool replace, struct err *err);
bool __real_file_delete(const char *path, struct err *err);
bool __real_file_make_dir(const char *path, struct err *err);
bool __real_file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx,
                      struct err *err);

bool __wrap_file_open(const char *path, enum file_mode mode, struct file **out, struct err *err);
bool __wrap_file_size(struct file *f, uint64_t *size, struct err *err);
bool __wrap_file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err);
bool __wrap_file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err);
bool __wrap_file_sync(struct file *f, struct err *err);
bool __wrap_file_rename(const char *from, const char *to, bool replace, struct err *err);
bool __wrap_file_delete(const char *path, struct err *err);
bool __wrap_file_make_dir(const char *path, struct err *err);
bool __wrap_file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx,
                      struct err *err);

bool __wrap_file_open(const char *path, enum file_mode mode, struct file **out, struct err *err)
{
    bool after = false;
    return pass(mode == FILE_TO_CREATE ? FAULTY_CREATE : FAULTY_OPEN, &after, err) &&
           __real_file_open(path, mode, out, err);
}

bool __wrap_file_size(struct file *f, uint64_t *size, struct err *err)
{
    bool after = false;
    return pass(FAULTY_SIZE, &after, err) && __real_file_size(f, size, err);
}

bool __wrap_file_read_at(struct file *f, uint64_t pos, void *buf, size_t n, size_t *got, struct err *err)
{
    bool after = false;
    return pass(FAULTY_READ, &after, err) && __real_file_read_at(f, pos, buf, n, got, err);
}

bool __wrap_file_write_at(struct file *f, uint64_t pos, const void *buf, size_t n, struct err *err)
{
    bool after = false;
    if (pass(FAULTY_WRITE, &after, err))
        return __real_file_write_at(f, pos, buf, n, err);
    /* A disk that fills up takes the first half. */
    if (after)
        __real_file_write_at(f, pos, buf, n / 2, NULL);
    return false;
}

bool __wrap_file_sync(struct file *f, struct err *err)
{
    bool after = false;
    return pass(FAULTY_SYNC, &after, err) && __real_file_sync(f, err);
}

bool __wrap_file_rename(const char *from, const char *to, bool replace, struct err *err)
{
    bool after = false;
    if (!pass(FAULTY_RENAME, &after, err)) {
        if (after)
            __real_file_rename(from, to, replace, NULL);
        return false;
    }
    /* Within the other volume, where the copy gets its name, a rename is an ordinary one. */
    const char *mark = atomic_load(&other_volume);
    if (mark && strstr(to, mark) && !strstr(from, mark))
        return err_set(err, ERR_UNSUPPORTED, "Renaming to another volume: %s", to);
    return __real_file_rename(from, to, replace, err);
}

bool __wrap_file_delete(const char *path, struct err *err)
{
    bool after = false;
    if (pass(FAULTY_DELETE, &after, err))
        return __real_file_delete(path, err);
    if (after)
        __real_file_delete(path, NULL);
    return false;
}

bool __wrap_file_make_dir(const char *path, struct err *err)
{
    bool after = false;
    return pass(FAULTY_MAKE_DIR, &after, err) && __real_file_make_dir(path, err);
}

bool __wrap_file_list(const char *dir, bool (*each)(void *ctx, const char *name, uint64_t size), void *ctx,
                      struct err *err)
{
    bool after = false;
    return pass(FAULTY_LIST, &after, err) && __real_file_list(dir, each, ctx, err);
}
