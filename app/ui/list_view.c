/* Keeps an owner-data list view in step with rows: order, selection, scroll, sorting, columns, keys. */
#include "ui/list_inside.h"

#include "list_strings.h"
#include "ui/list_draw.h"
#include "ui/list_header.h"

#include <stdlib.h>
#include <string.h>
#include <windowsx.h>

/* Posted to the list itself. */
#define MSG_CHECK_SELECTION (WM_APP + 1)

static uint64_t now_ms(void)
{
    return GetTickCount64();
}

static bool pointer_is_over(const struct list_view *v)
{
    POINT p;
    if (!GetCursorPos(&p))
        return false;
    HWND under = WindowFromPoint(p);
    return under == v->window || (under && GetParent(under) == v->window);
}

static bool is_held(const struct list_view *v)
{
    return v->held || pointer_is_over(v) || (v->had_key && now_ms() - v->key_ms < ROWS_KEY_MS);
}

static int shown_selection(const struct list_view *v)
{
    return ListView_GetNextItem(v->window, -1, LVNI_SELECTED);
}

static void tell(void (*event)(void *ctx), const struct list_view *v)
{
    if (event)
        event(v->events.ctx);
}

/* Puts the selection where the selected row stands now. */
static void show_selection(struct list_view *v)
{
    size_t want = rows_selected(&v->rows);
    int is = shown_selection(v);
    if (want == SIZE_MAX ? is < 0 : is == (int)want)
        return;
    v->arranging = true;
    ListView_SetItemState(v->window, -1, 0, LVIS_SELECTED | LVIS_FOCUSED);
    if (want != SIZE_MAX) {
        ListView_SetItemState(v->window, (int)want, LVIS_SELECTED | LVIS_FOCUSED, LVIS_SELECTED | LVIS_FOCUSED);
        ListView_SetSelectionMark(v->window, (int)want);
    }
    v->arranging = false;
}

/* What must not move on the screen when rows trade places: the selected row while it is seen, else the top one. A list
 * at its top stays there, so that what begins to grow is seen. */
struct anchor {
    bool set;
    struct rows_id id;
    int offset; /* rows below the top */
};

static struct anchor take_anchor(const struct list_view *v)
{
    struct anchor a = {0};
    size_t top = (size_t)ListView_GetTopIndex(v->window);
    size_t page = (size_t)ListView_GetCountPerPage(v->window);
    if (!top || top >= v->rows.count)
        return a;
    size_t selected = rows_selected(&v->rows);
    size_t row = selected != SIZE_MAX && selected >= top && selected < top + page ? selected : top;
    a.set = true;
    a.id = v->rows.row[row].id;
    a.offset = (int)(row - top);
    return a;
}

static void restore_anchor(const struct list_view *v, const struct anchor *a)
{
    size_t row = a->set ? rows_find(&v->rows, a->id) : SIZE_MAX;
    if (row == SIZE_MAX)
        return;
    RECT r = {.left = LVIR_BOUNDS};
    if (!SendMessageW(v->window, LVM_GETITEMRECT, 0, (LPARAM)&r))
        return;
    int by = (int)row - a->offset - ListView_GetTopIndex(v->window);
    if (by)
        ListView_Scroll(v->window, 0, by * (r.bottom - r.top));
}

static void redraw(const struct list_view *v)
{
    if (!v->rows.count) {
        InvalidateRect(v->window, NULL, TRUE);
        return;
    }
    int top = ListView_GetTopIndex(v->window);
    ListView_RedrawItems(v->window, top, top + ListView_GetCountPerPage(v->window));
}

void list_view_set_snapshot(struct list_view *v, const struct snapshot *s, size_t type)
{
    struct anchor anchor = take_anchor(v);
    size_t before = v->rows.count;
    bool had = v->rows.selected;
    bool other = v->kind->processes && type != v->rows.type;
    if (!rows_update(&v->rows, s, type, is_held(v), now_ms(), NULL))
        before = SIZE_MAX; /* memory is short: the list is empty until the next snapshot */
    if (!v->first_done && v->rows.count && !v->kind->processes) {
        v->first_done = true;
        rows_select(&v->rows, 0);
    }
    v->arranging = true;
    if (other)
        anchor.set = false;
    if (before != v->rows.count) {
        ListView_SetItemCountEx(v->window, (int)v->rows.count, LVSICF_NOINVALIDATEALL | LVSICF_NOSCROLL);
        InvalidateRect(v->window, NULL, FALSE);
    }
    v->arranging = false;
    show_selection(v);
    if (other && v->rows.count)
        ListView_EnsureVisible(v->window, 0, FALSE);
    restore_anchor(v, &anchor);
    if (before != v->rows.count)
        list_header_fit(v);
    redraw(v);
    if (had != v->rows.selected)
        tell(v->events.selected, v);
}

void list_view_show_all_columns(struct list_view *v, bool all)
{
    if (!all && v->rows.column >= v->kind->always) {
        rows_sort_by(&v->rows, TYPE_COLUMN_CHANGE, now_ms()); /* only the list of types has such columns */
        list_header_show_sort(v);
        show_selection(v);
    }
    list_header_show_all(v, all);
    redraw(v);
}

