/* Hands a copy of the text to the system. */
#include "ui/clipboard.h"

#include <stdlib.h>
#include <wchar.h>

static bool put(HWND owner, const WCHAR *wide)
{
    size_t size = (wcslen(wide) + 1) * sizeof *wide;
    HGLOBAL memory = GlobalAlloc(GMEM_MOVEABLE, size);
    bool set = false;
    if (memory && OpenClipboard(owner)) {
        void *room = GlobalLock(memory);
        if (room)
            memcpy(room, wide, size);
        GlobalUnlock(memory);
        EmptyClipboard();
        set = room && SetClipboardData(CF_UNICODETEXT, memory);
        CloseClipboard();
    }
    if (memory && !set)
        GlobalFree(memory); /* else it is the clipboard's now */
    return set;
}

bool clipboard_put(HWND owner, const char *utf8)
{
    WCHAR *wide = utf16_from_utf8(utf8);
    bool set = wide && (!wide[0] || put(owner, wide));
    free(wide);
    return set;
}
