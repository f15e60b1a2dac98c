/* What buttons, menus and keys of the results window do. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/report/result_command.h"
#include "core/report/system_modules.h"
#include "ui/clipboard.h"
#include "ui/message.h"
#include "ui/results_inside.h"
#include "ui/shell.h"
#include "ui/trace_files.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>

static void note(struct results_window *w, unsigned text)
{
    text_clear(&w->note);
    text_add(&w->note, words_utf8(text));
    results_show_state(w);
}

static void put_on_clipboard(struct results_window *w, struct text *t, unsigned done)
{
    bool ok = !t->failed && clipboard_put(w->base.hwnd, text_str(t));
    text_free(t);
    note(w, ok ? done : IDS_RESULTS_NOT_COPIED);
}

static void copy(struct results_window *w)
{
    HWND focus = GetFocus();
    if (focus == GetDlgItem(w->base.hwnd, IDC_RESULTS_FILTER)) {
        SendMessageW(focus, WM_COPY, 0, 0);
        return;
    }
    DWORD from = 0;
    DWORD to = 0;
    SendDlgItemMessageW(w->base.hwnd, IDC_RESULTS_STACK, EM_GETSEL, (WPARAM)&from, (LPARAM)&to);
    if (focus == GetDlgItem(w->base.hwnd, IDC_RESULTS_STACK) && from != to) {
        SendMessageW(focus, WM_COPY, 0, 0);
        return;
    }
    uint32_t row = results_list_selected(w);
    struct text t = {0};
    if (row == UINT32_MAX)
        return;
    result_add_copy(&w->tree, row, words_locale(), &t);
    put_on_clipboard(w, &t, IDS_RESULTS_COPIED);
}

static void copy_all(struct results_window *w)
{
    struct text t = {0};
    if (!w->set)
        return;
    result_add_copy_all(&w->tree, words_locale(), &t);
    put_on_clipboard(w, &t, IDS_RESULTS_COPIED_ALL);
}

static void copy_etwanalyzer(struct results_window *w)
{
    struct text t = {0};
    if (!w->set)
        return;
    result_add_etwanalyzer(&w->tree, results_list_selected(w), w->files[0], &t);
    put_on_clipboard(w, &t, IDS_RESULTS_COPIED_LINE);
}

static const struct {
    struct file_dialog_type type;
    const char *extension;
    enum report_format format;
} exports[] = {
    {{IDS_RESULTS_ANY, L"*.*", NULL}, ".html", REPORT_HTML},
    {{IDS_RESULTS_HTML, L"*.html", NULL}, ".html", REPORT_HTML},
    {{IDS_RESULTS_CSV, L"*.csv", NULL}, ".csv", REPORT_CSV},
    {{IDS_RESULTS_JSON, L"*.json", NULL}, ".json", REPORT_JSON},
    {{IDS_RESULTS_TEXT, L"*.txt", NULL}, ".txt", REPORT_TEXT},
};
#define EXPORTS (sizeof exports / sizeof exports[0])

/* trace.etl: trace.html */
static WCHAR *proposed_name(const struct results_window *w)
{
    const char *name = module_file_name(w->files[0]);
    const char *dot = strrchr(name, '.');
    struct text t = {0};
    text_add_n(&t, name, dot ? (size_t)(dot - name) : strlen(name));
    text_add(&t, exports[0].extension);
    WCHAR *wide = t.failed ? NULL : utf16_from_utf8(text_str(&t));
    text_free(&t);
    return wide;
}

static bool confirm(struct results_window *w)
{
    const struct message m = {.title = IDS_REPLACE_TITLE,
                              .title_arg = module_file_name(w->saved_to),
                              .icon = TD_WARNING_ICON,
                              .buttons = {{IDYES, IDS_REPLACE_YES}, {IDCANCEL, IDS_REPLACE_NO}},
                              .count = 2,
                              .preferred = IDCANCEL};
    return message_ask(w->base.hwnd, &m) == IDYES;
}

/* What the name ends with says the form; a name that says nothing gets the chosen type's ending, and the dialog has not
 * asked about that file. False: do not write. */
static bool choose_format(struct results_window *w, unsigned type, enum report_format *format)
{
    const char *dot = strrchr(module_file_name(w->saved_to), '.');
    for (size_t i = 0; dot && i < EXPORTS; i++) {
        if (text_casecmp(dot, exports[i].extension) == 0) {
            *format = exports[i].format;
            return true;
        }
    }
    size_t length = strlen(w->saved_to);
    *format = exports[type].format;
    if (!text_put(w->saved_to + length, sizeof w->saved_to - length, exports[type].extension))
        return false;
    return !file_exists(w->saved_to) || confirm(w);
}

