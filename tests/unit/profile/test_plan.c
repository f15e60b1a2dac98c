/* The plan as text for profiles and machines, and every refusal. */
#include "core/base/text.h"
#include "core/profile/plan.h"
#include "unit/test.h"

#define GB (1024ull * 1024 * 1024)

static const struct sys_machine usual = {
    .memory_bytes = 16 * GB, .processors = 8, .windows_build = 19045, .elevated = true, .name = "TESTER"};

#define HEAD      "session: Handle Recorder {d553d63e-72f7-4e68-a941-430ccbd96b58}\n"
#define MASKS     "masks: 7 0 0 0 40 0 0 0\n"
#define STACKS    "stacks: 0x1120 0x1122\n"
#define COMPANION "session: Handle Recorder Companion {8c1f6b0a-92ad-4f3e-b7d5-61e20c9a4f17}\n"

struct golden {
    void (*profile)(struct profile *p);
    uint64_t memory;
    uint32_t processors;
    uint64_t disk;
    const char *text;
};

static void as_it_is(struct profile *p)
{
    (void)p;
}

static void four_types_all_stacks(struct profile *p)
{
    p->tag_count = 4;
    p->tags[0] = profile_tag("Event");
    p->tags[1] = profile_tag("Key");
    p->tags[2] = profile_tag("IoCompletion");
    p->tags[3] = profile_tag("ALPC Port");
    p->stacks = PROFILE_STACK_CREATE | PROFILE_STACK_CLOSE | PROFILE_STACK_DUPLICATE;
}

static void no_stacks_limited_file(struct profile *p)
{
    p->stacks = 0;
    p->max_file_mb = 500;
}

static void half_of_memory(struct profile *p)
{
    p->buffers = 0;
    p->memory_percent = 50;
}

static void few_buffers(struct profile *p)
{
    p->buffers = 4;
}

static void foreign_with_cache(struct profile *p)
{
    p->foreign = true;
    p->stack_cache = true;
    p->stack_cache_kb = 1024;
    p->stack_cache_buckets = 256;
}

static void ring(struct profile *p)
{
    p->storage = PROFILE_RING;
    p->buffers = 512;
}

static void live_ring_with_cache(struct profile *p)
{
    ring(p);
    p->live_events = true;
    p->stack_cache = true;
    p->stack_cache_kb = 1024;
    p->stack_cache_buckets = 256;
}

static void live_file(struct profile *p)
{
    p->live_events = true;
}

static void circular(struct profile *p)
{
    p->storage = PROFILE_CIRCULAR;
    p->max_file_mb = 100;
}

static void segments(struct profile *p)
{
    p->segment_minutes = 10;
    p->segment_mb = 200;
    p->keep_mb = 2000;
    p->max_file_mb = 50;
}

static void huge_file(struct profile *p)
{
    p->max_file_mb = 100000;
}

