/* The main window's class: makes it, and sends each message to the function that handles it. */
#include "ui/main_window.h"

#include "core/base/thread.h"
#include "ui/editor.h"
#include "ui/shell.h"
#include "ui/splitter.h"
#include "ui/words.h"
#include "win/folders.h"

#include <shellapi.h>
#include <stdlib.h>
#include <windowsx.h>

/* Not in the headers: part of how dropped files come. */
#define WM_COPYGLOBALDATA 0x0049

#define CLOCK_TIMER    1
#define CLOCK_EVERY_MS 500

static struct main_window *main_of(struct window_base *b)
{
    return (struct main_window *)b; /* its first member */
}

/* The workers' notices: they come on the workers' threads and only post. */
static void post_view(void *ctx)
{
    PostMessageW(((struct main_window *)ctx)->base.hwnd, MAIN_VIEW, 0, 0);
}

static void post_counts(void *ctx)
{
    PostMessageW(((struct main_window *)ctx)->base.hwnd, MAIN_COUNTS, 0, 0);
}

static void on_selected(void *ctx)
{
    show_selection(ctx);
}

static void on_enter(void *ctx)
{
    command_run(ctx, IDM_ONLY);
}

static void on_space(void *ctx)
{
    command_toggle_type(ctx);
}

static void on_row_menu(void *ctx, int x, int y)
{
    command_row_menu(ctx, x, y);
}

