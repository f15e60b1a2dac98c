/* Threads, locks, waiting with a limit, clocks. */
#include "unit/test.h"

#include "core/base/thread.h"

struct shared {
    struct mutex lock;
    struct cond changed;
    unsigned count;
    atomic_uint loose;
};

static void add_many(void *ctx)
{
    struct shared *s = ctx;
    for (int i = 0; i < 10000; i++) {
        mutex_lock(&s->lock);
        s->count++;
        mutex_unlock(&s->lock);
        atomic_fetch_add(&s->loose, 1);
    }
    mutex_lock(&s->lock);
    cond_broadcast(&s->changed);
    mutex_unlock(&s->lock);
}

static void locks_exclude_and_conditions_wake(void **state)
{
    (void)state;
    struct shared s = {.count = 0};
    mutex_init(&s.lock);
    cond_init(&s.changed);
    struct thread *threads[4];
    for (int i = 0; i < 4; i++)
        assert_true(thread_start("adder", add_many, &s, &threads[i], NULL));
    mutex_lock(&s.lock);
    while (s.count < 40000)
        cond_wait(&s.changed, &s.lock);
    mutex_unlock(&s.lock);
    for (int i = 0; i < 4; i++)
        thread_join(threads[i]);
    assert_int_equal(s.count, 40000);
    assert_int_equal(atomic_load(&s.loose), 40000);
    cond_destroy(&s.changed);
    mutex_destroy(&s.lock);
}

static void waiting_ends(void **state)
{
    (void)state;
    struct shared s = {.count = 0};
    mutex_init(&s.lock);
    cond_init(&s.changed);
    uint64_t before = clock_ns();
    mutex_lock(&s.lock);
    bool signalled = true;
    /* A wake without a signal is allowed, so only the time is sure. */
    while (signalled && clock_ns() - before < 2000000000u)
        signalled = cond_wait_ms(&s.changed, &s.lock, 50);
    mutex_unlock(&s.lock);
    assert_false(signalled);
    assert_in_range(clock_ns() - before, 45000000u, 30000000000u);
    cond_destroy(&s.changed);
    mutex_destroy(&s.lock);
}

static void clocks(void **state)
{
    (void)state;
    uint64_t a = clock_ns();
    clock_sleep_ms(20);
    uint64_t b = clock_ns();
    assert_in_range(b - a, 19000000u, 30000000000u);
    /* Between 2020 and 2100. */
    assert_in_range(clock_filetime(), 132223104000000000u, 157469184000000000u);
    char stamp[20];
    clock_file_stamp(clock_filetime(), stamp);
    assert_int_equal(strlen(stamp), 19);
    assert_int_equal(stamp[10], '_');
    assert_memory_equal(stamp, "20", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_exclude_and_conditions_wake),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
