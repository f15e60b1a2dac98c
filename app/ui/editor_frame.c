/* The editor's frame: tabs and pages, OK and Cancel, what is said at its foot. */
#include "ui/editor_dialog.h"

#include "core/base/text.h"
#include "ui/message.h"
#include "ui/slots_bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windowsx.h>

/* Of the window's thread: the editor on the screen, for the key hook; one at a time, as it is modal. */
static struct editor_dialog *shown_editor;

static struct editor_dialog *dialog_of(HWND hwnd)
{
    return (struct editor_dialog *)GetWindowLongPtrW(hwnd, DWLP_USER);
}

/* --- pages --- */

static enum editor_page page_now(const struct editor_dialog *d)
{
    int at = (int)SendDlgItemMessageW(d->hwnd, IDC_ED_TABS, TCM_GETCURSEL, 0, 0);
    return at >= 0 && at < EDITOR_PAGES ? (enum editor_page)at : EDITOR_PAGE_GENERAL;
}

static void show_page(const struct editor_dialog *d)
{
    enum editor_page now = page_now(d);
    for (int i = 0; i < EDITOR_PAGES; i++)
        if (i != (int)now)
            ShowWindow(d->pages[i], SW_HIDE);
    ShowWindow(d->pages[now], SW_SHOW);
}

static void go_to_page(const struct editor_dialog *d, enum editor_page page)
{
    SendDlgItemMessageW(d->hwnd, IDC_ED_TABS, TCM_SETCURSEL, (WPARAM)page, 0);
    show_page(d);
}

/* Ctrl+Tab and Ctrl+PageDown: the focus goes with the page, unless the tabs have it. */
static void turn_page(const struct editor_dialog *d, int step)
{
    HWND tabs = GetDlgItem(d->hwnd, IDC_ED_TABS);
    int to = ((int)page_now(d) + step + EDITOR_PAGES) % EDITOR_PAGES;
    bool on_tabs = GetFocus() == tabs;
    go_to_page(d, (enum editor_page)to);
    HWND first = GetNextDlgTabItem(d->pages[to], NULL, FALSE);
    SetFocus(on_tabs || !first ? tabs : first);
}

/* Pages come first and the tabs last, as in property sheets: so no page is below the tabs on the screen, and from the
 * last button Tab goes on to the tabs, and from them into the page. */
static void place_pages(const struct editor_dialog *d)
{
    HWND tabs = GetDlgItem(d->hwnd, IDC_ED_TABS);
    RECT r;
    GetWindowRect(tabs, &r);
    MapWindowPoints(NULL, d->hwnd, (POINT *)&r, 2);
    SendMessageW(tabs, TCM_ADJUSTRECT, FALSE, (LPARAM)&r);
    for (int i = EDITOR_PAGES - 1; i >= 0; i--)
        SetWindowPos(d->pages[i], HWND_TOP, r.left, r.top, r.right - r.left, r.bottom - r.top, SWP_NOACTIVATE);
    SetWindowPos(tabs, HWND_BOTTOM, 0, 0, 0, 0, SWP_NOMOVE | SWP_NOSIZE | SWP_NOACTIVATE);
}

/* --- texts --- */

void editor_show_texts(struct editor_dialog *d)
{
    const struct view_locale *l = words_locale();
    char text[700];
    editor_notice(&d->e, l, text, sizeof text);
    words_set(GetDlgItem(d->hwnd, IDC_ED_NOTICE), text);
    editor_estimate(&d->e, l, text, sizeof text);
    words_set(GetDlgItem(d->hwnd, IDC_ED_ESTIMATE), text);
    static const struct {
        int id;
        unsigned stack;
    } costs[] = {{IDC_CREATE_NOTE, PROFILE_STACK_CREATE},
                 {IDC_DUPLICATE_NOTE, PROFILE_STACK_DUPLICATE},
                 {IDC_CLOSE_NOTE, PROFILE_STACK_CLOSE}};
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        editor_cost(&d->e, costs[i].stack, l, text, sizeof text);
        words_set(GetDlgItem(d->pages[EDITOR_PAGE_STACKS], costs[i].id), text);
    }
}

