/* The page "What to record": types with boxes, a search, and the bar of slots. */
#include "ui/editor_dialog.h"
#include "ui/slots_bar.h"

#include <stdlib.h>

#include <uxtheme.h>
#include <vsstyle.h>

enum column { COLUMN_TYPE, COLUMN_NOW, COLUMN_TAG, COLUMN_NOTE, COLUMNS };

/* Places in the list of pictures; a row's state is one more. */
enum picture { PICTURE_CLEAR, PICTURE_TICKED, PICTURE_CLEAR_GREY, PICTURE_TICKED_GREY, PICTURES };

static HWND page_of(const struct editor_dialog *d)
{
    return d->pages[EDITOR_PAGE_TYPES];
}

static HWND list_of(const struct editor_dialog *d)
{
    return GetDlgItem(page_of(d), IDC_TYPE_LIST);
}

/* --- pictures of boxes --- */

typedef HTHEME(WINAPI *open_theme_fn)(HWND, PCWSTR);
typedef HRESULT(WINAPI *close_theme_fn)(HTHEME);
typedef HRESULT(WINAPI *draw_theme_fn)(HTHEME, HDC, int, int, const RECT *, const RECT *);

struct painter {
    HTHEME theme; /* NULL: the classic look */
    draw_theme_fn draw;
};

static struct painter painter_open(HWND window)
{
    struct painter p = {0};
    open_theme_fn open = (open_theme_fn)win_system_proc(L"uxtheme.dll", "OpenThemeData");
    p.draw = (draw_theme_fn)win_system_proc(L"uxtheme.dll", "DrawThemeBackground");
    if (open && p.draw)
        p.theme = open(window, L"BUTTON");
    return p;
}

static void painter_close(const struct painter *p)
{
    close_theme_fn close = (close_theme_fn)win_system_proc(L"uxtheme.dll", "CloseThemeData");
    if (p->theme && close)
        close(p->theme);
}

static void draw_box(const struct painter *p, HDC dc, const RECT *r, enum picture which)
{
    static const struct {
        int theme;
        UINT classic;
    } looks[PICTURES] = {
        [PICTURE_CLEAR] = {CBS_UNCHECKEDNORMAL, 0},
        [PICTURE_TICKED] = {CBS_CHECKEDNORMAL, DFCS_CHECKED},
        [PICTURE_CLEAR_GREY] = {CBS_UNCHECKEDDISABLED, DFCS_INACTIVE},
        [PICTURE_TICKED_GREY] = {CBS_CHECKEDDISABLED, DFCS_CHECKED | DFCS_INACTIVE},
    };
    RECT box = *r;
    FillRect(dc, &box, GetSysColorBrush(COLOR_WINDOW));
    if (!p->theme || FAILED(p->draw(p->theme, dc, BP_CHECKBOX, looks[which].theme, &box, NULL)))
        DrawFrameControl(dc, &box, DFC_BUTTON, DFCS_BUTTONCHECK | DFCS_FLAT | looks[which].classic);
}

static HBITMAP draw_boxes(const struct painter *p, HDC screen, int size)
{
    HDC dc = CreateCompatibleDC(screen);
    HBITMAP strip = CreateCompatibleBitmap(screen, PICTURES * size, size);
    if (dc && strip) {
        HGDIOBJ old = SelectObject(dc, strip);
        for (int i = 0; i < PICTURES; i++) {
            RECT r = {i * size, 0, (i + 1) * size, size};
            draw_box(p, dc, &r, (enum picture)i);
        }
        SelectObject(dc, old);
    }
    if (dc)
        DeleteDC(dc);
    return strip;
}

static HIMAGELIST make_boxes(HWND list)
{
    int size = GetSystemMetricsForDpi(SM_CXSMICON, GetDpiForWindow(list));
    HDC screen = GetDC(list);
    struct painter p = painter_open(list);
    HBITMAP strip = draw_boxes(&p, screen, size);
    HIMAGELIST boxes = ImageList_Create(size, size, ILC_COLOR32, PICTURES, 0);
    if (boxes && strip)
        ImageList_Add(boxes, strip, NULL);
    if (strip)
        DeleteObject(strip);
    painter_close(&p);
    ReleaseDC(list, screen);
    return boxes;
}

/* --- rows --- */

static void add_columns(HWND list)
{
    static const struct {
        unsigned title;
        int format;
        int share; /* of a hundred */
    } columns[COLUMNS] = {
        {IDS_COLUMN_TYPE, LVCFMT_LEFT, 40},
        {IDS_COLUMN_NOW, LVCFMT_RIGHT, 17},
        {IDS_COLUMN_TAG, LVCFMT_LEFT, 12},
        {IDS_COLUMN_NOTE, LVCFMT_LEFT, 31},
    };
    RECT r;
    GetClientRect(list, &r);
    int width = r.right - GetSystemMetricsForDpi(SM_CXVSCROLL, GetDpiForWindow(list));
    for (int i = 0; i < COLUMNS; i++) {
        LVCOLUMNW c = {.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_FMT,
                       .fmt = columns[i].format,
                       .cx = width * columns[i].share / 100,
                       .pszText = (WCHAR *)words_wide(columns[i].title)};
        SendMessageW(list, LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&c);
    }
}

