/* Live events: the companion that is read while it runs, for every way of storing, and what happens when it cannot be.
 */
#include "unit/record/fixture.h"

#include "core/profile/plan.h"

#include <string.h>

/* Stands for the system's reader: counts how it is used, and feeds nothing by itself. */
struct reader {
    struct live *to;
    unsigned opens;
    unsigned closes;
    unsigned fails; /* so many times */
    char session[TRACE_NAME_MAX];
};

static bool reader_open(void *self, const char *session, struct live *to, struct err *err)
{
    struct reader *r = self;
    if (r->fails) {
        r->fails--;
        return err_set_os(err, ERR_KIND_WIN32, 5, "Opening live events");
    }
    assert_null(r->to);
    r->opens++;
    r->to = to;
    text_put(r->session, sizeof r->session, session);
    live_begin(to, clock_ns());
    return true;
}

static void reader_close(void *self)
{
    struct reader *r = self;
    assert_non_null(r->to);
    r->closes++;
    live_end(r->to, clock_ns(), 0, NULL);
    r->to = NULL;
}

static void begin(struct fixture *f, struct reader *r, enum profile_storage storage, const char *name)
{
    memset(r, 0, sizeof *r);
    fixture_init(f, name);
    f->live = (struct live_source){reader_open, reader_close, r};
    f->profile.storage = storage;
    f->profile.live_events = true;
    if (storage == PROFILE_CIRCULAR)
        f->profile.max_file_mb = 64;
    fixture_start(f);
    record(f);
    assert_state(&f->view, RECORDER_RECORDING);
}

static struct live_counts counts_of(struct fixture *f)
{
    struct live_counts c;
    controller_live(f->ctl, &c);
    return c;
}

/* A handle of type 3, as the system's reader hands it over. */
static void feed_create(struct reader *r)
{
    uint8_t payload[16] = {[12] = 3};
    const struct etl_record create = {
        .kind = ETL_KERNEL, .pointer_size = 8, .hook = 0x1120, .payload = payload, .payload_size = sizeof payload};
    live_feed(r->to, &create);
    live_publish(r->to, clock_ns(), 0);
}

static void the_companion_is_read_however_it_is_stored(void **state)
{
    (void)state;
    static const struct {
        enum profile_storage storage;
        enum trace_storage companion;
    } rows[] = {
        {PROFILE_FILE, TRACE_TO_CONSUMER}, {PROFILE_CIRCULAR, TRACE_TO_CONSUMER}, {PROFILE_RING, TRACE_TO_FILE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        struct reader r;
        begin(&f, &r, rows[i].storage, "live");
        assert_int_equal(f.world.companion.started.storage, rows[i].companion);
        assert_true(f.world.companion.started.real_time);
        assert_int_equal(f.world.companion.masks[4], 0x40); /* handles, and objects no more */
        assert_int_equal(r.opens, 1);
        assert_string_equal(r.session, plan_companion_name);
        feed_create(&r);
        assert_true(counts_of(&f).reading);
        assert_int_equal(counts_of(&f).types[3].created, 1);
        fixture_bring_home(&f);
        assert_int_equal(r.closes, 1);
        assert_false(counts_of(&f).reading);
        assert_int_equal(counts_of(&f).types[3].created, 1); /* still told */
        record(&f);
        assert_int_equal(r.opens, 2);
        assert_int_equal(counts_of(&f).types[3].created, 0); /* from nothing */
        controller_discard(f.ctl);
        settle(&f);
        assert_int_equal(r.closes, 2);
        fixture_free(&f);
    }
}

static void without_the_wish_nothing_is_read(void **state)
{
    (void)state;
    struct fixture f;
    struct reader r = {0};
    fixture_init(&f, "not live");
    f.live = (struct live_source){reader_open, reader_close, &r};
    f.profile.storage = PROFILE_RING;
    fixture_start(&f);
    record(&f);
    fixture_bring_home(&f);
    assert_int_equal(r.opens, 0);
    assert_int_equal(r.closes, 0);
    fixture_free(&f);
}

static void recording_goes_on_without_it(void **state)
{
    (void)state;
    struct fixture f;
    struct reader r = {.fails = 1};
    fixture_init(&f, "live fails");
    f.live = (struct live_source){reader_open, reader_close, &r};
    f.profile.live_events = true;
    fixture_start(&f);
    record(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_error_text(&f.view.error, 5);
    struct live_counts c = counts_of(&f);
    assert_false(c.reading);
    assert_int_equal(c.why.code, ERR_ACCESS);
    fixture_bring_home(&f);
    assert_int_equal(r.opens, 0);
    fixture_free(&f);

    /* A system that cannot at all. */
    fixture_init(&f, "live is unknown");
    f.profile.live_events = true;
    fixture_start(&f);
    record(&f);
    assert_state(&f.view, RECORDER_RECORDING);
    assert_int_equal(counts_of(&f).why.code, ERR_UNSUPPORTED);
    fixture_free(&f);
}

static void a_companion_that_comes_back_is_read_again(void **state)
{
    (void)state;
    struct fixture f;
    struct reader r;
    begin(&f, &r, PROFILE_FILE, "live again");
    feed_create(&r);
    script_vanish_companion(&f.world);
    for (unsigned i = 0; i < WAIT_MS && f.world.companion.starts < 2; i++)
        clock_sleep_ms(1);
    settle(&f);
    assert_int_equal(r.closes, 1);
    assert_int_equal(r.opens, 2);
    feed_create(&r);
    assert_int_equal(counts_of(&f).types[3].created, 2); /* since recording began */
    fixture_bring_home(&f);
    fixture_free(&f);
}

static void the_end_of_the_program_ends_it(void **state)
{
    (void)state;
    struct fixture f;
    struct reader r;
    begin(&f, &r, PROFILE_FILE, "live end");
    fixture_end(&f);
    assert_int_equal(r.closes, 1);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_companion_is_read_however_it_is_stored),
        cmocka_unit_test(without_the_wish_nothing_is_read),
        cmocka_unit_test(recording_goes_on_without_it),
        cmocka_unit_test(a_companion_that_comes_back_is_read_again),
        cmocka_unit_test(the_end_of_the_program_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
