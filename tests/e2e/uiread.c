// A message hook that runs in the driven program's window thread: writes down the items of a menu, counts objects,
// drops files.
#include "uiread.h"

#include <commctrl.h>
#include <shlobj.h>
#include <stdbool.h>

#ifndef MN_GETHMENU
#define MN_GETHMENU 0x01E1
#endif

__declspec(dllexport) LRESULT CALLBACK uiread_hook(int code, WPARAM wide, LPARAM large);

static void read_item(HWND window, HMENU menu, UINT index, struct uiread_item *item)
{
    MENUITEMINFOW info = {.cbSize = sizeof(info),
                          .fMask = MIIM_STATE | MIIM_ID | MIIM_FTYPE | MIIM_SUBMENU | MIIM_STRING};
    info.dwTypeData = item->text;
    info.cch = UIREAD_MAX_TEXT;
    GetMenuItemInfoW(menu, index, TRUE, &info);
    item->state = info.fState;
    item->type = info.fType;
    item->id = info.wID;
    item->submenu = info.hSubMenu != NULL;
    GetMenuItemRect(window, menu, index, &item->rect);
}

static void read_menu(HWND window, struct uiread_menu *out)
{
    wchar_t class_name[16] = L"";
    GetClassNameW(window, class_name, 16);
    HMENU menu =
        lstrcmpW(class_name, L"#32768") == 0 ? (HMENU)SendMessageW(window, MN_GETHMENU, 0, 0) : GetMenu(window);
    int count = menu ? GetMenuItemCount(menu) : 0;
    if (count > UIREAD_MAX_ITEMS)
        count = UIREAD_MAX_ITEMS;
    for (int i = 0; i < count; i++)
        read_item(window, menu, (UINT)i, &out->items[i]);
    out->count = count;
}

static bool is_icon(HICON icon)
{
    ICONINFO info;
    if (!GetIconInfo(icon, &info))
        return false;
    DeleteObject(info.hbmMask);
    if (info.hbmColor)
        DeleteObject(info.hbmColor);
    return true;
}

// Wine's handles without their upper half stand for whatever has that place in the table, if it is this program's.
static void count_objects(struct uiread_objects *out)
{
    for (ULONG_PTR handle = 0x20; handle < 0x10000; handle += 2) {
        if (IsMenu((HMENU)handle))
            out->menus++;
        else if (is_icon((HICON)handle))
            out->icons++;
        else if (CopyAcceleratorTableW((HACCEL)handle, NULL, 0) > 0)
            out->accelerators++;
    }
    out->answered = 1;
}

static void measure_text(HWND window, struct uiread_text_size *out)
{
    wchar_t class_name[16] = L"";
    wchar_t text[1024];
    RECT client;
    GetClassNameW(window, class_name, 16);
    GetWindowTextW(window, text, 1024);
    GetClientRect(window, &client);
    out->have = (SIZE){client.right, client.bottom};
    out->answered = 1;
    if (lstrcmpiW(class_name, L"SysLink") == 0) {
        SendMessageW(window, LM_GETIDEALHEIGHT, (WPARAM)client.right, (LPARAM)&out->need);
        return;
    }
    LONG style = GetWindowLongW(window, GWL_STYLE);
    bool label = lstrcmpiW(class_name, L"Static") == 0;
    bool lines = label && !(style & (SS_CENTERIMAGE | SS_ENDELLIPSIS)) && (style & SS_TYPEMASK) != SS_LEFTNOWORDWRAP;
    UINT how = DT_CALCRECT | (lines ? DT_WORDBREAK : DT_SINGLELINE) | (label && style & SS_NOPREFIX ? DT_NOPREFIX : 0);
    HDC dc = GetDC(window);
    HGDIOBJ old = SelectObject(dc, (HGDIOBJ)SendMessageW(window, WM_GETFONT, 0, 0));
    DrawTextW(dc, text, -1, &client, how);
    SelectObject(dc, old);
    ReleaseDC(window, dc);
    out->need = (SIZE){client.right, client.bottom};
    LONG kind = style & BS_TYPEMASK;
    if (!label && (kind == BS_AUTOCHECKBOX || kind == BS_AUTORADIOBUTTON))
        out->need.cx += GetSystemMetrics(SM_CXMENUCHECK);
    else if (!label)
        out->need.cx += 8; // its frame
}

static void drop(HWND window, struct uiread_drop *out)
{
    // The list ends with an empty name.
    size_t bytes = ((size_t)lstrlenW(out->path) + 2) * sizeof(wchar_t);
    HGLOBAL memory = GlobalAlloc(GHND, sizeof(DROPFILES) + bytes);
    DROPFILES *files = memory ? GlobalLock(memory) : NULL;
    if (!files)
        return;
    files->pFiles = sizeof(*files);
    files->fWide = TRUE;
    lstrcpyW((wchar_t *)(files + 1), out->path);
    GlobalUnlock(memory);
    out->answered = PostMessageW(window, WM_DROPFILES, (WPARAM)memory, 0);
}

LRESULT CALLBACK uiread_hook(int code, WPARAM wide, LPARAM large)
{
    static UINT message;
    if (!message)
        message = RegisterWindowMessageW(UIREAD_MESSAGE);
    const CWPSTRUCT *sent = (const CWPSTRUCT *)large;
    bool asked = code == HC_ACTION && sent->message == message && sent->lParam;
    if (asked && sent->wParam == UIREAD_OBJECTS)
        count_objects((struct uiread_objects *)sent->lParam);
    else if (asked && sent->wParam == UIREAD_TEXT_SIZE)
        measure_text(sent->hwnd, (struct uiread_text_size *)sent->lParam);
    else if (asked && sent->wParam == UIREAD_DROP)
        drop(sent->hwnd, (struct uiread_drop *)sent->lParam);
    else if (asked)
        read_menu(sent->hwnd, (struct uiread_menu *)sent->lParam);
    return CallNextHookEx(NULL, code, wide, large);
}
