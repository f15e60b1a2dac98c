// A quick way for messages between two processes of one machine: a shared section and the host's futex, because a
// pipe's round trip through wineserver takes ten times as long. Exists under Wine on x86-64 Linux only.
#ifndef KSIM_CHANNEL_H
#define KSIM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#define CHANNEL_ROOM 0x4000u // bytes of one message or answer

struct channel {
    uint32_t asked;    // messages sent so far; written by the asking side
    uint32_t answered; // messages answered so far; written by the answering side
    uint32_t bytes;    // of the message or answer in data
    uint32_t reserved[13];
    uint8_t data[CHANNEL_ROOM];
};

// False where there is no futex to call: then nothing below may be called.
bool channel_possible(void);

// Ends this process at once, without wineserver, which may be gone.
void channel_end_process(int status);

// The asking side makes the section and keeps *section open until the answering side has opened it too.
// NULL: GetLastError says why. channel_close ends the view.
struct channel *channel_make(const wchar_t *name, void **section);
struct channel *channel_open(const wchar_t *name);
void channel_close(struct channel *c);

// Asking side, one thread at a time. channel_send puts the message in and wakes the other side; channel_wait returns
// true as soon as data and bytes hold the answer, false after about `ms` milliseconds without one.
void channel_send(struct channel *c, const void *message, uint32_t bytes);
bool channel_wait(struct channel *c, uint32_t ms);

// Answering side. channel_receive returns true as soon as data and bytes hold a message.
bool channel_receive(struct channel *c, uint32_t ms);
void channel_answer(struct channel *c, const void *answer, uint32_t bytes);

#endif
