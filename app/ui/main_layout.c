/* Lays out the main window from dialog units of its own font, so that one rule serves every DPI and language. */
#include "ui/main_window.h"

#include "ui/look.h"
#include "ui/words.h"

#include <wchar.h>

/* Missing from some headers; the same message as LM_GETIDEALHEIGHT, which grew an argument. */
#ifndef LM_GETIDEALSIZE
#define LM_GETIDEALSIZE LM_GETIDEALHEIGHT
#endif

/* Dialog units. */
#define MARGIN       7
#define RELATED      4
#define UNRELATED    7
#define ROW          14 /* a button's height */
#define LINE         8  /* of text */
#define BUTTON_LEAST 50
#define BUTTON_EXTRA 12
#define SPLIT_HEIGHT 5
#define LIST_LEAST   34

/* At 96 DPI, from the specification. */
#define LEAST_WIDTH  640
#define LEAST_HEIGHT 460
#define CHART_FROM   700
#define PANE         130
#define SOURCE_LEAST 160

#define FIRST_WIDTH  434 /* dialog units, of the client area */
#define FIRST_HEIGHT 299

struct frame {
    struct main_window *w;
    HDWP dwp;
    int left;
    int right;
};

int layout_dlu_x(const struct main_window *w, int dlu)
{
    return MulDiv(dlu, w->base.cx, 4);
}

int layout_dlu_y(const struct main_window *w, int dlu)
{
    return MulDiv(dlu, w->base.cy, 8);
}

static int at_dpi(const struct main_window *w, int pixels)
{
    return MulDiv(pixels, (int)w->dpi, 96);
}

static SIZE text_size(const struct main_window *w, HFONT font, const WCHAR *text)
{
    return look_text_size(w->hwnd, font, text);
}

void layout_make_fonts(struct main_window *w)
{
    w->font = look_font(w->dpi, FW_NORMAL);
    w->bold = look_font(w->dpi, FW_BOLD);
    w->base = look_base_units(w->hwnd, w->font);
}

void layout_free_fonts(struct main_window *w)
{
    if (w->font)
        DeleteObject(w->font);
    if (w->bold)
        DeleteObject(w->bold);
    w->font = NULL;
    w->bold = NULL;
}

static int caption_width(const struct main_window *w, const WCHAR *caption)
{
    return look_caption_width(w->hwnd, w->font, caption);
}

static int caption_button(const struct main_window *w, const WCHAR *caption)
{
    int least = layout_dlu_x(w, BUTTON_LEAST);
    int cx = caption_width(w, caption) + layout_dlu_x(w, BUTTON_EXTRA);
    return cx > least ? cx : least;
}

static int control_width(const struct main_window *w, int id)
{
    WCHAR caption[200] = L"";
    GetDlgItemTextW(w->hwnd, id, caption, 200);
    return caption_width(w, caption);
}

static int button_width(const struct main_window *w, int id)
{
    WCHAR caption[200] = L"";
    GetDlgItemTextW(w->hwnd, id, caption, 200);
    return caption_button(w, caption);
}

/* Room for both of its captions, so that nothing moves when it changes. */
static int stop_width(const struct main_window *w)
{
    int stop = caption_button(w, words_wide(WORD_STOP));
    int save = caption_button(w, words_wide(WORD_STOP_SAVE));
    return stop > save ? stop : save;
}

/* Only what moves is moved, and drawn anew: bits copied from where a neighbour was covered would stay on the screen. */
static void place_window(struct frame *f, HWND child, int x, int y, int cx, int cy)
{
    RECT now;
    GetWindowRect(child, &now);
    MapWindowPoints(NULL, f->w->hwnd, (POINT *)&now, 2);
    RECT wanted = {x, y, x + (cx > 0 ? cx : 0), y + (cy > 0 ? cy : 0)};
    if (!f->dwp || EqualRect(&now, &wanted))
        return;
    f->dwp = DeferWindowPos(f->dwp, child, NULL, x, y, wanted.right - x, wanted.bottom - y,
                            SWP_NOZORDER | SWP_NOACTIVATE | SWP_NOCOPYBITS);
}

static void place(struct frame *f, int id, int x, int y, int cx, int cy)
{
    place_window(f, GetDlgItem(f->w->hwnd, id), x, y, cx, cy);
}

static int profile_row(struct frame *f, int y)
{
    const struct main_window *w = f->w;
    int height = layout_dlu_y(w, ROW);
    int label = control_width(w, IDC_PROFILE_LABEL);
    int edit = button_width(w, IDC_EDIT);
    int more = button_width(w, IDC_MORE);
    int gap = layout_dlu_x(w, RELATED);
    int combo = f->left + label + gap;
    RECT closed;
    GetWindowRect(GetDlgItem(w->hwnd, IDC_PROFILE), &closed);
    int down = (height - (closed.bottom - closed.top)) / 2;
    place(f, IDC_PROFILE_LABEL, f->left, y, label, height);
    /* The height given is that of the open list. */
    place(f, IDC_PROFILE, combo, y + (down > 0 ? down : 0), f->right - more - gap - edit - gap - combo,
          layout_dlu_y(w, 120));
    place(f, IDC_EDIT, f->right - more - gap - edit, y, edit, height);
    place(f, IDC_MORE, f->right - more, y, more, height);
    return y + height;
}

