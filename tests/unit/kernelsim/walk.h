// Reads an .etl file from the format's description alone, and asserts everything that every real file obeys.
#ifndef TEST_WALK_H
#define TEST_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct walk_event {
    uint16_t hook, version;
    uint8_t header;
    uint32_t pid, tid; // 0xFFFFFFFF where the header has none
    int64_t time;
    uint32_t cpu, buffer;
    const uint8_t *payload;
    uint32_t bytes;
};

struct walk {
    struct walk_event *events; // in file order
    uint32_t count, buffers;
    uint32_t buffer_bytes, processors, mode, written, lost, markers;
    uint64_t end_time, frequency;
    uint32_t empties;  // data buffers without an event
    uint32_t backward; // data buffers that are older than one of the same processor before them in the file
};

// finished: the session was stopped, so the header's figures and the last buffer's mark must be there.
void walk_file(struct walk *w, const uint8_t *data, size_t size, bool finished);
// What a ring was flushed to: nothing is promised of its figures, its marks and the order of its buffers.
void walk_ring(struct walk *w, const uint8_t *data, size_t size);
void walk_free(struct walk *w);
// By time, as a reader has to merge the processors' streams.
void walk_sort(struct walk *w);

uint32_t walk_count(const struct walk *w, uint16_t hook);
// The nth (from 0) event with this hook; fails the test when there is none.
const struct walk_event *walk_find(const struct walk *w, uint16_t hook, uint32_t nth);
uint32_t walk_position(const struct walk *w, const struct walk_event *e);
uint16_t walk16(const struct walk_event *e, uint32_t at);
uint32_t walk32(const struct walk_event *e, uint32_t at);
uint64_t walk64(const struct walk_event *e, uint32_t at);
// UTF-16 at an offset equals this ASCII text.
void walk_text(const struct walk_event *e, uint32_t at, const char *text);

#endif
