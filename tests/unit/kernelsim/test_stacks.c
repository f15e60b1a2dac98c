// The stack cache, and several sessions at once: each with its own filter, stacks and masks.
#include "sim.h"
#include "walk.h"

#define FILE_A "C:\\t\\a.etl"
#define FILE_B "C:\\t\\b.etl"

enum { UPDATE = 2 };
enum { KEY_KERNEL = 0x1825, KEY_USER = 0x1826, KEY_GONE = 0x1823, KEY_LEFT = 0x1824, STACK = 0x1820, CREATE = 0x1120 };
#define INNERMOST 0x7ff612340100u

static uint32_t cache(struct sim *s, uint64_t handle, uint8_t on, uint32_t length)
{
    uint8_t block[40] = {16};
    memcpy(block + 8, &handle, sizeof handle);
    block[16] = on;
    return sim_call(s, KSIM_NT_SET_SYSTEM_INFORMATION, 31, 0, NULL, block, length, 0);
}

static void read_file(struct sim *s, const char *path, struct walk *w)
{
    const struct sim_file *f = sim_file(s, path);
    assert_non_null(f);
    walk_file(w, f->data, f->size, true);
    walk_sort(w);
}

// What the key of this event's stack stands for: its first definition after the use.
static const struct walk_event *definition(const struct walk *w, const struct walk_event *use)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct walk_event *e = &w->events[i];
        bool defines = e->hook == KEY_GONE || e->hook == KEY_LEFT;
        if (defines && e->time > use->time && walk64(e, 0) == walk64(use, 16)) {
            return e;
        }
    }
    fail_msg("a key without a definition");
    return NULL;
}

static const struct walk_event *key_of(const struct walk *w, const struct walk_event *create, uint16_t hook)
{
    for (uint32_t i = 0; i < w->count; i++) {
        const struct walk_event *e = &w->events[i];
        if (e->hook == hook && (int64_t)walk64(e, 0) == create->time) {
            assert_int_equal(e->bytes, 24);
            assert_int_equal(e->header, 0x11);
            assert_int_equal(walk32(e, 12), 101);
            return e;
        }
    }
    fail_msg("an event without its key");
    return NULL;
}

// 300 handles by 50 different stacks.
static void create(struct sim *s)
{
    for (uint32_t i = 0; i < 300; i++) {
        s->cpu = i;
        s->frames = i * 7 % 50;
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x1000 + 4 * i, NULL, 0), KSIM_OK);
    }
}

static void check_stacks(const struct walk *w)
{
    assert_int_equal(walk_count(w, STACK), 0);
    assert_int_equal(walk_count(w, KEY_KERNEL), 300);
    assert_int_equal(walk_count(w, KEY_USER), 300);
    for (uint32_t i = 0; i < 300; i++) {
        const struct walk_event *e = walk_find(w, CREATE, i);
        uint32_t made = (walk32(e, 8) - 0x1000) / 4;
        const struct walk_event *user = definition(w, key_of(w, e, KEY_USER));
        assert_int_equal(user->bytes, 8 + 3 * 8);
        assert_int_equal(walk64(user, 8), INNERMOST + made * 7 % 50);
        const struct walk_event *kernel = definition(w, key_of(w, e, KEY_KERNEL));
        assert_true(walk64(kernel, 8) >> 63);
    }
}

static void test_rules(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(cache(s, handle, 1, 31), 0xC0000004);
    assert_int_equal(cache(s, handle, 1, 36), 0xC0000004);
    assert_int_equal(cache(s, handle, 0, 32), 0xC00000BB);
    assert_int_equal(cache(s, 999, 1, 32), 0xC0000296);
    assert_int_equal(cache(s, handle, 1, 32), 0);
    assert_int_equal(cache(s, handle, 1, 32), 0xC0000303);
    assert_int_equal(cache(s, handle, 0, 32), 0xC00000BB); // it stays on
    struct sim_props plain = sim_props("plain", FILE_B);
    sim_put32(&plain, 64, 1);
    assert_int_equal(sim_start(s, &plain), 0);
    assert_int_equal(cache(s, s->handle, 1, 32), 0xC000000D);
}

// Room for all stacks: nothing is defined before the stop.
static void test_defined_at_the_stop(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(cache(s, handle, 1, 32), 0);
    create(s);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    read_file(s, FILE_A, &w);
    check_stacks(&w);
    assert_int_equal(walk_count(&w, KEY_GONE), 0);
    assert_int_equal(walk_count(&w, KEY_LEFT), 50 + 1); // 50 user parts and one kernel part
    walk_free(&w);
}

static void test_defined_on_eviction(void **state)
{
    static const char *const dialects[] = {"set dialect default", "set dialect joined", "set dialect late-stacks",
                                           "set dialect late-close"};
    for (uint32_t d = 0; d < 4; d++) {
        sim_teardown(state);
        sim_setup(state);
        struct sim *s = *state;
        assert_int_equal(sim_control(s, dialects[d]), 0);
        assert_int_equal(sim_control(s, "set stack-cache-entries 10"), 0);
        uint64_t handle = sim_record(s, FILE_A);
        assert_int_equal(cache(s, handle, 1, 32), 0);
        create(s);
        assert_int_equal(sim_stop(s, handle), 0);
        struct walk w;
        read_file(s, FILE_A, &w);
        check_stacks(&w);
        assert_true(walk_count(&w, KEY_GONE) > 200);
        assert_int_equal(walk_count(&w, KEY_LEFT), 10);
        uint64_t most = 0;
        for (uint32_t i = 0; i < w.count; i++) {
            bool defines = w.events[i].hook == KEY_GONE || w.events[i].hook == KEY_LEFT;
            most = defines && walk64(&w.events[i], 0) > most ? walk64(&w.events[i], 0) : most;
        }
        assert_true(most < 0xffffca86a0000000u + 11u * (uint64_t)0x40); // keys are given out again
        walk_free(&w);
    }
}

