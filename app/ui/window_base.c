/* Makes the program's own windows, and answers what they all answer alike. */
#include "ui/window_base.h"

#include "ui/lay.h"
#include "ui/look.h"
#include "ui/window_class.h"

#include <shellapi.h>

static void use_fonts(struct window_base *b, UINT dpi)
{
    b->look.dpi = dpi;
    b->look.font = look_font(dpi, FW_NORMAL);
    b->look.bold = look_font(dpi, FW_BOLD);
    b->unit = look_base_units(b->hwnd, b->look.font);
}

static void free_fonts(const struct list_look *look)
{
    if (look->font)
        DeleteObject(look->font);
    if (look->bold)
        DeleteObject(look->bold);
}

static void tell_children(const struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    for (HWND child = GetWindow(b->hwnd, GW_CHILD); child; child = GetWindow(child, GW_HWNDNEXT))
        SendMessageW(child, message, wParam, lParam);
}

static void follow(struct window_base *b, UINT dpi)
{
    struct list_look before = b->look;
    use_fonts(b, dpi);
    look_set_icons(b->hwnd, b->instance, dpi);
    tell_children(b, WM_SETFONT, (WPARAM)b->look.font, TRUE);
    b->kind->use_look(b);
    free_fonts(&before);
}

/* All of it is drawn anew: what was larger before leaves marks otherwise. */
static void lay_out_anew(struct window_base *b)
{
    b->kind->lay_out(b);
    RedrawWindow(b->hwnd, NULL, NULL, RDW_INVALIDATE | RDW_ERASE | RDW_ALLCHILDREN);
}

static RECT work_area(const struct window_base *b)
{
    MONITORINFO info = {.cbSize = sizeof info};
    if (!GetMonitorInfoW(MonitorFromWindow(b->hwnd, MONITOR_DEFAULTTONEAREST), &info))
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

static SIZE least_size(const struct window_base *b)
{
    SIZE least = {list_scale(&b->look, b->kind->least.cx), list_scale(&b->look, b->kind->least.cy)};
    return at_most(least, work_area(b));
}

static void take_first_place(const struct window_base *b)
{
    RECT r = {0, 0, lay_x(b, b->kind->first.cx), lay_y(b, b->kind->first.cy)};
    AdjustWindowRectExForDpi(&r, (DWORD)GetWindowLongW(b->hwnd, GWL_STYLE), GetMenu(b->hwnd) != NULL,
                             (DWORD)GetWindowLongW(b->hwnd, GWL_EXSTYLE), b->look.dpi);
    SIZE size = {r.right - r.left, r.bottom - r.top};
    SIZE least = least_size(b);
    if (size.cx < least.cx)
        size.cx = least.cx;
    if (size.cy < least.cy)
        size.cy = least.cy;
    RECT area = work_area(b);
    size = at_most(size, area);
    SetWindowPos(b->hwnd, NULL, area.left + (area.right - area.left - size.cx) / 2,
                 area.top + (area.bottom - area.top - size.cy) / 2, size.cx, size.cy, SWP_NOZORDER | SWP_NOACTIVATE);
}

static void on_init(HWND hwnd, struct window_base *b)
{
    SetWindowLongPtrW(hwnd, GWLP_USERDATA, (LONG_PTR)b);
    b->hwnd = hwnd;
    look_own_dpi(hwnd);
    DragAcceptFiles(hwnd, TRUE);
    use_fonts(b, GetDpiForWindow(hwnd));
}

static void on_minmax(const struct window_base *b, MINMAXINFO *info)
{
    SIZE least = least_size(b);
    info->ptMinTrackSize.x = least.cx;
    info->ptMinTrackSize.y = least.cy;
}

static void on_dpi_changed(struct window_base *b, UINT dpi, const RECT *place)
{
    follow(b, dpi);
    SetWindowPos(b->hwnd, NULL, place->left, place->top, place->right - place->left, place->bottom - place->top,
                 SWP_NOZORDER | SWP_NOACTIVATE);
    lay_out_anew(b);
}

static LRESULT on_look_changed(struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    tell_children(b, message, wParam, lParam);
    follow(b, b->look.dpi);
    lay_out_anew(b);
    return window_base_default(b, message, wParam, lParam);
}

static LRESULT on_message(struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    switch (message) {
    case WM_SIZE:
        if (wParam != SIZE_MINIMIZED)
            b->kind->lay_out(b);
        return 0;
    case WM_DPICHANGED:
        return on_dpi_changed(b, HIWORD(wParam), (const RECT *)lParam), 0;
    case WM_SETTINGCHANGE:
    case WM_SYSCOLORCHANGE:
    case WM_THEMECHANGED:
        return on_look_changed(b, message, wParam, lParam);
    case DM_GETDEFID: /* no button is the default */
        return 0;
    case WM_DESTROY:
        look_drop_icons(b->hwnd);
        return b->kind->message(b, message, wParam, lParam);
    default:
        return b->kind->message(b, message, wParam, lParam);
    }
}

static LRESULT CALLBACK window_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    struct window_base *b = (struct window_base *)GetWindowLongPtrW(hwnd, GWLP_USERDATA);
    if (message == WM_INITDIALOG)
        return on_init(hwnd, (struct window_base *)lParam), FALSE;
    if (message == WM_GETMINMAXINFO && b)
        return on_minmax(b, (MINMAXINFO *)lParam), 0;
    return b && b->filled ? on_message(b, message, wParam, lParam) : DefDlgProcW(hwnd, message, wParam, lParam);
}

/* The class has a procedure of its own; but without this one no WM_INITDIALOG would be sent. */
static INT_PTR CALLBACK no_dialog_proc(HWND hwnd, UINT message, WPARAM wParam, LPARAM lParam)
{
    (void)hwnd;
    (void)message;
    (void)wParam;
    (void)lParam;
    return FALSE;
}

LRESULT window_base_default(const struct window_base *b, UINT message, WPARAM wParam, LPARAM lParam)
{
    return DefDlgProcW(b->hwnd, message, wParam, lParam);
}

bool window_base_create(struct window_base *b, const struct window_kind *kind, HINSTANCE instance, struct err *err)
{
    const WNDCLASSEXW c = {.lpfnWndProc = window_proc,
                           .cbWndExtra = DLGWINDOWEXTRA,
                           .hbrBackground = GetSysColorBrush(COLOR_BTNFACE),
                           .lpszClassName = kind->class_name};
    b->kind = kind;
    b->instance = instance;
    if (!window_class_register(&c, err))
        return false;
    if (!CreateDialogParamW(instance, MAKEINTRESOURCEW(kind->dialog), NULL, no_dialog_proc, (LPARAM)b))
        return win_fail(err, kind->doing, "");
    if (!b->hwnd)
        return err_set(err, ERR_STATE, "%s", kind->doing);
    if (!kind->fill(b, err))
        return false;
    b->filled = true;
    follow(b, b->look.dpi);
    take_first_place(b);
    kind->lay_out(b);
    return true;
}

void window_base_end(struct window_base *b)
{
    if (IsWindow(b->hwnd)) {
        SetWindowLongPtrW(b->hwnd, GWLP_USERDATA, 0);
        look_drop_icons(b->hwnd);
        DestroyWindow(b->hwnd);
    }
    free_fonts(&b->look);
    b->look = (struct list_look){0};
}

void window_base_show(const struct window_base *b)
{
    ShowWindow(b->hwnd, IsIconic(b->hwnd) ? SW_RESTORE : SW_SHOW);
    SetForegroundWindow(GetLastActivePopup(b->hwnd));
}