static const struct golden goldens[] = {
    {as_it_is, 16 * GB, 8, 100 * GB, HEAD "storage: file\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS "types: all\n"},
    {four_types_all_stacks, 16 * GB, 8, 100 * GB,
     HEAD "storage: file\nbuffers: 64 to 256 of 1024 KB\n" MASKS
          "stacks: 0x1120 0x1121 0x1122\ntypes: Even Key IoCo ALPC\n"},
    {no_stacks_limited_file, 16 * GB, 8, 100 * GB,
     HEAD "storage: file, at most 500 MB\nbuffers: 64 to 256 of 1024 KB\n" MASKS "stacks: none\ntypes: all\n"},
    /* 8 % of 16 GB */
    {half_of_memory, 16 * GB, 8, 100 * GB,
     HEAD "storage: file\nbuffers: 1310 to 1310 of 1024 KB\n" MASKS STACKS
          "types: all\nnote: Buffers take 1310 MB instead of 8191 MB, which is 8 % of the memory; the system would not "
          "give more.\n"},
    {few_buffers, 16 * GB, 8, 100 * GB,
     HEAD "storage: file\nbuffers: 16 to 64 of 1024 KB\n" MASKS STACKS
          "types: all\nnote: There are 16 buffers instead of 4, two for each of 8 processors.\n"},
    /* 64 processors need 128 buffers; 81 MB hold them only when they are small */
    {as_it_is, 1 * GB, 64, 100 * GB,
     HEAD
     "storage: file\nbuffers: 128 to 163 of 512 KB\n" MASKS STACKS
     "types: all\nnote: Buffers have 512 KB instead of 1024 KB, so that two for each of 64 processors fit into 8 % "
     "of the memory.\n"},
    {foreign_with_cache, 16 * GB, 8, 512 * GB / 1024,
     HEAD "storage: file\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS
          "types: all\nstack cache: 1024 KB, 256 buckets\n"
          "note: Only 512 MB are free on the disk; the list of open handles at the end may not fit.\n"
          "note: The profile asks for more than handles; only handles, processes, threads and images are recorded.\n"},
    {huge_file, 16 * GB, 8, 10 * GB,
     HEAD "storage: file, at most 9984 MB\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS
          "types: all\nnote: The file is limited to 9984 MB instead of 100000 MB, because the disk has 10240 MB "
          "free.\n"},
    {ring, 16 * GB, 8, 100 * GB,
     HEAD "storage: ring\nbuffers: 512 to 512 of 1024 KB\n" MASKS STACKS "types: all\n" COMPANION
          "storage: file\nbuffers: 16 to 64 of 256 KB\nmasks: 7 0 0 0 0 0 0 0\n"},
    /* 8 % of 2 GB, less 16 MB for the companion; twice of that on the disk */
    {ring, 2 * GB, 8, 1 * GB,
     HEAD "storage: ring\nbuffers: 147 to 147 of 1024 KB\n" MASKS STACKS "types: all\n" COMPANION
          "storage: file\nbuffers: 16 to 64 of 256 KB\nmasks: 7 0 0 0 0 0 0 0\n"
          "note: Buffers take 147 MB instead of 512 MB, which is 8 % of the memory; the system would not give more.\n"
          "note: Only 1024 MB are free on the disk; saving a full ring may take 1318 MB.\n"},
    {live_ring_with_cache, 16 * GB, 8, 100 * GB,
     HEAD "storage: ring\nbuffers: 512 to 512 of 1024 KB\n" MASKS STACKS "types: all\n" COMPANION
          "storage: file, real-time\nbuffers: 16 to 64 of 256 KB\nmasks: 7 0 0 0 40 0 0 0\n"
          "note: Stack caching stays off: it needs a recording to one file.\n"},
    {live_file, 16 * GB, 8, 100 * GB,
     HEAD "storage: file\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS "types: all\n" COMPANION
          "storage: none, real-time\nbuffers: 16 to 64 of 256 KB\nmasks: 7 0 0 0 40 0 0 0\n"},
    {circular, 16 * GB, 8, 100 * GB,
     HEAD "storage: circular file, at most 100 MB\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS "types: all\n"},
    {segments, 16 * GB, 8, 100 * GB,
     HEAD "storage: file\nbuffers: 64 to 256 of 1024 KB\n" MASKS STACKS
          "types: all\nsegments: every 10 min every 200 MB, keep 2000 MB\n"
          "note: The file size of 50 MB does not apply: a new file begins every so often.\n"},
};

static void plans_print_as_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
        const struct golden *g = &goldens[i];
        struct profile p;
        profile_default(&p);
        g->profile(&p);
        struct sys_machine m = usual;
        m.memory_bytes = g->memory;
        m.processors = g->processors;
        struct session_plan plan;
        struct err err = {0};
        if (!plan_make(&p, &m, g->disk, &plan, &err))
            fail_msg("plan %u: %s", (unsigned)i, err.doing);
        struct text t = {0};
        plan_print(&plan, &t);
        assert_string_equal(text_str(&t), g->text);
        assert_string_equal(plan.start.path, "");
        text_free(&t);
    }
}

struct refusal {
    void (*profile)(struct profile *p);
    void (*machine)(struct sys_machine *m);
    uint64_t disk;
    enum err_code code;
    const char *doing;
    const char *remedy;
};

static void not_elevated(struct sys_machine *m)
{
    m->elevated = false;
}
static void wrong_architecture(struct sys_machine *m)
{
    m->wrong_architecture = true;
}
static void in_container(struct sys_machine *m)
{
    m->container = true;
}
static void windows_7(struct sys_machine *m)
{
    m->windows_build = 7601;
}
static void tiny(struct sys_machine *m)
{
    m->memory_bytes = 64ull << 20;
    m->processors = 64;
}
static void unknown(struct sys_machine *m)
{
    m->memory_bytes = 0;
}
static void no_change(struct sys_machine *m)
{
    (void)m;
}
static void broken(struct profile *p)
{
    p->buffer_kb = 1;
}