/* The user moved the selection. */
static void take_selection(struct list_view *v)
{
    int row = shown_selection(v);
    size_t want = row < 0 ? SIZE_MAX : (size_t)row;
    if (want == rows_selected(&v->rows))
        return;
    rows_select(&v->rows, want);
    tell(v->events.selected, v);
}

static void on_item_changed(struct list_view *v, const NMLISTVIEW *n)
{
    if (v->arranging || !((n->uNewState ^ n->uOldState) & LVIS_SELECTED))
        return;
    if (shown_selection(v) >= 0) {
        take_selection(v);
        return;
    }
    /* On the way to another row nothing is selected for a moment: look again when it is over. */
    if (!v->checking)
        v->checking = PostMessageW(v->window, MSG_CHECK_SELECTION, 0, 0);
}

static void on_display(struct list_view *v, LVITEMW *item)
{
    if (item->iItem < 0)
        return;
    size_t row = (size_t)item->iItem;
    if (item->mask & LVIF_IMAGE)
        item->iImage = rows_is_suspect(&v->rows, row) ? 1 : 0;
    if (!(item->mask & LVIF_TEXT) || item->cchTextMax <= 0)
        return;
    struct text cell = {0};
    rows_add_cell(&cell, &v->rows, row, item->iSubItem, list_words());
    list_put_text(&cell, item->pszText, item->cchTextMax);
}

static void first_cell(const void *list, size_t row, struct text *out)
{
    rows_add_cell(out, &((const struct list_view *)list)->rows, row, 0, list_words());
}

static void on_sort(struct list_view *v, int column)
{
    struct anchor none = {0};
    rows_sort_by(&v->rows, column, now_ms());
    list_header_show_sort(v);
    show_selection(v);
    restore_anchor(v, &none);
    ListView_EnsureVisible(v->window, 0, FALSE);
    redraw(v);
}

/* The sentence about a suspect, and the text of the cell under the pointer where the column cuts it. */
static void on_info_tip(const struct list_view *v, NMLVGETINFOTIPW *n)
{
    struct text tip = {0};
    LVHITTESTINFO hit = {0};
    POINT p;
    if (n->iItem < 0 || !GetCursorPos(&p))
        return;
    ScreenToClient(v->window, &p);
    hit.pt = p;
    int at = (int)SendMessageW(v->window, LVM_SUBITEMHITTEST, 0, (LPARAM)&hit);
    if (at == n->iItem)
        list_draw_add_cut_text(v, (size_t)at, hit.iSubItem, &tip);
    if (rows_is_suspect(&v->rows, (size_t)n->iItem)) {
        if (tip.len)
            text_add(&tip, "\r\n");
        rows_add_reason(&tip, &v->rows, (size_t)n->iItem, list_words());
    }
    list_put_text(&tip, n->pszText, n->cchTextMax);
}

bool list_view_notify(struct list_view *v, NMHDR *h, LRESULT *result)
{
    if (!v || h->hwndFrom != v->window) /* while it is made its parent does not have it yet */
        return false;
    *result = 0;
    switch (h->code) {
    case LVN_GETDISPINFOW:
        on_display(v, &((NMLVDISPINFOW *)(void *)h)->item);
        return true;
    case LVN_ITEMCHANGED:
        on_item_changed(v, (NMLISTVIEW *)(void *)h);
        return true;
    case LVN_ODSTATECHANGED:
        return true;
    case LVN_COLUMNCLICK:
        on_sort(v, ((NMLISTVIEW *)(void *)h)->iSubItem);
        return true;
    case LVN_ODFINDITEMW:
        *result = list_find((NMLVFINDITEMW *)(void *)h, v->rows.count, first_cell, v);
        return true;
    case LVN_GETINFOTIPW:
        on_info_tip(v, (NMLVGETINFOTIPW *)(void *)h);
        return true;
    case LVN_KEYDOWN:
        v->key_ms = now_ms();
        v->had_key = true;
        if (((NMLVKEYDOWN *)(void *)h)->wVKey == VK_SPACE && rows_selected(&v->rows) != SIZE_MAX)
            tell(v->events.space, v);
        return true;
    case NM_RETURN:
        if (rows_selected(&v->rows) != SIZE_MAX)
            tell(v->events.enter, v);
        return true;
    case NM_CUSTOMDRAW:
        *result = list_draw_custom(v, (NMLVCUSTOMDRAW *)(void *)h);
        return true;
    default:
        return false;
    }
}

/* From the key: at the selected row. */
static void menu_place(const struct list_view *v, POINT *p)
{
    RECT r = {.left = LVIR_LABEL};
    size_t row = rows_selected(&v->rows);
    p->x = 0;
    p->y = 0;
    if (row != SIZE_MAX && SendMessageW(v->window, LVM_GETITEMRECT, row, (LPARAM)&r)) {
        p->x = r.left;
        p->y = r.bottom;
    }
    ClientToScreen(v->window, p);
}

