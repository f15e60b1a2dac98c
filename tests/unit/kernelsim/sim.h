// A simulated kernel on a made-up machine: a clock that ticks when read, files in memory, and messages as clients send.
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include "unit/test.h"

#include "kernel.h"
#include "protocol.h"

#include <stdbool.h>
#include <stdint.h>

enum { SIM_FILES = 16, SIM_PROPS = 0x800, SIM_PARENT = 100, SIM_CHILD = 200 };

struct sim_file {
    char path[128];
    uint8_t *data;
    size_t size;
    bool open;
    uint32_t writes;
};

struct sim {
    struct kernel *k;
    int64_t now;
    struct sim_file files[SIM_FILES];
    uint32_t file_count;
    uint32_t open_error; // what the next opens answer
    uint32_t slept;      // milliseconds
    uint32_t waits;      // for a release
    uint32_t killed;     // pid
    uint32_t interest;
    bool no_writer;    // the writer does not come between messages
    uint32_t elevated; // flag of calls
    uint32_t pid;      // who calls
    uint32_t cpu;
    uint64_t frames;      // added to the innermost frame of all stacks
    uint32_t more_frames; // that stacks have besides their three
    uint64_t handle;      // of the last call
    uint32_t return_length, reply_flags, out_bytes;
    uint8_t *message, *reply;
    const uint8_t *out;
};

struct sim_props {
    uint8_t block[SIM_PROPS];
    uint32_t bytes;
    const char *name;
};

int sim_setup(void **state); // cmocka: *state is a struct sim with a process SIM_PARENT that was already running
int sim_teardown(void **state);

// ksimctl: words separated by blanks; the answer's text, which lasts until the next message.
uint32_t sim_control(struct sim *s, const char *words);
const char *sim_control_text(struct sim *s, const char *words);

struct sim_props sim_props(const char *name, const char *file);
void sim_put32(struct sim_props *p, uint32_t offset, uint32_t v);
uint32_t sim_get32(const uint8_t *at);
uint32_t sim_call(struct sim *s, uint32_t api, uint32_t code, uint64_t handle, const char *name, const void *block,
                  uint32_t bytes, uint32_t out_room);
uint32_t sim_start(struct sim *s, const struct sim_props *p);
uint32_t sim_control_trace(struct sim *s, uint32_t code, uint64_t handle, const char *name, const struct sim_props *p);
uint32_t sim_masks(struct sim *s, uint64_t handle, uint32_t word0, uint32_t word4);
uint32_t sim_stacks(struct sim *s, uint64_t handle);
uint32_t sim_tags(struct sim *s, uint64_t handle, const char *const *tags, uint32_t count);
uint32_t sim_stop(struct sim *s, uint64_t handle);
// A session that records handles with stacks; its handle.
uint64_t sim_record(struct sim *s, const char *file);

uint32_t sim_hello(struct sim *s, uint32_t pid, uint32_t ppid, bool started);
uint32_t sim_create(struct sim *s, uint32_t pid, uint32_t tid, const char *type, uint32_t handle, const char *name,
                    uint64_t key);
uint32_t sim_close(struct sim *s, uint32_t owner, uint32_t tid, uint32_t handle);
uint32_t sim_closed(struct sim *s, uint32_t owner, uint32_t tid, uint32_t handle, uint32_t status);
uint32_t sim_duplicate(struct sim *s, uint32_t actor, uint32_t source_pid, uint32_t source, uint32_t target_pid,
                       uint32_t target, bool close_source);
uint32_t sim_exit(struct sim *s, uint32_t pid, uint32_t tid);
uint32_t sim_table(struct sim *s, uint32_t pid, const char *type, uint32_t handle);

// What ksimctl truth says: the number after "key": in the row of this pid and type, UINT32_MAX without such a row.
uint32_t sim_truth(struct sim *s, uint32_t pid, const char *type, const char *key);

struct sim_file *sim_file(struct sim *s, const char *path);

#endif
