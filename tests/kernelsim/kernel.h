/*
 * The simulated kernel's ETW side: what one process can ask of it. Portable; the operating system is reached only
 * through struct kernel_host.
 *
 * Thread: every function is called with the host's one lock held. The host may let go of that lock inside open,
 * write, close, read, resize, sleep, wait_writer and wait_release, and nowhere else; the kernel keeps no pointer to a
 * process or handle over such a call.
 */
#ifndef KSIM_KERNEL_H
#define KSIM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel;

enum kernel_open {
    KERNEL_OPEN_REPLACE,
    KERNEL_OPEN_NEW,   /* KE_ALREADY_EXISTS when there is such a file */
    KERNEL_OPEN_APPEND /* what is there stays; made when there is none */
};

struct kernel_host {
    void *context;
    int64_t (*clock)(void *context, uint64_t frequency); /* ticks of the given frequency; never goes back */
    uint64_t (*filetime)(void *context);
    /* Files. Results are Win32 error codes. The path is UTF-16, zero-terminated. */
    uint32_t (*open)(void *context, const uint16_t *path, enum kernel_open how, void **file);
    uint32_t (*read)(void *context, void *file, uint64_t offset, void *data, uint32_t bytes); /* all or an error */
    uint32_t (*size)(void *context, void *file, uint64_t *bytes);
    uint32_t (*resize)(void *context, void *file, uint64_t bytes); /* what is added is zeroes */
    uint32_t (*write)(void *context, void *file, uint64_t offset, const void *data, uint32_t bytes);
    void (*close)(void *context, void *file);
    void (*writer_wake)(void *context); /* there is something for kernel_writer_step */
    void (*wait_writer)(void *context); /* waits until a kernel_writer_step has been done */
    void (*sleep)(void *context, uint32_t milliseconds);
    void (*wait_release)(void *context); /* waits for kernel_host.released */
    void (*released)(void *context);     /* ends every wait_release */
    void (*kill)(void *context, uint32_t pid);
    void (*interest)(void *context, uint32_t word); /* publishes enum ksim_interest */
};

/* NULL when out of memory. host is copied. */
struct kernel *kernel_create(const struct kernel_host *host);
/* Sessions still running are dropped without a rundown, their files left unfinished. */
void kernel_destroy(struct kernel *k);

/*
 * Carries out one message (protocol.h). reply receives the whole reply, at most room bytes, and its size is returned;
 * room is at least KSIM_MESSAGE_MAX. message is aligned for a uint64_t; any bytes are accepted as input.
 */
size_t kernel_message(struct kernel *k, const void *message, size_t bytes, void *reply, size_t room);

/* A watched process has ended without saying so; does nothing when it had said so. */
void kernel_process_died(struct kernel *k, uint32_t pid, uint32_t exit_status);

/* Writes one waiting buffer; false when there was none that may be written now. */
bool kernel_writer_step(struct kernel *k);

/* Once a second: flushes what sessions' flush timers ask for. */
void kernel_tick(struct kernel *k);

/* True once a client has sent the control word "quit". */
bool kernel_quitting(const struct kernel *k);

#endif