static void set_cell(HWND list, int row, int column, const char *utf8)
{
    WCHAR *text = utf16_from_utf8(utf8);
    LVITEMW item = {.iSubItem = column, .pszText = text};
    if (text)
        SendMessageW(list, LVM_SETITEMTEXTW, (WPARAM)row, (LPARAM)&item);
    free(text);
}

static void add_row(const struct editor_dialog *d, int row, size_t which)
{
    const struct editor_type *t = &d->e.types.rows[which];
    const struct view_locale *l = words_locale();
    HWND list = list_of(d);
    LVITEMW item = {.iItem = row};
    SendMessageW(list, LVM_INSERTITEMW, 0, (LPARAM)&item);
    set_cell(list, row, COLUMN_TYPE, t->name);
    char text[120];
    if (t->counted) {
        l->number(l->self, t->open, text, sizeof text);
        set_cell(list, row, COLUMN_NOW, text);
    }
    profile_tag_text(t->tag, text);
    set_cell(list, row, COLUMN_TAG, text);
    editor_fellows(&d->e, which, l, text, sizeof text);
    set_cell(list, row, COLUMN_NOTE, text);
}

static enum picture picture_of(const struct editor_dialog *d, size_t which)
{
    enum editor_box box = editor_types_box(&d->e.types, which);
    bool fixed = !editor_usable(&d->e, PROFILE_FIELD_TYPES);
    if (box == EDITOR_BOX_TICKED)
        return fixed ? PICTURE_TICKED_GREY : PICTURE_TICKED;
    return fixed || box == EDITOR_BOX_FULL ? PICTURE_CLEAR_GREY : PICTURE_CLEAR;
}

static void show_boxes(struct editor_dialog *d)
{
    HWND list = list_of(d);
    bool before = d->filling;
    d->filling = true;
    for (size_t i = 0; i < d->e.types.shown_count; i++) {
        UINT state = INDEXTOSTATEIMAGEMASK((UINT)picture_of(d, d->e.types.shown[i]) + 1);
        LVITEMW item = {.stateMask = LVIS_STATEIMAGEMASK, .state = state};
        if (SendMessageW(list, LVM_GETITEMSTATE, i, LVIS_STATEIMAGEMASK) != (LRESULT)state)
            SendMessageW(list, LVM_SETITEMSTATE, i, (LPARAM)&item);
    }
    d->filling = before;
}

static void fill(struct editor_dialog *d)
{
    HWND list = list_of(d);
    d->filling = true;
    SendMessageW(list, WM_SETREDRAW, FALSE, 0);
    SendMessageW(list, LVM_DELETEALLITEMS, 0, 0);
    for (size_t i = 0; i < d->e.types.shown_count; i++)
        add_row(d, (int)i, d->e.types.shown[i]);
    show_boxes(d);
    ListView_SetItemState(list, 0, LVIS_FOCUSED | LVIS_SELECTED, LVIS_FOCUSED | LVIS_SELECTED);
    SendMessageW(list, WM_SETREDRAW, TRUE, 0);
    InvalidateRect(list, NULL, TRUE);
    d->filling = false;
}

bool list_init(struct editor_dialog *d)
{
    HWND list = list_of(d);
    d->boxes = make_boxes(list);
    if (!d->boxes)
        return false;
    SendMessageW(list, LVM_SETEXTENDEDLISTVIEWSTYLE, 0,
                 LVS_EX_CHECKBOXES | LVS_EX_FULLROWSELECT | LVS_EX_DOUBLEBUFFER | LVS_EX_LABELTIP);
    /* In the place of the control's own, which are ours to free now. */
    HIMAGELIST own = (HIMAGELIST)SendMessageW(list, LVM_SETIMAGELIST, LVSIL_STATE, (LPARAM)d->boxes);
    if (own && own != d->boxes)
        ImageList_Destroy(own);
    SetWindowTextW(list, words_wide(IDS_NAME_TYPES));
    SendDlgItemMessageW(page_of(d), IDC_SEARCH, EM_SETCUEBANNER, FALSE, (LPARAM)words_wide(IDS_ED_SEARCH));
    add_columns(list);
    return true;
}

void list_free(struct editor_dialog *d)
{
    /* The list destroys the pictures it has. */
    d->boxes = NULL;
}

void list_put(struct editor_dialog *d)
{
    fill(d);
    list_show_slots(d);
}

