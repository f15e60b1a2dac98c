// The census thread: notices, references, baseline, stopping. Run under ThreadSanitizer.
#include "core/base/thread.h"
#include "core/census/watcher.h"
#include "fake_sys.h"
#include "unit/test.h"

// Written by the census thread through the backend only; the tables stay as they are while it runs.
static struct fake_sys fake;

struct notices {
    struct mutex lock;
    struct cond came;
    unsigned count;
};

static void on_notice(void *ctx)
{
    struct notices *n = ctx;
    mutex_lock(&n->lock);
    n->count++;
    cond_signal(&n->came);
    mutex_unlock(&n->lock);
}

static unsigned wait_for(struct notices *n, unsigned count)
{
    uint64_t limit = clock_ns() + UINT64_C(20000000000);
    mutex_lock(&n->lock);
    while (n->count < count && clock_ns() < limit)
        cond_wait_ms(&n->came, &n->lock, 500);
    unsigned is = n->count;
    mutex_unlock(&n->lock);
    return is;
}

static int set_up(void **state)
{
    static struct notices n;
    memset(&fake, 0, sizeof fake);
    fake_add_type(&fake, "Event", 0, true);
    fake_add_type(&fake, "File", 0, true);
    fake_add_type(&fake, "Key", 0, true);
    fake_add_process(&fake, 200, 1, "a.exe")->held[0] = 50;
    mutex_init(&n.lock);
    cond_init(&n.came);
    n.count = 0;
    *state = &n;
    return 0;
}

static int tear_down(void **state)
{
    struct notices *n = *state;
    cond_destroy(&n->came);
    mutex_destroy(&n->lock);
    return 0;
}

static struct watcher *start(struct notices *n)
{
    struct watcher *w = NULL;
    struct err err = {0};
    struct sys_backend sys = fake_backend(&fake);
    assert_true(watcher_start(&sys, on_notice, n, &w, &err));
    return w;
}

static void counts_at_once_and_each_second(void **state)
{
    struct notices *n = *state;
    uint64_t begin = clock_ns();
    struct watcher *w = start(n);
    assert_int_equal(wait_for(n, 1), 1);
    const struct snapshot *s = watcher_latest(w);
    assert_non_null(s);
    assert_int_equal(s->number, 1);
    assert_int_equal(s->types[0].open, 50);
    snapshot_release(s);
    assert_int_equal(wait_for(n, 2), 2);
    assert_true(clock_ns() - begin >= UINT64_C(900000000));
    watcher_stop(w);
}

static void one_notice_until_somebody_looks(void **state)
{
    struct notices *n = *state;
    struct watcher *w = start(n);
    assert_int_equal(wait_for(n, 1), 1);
    clock_sleep_ms(2300);
    assert_int_equal(wait_for(n, 1), 1);
    const struct snapshot *s = watcher_latest(w);
    assert_true(s->number >= 3);
    snapshot_release(s);
    assert_int_equal(wait_for(n, 2), 2);
    watcher_stop(w);
}

static void snapshots_outlive_the_watcher(void **state)
{
    struct notices *n = *state;
    struct watcher *w = start(n);
    wait_for(n, 1);
    const struct snapshot *s = watcher_latest(w);
    const struct snapshot *same = snapshot_retain(s);
    watcher_stop(w);
    snapshot_release(s);
    assert_string_equal(same->types[0].name, "Event");
    assert_string_equal(same->holdings[0].process, "a.exe");
    snapshot_release(same);
}

static void a_reset_counts_at_once(void **state)
{
    struct notices *n = *state;
    struct watcher *w = start(n);
    wait_for(n, 1);
    const struct snapshot *first = watcher_latest(w);
    watcher_reset_baseline(w);
    assert_int_equal(wait_for(n, 2), 2);
    const struct snapshot *second = watcher_latest(w);
    assert_true(second->baseline > first->baseline);
    assert_true(second->baseline == second->filetime);
    snapshot_release(first);
    snapshot_release(second);
    watcher_stop(w);
}

// Takes and drops references on another thread while the census publishes.
struct reader {
    struct watcher *w;
    atomic_bool stop;
    unsigned looks;
};

static void look(void *ctx)
{
    struct reader *r = ctx;
    while (!atomic_load(&r->stop)) {
        const struct snapshot *s = watcher_latest(r->w);
        if (s)
            r->looks += s->type_count == 3;
        snapshot_release(s);
        clock_sleep_ms(1);
    }
}

static void many_readers_and_a_stop_in_between(void **state)
{
    struct notices *n = *state;
    struct watcher *w = start(n);
    struct reader readers[4];
    struct thread *threads[4];
    wait_for(n, 1);
    for (int i = 0; i < 4; i++) {
        readers[i].w = w;
        readers[i].looks = 0;
        atomic_init(&readers[i].stop, false);
        assert_true(thread_start("reader", look, &readers[i], &threads[i], NULL));
    }
    for (int i = 0; i < 20; i++) {
        watcher_reset_baseline(w);
        clock_sleep_ms(20);
    }
    for (int i = 0; i < 4; i++) {
        atomic_store(&readers[i].stop, true);
        thread_join(threads[i]);
        assert_true(readers[i].looks > 0);
    }
    watcher_stop(w);
}

static void stop_does_not_wait_for_the_next_second(void **state)
{
    struct notices *n = *state;
    struct watcher *w = start(n);
    wait_for(n, 1);
    uint64_t begin = clock_ns();
    watcher_stop(w);
    assert_true(clock_ns() - begin < UINT64_C(800000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(counts_at_once_and_each_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_notice_until_somebody_looks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(snapshots_outlive_the_watcher, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_counts_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_readers_and_a_stop_in_between, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop_does_not_wait_for_the_next_second, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