static void show_file(const struct editor_dialog *d)
{
    HWND page = d->pages[EDITOR_PAGE_GENERAL];
    bool has = d->wish->file && d->e.mode != EDITOR_NEW; /* a copy has none yet */
    const char *file = has ? d->wish->file : "";
    words_set(GetDlgItem(page, IDC_ED_FILE), file);
    ShowWindow(GetDlgItem(page, IDC_ED_FILE_LABEL), has ? SW_SHOW : SW_HIDE);
}

static void show_mode(struct editor_dialog *d)
{
    bool foreign = d->e.mode == EDITOR_FOREIGN;
    HWND copy = GetDlgItem(d->hwnd, IDC_ED_COPY);
    SetWindowTextW(d->hwnd, words_wide(IDS_ED_TITLE + (unsigned)d->e.mode));
    ShowWindow(copy, foreign ? SW_SHOW : SW_HIDE);
    EnableWindow(copy, foreign);
    show_file(d);
}

static void show_all(struct editor_dialog *d)
{
    show_mode(d);
    fields_put(d);
    list_put(d);
    fields_show(d);
    editor_show_texts(d);
}

/* --- OK, Cancel, a copy --- */

static bool ask(const struct editor_dialog *d, struct message *m)
{
    m->count = 2;
    m->icon = TD_WARNING_ICON;
    return message_ask(d->hwnd, m) == IDYES;
}

static bool may_lose(const struct editor_dialog *d)
{
    if (!editor_changed(&d->e))
        return true;
    unsigned text = d->e.mode == EDITOR_RUNNING ? IDS_ED_CANCEL_TEXT_RUNNING
                    : d->e.mode == EDITOR_NEW   ? IDS_ED_CANCEL_TEXT_NEW
                                                : IDS_ED_CANCEL_TEXT;
    char content[400];
    const char *args[] = {d->e.profile.name};
    view_fill(content, sizeof content, words_utf8(text), args, 1);
    struct message m = {.title = IDS_ED_CANCEL_TITLE,
                        .content = content,
                        .buttons = {{IDYES, IDS_ED_CANCEL_YES}, {IDCANCEL, IDS_ED_CANCEL_NO}},
                        .preferred = IDCANCEL};
    return ask(d, &m);
}

/* A foreign profile's copy: what will not be in it is told before it is saved. */
static bool may_leave_out(const struct editor_dialog *d)
{
    if (!d->e.profile.foreign)
        return true;
    struct message m = {.title = IDS_ED_LEFT_OUT_TITLE,
                        .content = d->e.profile.left_out,
                        .buttons = {{IDYES, IDS_ED_LEFT_OUT_YES}, {IDCANCEL, IDS_ED_LEFT_OUT_NO}},
                        .preferred = IDYES};
    return ask(d, &m);
}

static void show_error(struct editor_dialog *d, enum profile_field field)
{
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        d->looked[i] = true;
    go_to_page(d, editor_page_of(field));
    fields_show(d);
    fields_focus(d, field);
    MessageBeep(MB_OK);
}

static void accept(struct editor_dialog *d)
{
    bool changed = d->e.mode == EDITOR_NEW || d->wish->unsaved || editor_changed(&d->e);
    bool same = d->e.mode == EDITOR_FOREIGN || !changed;
    if (same) {
        EndDialog(d->hwnd, IDCANCEL);
        return;
    }
    enum profile_field wrong = editor_first_error(&d->e);
    if (wrong != PROFILE_FIELD_COUNT) {
        show_error(d, wrong);
        return;
    }
    struct profile p;
    struct err err = {0};
    editor_take(&d->e, &p);
    if (!may_leave_out(d))
        return;
    d->done = !d->wish->save || d->wish->save(d->wish->ctx, &p, &err);
    if (d->done)
        EndDialog(d->hwnd, IDOK);
    else
        message_error(d->hwnd, IDS_ED_SAVE_FAILED, &err);
}

static void cancel(const struct editor_dialog *d)
{
    if (may_lose(d))
        EndDialog(d->hwnd, IDCANCEL);
}

