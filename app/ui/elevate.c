/* Restarts the program as administrator; the consent is waited for on a thread of its own. */
#include "ui/main_window.h"

#include "core/base/thread.h"
#include "ui/message.h"
#include "ui/words.h"

#include <objbase.h>
#include <shellapi.h>
#include <stdlib.h>

#define ID_RESTART 101

struct elevate_job {
    HWND hwnd;
    WCHAR *line;
};

static void run(void *ctx)
{
    struct elevate_job *job = ctx;
    WCHAR exe[1024];
    DWORD code = ERROR_BUFFER_OVERFLOW;
    DWORD n = GetModuleFileNameW(NULL, exe, 1024);
    if (n && n < 1024) {
        bool com = SUCCEEDED(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE));
        SHELLEXECUTEINFOW info = {.cbSize = sizeof info,
                                  .fMask = SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI,
                                  .hwnd = job->hwnd,
                                  .lpVerb = L"runas",
                                  .lpFile = exe,
                                  .lpParameters = job->line,
                                  .nShow = SW_SHOWNORMAL};
        code = ShellExecuteExW(&info) ? ERROR_SUCCESS : GetLastError();
        if (com)
            CoUninitialize();
    }
    PostMessageW(job->hwnd, MAIN_ELEVATED, code, 0);
    free(job->line);
    free(job);
}

void elevate_restart(struct main_window *w)
{
    struct err err = {0};
    if (w->elevating)
        return; /* the consent is being asked for */
    struct elevate_job *job = calloc(1, sizeof *job);
    if (!job)
        return;
    job->hwnd = w->base.hwnd;
    job->line = options_restart_line(profiles_file(&w->profiles), &w->profile);
    if (job->line && thread_start("elevate", run, job, &w->elevating, &err))
        return;
    free(job->line);
    free(job);
    err_set(&err, ERR_NO_MEMORY, "Restarting as administrator");
    message_error(w->base.hwnd, IDS_ADMIN_TITLE, &err);
}

static void ask_restart(struct main_window *w, const char *text)
{
    struct message m = {.title = IDS_ADMIN_TITLE,
                        .content = text,
                        .icon = TD_WARNING_ICON,
                        .links = true,
                        .shield = true,
                        .buttons = {{ID_RESTART, IDS_ADMIN_RESTART}, {IDCANCEL, IDS_ADMIN_WATCH}},
                        .count = 2,
                        .preferred = IDCANCEL};
    w->modal++;
    int chosen = message_ask(w->base.hwnd, &m);
    w->modal--;
    if (chosen == ID_RESTART)
        elevate_restart(w);
}

void elevate_start(struct main_window *w)
{
    if (w->services.machine.elevated)
        command_record(w);
    else
        ask_restart(w, words_utf8(IDS_ADMIN_TEXT));
}

/* Other failures than a refused consent: say so, and offer to try again or to go on watching. */
static void ask_again(struct main_window *w, DWORD code)
{
    struct err err = {0};
    char text[900];
    err_set_os(&err, ERR_KIND_WIN32, code, "Restarting as administrator");
    err_remedy(&err, words_utf8(IDS_ADMIN_TEXT));
    err_format(&err, text, sizeof text);
    log_line(w->log, "error: %s", text);
    ask_restart(w, text);
}

void elevate_done(struct main_window *w, DWORD code)
{
    thread_join(w->elevating); /* it has posted: nothing is left to do there */
    w->elevating = NULL;
    if (code == ERROR_SUCCESS) {
        log_line(w->log, "restarted as administrator");
        DestroyWindow(w->base.hwnd);
        return;
    }
    if (code != ERROR_CANCELLED) {
        ask_again(w, code);
        return;
    }
    log_line(w->log, "consent was refused (1223)");
    w->consent_refused = true;
    show_texts(w);
}
