/* The trace backend over ETW. Under the simulated kernel every operation is done and has failed once; with the argument
 * "bare", where tracing is only pretended (plain Wine), it says so instead of believing it. Started by trace_etw.sh. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/profile/plan.h"
#include "unit/test.h"
#include "win/trace_etw.h"
#include "win/win.h"

#include <process.h>
#include <stdio.h>

static struct trace_backend backend;
static char dir[512];
static const struct trace_guid other_guid = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static const uint32_t masks[8] = {7, 0, 0, 0, 0x40, 0, 0, 0};
static const uint32_t no_masks[8];

#define NAME "Handle Recorder test"

static const char *file_in_dir(char out[1024], const char *name)
{
    snprintf(out, 1024, "%s\\%s", dir, name);
    return out;
}

static struct trace_start wish(enum trace_storage storage, const char *path)
{
    struct trace_start s = {.guid = plan_session_guid,
                            .storage = storage,
                            .buffer_kb = 64,
                            .min_buffers = 16,
                            .max_buffers = 64,
                            .max_file_mb = storage == TRACE_TO_CIRCULAR ? 10 : 0};
    text_put(s.name, sizeof s.name, NAME);
    text_put(s.path, sizeof s.path, path);
    return s;
}

static struct trace_session begin(enum trace_storage storage, const char *path)
{
    struct trace_session s = {0};
    struct err err = {0};
    struct trace_start want = wish(storage, path);
    if (!backend.ops->start(backend.self, &want, &s, &err))
        fail_msg("%s (%u)", err.doing, err.os);
    assert_string_equal(s.name, NAME);
    assert_memory_equal(&s.guid, &plan_session_guid, sizeof s.guid);
    assert_int_not_equal(s.handle, 0);
    return s;
}

static void end(const struct trace_session *s)
{
    struct err err = {0};
    if (!backend.ops->stop(backend.self, s, NULL, &err))
        fail_msg("%s (%u)", err.doing, err.os);
}

static void done(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s (%u)", err->doing, err->os);
    assert_int_equal(err->code, ERR_NONE);
}

static void a_file_session_does_all(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    struct err err = {0};
    struct trace_status status;
    char first[1024];
    char second[1024];
    static const uint16_t hooks[] = {0x1120, 0x1121, 0x1122};
    static const uint32_t tags[] = {0x6E657645, 0x656C6946}; /* Even, File */
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(first, "first.etl"));
    done(ops->set_stacks(self, &s, hooks, 3, &err), &err);
    done(ops->set_stacks(self, &s, NULL, 0, &err), &err);
    done(ops->set_stacks(self, &s, hooks, 1, &err), &err);
    done(ops->set_filter(self, &s, tags, 2, &err), &err);
    done(ops->set_filter(self, &s, NULL, 0, &err), &err);
    done(ops->set_masks(self, &s, masks, &err), &err);
    assert_string_equal(trace_etw_lost(&backend), "");
    done(ops->query(self, &s, &status, &err), &err);
    assert_int_equal(status.buffer_kb, 64);
    assert_in_range(status.buffers, 16, 64);
    assert_string_equal(status.path, first);
    assert_int_equal(status.mode & 0x2000001, 0x2000001);
    done(ops->flush(self, &s, NULL, &err), &err);
    done(ops->set_masks(self, &s, no_masks, &err), &err);
    done(ops->rotate(self, &s, file_in_dir(second, "second.etl"), &err), &err);
    done(ops->set_masks(self, &s, masks, &err), &err);
    done(ops->query(self, &s, &status, &err), &err);
    assert_string_equal(status.path, second);
    memset(&status, 0, sizeof status);
    done(ops->stop(self, &s, &status, &err), &err);
    assert_int_equal(status.buffer_kb, 64);
    assert_int_not_equal(status.buffers_written, 0);
    assert_true(file_exists(first));
    assert_true(file_exists(second));

    assert_false(ops->query(self, &s, &status, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(err.os, 4201);
    memset(&err, 0, sizeof err);
    assert_false(ops->stop(self, &s, NULL, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* Runs ksimctl beside this program. */
static void control(const char *words)
{
    char command[256];
    snprintf(command, sizeof command, "ksimctl.exe %s", words);
    int rc = system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): a test drives its tool */
    assert_int_equal(rc, 0);
}

/* Written out any number of times, always to a new file; never rotated. */
static void a_ring_is_written_out(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    struct err err = {0};
    struct trace_status status;
    char path[1024];
    struct trace_session s = begin(TRACE_TO_RING, "");
    done(ops->set_masks(self, &s, masks, &err), &err);
    done(ops->query(self, &s, &status, &err), &err);
    assert_int_equal(status.mode & TRACE_MODE_RING, TRACE_MODE_RING);
    assert_int_equal(status.buffers, 16);
    assert_string_equal(status.path, "");
    assert_false(ops->flush(self, &s, NULL, &err));
    assert_int_equal(err.os, 2);
    memset(&err, 0, sizeof err);
    done(ops->flush(self, &s, file_in_dir(path, "ring1.etl"), &err), &err);
    assert_true(file_exists(path));
    control("set fail ControlTrace:FLUSH 1 112");
    assert_false(ops->flush(self, &s, file_in_dir(path, "ring2.etl"), &err));
    assert_int_equal(err.code, ERR_NO_SPACE);
    memset(&err, 0, sizeof err);
    done(ops->flush(self, &s, file_in_dir(path, "ring2.etl"), &err), &err);
    assert_true(file_exists(path));
    assert_false(ops->rotate(self, &s, file_in_dir(path, "ring3.etl"), &err));
    assert_int_equal(err.os, 87);
    assert_false(file_exists(path));
    end(&s);
}

static void a_session_is_read_along(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    struct err err = {0};
    struct trace_status status;
    struct trace_session s = {0};
    char path[1024];
    struct trace_start want = wish(TRACE_TO_FILE, file_in_dir(path, "live.etl"));
    want.real_time = true;
    done(ops->start(self, &want, &s, &err), &err);
    done(ops->query(self, &s, &status, &err), &err);
    assert_int_equal(status.mode & TRACE_MODE_REAL_TIME, TRACE_MODE_REAL_TIME);
    /* A change of files does not end it. */
    done(ops->rotate(self, &s, file_in_dir(path, "live2.etl"), &err), &err);
    done(ops->query(self, &s, &status, &err), &err);
    assert_int_equal(status.mode & TRACE_MODE_REAL_TIME, TRACE_MODE_REAL_TIME);
    end(&s);
    s = begin(TRACE_TO_CONSUMER, "");
    done(ops->query(self, &s, &status, &err), &err);
    assert_int_equal(status.mode & TRACE_MODE_REAL_TIME, TRACE_MODE_REAL_TIME);
    assert_string_equal(status.path, "");
    end(&s);
}

static void a_circular_file_has_its_limit(void **state)
{
    (void)state;
    struct err err = {0};
    struct trace_status status;
    char path[1024];
    struct trace_session s = begin(TRACE_TO_CIRCULAR, file_in_dir(path, "circular.etl"));
    done(backend.ops->query(backend.self, &s, &status, &err), &err);
    assert_int_equal(status.mode & 2, 2);
    assert_string_equal(status.path, path);
    end(&s);
    struct trace_start want = wish(TRACE_TO_CIRCULAR, path);
    want.max_file_mb = 0;
    assert_false(backend.ops->start(backend.self, &want, &s, &err));
    assert_int_equal(err.os, 87);
}

static void sessions_are_listed_and_taken_up(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    struct err err = {0};
    char path[1024];
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(path, "listed.etl"));
    struct trace_listing list[TRACE_LIST_MAX];
    size_t count = 0;
    done(ops->list(self, list, TRACE_LIST_MAX, &count, &err), &err);
    size_t i = 0;
    while (i < count && strcmp(list[i].session.name, NAME) != 0)
        i++;
    assert_in_range(i, 0, count - 1);
    assert_memory_equal(&list[i].session.guid, &plan_session_guid, sizeof plan_session_guid);
    assert_true(list[i].system_logger);
    assert_string_equal(list[i].status.path, path);
    size_t again = 0;
    done(ops->list(self, list, 0, &again, &err), &err);
    assert_int_equal(again, count);

    struct trace_session taken;
    struct trace_status status;
    done(ops->adopt(self, NAME, &plan_session_guid, &taken, &status, &err), &err);
    assert_int_equal(taken.handle, s.handle);
    assert_string_equal(taken.name, NAME);
    assert_string_equal(status.path, path);
    assert_false(ops->adopt(self, NAME, &other_guid, &taken, &status, &err));
    assert_int_equal(err.code, ERR_EXISTS);

    /* Another's session of the same name is left alone: to us ours is gone. */
    struct trace_session not_ours = s;
    not_ours.guid = other_guid;
    memset(&err, 0, sizeof err);
    assert_false(ops->stop(self, &not_ours, NULL, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    memset(&err, 0, sizeof err);
    struct trace_start want = wish(TRACE_TO_FILE, file_in_dir(path, "twice.etl"));
    assert_false(ops->start(self, &want, &taken, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_int_equal(err.os, 183);
    memset(&err, 0, sizeof err);
    done(ops->query(self, &s, &status, &err), &err);
    end(&s);
    memset(&err, 0, sizeof err);
    assert_false(ops->adopt(self, NAME, &plan_session_guid, &taken, &status, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void values_out_of_range_are_refused(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    char path[1024];
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(path, "range.etl"));
    static const uint32_t tags[5] = {1, 2, 3, 4, 5};
    static const uint16_t not_handles = 0x0301;
    struct err err = {0};
    assert_false(ops->set_filter(self, &s, tags, 5, &err));
    assert_int_equal(err.code, ERR_RANGE);
    memset(&err, 0, sizeof err);
    assert_false(ops->set_stacks(self, &s, &not_handles, 1, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
    end(&s);
    struct trace_start want = wish(TRACE_TO_FILE, path);
    want.name[0] = 0;
    memset(&err, 0, sizeof err);
    assert_false(ops->start(self, &want, &s, &err));
    assert_int_equal(err.code, ERR_RANGE);
}

enum operation { SET_MASKS, SET_FILTER, SET_STACKS, SET_CACHE, QUERY, FLUSH, ROTATE, STOP, LIST, ADOPT };

static bool perform(enum operation op, const struct trace_session *s, struct err *err)
{
    static const uint32_t tag = 0x6E657645;
    static const uint16_t hook = 0x1120;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    struct trace_status status;
    struct trace_session taken;
    struct trace_listing list;
    size_t count = 0;
    char path[1024];
    switch (op) {
    case SET_MASKS:
        return ops->set_masks(self, s, masks, err);
    case SET_FILTER:
        return ops->set_filter(self, s, &tag, 1, err);
    case SET_STACKS:
        return ops->set_stacks(self, s, &hook, 1, err);
    case SET_CACHE:
        return ops->set_stack_cache(self, s, 4096, 256, err);
    case QUERY:
        return ops->query(self, s, &status, err);
    case FLUSH:
        return ops->flush(self, s, NULL, err);
    case ROTATE:
        return ops->rotate(self, s, file_in_dir(path, "rotated.etl"), err);
    case STOP:
        return ops->stop(self, s, NULL, err);
    case LIST:
        return ops->list(self, &list, 1, &count, err);
    default:
        return ops->adopt(self, NAME, &plan_session_guid, &taken, &status, err);
    }
}

static void each_call_fails_once(void **state)
{
    (void)state;
    static const struct {
        enum operation op;
        const char *fault;
        enum err_kind kind;
        uint32_t os;
        enum err_code code;
    } cases[] = {
        {SET_MASKS, "set fail TraceSetInformation:4 1 87", ERR_KIND_WIN32, 87, ERR_ARGUMENT},
        {SET_FILTER, "set fail NtSetSystemInformation:17 1 0xC0000022", ERR_KIND_NTSTATUS, 0xC0000022, ERR_ACCESS},
        {SET_STACKS, "set fail TraceSetInformation:3 1 50", ERR_KIND_WIN32, 50, ERR_UNSUPPORTED},
        {SET_CACHE, "set fail NtSetSystemInformation:16 1 0xC00000BB", ERR_KIND_NTSTATUS, 0xC00000BB, ERR_UNSUPPORTED},
        {QUERY, "set fail ControlTrace:QUERY 1 5", ERR_KIND_WIN32, 5, ERR_ACCESS},
        {FLUSH, "set fail ControlTrace:FLUSH 1 112", ERR_KIND_WIN32, 112, ERR_NO_SPACE},
        {ROTATE, "set fail ControlTrace:UPDATE 1 32", ERR_KIND_WIN32, 32, ERR_BUSY},
        {STOP, "set fail ControlTrace:STOP 1 5", ERR_KIND_WIN32, 5, ERR_ACCESS},
        {LIST, "set fail QueryAllTraces 1 8", ERR_KIND_WIN32, 8, ERR_NO_MEMORY},
        {ADOPT, "set fail ControlTrace:QUERY 1 5", ERR_KIND_WIN32, 5, ERR_ACCESS},
    };
    char path[1024];
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(path, "faults.etl"));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};
        control(cases[i].fault);
        if (perform(cases[i].op, &s, &err))
            fail_msg("%s did not fail", cases[i].fault);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(err.os, cases[i].os);
        assert_int_equal(err.code, cases[i].code);
        /* Once is over: it works, and the session is as alive as before. */
        memset(&err, 0, sizeof err);
        if (cases[i].op != STOP)
            done(perform(cases[i].op, &s, &err), &err);
    }
    end(&s);
    struct err err = {0};
    struct trace_start want = wish(TRACE_TO_FILE, file_in_dir(path, "unstarted.etl"));
    control("set fail StartTrace 1 1450");
    assert_false(backend.ops->start(backend.self, &want, &s, &err));
    assert_int_equal(err.code, ERR_NO_SPACE);
    assert_int_equal(err.os, 1450);
}

static void a_stop_that_tells_too_much_has_stopped(void **state)
{
    (void)state;
    char path[1024];
    struct err err = {0};
    struct trace_status status;
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(path, "more.etl"));
    control("set fail ControlTrace:STOP 1 234 after");
    done(backend.ops->stop(backend.self, &s, NULL, &err), &err);
    assert_false(backend.ops->query(backend.self, &s, &status, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void masks_are_read_back_another_way_or_said_to_be_unproved(void **state)
{
    (void)state;
    char path[1024];
    struct err err = {0};
    struct trace_session s = begin(TRACE_TO_FILE, file_in_dir(path, "readback.etl"));
    control("set fail TraceQueryInformation:4 1 50");
    done(backend.ops->set_masks(backend.self, &s, masks, &err), &err);
    assert_string_equal(trace_etw_lost(&backend), "");
    control("set fail TraceQueryInformation:4 1 50");
    control("set fail NtQuerySystemInformation:1 1 0xC0000003");
    done(backend.ops->set_masks(backend.self, &s, masks, &err), &err);
    assert_string_not_equal(trace_etw_lost(&backend), "");
    done(backend.ops->set_masks(backend.self, &s, masks, &err), &err);
    assert_string_equal(trace_etw_lost(&backend), "");
    end(&s);
}

static void pretended_tracing_is_not_believed(void **state)
{
    (void)state;
    const struct trace_ops *ops = backend.ops;
    void *self = backend.self;
    char path[1024];
    struct err err = {0};
    struct trace_session s;
    struct trace_status status;
    static const uint16_t hook = 0x1120;
    assert_false(ops->adopt(self, NAME, &plan_session_guid, &s, &status, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    memset(&err, 0, sizeof err);
    struct trace_start want = wish(TRACE_TO_FILE, file_in_dir(path, "bare.etl"));
    done(ops->start(self, &want, &s, &err), &err);
    assert_false(ops->set_stacks(self, &s, &hook, 1, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    memset(&err, 0, sizeof err);
    assert_false(ops->set_masks(self, &s, masks, &err));
    assert_int_equal(err.code, ERR_UNSUPPORTED);
    memset(&err, 0, sizeof err);
    assert_false(ops->query(self, &s, &status, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static int set_up(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    char utf8[400];
    struct err err = {0};
    if (!GetTempPathW(MAX_PATH, temp) || !utf16_put_utf8(utf8, sizeof utf8, temp))
        return -1;
    snprintf(dir, sizeof dir, "%shr-trace-%lu", utf8, GetCurrentProcessId());
    return file_make_dir(dir, &err) && trace_etw_create(&backend, &err) ? 0 : -1;
}

static bool erase(void *ctx, const char *name, uint64_t size)
{
    char path[1024];
    struct err err = {0};
    (void)ctx;
    (void)size;
    return file_delete(file_in_dir(path, name), &err);
}

static int tear_down(void **state)
{
    (void)state;
    struct err err = {0};
    trace_etw_destroy(&backend);
    file_list(dir, erase, NULL, &err);
    WCHAR *wide = utf16_from_utf8(dir);
    if (wide)
        RemoveDirectoryW(wide);
    free(wide);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest kernel[] = {
        cmocka_unit_test(a_file_session_does_all),
        cmocka_unit_test(a_ring_is_written_out),
        cmocka_unit_test(a_session_is_read_along),
        cmocka_unit_test(a_circular_file_has_its_limit),
        cmocka_unit_test(sessions_are_listed_and_taken_up),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(each_call_fails_once),
        cmocka_unit_test(a_stop_that_tells_too_much_has_stopped),
        cmocka_unit_test(masks_are_read_back_another_way_or_said_to_be_unproved),
    };
    const struct CMUnitTest bare[] = {
        cmocka_unit_test(pretended_tracing_is_not_believed),
    };
    if (argc > 1 && strcmp(argv[1], "bare") == 0)
        return cmocka_run_group_tests(bare, set_up, tear_down);
    return cmocka_run_group_tests(kernel, set_up, tear_down);
}