static void export_report(struct results_window *w)
{
    if (!w->set || w->job)
        return;
    struct file_dialog d = {.title = IDS_RESULTS_EXPORT_TITLE, .type_count = EXPORTS};
    enum report_format format = REPORT_HTML;
    for (size_t i = 0; i < EXPORTS; i++)
        d.types[i] = exports[i].type;
    WCHAR *name = proposed_name(w);
    d.name = name;
    bool chosen =
        file_dialog_save(w->base.hwnd, &d, w->saved_to, sizeof w->saved_to) && choose_format(w, d.type, &format);
    free(name);
    if (chosen && w->set && !w->job)
        results_export(w, format);
}

static void cancel(struct results_window *w)
{
    if (!w->job)
        return;
    w->cancelling = true;
    result_job_cancel(w->job);
    results_show_state(w);
}

/* Esc: clears the filter, and does nothing else. */
static void clear_filter(struct results_window *w)
{
    if (w->filter.len || GetWindowTextLengthW(GetDlgItem(w->base.hwnd, IDC_RESULTS_FILTER)))
        SetDlgItemTextW(w->base.hwnd, IDC_RESULTS_FILTER, L"");
}

static void go_to_filter(struct results_window *w)
{
    HWND filter = GetDlgItem(w->base.hwnd, IDC_RESULTS_FILTER);
    if (!IsWindowEnabled(filter))
        return;
    SetFocus(filter);
    SendMessageW(filter, EM_SETSEL, 0, -1);
}

static void only_leaks(struct results_window *w)
{
    results_rebuild(w);
    results_show_state(w);
}

static void open_in_wpa(struct results_window *w)
{
    struct err err = {0};
    if (!w->file_count)
        return;
    if (shell_has_wpa()) {
        if (!shell_open_in_wpa(w->files[0], &err))
            message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
        return;
    }
    struct message m = {.title = IDS_WPA_TITLE,
                        .content = words_utf8(IDS_WPA_TEXT),
                        .icon = TD_INFORMATION_ICON,
                        .links = true,
                        .buttons = {{IDYES, IDS_WPA_STORE}, {IDCANCEL, IDS_WPA_HERE}},
                        .count = 2,
                        .preferred = IDCANCEL};
    if (message_ask(w->base.hwnd, &m) == IDYES && !shell_get_wpa(&err))
        message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
}

static void show_in_folder(struct results_window *w)
{
    struct err err = {0};
    if (w->file_count && !shell_show_file(w->files[0], &err))
        message_error(w->base.hwnd, IDS_OPEN_FAILED, &err);
}

static void open_trace(struct results_window *w)
{
    char *files[FILE_DIALOG_FILES];
    unsigned count = 0;
    if (!trace_files_ask(w->base.hwnd, files, &count))
        return;
    results_window_open(w, (const char *const *)files, count);
    trace_files_free(files, count);
}

void results_drop(struct results_window *w, void *drop)
{
    char *files[FILE_DIALOG_FILES];
    unsigned count = trace_files_dropped(drop, files);
    if (count)
        results_window_open(w, (const char *const *)files, count);
    trace_files_free(files, count);
}

static void toggle_row(struct results_window *w)
{
    HWND list = GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST);
    uint32_t row = results_list_selected(w);
    if (row != UINT32_MAX)
        SendMessageW(list, WM_KEYDOWN, w->tree.nodes[w->tree.rows[row].node].unfolded ? VK_SUBTRACT : VK_ADD, 0);
}

static void more(struct results_window *w)
{
    RECT r;
    GetWindowRect(GetDlgItem(w->base.hwnd, IDC_RESULTS_MORE), &r);
    results_menu(w, r.left, r.bottom);
}

/* F6: list, stack, the controls above; and back. */
static void next_pane(struct results_window *w, int step)
{
    static const int panes[] = {IDC_RESULTS_GROUP, IDC_RESULTS_LIST, IDC_RESULTS_STACK};
    int now = 0;
    for (int i = 1; i < 3; i++)
        if (GetFocus() == GetDlgItem(w->base.hwnd, panes[i]))
            now = i;
    HWND to = GetDlgItem(w->base.hwnd, panes[(now + step + 3) % 3]);
    SetFocus(IsWindowEnabled(to) ? to : GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST));
}

