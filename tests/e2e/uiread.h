// What uidrive asks of uiread.dll, which reads menus inside the driven program: under Wine, and for owner-drawn ones
// everywhere, another process cannot.
#ifndef E2E_UIREAD_H
#define E2E_UIREAD_H

#include <windows.h>

#define UIREAD_MESSAGE L"uidrive.read-menu"

enum uiread_what { UIREAD_MENU, UIREAD_OBJECTS, UIREAD_TEXT_SIZE, UIREAD_DROP };

enum { UIREAD_MAX_ITEMS = 64, UIREAD_MAX_TEXT = 128 };

struct uiread_item {
    wchar_t text[UIREAD_MAX_TEXT];
    UINT state; // MFS_*
    UINT type;  // MFT_*
    UINT id;
    BOOL submenu;
    RECT rect; // on the screen
};

// In memory of the driven program; lParam of the message points to it, wParam is UIREAD_MENU. Sent to a window with a
// menu bar, or to the window of an open popup.
struct uiread_menu {
    int count; // -1 until answered
    struct uiread_item items[UIREAD_MAX_ITEMS];
};

// The same with UIREAD_OBJECTS, for any window: USER objects of the program besides windows. Under Wine, where handles
// can be tried one by one; elsewhere GetGuiResources counts them.
struct uiread_objects {
    int answered;
    int menus;
    int icons; // and cursors
    int accelerators;
};

// The same with UIREAD_TEXT_SIZE, sent to a control: the room that its text needs, in its own font, at its width.
struct uiread_text_size {
    int answered;
    SIZE need;
    SIZE have;
};

// The same with UIREAD_DROP: a file is dropped on the window. What is dropped has to lie in the program's own memory.
struct uiread_drop {
    int answered;
    wchar_t path[MAX_PATH];
};

#endif
