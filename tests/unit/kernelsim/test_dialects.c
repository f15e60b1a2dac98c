// What each dialect does: headers, stacks, the order of a process's end, late closes, clocks.
#include "sim.h"
#include "walk.h"

#include <stdio.h>

#define FILE_A "C:\\t\\a.etl"

enum stacks { JOINED, SPLIT, LATE };

struct expected {
    const char *name;
    uint8_t handle_header, image_header;
    enum stacks stacks;
    bool sweep_after_end, terminate_after_sweep, late_close, actor_closes, apart;
    uint32_t markers; // with one FLUSH on the way
};

static const struct expected dialects[] = {
    {"default", 4, 2, SPLIT, 0, 0, 0, 0, 0, 2},           {"joined", 4, 0x11, JOINED, 0, 0, 0, 0, 0, 2},
    {"system-header", 2, 2, JOINED, 0, 0, 0, 1, 0, 2},    {"no-ids", 0x11, 0x11, SPLIT, 0, 0, 0, 0, 0, 3},
    {"late-stacks", 4, 2, LATE, 0, 0, 0, 0, 0, 2},        {"sweep-after-end", 4, 2, SPLIT, 1, 0, 0, 0, 0, 2},
    {"terminate-late", 2, 0x11, SPLIT, 0, 1, 0, 0, 0, 2}, {"late-close", 4, 2, JOINED, 0, 0, 1, 0, 1, 2},
    {"worst", 0x11, 0x11, LATE, 1, 1, 1, 0, 1, 3},
};

static void check_stacks(const struct walk *w, const struct expected *d)
{
    uint32_t late = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct walk_event *e = &w->events[i];
        if (e->hook != 0x1120) {
            continue;
        }
        uint32_t n = 0;
        uint32_t kernel = 0;
        uint32_t user = 0;
        for (uint32_t j = 0; j < w->count; j++) {
            const struct walk_event *st = &w->events[j];
            if (st->hook != 0x1820 || (int64_t)walk64(st, 0) != e->time || walk32(st, 12) != 201) {
                continue;
            }
            n++;
            assert_int_equal(st->header, 0x11);
            assert_int_equal(walk32(st, 8), SIM_CHILD);
            for (uint32_t at = 16; at < st->bytes; at += 8) {
                kernel += walk64(st, at) >> 63 ? 1 : 0;
                user += walk64(st, at) >> 63 ? 0 : 1;
            }
            bool moved = st->cpu != e->cpu;
            assert_int_equal(moved, st->time - e->time >= 100000);
            late += moved ? 1 : 0;
        }
        assert_int_equal(n, d->stacks == JOINED ? 1 : 2);
        assert_int_equal(user, 3);
        assert_true(kernel >= 3);
    }
    assert_int_equal(late > 0, d->stacks == LATE);
}

static void check_end(const struct walk *w, const struct expected *d)
{
    int64_t end = walk_find(w, 0x0302, 0)->time;
    int64_t terminate = walk_find(w, 0x030B, 0)->time;
    uint32_t closes = walk_count(w, 0x1121);
    int64_t sweep = walk_find(w, 0x1121, closes - 1)->time;
    assert_int_equal(sweep > end, d->sweep_after_end);
    assert_int_equal(terminate > sweep, d->terminate_after_sweep);
}

static void close_now(struct sim *s, const struct expected *d, uint32_t tid, uint32_t handle)
{
    assert_int_equal(sim_close(s, SIM_CHILD, tid, handle), KSIM_OK);
    assert_int_equal(s->reply_flags, d->late_close ? KSIM_REPLY_SEND_CLOSED : 0);
}

