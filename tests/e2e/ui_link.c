// Links inside a text (SysLink) of the driven program.
#include "ui.h"

#include <stdio.h>
#include <wchar.h>

// The text of the link at this place of the markup, and where to go on; NULL when there is none.
static const wchar_t *next_link(const wchar_t *at, wchar_t *text, size_t size)
{
    at = wcsstr(at, L"<a");
    const wchar_t *start = at ? wcschr(at, L'>') : NULL;
    const wchar_t *end = start ? wcsstr(start, L"</a>") : NULL;
    if (!end)
        return NULL;
    size_t length = (size_t)(end - start - 1);
    if (length >= size)
        length = size - 1;
    wmemcpy(text, start + 1, length);
    text[length] = L'\0';
    return end;
}

// The control does not tell where a link stands, but which one stands at a place.
static bool find_place(HWND control, const struct ui_memory *memory, int index, RECT *place)
{
    RECT client;
    GetClientRect(control, &client);
    for (long y = 4; y < client.bottom; y += 4) {
        for (long x = 2; x < client.right; x += 4) {
            LHITTESTINFO hit = {.pt = {x, y}};
            DWORD_PTR found;
            if (!ui_memory_write(memory, 0, &hit, sizeof(hit)) ||
                !ui_send(control, LM_HITTEST, 0, (LPARAM)memory->there, &found))
                return false;
            if (!found)
                continue;
            if (!ui_memory_read(memory, 0, &hit, sizeof(hit)))
                return false;
            // A little inside, as its first dot is its edge.
            *place = (RECT){x + 3, y, x + 5, y + 2};
            if (hit.item.iLink == index)
                return true;
        }
    }
    return ui_fail("link %d cannot be seen in its control", index);
}

bool ui_cmd_link(struct ui *ui, int count, wchar_t **words)
{
    HWND control = ui_control(ui, words[1]);
    if (!control)
        return false;
    wchar_t markup[2048];
    wchar_t text[512];
    ui_text(control, markup, 2048);
    int index = 0;
    const wchar_t *at = next_link(markup, text, 512);
    for (; at; at = next_link(at, text, 512), index++) {
        if (count > 2 && ui_text_is(text, words[2]))
            break;
        if (count > 2)
            continue;
        ui_print_text(text);
        putchar('\n');
    }
    if (count < 3)
        return true;
    if (!at)
        return ui_fail("no link %ls in \"%ls\"", words[2], markup);
    struct ui_memory memory;
    if (!ui_memory_open(&memory, control, sizeof(LHITTESTINFO)))
        return false;
    RECT place;
    bool ok = find_place(control, &memory, index, &place);
    ui_memory_close(&memory);
    ok = ok && ui_click_at(control, &place, UI_CLICK);
    ui_settle(ui);
    return ok;
}
