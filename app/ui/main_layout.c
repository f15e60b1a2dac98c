/* Lays out the main window from dialog units of its own font, so that one rule serves every DPI and language. */
#include "ui/main_window.h"

#include "ui/lay.h"
#include "ui/look.h"
#include "ui/words.h"

#include <wchar.h>

/* Missing from some headers; the same message as LM_GETIDEALHEIGHT, which grew an argument. */
#ifndef LM_GETIDEALSIZE
#define LM_GETIDEALSIZE LM_GETIDEALHEIGHT
#endif

#define SPLIT_HEIGHT 5  /* dialog units */
#define LIST_LEAST   34 /* dialog units */

/* At 96 DPI, from the specification. */
#define CHART_FROM   700
#define PANE         130
#define SOURCE_LEAST 160

static int at_dpi(const struct main_window *w, int pixels)
{
    return list_scale(&w->base.look, pixels);
}

/* Room for both of its captions, so that nothing moves when it changes. */
static int stop_width(const struct main_window *w)
{
    int stop = lay_button_for(&w->base, words_wide(WORD_STOP));
    int save = lay_button_for(&w->base, words_wide(WORD_STOP_SAVE));
    return stop > save ? stop : save;
}

static int profile_row(const struct main_window *w, struct lay *l, int y)
{
    int height = lay_y(&w->base, LAY_ROW);
    int label = lay_caption(&w->base, IDC_PROFILE_LABEL);
    int edit = lay_button(&w->base, IDC_EDIT);
    int more = lay_button(&w->base, IDC_MORE);
    int gap = lay_x(&w->base, LAY_RELATED);
    int combo = l->left + label + gap;
    RECT closed;
    GetWindowRect(GetDlgItem(w->base.hwnd, IDC_PROFILE), &closed);
    int down = (height - (closed.bottom - closed.top)) / 2;
    lay_put_id(l, IDC_PROFILE_LABEL, l->left, y, label, height);
    /* The height given is that of the open list. */
    lay_put_id(l, IDC_PROFILE, combo, y + (down > 0 ? down : 0), l->right - more - gap - edit - gap - combo,
               lay_y(&w->base, 120));
    lay_put_id(l, IDC_EDIT, l->right - more - gap - edit, y, edit, height);
    lay_put_id(l, IDC_MORE, l->right - more, y, more, height);
    return y + height;
}

static int button_row(const struct main_window *w, struct lay *l, int y)
{
    int height = lay_y(&w->base, LAY_ROW);
    int gap = lay_x(&w->base, LAY_RELATED);
    int shield = w->services.machine.elevated ? 0 : GetSystemMetricsForDpi(SM_CXSMICON, w->base.look.dpi) + gap;
    const struct {
        int id;
        int cx;
    } buttons[] = {
        {IDC_RECORD, lay_button(&w->base, IDC_RECORD) + shield},
        {IDC_STOP, stop_width(w)},
        {IDC_DISCARD, lay_button(&w->base, IDC_DISCARD)},
        {IDC_MARK, lay_button(&w->base, IDC_MARK)},
    };
    int x = l->left;
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
        lay_put_id(l, buttons[i].id, x, y, buttons[i].cx, height);
        x += buttons[i].cx + gap;
    }
    x += lay_x(&w->base, LAY_UNRELATED) - gap;
    SIZE link = {0, 0};
    SendDlgItemMessageW(w->base.hwnd, IDC_CANCEL_SAVE, LM_GETIDEALSIZE, (WPARAM)lay_x(&w->base, 200), (LPARAM)&link);
    int cancel = link.cx + gap;
    int right = w->shown.cancel ? l->right - cancel - gap : l->right;
    WCHAR text[200] = L"";
    GetDlgItemTextW(w->base.hwnd, IDC_STEP, text, 200);
    int step = (int)look_text_size(w->base.hwnd, w->base.look.font, text).cx + lay_x(&w->base, LAY_RELATED);
    bool bar = w->shown.progress != VIEW_PROGRESS_NONE;
    int least_bar = lay_x(&w->base, 40);
    int room = right - x - (bar ? least_bar + gap : 0);
    if (!bar || step > room)
        step = room;
    lay_put_id(l, IDC_STEP, x, y, step, height);
    int thin = lay_y(&w->base, LAY_LINE);
    lay_put_id(l, IDC_PROGRESS, x + step + gap, y + (height - thin) / 2, right - x - step - gap, thin);
    int line = w->base.unit.cy;
    lay_put_id(l, IDC_CANCEL_SAVE, l->right - cancel, y + (height - line) / 2, cancel, line + 2);
    return y + height;
}

