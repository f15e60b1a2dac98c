/* A hidden window that holds up the end of the Windows session until the recording is safe. */
#include "cli/session_end.h"

#include "core/base/thread.h"
#include "win/win.h"

#include <stdlib.h>

#define CLASS_NAME L"HandleRecorderConsole"

struct session_end {
    void (*ending)(void);
    WCHAR *reason;
    struct thread *thread;
    HANDLE ready; /* the window is there, or it could not be made */
    HWND window;  /* written by the thread before `ready` */
    DWORD why;    /* the error when there is no window */
};

static LRESULT on_query(HWND window)
{
    struct session_end *s = (struct session_end *)GetWindowLongPtrW(window, GWLP_USERDATA);
    if (s) {
        ShutdownBlockReasonCreate(window, s->reason);
        s->ending();
        ShutdownBlockReasonDestroy(window);
    }
    return TRUE;
}

static LRESULT CALLBACK window_proc(HWND window, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case WM_QUERYENDSESSION:
        return on_query(window);
    case WM_DESTROY:
        PostQuitMessage(0);
        return 0;
    default:
        return DefWindowProcW(window, message, wParam, lParam);
    }
}

/* Not a message-only window: those are not asked. */
static HWND make_window(void)
{
    WNDCLASSEXW c = {.cbSize = sizeof c,
                     .lpfnWndProc = window_proc,
                     .hInstance = GetModuleHandleW(NULL),
                     .lpszClassName = CLASS_NAME};
    if (!RegisterClassExW(&c) && GetLastError() != ERROR_CLASS_ALREADY_EXISTS)
        return NULL;
    return CreateWindowExW(0, CLASS_NAME, L"Handle Recorder", WS_OVERLAPPED, 0, 0, 0, 0, NULL, NULL, c.hInstance, NULL);
}

static void run(void *ctx)
{
    struct session_end *s = ctx;
    MSG message;
    s->window = make_window();
    s->why = s->window ? ERROR_SUCCESS : GetLastError();
    if (s->window)
        SetWindowLongPtrW(s->window, GWLP_USERDATA, (LONG_PTR)s);
    HWND window = s->window;
    SetEvent(s->ready);
    while (window && GetMessageW(&message, NULL, 0, 0) > 0)
        DispatchMessageW(&message);
}

static void release(struct session_end *s)
{
    if (s->ready)
        CloseHandle(s->ready);
    free(s->reason);
    free(s);
}

bool session_end_watch(void (*ending)(void), const char *reason, struct session_end **out, struct err *err)
{
    struct session_end *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NO_MEMORY, "Watching for the end of the Windows session");
    s->ending = ending;
    s->reason = utf16_from_utf8(reason);
    s->ready = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!s->reason || !s->ready || !thread_start("session end", run, s, &s->thread, err)) {
        release(s);
        return err_set(err, ERR_NO_MEMORY, "Watching for the end of the Windows session");
    }
    WaitForSingleObject(s->ready, INFINITE);
    if (!s->window) {
        DWORD why = s->why;
        thread_join(s->thread);
        release(s);
        return err_set_os(err, ERR_KIND_WIN32, why, "Watching for the end of the Windows session");
    }
    *out = s;
    return true;
}

void session_end_forget(struct session_end *s)
{
    if (!s)
        return;
    PostMessageW(s->window, WM_CLOSE, 0, 0);
    thread_join(s->thread);
    release(s);
}