static void pane_after(struct results_window *w)
{
    next_pane(w, 1);
}

static void pane_before(struct results_window *w)
{
    next_pane(w, -1);
}

/* Enter on a row. */
static void enter(struct results_window *w)
{
    if (GetFocus() == GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST))
        toggle_row(w);
    else if (GetFocus() == GetDlgItem(w->base.hwnd, IDC_RESULTS_FILTER))
        only_leaks(w);
    else if (SendMessageW(GetFocus(), WM_GETDLGCODE, 0, 0) & (DLGC_UNDEFPUSHBUTTON | DLGC_DEFPUSHBUTTON))
        PostMessageW(GetFocus(), BM_CLICK, 0, 0);
}

static const struct {
    int id;
    void (*run)(struct results_window *w);
} commands[] = {
    {IDOK, enter},
    {IDCANCEL, clear_filter},
    {IDC_RESULTS_ONLY, only_leaks},
    {IDC_RESULTS_COPY, copy},
    {IDC_RESULTS_EXPORT, export_report},
    {IDC_RESULTS_CANCEL, cancel},
    {IDC_RESULTS_MORE, more},
    {IDM_RESULTS_FOLD, toggle_row},
    {IDM_RESULTS_UNFOLD_ALL, results_list_unfold_all},
    {IDM_RESULTS_COPY, copy},
    {IDM_RESULTS_COPY_ALL, copy_all},
    {IDM_RESULTS_ETWANALYZER, copy_etwanalyzer},
    {IDM_RESULTS_WPA, open_in_wpa},
    {IDM_RESULTS_FOLDER, show_in_folder},
    {IDM_RESULTS_FILTER, go_to_filter},
    {IDM_RESULTS_EXPORT, export_report},
    {IDM_OPEN, open_trace},
    {IDM_NEXT_PANE, pane_after},
    {IDM_PREV_PANE, pane_before},
};

void results_command(struct results_window *w, int id)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].id == id)
            commands[i].run(w);
}

static void menu_state(const struct results_window *w, HMENU menu)
{
    uint32_t row = results_list_selected(w);
    const struct {
        UINT id;
        bool on;
    } rows[] = {
        {IDM_RESULTS_FOLD, row != UINT32_MAX && result_tree_can_unfold(&w->tree, row)},
        {IDM_RESULTS_UNFOLD_ALL, w->set && w->tree.count},
        {IDM_RESULTS_COPY, row != UINT32_MAX},
        {IDM_RESULTS_COPY_ALL, w->set && w->tree.count},
        {IDM_RESULTS_ETWANALYZER, w->set != NULL},
        {IDM_RESULTS_WPA, w->file_count != 0},
        {IDM_RESULTS_FOLDER, w->file_count != 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        EnableMenuItem(menu, rows[i].id, (UINT)(MF_BYCOMMAND | (rows[i].on ? MF_ENABLED : MF_GRAYED)));
}

/* From the key: at the selected row. */
static void menu_place(const struct results_window *w, POINT *p)
{
    HWND list = GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST);
    RECT r = {.left = LVIR_LABEL};
    uint32_t row = results_list_selected(w);
    p->x = 0;
    p->y = 0;
    if (row != UINT32_MAX && SendMessageW(list, LVM_GETITEMRECT, row, (LPARAM)&r)) {
        p->x = r.left;
        p->y = r.bottom;
    }
    ClientToScreen(list, p);
}

void results_menu(struct results_window *w, int x, int y)
{
    POINT p = {x, y};
    HMENU all = LoadMenuW(w->base.instance, MAKEINTRESOURCEW(IDR_RESULTS));
    HMENU menu = all ? GetSubMenu(all, 0) : NULL;
    if (x == -1 && y == -1)
        menu_place(w, &p);
    if (menu) {
        menu_state(w, menu);
        UINT flags = TPM_RETURNCMD | TPM_RIGHTBUTTON | (GetSystemMetrics(SM_MENUDROPALIGNMENT) ? TPM_RIGHTALIGN : 0);
        int id = TrackPopupMenu(menu, flags, p.x, p.y, 0, w->base.hwnd, NULL);
        DestroyMenu(all);
        if (id)
            PostMessageW(w->base.hwnd, WM_COMMAND, (WPARAM)id, 0);
    } else if (all) {
        DestroyMenu(all);
    }
}
