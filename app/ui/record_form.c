/* The form's list: a check box a type; those that share a tag tick together, and a fifth tag cannot be ticked. */
#include "ui/record_form.h"

#include "core/record/type_pick.h"
#include "ui/words.h"

#include <commctrl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windowsx.h>

enum column { COLUMN_TYPE, COLUMN_NOW, COLUMN_NOTE };

struct form {
    HWND hwnd;
    struct record_form *data;
    uint32_t *tags; /* of each row */
    int rows;
    bool filling; /* ticks come from us */
};

static struct form *form_of(HWND hwnd)
{
    return (struct form *)GetWindowLongPtrW(hwnd, DWLP_USER);
}

static HWND list_of(const struct form *f)
{
    return GetDlgItem(f->hwnd, IDC_TYPE_LIST);
}

static bool ticked(const struct form *f, int row)
{
    return ListView_GetCheckState(list_of(f), row) != 0;
}

static void tick(struct form *f, int row, bool on)
{
    LVITEMW item = {.stateMask = LVIS_STATEIMAGEMASK, .state = INDEXTOSTATEIMAGEMASK(on ? 2u : 1u)};
    SendMessageW(list_of(f), LVM_SETITEMSTATE, (WPARAM)row, (LPARAM)&item);
}

/* The distinct tags of the ticked rows, at most `cap`; returns how many there are. */
static unsigned used_tags(const struct form *f, uint32_t *out, unsigned cap)
{
    unsigned n = 0;
    for (int i = 0; i < f->rows; i++) {
        bool seen = false;
        for (int j = 0; j < i && !seen; j++)
            seen = f->tags[j] == f->tags[i];
        if (seen || !ticked(f, i))
            continue;
        if (n < cap)
            out[n] = f->tags[i];
        n++;
    }
    return n;
}

static bool only_these(const struct form *f)
{
    return IsDlgButtonChecked(f->hwnd, IDC_THESE_TYPES) == BST_CHECKED;
}

static void show_problem(const struct form *f, unsigned text)
{
    words_set_wide(GetDlgItem(f->hwnd, IDC_PROBLEM), text ? words_wide(text) : L"");
}

static void show_slots(const struct form *f)
{
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned n = only_these(f) ? used_tags(f, tags, PROFILE_MAX_TAGS) : 0;
    char number[16];
    snprintf(number, sizeof number, "%u", n);
    const char *args[] = {number};
    WCHAR *text = words_fill(IDS_SLOTS, args, 1);
    if (text) {
        words_set_wide(GetDlgItem(f->hwnd, IDC_SLOTS), text);
        words_set_wide(GetDlgItem(f->hwnd, IDC_SLOTS_BAR), text);
    }
    free(text);
    SendDlgItemMessageW(f->hwnd, IDC_SLOTS_BAR, PBM_SETPOS, n, 0);
}

static void show_stack_note(const struct form *f)
{
    bool create = IsDlgButtonChecked(f->hwnd, IDC_CREATE) == BST_CHECKED;
    show_problem(f, create ? 0 : IDS_NO_CREATE);
}

