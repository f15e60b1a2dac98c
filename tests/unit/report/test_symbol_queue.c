/* The queue of names: order, limits, a source that hangs, and an owner that leaves first. */
#include "unit/test.h"

#include "core/base/thread.h"
#include "core/report/symbol_queue.h"

#include <stdio.h>

/* A source that names everything after its path, waits when it is told to, and says when it was closed. */
struct fake {
    struct mutex lock;
    struct cond changed;
    bool hold;      /* find waits while it is set, */
    bool deaf;      /* and does not hear of cancel */
    bool cancelled; /* cancel was called */
    bool closed;
    unsigned finds;
    unsigned notices;
};

static bool find(void *ctx, const struct symbol_ask *ask, struct text *out)
{
    struct fake *f = ctx;
    mutex_lock(&f->lock);
    f->finds++;
    cond_broadcast(&f->changed);
    while (f->hold && (f->deaf || !f->cancelled))
        cond_wait(&f->changed, &f->lock);
    mutex_unlock(&f->lock);
    if (ask->path[0] == '-')
        return false;
    text_addf(out, "%s %s %u+0x%x", ask->path, ask->pdb, ask->image->timestamp, (unsigned)ask->offset);
    return true;
}

static void set(struct fake *f, bool *what, bool value)
{
    mutex_lock(&f->lock);
    *what = value;
    cond_broadcast(&f->changed);
    mutex_unlock(&f->lock);
}

static void cancel(void *ctx)
{
    struct fake *f = ctx;
    set(f, &f->cancelled, true);
}

static void close_fake(void *ctx)
{
    struct fake *f = ctx;
    set(f, &f->closed, true);
}

static void notice(void *ctx)
{
    struct fake *f = ctx;
    mutex_lock(&f->lock);
    f->notices++;
    mutex_unlock(&f->lock);
}

static struct symbol_source start(struct fake *f)
{
    *f = (struct fake){0};
    mutex_init(&f->lock);
    cond_init(&f->changed);
    return (struct symbol_source){.ctx = f, .find = find, .cancel = cancel, .close = close_fake};
}

static void wait_for(struct fake *f, const bool *what)
{
    mutex_lock(&f->lock);
    while (!*what)
        cond_wait(&f->changed, &f->lock);
    mutex_unlock(&f->lock);
}

static const struct ledger_image image = {.timestamp = 7};

static struct symbol_ask about(const char *path, uint64_t offset)
{
    return (struct symbol_ask){.path = path, .pdb = "a.pdb", .image = &image, .offset = offset};
}

static void answers_in_order(void **state)
{
    (void)state;
    struct fake f;
    struct symbol_source s = start(&f);
    const struct symbol_notice n = {.ctx = &f, .call = notice};
    struct symbol_queue *q = NULL;
    struct text name = {0};
    uint32_t id = 0;
    assert_true(symbol_queue_open(&s, &n, &q, NULL));
    assert_false(symbol_queue_take(q, &id, &name));
    for (uint32_t i = 0; i < 1000; i++) {
        struct symbol_ask ask = about(i % 10 == 3 ? "-" : "x.exe", i);
        assert_true(symbol_queue_ask(q, 5000 + i, &ask, NULL));
        /* Some are taken meanwhile: lists that shrink and grow. */
        for (uint32_t k = 0; i == 500 && k < 400; k++)
            assert_true(symbol_queue_wait(q, 60000, &id, &name));
    }
    for (uint32_t i = 400; i < 1000; i++) {
        assert_true(symbol_queue_wait(q, 60000, &id, &name));
        assert_int_equal(id, 5000 + i);
        char expected[64];
        snprintf(expected, sizeof expected, "x.exe a.pdb 7+0x%x", (unsigned)i);
        assert_string_equal(text_str(&name), i % 10 == 3 ? "" : expected);
    }
    assert_int_equal(symbol_queue_waiting(q), 0);
    assert_false(symbol_queue_take(q, &id, &name));
    assert_in_range(f.notices, 1, 1000);
    symbol_queue_close(q);
    wait_for(&f, &f.closed);
    text_free(&name);
}