// A file that ends before the stop has keys without definitions.
static void test_segments_and_rings_lose_definitions(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(cache(s, handle, 1, 32), 0);
    create(s);
    struct sim_props other = sim_props("recording", FILE_B);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &other), 0);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    read_file(s, FILE_A, &w);
    assert_int_equal(walk_count(&w, KEY_USER), 300);
    assert_int_equal(walk_count(&w, KEY_GONE) + walk_count(&w, KEY_LEFT), 0);
    walk_free(&w);
    read_file(s, FILE_B, &w);
    assert_int_equal(walk_count(&w, KEY_LEFT), 51);
    walk_free(&w);
}

static uint64_t second(struct sim *s, const char *tag)
{
    struct sim_props p = sim_props("second", FILE_B);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_tags(s, handle, &tag, 1), 0);
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    return handle;
}

static void test_two_sessions(void **state)
{
    struct sim *s = *state;
    uint64_t a = sim_record(s, FILE_A);
    const char *const event = "Even";
    assert_int_equal(sim_tags(s, a, &event, 1), 0);
    assert_int_equal(cache(s, a, 1, 32), 0);
    uint64_t b = second(s, "Sema");
    assert_int_equal(sim_stacks(s, b), 0); // as records of their own
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x10, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Semaphore", 0x14, NULL, 0), KSIM_OK);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Semaphore", 0x18, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, b), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x1C, NULL, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, a), 0);
    struct walk w;
    read_file(s, FILE_A, &w);
    assert_int_equal(walk_count(&w, CREATE), 2);
    assert_int_equal(walk_count(&w, STACK), 0);
    assert_int_equal(walk_count(&w, KEY_USER), 2);
    walk_free(&w);
    read_file(s, FILE_B, &w);
    assert_int_equal(walk_count(&w, CREATE), 2);
    assert_int_equal(walk_count(&w, STACK), 4);
    assert_int_equal(walk_count(&w, KEY_USER), 0);
    walk_free(&w);
}

static void test_times_of_two_sessions(void **state)
{
    static const struct {
        const char *dialect;
        bool apart;
    } cases[] = {{"set dialect default", false}, {"set dialect system-header", true}, {"set dialect worst", true}};
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sim_teardown(state);
        sim_setup(state);
        struct sim *s = *state;
        assert_int_equal(sim_control(s, cases[i].dialect), 0);
        uint64_t a = sim_record(s, FILE_A);
        uint64_t b = second(s, "Even");
        assert_int_equal(sim_stacks(s, b), 0);
        assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x10, NULL, 0), KSIM_OK);
        assert_int_equal(sim_stop(s, b), 0);
        assert_int_equal(sim_stop(s, a), 0);
        struct walk w;
        struct walk v;
        read_file(s, FILE_A, &w);
        read_file(s, FILE_B, &v);
        const struct walk_event *x = walk_find(&w, CREATE, 0);
        const struct walk_event *y = walk_find(&v, CREATE, 0);
        assert_int_equal(x->time != y->time, cases[i].apart);
        // Each file's stack belongs to that file's event.
        assert_int_equal(walk64(walk_find(&w, STACK, 0), 0), x->time);
        assert_int_equal(walk64(walk_find(&v, STACK, 0), 0), y->time);
        walk_free(&w);
        walk_free(&v);
    }
}

// What comes while the handle bit is off for a while is counted apart.
static void test_missed(void **state)
{
    struct sim *s = *state;
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x10, NULL, 0), KSIM_OK);
    assert_int_equal(sim_masks(s, handle, 0, 0), 0);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 0x14, NULL, 0), KSIM_OK);
    struct sim_props other = sim_props("recording", FILE_B);
    assert_int_equal(sim_control_trace(s, UPDATE, handle, NULL, &other), 0);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x10), KSIM_OK);
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 0x14), KSIM_OK);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "creates"), 1);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "missed_creates"), 1);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "closes"), 1);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "missed_closes"), 1);
    const char *text = sim_control_text(s, "truth");
    assert_non_null(strstr(text, "\"pauses\":1,\"longest_pause_us\":"));
    assert_null(strstr(text, "\"longest_pause_us\":0,"));
    assert_int_equal(sim_stop(s, handle), 0);
    // Each file has its own rundowns: the old one those of the end, the new one those of the start.
    struct walk w;
    read_file(s, FILE_A, &w);
    assert_int_equal(walk_count(&w, 0x1127), 6);
    assert_int_equal(walk_count(&w, 0x0304), 3);
    walk_free(&w);
    read_file(s, FILE_B, &w);
    assert_int_equal(walk_count(&w, 0x0303), 3);
    assert_int_equal(walk_count(&w, 0x0304), 3);
    walk_free(&w);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, sim_setup, sim_teardown)
    const struct CMUnitTest tests[] = {TEST(test_rules),
                                       TEST(test_defined_at_the_stop),
                                       TEST(test_defined_on_eviction),
                                       TEST(test_segments_and_rings_lose_definitions),
                                       TEST(test_two_sessions),
                                       TEST(test_times_of_two_sessions),
                                       TEST(test_missed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