/* "Event (copy)", "Event (copy 2)"...: the first that no profile has. */
static void name_copy(const struct editor_facts *f, const char *name, char out[PROFILE_NAME_MAX])
{
    for (unsigned n = 1; n < 1000; n++) {
        char number[16];
        snprintf(number, sizeof number, "%u", n);
        const char *args[] = {name, number};
        view_fill(out, PROFILE_NAME_MAX, words_utf8(n == 1 ? IDS_ED_COPY_OF : IDS_ED_COPY_OF_MORE), args, 2);
        if (!f->name_taken || !f->name_taken(f->ctx, out))
            return;
    }
}

static void make_copy(struct editor_dialog *d)
{
    char name[PROFILE_NAME_MAX];
    if (d->e.mode != EDITOR_FOREIGN)
        return;
    name_copy(&d->e.facts, d->e.profile.name, name);
    editor_make_copy(&d->e, name);
    show_all(d);
    go_to_page(d, EDITOR_PAGE_GENERAL);
    fields_focus(d, PROFILE_FIELD_NAME);
}

/* --- messages of the pages --- */

static void on_page_command(HWND page, int id, HWND control, UINT code)
{
    (void)control;
    struct editor_dialog *d = dialog_of(page);
    if (!d)
        return;
    if (id == IDC_SEARCH && code == EN_CHANGE)
        list_searched(d);
    else
        fields_command(d, id, code);
}

static INT_PTR on_page_notify(HWND page, const NMHDR *h)
{
    struct editor_dialog *d = dialog_of(page);
    LRESULT result = 0;
    if (!d || !list_notify(d, h, &result))
        return FALSE;
    SetWindowLongPtrW(page, DWLP_MSGRESULT, result);
    return TRUE;
}

/* On a tab's own ground, not on the dialog's grey. */
typedef HRESULT(WINAPI *dialog_texture_fn)(HWND, DWORD);

static BOOL on_page_init(HWND page, HWND focus, LPARAM lParam)
{
    (void)focus;
    dialog_texture_fn texture = (dialog_texture_fn)win_system_proc(L"uxtheme.dll", "EnableThemeDialogTexture");
    SetWindowLongPtrW(page, DWLP_USER, lParam);
    if (texture)
        texture(page, 6 /* ETDT_ENABLETAB */);
    return FALSE;
}

static INT_PTR CALLBACK page_proc(HWND page, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case WM_INITDIALOG:
        return HANDLE_WM_INITDIALOG(page, wParam, lParam, on_page_init);
    case WM_COMMAND:
        HANDLE_WM_COMMAND(page, wParam, lParam, on_page_command);
        return TRUE;
    case WM_NOTIFY:
        return on_page_notify(page, (const NMHDR *)lParam);
    default:
        return FALSE;
    }
}

/* --- messages of the frame --- */

static bool make_pages(struct editor_dialog *d)
{
    HINSTANCE instance = GetModuleHandleW(NULL);
    HWND tabs = GetDlgItem(d->hwnd, IDC_ED_TABS);
    for (int i = 0; i < EDITOR_PAGES; i++) {
        TCITEMW tab = {.mask = TCIF_TEXT, .pszText = (WCHAR *)words_wide(IDS_ED_TAB + (unsigned)i)};
        SendMessageW(tabs, TCM_INSERTITEMW, (WPARAM)i, (LPARAM)&tab);
        d->pages[i] =
            CreateDialogParamW(instance, MAKEINTRESOURCEW(IDD_EDITOR_GENERAL + i), d->hwnd, page_proc, (LPARAM)d);
        if (!d->pages[i])
            return false;
    }
    place_pages(d);
    return true;
}

static BOOL on_init(HWND hwnd, HWND focus, LPARAM lParam)
{
    (void)focus;
    struct editor_dialog *d = (struct editor_dialog *)lParam;
    SetWindowLongPtrW(hwnd, DWLP_USER, lParam);
    d->hwnd = hwnd;
    if (!make_pages(d) || !list_init(d)) {
        EndDialog(hwnd, IDABORT);
        return FALSE;
    }
    fields_init(d);
    show_all(d);
    go_to_page(d, d->wish->page);
    HWND first = GetNextDlgTabItem(d->pages[d->wish->page], NULL, FALSE);
    if (d->wish->page == EDITOR_PAGE_TYPES && d->e.now.only_types)
        first = GetDlgItem(d->pages[EDITOR_PAGE_TYPES], IDC_TYPE_LIST);
    SetFocus(first && d->e.mode != EDITOR_FOREIGN ? first : GetDlgItem(hwnd, IDC_ED_TABS));
    return FALSE;
}

