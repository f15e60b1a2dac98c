/* Draws the slots side by side: filled ones in the colour of selections. */
#include "ui/slots_bar.h"

#include "ui/window_class.h"

#include <windowsx.h>

/* The window's own words: how many are used, and of how many. */
enum { USED = 0, OF = sizeof(LONG_PTR) };

static void paint_slots(HWND hwnd, HDC dc, const RECT *all)
{
    int used = (int)GetWindowLongPtrW(hwnd, USED);
    int of = (int)GetWindowLongPtrW(hwnd, OF);
    int gap = GetSystemMetricsForDpi(SM_CXEDGE, GetDpiForWindow(hwnd));
    for (int i = 0; i < of; i++) {
        RECT box = *all;
        box.left = all->left + MulDiv(all->right - all->left + gap, i, of);
        box.right = all->left + MulDiv(all->right - all->left + gap, i + 1, of) - gap;
        FillRect(dc, &box, GetSysColorBrush(i < used ? COLOR_HIGHLIGHT : COLOR_WINDOW));
        FrameRect(dc, &box, GetSysColorBrush(i < used ? COLOR_HIGHLIGHT : COLOR_GRAYTEXT));
    }
}

static void on_paint(HWND hwnd)
{
    PAINTSTRUCT ps;
    HDC dc = BeginPaint(hwnd, &ps);
    RECT all;
    GetClientRect(hwnd, &all);
    paint_slots(hwnd, dc, &all);
    EndPaint(hwnd, &ps);
}

static LRESULT CALLBACK slots_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
        HANDLE_MSG(hwnd, WM_PAINT, on_paint);
    case WM_ERASEBKGND: /* between the boxes the page shows */
        return 1;
    default:
        return DefWindowProcW(hwnd, message, wParam, lParam);
    }
}

bool slots_bar_register(struct err *err)
{
    const WNDCLASSEXW c = {
        .lpfnWndProc = slots_proc, .cbWndExtra = 2 * sizeof(LONG_PTR), .lpszClassName = L"HandleRecorderSlots"};
    return window_class_register(&c, err);
}

void slots_bar_set(HWND bar, unsigned used, unsigned of)
{
    SetWindowLongPtrW(bar, USED, (LONG_PTR)used);
    SetWindowLongPtrW(bar, OF, (LONG_PTR)of);
    InvalidateRect(bar, NULL, FALSE);
}
