/* Live events over ETW, under the simulated kernel: what this program itself does with handles is counted by type, and
 * each call fails once. Started by trace_etw.sh. */
#include "core/base/text.h"
#include "core/profile/plan.h"
#include "unit/test.h"
#include "win/trace_etw.h"
#include "win/trace_live.h"
#include "win/win.h"

#include <stdio.h>

#define NAME       "Handle Recorder live test"
#define MADE       120u
#define CLOSED     70u
#define DUPLICATED 9u

static struct trace_backend backend;
static struct live_source source;
static struct live live;
static const struct trace_guid guid = {{9, 8, 7, 6, 5, 4, 3, 2, 1}};
/* Objects too (0x80): taking that away makes the system name all types. */
static const uint32_t with_objects[8] = {7, 0, 0, 0, 0xC0, 0, 0, 0};
static const uint32_t handles_only[8] = {7, 0, 0, 0, 0x40, 0, 0, 0};

static void done(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s (%u)", err->doing, err->os);
}

static void control(const char *words)
{
    char command[256];
    snprintf(command, sizeof command, "ksimctl.exe %s", words);
    int rc = system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): a test drives its tool */
    assert_int_equal(rc, 0);
}

static struct trace_session begin(void)
{
    struct trace_start want = {.guid = guid,
                               .storage = TRACE_TO_CONSUMER,
                               .real_time = true,
                               .buffer_kb = 64,
                               .min_buffers = 16,
                               .max_buffers = 64};
    struct trace_session s = {0};
    struct err err = {0};
    text_put(want.name, sizeof want.name, NAME);
    done(backend.ops->start(backend.self, &want, &s, &err), &err);
    static const uint32_t tag = 0x6E657645; /* Even */
    done(backend.ops->set_filter(backend.self, &s, &tag, 1, &err), &err);
    return s;
}

static void end(const struct trace_session *s)
{
    struct err err = {0};
    done(backend.ops->stop(backend.self, s, NULL, &err), &err);
}

/* Counts show within the second that a real-time session flushes in; a slow machine gets ten. */
static struct live_counts wait_for(uint64_t created)
{
    struct live_counts c = {0};
    for (int i = 0; i < 100; i++) {
        live_read(&live, &c);
        const struct live_type *t = live_find(&c, "Event");
        if (t && t->created >= created)
            break;
        Sleep(100);
    }
    return c;
}

static struct live_counts wait_for_end(void)
{
    struct live_counts c = {0};
    for (int i = 0; i < 100; i++) {
        live_read(&live, &c);
        if (!c.reading)
            break;
        Sleep(100);
    }
    return c;
}

static void use_events(void)
{
    static HANDLE handle[MADE];
    for (unsigned i = 0; i < MADE; i++)
        handle[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE self = GetCurrentProcess();
    HANDLE copy = NULL;
    for (unsigned i = 0; i < DUPLICATED; i++)
        DuplicateHandle(self, handle[0], self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    for (unsigned i = 0; i < CLOSED; i++)
        CloseHandle(handle[i]);
}

static void what_happens_is_counted_by_type(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_session s = begin();
    done(source.open(source.self, NAME, &live, &err), &err);
    assert_false(source.open(source.self, NAME, &live, &err)); /* one at a time */
    assert_int_equal(err.code, ERR_EXISTS);
    memset(&err, 0, sizeof err);
    done(backend.ops->set_masks(backend.self, &s, with_objects, &err), &err);
    done(backend.ops->set_masks(backend.self, &s, handles_only, &err), &err);
    struct live_counts before = wait_for(0);
    use_events();
    struct live_counts c = wait_for(before.types[0].created + MADE);
    const struct live_type *t = live_find(&c, "Event");
    assert_non_null(t);
    /* The runtime may use an event or two of its own. */
    assert_in_range(t->created, MADE, MADE + 4);
    assert_in_range(t->closed, CLOSED, CLOSED + 4);
    assert_int_equal(t->duplicated, DUPLICATED);
    assert_true(c.reading);
    assert_true(c.cost >= 0);
    /* Filtered types are named, and not counted. */
    assert_non_null(live_find(&c, "File"));
    assert_int_equal(live_find(&c, "File")->created, 0);
    source.close(source.self);
    live_read(&live, &c);
    assert_false(c.reading);
    assert_int_equal(c.why.code, ERR_NONE);
    source.close(source.self); /* nothing is open: nothing happens */
    end(&s);
}

static void the_end_of_the_session_ends_the_reading(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_session s = begin();
    done(source.open(source.self, NAME, &live, &err), &err);
    done(backend.ops->set_masks(backend.self, &s, handles_only, &err), &err);
    end(&s);
    struct live_counts c = wait_for_end();
    assert_false(c.reading);
    assert_int_equal(c.why.code, ERR_NONE);
    source.close(source.self);
}

static void each_call_fails_once(void **state)
{
    (void)state;
    struct err err = {0};
    assert_false(source.open(source.self, NAME, &live, &err)); /* does not run */
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(err.os, 4201);
    struct trace_session s = begin();
    memset(&err, 0, sizeof err);
    control("set fail OpenTrace 1 5");
    assert_false(source.open(source.self, NAME, &live, &err));
    assert_int_equal(err.code, ERR_ACCESS);
    memset(&err, 0, sizeof err);
    control("set fail ProcessTrace 1 1450");
    done(source.open(source.self, NAME, &live, &err), &err);
    struct live_counts c = wait_for_end();
    assert_false(c.reading);
    assert_int_equal(c.why.os, 1450);
    source.close(source.self);
    /* Once is over. */
    done(source.open(source.self, NAME, &live, &err), &err);
    source.close(source.self);
    end(&s);
}

static int set_up(void **state)
{
    (void)state;
    struct err err = {0};
    live_init(&live);
    return trace_etw_create(&backend, &err) && trace_live_create(&source, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    trace_live_destroy(&source);
    trace_etw_destroy(&backend);
    live_destroy(&live);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_is_counted_by_type),
        cmocka_unit_test(the_end_of_the_session_ends_the_reading),
        cmocka_unit_test(each_call_fails_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
