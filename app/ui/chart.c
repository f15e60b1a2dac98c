/* Draws the last ten minutes of a type: a line over a labelled grid, from a bitmap so that nothing flickers. */
#include "ui/chart.h"

#include "list_strings.h"
#include "ui/window_class.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHART_CLASS L"HandleRecorderChart"

enum {
    GRID_LINES = 4,       /* at most so many values are labelled */
    NAME_EVERY_MS = 5000, /* a screen reader is told of changes no more often */
    LABEL_MAX = 64
};

struct chart {
    HWND window;
    struct list_look look;
    const struct snapshot *snap; /* a reference of our own, or NULL */
    size_t type;                 /* SIZE_MAX: none */
    bool named;
    size_t named_type;
    uint64_t named_ms;
};

static const struct snapshot_type *type_of(const struct chart *c)
{
    return c->snap && c->snap->available && c->type < c->snap->type_count ? &c->snap->types[c->type] : NULL;
}

/* The vertical axis: from `low` to `high` in steps of 1, 2 or 5 times a power of ten. */
struct axis {
    double low;
    double high;
    double step;
};

static double round_step(double least)
{
    double power = pow(10, floor(log10(least)));
    double times = least / power;
    double step = times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10;
    return step * power < 1 ? 1 : step * power;
}

static struct axis axis_of(const struct snapshot_type *t)
{
    uint32_t low = t->history_count ? t->history[0] : 0;
    uint32_t high = low;
    for (size_t i = 1; i < t->history_count; i++) {
        low = t->history[i] < low ? t->history[i] : low;
        high = t->history[i] > high ? t->history[i] : high;
    }
    /* A count that hardly moves is drawn as one: no mountains out of three handles. */
    double range = high - low;
    double least = high / 50.0 > 8 ? high / 50.0 : 8;
    struct axis a;
    a.step = round_step((range > least ? range : least) / GRID_LINES);
    a.low = floor(low / a.step) * a.step;
    a.high = ceil(high / a.step) * a.step;
    while (a.high - a.low < 2 * a.step)
        a.high += a.step;
    return a;
}

static int steps_of(const struct axis *a)
{
    return (int)lround((a->high - a->low) / a->step);
}

/* Where things lie, in pixels of the client area. */
struct frame {
    RECT plot;
    int line; /* height of a line of text */
};

static void value_label(double value, WCHAR *out)
{
    struct text t = {0};
    rows_add_count(&t, (uint64_t)value, list_words());
    list_put_text(&t, out, LABEL_MAX);
}

static int text_width(HDC dc, const WCHAR *text)
{
    SIZE size = {0};
    GetTextExtentPoint32W(dc, text, (int)wcslen(text), &size);
    return size.cx;
}

static struct frame lay_out(const struct chart *c, HDC dc, const RECT *client, const struct axis *a)
{
    TEXTMETRICW metrics = {0};
    GetTextMetricsW(dc, &metrics);
    WCHAR label[LABEL_MAX];
    int widest = 0;
    for (int i = 0; i <= steps_of(a); i++) {
        value_label(a->low + i * a->step, label);
        int width = text_width(dc, label);
        widest = width > widest ? width : widest;
    }
    int pad = list_scale(&c->look, 6);
    struct frame f = {.line = metrics.tmHeight};
    f.plot.left = client->left + widest + 2 * pad;
    f.plot.top = client->top + metrics.tmHeight / 2 + pad;
    f.plot.right = client->right - 2 * pad;
    f.plot.bottom = client->bottom - metrics.tmHeight - pad - pad / 2;
    return f;
}

static int y_of(const struct frame *f, const struct axis *a, double value)
{
    double share = (value - a->low) / (a->high - a->low);
    return f->plot.bottom - (int)lround(share * (f->plot.bottom - f->plot.top));
}

static int x_of(const struct frame *f, double seconds_ago)
{
    return f->plot.right - (int)lround(seconds_ago / (SNAPSHOT_HISTORY - 1) * (f->plot.right - f->plot.left));
}

static void fill(HDC dc, int left, int top, int right, int bottom, int colour)
{
    RECT r = {left, top, right, bottom};
    FillRect(dc, &r, GetSysColorBrush(colour));
}

