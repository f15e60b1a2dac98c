/* The main window's class: makes it, and sends each message to the function that handles it. */
#include "ui/main_window.h"

#include "core/base/thread.h"
#include "ui/editor.h"
#include "ui/look.h"
#include "ui/shell.h"
#include "ui/splitter.h"
#include "ui/words.h"

#include <shellapi.h>
#include <stdlib.h>
#include <windowsx.h>

/* Not in the headers: part of how dropped files come. */
#define WM_COPYGLOBALDATA 0x0049

#define CLOCK_TIMER    1
#define CLOCK_EVERY_MS 500

static struct main_window *window_of(HWND hwnd)
{
    return (struct main_window *)GetWindowLongPtrW(hwnd, GWLP_USERDATA);
}

/* The workers' notices: they come on the workers' threads and only post. */
static void post_view(void *ctx)
{
    PostMessageW(((struct main_window *)ctx)->hwnd, MAIN_VIEW, 0, 0);
}

static void post_counts(void *ctx)
{
    PostMessageW(((struct main_window *)ctx)->hwnd, MAIN_COUNTS, 0, 0);
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
    struct list_look look = {w->dpi, w->font, w->bold};
    struct list_events types = {w, on_selected, on_enter, on_space, on_row_menu};
    struct list_events procs = {.ctx = w};
    if (!type_list_create(w->hwnd, IDC_TYPES, &look, &types, &w->types, err) ||
        !process_list_create(w->hwnd, IDC_PROCS, &look, &procs, &w->procs, err) ||
        !chart_create(w->hwnd, IDC_CHART, &look, &w->chart, err))
        return false;
    /* Tab order: as drawn. A label stands right before what it names. */
    SetWindowPos(type_list_window(w->types), GetDlgItem(w->hwnd, IDC_ONLY), 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(GetDlgItem(w->hwnd, IDC_TYPES_LABEL), GetDlgItem(w->hwnd, IDC_ONLY), 0, 0, 0, 0,
                 SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(process_list_window(w->procs), GetDlgItem(w->hwnd, IDC_PROCS_LABEL), 0, 0, 0, 0,
                 SWP_NOMOVE | SWP_NOSIZE);
    SetWindowPos(chart_window(w->chart), GetDlgItem(w->hwnd, IDC_CHART_LABEL), 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE);
    return true;
}

/* Names for screen readers where no label says them. */
static void name_controls(struct main_window *w)
{
    SetDlgItemTextW(w->hwnd, IDC_SPLITTER, words_wide(IDS_NAME_SPLITTER));
    SetDlgItemTextW(w->hwnd, IDC_CANCEL_SAVE, words_wide(IDS_CANCEL_SAVE));
    SetWindowTextW(type_list_window(w->types), words_wide(IDS_NAME_TYPES));
    SetWindowTextW(process_list_window(w->procs), words_wide(IDS_NAME_PROCS));
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
    int cx = GetSystemMetricsForDpi(SM_CXSMICON, w->dpi);
    int cy = GetSystemMetricsForDpi(SM_CYSMICON, w->dpi);
    for (int i = VIEW_ICON_INFO; i <= VIEW_ICON_ERROR; i++) {
        if (w->bar_icons[i])
            DestroyIcon(w->bar_icons[i]);
        w->bar_icons[i] = stock_icon(stock[i], cx, cy);
    }
    SendDlgItemMessageW(w->hwnd, IDC_BAR_ICON, STM_SETICON, (WPARAM)w->bar_icons[w->shown.bar_icon], 0);
    if (w->shown.lost)
        SendDlgItemMessageW(w->hwnd, IDC_STATUS, SB_SETICON, VIEW_PANE_LOST, (LPARAM)w->bar_icons[VIEW_ICON_WARNING]);
    look_set_icons(w->hwnd, w->instance, w->dpi);
}

static void use_dpi(struct main_window *w, UINT dpi)
{
    w->dpi = dpi;
    layout_free_fonts(w);
    layout_make_fonts(w);
    load_icons(w);
}

static void use_look(struct main_window *w)
{
    struct list_look look = {w->dpi, w->font, w->bold};
    for (HWND child = GetWindow(w->hwnd, GW_CHILD); child; child = GetWindow(child, GW_HWNDNEXT))
        SendMessageW(child, WM_SETFONT, (WPARAM)w->font, TRUE);
    type_list_set_look(w->types, &look);
    process_list_set_look(w->procs, &look);
    chart_set_look(w->chart, &look);
}

static BOOL on_init(HWND hwnd, HWND focus, LPARAM lParam)
{
    (void)focus;
    struct main_window *w = (struct main_window *)lParam;
    SetWindowLongPtrW(hwnd, GWLP_USERDATA, lParam);
    w->hwnd = hwnd;
    look_own_dpi(hwnd);
    /* A second start without administrator rights must reach us. */
    ChangeWindowMessageFilterEx(hwnd, MAIN_SHOW, MSGFLT_ALLOW, NULL);
    /* So must its file, and what is dropped on an elevated window. */
    ChangeWindowMessageFilterEx(hwnd, WM_COPYDATA, MSGFLT_ALLOW, NULL);
    ChangeWindowMessageFilterEx(hwnd, WM_DROPFILES, MSGFLT_ALLOW, NULL);
    ChangeWindowMessageFilterEx(hwnd, WM_COPYGLOBALDATA, MSGFLT_ALLOW, NULL);
    DragAcceptFiles(hwnd, TRUE);
    use_dpi(w, GetDpiForWindow(hwnd));
    return FALSE;
}

static void on_size(HWND hwnd, UINT state, int cx, int cy)
{
    (void)cx;
    (void)cy;
    struct main_window *w = window_of(hwnd);
    if (w && w->chart && state != SIZE_MINIMIZED)
        layout_all(w);
}

static void on_minmax(HWND hwnd, MINMAXINFO *info)
{
    struct main_window *w = window_of(hwnd);
    if (!w)
        return;
    SIZE least = layout_minimum(w);
    info->ptMinTrackSize.x = least.cx;
    info->ptMinTrackSize.y = least.cy;
}

static LRESULT on_dpi_changed(HWND hwnd, WPARAM wParam, LPARAM lParam)
{
    struct main_window *w = window_of(hwnd);
    const RECT *r = (const RECT *)lParam;
    use_dpi(w, HIWORD(wParam));
    use_look(w);
    SetWindowPos(hwnd, NULL, r->left, r->top, r->right - r->left, r->bottom - r->top, SWP_NOZORDER | SWP_NOACTIVATE);
    layout_all(w);
    return 0;
}

static LRESULT on_look_changed(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    struct main_window *w = window_of(hwnd);
    if (w && w->chart) {
        for (HWND child = GetWindow(hwnd, GW_CHILD); child; child = GetWindow(child, GW_HWNDNEXT))
            SendMessageW(child, message, wParam, lParam);
        use_look(w);
        layout_all(w);
    }
    return DefDlgProcW(hwnd, message, wParam, lParam);
}

static void on_command(HWND hwnd, int id, HWND control, UINT code)
{
    (void)control;
    struct main_window *w = window_of(hwnd);
    if (id == IDC_PROFILE) {
        /* Later: a key tells the choice before the list has made it, and the list cannot be filled anew meanwhile. */
        if (code == CBN_SELENDOK || code == CBN_SELCHANGE || code == CBN_SELENDCANCEL)
            PostMessageW(hwnd, MAIN_PICKED, code == CBN_SELENDCANCEL, 0);
        return;
    }
    command_run(w, id);
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

static LRESULT on_notify(HWND hwnd, int id, NMHDR *h)
{
    struct main_window *w = window_of(hwnd);
    LRESULT result = 0;
    if (!w || !w->chart)
        return 0;
    if (type_list_notify(w->types, h, &result) || process_list_notify(w->procs, h, &result))
        return result;
    if ((id == IDC_BAR || id == IDC_CANCEL_SAVE) && (h->code == NM_CLICK || h->code == NM_RETURN))
        command_link(w, (unsigned)id, link_of((const NMLINK *)(const void *)h));
    return 0;
}

static void on_menu_popup(HWND hwnd, HMENU menu, UINT item, BOOL system)
{
    (void)item;
    if (!system)
        command_menu_state(window_of(hwnd), menu);
}

static void on_timer(HWND hwnd, UINT id)
{
    (void)id;
    show_view(window_of(hwnd));
}

/* The dialog manager would give the focus back to whatever follows a control that was disabled meanwhile: the next may
 * be Discard. Here it goes to the types. */
static void on_activate(HWND hwnd, UINT state, HWND other, BOOL minimized)
{
    (void)other;
    struct main_window *w = window_of(hwnd);
    if (!w || !w->types)
        return;
    if (state == WA_INACTIVE) {
        w->last_focus = GetFocus();
        return;
    }
    if (minimized)
        return;
    bool usable = IsChild(hwnd, w->last_focus) && IsWindowEnabled(w->last_focus) && IsWindowVisible(w->last_focus);
    SetFocus(usable ? w->last_focus : type_list_window(w->types));
}

static void on_hotkey(HWND hwnd, int id, UINT modifiers, UINT key)
{
    (void)id;
    (void)modifiers;
    (void)key;
    mark_now(window_of(hwnd));
}

static void on_close(HWND hwnd)
{
    closing_ask(window_of(hwnd));
}

static void on_destroy(HWND hwnd)
{
    KillTimer(hwnd, CLOCK_TIMER);
    look_drop_icons(hwnd);
    PostQuitMessage(0);
}

static BOOL on_query_end(HWND hwnd)
{
    return closing_query_end(window_of(hwnd));
}

static void on_end(HWND hwnd, BOOL ending)
{
    closing_end(window_of(hwnd), ending);
}

static void on_show_request(struct main_window *w)
{
    if (IsIconic(w->hwnd))
        ShowWindow(w->hwnd, SW_RESTORE);
    SetForegroundWindow(GetLastActivePopup(w->hwnd));
}

static LRESULT on_app(struct main_window *w, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case MAIN_VIEW:
        return show_view(w), 0;
    case MAIN_COUNTS:
        return show_counts(w), 0;
    case MAIN_SHOW:
        return on_show_request(w), 0;
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
        HANDLE_MSG(hwnd, WM_INITMENUPOPUP, on_menu_popup);
        HANDLE_MSG(hwnd, WM_TIMER, on_timer);
        HANDLE_MSG(hwnd, WM_ACTIVATE, on_activate);
        HANDLE_MSG(hwnd, WM_CLOSE, on_close);
        HANDLE_MSG(hwnd, WM_HOTKEY, on_hotkey);
        HANDLE_MSG(hwnd, WM_DESTROY, on_destroy);
        HANDLE_MSG(hwnd, WM_QUERYENDSESSION, on_query_end);
        HANDLE_MSG(hwnd, WM_ENDSESSION, on_end);
    case WM_NOTIFY:
        return on_notify(hwnd, (int)wParam, (NMHDR *)lParam);
    case WM_DROPFILES:
        return results_dropped(window_of(hwnd), (void *)wParam), 0;
    case WM_COPYDATA:
        return results_received(window_of(hwnd), (const COPYDATASTRUCT *)lParam);
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

/* The class has a procedure of its own; but without this one no WM_INITDIALOG would be sent. */
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
                     .lpszClassName = MAIN_WINDOW_CLASS};
    if (!RegisterClassExW(&c))
        return win_fail(err, "Registering a window class", "HandleRecorderMain");
    return splitter_register(instance, err) && editor_register(instance, err);
}

static bool make_window(struct main_window *w, struct err *err)
{
    if (!register_class(w->instance, err))
        return false;
    if (!CreateDialogParamW(w->instance, MAKEINTRESOURCEW(IDD_MAIN), NULL, no_dialog_proc, (LPARAM)w))
        return win_fail(err, "Making the main window", "");
    if (!w->hwnd)
        return err_set(err, ERR_STATE, "Making the main window");
    if (!make_lists(w, err))
        return false;
    name_controls(w);
    use_look(w);
    RECT first = layout_first_place(w);
    SetWindowPos(w->hwnd, NULL, first.left, first.top, first.right - first.left, first.bottom - first.top,
                 SWP_NOZORDER | SWP_NOACTIVATE);
    layout_all(w);
    return true;
}

static bool start_services(struct main_window *w, struct err *err)
{
    if (!services_start(&w->services, post_view, post_counts, w, err))
        return false;
    char rates[TRACE_PATH_MAX];
    if (services_rates_file(rates, NULL))
        span_rates_load(rates, &w->rates); /* else none was measured yet */
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
    w->instance = instance;
    w->options = options;
    w->split = 0.6;
    w->chart_wanted = true;
    if (!profiles_load(&w->profiles, options, &w->profile, &w->profile_changed, err) || !make_window(w, err) ||
        !start_services(w, err)) {
        main_window_destroy(w);
        return false;
    }
    w->wpa = shell_has_wpa();
    command_fill_profiles(w);
    show_view(w);
    show_selection(w);
    SetTimer(w->hwnd, CLOCK_TIMER, CLOCK_EVERY_MS, NULL);
    if (options->record)
        PostMessageW(w->hwnd, MAIN_START, 0, 0);
    if (options->file_count)
        PostMessageW(w->hwnd, MAIN_OPEN, 0, 0);
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
    span_job_end(w->measuring, &w->rates);
    if (IsWindow(w->hwnd))
        DestroyWindow(w->hwnd);
    type_list_destroy(w->types);
    process_list_destroy(w->procs);
    chart_destroy(w->chart);
    layout_free_fonts(w);
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
