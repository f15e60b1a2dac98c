// List views, headers, status bars, tabs and combo boxes of the driven program: reading and clicking.
#include "ui.h"

#include <stdio.h>
#include <stdlib.h>

enum { MEMORY_SIZE = 8192, TEXT_AT = 1024, TEXT_MAX = 2048 };

static bool read_cell(HWND list, const struct ui_memory *memory, int row, int column, wchar_t *text)
{
    LVITEMW item = {.iSubItem = column, .cchTextMax = TEXT_MAX};
    item.pszText = (wchar_t *)((char *)memory->there + TEXT_AT);
    wchar_t empty = L'\0';
    text[0] = L'\0';
    if (!ui_memory_write(memory, 0, &item, sizeof(item)) || !ui_memory_write(memory, TEXT_AT, &empty, sizeof(empty)))
        return false;
    if (!ui_send(list, LVM_GETITEMTEXTW, (WPARAM)row, (LPARAM)memory->there, NULL))
        return false;
    // A list may point the structure at text of its own.
    if (!ui_memory_read(memory, 0, &item, sizeof(item)))
        return false;
    if (item.pszText == LPSTR_TEXTCALLBACKW || !item.pszText)
        return true;
    SIZE_T read = 0;
    ReadProcessMemory(memory->process, item.pszText, text, (TEXT_MAX - 1) * sizeof(wchar_t), &read);
    text[read / sizeof(wchar_t)] = L'\0';
    return true;
}

static bool read_column(HWND header, const struct ui_memory *memory, int column, wchar_t *text, int *format)
{
    HDITEMW item = {.mask = HDI_TEXT | HDI_FORMAT, .cchTextMax = TEXT_MAX};
    item.pszText = (wchar_t *)((char *)memory->there + TEXT_AT);
    text[0] = L'\0';
    if (!ui_memory_write(memory, 0, &item, sizeof(item)))
        return false;
    if (!ui_send(header, HDM_GETITEMW, (WPARAM)column, (LPARAM)memory->there, NULL))
        return false;
    if (!ui_memory_read(memory, 0, &item, sizeof(item)))
        return false;
    *format = item.fmt;
    if (!ui_memory_read(memory, TEXT_AT, text, TEXT_MAX * sizeof(wchar_t)))
        return false;
    text[TEXT_MAX - 1] = L'\0';
    return true;
}

static bool shape_of(HWND list, HWND *header, int *columns, int *rows)
{
    DWORD_PTR answer;
    if (!ui_send(list, LVM_GETHEADER, 0, 0, &answer))
        return false;
    *header = (HWND)answer;
    if (!*header)
        return ui_fail("control %d is not a list view with columns", GetDlgCtrlID(list));
    if (!ui_send(*header, HDM_GETITEMCOUNT, 0, 0, &answer))
        return false;
    *columns = (int)answer;
    if (!ui_send(list, LVM_GETITEMCOUNT, 0, 0, &answer))
        return false;
    *rows = (int)answer;
    return true;
}

static bool print_header(HWND header, const struct ui_memory *memory, int columns)
{
    printf("#");
    for (int column = 0; column < columns; column++) {
        wchar_t text[TEXT_MAX];
        int format;
        if (!read_column(header, memory, column, text, &format))
            return false;
        putchar('\t');
        ui_print_text(text);
        printf("%s", format & HDF_SORTUP ? " (up)" : format & HDF_SORTDOWN ? " (down)" : "");
    }
    putchar('\n');
    return true;
}

static bool print_row(HWND list, const struct ui_memory *memory, int row, int columns)
{
    DWORD_PTR state;
    if (!ui_send(list, LVM_GETITEMSTATE, (WPARAM)row, LVIS_SELECTED | LVIS_FOCUSED | LVIS_STATEIMAGEMASK, &state))
        return false;
    printf("%d%s%s", row, state & LVIS_SELECTED ? "*" : "", state & LVIS_FOCUSED ? "f" : "");
    if (state & LVIS_STATEIMAGEMASK)
        printf("[%d]", (int)((state & LVIS_STATEIMAGEMASK) >> 12));
    for (int column = 0; column < columns; column++) {
        wchar_t text[TEXT_MAX];
        if (!read_cell(list, memory, row, column, text))
            return false;
        putchar('\t');
        ui_print_text(text);
    }
    putchar('\n');
    return true;
}