static void refusals_have_a_remedy(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {as_it_is, not_elevated, 9 * GB, ERR_ACCESS, "administrator rights", "Run as administrator."},
        {as_it_is, wrong_architecture, 9 * GB, ERR_UNSUPPORTED, "another processor", "edition"},
        {as_it_is, in_container, 9 * GB, ERR_UNSUPPORTED, "container", "host"},
        {as_it_is, windows_7, 9 * GB, ERR_UNSUPPORTED, "7601", "Windows 10"},
        {as_it_is, tiny, 9 * GB, ERR_NO_MEMORY, "64 MB of memory and 64 processors", "more memory"},
        {as_it_is, unknown, 9 * GB, ERR_ARGUMENT, "not known", ""},
        {ring, tiny, 9 * GB, ERR_NO_MEMORY, "64 MB of memory and 64 processors", "more memory"},
        {ring, no_change, 255ull << 20, ERR_NO_SPACE, "255 MB free", "1 GB"},
        {circular, no_change, 100ull << 20, ERR_NO_SPACE, "100 MB free", "1 GB"},
        {broken, no_change, 9 * GB, ERR_RANGE, "buffer size", "limits"},
        {as_it_is, no_change, 255ull << 20, ERR_NO_SPACE, "255 MB free", "1 GB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile p;
        profile_default(&p);
        cases[i].profile(&p);
        struct sys_machine m = usual;
        cases[i].machine(&m);
        struct session_plan plan;
        memset(&plan, 0x5A, sizeof plan);
        struct session_plan before = plan;
        struct err err = {0};
        assert_false(plan_make(&p, &m, cases[i].disk, &plan, &err));
        assert_int_equal(err.code, cases[i].code);
        if (!strstr(err.doing, cases[i].doing) || !strstr(err.remedy, cases[i].remedy))
            fail_msg("%u: \"%s\" \"%s\" lacks \"%s\" or \"%s\"", (unsigned)i, err.doing, err.remedy, cases[i].doing,
                     cases[i].remedy);
        assert_memory_equal(&plan, &before, sizeof plan);
    }
}

/* Whatever profile and machine: the plan keeps the limits of the tracing system. */
static void plans_keep_the_limits(void **state)
{
    (void)state;
    static const uint32_t processors[] = {1, 2, 7, 64, 1024};
    static const uint32_t sizes[] = {64, 100, 1024, 16384};
    static const uint32_t counts[] = {2, 64, 5000, 1000000};
    for (uint64_t mb = 512; mb <= 1u << 22; mb *= 4)
        for (size_t a = 0; a < 5; a++)
            for (size_t b = 0; b < 4; b++)
                for (size_t c = 0; c < 4; c++) {
                    struct sys_machine m = usual;
                    m.memory_bytes = mb << 20;
                    m.processors = processors[a];
                    struct profile p;
                    profile_default(&p);
                    p.buffer_kb = sizes[b];
                    p.buffers = counts[c];
                    p.storage = (enum profile_storage)((a + b + c) % 3);
                    p.max_file_mb = 64;
                    struct session_plan plan;
                    struct err err = {0};
                    if (!plan_make(&p, &m, 100 * GB, &plan, &err)) {
                        assert_int_equal(err.code, ERR_NO_MEMORY);
                        continue;
                    }
                    const struct trace_start *s = &plan.start;
                    assert_in_range(s->buffer_kb, 64, 16384);
                    assert_in_range(s->min_buffers, 2 * processors[a], UINT32_MAX);
                    assert_in_range(s->max_buffers, s->min_buffers, UINT32_MAX);
                    assert_in_range((uint64_t)s->max_buffers * s->buffer_kb, 1, (mb << 10) * 8 / 100);
                    if (p.storage == PROFILE_RING)
                        assert_int_equal(s->max_buffers, s->min_buffers);
                }
}

static void name_it(struct trace_listing *l, const char *name, bool system_logger)
{
    memset(l, 0, sizeof *l);
    text_put(l->session.name, sizeof l->session.name, name);
    l->system_logger = system_logger;
}

/* Six private system sessions fit; a ring needs two of them. */
static void free_slots_are_counted(void **state)
{
    (void)state;
    static const char *const names[] = {
        "NT Kernel Logger", "Circular Kernel Context Logger", "handle recorder", "A", "B", "C", "D", "E", "F"};
    static struct trace_listing all[10];
    for (unsigned i = 0; i < 9; i++)
        name_it(&all[i], names[i], true);
    name_it(&all[9], "EventLog-System", false);
    for (unsigned companion = 0; companion < 2; companion++)
        for (unsigned others = 0; others <= 6; others++) {
            struct session_plan plan = {.companion = companion};
            struct err err = {0};
            struct trace_listing some[10];
            memcpy(some, all, sizeof some);
            for (unsigned i = others; i < 6; i++)
                some[3 + i].system_logger = false;
            bool fits = plan_check_slots(&plan, some, 10, &err);
            assert_int_equal(fits, others + 1 + companion <= 6);
            if (fits)
                continue;
            assert_int_equal(err.code, ERR_NO_SPACE);
            assert_int_equal(err.os, 1450);
            if (!strstr(err.remedy, "A, B") || strstr(err.remedy, "EventLog"))
                fail_msg("names of those in use: %s", err.remedy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_print_as_expected),
        cmocka_unit_test(refusals_have_a_remedy),
        cmocka_unit_test(plans_keep_the_limits),
        cmocka_unit_test(free_slots_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
