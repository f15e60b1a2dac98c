/* Pushes one workload through the simulated kernel's ring with several filters and stack switches, and prints how long
 * the ring reaches back in each: measured in the flushed file, whose events tell their time.
 *
 * The workload is the mix that people who hunt handle leaks report: nine of ten handle events are about events, the
 * rest is spread. Stacks have 24 frames on opening and 16 on closing, which makes close stacks a third of the data: the
 * share that is reported for them (30-40%). One handle in 16 is duplicated. 4 processors, 2,000 handles opened a
 * second. */
#include "unit/kernelsim/sim.h"
#include "unit/kernelsim/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_KB  64u
#define BUFFERS    64u
#define CPUS       4u
#define OPENINGS   400000u
#define TICKS      10000000ll     /* a second */
#define STEP       (TICKS / 2000) /* between two openings */
#define OPEN_DEPTH 24u
#define SHUT_DEPTH 12u
#define LIVES      64u /* a handle is closed so many openings later */

enum { AT_SIZE = 48, AT_MIN = 52, AT_MAX = 56, AT_MODE = 64, FLUSH = 3 };

/* Parts of a thousand. */
static const struct {
    const char *type;
    uint32_t part;
} mix[] = {{"Event", 900}, {"File", 50}, {"Key", 30}, {"Thread", 10}, {"Process", 10}};

static uint32_t random_state;

static uint32_t pick(uint32_t count)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return (uint32_t)((uint64_t)random_state * count >> 32);
}

static void must(uint32_t status, const char *what)
{
    if (!status)
        return;
    fprintf(stderr, "bench_span: %s: %u\n", what, (unsigned)status);
    exit(1);
}

static const char *pick_type(void)
{
    uint32_t n = pick(1000);
    size_t i = 0;
    while (n >= mix[i].part)
        n -= mix[i++].part;
    return mix[i].type;
}

static uint64_t start(struct sim *s, const char *tag, const uint8_t *hooks, uint32_t hook_count)
{
    static const uint8_t guid[16] = {0x50, 0x7f, 0x49, 0x89, 0xfe, 0xef, 0x40, 0x44,
                                     0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7};
    struct sim_props p = sim_props("ring", NULL);
    sim_put32(&p, AT_SIZE, BUFFER_KB);
    sim_put32(&p, AT_MIN, BUFFERS);
    sim_put32(&p, AT_MAX, BUFFERS);
    sim_put32(&p, AT_MODE, 0x02000400);
    must(sim_start(s, &p), "starting the ring");
    uint64_t handle = s->handle;
    uint8_t ids[72] = {0};
    for (uint32_t i = 0; i < hook_count; i++) {
        memcpy(ids + 24 * (size_t)i, guid, sizeof guid);
        ids[24 * i + 16] = hooks[i];
    }
    must(sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, ids, 24 * hook_count, 0), "choosing stacks");
    if (tag)
        must(sim_tags(s, handle, &tag, 1), "setting the filter");
    must(sim_masks(s, handle, 7, 0x40), "enabling handle events");
    return handle;
}

/* Values come round again, as they do. */
static uint32_t value(uint32_t opening)
{
    return 4 + 4 * (opening % (2 * LIVES));
}

static void work(struct sim *s)
{
    const uint32_t copy = value(2 * LIVES - 1) + 4;
    random_state = 2463534242u;
    int64_t now = s->now;
    for (uint32_t i = 0; i < OPENINGS; i++) {
        now += STEP;
        s->now = now;
        s->cpu = pick(CPUS);
        s->more_frames = OPEN_DEPTH - 3;
        must(sim_create(s, SIM_PARENT, 101, pick_type(), value(i), NULL, 0), "opening");
        if (i % 16 == 0) {
            must(sim_duplicate(s, SIM_PARENT, SIM_PARENT, value(i), SIM_PARENT, copy, false), "duplicating");
            s->more_frames = SHUT_DEPTH - 3;
            must(sim_close(s, SIM_PARENT, 101, copy), "closing a duplicate");
        }
        s->more_frames = SHUT_DEPTH - 3;
        if (i >= LIVES)
            must(sim_close(s, SIM_PARENT, 101, value(i - LIVES)), "closing");
    }
}

/* From the moment since which nothing is missing, on any processor, to the end. */
static double seconds_held(const struct walk *w, int64_t end)
{
    int64_t first[CPUS];
    int64_t whole = 0;
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        first[cpu] = end;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct walk_event *e = &w->events[i];
        if (e->hook >= 0x1120 && e->hook <= 0x1122 && e->cpu < CPUS && e->time < first[e->cpu])
            first[e->cpu] = e->time;
    }
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        if (first[cpu] > whole)
            whole = first[cpu];
    return (double)(end - whole) / TICKS;
}

/* The seconds that the ring holds at the end of the workload. */
static double measure(const char *tag, const uint8_t *hooks, uint32_t hook_count)
{
    void *state = NULL;
    if (sim_setup(&state))
        exit(1);
    struct sim *s = state;
    uint64_t handle = start(s, tag, hooks, hook_count);
    int64_t began = s->now;
    work(s);
    struct sim_props p = sim_props("ring", "C:\\t\\ring.etl");
    must(sim_control_trace(s, FLUSH, handle, NULL, &p), "flushing");
    const struct sim_file *f = sim_file(s, "C:\\t\\ring.etl");
    struct walk w;
    walk_ring(&w, f->data, f->size);
    double held = seconds_held(&w, s->now);
    if (held * TICKS > 0.9 * (double)(s->now - began)) {
        fprintf(stderr, "bench_span: the workload does not fill the ring\n");
        exit(1);
    }
    walk_free(&w);
    sim_teardown(&state);
    return held;
}

int main(void)
{
    static const uint8_t all_stacks[] = {0x20, 0x21, 0x22};
    static const uint8_t no_close[] = {0x20, 0x22};
    double wpr = measure(NULL, all_stacks, 3);
    double without = measure(NULL, no_close, 2);
    double rare = measure("File", all_stacks, 3);
    double both = measure("File", no_close, 2);
    double frequent = measure("Even", no_close, 2);
    printf("ring_mb: %u\n", BUFFER_KB * BUFFERS / 1024);
    printf("seconds_as_wpr: %.1f\nseconds_rare_type: %.1f\n", wpr, rare);
    printf("span_ratio_rare_type: %.1f\n", rare / wpr);
    printf("span_ratio_no_close_stacks: %.2f\n", without / wpr);
    printf("span_ratio_rare_type_no_close_stacks: %.1f\n", both / wpr);
    printf("span_ratio_events_no_close_stacks: %.2f\n", frequent / wpr);
    if (rare / wpr < 10 || without / wpr < 1.4) {
        fprintf(stderr, "bench_span: less than 10 and 1.4\n");
        return 1;
    }
    return 0;
}