bool ui_cmd_list(struct ui *ui, int count, wchar_t **words)
{
    HWND list = ui_control(ui, words[1]);
    HWND header;
    int columns;
    int rows;
    if (!list || !shape_of(list, &header, &columns, &rows))
        return false;
    int most = count > 2 ? (int)wcstol(words[2], NULL, 10) : rows;
    struct ui_memory memory;
    if (!ui_memory_open(&memory, list, MEMORY_SIZE))
        return false;
    bool ok = print_header(header, &memory, columns);
    for (int row = 0; ok && row < rows && row < most; row++)
        ok = print_row(list, &memory, row, columns);
    ui_memory_close(&memory);
    return ok;
}

// A row by number, or by the text of its first column as =TEXT; a column by number or its title as =TEXT.
static int find_row(HWND list, const struct ui_memory *memory, const wchar_t *name, int rows)
{
    if (name[0] != L'=')
        return (int)wcstol(name, NULL, 10);
    wchar_t text[TEXT_MAX];
    for (int row = 0; row < rows && read_cell(list, memory, row, 0, text); row++) {
        if (wcscmp(text, name + 1) == 0)
            return row;
    }
    return -1;
}

static int find_column(HWND header, const struct ui_memory *memory, const wchar_t *name, int columns)
{
    if (name[0] != L'=')
        return (int)wcstol(name, NULL, 10);
    wchar_t text[TEXT_MAX];
    int format;
    for (int column = 0; column < columns && read_column(header, memory, column, text, &format); column++) {
        if (wcscmp(text, name + 1) == 0)
            return column;
    }
    return -1;
}

static bool cell_rect(HWND list, const struct ui_memory *memory, int row, int column, RECT *rect)
{
    // Both messages take what they need to know in the rectangle.
    RECT asked = {.left = column == 0 ? LVIR_LABEL : LVIR_BOUNDS, .top = column};
    if (!ui_memory_write(memory, 0, &asked, sizeof(asked)))
        return false;
    UINT message = column == 0 ? LVM_GETITEMRECT : LVM_GETSUBITEMRECT;
    DWORD_PTR ok;
    if (!ui_send(list, message, (WPARAM)row, (LPARAM)memory->there, &ok))
        return false;
    if (!ok)
        return ui_fail("the list has no row %d, column %d", row, column);
    return ui_memory_read(memory, 0, rect, sizeof(*rect));
}

// Turns the wheel, as a user would, until the row can be seen.
static bool bring_into_view(HWND list, HWND header, const struct ui_memory *memory, int row, RECT *rect, int column)
{
    RECT client;
    RECT top = {0};
    GetClientRect(list, &client);
    if (IsWindowVisible(header))
        GetWindowRect(header, &top);
    int first = top.bottom - top.top;
    for (int turn = 0; turn < 2000; turn++) {
        if (!cell_rect(list, memory, row, column, rect))
            return false;
        if (rect->top >= first && rect->bottom <= client.bottom)
            break;
        if (turn == 1999 || !ui_wheel(list, rect->top < first ? 1 : -1))
            return ui_fail("row %d does not come into view", row);
        DWORD_PTR unused;
        Sleep(10);
        SendMessageTimeoutW(list, WM_NULL, 0, 0, SMTO_NORMAL, 1000, &unused);
    }
    if (rect->left < 0)
        rect->left = 0;
    if (rect->right > client.right)
        rect->right = client.right;
    if (rect->left >= rect->right)
        return ui_fail("column %d lies outside the list's width: scroll it first", column);
    return true;
}

static bool click_cell(HWND list, const struct ui_memory *memory, int count, wchar_t **words)
{
    HWND header;
    int columns;
    int rows;
    if (!shape_of(list, &header, &columns, &rows))
        return false;
    const wchar_t *how = count > 4 ? words[4] : L"left";
    int row = find_row(list, memory, words[2], rows);
    int column = count > 3 ? find_column(header, memory, words[3], columns) : 0;
    if (row < 0 || row >= rows || column < 0 || column >= columns)
        return ui_fail("the list has no row %ls (of %d), column %ls (of %d)", words[2], rows,
                       count > 3 ? words[3] : L"0", columns);
    RECT rect;
    if (!bring_into_view(list, header, memory, row, &rect, column))
        return false;
    if (wcscmp(how, L"check") == 0) {
        // The box or expander stands left of icon and label.
        int side = GetSystemMetrics(SM_CXSMICON);
        RECT asked = {.left = LVIR_ICON};
        RECT icon;
        if (!ui_memory_write(memory, 0, &asked, sizeof(asked)) ||
            !ui_send(list, LVM_GETITEMRECT, (WPARAM)row, (LPARAM)memory->there, NULL) ||
            !ui_memory_read(memory, 0, &icon, sizeof(icon)))
            return false;
        rect.right = icon.left;
        rect.left = icon.left - side;
    }
    enum ui_click click = wcscmp(how, L"right") == 0    ? UI_CLICK_RIGHT
                          : wcscmp(how, L"double") == 0 ? UI_CLICK_DOUBLE
                          : wcscmp(how, L"hover") == 0  ? UI_HOVER
                          : wcscmp(how, L"where") == 0  ? UI_WHERE
                                                        : UI_CLICK;
    return ui_click_at(list, &rect, click);
}