static bool make_lists(struct main_window *w, struct err *err)
{
    const struct list_look *look = &w->base.look;
    struct list_events types = {w, on_selected, on_enter, on_space, on_row_menu};
    struct list_events procs = {.ctx = w};
    if (!type_list_create(w->base.hwnd, IDC_TYPES, look, &types, &w->types, err) ||
        !process_list_create(w->base.hwnd, IDC_PROCS, look, &procs, &w->procs, err) ||
        !chart_create(w->base.hwnd, IDC_CHART, look, &w->chart, err))
        return false;
    /* Tab order: as drawn. A label stands right before what it names. */
    SetWindowPos(list_view_window(w->types), GetDlgItem(w->base.hwnd, IDC_ONLY), 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(GetDlgItem(w->base.hwnd, IDC_TYPES_LABEL), GetDlgItem(w->base.hwnd, IDC_ONLY), 0, 0, 0, 0,
                 SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(list_view_window(w->procs), GetDlgItem(w->base.hwnd, IDC_PROCS_LABEL), 0, 0, 0, 0,
                 SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(chart_window(w->chart), GetDlgItem(w->base.hwnd, IDC_CHART_LABEL), 0, 0, 0, 0,
                 SWP_NOMOVE | SWP_NOSIZE);
    return true;
}

/* Names for screen readers where no label says them. */
static void name_controls(struct main_window *w)
{
    SetDlgItemTextW(w->base.hwnd, IDC_SPLITTER, words_wide(IDS_NAME_SPLITTER));
    SetDlgItemTextW(w->base.hwnd, IDC_CANCEL_SAVE, words_wide(IDS_CANCEL_SAVE));
    SetWindowTextW(list_view_window(w->types), words_wide(IDS_NAME_TYPES));
    SetWindowTextW(list_view_window(w->procs), words_wide(IDS_NAME_PROCS));
}

/* Not in every import library: scales from the next larger picture instead of the nearest. */
typedef HRESULT(WINAPI *scale_down_fn)(HINSTANCE, PCWSTR, int, int, HICON *);

static HICON stock_icon(PCWSTR name, int cx, int cy)
{
    scale_down_fn scale_down =
        (scale_down_fn)(win_proc)GetProcAddress(GetModuleHandleW(L"comctl32.dll"), "LoadIconWithScaleDown");
    HICON icon = NULL;
    if (!scale_down || FAILED(scale_down(NULL, name, cx, cy, &icon)))
        icon = CopyIcon(LoadIconW(NULL, name));
    return icon;
}

static void load_icons(struct main_window *w)
{
    static const PWSTR stock[] = {
        [VIEW_ICON_INFO] = IDI_INFORMATION, [VIEW_ICON_WARNING] = IDI_WARNING, [VIEW_ICON_ERROR] = IDI_ERROR};
    int cx = GetSystemMetricsForDpi(SM_CXSMICON, w->base.look.dpi);
    int cy = GetSystemMetricsForDpi(SM_CYSMICON, w->base.look.dpi);
    for (int i = VIEW_ICON_INFO; i <= VIEW_ICON_ERROR; i++) {
        if (w->bar_icons[i])
            DestroyIcon(w->bar_icons[i]);
        w->bar_icons[i] = stock_icon(stock[i], cx, cy);
    }
    SendDlgItemMessageW(w->base.hwnd, IDC_BAR_ICON, STM_SETICON, (WPARAM)w->bar_icons[w->shown.bar_icon], 0);
    if (w->shown.lost)
        SendDlgItemMessageW(w->base.hwnd, IDC_STATUS, SB_SETICON, VIEW_PANE_LOST,
                            (LPARAM)w->bar_icons[VIEW_ICON_WARNING]);
}

static void use_look(struct window_base *b)
{
    struct main_window *w = main_of(b);
    load_icons(w);
    list_view_set_look(w->types, &b->look);
    list_view_set_look(w->procs, &b->look);
    chart_set_look(w->chart, &b->look);
}

static void lay_out(struct window_base *b)
{
    layout_all(main_of(b));
}

/* What may come from a program that is not elevated: its request to show the window, its file, what is dropped. */
static void let_in(HWND hwnd)
{
    static const UINT messages[] = {MAIN_SHOW, WM_COPYDATA, WM_DROPFILES, WM_COPYGLOBALDATA};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        ChangeWindowMessageFilterEx(hwnd, messages[i], MSGFLT_ALLOW, NULL);
}

static bool fill(struct window_base *b, struct err *err)
{
    struct main_window *w = main_of(b);
    let_in(b->hwnd);
    if (!make_lists(w, err))
        return false;
    name_controls(w);
    return true;
}

static void on_command(struct main_window *w, int id, UINT code)
{
    if (id != IDC_PROFILE) {
        command_run(w, id);
        return;
    }
    /* Later: a key tells the choice before the list has made it, and the list cannot be filled anew meanwhile. */
    if (code == CBN_SELENDOK || code == CBN_SELCHANGE || code == CBN_SELENDCANCEL)
        PostMessageW(w->base.hwnd, MAIN_PICKED, code == CBN_SELENDCANCEL, 0);
}

/* Which link: Wine counts the texts between the links too when one is clicked, but not when asked what lies there. */
static int link_of(const NMLINK *n)
{
    DWORD place = GetMessagePos();
    LHITTESTINFO hit = {.pt = {GET_X_LPARAM(place), GET_Y_LPARAM(place)}};
    ScreenToClient(n->hdr.hwndFrom, &hit.pt);
    bool pointed = n->hdr.code == NM_CLICK && SendMessageW(n->hdr.hwndFrom, LM_HITTEST, 0, (LPARAM)&hit);
    return pointed ? hit.item.iLink : n->item.iLink;
}

static LRESULT on_notify(struct main_window *w, NMHDR *h)
{
    LRESULT result = 0;
    if (list_view_notify(w->types, h, &result) || list_view_notify(w->procs, h, &result))
        return result;
    if ((h->idFrom == IDC_BAR || h->idFrom == IDC_CANCEL_SAVE) && (h->code == NM_CLICK || h->code == NM_RETURN))
        command_link(w, (unsigned)h->idFrom, link_of((const NMLINK *)(const void *)h));
    return 0;
}

/* The dialog manager would give the focus back to whatever follows a control that was disabled meanwhile: the next may
 * be Discard. Here it goes to the types. */
static void on_activate(struct main_window *w, UINT state, bool minimized)
{
    if (state == WA_INACTIVE) {
        w->last_focus = GetFocus();
        return;
    }
    if (minimized)
        return;
    show_kept(w);
    bool usable =
        IsChild(w->base.hwnd, w->last_focus) && IsWindowEnabled(w->last_focus) && IsWindowVisible(w->last_focus);
    SetFocus(usable ? w->last_focus : list_view_window(w->types));
}

static void on_destroy(struct main_window *w)
{
    KillTimer(w->base.hwnd, CLOCK_TIMER);
    EndMenu(); /* the results window's has a loop of its own, which under Wine goes on after WM_QUIT */
    PostQuitMessage(0);
}

static LRESULT on_message(struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    struct main_window *w = main_of(b);
    switch (message) {
    case WM_COMMAND:
        return on_command(w, LOWORD(wParam), HIWORD(wParam)), 0;
    case WM_NOTIFY:
        return on_notify(w, (NMHDR *)lParam);
    case WM_INITMENUPOPUP:
        if (!HIWORD(lParam)) /* not the window menu */
            command_menu_state(w, (HMENU)wParam);
        return 0;
    case WM_TIMER:
    case MAIN_VIEW:
        return show_view(w), 0;
    case WM_ACTIVATE:
        return on_activate(w, LOWORD(wParam), HIWORD(wParam) != 0), 0;
    case WM_CLOSE:
        return closing_ask(w), 0;
    case WM_HOTKEY:
        return mark_now(w), 0;
    case WM_DESTROY:
        return on_destroy(w), 0;
    case WM_QUERYENDSESSION:
        return closing_query_end(w);
    case WM_ENDSESSION:
        return closing_end(w, wParam != 0), 0;
    case WM_DROPFILES:
        return results_dropped(w, (void *)wParam), 0;
    case WM_COPYDATA:
        return results_received(w, (const COPYDATASTRUCT *)lParam);
    case MAIN_COUNTS:
        return show_counts(w), 0;
    case MAIN_SHOW:
        return window_base_show(b), 0;
    case MAIN_ASK:
        return questions_ask(w), 0;
    case MAIN_ELEVATED:
        return elevate_done(w, (DWORD)wParam), 0;
    case MAIN_START:
        return elevate_start(w), 0;
    case MAIN_OPEN:
        return results_open(w, (const char *const *)w->options->files, w->options->file_count), 0;
    case MAIN_MEASURED:
        return show_measured(w), 0;
    case MAIN_PICKED:
        return command_profile_picked(w, wParam != 0), 0;
    case SPLITTER_MOVED:
        return layout_move_split(w, (int)lParam), 0;
    default:
        return window_base_default(b, message, wParam, lParam);
    }
}

static const struct window_kind kind = {.class_name = MAIN_WINDOW_CLASS,
                                        .doing = "Making the main window",
                                        .dialog = IDD_MAIN,
                                        .least = {640, 460},
                                        .first = {434, 299},
                                        .fill = fill,
                                        .use_look = use_look,
                                        .lay_out = lay_out,
                                        .message = on_message};

static bool make_window(struct main_window *w, HINSTANCE instance, struct err *err)
{
    return splitter_register(err) && editor_register(err) && window_base_create(&w->base, &kind, instance, err);
}

static bool start_services(struct main_window *w, struct err *err)
{
    if (!services_start(&w->services, post_view, post_counts, w, err))
        return false;
    if (!folders_find(FOLDER_RATES, w->rates_file, sizeof w->rates_file, NULL))
        w->rates_file[0] = 0; /* what recording costs is measured anew after each start */
    struct err log_error = {0};
    const char *heading = w->services.machine.elevated ? "started, elevated" : "started";
    if (!log_open(services_log_dir(&w->services), heading, &w->log, &log_error))
        w->log = NULL; /* a log that cannot be written is no reason not to record */
    return true;
}

bool main_window_create(HINSTANCE instance, const struct options *options, struct main_window **out, struct err *err)
{
    struct main_window *w = calloc(1, sizeof *w);
    if (!w)
        return err_set(err, ERR_NO_MEMORY, "Making the main window");
    w->options = options;
    w->split = 0.6;
    w->chart_wanted = true;
    if (!profiles_load(&w->profiles, options, &w->profile, &w->profile_changed, err) ||
        !make_window(w, instance, err) || !start_services(w, err)) {
        main_window_destroy(w);
        return false;
    }
    w->wpa = shell_has_wpa();
    command_fill_profiles(w);
    show_kept(w);
    show_view(w);
    show_selection(w);
    SetTimer(w->base.hwnd, CLOCK_TIMER, CLOCK_EVERY_MS, NULL);
    if (options->record)
        PostMessageW(w->base.hwnd, MAIN_START, 0, 0);
    if (options->file_count)
        PostMessageW(w->base.hwnd, MAIN_OPEN, 0, 0);
    *out = w;
    return true;
}

/* The window may be gone already; the workers are ended first, so that nothing is posted to a dead window. */
void main_window_destroy(struct main_window *w)
{
    if (!w)
        return;
    results_window_destroy(w->results);
    w->results = NULL;
    services_stop(&w->services);
    thread_join(w->elevating);
    span_job_end(w->measuring, &w->rates, NULL);
    window_base_end(&w->base);
    list_view_destroy(w->types);
    list_view_destroy(w->procs);
    chart_destroy(w->chart);
    for (size_t i = 0; i < 4; i++)
        if (w->bar_icons[i])
            DestroyIcon(w->bar_icons[i]);
    snapshot_release(w->counts);
    free(w->live);
    text_free(&w->suspect);
    text_free(&w->counts_why);
    profiles_free(&w->profiles);
    log_close(w->log);
    free(w);
}
