/* Custom drawing of rows; with high contrast only the system's colours. */
#include "ui/list_draw.h"

#include "ui/list_sign.h"

#include <stdlib.h>

#define TINT     RGB(0xFF, 0xF4, 0xCE)
#define TINT_INK RGB(0, 0, 0) /* 19 to 1 on the tint, whatever the system's text colour is */

enum { ROW_LEAST = 20, SIGN_SIZE = 16, CELL_PAD = 6 }; /* at 96 DPI */

static void add_image(HIMAGELIST images, int cx, int cy, int size)
{
    HICON icon = list_sign_icon(cx, cy, size);
    if (!icon)
        return;
    ImageList_ReplaceIcon(images, -1, icon);
    DestroyIcon(icon);
}

/* The images are as high as a row has to be: that is what gives a list view its row height. */
void list_draw_set_look(struct list_view *v)
{
    HDC dc = GetDC(v->window);
    HGDIOBJ before = SelectObject(dc, v->look.bold);
    TEXTMETRICW metrics = {0};
    GetTextMetricsW(dc, &metrics);
    SelectObject(dc, before);
    ReleaseDC(v->window, dc);
    int least = list_scale(&v->look, ROW_LEAST);
    int needed = metrics.tmHeight + list_scale(&v->look, 4);
    int size = list_scale(&v->look, SIGN_SIZE);
    int height = needed > least ? needed : least;
    HIMAGELIST images = ImageList_Create(size, height, ILC_COLOR32 | ILC_MASK, 2, 0);
    if (images) {
        add_image(images, size, height, 0);
        add_image(images, size, height, size);
        ListView_SetImageList(v->window, images, LVSIL_SMALL);
        if (v->images)
            ImageList_Destroy(v->images);
        v->images = images;
    }
    bool contrast = list_high_contrast();
    v->tint = contrast ? CLR_NONE : TINT;
    ListView_SetBkColor(v->window, GetSysColor(COLOR_WINDOW));
    ListView_SetTextBkColor(v->window, GetSysColor(COLOR_WINDOW));
    ListView_SetTextColor(v->window, GetSysColor(COLOR_WINDOWTEXT));
}

struct row_colours {
    COLORREF ink;
    COLORREF ground;
};

/* nmcd.uItemState does not tell a selection that is shown without focus: the list is asked. */
static struct row_colours colours_of(const struct list_view *v, size_t row)
{
    struct row_colours c = {GetSysColor(COLOR_WINDOWTEXT), GetSysColor(COLOR_WINDOW)};
    bool selected = (ListView_GetItemState(v->window, (int)row, LVIS_SELECTED) & LVIS_SELECTED) != 0;
    if (selected && GetFocus() == v->window) {
        c.ink = GetSysColor(COLOR_HIGHLIGHTTEXT);
        c.ground = GetSysColor(COLOR_HIGHLIGHT);
    } else if (selected) {
        c.ink = GetSysColor(COLOR_BTNTEXT);
        c.ground = GetSysColor(COLOR_BTNFACE);
    } else if (rows_is_suspect(&v->rows, row) && v->tint != CLR_NONE) {
        c.ink = TINT_INK;
        c.ground = v->tint;
    }
    return c;
}

static LRESULT draw_row(const struct list_view *v, NMLVCUSTOMDRAW *draw)
{
    size_t row = draw->nmcd.dwItemSpec;
    struct row_colours c = colours_of(v, row);
    draw->clrText = c.ink;
    draw->clrTextBk = c.ground;
    SelectObject(draw->nmcd.hdc, rows_is_suspect(&v->rows, row) ? v->look.bold : v->look.font);
    return CDRF_NEWFONT;
}

static bool cell_rect(const struct list_view *v, size_t row, int column, RECT *r)
{
    r->top = column;
    r->left = LVIR_BOUNDS;
    return SendMessageW(v->window, LVM_GETSUBITEMRECT, row, (LPARAM)r) != 0;
}

static LRESULT draw_cell(const struct list_view *v, NMLVCUSTOMDRAW *draw)
{
    size_t row = draw->nmcd.dwItemSpec;
    int column = draw->iSubItem;
    if (column < 0 || column >= v->columns || !v->kind->columns[column].drawn || !v->kind->draw_cell)
        return draw_row(v, draw);
    RECT r;
    if (row >= v->rows.count || !cell_rect(v, row, column, &r))
        return CDRF_DODEFAULT;
    struct row_colours c = colours_of(v, row);
    SetDCBrushColor(draw->nmcd.hdc, c.ground);
    FillRect(draw->nmcd.hdc, &r, GetStockObject(DC_BRUSH));
    v->kind->draw_cell(v, draw->nmcd.hdc, &r, row, c.ink);
    return CDRF_SKIPDEFAULT;
}

static void draw_empty(const struct list_view *v, HDC dc)
{
    struct text why = {0};
    v->kind->why_empty(v, &why);
    list_draw_sentence(v->window, &v->look, dc, &why);
    text_free(&why);
}

LRESULT list_draw_custom(struct list_view *v, NMLVCUSTOMDRAW *draw)
{
    switch (draw->nmcd.dwDrawStage) {
    case CDDS_PREPAINT:
        return v->rows.count ? CDRF_NOTIFYITEMDRAW : CDRF_NOTIFYPOSTPAINT;
    case CDDS_POSTPAINT:
        if (!v->rows.count)
            draw_empty(v, draw->nmcd.hdc);
        return CDRF_DODEFAULT;
    case CDDS_ITEMPREPAINT:
        return draw_row(v, draw) | CDRF_NOTIFYSUBITEMDRAW;
    case CDDS_ITEMPREPAINT | CDDS_SUBITEM:
        return draw_cell(v, draw);
    default:
        return CDRF_DODEFAULT;
    }
}

void list_draw_add_cut_text(const struct list_view *v, size_t row, int column, struct text *out)
{
    struct text cell = {0};
    rows_add_cell(&cell, &v->rows, row, column, list_words());
    WCHAR *wide = list_wide(&cell);
    if (wide) {
        HDC dc = GetDC(v->window);
        HGDIOBJ before = SelectObject(dc, rows_is_suspect(&v->rows, row) ? v->look.bold : v->look.font);
        SIZE size = {0};
        GetTextExtentPoint32W(dc, wide, (int)wcslen(wide), &size);
        SelectObject(dc, before);
        ReleaseDC(v->window, dc);
        int room = ListView_GetColumnWidth(v->window, column) - 2 * list_scale(&v->look, CELL_PAD);
        if (column == 0)
            room -= list_scale(&v->look, SIGN_SIZE);
        if (size.cx > room)
            text_add(out, text_str(&cell));
    }
    free(wide);
    text_free(&cell);
}
