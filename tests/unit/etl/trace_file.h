/* A trace file that a test makes and reads in both ways of reading. Each TRACE_TEST gets one as its state. */
#ifndef HR_TEST_TRACE_FILE_H
#define HR_TEST_TRACE_FILE_H

#include "unit/test.h"

#include "core/etl/trace.h"
#include "etl_builder.h"

#define TRACE_FILE_HOOK 0x1120
#define TRACE_FILE_MAX  16
#define WHOLE           SIZE_MAX

/* Each test program names its own: they may run at once. */
extern const char trace_file_path[];

struct trace_file {
    struct etlb_options o; /* the defaults, before a test changes them */
    struct etlb b;
    /* What was read last. */
    struct etl_stats s;
    int64_t times[TRACE_FILE_MAX];
    size_t n;
};

int trace_file_set_up(void **state);
int trace_file_tear_down(void **state); /* removes the file */
#define TRACE_TEST(name) cmocka_unit_test_setup_teardown(name, trace_file_set_up, trace_file_tear_down)

/* Begins a file; the one before is forgotten. */
void trace_file_begin(struct trace_file *f);
/* A whole one: four data buffers on three processors, eight events interleaved in time. */
void trace_file_build(struct trace_file *f);
void trace_file_event(struct trace_file *f, int64_t time);
uint8_t *trace_file_byte(struct trace_file *f, size_t buffer, size_t offset);

/* Saves the first `size` bytes and reads them in both ways, which must agree on everything but inversions: `times` gets
 * what comes after the header record. Returns how many these are. */
size_t trace_file_read(struct trace_file *f, size_t size);

struct trace_seen {
    size_t events;
    size_t stop_at;
};
bool trace_file_see(void *seen, const struct etl_record *r);

void trace_file_assert_times(const struct trace_file *f, const int64_t *expected, size_t count);
#define ASSERT_TIMES(f, ...)                                                                                           \
    do {                                                                                                               \
        static const int64_t wanted[] = {__VA_ARGS__};                                                                 \
        trace_file_assert_times(f, wanted, sizeof wanted / sizeof wanted[0]);                                          \
    } while (0)

#endif