void list_show_slots(struct editor_dialog *d)
{
    const struct view_locale *l = words_locale();
    HWND bar = GetDlgItem(page_of(d), IDC_SLOTS_BAR);
    char text[160];
    show_boxes(d);
    editor_slots(&d->e, l, text, sizeof text);
    words_set(GetDlgItem(page_of(d), IDC_SLOTS), text);
    editor_slots_name(&d->e, l, text, sizeof text);
    if (words_set(bar, text))
        NotifyWinEvent(EVENT_OBJECT_NAMECHANGE, bar, OBJID_CLIENT, CHILDID_SELF);
    slots_bar_set(bar, d->e.now.only_types ? d->e.types.tag_count : 0, PROFILE_MAX_TAGS);
}

void list_searched(struct editor_dialog *d)
{
    WCHAR wide[128] = L"";
    char text[256];
    GetDlgItemTextW(page_of(d), IDC_SEARCH, wide, 128);
    utf16_put_utf8(text, sizeof text, wide);
    editor_types_search(&d->e.types, text);
    fill(d);
}

/* --- ticks --- */

static void show_full(struct editor_dialog *d)
{
    SetDlgItemTextW(page_of(d), IDC_TYPES_NOTE, words_wide(IDS_SLOTS_FULL));
    MessageBeep(MB_OK);
}

static void toggle(struct editor_dialog *d, size_t which)
{
    if (!editor_usable(&d->e, PROFILE_FIELD_TYPES))
        return;
    if (!editor_types_toggle(&d->e.types, which)) {
        show_full(d);
        return;
    }
    if (d->e.types.tag_count && !d->e.now.only_types) {
        d->e.now.only_types = true;
        CheckRadioButton(page_of(d), IDC_ALL_TYPES, IDC_THESE_TYPES, IDC_THESE_TYPES);
    }
    list_show_slots(d);
    fields_show(d);
    editor_show_texts(d);
}

/* The boxes show what the editor has: what the control would do to one of them is refused, and done there. */
static bool on_changing(struct editor_dialog *d, const NMLISTVIEW *n)
{
    bool box = (n->uChanged & LVIF_STATE) && ((n->uNewState ^ n->uOldState) & LVIS_STATEIMAGEMASK);
    if (d->filling || !box || n->iItem < 0 || (size_t)n->iItem >= d->e.types.shown_count)
        return false;
    toggle(d, d->e.types.shown[n->iItem]);
    return true;
}

/* A box that is drawn disabled is not toggled by the control: why not is said here. */
static void on_try(struct editor_dialog *d, int row)
{
    bool there = row >= 0 && (size_t)row < d->e.types.shown_count;
    if (there && editor_usable(&d->e, PROFILE_FIELD_TYPES) &&
        editor_types_box(&d->e.types, d->e.types.shown[row]) == EDITOR_BOX_FULL)
        show_full(d);
}

static void on_click(struct editor_dialog *d, const NMITEMACTIVATE *n)
{
    LVHITTESTINFO hit = {.pt = n->ptAction};
    SendMessageW(n->hdr.hwndFrom, LVM_HITTEST, 0, (LPARAM)&hit);
    if (hit.flags == LVHT_ONITEMSTATEICON)
        on_try(d, hit.iItem);
}

static void on_key(struct editor_dialog *d, const NMLVKEYDOWN *n)
{
    if (n->wVKey == VK_SPACE)
        on_try(d, (int)SendMessageW(n->hdr.hwndFrom, LVM_GETNEXTITEM, (WPARAM)-1, LVNI_FOCUSED));
}

static LRESULT on_draw(const struct editor_dialog *d, NMLVCUSTOMDRAW *n)
{
    if (n->nmcd.dwDrawStage == CDDS_PREPAINT)
        return CDRF_NOTIFYITEMDRAW;
    size_t row = n->nmcd.dwItemSpec;
    if (n->nmcd.dwDrawStage != CDDS_ITEMPREPAINT || row >= d->e.types.shown_count)
        return CDRF_DODEFAULT;
    enum picture p = picture_of(d, d->e.types.shown[row]);
    if (p == PICTURE_CLEAR_GREY || p == PICTURE_TICKED_GREY)
        n->clrText = GetSysColor(COLOR_GRAYTEXT);
    return CDRF_DODEFAULT;
}

bool list_notify(struct editor_dialog *d, const NMHDR *h, LRESULT *result)
{
    if (h->idFrom != IDC_TYPE_LIST)
        return false;
    if (h->code == LVN_ITEMCHANGING)
        *result = on_changing(d, (const NMLISTVIEW *)(const void *)h);
    else if (h->code == (UINT)NM_CLICK || h->code == (UINT)NM_DBLCLK)
        on_click(d, (const NMITEMACTIVATE *)(const void *)h);
    else if (h->code == (UINT)LVN_KEYDOWN)
        on_key(d, (const NMLVKEYDOWN *)(const void *)h);
    else if (h->code == NM_CUSTOMDRAW)
        *result = on_draw(d, (NMLVCUSTOMDRAW *)(void *)h);
    else
        return false;
    return true;
}
