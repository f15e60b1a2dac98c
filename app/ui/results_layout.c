/* Lays out the results window from dialog units of its own font. */
#include "ui/list_sign.h"
#include "ui/look.h"
#include "ui/results_inside.h"
#include "ui/words.h"

#include <wchar.h>

/* Dialog units. */
enum { MARGIN = 7, RELATED = 4, UNRELATED = 7, ROW = 14, LINE = 8, BUTTON_LEAST = 50, BUTTON_EXTRA = 12, SPLIT = 4 };
enum { GROUP_WIDTH = 130, FILTER_LEAST = 60, PANE_LEAST = 40, FIRST_WIDTH = 470, FIRST_HEIGHT = 330 };
enum { SIGN_SIZE = 16, ROW_LEAST = 20, LEAST_WIDTH = 600, LEAST_HEIGHT = 380 }; /* pixels at 96 DPI */

static int dlu_x(const struct results_window *w, int dlu)
{
    return MulDiv(dlu, w->base.cx, 4);
}

static int dlu_y(const struct results_window *w, int dlu)
{
    return MulDiv(dlu, w->base.cy, 8);
}

static void add_icon(HIMAGELIST images, HICON icon)
{
    if (!icon)
        return;
    ImageList_ReplaceIcon(images, -1, icon);
    DestroyIcon(icon);
}

/* What folds rows, and nothing for those that do not fold. The images are as high as a row has to be. */
static HIMAGELIST make_images(const struct results_window *w)
{
    int least = list_scale(&w->look, ROW_LEAST);
    int needed = (int)look_text_size(w->hwnd, w->look.bold, L"Mg").cy + list_scale(&w->look, 4);
    int size = list_scale(&w->look, SIGN_SIZE);
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

void results_make_look(struct results_window *w, UINT dpi)
{
    w->look.dpi = dpi;
    w->look.font = look_font(dpi, FW_NORMAL);
    w->look.bold = look_font(dpi, FW_BOLD);
    w->base = look_base_units(w->hwnd, w->look.font);
    w->images = make_images(w);
}

void results_free_look(struct results_window *w)
{
    if (w->look.font)
        DeleteObject(w->look.font);
    if (w->look.bold)
        DeleteObject(w->look.bold);
    if (w->images)
        ImageList_Destroy(w->images);
    w->look.font = NULL;
    w->look.bold = NULL;
    w->images = NULL;
}

static int caption_width(const struct results_window *w, int id)
{
    WCHAR caption[200] = L"";
    GetDlgItemTextW(w->hwnd, id, caption, 200);
    return look_caption_width(w->hwnd, w->look.font, caption);
}

static int button_width(const struct results_window *w, int id)
{
    int least = dlu_x(w, BUTTON_LEAST);
    int cx = caption_width(w, id) + dlu_x(w, BUTTON_EXTRA);
    return cx > least ? cx : least;
}

static int check_width(const struct results_window *w, int id)
{
    return caption_width(w, id) + GetSystemMetricsForDpi(SM_CXMENUCHECK, w->look.dpi) + dlu_x(w, RELATED);
}

struct frame {
    const struct results_window *w;
    HDWP dwp;
    int left;
    int right;
};

static void put(struct frame *f, int id, int x, int y, int cx, int cy)
{
    HWND control = GetDlgItem(f->w->hwnd, id);
    UINT flags = SWP_NOZORDER | SWP_NOACTIVATE;
    if (f->dwp)
        f->dwp = DeferWindowPos(f->dwp, control, NULL, x, y, cx > 0 ? cx : 0, cy > 0 ? cy : 0, flags);
}

static void lay_top(struct frame *f, int y)
{
    const struct results_window *w = f->w;
    int row = dlu_y(w, ROW);
    int gap = dlu_x(w, RELATED);
    int group = caption_width(w, IDC_RESULTS_GROUP_LABEL) + gap;
    int filter = caption_width(w, IDC_RESULTS_FILTER_LABEL) + gap;
    int only = check_width(w, IDC_RESULTS_ONLY);
    int combo = dlu_x(w, GROUP_WIDTH);
    int x = f->left;
    RECT list;
    GetWindowRect(GetDlgItem(w->hwnd, IDC_RESULTS_GROUP), &list);
    int height = list.bottom - list.top; /* a combo box sets its own */
    put(f, IDC_RESULTS_GROUP_LABEL, x, y, group, row);
    put(f, IDC_RESULTS_GROUP, x + group, y + (row - height) / 2, combo, dlu_y(w, 120));
    x += group + combo + dlu_x(w, UNRELATED);
    put(f, IDC_RESULTS_FILTER_LABEL, x, y, filter, row);
    x += filter;
    put(f, IDC_RESULTS_FILTER, x, y + (row - height) / 2, f->right - only - gap * 2 - x, height);
    put(f, IDC_RESULTS_ONLY, f->right - only, y, only, row);
}

/* From the right: buttons, or progress while a job runs. */
static void lay_bottom(struct frame *f, int y)
{
    static const int buttons[] = {IDC_RESULTS_EXPORT, IDC_RESULTS_COPY, IDC_RESULTS_MORE};
    const struct results_window *w = f->w;
    int row = dlu_y(w, ROW);
    int gap = dlu_x(w, RELATED);
    int x = f->right;
    if (w->job) {
        int cancel = button_width(w, IDC_RESULTS_CANCEL);
        int bar = dlu_x(w, 100);
        x -= cancel;
        put(f, IDC_RESULTS_CANCEL, x, y, cancel, row);
        x -= gap + bar;
        put(f, IDC_RESULTS_PROGRESS, x, y + (row - dlu_y(w, 10)) / 2, bar, dlu_y(w, 10));
    } else {
        for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
            int cx = button_width(w, buttons[i]);
            x -= cx;
            put(f, buttons[i], x, y, cx, row);
            x -= gap;
        }
    }
    put(f, IDC_RESULTS_SUMMARY, f->left, y, x - gap - f->left, row);
}