static void draw_grid(const struct chart *c, HDC dc, const struct frame *f, const struct axis *a)
{
    int one = list_scale(&c->look, 1);
    int pad = list_scale(&c->look, 6);
    SetTextAlign(dc, TA_RIGHT | TA_TOP);
    /* Lines that would stand too close leave every other label out. */
    int steps = steps_of(a);
    bool crowded = (f->plot.bottom - f->plot.top) / (steps ? steps : 1) < f->line;
    for (int i = 0; i <= steps; i++) {
        double v = a->low + i * a->step;
        int y = y_of(f, a, v);
        fill(dc, f->plot.left, y, f->plot.right, y + one, i ? COLOR_BTNFACE : COLOR_BTNSHADOW);
        if (crowded && i % 2)
            continue;
        WCHAR label[LABEL_MAX];
        value_label(v, label);
        TextOutW(dc, f->plot.left - pad, y - f->line / 2, label, (int)wcslen(label));
    }
    fill(dc, f->plot.left, f->plot.top, f->plot.left + one, f->plot.bottom, COLOR_BTNSHADOW);
}

static void draw_times(HDC dc, const struct frame *f)
{
    static const struct {
        UINT text;
        double seconds_ago;
        UINT align;
    } marks[] = {
        {LISTS_AXIS_START, SNAPSHOT_HISTORY - 1, TA_LEFT},
        {LISTS_AXIS_MIDDLE, (SNAPSHOT_HISTORY - 1) / 2.0, TA_CENTER},
        {LISTS_AXIS_NOW, 0, TA_RIGHT},
    };
    WCHAR label[3][LABEL_MAX];
    int needed = 0;
    for (size_t i = 0; i < 3; i++) {
        list_string_wide(marks[i].text, label[i], LABEL_MAX);
        needed += text_width(dc, label[i]);
    }
    bool narrow = needed + f->line * 2 > f->plot.right - f->plot.left;
    for (size_t i = 0; i < 3; i++) {
        if (i == 1 && narrow)
            continue;
        SetTextAlign(dc, marks[i].align | TA_TOP);
        TextOutW(dc, x_of(f, marks[i].seconds_ago), f->plot.bottom + f->line / 5, label[i], (int)wcslen(label[i]));
    }
}

static void draw_line(const struct chart *c, HDC dc, const struct frame *f, const struct axis *a,
                      const struct snapshot_type *t)
{
    POINT points[SNAPSHOT_HISTORY];
    int count = 0;
    for (size_t i = 0; i < t->history_count && count < SNAPSHOT_HISTORY; i++) {
        points[count].x = x_of(f, (double)(t->history_count - 1 - i));
        points[count].y = y_of(f, a, t->history[i]);
        count++;
    }
    int width = list_scale(&c->look, 2);
    HPEN pen = CreatePen(PS_SOLID, width, GetSysColor(COLOR_HIGHLIGHT));
    if (!pen)
        return;
    HGDIOBJ before = SelectObject(dc, pen);
    if (count == 1)
        fill(dc, points[0].x - width, points[0].y, points[0].x, points[0].y + width, COLOR_HIGHLIGHT);
    else
        Polyline(dc, points, count);
    SelectObject(dc, before);
    DeleteObject(pen);
}

static void draw_sentence(const struct chart *c, HDC dc, const RECT *client, UINT id)
{
    WCHAR text[160];
    list_string_wide(id, text, 160);
    RECT r = *client;
    int pad = list_scale(&c->look, 12);
    InflateRect(&r, -pad, -pad);
    DrawTextW(dc, text, -1, &r, DT_CENTER | DT_WORDBREAK | DT_NOPREFIX);
}

static void draw(const struct chart *c, HDC dc, const RECT *client)
{
    /* The thin edge that the system draws around lists; a sunken one would stand out beside them. */
    RECT inside = *client;
    InflateRect(&inside, -1, -1);
    FillRect(dc, client, GetSysColorBrush(COLOR_BTNSHADOW));
    FillRect(dc, &inside, GetSysColorBrush(COLOR_WINDOW));
    SetBkMode(dc, TRANSPARENT);
    SetTextColor(dc, GetSysColor(COLOR_WINDOWTEXT));
    HGDIOBJ font = SelectObject(dc, c->look.font);
    const struct snapshot_type *t = type_of(c);
    if (!t || !t->history_count) {
        draw_sentence(c, dc, client, t ? LISTS_CHART_SOON : LISTS_CHART_SELECT);
        SelectObject(dc, font);
        return;
    }
    struct axis a = axis_of(t);
    struct frame f = lay_out(c, dc, client, &a);
    /* Too small for axes: the line alone says more than labels over each other. */
    if (f.plot.right - f.plot.left >= 2 * f.line && f.plot.bottom - f.plot.top >= 2 * f.line) {
        draw_grid(c, dc, &f, &a);
        draw_times(dc, &f);
    } else {
        f.plot = *client;
        InflateRect(&f.plot, -f.line / 4, -f.line / 4);
    }
    draw_line(c, dc, &f, &a, t);
    SelectObject(dc, font);
}