static void on_menu(struct list_view *v, LPARAM place)
{
    POINT p = {GET_X_LPARAM(place), GET_Y_LPARAM(place)};
    if (place == -1)
        menu_place(v, &p);
    if (v->events.menu)
        v->events.menu(v->events.ctx, p.x, p.y);
}

static LRESULT CALLBACK hook(HWND window, UINT message, WPARAM w, LPARAM l, UINT_PTR id, DWORD_PTR ref)
{
    struct list_view *v = (struct list_view *)ref;
    LRESULT result = 0;
    switch (message) {
    case MSG_CHECK_SELECTION:
        v->checking = false;
        take_selection(v);
        return 0;
    case WM_CHAR:
        /* The space bar ticks; it is no beginning of a name. */
        if (w == L' ')
            return 0;
        break;
    case WM_CONTEXTMENU:
        if ((HWND)w != window)
            break;
        on_menu(v, l);
        return 0;
    case WM_SIZE:
        result = DefSubclassProc(window, message, w, l);
        list_header_fit(v);
        return result;
    case WM_NOTIFY:
        result = DefSubclassProc(window, message, w, l);
        list_header_notify(v, (NMHDR *)l);
        return result;
    case WM_NCDESTROY:
        RemoveWindowSubclass(window, hook, id);
        v->window = NULL;
        break;
    default:
        break;
    }
    return DefSubclassProc(window, message, w, l);
}

void list_view_set_look(struct list_view *v, const struct list_look *look)
{
    UINT before = v->look.dpi;
    v->look = *look;
    SendMessageW(v->window, WM_SETFONT, (WPARAM)look->font, FALSE);
    list_draw_set_look(v);
    list_header_set_look(v, before);
    InvalidateRect(v->window, NULL, TRUE);
}

static bool make_window(struct list_view *v, HWND parent, int id, struct err *err)
{
    DWORD style = WS_CHILD | WS_VISIBLE | WS_TABSTOP | LVS_REPORT | LVS_OWNERDATA | LVS_SINGLESEL | LVS_SHOWSELALWAYS |
                  LVS_SHAREIMAGELISTS;
    v->window = CreateWindowExW(WS_EX_CLIENTEDGE, WC_LISTVIEWW, L"", style, 0, 0, 0, 0, parent, (HMENU)(INT_PTR)id,
                                GetModuleHandleW(NULL), NULL);
    if (!v->window)
        return win_fail(err, "Making", "a list");
    DWORD extended = LVS_EX_FULLROWSELECT | LVS_EX_DOUBLEBUFFER | LVS_EX_INFOTIP | LVS_EX_LABELTIP;
    ListView_SetExtendedListViewStyle(v->window, extended);
    SendMessageW(v->window, WM_SETFONT, (WPARAM)v->look.font, FALSE);
    list_draw_set_look(v);
    if (list_header_create(v, err) && SetWindowSubclass(v->window, hook, 1, (DWORD_PTR)v))
        return true;
    win_fail(err, "Making", "a list");
    DestroyWindow(v->window);
    return false;
}

bool list_view_create(const struct list_kind *kind, HWND parent, int id, const struct list_look *look,
                      const struct list_events *events, struct list_view **out, struct err *err)
{
    struct list_view *v = calloc(1, sizeof *v);
    if (!v)
        return err_set(err, ERR_NO_MEMORY, "Making a list");
    v->kind = kind;
    v->look = *look;
    v->events = *events;
    rows_init(&v->rows, kind->processes);
    if (!make_window(v, parent, id, err)) {
        list_view_destroy(v);
        return false;
    }
    *out = v;
    return true;
}

void list_view_destroy(struct list_view *v)
{
    if (!v)
        return;
    if (v->window)
        RemoveWindowSubclass(v->window, hook, 1);
    if (v->images)
        ImageList_Destroy(v->images);
    rows_free(&v->rows);
    free(v->tags);
    free(v->live);
    free(v);
}

HWND list_view_window(const struct list_view *v)
{
    return v->window;
}

void list_view_hold(struct list_view *v, bool held)
{
    v->held = held;
}

static void add_row(const struct list_view *v, size_t row, struct text *out)
{
    for (int i = 0; i < v->columns; i++) {
        if (i)
            text_add_char(out, '\t');
        rows_add_cell(out, &v->rows, row, i, list_words());
    }
    text_add(out, "\r\n");
}

void list_view_copy(const struct list_view *v, bool all, struct text *out)
{
    size_t selected = rows_selected(&v->rows);
    if (!all) {
        if (selected != SIZE_MAX)
            add_row(v, selected, out);
        return;
    }
    for (int i = 0; i < v->columns; i++) {
        char *title = list_string(v->kind->columns[i].title);
        text_add(out, i ? "\t" : "");
        text_add(out, title ? title : "");
        free(title);
    }
    text_add(out, "\r\n");
    for (size_t row = 0; row < v->rows.count; row++)
        add_row(v, row, out);
}