static int button_row(struct frame *f, int y)
{
    const struct main_window *w = f->w;
    int height = layout_dlu_y(w, ROW);
    int gap = layout_dlu_x(w, RELATED);
    int shield = w->services.machine.elevated ? 0 : GetSystemMetricsForDpi(SM_CXSMICON, w->dpi) + gap;
    const struct {
        int id;
        int cx;
    } buttons[] = {
        {IDC_RECORD, button_width(w, IDC_RECORD) + shield},
        {IDC_STOP, stop_width(w)},
        {IDC_DISCARD, button_width(w, IDC_DISCARD)},
        {IDC_MARK, button_width(w, IDC_MARK)},
    };
    int x = f->left;
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
        place(f, buttons[i].id, x, y, buttons[i].cx, height);
        x += buttons[i].cx + gap;
    }
    x += layout_dlu_x(w, UNRELATED) - gap;
    SIZE link = {0, 0};
    SendDlgItemMessageW(w->hwnd, IDC_CANCEL_SAVE, LM_GETIDEALSIZE, (WPARAM)layout_dlu_x(w, 200), (LPARAM)&link);
    int cancel = link.cx + gap;
    int right = w->shown.cancel ? f->right - cancel - gap : f->right;
    WCHAR text[200] = L"";
    GetDlgItemTextW(w->hwnd, IDC_STEP, text, 200);
    int step = (int)text_size(w, w->font, text).cx + layout_dlu_x(w, RELATED);
    bool bar = w->shown.progress != VIEW_PROGRESS_NONE;
    int least_bar = layout_dlu_x(w, 40);
    int room = right - x - (bar ? least_bar + gap : 0);
    if (!bar || step > room)
        step = room;
    place(f, IDC_STEP, x, y, step, height);
    int thin = layout_dlu_y(w, LINE);
    place(f, IDC_PROGRESS, x + step + gap, y + (height - thin) / 2, right - x - step - gap, thin);
    int line = w->base.cy;
    place(f, IDC_CANCEL_SAVE, f->right - cancel, y + (height - line) / 2, cancel, line + 2);
    return y + height;
}

/* The bar wraps: as high as its text needs, and gone when it has none. */
static int bar_row(struct frame *f, int y)
{
    const struct main_window *w = f->w;
    if (w->shown.bar_icon == VIEW_ICON_NONE)
        return y;
    int icon = GetSystemMetricsForDpi(SM_CXSMICON, w->dpi);
    int x = f->left + icon + layout_dlu_x(w, RELATED);
    SIZE ideal = {0, 0};
    SendDlgItemMessageW(w->hwnd, IDC_BAR, LM_GETIDEALSIZE, (WPARAM)(f->right - x), (LPARAM)&ideal);
    int line = w->base.cy + 2;
    int most = 3 * line;
    int height = ideal.cy > line ? ideal.cy : line;
    if (height > most)
        height = most;
    place(f, IDC_BAR_ICON, f->left, y + (line > icon ? (line - icon) / 2 : 0), icon, icon);
    place(f, IDC_BAR, x, y, f->right - x, height);
    return y + (height > icon ? height : icon) + layout_dlu_y(w, RELATED);
}

static int types_label_row(struct frame *f, int y)
{
    const struct main_window *w = f->w;
    int height = layout_dlu_y(w, ROW);
    int only = button_width(w, IDC_ONLY);
    int gap = layout_dlu_x(w, RELATED);
    place(f, IDC_TYPES_LABEL, f->left, y, f->right - f->left - only - gap, height);
    place(f, IDC_ONLY, f->right - only, y, only, height);
    return y + height + layout_dlu_y(w, RELATED) / 2;
}

static void lower_panes(struct frame *f, int y, int bottom)
{
    const struct main_window *w = f->w;
    int label = layout_dlu_y(w, LINE);
    int top = y + label + layout_dlu_y(w, RELATED) / 2;
    RECT client;
    GetClientRect(w->hwnd, &client);
    bool chart = w->chart_wanted && client.right >= at_dpi(w, CHART_FROM);
    int gap = layout_dlu_x(w, UNRELATED);
    int width = f->right - f->left;
    int procs = chart ? (width - gap) * 3 / 5 : width;
    place(f, IDC_PROCS_LABEL, f->left, y, procs, label);
    place_window(f, process_list_window(w->procs), f->left, top, procs, bottom - top);
    place(f, IDC_CHART_LABEL, f->left + procs + gap, y, width - procs - gap, label);
    place_window(f, chart_window(w->chart), f->left + procs + gap, top, width - procs - gap, bottom - top);
    ShowWindow(GetDlgItem(w->hwnd, IDC_CHART_LABEL), chart ? SW_SHOWNA : SW_HIDE);
    ShowWindow(chart_window(w->chart), chart ? SW_SHOWNA : SW_HIDE);
}

static int split_height(const struct main_window *w)
{
    int least = at_dpi(w, 8);
    int dlu = layout_dlu_y(w, SPLIT_HEIGHT);
    return dlu > least ? dlu : least;
}

