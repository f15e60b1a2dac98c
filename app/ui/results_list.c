/* The tree of rows as an owner-data list: columns, folding, keys, selection by identity. */
#include "ui/list_sign.h"
#include "ui/look.h"
#include "ui/results_inside.h"
#include "ui/words.h"

#include <stdlib.h>
#include <string.h>

/* At 96 DPI; the first column takes what is left. */
static const int widths[RESULT_CELL_COUNT] = {200, 76, 64, 64, 76, 76, 84};

enum { SIGN_SIZE = 16, ROW_LEAST = 20 };

enum { IMAGE_NONE, IMAGE_FOLDED, IMAGE_UNFOLDED };

static HWND list_of(const struct results_window *w)
{
    return GetDlgItem(w->base.hwnd, IDC_RESULTS_LIST);
}

static int shown_selection(const struct results_window *w)
{
    return ListView_GetNextItem(list_of(w), -1, LVNI_SELECTED);
}

uint32_t results_list_selected(const struct results_window *w)
{
    return w->selected ? result_tree_find(&w->tree, w->selected) : UINT32_MAX;
}

static void fit_first_column(const struct results_window *w)
{
    RECT client;
    GetWindowRect(list_of(w), &client);
    /* The list makes room for its scroll bar later. */
    bool scrolls = w->set && w->tree.count > (uint32_t)ListView_GetCountPerPage(list_of(w));
    int rest = client.right - client.left - 2 * GetSystemMetricsForDpi(SM_CXEDGE, w->base.look.dpi);
    rest -= scrolls ? GetSystemMetricsForDpi(SM_CXVSCROLL, w->base.look.dpi) : 0;
    for (int i = 1; i < RESULT_CELL_COUNT; i++)
        rest -= ListView_GetColumnWidth(list_of(w), i);
    int least = list_scale(&w->base.look, widths[0]);
    ListView_SetColumnWidth(list_of(w), 0, rest > least ? rest : least);
}

static void add_icon(HIMAGELIST images, HICON icon)
{
    if (!icon)
        return;
    ImageList_ReplaceIcon(images, -1, icon);
    DestroyIcon(icon);
}

/* What folds rows, and nothing for those that do not fold. The images are as high as a row has to be. */
static HIMAGELIST make_images(const struct window_base *b)
{
    int least = list_scale(&b->look, ROW_LEAST);
    int needed = (int)look_text_size(b->hwnd, b->look.bold, L"Mg").cy + list_scale(&b->look, 4);
    int size = list_scale(&b->look, SIGN_SIZE);
    int height = needed > least ? needed : least;
    COLORREF ink = GetSysColor(COLOR_WINDOWTEXT);
    HIMAGELIST images = ImageList_Create(size, height, ILC_COLOR32 | ILC_MASK, 3, 0);
    if (!images)
        return NULL;
    add_icon(images, list_sign_icon(size, height, 0));
    add_icon(images, list_sign_expander(size, height, size, false, ink));
    add_icon(images, list_sign_expander(size, height, size, true, ink));
    return images;
}

void results_list_use_look(struct results_window *w)
{
    HWND list = list_of(w);
    HIMAGELIST before = w->images;
    w->images = make_images(&w->base);
    for (int i = 1; i < RESULT_CELL_COUNT; i++)
        ListView_SetColumnWidth(list, i, list_scale(&w->base.look, widths[i]));
    ListView_SetImageList(list, w->images, LVSIL_SMALL);
    if (before)
        ImageList_Destroy(before);
    ListView_SetBkColor(list, GetSysColor(COLOR_WINDOW));
    ListView_SetTextBkColor(list, GetSysColor(COLOR_WINDOW));
    ListView_SetTextColor(list, GetSysColor(COLOR_WINDOWTEXT));
    fit_first_column(w);
    InvalidateRect(list, NULL, TRUE);
}

static void select_row(struct results_window *w, uint32_t row)
{
    HWND list = list_of(w);
    w->arranging = true;
    ListView_SetItemState(list, -1, 0, LVIS_SELECTED | LVIS_FOCUSED);
    if (row != UINT32_MAX) {
        ListView_SetItemState(list, (int)row, LVIS_SELECTED | LVIS_FOCUSED, LVIS_SELECTED | LVIS_FOCUSED);
        ListView_SetSelectionMark(list, (int)row);
        ListView_EnsureVisible(list, (int)row, FALSE);
    }
    w->arranging = false;
    w->selected = row == UINT32_MAX ? 0 : w->tree.rows[row].id;
}

