/* The results window's class: makes it, runs its job, and sends each message to the function that handles it. */
#include "ui/results_window.h"

#include "ui/results_inside.h"
#include "ui/splitter.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>
#include <windowsx.h>

enum { FILTER_WAIT_MS = 200, PROGRESS_EVERY_MS = 200 };

static struct results_window *results_of(struct window_base *b)
{
    return (struct results_window *)b; /* its first member */
}

/* On the job's thread. */
static void post_ended(void *ctx)
{
    struct results_window *w = ctx;
    PostMessageW(w->base.hwnd, RESULTS_ENDED, w->job_number, 0);
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
    SetTimer(w->base.hwnd, RESULTS_PROGRESS_TIMER, PROGRESS_EVERY_MS, NULL);
    return true;
}

static void drop_job(struct results_window *w)
{
    KillTimer(w->base.hwnd, RESULTS_PROGRESS_TIMER);
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
        SetFocus(GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST));
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
    SetDlgItemTextW(w->base.hwnd, IDC_RESULTS_FILTER, L"");
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
    window_base_show(&w->base);
}

static void on_command(struct results_window *w, int id, UINT code)
{
    switch (id) {
    case IDC_RESULTS_GROUP:
        /* Later: a key tells the choice before the list has made it. */
        if (code == CBN_SELENDOK || code == CBN_SELCHANGE)
            PostMessageW(w->base.hwnd, RESULTS_PICKED, 0, 0);
        return;
    case IDC_RESULTS_FILTER:
        if (code == EN_CHANGE)
            SetTimer(w->base.hwnd, RESULTS_FILTER_TIMER, FILTER_WAIT_MS, NULL);
        return;
    default:
        results_command(w, id);
    }
}

static void on_timer(struct results_window *w, WPARAM id)
{
    if (id == RESULTS_PROGRESS_TIMER) {
        results_show_state(w);
        return;
    }
    if (id == RESULTS_NAMES_TIMER) {
        results_show_names(w);
        return;
    }
    KillTimer(w->base.hwnd, RESULTS_FILTER_TIMER);
    results_rebuild(w);
    results_show_state(w);
}

/* Reading ends by itself: nobody waits for it. While a dialog of ours is open (it has disabled us) somebody does: the
 * code that asked comes back to this window. Others' programs can ask us to close all the same. */
static void on_close(struct results_window *w)
{
    if (!IsWindowEnabled(w->base.hwnd))
        return;
    struct results_events events = w->events;
    results_window_destroy(w);
    events.closed(events.ctx);
}

void results_window_destroy(struct results_window *w)
{
    if (!w)
        return;
    drop_job(w); /* and the names' queue: before the window that they tell */
    drop_results(w);
    drop_files(w);
    window_base_end(&w->base);
    text_free(&w->message);
    text_free(&w->note);
    text_free(&w->filter);
    if (w->images)
        ImageList_Destroy(w->images);
    if (w->keys)
        DestroyAcceleratorTable(w->keys);
    free(w);
}

static LRESULT on_message(struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    struct results_window *w = results_of(b);
    LRESULT result = 0;
    switch (message) {
    case WM_COMMAND:
        return on_command(w, LOWORD(wParam), HIWORD(wParam)), 0;
    case WM_NOTIFY:
        return results_list_notify(w, (NMHDR *)lParam, &result) ? result : 0;
    case WM_TIMER:
        return on_timer(w, wParam), 0;
    case WM_CONTEXTMENU:
        if ((HWND)wParam == GetDlgItem(b->hwnd, IDC_RESULTS_LIST))
            results_menu(w, GET_X_LPARAM(lParam), GET_Y_LPARAM(lParam));
        return 0;
    case WM_CLOSE:
        return on_close(w), 0;
    case WM_DROPFILES:
        return results_drop(w, (void *)wParam), 0;
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
        return window_base_default(b, message, wParam, lParam);
    }
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

static bool fill(struct window_base *b, struct err *err)
{
    struct results_window *w = results_of(b);
    if (!results_list_create(w, err) || !SetWindowSubclass(GetDlgItem(b->hwnd, IDC_RESULTS_STACK), stack_hook, 1, 0))
        return win_fail(err, "Making the results window", "");
    SetDlgItemTextW(b->hwnd, IDC_RESULTS_SPLITTER, words_wide(IDS_NAME_SPLITTER));
    CheckDlgButton(b->hwnd, IDC_RESULTS_ONLY, BST_CHECKED);
    results_fill_groupings(w);
    return true;
}

static void use_look(struct window_base *b)
{
    results_list_use_look(results_of(b));
}

static void lay_out(struct window_base *b)
{
    results_layout(results_of(b));
}

static const struct window_kind kind = {.class_name = L"HandleRecorderResults",
                                        .doing = "Making the results window",
                                        .dialog = IDD_RESULTS,
                                        .least = {600, 380},
                                        .first = {470, 330},
                                        .fill = fill,
                                        .use_look = use_look,
                                        .lay_out = lay_out,
                                        .message = on_message};

bool results_window_create(HINSTANCE instance, const struct results_events *events, struct results_window **out,
                           struct err *err)
{
    struct results_window *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Making the results window");
    w->events = *events;
    w->split = 0.62;
    w->only_leaks = true;
    w->keys = LoadAcceleratorsW(instance, MAKEINTRESOURCEW(IDR_RESULTS_KEYS));
    if (!window_base_create(&w->base, &kind, instance, err)) {
        results_window_destroy(w);
        return false;
    }
    *out = w;
    return true;
}

bool results_window_translate(struct results_window *w, MSG *message)
{
    if (!w || (message->hwnd != w->base.hwnd && !IsChild(w->base.hwnd, message->hwnd)))
        return false;
    bool key = message->message == WM_KEYDOWN || message->message == WM_SYSKEYDOWN;
    return (key && TranslateAcceleratorW(w->base.hwnd, w->keys, message)) || IsDialogMessageW(w->base.hwnd, message);
}