static void on_command(HWND hwnd, int id, HWND control, UINT code)
{
    (void)control;
    (void)code;
    struct editor_dialog *d = dialog_of(hwnd);
    if (id == IDOK)
        accept(d);
    else if (id == IDCANCEL)
        cancel(d);
    else if (id == IDC_ED_COPY)
        make_copy(d);
}

static void on_dpi_changed(HWND hwnd)
{
    place_pages(dialog_of(hwnd));
}

static INT_PTR CALLBACK frame_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case WM_INITDIALOG:
        return HANDLE_WM_INITDIALOG(hwnd, wParam, lParam, on_init);
    case WM_COMMAND:
        HANDLE_WM_COMMAND(hwnd, wParam, lParam, on_command);
        return TRUE;
    case WM_NOTIFY:
        if (((const NMHDR *)lParam)->code == (UINT)TCN_SELCHANGE)
            show_page(dialog_of(hwnd));
        return FALSE;
    case WM_DPICHANGED:
        on_dpi_changed(hwnd);
        return FALSE;
    default:
        return FALSE;
    }
}

/* --- keys that the dialog manager does not know --- */

static int page_step(const MSG *m)
{
    if (m->message != WM_KEYDOWN || GetKeyState(VK_CONTROL) >= 0)
        return 0;
    if (m->wParam == VK_TAB)
        return GetKeyState(VK_SHIFT) < 0 ? -1 : 1;
    return m->wParam == VK_NEXT ? 1 : m->wParam == VK_PRIOR ? -1 : 0;
}

/* An edit control of several lines takes Enter and Esc for its own parent, which is a page. */
static int button_for(const struct editor_dialog *d, const MSG *m)
{
    bool lines = m->hwnd == GetDlgItem(d->pages[EDITOR_PAGE_GENERAL], IDC_ED_DESCRIPTION);
    if (!lines || m->message != WM_KEYDOWN)
        return 0;
    return m->wParam == VK_RETURN ? IDOK : m->wParam == VK_ESCAPE ? IDCANCEL : 0;
}

static bool take_key(const struct editor_dialog *d, const MSG *m)
{
    int step = page_step(m);
    int button = button_for(d, m);
    if (!IsChild(d->hwnd, m->hwnd) || (!step && !button))
        return false;
    if (step)
        turn_page(d, step);
    else
        PostMessageW(d->hwnd, WM_COMMAND, (WPARAM)button, 0);
    return true;
}

static LRESULT CALLBACK on_key(int code, WPARAM wParam, LPARAM lParam)
{
    if (code == MSGF_DIALOGBOX && shown_editor && take_key(shown_editor, (const MSG *)lParam))
        return 1;
    return CallNextHookEx(NULL, code, wParam, lParam);
}

bool editor_register(struct err *err)
{
    return slots_bar_register(err);
}

static bool open_editor(struct editor_dialog *d, struct err *err)
{
    char copy[PROFILE_NAME_MAX] = "";
    const struct editor_wish *wish = d->wish;
    if (wish->mode == EDITOR_SHIPPED)
        name_copy(&wish->facts, wish->profile->name, copy);
    return editor_open(&d->e, wish->mode, wish->profile, copy[0] ? copy : NULL, &wish->facts, err);
}

bool editor_run(HINSTANCE instance, HWND owner, const struct editor_wish *wish)
{
    struct err err = {0};
    struct editor_dialog *d = calloc(1, sizeof *d);
    if (!d)
        return false;
    d->wish = wish;
    if (!open_editor(d, &err)) {
        free(d);
        message_error(owner, IDS_OPEN_FAILED, &err);
        return false;
    }
    shown_editor = d;
    HHOOK hook = SetWindowsHookExW(WH_MSGFILTER, on_key, NULL, GetCurrentThreadId());
    DialogBoxParamW(instance, MAKEINTRESOURCEW(IDD_EDITOR), owner, frame_proc, (LPARAM)d);
    if (hook)
        UnhookWindowsHookEx(hook);
    shown_editor = NULL;
    bool done = d->done;
    editor_close(&d->e);
    free(d);
    return done;
}