static void one_notice_for_many(void **state)
{
    (void)state;
    struct fake f;
    struct symbol_source s = start(&f);
    const struct symbol_notice n = {.ctx = &f, .call = notice};
    struct symbol_queue *q = NULL;
    struct symbol_ask ask = about("x.exe", 1);
    f.hold = true;
    assert_true(symbol_queue_open(&s, &n, &q, NULL));
    for (uint32_t i = 0; i < 10; i++)
        assert_true(symbol_queue_ask(q, i, &ask, NULL));
    set(&f, &f.hold, false);
    while (symbol_queue_waiting(q))
        clock_sleep_ms(1);
    mutex_lock(&f.lock);
    assert_int_equal(f.notices, 1);
    mutex_unlock(&f.lock);
    symbol_queue_close(q);
    wait_for(&f, &f.closed);
}

/* The owner leaves while a lookup hangs: it does not wait, and the source is closed when the lookup ends. */
static void owner_leaves(void **state)
{
    (void)state;
    for (int deaf = 0; deaf < 2; deaf++) {
        struct fake f;
        struct symbol_source s = start(&f);
        struct symbol_queue *q = NULL;
        struct symbol_ask ask = about("x.exe", 1);
        f.hold = true;
        f.deaf = deaf;
        assert_true(symbol_queue_open(&s, NULL, &q, NULL));
        for (uint32_t i = 0; i < 5; i++)
            assert_true(symbol_queue_ask(q, i, &ask, NULL));
        mutex_lock(&f.lock);
        while (!f.finds)
            cond_wait(&f.changed, &f.lock);
        mutex_unlock(&f.lock);
        symbol_queue_close(q);
        if (deaf)
            set(&f, &f.hold, false);
        wait_for(&f, &f.closed);
        assert_true(f.cancelled);
        assert_int_equal(f.finds, 1); /* the others are forgotten */
    }
}

static void report_waits_no_longer_than_it_may(void **state)
{
    (void)state;
    struct fake f;
    struct symbol_source source = start(&f);
    struct symbol_queue *q = NULL;
    struct symbol_wait w;
    struct text name = {0};
    struct symbol_ask ask = about("x.exe", 0x12);
    struct symbol_ask none = about("-", 0x12);
    assert_true(symbol_queue_open(&source, NULL, &q, NULL));
    symbol_wait_start(&w, q, 60000);
    struct symbolizer s = symbol_wait_symbolizer(&w);
    text_add(&name, "before!");
    assert_true(s.name(s.ctx, &ask, &name));
    assert_string_equal(text_str(&name), "before!x.exe a.pdb 7+0x12");
    assert_false(s.name(s.ctx, &none, &name));
    assert_int_equal(w.unanswered, 0);
    w.left_ns = 50000000;
    set(&f, &f.hold, true);
    uint64_t began = clock_ns();
    assert_false(s.name(s.ctx, &ask, &name));
    assert_in_range(clock_ns() - began, 45000000u, 30000000000u);
    assert_int_equal(w.unanswered, 1);
    /* Afterwards it asks no more, even if the source has come back. */
    set(&f, &f.hold, false);
    assert_false(s.name(s.ctx, &ask, &name));
    assert_int_equal(w.unanswered, 2);
    assert_string_equal(text_str(&name), "before!x.exe a.pdb 7+0x12");
    /* An answer to an earlier question is not taken for this one's. */
    while (symbol_queue_waiting(q))
        clock_sleep_ms(1);
    w.left_ns = 60000000000u;
    ask.offset = 0x34;
    text_clear(&name);
    assert_true(s.name(s.ctx, &ask, &name));
    assert_string_equal(text_str(&name), "x.exe a.pdb 7+0x34");
    symbol_queue_close(q);
    symbol_queue_close(NULL);
    wait_for(&f, &f.closed);
    text_free(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_in_order),
        cmocka_unit_test(one_notice_for_many),
        cmocka_unit_test(owner_leaves),
        cmocka_unit_test(report_waits_no_longer_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
