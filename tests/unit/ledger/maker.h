/* Writes handle traces for tests in every form that handle events may have, and gathers the lives that the ledger tells
 * of them. */
#ifndef HR_TEST_LEDGER_MAKER_H
#define HR_TEST_LEDGER_MAKER_H

#include "core/ledger/timeline.h"
#include "unit/etl/etl_builder.h"

enum maker_header { MAKER_SYSTEM, MAKER_COMPACT, MAKER_PERFINFO };

struct maker {
    struct etlb b;
    enum maker_header header;
    unsigned ps;    /* pointer size */
    int64_t time;   /* of the next event; each moves it on by 1000 (100 us) */
    unsigned tid;   /* of the thread that acts */
    unsigned actor; /* pid in the headers of the next handle events; 0: the owner's */
    bool no_stacks; /* PERFINFO events get no stack to take their ids from */
    bool user;      /* stacks reach into user code */
    int64_t last;   /* the time of the event written last */
    uint32_t stamp; /* time stamp of images */
    char path[64];
};

/* The six forms. */
#define MAKER_FORMS 6
void maker_begin(struct maker *m, unsigned form, const char *path);
void maker_begin_with(struct maker *m, unsigned form, const char *path, const struct etlb_options *o);
/* Goes on with another processor's buffer. */
void maker_processor(struct maker *m, unsigned processor);
void maker_create(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object);
void maker_close(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object, const char *name);
void maker_duplicate(struct maker *m, uint32_t from, uint32_t source, uint32_t to, uint32_t handle, uint64_t object);
void maker_list(struct maker *m, uint32_t pid, uint32_t handle, uint64_t object, const char *name);
void maker_type(struct maker *m, uint16_t type, const char *name);
void maker_process(struct maker *m, uint16_t hook, uint32_t pid, uint32_t parent, uint64_t key, const char *name);
void maker_terminate(struct maker *m, uint32_t pid);
void maker_image(struct maker *m, uint16_t hook, uint32_t pid, uint64_t base, uint64_t size, const char *name);
/* Of the event at `of`; frames end with 0. */
void maker_stack(struct maker *m, int64_t of, uint32_t pid, uint32_t tid, const uint64_t *frames);
void maker_key(struct maker *m, bool user, int64_t of, uint32_t pid, uint32_t tid, uint64_t key);
void maker_define(struct maker *m, uint16_t hook, uint64_t key, const uint64_t *frames);
/* A mark as the kernel writes it. */
void maker_mark(struct maker *m, const char *text);
/* The type index of the handle events that follow. */
void maker_use_type(uint16_t type);

#define GATHERED_MAX 512
struct gathered {
    struct ledger_life life;
    char name[64];
};
struct gather {
    struct gathered lives[GATHERED_MAX];
    size_t count;
    struct ledger *ledger;
    struct timeline_facts facts;
};

/* Finishes the file, reads it (with others, when `count` is not 0) and deletes it. */
void maker_read(struct maker *m, struct gather *g);
void gather_files(const char *const *files, unsigned count, struct gather *g);
void maker_save(struct maker *m);
void gather_free(struct gather *g);
void assert_life(const struct ledger_life *x, enum ledger_how how, enum ledger_end end, bool uncertain);
/* The n-th life (from 0) of this owner and value in the order told; fails the test when there is none. */
const struct ledger_life *gather_life(const struct gather *g, uint32_t pid, uint32_t handle, unsigned n);
size_t gather_count(const struct gather *g, uint32_t pid, uint32_t handle);
/* "ntoskrnl.exe+0x10 app.exe+0x20 0x30": names without folders. */
const char *gather_stack(const struct gather *g, uint32_t stack);

/* What follows, on a trace in each form: m is begun before it, and what maker_read gathers in g is freed behind it. */
#define MAKER_EACH_FORM(m, g, path)                                                                                    \
    for (unsigned form = 0; form < MAKER_FORMS && (maker_begin(&(m), form, path), true); gather_free(&(g)), form++)

#endif
