/* Registers window classes, once each. */
#include "ui/window_class.h"

bool window_class_register(const WNDCLASSEXW *wanted, struct err *err)
{
    WNDCLASSEXW c = *wanted;
    char name[80];
    c.cbSize = sizeof c;
    c.hInstance = GetModuleHandleW(NULL);
    if (!c.hCursor)
        c.hCursor = LoadCursorW(NULL, (PCWSTR)IDC_ARROW);
    if (RegisterClassExW(&c) || GetLastError() == ERROR_CLASS_ALREADY_EXISTS)
        return true;
    DWORD code = GetLastError();
    utf16_put_utf8(name, sizeof name, c.lpszClassName);
    SetLastError(code);
    return win_fail(err, "Registering a window class", name);
}
