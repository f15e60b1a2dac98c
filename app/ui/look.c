/* Measures text in the window's own font, and loads what depends on the DPI. */
#include "ui/look.h"

#include "resource.h"

#include <wchar.h>

HFONT look_font(UINT dpi, LONG weight)
{
    const LOGFONTW f = {.lfHeight = -MulDiv(9, (int)dpi, 72),
                        .lfWeight = weight,
                        .lfCharSet = DEFAULT_CHARSET,
                        .lfQuality = CLEARTYPE_QUALITY,
                        .lfFaceName = L"Segoe UI"};
    return CreateFontIndirectW(&f);
}

SIZE look_text_size(HWND window, HFONT font, const WCHAR *text)
{
    SIZE size = {0, 0};
    HDC dc = GetDC(window);
    HGDIOBJ old = SelectObject(dc, font);
    GetTextExtentPoint32W(dc, text, (int)wcslen(text), &size);
    SelectObject(dc, old);
    ReleaseDC(window, dc);
    return size;
}

/* The dialog manager's own measure: the average width of the letters, rounded. */
SIZE look_base_units(HWND window, HFONT font)
{
    static const WCHAR letters[] = L"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    SIZE all = look_text_size(window, font, letters);
    SIZE base = {(all.cx / 26 + 1) / 2, all.cy};
    return base;
}

int look_caption_width(HWND window, HFONT font, const WCHAR *caption)
{
    WCHAR plain[200];
    size_t n = 0;
    for (const WCHAR *p = caption; *p && n < 199; p++) {
        if (*p == L'&' && p[1])
            p++;
        plain[n++] = *p;
    }
    plain[n] = 0;
    return (int)look_text_size(window, font, plain).cx;
}

static void set_icon(HWND window, WPARAM which, HICON icon)
{
    HICON old = (HICON)SendMessageW(window, WM_SETICON, which, (LPARAM)icon);
    if (old)
        DestroyIcon(old);
}

static HICON app_icon(HINSTANCE instance, int cx, int cy)
{
    return LoadImageW(instance, MAKEINTRESOURCEW(IDI_APP), IMAGE_ICON, cx, cy, LR_DEFAULTCOLOR);
}

void look_set_icons(HWND window, HINSTANCE instance, UINT dpi)
{
    set_icon(window, ICON_SMALL,
             app_icon(instance, GetSystemMetricsForDpi(SM_CXSMICON, dpi), GetSystemMetricsForDpi(SM_CYSMICON, dpi)));
    set_icon(window, ICON_BIG,
             app_icon(instance, GetSystemMetricsForDpi(SM_CXICON, dpi), GetSystemMetricsForDpi(SM_CYICON, dpi)));
}

void look_drop_icons(HWND window)
{
    set_icon(window, ICON_SMALL, NULL);
    set_icon(window, ICON_BIG, NULL);
}

/* Since Windows 10 1703. */
typedef BOOL(WINAPI *dialog_dpi_fn)(HWND, DWORD, DWORD);

void look_own_dpi(HWND window)
{
    dialog_dpi_fn set = (dialog_dpi_fn)win_system_proc(L"user32.dll", "SetDialogDpiChangeBehavior");
    if (set)
        set(window, DDC_DISABLE_ALL, DDC_DISABLE_ALL);
}
