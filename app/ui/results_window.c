/* The results window's class: makes it, runs its job, and sends each message to the function that handles it. */
#include "ui/results_window.h"

#include "ui/look.h"
#include "ui/results_inside.h"
#include "ui/splitter.h"
#include "ui/words.h"

#include <shellapi.h>
#include <stdlib.h>
#include <string.h>
#include <windowsx.h>

#define RESULTS_CLASS L"HandleRecorderResults"

enum { FILTER_WAIT_MS = 200, PROGRESS_EVERY_MS = 200 };

static struct results_window *window_of(HWND hwnd)
{
    return (struct results_window *)GetWindowLongPtrW(hwnd, GWLP_USERDATA);
}

/* On the job's thread. */
static void post_ended(void *ctx)
{
    struct results_window *w = ctx;
    PostMessageW(w->hwnd, RESULTS_ENDED, w->job_number, 0);
}

bool results_start_job(struct results_window *w, const struct result_order *order, struct err *err)
{
    struct result_order o = *order;
    o.notice = post_ended;
    o.ctx = w;
    w->job_number++; /* before the job can tell it */
    w->cancelling = false;
    if (!result_job_start(&o, &w->job, err))
        return false;
    SetTimer(w->hwnd, RESULTS_PROGRESS_TIMER, PROGRESS_EVERY_MS, NULL);
    return true;
}

static void drop_job(struct results_window *w)
{
    KillTimer(w->hwnd, RESULTS_PROGRESS_TIMER);
    result_job_close(w->job);
    w->job = NULL;
    w->saving = false;
    w->cancelling = false;
}

static void drop_results(struct results_window *w)
{
    results_forget_names(w);
    result_tree_free(&w->tree);
    result_set_free(w->set);
    w->set = NULL;
    w->selected = 0;
    text_clear(&w->message);
    text_clear(&w->note);
}

static void drop_files(struct results_window *w)
{
    for (unsigned i = 0; i < w->file_count; i++)
        free(w->files[i]);
    w->file_count = 0;
}

void results_fail(struct results_window *w, const struct err *err)
{
    char text[900];
    err_format(err, text, sizeof text);
    struct text *out = w->set ? &w->note : &w->message;
    text_clear(out);
    text_add(out,
             err->code == ERR_CANCELLED ? words_utf8(w->set ? IDS_RESULTS_NOT_SAVED : IDS_RESULTS_CANCELLED) : text);
}

static void show_set(struct results_window *w, struct result_set *set)
{
    w->set = set;
    w->tree.set = set;
    results_rebuild(w);
    results_name_frames(w);
    if (w->tree.count)
        SetFocus(GetDlgItem(w->hwnd, IDC_RESULTS_LIST));
}

static void on_ended(struct results_window *w, unsigned number)
{
    if (!w->job || number != w->job_number)
        return; /* of a job that was given up */
    struct result_job_view v;
    result_job_look(w->job, &v);
    struct result_set *set = result_job_take(w->job);
    bool saved = w->saving;
    drop_job(w);
    if (saved)
        results_name_frames(w);
    if (v.state == RESULT_JOB_FAILED) {
        results_fail(w, &v.err);
    } else if (saved) {
        const char *args[] = {w->saved_to};
        char line[TRACE_PATH_MAX + 100];
        view_fill(line, sizeof line, words_utf8(IDS_RESULTS_SAVED), args, 1);
        text_clear(&w->note);
        text_add(&w->note, line);
    } else if (set) {
        show_set(w, set);
    }
    results_show_state(w);
}

void results_window_open(struct results_window *w, const char *const *files, unsigned count)
{
    struct err err = {0};
    drop_job(w);
    drop_results(w);
    drop_files(w);
    for (unsigned i = 0; i < count && i < FILE_DIALOG_FILES; i++)
        if ((w->files[w->file_count] = text_copy(files[i])) != NULL)
            w->file_count++;
    SetDlgItemTextW(w->hwnd, IDC_RESULTS_FILTER, L"");
    results_list_refill(w, UINT32_MAX);
    const struct result_order order = {.files = (const char *const *)w->files, .file_count = w->file_count};
    if (!results_start_job(w, &order, &err))
        results_fail(w, &err);
    results_show_state(w);
    results_window_show(w);
}

bool results_window_has(const struct results_window *w, const char *file)
{
    return w->file_count == 1 && (w->set || w->job) && strcmp(w->files[0], file) == 0;
}

void results_window_show(struct results_window *w)
{
    ShowWindow(w->hwnd, IsIconic(w->hwnd) ? SW_RESTORE : SW_SHOW);
    SetForegroundWindow(GetLastActivePopup(w->hwnd));
}

static BOOL on_init(HWND hwnd, HWND focus, LPARAM lParam)
{
    (void)focus;
    struct results_window *w = (struct results_window *)lParam;
    SetWindowLongPtrW(hwnd, GWLP_USERDATA, lParam);
    w->hwnd = hwnd;
    look_own_dpi(hwnd);
    DragAcceptFiles(hwnd, TRUE);
    results_make_look(w, GetDpiForWindow(hwnd));
    return FALSE;
}