static void test_dialect(void **state)
{
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        const struct expected *d = &dialects[i];
        struct sim *s = *state;
        char words[64];
        snprintf(words, sizeof words, "set dialect %s", d->name);
        assert_int_equal(sim_control(s, words), 0);
        uint64_t handle = sim_record(s, FILE_A);
        assert_int_equal(sim_hello(s, SIM_CHILD, SIM_PARENT, true), KSIM_OK);
        assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 4, NULL, 0), KSIM_OK);
        assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 8, NULL, 0), KSIM_OK);
        // Thread 202 closes 4; as soon as NtClose has freed it, 201 is given the value.
        close_now(s, d, 202, 4);
        assert_int_equal(sim_create(s, SIM_CHILD, 201, "Event", 4, NULL, 0), KSIM_OK);
        assert_int_equal(sim_closed(s, SIM_CHILD, 202, 4, 0), d->late_close ? KSIM_OK : KSIM_UNKNOWN_HANDLE);
        // The parent takes 8 away.
        assert_int_equal(sim_duplicate(s, SIM_PARENT, SIM_CHILD, 8, SIM_PARENT, 0x40 + 4 * (uint32_t)i, true), KSIM_OK);
        struct sim_props p = sim_props("recording", NULL);
        assert_int_equal(sim_control_trace(s, 3, handle, NULL, &p), 0);
        assert_int_equal(sim_exit(s, SIM_CHILD, 201), KSIM_OK);
        assert_int_equal(sim_stop(s, handle), 0);
        struct walk w;
        struct sim_file *f = sim_file(s, FILE_A);
        walk_file(&w, f->data, f->size, true);
        assert_int_equal(w.markers, d->markers);
        walk_sort(&w);
        assert_int_equal(walk_count(&w, 0x1120), 3);
        assert_int_equal(walk_count(&w, 0x1121), 3);
        assert_int_equal(walk_find(&w, 0x1120, 0)->header, d->handle_header);
        assert_int_equal(walk_find(&w, 0x030A, 0)->header, d->image_header);
        const struct walk_event *reused = walk_find(&w, 0x1120, 2);
        const struct walk_event *close = walk_find(&w, 0x1121, 0);
        assert_int_equal(close->time > reused->time, d->late_close);
        assert_int_equal(walk32(close, 8), 4);
        assert_true(walk64(close, 0) == walk64(walk_find(&w, 0x1120, 0), 0));
        uint32_t pid = d->actor_closes ? SIM_PARENT : SIM_CHILD;
        assert_int_equal(walk_find(&w, 0x1121, 1)->pid, d->handle_header == 0x11 ? UINT32_MAX : pid);
        check_stacks(&w, d);
        check_end(&w, d);
        walk_free(&w);
    }
}

static void test_all_dialects_are_listed_here(void **state)
{
    struct sim *s = *state;
    const char *text = sim_control_text(s, "dialects");
    uint32_t n = 0;
    for (const char *at = strstr(text, "\"name\""); at; at = strstr(at + 1, "\"name\"")) {
        n++;
    }
    assert_int_equal(n, sizeof dialects / sizeof dialects[0]);
    for (uint32_t i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "\"name\":\"%s\"", dialects[i].name);
        assert_non_null(strstr(text, name));
    }
    assert_int_equal(sim_control(s, "set dialect klingon"), 1);
}

// Events of one thing on two processors can be inverted in time, events of one processor cannot.
static void test_clocks_apart(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set dialect late-close"), 0);
    struct sim_props p = sim_props("recording", FILE_A);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 0, 0x40), 0);
    s->cpu = 0;
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    s->now -= 140; // the next reads follow within three microseconds
    s->cpu = 1;
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 4), KSIM_OK);
    assert_int_equal(sim_closed(s, SIM_PARENT, 101, 4, 0), KSIM_OK);
    assert_int_equal(sim_stop(s, handle), 0);
    struct walk w;
    struct sim_file *f = sim_file(s, FILE_A);
    walk_file(&w, f->data, f->size, true);
    assert_true(walk_find(&w, 0x1121, 0)->time < walk_find(&w, 0x1120, 0)->time);
    walk_free(&w);
}

static void test_close_that_fails(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set dialect late-close"), 0);
    uint64_t handle = sim_record(s, FILE_A);
    assert_int_equal(sim_create(s, SIM_PARENT, 101, "Event", 4, NULL, 0), KSIM_OK);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 4), KSIM_OK);
    assert_int_equal(sim_closed(s, SIM_PARENT, 101, 4, 0xC0000235), KSIM_OK); // not closable
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "closes"), 0);
    assert_int_equal(sim_close(s, SIM_PARENT, 101, 4), KSIM_OK);
    assert_int_equal(sim_closed(s, SIM_PARENT, 101, 4, 0), KSIM_OK);
    assert_int_equal(sim_truth(s, SIM_PARENT, "Event", "closes"), 1);
    assert_int_equal(sim_stop(s, handle), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dialect, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_all_dialects_are_listed_here, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_clocks_apart, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_close_that_fails, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
