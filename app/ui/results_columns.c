/* "Customize...": which columns rows are grouped by, and in which order. */
#include "ui/results_inside.h"
#include "ui/words.h"

#include <string.h>
#include <windowsx.h>

struct form {
    HWND hwnd;
    struct result_view *view;
    enum result_column order[RESULT_COLUMN_COUNT]; /* of the rows */
    bool filling;
};

static struct form *form_of(HWND hwnd)
{
    return (struct form *)GetWindowLongPtrW(hwnd, DWLP_USER);
}

static HWND list_of(const struct form *f)
{
    return GetDlgItem(f->hwnd, IDC_COLUMNS_LIST);
}

static bool ticked(const struct form *f, int row)
{
    return ListView_GetCheckState(list_of(f), row) != 0;
}

static void tick(const struct form *f, int row, bool on)
{
    LVITEMW item = {.stateMask = LVIS_STATEIMAGEMASK, .state = INDEXTOSTATEIMAGEMASK(on ? 2u : 1u)};
    SendMessageW(list_of(f), LVM_SETITEMSTATE, (WPARAM)row, (LPARAM)&item);
}

static int selected(const struct form *f)
{
    return ListView_GetNextItem(list_of(f), -1, LVNI_SELECTED);
}

static void set_row(const struct form *f, int row)
{
    WCHAR name[80];
    lstrcpynW(name, words_wide(WORD_RESULT_COLUMN + (unsigned)f->order[row]), 80);
    LVITEMW item = {.iSubItem = 0, .pszText = name};
    SendMessageW(list_of(f), LVM_SETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
}

static void show_buttons(const struct form *f)
{
    int row = selected(f);
    int any = 0;
    for (int i = 0; i < RESULT_COLUMN_COUNT; i++)
        any += ticked(f, i);
    bool up = row > 0;
    bool down = row >= 0 && row + 1 < RESULT_COLUMN_COUNT;
    const struct {
        int id;
        bool on;
    } rows[] = {{IDC_COLUMNS_UP, up}, {IDC_COLUMNS_DOWN, down}};
    for (size_t i = 0; i < 2; i++) {
        HWND button = GetDlgItem(f->hwnd, rows[i].id);
        if (!rows[i].on && GetFocus() == button)
            SetFocus(list_of(f));
        EnableWindow(button, rows[i].on);
    }
    words_set_wide(GetDlgItem(f->hwnd, IDC_COLUMNS_PROBLEM), any ? L"" : words_wide(IDS_COLUMNS_NONE));
}

/* Those in use first, in their order. */
static void take_order(struct form *f)
{
    bool used[RESULT_COLUMN_COUNT] = {false};
    unsigned n = 0;
    for (unsigned i = 0; i < f->view->level_count; i++) {
        f->order[n++] = f->view->levels[i];
        used[f->view->levels[i]] = true;
    }
    for (int c = 0; c < RESULT_COLUMN_COUNT; c++)
        if (!used[c])
            f->order[n++] = (enum result_column)c;
}

static BOOL on_init(HWND hwnd, HWND focus, LPARAM lParam)
{
    (void)focus;
    struct form *f = (struct form *)lParam;
    f->hwnd = hwnd;
    SetWindowLongPtrW(hwnd, DWLP_USER, lParam);
    HWND list = list_of(f);
    RECT client;
    GetClientRect(list, &client);
    f->filling = true;
    ListView_SetExtendedListViewStyle(list, LVS_EX_CHECKBOXES | LVS_EX_FULLROWSELECT);
    LVCOLUMNW column = {.mask = LVCF_WIDTH, .cx = client.right};
    SendMessageW(list, LVM_INSERTCOLUMNW, 0, (LPARAM)&column);
    take_order(f);
    for (int i = 0; i < RESULT_COLUMN_COUNT; i++) {
        LVITEMW item = {.mask = LVIF_TEXT, .iItem = i, .pszText = (WCHAR *)L""};
        SendMessageW(list, LVM_INSERTITEMW, 0, (LPARAM)&item);
        set_row(f, i);
        tick(f, i, (unsigned)i < f->view->level_count);
    }
    ListView_SetItemState(list, 0, LVIS_SELECTED | LVIS_FOCUSED, LVIS_SELECTED | LVIS_FOCUSED);
    f->filling = false;
    show_buttons(f);
    SetFocus(list);
    return FALSE;
}

static void move(struct form *f, int by)
{
    int row = selected(f);
    int to = row + by;
    if (row < 0 || to < 0 || to >= RESULT_COLUMN_COUNT)
        return;
    enum result_column column = f->order[row];
    bool was = ticked(f, row);
    bool other = ticked(f, to);
    f->order[row] = f->order[to];
    f->order[to] = column;
    f->filling = true;
    set_row(f, row);
    set_row(f, to);
    tick(f, row, other);
    tick(f, to, was);
    ListView_SetItemState(list_of(f), to, LVIS_SELECTED | LVIS_FOCUSED, LVIS_SELECTED | LVIS_FOCUSED);
    f->filling = false;
    show_buttons(f);
}

static void done(struct form *f)
{
    unsigned n = 0;
    enum result_column levels[RESULT_COLUMN_COUNT];
    for (int i = 0; i < RESULT_COLUMN_COUNT; i++)
        if (ticked(f, i))
            levels[n++] = f->order[i];
    if (!n) {
        show_buttons(f);
        SetFocus(list_of(f));
        return;
    }
    memcpy(f->view->levels, levels, sizeof levels);
    f->view->level_count = n;
    EndDialog(f->hwnd, IDOK);
}

static void on_command(HWND hwnd, int id, HWND control, UINT code)
{
    (void)control;
    (void)code;
    struct form *f = form_of(hwnd);
    switch (id) {
    case IDC_COLUMNS_UP:
        move(f, -1);
        break;
    case IDC_COLUMNS_DOWN:
        move(f, 1);
        break;
    case IDOK:
        done(f);
        break;
    case IDCANCEL:
        EndDialog(hwnd, IDCANCEL);
        break;
    default:
        break;
    }
}

static INT_PTR CALLBACK form_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case WM_INITDIALOG:
        return HANDLE_WM_INITDIALOG(hwnd, wParam, lParam, on_init);
    case WM_COMMAND:
        HANDLE_WM_COMMAND(hwnd, wParam, lParam, on_command);
        return TRUE;
    case WM_NOTIFY:
        if (form_of(hwnd) && !form_of(hwnd)->filling && ((NMHDR *)lParam)->code == LVN_ITEMCHANGED)
            show_buttons(form_of(hwnd));
        return FALSE;
    default:
        return FALSE;
    }
}

bool results_ask_columns(struct results_window *w, struct result_view *view)
{
    struct form f = {.view = view};
    return DialogBoxParamW(w->base.instance, MAKEINTRESOURCEW(IDD_COLUMNS), w->base.hwnd, form_proc, (LPARAM)&f) ==
           IDOK;
}
