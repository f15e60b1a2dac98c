/* What the system says of itself: a list of processes stays what it was while others ask for theirs. */
#include "unit/test.h"
#include "win/sys_win.h"
#include "win/win.h"

#include <string.h>

struct look {
    struct sys_backend *sys;
    PROCESS_INFORMATION child;
    uint32_t wanted;
    bool seen;
    bool nested;
    bool begun;
};

static void see(void *ctx, const struct sys_process *p)
{
    struct look *l = ctx;
    l->seen = l->seen || p->pid == l->wanted;
}

/* This program again, which does not run: only a process more. */
static void start_child(struct look *l)
{
    WCHAR exe[MAX_PATH];
    STARTUPINFOW start = {.cb = sizeof start};
    assert_true(GetModuleFileNameW(NULL, exe, MAX_PATH) > 0);
    assert_true(CreateProcessW(exe, NULL, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &start, &l->child));
}

/* The controller asks while the census walks through its list: as from another thread, at a fixed moment. */
static void see_and_ask(void *ctx, const struct sys_process *p)
{
    struct look *l = ctx;
    struct err err = {0};
    if (!l->begun) {
        l->begun = true;
        start_child(l);
        struct look inner = {.wanted = l->child.dwProcessId};
        assert_true(l->sys->ops->processes(l->sys->self, see, &inner, &err));
        l->nested = inner.seen;
    }
    l->seen = l->seen || p->pid == l->child.dwProcessId;
}

static void two_lists_at_once(void **state)
{
    (void)state;
    struct err err = {0};
    struct sys_backend sys = {.ops = NULL};
    assert_true(sys_win_create(&sys, &err));
    struct look l = {.sys = &sys};
    assert_true(sys.ops->processes(sys.self, see_and_ask, &l, &err));
    TerminateProcess(l.child.hProcess, 0);
    CloseHandle(l.child.hThread);
    CloseHandle(l.child.hProcess);
    assert_int_equal(l.nested, true);
    assert_int_equal(l.seen, false);
    sys_win_destroy(&sys);
}

static void finds_itself(void **state)
{
    (void)state;
    struct err err = {0};
    struct sys_backend sys = {.ops = NULL};
    assert_true(sys_win_create(&sys, &err));
    struct look l = {.wanted = sys.ops->own_pid(sys.self)};
    assert_true(sys.ops->processes(sys.self, see, &l, &err));
    assert_int_equal(l.seen, true);
    sys_win_destroy(&sys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_itself), cmocka_unit_test(two_lists_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