static void paint(const struct chart *c)
{
    PAINTSTRUCT ps;
    RECT client;
    HDC dc = BeginPaint(c->window, &ps);
    if (!dc)
        return;
    GetClientRect(c->window, &client);
    HDC memory = CreateCompatibleDC(dc);
    HBITMAP bitmap = CreateCompatibleBitmap(dc, client.right, client.bottom);
    if (memory && bitmap) {
        HGDIOBJ before = SelectObject(memory, bitmap);
        draw(c, memory, &client);
        BitBlt(dc, 0, 0, client.right, client.bottom, memory, 0, 0, SRCCOPY);
        SelectObject(memory, before);
    } else {
        draw(c, dc, &client);
    }
    if (bitmap)
        DeleteObject(bitmap);
    if (memory)
        DeleteDC(memory);
    EndPaint(c->window, &ps);
}

static LRESULT CALLBACK window_proc(HWND window, UINT message, WPARAM w, LPARAM l)
{
    struct chart *c = (struct chart *)GetWindowLongPtrW(window, GWLP_USERDATA);
    if (!c)
        return DefWindowProcW(window, message, w, l);
    switch (message) {
    case WM_PAINT:
        paint(c);
        return 0;
    case WM_ERASEBKGND:
        return 1;
    case WM_SIZE:
        InvalidateRect(window, NULL, FALSE);
        return 0;
    case WM_NCDESTROY:
        SetWindowLongPtrW(window, GWLP_USERDATA, 0);
        c->window = NULL;
        break;
    default:
        break;
    }
    return DefWindowProcW(window, message, w, l);
}

bool chart_create(HWND parent, int id, const struct list_look *look, struct chart **out, struct err *err)
{
    const WNDCLASSEXW class = {.lpfnWndProc = window_proc, .lpszClassName = CHART_CLASS};
    if (!window_class_register(&class, err))
        return false;
    struct chart *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NO_MEMORY, "Making the chart");
    c->look = *look;
    c->type = SIZE_MAX;
    c->window = CreateWindowExW(0, CHART_CLASS, L"", WS_CHILD | WS_VISIBLE, 0, 0, 0, 0, parent, (HMENU)(INT_PTR)id,
                                GetModuleHandleW(NULL), NULL);
    if (!c->window) {
        win_fail(err, "Making", "the chart");
        free(c);
        return false;
    }
    SetWindowLongPtrW(c->window, GWLP_USERDATA, (LONG_PTR)c);
    *out = c;
    return true;
}

void chart_destroy(struct chart *c)
{
    if (!c)
        return;
    if (c->window)
        SetWindowLongPtrW(c->window, GWLP_USERDATA, 0);
    snapshot_release(c->snap);
    free(c);
}

HWND chart_window(const struct chart *c)
{
    return c->window;
}

void chart_set_look(struct chart *c, const struct list_look *look)
{
    c->look = *look;
    InvalidateRect(c->window, NULL, FALSE);
}

/* Setting the text tells screen readers: only when it says something new, and not every second. */
static void name_window(struct chart *c)
{
    uint64_t now = GetTickCount64();
    if (c->named && c->named_type == c->type && now - c->named_ms < NAME_EVERY_MS)
        return;
    struct text name = {0};
    const struct snapshot_type *t = type_of(c);
    if (t)
        rows_add_chart(&name, t, list_words());
    WCHAR *wide = list_wide(&name);
    WCHAR old[256] = L"";
    GetWindowTextW(c->window, old, 256);
    if (wide && wcscmp(old, wide) != 0)
        SetWindowTextW(c->window, wide);
    free(wide);
    text_free(&name);
    c->named = true;
    c->named_type = c->type;
    c->named_ms = now;
}

void chart_set_snapshot(struct chart *c, const struct snapshot *s, size_t type)
{
    const struct snapshot *old = c->snap;
    c->snap = s ? snapshot_retain(s) : NULL;
    c->type = type;
    snapshot_release(old);
    name_window(c);
    InvalidateRect(c->window, NULL, FALSE);
}