void results_layout(struct results_window *w)
{
    RECT client;
    GetClientRect(w->hwnd, &client);
    int margin_x = dlu_x(w, MARGIN);
    int margin_y = dlu_y(w, MARGIN);
    int row = dlu_y(w, ROW);
    int line = dlu_y(w, LINE) + 2;
    int related = dlu_y(w, RELATED);
    struct frame f = {w, BeginDeferWindowPos(16), margin_x, client.right - margin_x};
    lay_top(&f, margin_y);
    int bottom = client.bottom - margin_y - row;
    int top = margin_y + row + related;
    int least = dlu_y(w, PANE_LEAST);
    int end = bottom - related;
    int split = dlu_y(w, SPLIT);
    int list = (int)((end - top) * w->split);
    if (end - top - list < least + split + line)
        list = end - top - least - split - line;
    if (list < least)
        list = least;
    w->panes_top = top;
    w->panes_bottom = end;
    int cx = f.right - f.left;
    int y = top + list;
    put(&f, IDC_RESULTS_LIST, f.left, top, cx, list);
    put(&f, IDC_RESULTS_SPLITTER, f.left, y, cx, split);
    put(&f, IDC_RESULTS_DETAIL, f.left, y + split, cx, line);
    put(&f, IDC_RESULTS_STACK, f.left, y + split + line + 2, cx, end - y - split - line - 2);
    lay_bottom(&f, bottom);
    if (f.dwp)
        EndDeferWindowPos(f.dwp);
    InvalidateRect(GetDlgItem(w->hwnd, IDC_RESULTS_SUMMARY), NULL, TRUE);
    InvalidateRect(GetDlgItem(w->hwnd, IDC_RESULTS_DETAIL), NULL, TRUE);
}

void results_move_split(struct results_window *w, int by)
{
    int height = w->panes_bottom - w->panes_top;
    if (height <= 0)
        return;
    double split = w->split + (double)by / height;
    w->split = split < 0.15 ? 0.15 : split > 0.85 ? 0.85 : split;
    results_layout(w);
}

static RECT work_area(const struct results_window *w)
{
    MONITORINFO m = {.cbSize = sizeof m};
    RECT none = {0, 0, 1024, 768};
    return GetMonitorInfoW(MonitorFromWindow(w->hwnd, MONITOR_DEFAULTTOPRIMARY), &m) ? m.rcWork : none;
}

SIZE results_minimum(const struct results_window *w)
{
    RECT work = work_area(w);
    SIZE least = {list_scale(&w->look, LEAST_WIDTH), list_scale(&w->look, LEAST_HEIGHT)};
    if (least.cx > work.right - work.left)
        least.cx = work.right - work.left;
    if (least.cy > work.bottom - work.top)
        least.cy = work.bottom - work.top;
    return least;
}

void results_first_place(struct results_window *w)
{
    RECT work = work_area(w);
    RECT r = {0, 0, dlu_x(w, FIRST_WIDTH), dlu_y(w, FIRST_HEIGHT)};
    AdjustWindowRectExForDpi(&r, (DWORD)GetWindowLongW(w->hwnd, GWL_STYLE), FALSE, 0, w->look.dpi);
    int cx = r.right - r.left;
    int cy = r.bottom - r.top;
    cx = cx < work.right - work.left ? cx : work.right - work.left;
    cy = cy < work.bottom - work.top ? cy : work.bottom - work.top;
    SetWindowPos(w->hwnd, NULL, (work.left + work.right - cx) / 2, (work.top + work.bottom - cy) / 2, cx, cy,
                 SWP_NOZORDER | SWP_NOACTIVATE);
}
