/* Lives are found by owner and value, newest first, whatever was entered and removed before. */
#include "core/ledger/lives.h"
#include "unit/test.h"

#include <string.h>

#define STEPS     60000
#define OPEN_MAX  3000u
#define PROCESSES 7u
#define VALUES    400u

/* What a list of lives says, without any table: entered last stands last. */
struct model {
    uint32_t ids[OPEN_MAX];
    uint32_t count;
};

static uint32_t pick(uint32_t *state, uint32_t count)
{
    *state = *state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(*state >> 8) * count >> 24);
}

/* Few values next to one another, and some that stand alone, also the kernel's. */
static uint32_t value_of(uint32_t n)
{
    if (n % 10 == 9)
        return n * 0x10004u & ~3u;
    return n % 10 == 8 ? 0x80000000u + 4 * n : 4 * (n + 1);
}

static uint32_t add(struct lives *l, uint32_t process, uint32_t handle)
{
    struct life x = {.process = process, .handle = handle, .object = handle};
    uint32_t id = lives_add(l, &x, true);
    assert_int_not_equal(id, LIFE_NONE);
    return id;
}

static struct slot_place place_of(const struct lives *l, uint32_t process, uint32_t handle)
{
    return slots_find(&l->slots, slots_tag(process, handle), process, handle);
}

static void check_slot(const struct lives *l, const struct model *m, uint32_t process, uint32_t handle)
{
    uint32_t id = lives_first(place_of(l, process, handle));
    for (uint32_t i = m->count; i-- > 0;) {
        const struct life *x = lives_at(l, m->ids[i]);
        if (x->process != process || x->handle != handle)
            continue;
        assert_int_equal(id, m->ids[i]);
        id = x->next;
    }
    assert_int_equal(id, LIFE_NONE);
}

static void take_out(struct model *m, uint32_t at)
{
    memmove(&m->ids[at], &m->ids[at + 1], (--m->count - at) * sizeof m->ids[0]);
}

static void test_finds_what_is_there(void **state)
{
    (void)state;
    static struct model m;
    struct lives l = {0};
    uint32_t random = 1;
    m.count = 0; /* said for the analyzer */
    assert_int_equal(lives_first(place_of(&l, 1, 4)), LIFE_NONE);
    for (int i = 0; i < STEPS; i++) {
        uint32_t process = 1 + pick(&random, PROCESSES);
        uint32_t handle = value_of(pick(&random, VALUES));
        uint32_t what = pick(&random, 10);
        uint32_t at = m.count ? pick(&random, m.count) : 0;
        /* It fills for a while and empties for a while. */
        bool filling = i / 5000 % 2 == 0;
        if (what < (filling ? 6u : 3u) && m.count < OPEN_MAX) {
            m.ids[m.count++] = add(&l, process, handle);
        } else if (what < 9 && m.count) {
            process = lives_at(&l, m.ids[at])->process;
            handle = lives_at(&l, m.ids[at])->handle;
            lives_remove(&l, m.ids[at]);
            take_out(&m, at);
        } else if (m.count) {
            uint32_t id = m.ids[at];
            handle = lives_at(&l, id)->handle;
            assert_true(lives_move(&l, id, process));
            take_out(&m, at);
            m.ids[m.count++] = id;
        }
        check_slot(&l, &m, process, handle);
        assert_int_equal(l.used, m.count);
    }
    for (uint32_t p = 1; p <= PROCESSES; p++)
        for (uint32_t n = 0; n < VALUES; n++)
            check_slot(&l, &m, p, value_of(n));
    while (m.count)
        lives_remove(&l, m.ids[--m.count]);
    assert_int_equal(l.slots.key_count, 0);
    lives_free(&l);
}

/* Processes come and go: their tables are used again. */
static void test_tables_go_back(void **state)
{
    (void)state;
    struct lives l = {0};
    for (uint32_t process = 1; process <= 20000; process++) {
        uint32_t first = add(&l, process, 4);
        uint32_t second = add(&l, process, 0x4000);
        lives_remove(&l, first);
        lives_remove(&l, second);
    }
    assert_int_equal(l.slots.key_count, 0);
    assert_int_equal(l.slots.table_count, 3); /* [0] is none */
    assert_int_equal(l.slots.key_room, 256);
    assert_int_equal(l.count, 3);
    lives_free(&l);
}

/* Many processes with the same few values must not stand in each other's way. */
static void test_equal_values_of_many_processes(void **state)
{
    (void)state;
    struct lives l = {0};
    for (uint32_t process = 1; process <= 5000; process++)
        assert_int_equal(add(&l, process, 4), process);
    for (uint32_t process = 1; process <= 5000; process++)
        assert_int_equal(lives_first(place_of(&l, process, 4)), process);
    assert_int_equal(lives_first(place_of(&l, 5001, 4)), LIFE_NONE);
    assert_int_equal(lives_first(place_of(&l, 5000, 8)), LIFE_NONE);
    lives_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_is_there),
        cmocka_unit_test(test_tables_go_back),
        cmocka_unit_test(test_equal_values_of_many_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