bool ui_cmd_list_click(struct ui *ui, int count, wchar_t **words)
{
    HWND list = ui_control(ui, words[1]);
    struct ui_memory memory;
    if (!list || !ui_memory_open(&memory, list, MEMORY_SIZE))
        return false;
    bool ok = click_cell(list, &memory, count, words);
    ui_memory_close(&memory);
    return ok;
}

bool ui_cmd_header_click(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND list = ui_control(ui, words[1]);
    HWND header;
    int columns;
    int rows;
    struct ui_memory memory;
    if (!list || !shape_of(list, &header, &columns, &rows) || !ui_memory_open(&memory, list, MEMORY_SIZE))
        return false;
    int column = find_column(header, &memory, words[2], columns);
    RECT rect;
    DWORD_PTR ok = 0;
    bool read = ui_send(header, HDM_GETITEMRECT, (WPARAM)column, (LPARAM)memory.there, &ok) &&
                ui_memory_read(&memory, 0, &rect, sizeof(rect));
    ui_memory_close(&memory);
    if (!read)
        return false;
    if (!ok)
        return ui_fail("no column %ls", words[2]);
    return ui_click_at(header, &rect, UI_CLICK);
}

bool ui_list_has(HWND list, const wchar_t *part)
{
    HWND header;
    int columns;
    int rows;
    struct ui_memory memory;
    if (!shape_of(list, &header, &columns, &rows) || !ui_memory_open(&memory, list, MEMORY_SIZE))
        return false;
    bool found = false;
    for (int row = 0; row < rows && !found; row++) {
        for (int column = 0; column < columns && !found; column++) {
            wchar_t text[TEXT_MAX];
            found = read_cell(list, &memory, row, column, text) && wcsstr(text, part);
        }
    }
    ui_memory_close(&memory);
    return found;
}

static bool read_pane(HWND bar, const struct ui_memory *memory, DWORD_PTR pane, wchar_t *text)
{
    DWORD_PTR length;
    if (!ui_send(bar, SB_GETTEXTLENGTHW, pane, 0, &length) || LOWORD(length) >= TEXT_MAX ||
        !ui_send(bar, SB_GETTEXTW, pane, (LPARAM)memory->there, NULL) ||
        !ui_memory_read(memory, 0, text, TEXT_MAX * sizeof(wchar_t)))
        return false;
    text[LOWORD(length)] = L'\0';
    return true;
}

bool ui_status_has(HWND bar, const wchar_t *part)
{
    DWORD_PTR parts;
    struct ui_memory memory;
    if (!ui_send(bar, SB_GETPARTS, 0, 0, &parts) || !ui_memory_open(&memory, bar, MEMORY_SIZE))
        return false;
    bool found = false;
    wchar_t text[TEXT_MAX];
    for (DWORD_PTR i = 0; i < parts && !found; i++)
        found = read_pane(bar, &memory, i, text) && wcsstr(text, part);
    ui_memory_close(&memory);
    return found;
}

bool ui_cmd_status(struct ui *ui, int count, wchar_t **words)
{
    HWND bar = ui_control(ui, count > 1 ? words[1] : L"class:" STATUSCLASSNAMEW);
    DWORD_PTR parts;
    struct ui_memory memory;
    if (!bar || !ui_send(bar, SB_GETPARTS, 0, 0, &parts) || !ui_memory_open(&memory, bar, MEMORY_SIZE))
        return false;
    bool ok = true;
    for (DWORD_PTR i = 0; ok && i < parts; i++) {
        wchar_t text[TEXT_MAX];
        ok = read_pane(bar, &memory, i, text);
        if (ok)
            ui_print_text(text);
        putchar('\n');
    }
    ui_memory_close(&memory);
    return ok;
}