/* What the split shares between the lists: all but the bar and the label between them. */
static int shared_height(const struct main_window *w)
{
    int label = layout_dlu_y(w, LINE) + layout_dlu_y(w, RELATED) / 2;
    return w->lists_bottom - w->lists_top - split_height(w) - label;
}

static int types_height(const struct main_window *w)
{
    int least = layout_dlu_y(w, LIST_LEAST);
    int room = shared_height(w);
    int types = (int)(room * w->split + 0.5);
    if (types > room - least)
        types = room - least;
    return types > least ? types : least;
}

static void status_parts(const struct main_window *w)
{
    HWND status = GetDlgItem(w->hwnd, IDC_STATUS);
    SendMessageW(status, WM_SIZE, 0, 0);
    RECT client;
    GetClientRect(status, &client);
    int pane = at_dpi(w, PANE);
    int grip = GetSystemMetricsForDpi(SM_CXVSCROLL, w->dpi);
    int parts[VIEW_PANES];
    int right = client.right - grip;
    int room = (right - at_dpi(w, SOURCE_LEAST)) / (VIEW_PANES - 1);
    if (pane > room)
        pane = room;
    for (int i = VIEW_PANES - 1; i >= 0; i--) {
        parts[i] = right;
        right -= pane;
    }
    parts[VIEW_PANES - 1] = -1;
    SendMessageW(status, SB_SETPARTS, VIEW_PANES, (LPARAM)parts);
}

void layout_all(struct main_window *w)
{
    RECT client;
    GetClientRect(w->hwnd, &client);
    status_parts(w);
    RECT status;
    GetWindowRect(GetDlgItem(w->hwnd, IDC_STATUS), &status);
    struct frame f = {w, BeginDeferWindowPos(24), layout_dlu_x(w, MARGIN), client.right - layout_dlu_x(w, MARGIN)};
    int y = profile_row(&f, layout_dlu_y(w, MARGIN)) + layout_dlu_y(w, RELATED);
    int summary = 2 * w->base.cy;
    place(&f, IDC_SUMMARY, f.left, y, f.right - f.left, summary);
    y = button_row(&f, y + summary + layout_dlu_y(w, RELATED)) + layout_dlu_y(w, RELATED);
    y = bar_row(&f, y);
    y = types_label_row(&f, y);
    w->lists_top = y;
    w->lists_bottom = client.bottom - (status.bottom - status.top) - layout_dlu_y(w, RELATED);
    int types = types_height(w);
    int bar = split_height(w);
    place_window(&f, type_list_window(w->types), f.left, y, f.right - f.left, types);
    place(&f, IDC_SPLITTER, f.left, y + types, f.right - f.left, bar);
    lower_panes(&f, y + types + bar, w->lists_bottom);
    if (f.dwp)
        EndDeferWindowPos(f.dwp);
}

void layout_move_split(struct main_window *w, int by)
{
    int room = shared_height(w);
    int least = layout_dlu_y(w, LIST_LEAST);
    int types = types_height(w) + by;
    if (room < 2 * least)
        return;
    if (types > room - least)
        types = room - least;
    if (types < least)
        types = least;
    w->split = (double)types / room;
    layout_all(w);
}

static RECT work_area(const struct main_window *w)
{
    MONITORINFO info = {.cbSize = sizeof info};
    if (!GetMonitorInfoW(MonitorFromWindow(w->hwnd, MONITOR_DEFAULTTONEAREST), &info))
        SetRect(&info.rcWork, 0, 0, GetSystemMetrics(SM_CXSCREEN), GetSystemMetrics(SM_CYSCREEN));
    return info.rcWork;
}

static SIZE at_most(SIZE size, RECT area)
{
    if (size.cx > area.right - area.left)
        size.cx = area.right - area.left;
    if (size.cy > area.bottom - area.top)
        size.cy = area.bottom - area.top;
    return size;
}

SIZE layout_minimum(const struct main_window *w)
{
    SIZE least = {at_dpi(w, LEAST_WIDTH), at_dpi(w, LEAST_HEIGHT)};
    return at_most(least, work_area(w));
}

RECT layout_first_place(const struct main_window *w)
{
    RECT r = {0, 0, layout_dlu_x(w, FIRST_WIDTH), layout_dlu_y(w, FIRST_HEIGHT)};
    AdjustWindowRectExForDpi(&r, (DWORD)GetWindowLongW(w->hwnd, GWL_STYLE), TRUE,
                             (DWORD)GetWindowLongW(w->hwnd, GWL_EXSTYLE), w->dpi);
    SIZE size = {r.right - r.left, r.bottom - r.top};
    SIZE least = layout_minimum(w);
    if (size.cx < least.cx)
        size.cx = least.cx;
    if (size.cy < least.cy)
        size.cy = least.cy;
    RECT area = work_area(w);
    size = at_most(size, area);
    int left = area.left + (area.right - area.left - size.cx) / 2;
    int top = area.top + (area.bottom - area.top - size.cy) / 2;
    RECT place = {left, top, left + size.cx, top + size.cy};
    return place;
}
