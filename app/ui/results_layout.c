/* Lays out the results window from dialog units of its own font. */
#include "resource.h"
#include "ui/lay.h"
#include "ui/results_inside.h"

enum { GROUP_WIDTH = 130, PANE_LEAST = 40, SPLIT = 4 }; /* dialog units */

static int check_width(const struct results_window *w, int id)
{
    return lay_caption(&w->base, id) + GetSystemMetricsForDpi(SM_CXMENUCHECK, w->base.look.dpi) +
           lay_x(&w->base, LAY_RELATED);
}

static void top_row(const struct results_window *w, struct lay *l, int y)
{
    int row = lay_y(&w->base, LAY_ROW);
    int gap = lay_x(&w->base, LAY_RELATED);
    int group = lay_caption(&w->base, IDC_RESULTS_GROUP_LABEL) + gap;
    int filter = lay_caption(&w->base, IDC_RESULTS_FILTER_LABEL) + gap;
    int only = check_width(w, IDC_RESULTS_ONLY);
    int combo = lay_x(&w->base, GROUP_WIDTH);
    int x = l->left;
    RECT list;
    GetWindowRect(GetDlgItem(w->base.hwnd, IDC_RESULTS_GROUP), &list);
    int height = list.bottom - list.top; /* a combo box sets its own */
    lay_put_id(l, IDC_RESULTS_GROUP_LABEL, x, y, group, row);
    lay_put_id(l, IDC_RESULTS_GROUP, x + group, y + (row - height) / 2, combo, lay_y(&w->base, 120));
    x += group + combo + lay_x(&w->base, LAY_UNRELATED);
    lay_put_id(l, IDC_RESULTS_FILTER_LABEL, x, y, filter, row);
    x += filter;
    lay_put_id(l, IDC_RESULTS_FILTER, x, y + (row - height) / 2, l->right - only - gap * 2 - x, height);
    lay_put_id(l, IDC_RESULTS_ONLY, l->right - only, y, only, row);
}

/* From the right: buttons, or progress while a job runs. */
static void bottom_row(const struct results_window *w, struct lay *l, int y)
{
    static const int buttons[] = {IDC_RESULTS_EXPORT, IDC_RESULTS_COPY, IDC_RESULTS_MORE};
    int row = lay_y(&w->base, LAY_ROW);
    int gap = lay_x(&w->base, LAY_RELATED);
    int x = l->right;
    if (w->job) {
        int cancel = lay_button(&w->base, IDC_RESULTS_CANCEL);
        int bar = lay_x(&w->base, 100);
        x -= cancel;
        lay_put_id(l, IDC_RESULTS_CANCEL, x, y, cancel, row);
        x -= gap + bar;
        lay_put_id(l, IDC_RESULTS_PROGRESS, x, y + (row - lay_y(&w->base, 10)) / 2, bar, lay_y(&w->base, 10));
    } else {
        for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
            int cx = lay_button(&w->base, buttons[i]);
            x -= cx;
            lay_put_id(l, buttons[i], x, y, cx, row);
            x -= gap;
        }
    }
    lay_put_id(l, IDC_RESULTS_SUMMARY, l->left, y, x - gap - l->left, row);
}

void results_layout(struct results_window *w)
{
    struct lay l = lay_begin(&w->base, 16);
    int margin = lay_y(&w->base, LAY_MARGIN);
    int row = lay_y(&w->base, LAY_ROW);
    int line = lay_y(&w->base, LAY_LINE) + 2;
    int related = lay_y(&w->base, LAY_RELATED);
    top_row(w, &l, margin);
    int bottom = l.client.bottom - margin - row;
    int top = margin + row + related;
    int least = lay_y(&w->base, PANE_LEAST);
    int end = bottom - related;
    int split = lay_y(&w->base, SPLIT);
    int list = (int)((end - top) * w->split);
    if (end - top - list < least + split + line)
        list = end - top - least - split - line;
    if (list < least)
        list = least;
    w->panes_top = top;
    w->panes_bottom = end;
    int cx = l.right - l.left;
    int y = top + list;
    lay_put_id(&l, IDC_RESULTS_LIST, l.left, top, cx, list);
    lay_put_id(&l, IDC_RESULTS_SPLITTER, l.left, y, cx, split);
    lay_put_id(&l, IDC_RESULTS_DETAIL, l.left, y + split, cx, line);
    lay_put_id(&l, IDC_RESULTS_STACK, l.left, y + split + line + 2, cx, end - y - split - line - 2);
    bottom_row(w, &l, bottom);
    lay_end(&l);
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