void results_list_refill(struct results_window *w, uint32_t row)
{
    HWND list = list_of(w);
    uint32_t count = w->set ? w->tree.count : 0;
    if (row == UINT32_MAX)
        row = results_list_selected(w);
    if (row == UINT32_MAX && count)
        row = result_tree_heaviest(&w->tree);
    w->arranging = true;
    ListView_SetItemCountEx(list, (int)count, LVSICF_NOSCROLL);
    w->arranging = false;
    InvalidateRect(list, NULL, TRUE);
    select_row(w, count ? row : UINT32_MAX);
    fit_first_column(w);
    results_show_row(w);
}

void results_list_check(struct results_window *w)
{
    w->checking = false;
    int row = shown_selection(w);
    uint64_t id = row >= 0 && w->set && (uint32_t)row < w->tree.count ? w->tree.rows[row].id : 0;
    if (id == w->selected)
        return;
    w->selected = id;
    results_show_row(w);
}

static void tell_no_memory(struct results_window *w)
{
    struct err err = {0};
    err_set(&err, ERR_NO_MEMORY, "Listing the rows");
    results_fail(w, &err);
    results_show_state(w);
}

static void fold(struct results_window *w, uint32_t row, bool unfolded)
{
    if (!result_tree_unfold(&w->tree, row, unfolded)) {
        tell_no_memory(w);
        return;
    }
    results_list_refill(w, row);
}

static bool is_unfolded(const struct results_window *w, uint32_t row)
{
    const struct result_row *r = &w->tree.rows[row];
    return r->kind == RESULT_ROW_GROUP && w->tree.nodes[r->node].unfolded && result_tree_can_unfold(&w->tree, row);
}

static void toggle(struct results_window *w, uint32_t row)
{
    if (row < w->tree.count && result_tree_can_unfold(&w->tree, row))
        fold(w, row, !is_unfolded(w, row));
}

void results_list_unfold_all(struct results_window *w)
{
    if (!w->set)
        return;
    uint64_t selected = w->selected;
    if (!result_tree_unfold_all(&w->tree)) {
        tell_no_memory(w);
        return;
    }
    w->selected = selected;
    results_list_refill(w, UINT32_MAX);
}

/* Right unfolds, then goes to the first row below; Left folds, then goes to the row above that holds this one. */
static bool move(struct results_window *w, WPARAM key)
{
    uint32_t row = results_list_selected(w);
    if (row == UINT32_MAX)
        return false;
    bool open = is_unfolded(w, row);
    uint32_t to = UINT32_MAX;
    switch (key) {
    case VK_RIGHT:
        if (!open)
            toggle(w, row);
        else if (row + 1 < w->tree.count)
            to = row + 1;
        break;
    case VK_LEFT:
        if (open)
            fold(w, row, false);
        else
            to = result_tree_parent(&w->tree, row);
        break;
    case VK_ADD:
        if (!open)
            toggle(w, row);
        break;
    case VK_SUBTRACT:
        if (open)
            fold(w, row, false);
        break;
    default:
        return false;
    }
    if (to != UINT32_MAX) {
        select_row(w, to);
        results_show_row(w);
    }
    return true;
}

static void on_display(struct results_window *w, LVITEMW *item)
{
    if (item->iItem < 0 || !w->set || (uint32_t)item->iItem >= w->tree.count)
        return;
    uint32_t row = (uint32_t)item->iItem;
    if (item->mask & LVIF_INDENT)
        item->iIndent = (int)w->tree.rows[row].depth;
    if (item->mask & LVIF_IMAGE)
        item->iImage = !result_tree_can_unfold(&w->tree, row) ? IMAGE_NONE
                       : is_unfolded(w, row)                  ? IMAGE_UNFOLDED
                                                              : IMAGE_FOLDED;
    if (!(item->mask & LVIF_TEXT) || item->cchTextMax <= 0)
        return;
    struct text cell = {0};
    result_add_cell(&w->tree, row, (enum result_cell)item->iSubItem, words_locale(), &cell);
    list_put_text(&cell, item->pszText, item->cchTextMax);
}

static void first_cell(const void *list, size_t row, struct text *out)
{
    const struct results_window *w = list;
    result_add_cell(&w->tree, (uint32_t)row, RESULT_CELL_GROUP, words_locale(), out);
}

static void on_item_changed(struct results_window *w, const NMLISTVIEW *n)
{
    /* On the way to another row nothing is selected for a moment: looked at when it is over. */
    if (w->arranging || !((n->uNewState ^ n->uOldState) & LVIS_SELECTED) || w->checking)
        return;
    w->checking = PostMessageW(w->base.hwnd, RESULTS_SELECTED, 0, 0);
}

static void on_click(struct results_window *w, const NMITEMACTIVATE *n)
{
    LVHITTESTINFO hit = {.pt = n->ptAction};
    int row = (int)SendMessageW(list_of(w), LVM_SUBITEMHITTEST, 0, (LPARAM)&hit);
    if (row >= 0 && hit.iSubItem == 0 && (hit.flags & LVHT_ONITEMICON) && !(hit.flags & LVHT_ONITEMLABEL))
        toggle(w, (uint32_t)row);
}

