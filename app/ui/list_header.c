/* Makes and measures columns, and keeps the header's tooltips over them. */
#include "ui/list_header.h"

#include "list_strings.h"

#include <string.h>

enum { TITLE_MAX = 64, TIP_MAX = 128 };

static HWND header_of(const struct list_view *v)
{
    return ListView_GetHeader(v->window);
}

/* Titles with room for the arrow: no column starts so narrow that its own title is cut. */
static int title_width(const struct list_view *v, const WCHAR *title)
{
    HDC dc = GetDC(v->window);
    HGDIOBJ before = SelectObject(dc, v->look.font);
    SIZE size = {0};
    GetTextExtentPoint32W(dc, title, (int)wcslen(title), &size);
    SelectObject(dc, before);
    ReleaseDC(v->window, dc);
    return size.cx + list_scale(&v->look, 24);
}

static int first_width(const struct list_view *v, int column)
{
    WCHAR title[TITLE_MAX];
    list_string_wide(v->kind->columns[column].title, title, TITLE_MAX);
    int title_needs = title_width(v, title);
    int given = list_scale(&v->look, v->kind->columns[column].width);
    return given > title_needs ? given : title_needs;
}

/* From `first` on. */
static bool add_columns(const struct list_view *v, int first)
{
    for (int i = first; i < v->columns; i++) {
        const struct list_column *from = &v->kind->columns[i];
        WCHAR title[TITLE_MAX];
        list_string_wide(from->title, title, TITLE_MAX);
        LVCOLUMNW column = {.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_FMT | LVCF_SUBITEM,
                            .fmt = from->right ? LVCFMT_RIGHT : LVCFMT_LEFT,
                            .cx = first_width(v, i),
                            .pszText = title,
                            .iSubItem = i};
        if (SendMessageW(v->window, LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&column) < 0)
            return false;
    }
    return true;
}

static TTTOOLINFOW tool_of(const struct list_view *v, int column)
{
    /* The size without the last fields: every version of the control knows it. */
    TTTOOLINFOW tool = {
        .cbSize = (UINT)offsetof(TTTOOLINFOW, lParam), .hwnd = header_of(v), .uId = (UINT_PTR)column + 1};
    SendMessageW(header_of(v), HDM_GETITEMRECT, (WPARAM)column, (LPARAM)&tool.rect);
    return tool;
}

static void move_tips(const struct list_view *v)
{
    for (int i = 0; v->tips && i < v->columns; i++) {
        TTTOOLINFOW tool = tool_of(v, i);
        SendMessageW(v->tips, TTM_NEWTOOLRECTW, 0, (LPARAM)&tool);
    }
}

/* A list without these tips is whole: a failure here is none. */
static void add_tips(const struct list_view *v, int first)
{
    for (int i = first; v->tips && i < v->columns; i++) {
        WCHAR text[TIP_MAX];
        list_string_wide(v->kind->columns[i].title + LISTS_TIP, text, TIP_MAX);
        TTTOOLINFOW tool = tool_of(v, i);
        tool.uFlags = TTF_SUBCLASS;
        tool.lpszText = text;
        SendMessageW(v->tips, TTM_ADDTOOLW, 0, (LPARAM)&tool);
    }
}

void list_header_show_sort(struct list_view *v)
{
    HWND header = header_of(v);
    for (int i = 0; i < v->columns; i++) {
        HDITEMW item = {.mask = HDI_FORMAT};
        if (!SendMessageW(header, HDM_GETITEMW, (WPARAM)i, (LPARAM)&item))
            continue;
        item.fmt &= ~(HDF_SORTUP | HDF_SORTDOWN);
        if (i == v->rows.column)
            item.fmt |= v->rows.descending ? HDF_SORTDOWN : HDF_SORTUP;
        SendMessageW(header, HDM_SETITEMW, (WPARAM)i, (LPARAM)&item);
    }
}

bool list_header_create(struct list_view *v, struct err *err)
{
    v->columns = v->kind->always;
    if (!add_columns(v, 0))
        return win_fail(err, "Making", "the columns of a list");
    v->tips = CreateWindowExW(WS_EX_TOPMOST, TOOLTIPS_CLASSW, NULL, WS_POPUP | TTS_ALWAYSTIP | TTS_NOPREFIX, 0, 0, 0, 0,
                              v->window, NULL, GetModuleHandleW(NULL), NULL);
    add_tips(v, 0);
    list_header_show_sort(v);
    return true;
}

static void take_columns_away(struct list_view *v)
{
    for (int i = v->kind->count - 1; i >= v->kind->always; i--) {
        TTTOOLINFOW tool = tool_of(v, i);
        if (v->tips)
            SendMessageW(v->tips, TTM_DELTOOLW, 0, (LPARAM)&tool);
        ListView_DeleteColumn(v->window, i);
    }
    v->columns = v->kind->always;
}

/* Next to what they explain, where they are seen without scrolling: behind the change. */
static void order_columns(const struct list_view *v)
{
    int order[LIST_MAX_COLUMNS];
    int n = 0;
    for (int i = 0; i < v->kind->always; i++) {
        order[n++] = i;
        for (int k = v->kind->always; i == TYPE_COLUMN_CHANGE && k < v->columns; k++)
            order[n++] = k;
    }
    SendMessageW(v->window, LVM_SETCOLUMNORDERARRAY, (WPARAM)n, (LPARAM)order);
}

void list_header_show_all(struct list_view *v, bool all)
{
    if (all == (v->columns == v->kind->count))
        return;
    v->arranging = true;
    if (all) {
        v->columns = v->kind->count;
        if (add_columns(v, v->kind->always))
            add_tips(v, v->kind->always);
        else
            take_columns_away(v); /* the list shows what it can */
    } else {
        take_columns_away(v);
    }
    order_columns(v);
    v->arranging = false;
    list_header_fit(v);
}

void list_header_fit(struct list_view *v)
{
    if (v->arranging || !v->window)
        return;
    RECT client;
    GetClientRect(v->window, &client);
    int left = client.right;
    int fills = -1;
    for (int i = 0; i < v->columns; i++) {
        if (v->kind->columns[i].fills)
            fills = i;
        else
            left -= ListView_GetColumnWidth(v->window, i);
    }
    int least = fills < 0 ? 0 : first_width(v, fills);
    int width = left > least ? left : least;
    v->arranging = true;
    if (fills >= 0 && width != ListView_GetColumnWidth(v->window, fills))
        ListView_SetColumnWidth(v->window, fills, width);
    v->arranging = false;
    move_tips(v);
}

void list_header_set_look(struct list_view *v, UINT before)
{
    v->arranging = true;
    for (int i = 0; i < v->columns; i++) {
        int width = MulDiv(ListView_GetColumnWidth(v->window, i), (int)v->look.dpi, before ? (int)before : 96);
        ListView_SetColumnWidth(v->window, i, width);
    }
    v->arranging = false;
    if (v->tips)
        SendMessageW(v->tips, WM_SETFONT, (WPARAM)v->look.font, FALSE);
    list_header_fit(v);
}

void list_header_notify(struct list_view *v, const NMHDR *h)
{
    if (h->hwndFrom != header_of(v))
        return;
    if (h->code == HDN_ITEMCHANGEDW || h->code == HDN_ENDTRACKW)
        move_tips(v);
}