static void on_size(HWND hwnd, UINT state, int cx, int cy)
{
    (void)cx;
    (void)cy;
    struct results_window *w = window_of(hwnd);
    if (w && w->images && state != SIZE_MINIMIZED)
        results_layout(w);
}

static void on_minmax(HWND hwnd, MINMAXINFO *info)
{
    struct results_window *w = window_of(hwnd);
    if (!w)
        return;
    SIZE least = results_minimum(w);
    info->ptMinTrackSize.x = least.cx;
    info->ptMinTrackSize.y = least.cy;
}

static void use_look(struct results_window *w, UINT dpi)
{
    results_free_look(w);
    results_make_look(w, dpi);
    for (HWND child = GetWindow(w->hwnd, GW_CHILD); child; child = GetWindow(child, GW_HWNDNEXT))
        SendMessageW(child, WM_SETFONT, (WPARAM)w->look.font, TRUE);
    results_list_use_look(w);
}

static LRESULT on_dpi_changed(HWND hwnd, WPARAM wParam, LPARAM lParam)
{
    struct results_window *w = window_of(hwnd);
    const RECT *r = (const RECT *)lParam;
    use_look(w, HIWORD(wParam));
    SetWindowPos(hwnd, NULL, r->left, r->top, r->right - r->left, r->bottom - r->top, SWP_NOZORDER | SWP_NOACTIVATE);
    results_layout(w);
    return 0;
}

static LRESULT on_look_changed(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    struct results_window *w = window_of(hwnd);
    if (w && w->images) {
        for (HWND child = GetWindow(hwnd, GW_CHILD); child; child = GetWindow(child, GW_HWNDNEXT))
            SendMessageW(child, message, wParam, lParam);
        use_look(w, w->look.dpi);
        results_layout(w);
    }
    return DefDlgProcW(hwnd, message, wParam, lParam);
}

static void on_command(HWND hwnd, int id, HWND control, UINT code)
{
    (void)control;
    struct results_window *w = window_of(hwnd);
    if (!w || !w->images)
        return;
    if (id == IDC_RESULTS_GROUP) {
        /* Later: a key tells the choice before the list has made it. */
        if (code == CBN_SELENDOK || code == CBN_SELCHANGE)
            PostMessageW(hwnd, RESULTS_PICKED, 0, 0);
        return;
    }
    if (id == IDC_RESULTS_FILTER) {
        if (code == EN_CHANGE)
            SetTimer(hwnd, RESULTS_FILTER_TIMER, FILTER_WAIT_MS, NULL);
        return;
    }
    results_command(w, id);
}

static LRESULT on_notify(HWND hwnd, int id, NMHDR *h)
{
    (void)id;
    struct results_window *w = window_of(hwnd);
    LRESULT result = 0;
    return w && w->images && results_list_notify(w, h, &result) ? result : 0;
}

static void on_timer(HWND hwnd, UINT id)
{
    struct results_window *w = window_of(hwnd);
    if (id == RESULTS_PROGRESS_TIMER) {
        results_show_state(w);
        return;
    }
    if (id == RESULTS_NAMES_TIMER) {
        results_show_names(w);
        return;
    }
    KillTimer(hwnd, RESULTS_FILTER_TIMER);
    results_rebuild(w);
    results_show_state(w);
}

static void on_context_menu(HWND hwnd, HWND from, int x, int y)
{
    struct results_window *w = window_of(hwnd);
    if (w && from == GetDlgItem(hwnd, IDC_RESULTS_LIST))
        results_menu(w, x, y);
}

static void free_window(struct results_window *w)
{
    drop_job(w);
    drop_results(w);
    drop_files(w);
    text_free(&w->message);
    text_free(&w->note);
    text_free(&w->filter);
    results_free_look(w);
    if (w->keys)
        DestroyAcceleratorTable(w->keys);
    free(w);
}

/* Reading ends by itself: nobody waits for it. */
static void on_close(HWND hwnd)
{
    struct results_window *w = window_of(hwnd);
    struct results_events events = w->events;
    results_window_destroy(w);
    events.closed(events.ctx);
}

void results_window_destroy(struct results_window *w)
{
    if (!w)
        return;
    if (w->hwnd) {
        SetWindowLongPtrW(w->hwnd, GWLP_USERDATA, 0);
        drop_job(w); /* before the window that it tells */
        results_stop_names(w);
        look_drop_icons(w->hwnd);
        DestroyWindow(w->hwnd);
    }
    free_window(w);
}

static LRESULT on_app(struct results_window *w, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case RESULTS_ENDED:
        return on_ended(w, (unsigned)wParam), 0;
    case RESULTS_PICKED:
        return results_pick_grouping(w), 0;
    case RESULTS_SELECTED:
        return results_list_check(w), 0;
    case RESULTS_NAMES:
        return results_take_names(w), 0;
    case SPLITTER_MOVED:
        return results_move_split(w, (int)lParam), 0;
    default:
        return 0;
    }
}

