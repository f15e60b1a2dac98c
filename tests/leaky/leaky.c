// A program that leaks handles and says exactly which: the sample that recordings and reports are checked against.
//
// Modes are chosen with options (leaky --help). Between the barriers "go" and "done" leaky makes no handle but those
// that its truth lists: threads, children and whatever the system prepares at a first call come before "ready".
// Waiting polls a file's attributes, which opens no handle. The two files that it writes at the end of the work (the
// truth and "done") are the row WriteNotice. A row marked internal names a function whose Win32 call makes further
// handles and closes them again; what it lists is what such a call handed out.
#include "child.h"
#include "kinds.h"
#include "options.h"
#include "sync.h"
#include "truth.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const exit_names[] = {"exit", "abort", "terminated"};

static int give_up(const struct options *options)
{
    if (options->sync && !sync_mark(options->sync, L"failed"))
        fprintf(stderr, "leaky: cannot write the file failed (%lu)\n", GetLastError());
    return 1;
}

static bool write_truth(const struct options *options, struct truth *truth)
{
    // The notices that follow: they are part of what they tell.
    struct truth_row *notices = sync_row();
    long long planned = (options->truth ? 1 : 0) + (options->sync ? 1 : 0);
    notices->created += planned;
    notices->closed += planned;
    size_t length;
    char *text = truth_text(truth, &length);
    bool ok = options->truth ? sync_write(options->truth, text, length) : fwrite(text, 1, length, stdout) == length;
    DWORD error = GetLastError();
    free(text);
    if (!ok)
        work_failed("writing the truth", error);
    return ok;
}

static bool barrier(const struct options *options, const wchar_t *mark, const wchar_t *await)
{
    if (!options->sync)
        return true;
    if (!sync_mark(options->sync, mark)) {
        work_failed("writing a barrier's file", GetLastError());
        return false;
    }
    if (!sync_wait(options->sync, await, options->timeout)) {
        work_failed("waiting for a barrier's file", GetLastError());
        return false;
    }
    return true;
}

static bool work(const struct options *options, struct truth *truth)
{
    truth->go_qpc = truth_qpc();
    truth->go_filetime = truth_filetime();
    bool ok = child_run(options, truth);
    work_run();
    if (options->close_late >= 0) {
        Sleep((DWORD)options->close_late * 1000);
        work_close_late();
    }
    truth->done_qpc = truth_qpc();
    truth->done_filetime = truth_filetime();
    return ok && !work_has_failed();
}

static int run(const struct options *options)
{
    static struct truth truth;
    truth.list_handles = options->list;
    truth.launcher_pid = (DWORD)options->launcher_pid;
    truth.exit_mode = exit_names[options->exit_mode];
    const char *what;
    if (!kind_prepare(&what)) {
        work_failed(what, GetLastError());
        return give_up(options);
    }
    truth_use(&truth, sync_row(), 0);
    if (!child_prepare(options, &truth) || !work_prepare(options, &truth))
        return give_up(options);
    if (!barrier(options, L"ready", L"go"))
        return give_up(options);
    bool ok = work(options, &truth);
    if (!write_truth(options, &truth) || !ok)
        return give_up(options);
    if (!barrier(options, L"done", L"end"))
        return 1;
    fflush(stdout);
    if (options->exit_mode == EXIT_TERMINATED)
        Sleep(INFINITE);
    if (options->exit_mode == EXIT_ABORT)
        abort();
    return 0;
}

static int start(const struct options *options)
{
    if (options->help) {
        options_help();
        return 0;
    }
    if (options->child_ends_at_once)
        return 0;
    if (options->child_parent)
        return child_main(options);
    if (options->exit_mode == EXIT_TERMINATED && !options->launcher_pid)
        return child_launch(options);
    return run(options);
}

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    // No dialog about an abort.
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    static struct options options;
    if (!options_read(&options, count, words))
        return 2;
    return start(&options);
}