/* The bar wraps: as high as its text needs, and gone when it has none. */
static int bar_row(const struct main_window *w, struct lay *l, int y)
{
    if (w->shown.bar_icon == VIEW_ICON_NONE)
        return y;
    int icon = GetSystemMetricsForDpi(SM_CXSMICON, w->base.look.dpi);
    int x = l->left + icon + lay_x(&w->base, LAY_RELATED);
    SIZE ideal = {0, 0};
    SendDlgItemMessageW(w->base.hwnd, IDC_BAR, LM_GETIDEALSIZE, (WPARAM)(l->right - x), (LPARAM)&ideal);
    int line = w->base.unit.cy + 2;
    int most = 3 * line;
    int height = ideal.cy > line ? ideal.cy : line;
    if (height > most)
        height = most;
    lay_put_id(l, IDC_BAR_ICON, l->left, y + (line > icon ? (line - icon) / 2 : 0), icon, icon);
    lay_put_id(l, IDC_BAR, x, y, l->right - x, height);
    return y + (height > icon ? height : icon) + lay_y(&w->base, LAY_RELATED);
}

static int types_label_row(const struct main_window *w, struct lay *l, int y)
{
    int height = lay_y(&w->base, LAY_ROW);
    int only = lay_button(&w->base, IDC_ONLY);
    int gap = lay_x(&w->base, LAY_RELATED);
    lay_put_id(l, IDC_TYPES_LABEL, l->left, y, l->right - l->left - only - gap, height);
    lay_put_id(l, IDC_ONLY, l->right - only, y, only, height);
    return y + height + lay_y(&w->base, LAY_RELATED) / 2;
}

static void lower_panes(const struct main_window *w, struct lay *l, int y, int bottom)
{
    int label = lay_y(&w->base, LAY_LINE);
    int top = y + label + lay_y(&w->base, LAY_RELATED) / 2;
    bool chart = w->chart_wanted && l->client.right >= at_dpi(w, CHART_FROM);
    int gap = lay_x(&w->base, LAY_UNRELATED);
    int width = l->right - l->left;
    int procs = chart ? (width - gap) * 3 / 5 : width;
    lay_put_id(l, IDC_PROCS_LABEL, l->left, y, procs, label);
    lay_put(l, list_view_window(w->procs), l->left, top, procs, bottom - top);
    lay_put_id(l, IDC_CHART_LABEL, l->left + procs + gap, y, width - procs - gap, label);
    lay_put(l, chart_window(w->chart), l->left + procs + gap, top, width - procs - gap, bottom - top);
    ShowWindow(GetDlgItem(w->base.hwnd, IDC_CHART_LABEL), chart ? SW_SHOWNA : SW_HIDE);
    ShowWindow(chart_window(w->chart), chart ? SW_SHOWNA : SW_HIDE);
}

static int split_height(const struct main_window *w)
{
    int least = at_dpi(w, 8);
    int dlu = lay_y(&w->base, SPLIT_HEIGHT);
    return dlu > least ? dlu : least;
}

/* What the split shares between the lists: all but the bar and the label between them. */
static int shared_height(const struct main_window *w)
{
    int label = lay_y(&w->base, LAY_LINE) + lay_y(&w->base, LAY_RELATED) / 2;
    return w->lists_bottom - w->lists_top - split_height(w) - label;
}

static int types_height(const struct main_window *w)
{
    int least = lay_y(&w->base, LIST_LEAST);
    int room = shared_height(w);
    int types = (int)(room * w->split + 0.5);
    if (types > room - least)
        types = room - least;
    return types > least ? types : least;
}

static void status_parts(const struct main_window *w)
{
    HWND status = GetDlgItem(w->base.hwnd, IDC_STATUS);
    SendMessageW(status, WM_SIZE, 0, 0);
    RECT client;
    GetClientRect(status, &client);
    int pane = at_dpi(w, PANE);
    int grip = GetSystemMetricsForDpi(SM_CXVSCROLL, w->base.look.dpi);
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
    status_parts(w);
    RECT status;
    GetWindowRect(GetDlgItem(w->base.hwnd, IDC_STATUS), &status);
    struct lay l = lay_begin(&w->base, 24);
    int gap = lay_y(&w->base, LAY_RELATED);
    int y = profile_row(w, &l, lay_y(&w->base, LAY_MARGIN)) + gap;
    int summary = 2 * w->base.unit.cy;
    lay_put_id(&l, IDC_SUMMARY, l.left, y, l.right - l.left, summary);
    y = button_row(w, &l, y + summary + gap) + gap;
    y = bar_row(w, &l, y);
    y = types_label_row(w, &l, y);
    w->lists_top = y;
    w->lists_bottom = l.client.bottom - (status.bottom - status.top) - gap;
    int types = types_height(w);
    int bar = split_height(w);
    lay_put(&l, list_view_window(w->types), l.left, y, l.right - l.left, types);
    lay_put_id(&l, IDC_SPLITTER, l.left, y + types, l.right - l.left, bar);
    lower_panes(w, &l, y + types + bar, w->lists_bottom);
    lay_end(&l);
}

void layout_move_split(struct main_window *w, int by)
{
    int room = shared_height(w);
    int least = lay_y(&w->base, LIST_LEAST);
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