static LRESULT CALLBACK window_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
        HANDLE_MSG(hwnd, WM_INITDIALOG, on_init);
        HANDLE_MSG(hwnd, WM_SIZE, on_size);
        HANDLE_MSG(hwnd, WM_GETMINMAXINFO, on_minmax);
        HANDLE_MSG(hwnd, WM_COMMAND, on_command);
        HANDLE_MSG(hwnd, WM_TIMER, on_timer);
        HANDLE_MSG(hwnd, WM_CONTEXTMENU, on_context_menu);
        HANDLE_MSG(hwnd, WM_CLOSE, on_close);
    case WM_NOTIFY:
        return on_notify(hwnd, (int)wParam, (NMHDR *)lParam);
    case WM_DROPFILES:
        return results_drop(window_of(hwnd), (void *)wParam), 0;
    case WM_DPICHANGED:
        return on_dpi_changed(hwnd, wParam, lParam);
    case WM_SETTINGCHANGE:
    case WM_SYSCOLORCHANGE:
    case WM_THEMECHANGED:
        return on_look_changed(hwnd, message, wParam, lParam);
    case DM_GETDEFID: /* no button is the default */
        return 0;
    default:
        break;
    }
    if (message > WM_APP && message < WM_APP + 100 && window_of(hwnd))
        return on_app(window_of(hwnd), message, wParam, lParam);
    return DefDlgProcW(hwnd, message, wParam, lParam);
}

static INT_PTR CALLBACK no_dialog_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    (void)hwnd;
    (void)message;
    (void)wParam;
    (void)lParam;
    return FALSE;
}

static bool register_class(HINSTANCE instance, struct err *err)
{
    WNDCLASSEXW c = {.cbSize = sizeof c,
                     .lpfnWndProc = window_proc,
                     .cbWndExtra = DLGWINDOWEXTRA,
                     .hInstance = instance,
                     .hCursor = LoadCursorW(NULL, IDC_ARROW),
                     .hbrBackground = GetSysColorBrush(COLOR_BTNFACE),
                     .lpszClassName = RESULTS_CLASS};
    if (RegisterClassExW(&c) || GetLastError() == ERROR_CLASS_ALREADY_EXISTS)
        return true;
    return win_fail(err, "Registering a window class", "HandleRecorderResults");
}

/* A multi-line field in a dialog takes Esc for closing it, and keeps the Tab key. */
static LRESULT CALLBACK stack_hook(HWND window, UINT message, WPARAM wParam, LPARAM lParam, UINT_PTR id, DWORD_PTR ref)
{
    (void)ref;
    if (message == WM_NCDESTROY)
        RemoveWindowSubclass(window, stack_hook, id);
    if (message == WM_GETDLGCODE)
        return DLGC_WANTARROWS | DLGC_WANTCHARS;
    if (message == WM_KEYDOWN && wParam == VK_ESCAPE)
        return 0;
    return DefSubclassProc(window, message, wParam, lParam);
}

static bool make_window(struct results_window *w, struct err *err)
{
    if (!register_class(w->instance, err))
        return false;
    if (!CreateDialogParamW(w->instance, MAKEINTRESOURCEW(IDD_RESULTS), NULL, no_dialog_proc, (LPARAM)w) || !w->hwnd)
        return win_fail(err, "Making the results window", "");
    if (!results_list_create(w, err) || !SetWindowSubclass(GetDlgItem(w->hwnd, IDC_RESULTS_STACK), stack_hook, 1, 0))
        return win_fail(err, "Making the results window", "");
    look_set_icons(w->hwnd, w->instance, w->look.dpi);
    use_look(w, w->look.dpi);
    SetDlgItemTextW(w->hwnd, IDC_RESULTS_SPLITTER, words_wide(IDS_NAME_SPLITTER));
    CheckDlgButton(w->hwnd, IDC_RESULTS_ONLY, BST_CHECKED);
    results_fill_groupings(w);
    results_first_place(w);
    results_layout(w);
    return true;
}

bool results_window_create(HINSTANCE instance, const struct results_events *events, struct results_window **out,
                           struct err *err)
{
    struct results_window *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Making the results window");
    w->instance = instance;
    w->events = *events;
    w->split = 0.62;
    w->only_leaks = true;
    w->keys = LoadAcceleratorsW(instance, MAKEINTRESOURCEW(IDR_RESULTS_KEYS));
    if (!make_window(w, err)) {
        results_window_destroy(w);
        return false;
    }
    *out = w;
    return true;
}

bool results_window_translate(struct results_window *w, MSG *message)
{
    if (!w || (message->hwnd != w->hwnd && !IsChild(w->hwnd, message->hwnd)))
        return false;
    bool key = message->message == WM_KEYDOWN || message->message == WM_SYSKEYDOWN;
    return (key && TranslateAcceleratorW(w->hwnd, w->keys, message)) || IsDialogMessageW(w->hwnd, message);
}
