/* Measures captions, and moves the controls of a window together. */
#include "ui/lay.h"

#include "ui/look.h"

enum { BUTTON_LEAST = 50, BUTTON_EXTRA = 12, CAPTION_MAX = 200 };

int lay_x(const struct window_base *b, int dlu)
{
    return MulDiv(dlu, b->unit.cx, 4);
}

int lay_y(const struct window_base *b, int dlu)
{
    return MulDiv(dlu, b->unit.cy, 8);
}

int lay_caption(const struct window_base *b, int id)
{
    WCHAR caption[CAPTION_MAX] = L"";
    GetDlgItemTextW(b->hwnd, id, caption, CAPTION_MAX);
    return look_caption_width(b->hwnd, b->look.font, caption);
}

static int button_of(const struct window_base *b, int caption)
{
    int least = lay_x(b, BUTTON_LEAST);
    int cx = caption + lay_x(b, BUTTON_EXTRA);
    return cx > least ? cx : least;
}

int lay_button(const struct window_base *b, int id)
{
    return button_of(b, lay_caption(b, id));
}

int lay_button_for(const struct window_base *b, const WCHAR *caption)
{
    return button_of(b, look_caption_width(b->hwnd, b->look.font, caption));
}

struct lay lay_begin(const struct window_base *b, int controls)
{
    struct lay l = {.b = b, .dwp = BeginDeferWindowPos(controls), .left = lay_x(b, LAY_MARGIN)};
    GetClientRect(b->hwnd, &l.client);
    l.right = l.client.right - l.left;
    return l;
}

/* Only what moves is moved, and drawn anew: bits copied from where a neighbour was covered would stay on the screen. */
void lay_put(struct lay *l, HWND child, int x, int y, int cx, int cy)
{
    RECT now;
    GetWindowRect(child, &now);
    MapWindowPoints(NULL, l->b->hwnd, (POINT *)&now, 2);
    RECT wanted = {x, y, x + (cx > 0 ? cx : 0), y + (cy > 0 ? cy : 0)};
    if (!l->dwp || EqualRect(&now, &wanted))
        return;
    l->dwp = DeferWindowPos(l->dwp, child, NULL, x, y, wanted.right - x, wanted.bottom - y,
                            SWP_NOZORDER | SWP_NOACTIVATE | SWP_NOCOPYBITS);
}

void lay_put_id(struct lay *l, int id, int x, int y, int cx, int cy)
{
    lay_put(l, GetDlgItem(l->b->hwnd, id), x, y, cx, cy);
}

void lay_end(struct lay *l)
{
    if (l->dwp)
        EndDeferWindowPos(l->dwp);
}