// tab ID TEXT: clicks the tab; without TEXT prints the tabs, the current one with a star.
bool ui_cmd_tab(struct ui *ui, int count, wchar_t **words)
{
    HWND tab = ui_control(ui, words[1]);
    DWORD_PTR items;
    DWORD_PTR current;
    struct ui_memory memory;
    if (!tab || !ui_send(tab, TCM_GETITEMCOUNT, 0, 0, &items) || !ui_send(tab, TCM_GETCURSEL, 0, 0, &current) ||
        !ui_memory_open(&memory, tab, MEMORY_SIZE))
        return false;
    bool ok = true;
    bool found = count < 3;
    for (DWORD_PTR i = 0; ok && i < items; i++) {
        TCITEMW item = {.mask = TCIF_TEXT, .cchTextMax = TEXT_MAX};
        item.pszText = (wchar_t *)((char *)memory.there + TEXT_AT);
        wchar_t text[TEXT_MAX];
        ok = ui_memory_write(&memory, 0, &item, sizeof(item)) &&
             ui_send(tab, TCM_GETITEMW, i, (LPARAM)memory.there, NULL) &&
             ui_memory_read(&memory, TEXT_AT, text, sizeof(text));
        text[TEXT_MAX - 1] = L'\0';
        if (ok && count < 3) {
            ui_print_text(text);
            puts(i == current ? "*" : "");
        }
        if (!ok || count < 3 || !ui_text_is(text, words[2]))
            continue;
        found = true;
        RECT rect;
        ok = ui_send(tab, TCM_GETITEMRECT, i, (LPARAM)memory.there, NULL) &&
             ui_memory_read(&memory, 0, &rect, sizeof(rect)) && ui_click_at(tab, &rect, UI_CLICK);
        break;
    }
    ui_memory_close(&memory);
    return found ? ok : ui_fail("no tab %ls", words[2]);
}

// The system carries these texts across by itself.
bool ui_cmd_combo(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND combo = ui_control(ui, words[1]);
    DWORD_PTR items;
    DWORD_PTR current;
    if (!combo || !ui_send(combo, CB_GETCOUNT, 0, 0, &items) || !ui_send(combo, CB_GETCURSEL, 0, 0, &current))
        return false;
    for (DWORD_PTR i = 0; i < items; i++) {
        wchar_t text[TEXT_MAX] = L"";
        DWORD_PTR length;
        if (!ui_send(combo, CB_GETLBTEXTLEN, i, 0, &length))
            return false;
        if (length < TEXT_MAX && !ui_send(combo, CB_GETLBTEXT, i, (LPARAM)text, NULL))
            return false;
        ui_print_text(text);
        puts(i == current ? "*" : "");
    }
    return true;
}

// Opens the box with the pointer and walks to the entry with the arrow keys.
bool ui_cmd_select(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND combo = ui_control(ui, words[1]);
    DWORD_PTR items;
    DWORD_PTR current;
    if (!combo || !ui_send(combo, CB_GETCOUNT, 0, 0, &items))
        return false;
    DWORD_PTR wanted = 0;
    wchar_t text[TEXT_MAX];
    for (; wanted < items; wanted++) {
        DWORD_PTR length;
        if (!ui_send(combo, CB_GETLBTEXTLEN, wanted, 0, &length))
            return false;
        if (length < TEXT_MAX && !ui_send(combo, CB_GETLBTEXT, wanted, (LPARAM)text, NULL))
            return false;
        if (length < TEXT_MAX && wcscmp(text, words[2]) == 0)
            break;
    }
    if (wanted == items)
        return ui_fail("no entry %ls in combo box %ls", words[2], words[1]);
    RECT button;
    GetClientRect(combo, &button);
    button.left = button.right - GetSystemMetrics(SM_CXVSCROLL);
    if (!ui_click_at(combo, &button, UI_CLICK))
        return false;
    ui_settle(ui);
    for (DWORD_PTR step = 0; step <= items; step++) {
        if (!ui_send(combo, CB_GETCURSEL, 0, 0, &current))
            return false;
        if (current == wanted)
            return ui_key(ui, L"enter");
        bool below = current == (DWORD_PTR)CB_ERR || current < wanted;
        if (!ui_key(ui, below ? L"down" : L"up"))
            return false;
        ui_settle(ui);
    }
    return ui_fail("the combo box does not get to %ls", words[2]);
}