static LRESULT on_draw(const struct results_window *w, const NMLVCUSTOMDRAW *draw)
{
    bool rows = w->set && w->tree.count;
    if (draw->nmcd.dwDrawStage == CDDS_PREPAINT)
        return rows ? CDRF_DODEFAULT : CDRF_NOTIFYPOSTPAINT;
    if (draw->nmcd.dwDrawStage == CDDS_POSTPAINT && !rows)
        list_draw_sentence(list_of(w), &w->base.look, draw->nmcd.hdc, &w->message);
    return CDRF_DODEFAULT;
}

/* The text of a first column that is too narrow for it. */
static void on_info_tip(const struct results_window *w, NMLVGETINFOTIPW *n)
{
    if (n->iItem < 0 || !w->set || (uint32_t)n->iItem >= w->tree.count || n->cchTextMax <= 0)
        return;
    struct text cell = {0};
    result_add_cell(&w->tree, (uint32_t)n->iItem, RESULT_CELL_GROUP, words_locale(), &cell);
    list_put_text(&cell, n->pszText, n->cchTextMax);
}

bool results_list_notify(struct results_window *w, NMHDR *h, LRESULT *result)
{
    if (h->hwndFrom != list_of(w))
        return false;
    *result = 0;
    switch (h->code) {
    case LVN_GETDISPINFOW:
        on_display(w, &((NMLVDISPINFOW *)(void *)h)->item);
        return true;
    case LVN_ITEMCHANGED:
        on_item_changed(w, (NMLISTVIEW *)(void *)h);
        return true;
    case LVN_ODFINDITEMW:
        *result = list_find((NMLVFINDITEMW *)(void *)h, w->set ? w->tree.count : 0, first_cell, w);
        return true;
    case LVN_GETINFOTIPW:
        on_info_tip(w, (NMLVGETINFOTIPW *)(void *)h);
        return true;
    case NM_CLICK:
        on_click(w, (NMITEMACTIVATE *)(void *)h);
        return true;
    case NM_DBLCLK:
        if (((NMITEMACTIVATE *)(void *)h)->iItem >= 0)
            toggle(w, (uint32_t)((NMITEMACTIVATE *)(void *)h)->iItem);
        return true;
    case NM_RETURN:
        if (results_list_selected(w) != UINT32_MAX)
            toggle(w, results_list_selected(w));
        return true;
    case NM_CUSTOMDRAW:
        *result = on_draw(w, (NMLVCUSTOMDRAW *)(void *)h);
        return true;
    default:
        return false;
    }
}

static LRESULT CALLBACK hook(HWND window, UINT message, WPARAM wParam, LPARAM lParam, UINT_PTR id, DWORD_PTR ref)
{
    struct results_window *w = (struct results_window *)ref;
    LRESULT result = 0;
    switch (message) {
    case WM_KEYDOWN:
        if (w->set && move(w, wParam))
            return 0;
        break;
    case WM_CHAR:
        if (wParam == L'*') {
            results_list_unfold_all(w);
            return 0;
        }
        if (wParam == L'+' || wParam == L'-') {
            move(w, wParam == L'+' ? VK_ADD : VK_SUBTRACT);
            return 0;
        }
        break;
    case WM_SIZE:
        result = DefSubclassProc(window, message, wParam, lParam);
        fit_first_column(w);
        return result;
    case WM_NCDESTROY:
        RemoveWindowSubclass(window, hook, id);
        break;
    default:
        break;
    }
    return DefSubclassProc(window, message, wParam, lParam);
}

bool results_list_create(struct results_window *w, struct err *err)
{
    HWND list = list_of(w);
    ListView_SetExtendedListViewStyle(list,
                                      LVS_EX_FULLROWSELECT | LVS_EX_DOUBLEBUFFER | LVS_EX_INFOTIP | LVS_EX_LABELTIP);
    for (int i = 0; i < RESULT_CELL_COUNT; i++) {
        WCHAR title[64];
        lstrcpynW(title, words_wide(WORD_RESULT_HEAD + (unsigned)i), 64);
        LVCOLUMNW column = {.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_FMT | LVCF_SUBITEM,
                            .fmt = i ? LVCFMT_RIGHT : LVCFMT_LEFT,
                            .cx = list_scale(&w->base.look, widths[i]),
                            .pszText = title,
                            .iSubItem = i};
        if (SendMessageW(list, LVM_INSERTCOLUMNW, (WPARAM)i, (LPARAM)&column) < 0)
            return win_fail(err, "Making", "the columns of a list");
    }
    return SetWindowSubclass(list, hook, 1, (DWORD_PTR)w) || win_fail(err, "Making", "a list");
}
