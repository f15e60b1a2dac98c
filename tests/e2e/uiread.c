// A message hook that runs in the driven program's window thread and writes down the items of a menu.
#include "uiread.h"

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

LRESULT CALLBACK uiread_hook(int code, WPARAM wide, LPARAM large)
{
    static UINT message;
    if (!message)
        message = RegisterWindowMessageW(UIREAD_MESSAGE);
    const CWPSTRUCT *sent = (const CWPSTRUCT *)large;
    if (code == HC_ACTION && sent->message == message && sent->lParam)
        read_menu(sent->hwnd, (struct uiread_menu *)sent->lParam);
    return CallNextHookEx(NULL, code, wide, large);
}
