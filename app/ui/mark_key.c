/* Marks by button, key and, while something is recorded, by a key that works in every program. */
#include "ui/main_window.h"

#include "ui/words.h"

#include <stdio.h>

#define MARK_KEY 1

void mark_now(struct main_window *w)
{
    char number[16];
    char text[80];
    if (!w->shown.mark)
        return;
    snprintf(number, sizeof number, "%u", w->view.marks + 1);
    const char *args[] = {number};
    view_fill(text, sizeof text, words_utf8(IDS_MARK_TEXT), args, 1);
    controller_mark(w->services.controller, text);
}

void mark_key_follow(struct main_window *w)
{
    bool wanted = w->view.state == RECORDER_RECORDING;
    if (wanted == (w->hotkey || w->hotkey_taken))
        return;
    if (w->hotkey)
        UnregisterHotKey(w->base.hwnd, MARK_KEY);
    w->hotkey = wanted && RegisterHotKey(w->base.hwnd, MARK_KEY, MOD_CONTROL | MOD_SHIFT | MOD_NOREPEAT, VK_F9);
    w->hotkey_taken = wanted && !w->hotkey;
}