static void set_cell(const struct form *f, int row, int column, const char *utf8)
{
    WCHAR *text = utf16_from_utf8(utf8);
    LVITEMW item = {.iSubItem = column, .pszText = text};
    if (text)
        SendMessageW(list_of(f), LVM_SETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
    free(text);
}

static void show_count(const struct form *f, int row, const char *name)
{
    const struct snapshot *s = f->data->counts;
    const struct view_locale *l = words_locale();
    for (size_t i = 0; s && i < s->type_count; i++) {
        if (strcmp(s->types[i].name, name) != 0)
            continue;
        char number[48];
        l->number(l->self, s->types[i].open, number, sizeof number);
        set_cell(f, row, COLUMN_NOW, number);
        return;
    }
}

static void show_fellows(const struct form *f, int row, uint32_t tag)
{
    char first[SYS_TYPE_NAME_MAX];
    unsigned n = type_pick_of_tag(tag, f->data->counts, first);
    if (n < 2)
        return;
    char number[16];
    char text[120];
    snprintf(number, sizeof number, "%u", n);
    const char *args[] = {number};
    view_fill(text, sizeof text, words_utf8(IDS_TOGETHER), args, 1);
    set_cell(f, row, COLUMN_NOTE, text);
}

static bool add_row(void *ctx, const char *name, uint32_t tag)
{
    struct form *f = ctx;
    WCHAR *wide = utf16_from_utf8(name);
    uint32_t *tags = realloc(f->tags, ((size_t)f->rows + 1) * sizeof *tags);
    if (tags)
        f->tags = tags;
    if (wide && tags) {
        LVITEMW item = {.mask = LVIF_TEXT, .iItem = f->rows, .pszText = wide};
        SendMessageW(list_of(f), LVM_INSERTITEMW, 0, (LPARAM)&item);
        f->tags[f->rows] = tag;
        show_count(f, f->rows, name);
        show_fellows(f, f->rows, tag);
        f->rows++;
    }
    free(wide);
    return wide && tags;
}

static void add_columns(const struct form *f)
{
    static const struct {
        unsigned title;
        int format;
        int share; /* of a hundred */
    } columns[] = {
        {IDS_COLUMN_TYPE, LVCFMT_LEFT, 45}, {IDS_COLUMN_NOW, LVCFMT_RIGHT, 20}, {IDS_COLUMN_NOTE, LVCFMT_LEFT, 35}};
    RECT r;
    GetClientRect(list_of(f), &r);
    int width = r.right - GetSystemMetricsForDpi(SM_CXVSCROLL, GetDpiForWindow(f->hwnd));
    for (int i = 0; i < 3; i++) {
        LVCOLUMNW c = {.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_FMT,
                       .fmt = columns[i].format,
                       .cx = width * columns[i].share / 100,
                       .pszText = (WCHAR *)words_wide(columns[i].title)};
        SendMessageW(list_of(f), LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&c);
    }
}

static void tick_tag(struct form *f, uint32_t tag, bool on)
{
    f->filling = true;
    for (int i = 0; i < f->rows; i++)
        if (f->tags[i] == tag && ticked(f, i) != on)
            tick(f, i, on);
    f->filling = false;
}

static void fill(struct form *f)
{
    const struct record_form *d = f->data;
    static const struct {
        int id;
        unsigned bit;
    } stacks[] = {
        {IDC_CREATE, PROFILE_STACK_CREATE}, {IDC_DUPLICATE, PROFILE_STACK_DUPLICATE}, {IDC_CLOSE, PROFILE_STACK_CLOSE}};
    SendMessageW(list_of(f), LVM_SETEXTENDEDLISTVIEWSTYLE, 0,
                 LVS_EX_CHECKBOXES | LVS_EX_FULLROWSELECT | LVS_EX_DOUBLEBUFFER | LVS_EX_LABELTIP);
    add_columns(f);
    f->filling = true;
    type_pick_each(d->counts, add_row, f);
    f->filling = false;
    for (unsigned i = 0; i < d->tag_count; i++)
        tick_tag(f, d->tags[i], true);
    for (size_t i = 0; i < 3; i++)
        CheckDlgButton(f->hwnd, stacks[i].id, d->stacks & stacks[i].bit ? BST_CHECKED : BST_UNCHECKED);
    CheckRadioButton(f->hwnd, IDC_ALL_TYPES, IDC_THESE_TYPES, d->tag_count ? IDC_THESE_TYPES : IDC_ALL_TYPES);
    SendDlgItemMessageW(f->hwnd, IDC_SLOTS_BAR, PBM_SETRANGE32, 0, PROFILE_MAX_TAGS);
    ListView_SetItemState(list_of(f), 0, LVIS_FOCUSED | LVIS_SELECTED, LVIS_FOCUSED | LVIS_SELECTED);
    show_slots(f);
    show_stack_note(f);
}

/* A box was ticked or cleared by the user: its fellows follow; a fifth tag is taken back at once, and said. */
static void on_ticked(struct form *f, int row)
{
    bool on = ticked(f, row);
    uint32_t tags[PROFILE_MAX_TAGS];
    if (on && used_tags(f, tags, PROFILE_MAX_TAGS) > PROFILE_MAX_TAGS) {
        f->filling = true;
        tick(f, row, false);
        f->filling = false;
        show_problem(f, IDS_SLOTS_FULL);
        MessageBeep(MB_OK);
        return;
    }
    tick_tag(f, f->tags[row], on);
    if (on)
        CheckRadioButton(f->hwnd, IDC_ALL_TYPES, IDC_THESE_TYPES, IDC_THESE_TYPES);
    show_stack_note(f);
    show_slots(f);
}

static void accept(struct form *f)
{
    struct record_form d = *f->data;
    d.tag_count = only_these(f) ? used_tags(f, d.tags, PROFILE_MAX_TAGS) : 0;
    if (only_these(f) && d.tag_count == 0) {
        show_problem(f, IDS_NEED_TYPE);
        SetFocus(list_of(f));
        return;
    }
    d.stacks = 0;
    if (IsDlgButtonChecked(f->hwnd, IDC_CREATE) == BST_CHECKED)
        d.stacks |= PROFILE_STACK_CREATE;
    if (IsDlgButtonChecked(f->hwnd, IDC_DUPLICATE) == BST_CHECKED)
        d.stacks |= PROFILE_STACK_DUPLICATE;
    if (IsDlgButtonChecked(f->hwnd, IDC_CLOSE) == BST_CHECKED)
        d.stacks |= PROFILE_STACK_CLOSE;
    *f->data = d;
    EndDialog(f->hwnd, IDOK);
}

static BOOL on_init(HWND hwnd, HWND focus, LPARAM lParam)
{
    (void)focus;
    struct form *f = (struct form *)lParam;
    SetWindowLongPtrW(hwnd, DWLP_USER, lParam);
    f->hwnd = hwnd;
    SetWindowTextW(hwnd, words_wide(f->data->title));
    SetWindowTextW(list_of(f), words_wide(IDS_NAME_TYPES));
    fill(f);
    SetFocus(f->data->tag_count ? list_of(f) : GetDlgItem(hwnd, IDC_ALL_TYPES));
    return FALSE;
}

static void on_command(HWND hwnd, int id, HWND control, UINT code)
{
    (void)control;
    (void)code;
    struct form *f = form_of(hwnd);
    switch (id) {
    case IDOK:
        accept(f);
        break;
    case IDCANCEL:
        EndDialog(hwnd, IDCANCEL);
        break;
    case IDC_CREATE:
    case IDC_ALL_TYPES:
    case IDC_THESE_TYPES:
        show_stack_note(f);
        show_slots(f);
        break;
    default:
        break;
    }
}

static LRESULT on_notify(HWND hwnd, int id, NMHDR *h)
{
    struct form *f = form_of(hwnd);
    if (!f || f->filling || id != IDC_TYPE_LIST || h->code != LVN_ITEMCHANGED)
        return 0;
    const NMLISTVIEW *n = (const NMLISTVIEW *)h;
    if (n->iItem >= 0 && n->iItem < f->rows && ((n->uNewState ^ n->uOldState) & LVIS_STATEIMAGEMASK))
        on_ticked(f, n->iItem);
    return 0;
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
        on_notify(hwnd, (int)wParam, (NMHDR *)lParam);
        return FALSE;
    default:
        return FALSE;
    }
}

bool record_form_run(HINSTANCE instance, HWND owner, struct record_form *form)
{
    struct form f = {.data = form};
    INT_PTR ok = DialogBoxParamW(instance, MAKEINTRESOURCEW(IDD_RECORD), owner, form_proc, (LPARAM)&f);
    free(f.tags);
    return ok == IDOK;
}
