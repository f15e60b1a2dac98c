/* Drags, draws its line and says where it went; the parent lays out. */
#include "ui/splitter.h"

#include "ui/window_class.h"

#include <windowsx.h>

static void on_paint(HWND hwnd)
{
    PAINTSTRUCT ps;
    HDC dc = BeginPaint(hwnd, &ps);
    RECT all;
    GetClientRect(hwnd, &all);
    FillRect(dc, &all, GetSysColorBrush(COLOR_BTNFACE));
    RECT line = {all.left, (all.top + all.bottom) / 2, all.right, (all.top + all.bottom) / 2 + 1};
    FillRect(dc, &line, GetSysColorBrush(COLOR_BTNSHADOW));
    EndPaint(hwnd, &ps);
}

/* Where in the bar it was taken is kept, so that the bar stays under the pointer. */
static void on_button_down(HWND hwnd, BOOL twice, int x, int y, UINT keys)
{
    (void)twice;
    (void)x;
    (void)keys;
    SetWindowLongPtrW(hwnd, 0, y);
    SetCapture(hwnd);
}

static void on_mouse_move(HWND hwnd, int x, int y, UINT keys)
{
    (void)x;
    (void)keys;
    int by = y - (int)GetWindowLongPtrW(hwnd, 0);
    if (GetCapture() == hwnd && by)
        SendMessageW(GetParent(hwnd), SPLITTER_MOVED, (WPARAM)GetDlgCtrlID(hwnd), by);
}

static void on_button_up(HWND hwnd, int x, int y, UINT keys)
{
    (void)x;
    (void)y;
    (void)keys;
    if (GetCapture() == hwnd)
        ReleaseCapture();
}

static LRESULT CALLBACK splitter_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
        HANDLE_MSG(hwnd, WM_PAINT, on_paint);
        HANDLE_MSG(hwnd, WM_LBUTTONDOWN, on_button_down);
        HANDLE_MSG(hwnd, WM_MOUSEMOVE, on_mouse_move);
        HANDLE_MSG(hwnd, WM_LBUTTONUP, on_button_up);
    default:
        return DefWindowProcW(hwnd, message, wParam, lParam);
    }
}

bool splitter_register(struct err *err)
{
    const WNDCLASSEXW c = {.lpfnWndProc = splitter_proc,
                           .cbWndExtra = sizeof(LONG_PTR),
                           .hCursor = LoadCursorW(NULL, IDC_SIZENS),
                           .lpszClassName = L"HandleRecorderSplitter"};
    return window_class_register(&c, err);
}
