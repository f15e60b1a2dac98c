// Task dialogs and file dialogs of the driven program.
#include "ui.h"

#include <stdio.h>
#include <stdlib.h>

static BOOL CALLBACK print_part(HWND window, LPARAM context)
{
    (void)context;
    wchar_t class_name[32] = L"";
    wchar_t text[1024];
    GetClassNameW(window, class_name, 32);
    ui_text(window, text, 1024);
    if (!IsWindowVisible(window) || !text[0])
        return TRUE;
    LONG kind = GetWindowLongW(window, GWL_STYLE) & BS_TYPEMASK;
    bool button = _wcsicmp(class_name, L"Button") == 0;
    bool link = button && (kind == BS_COMMANDLINK || kind == BS_DEFCOMMANDLINK);
    bool preset = button && (kind == BS_DEFPUSHBUTTON || kind == BS_DEFCOMMANDLINK);
    bool box = button && (kind == BS_AUTOCHECKBOX || kind == BS_CHECKBOX);
    printf("%s%s\t%d\t",
           link     ? "link"
           : box    ? "check"
           : button ? "button"
                    : "text",
           preset ? "*" : "", GetDlgCtrlID(window));
    ui_print_text(text);
    DWORD_PTR length = 0;
    wchar_t note[512] = L"";
    if (link && ui_send(window, BCM_GETNOTELENGTH, 0, 0, &length) && length > 0 && length < 511) {
        struct ui_memory memory;
        DWORD room = 511;
        if (ui_memory_open(&memory, window, 2048)) {
            // The length is an in and out parameter, so it has to stand there too.
            ui_memory_write(&memory, 0, &room, sizeof(room));
            ui_send(window, BCM_GETNOTE, (WPARAM)memory.there, (LPARAM)((char *)memory.there + 16), NULL);
            ui_memory_read(&memory, 16, note, sizeof(note) - sizeof(note[0]));
            ui_memory_close(&memory);
            printf("\t");
            ui_print_text(note);
        }
    }
    printf("%s\n", IsWindowEnabled(window) ? "" : "\t(disabled)");
    return TRUE;
}

// The topmost enabled dialog, which must be one.
static HWND open_dialog(const struct ui *ui)
{
    struct ui any = {.pid = ui->pid};
    for (int turn = 0; turn < 60; turn++) {
        HWND window = ui_find_window(&any, NULL, true);
        wchar_t class_name[16] = L"";
        if (window)
            GetClassNameW(window, class_name, 16);
        if (wcscmp(class_name, L"#32770") == 0)
            return window;
        Sleep(50);
    }
    ui_say("no dialog of process %lu is open", ui->pid);
    return NULL;
}

struct button_search {
    const wchar_t *text;
    HWND found;
};

static BOOL CALLBACK take_button(HWND window, LPARAM context)
{
    struct button_search *search = (struct button_search *)context;
    wchar_t class_name[32] = L"";
    wchar_t text[512];
    GetClassNameW(window, class_name, 32);
    if (_wcsicmp(class_name, L"Button") != 0 || !IsWindowVisible(window))
        return TRUE;
    ui_text(window, text, 512);
    bool found = ui_text_is(text, search->text);
    // Below a command link's first line stands its note.
    text[wcscspn(text, L"\r\n")] = L'\0';
    if (found || ui_text_is(text, search->text))
        search->found = window;
    return search->found == NULL;
}

// taskdialog: prints texts, links, check boxes and buttons, the preset one with a star. taskdialog TEXT: clicks it.
bool ui_cmd_taskdialog(struct ui *ui, int count, wchar_t **words)
{
    HWND window = open_dialog(ui);
    if (!window)
        return false;
    if (count < 2) {
        wchar_t title[512];
        ui_text(window, title, 512);
        printf("title\t0\t");
        ui_print_text(title);
        putchar('\n');
        EnumChildWindows(window, print_part, 0);
        return true;
    }
    struct button_search search = {.text = words[1]};
    EnumChildWindows(window, take_button, (LPARAM)&search);
    if (!search.found)
        return ui_fail("the dialog has no button %ls", words[1]);
    bool ok = ui_click_at(search.found, NULL, UI_CLICK);
    ui_settle(ui);
    return ok;
}

static BOOL CALLBACK take_edit(HWND window, LPARAM context)
{
    wchar_t class_name[32] = L"";
    GetClassNameW(window, class_name, 32);
    if (_wcsicmp(class_name, L"Edit") != 0 || !IsWindowVisible(window) || !IsWindowEnabled(window))
        return TRUE;
    // The address and search boxes come first, the file name's last.
    *(HWND *)context = window;
    return TRUE;
}

// filedialog PATH: replaces the file name by PATH and presses Enter. filedialog: prints the file name.
bool ui_cmd_filedialog(struct ui *ui, int count, wchar_t **words)
{
    HWND window = open_dialog(ui);
    if (!window)
        return false;
    HWND edit = NULL;
    // Wine and Windows give the file name's box one of these ids, or none that is known.
    static const int ids[] = {0x47C, 0x480, 1001, 201};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]) && !edit; i++) {
        HWND box = GetDlgItem(window, ids[i]);
        HWND inside = box ? FindWindowExW(box, NULL, L"Edit", NULL) : NULL;
        wchar_t class_name[32] = L"";
        if (box)
            GetClassNameW(box, class_name, 32);
        edit = inside ? inside : _wcsicmp(class_name, L"Edit") == 0 ? box : NULL;
    }
    if (!edit)
        EnumChildWindows(window, take_edit, (LPARAM)&edit);
    if (!edit)
        return ui_fail("the dialog has no box for a file name");
    wchar_t text[MAX_PATH * 2];
    ui_text(edit, text, MAX_PATH * 2);
    if (count < 2) {
        ui_print_text(text);
        putchar('\n');
        return true;
    }
    if (!ui_click_at(edit, NULL, UI_CLICK))
        return false;
    ui_settle(ui);
    if (!ui_key(ui, L"home") || !ui_key(ui, L"shift+end") || !ui_type(ui, words[1]))
        return false;
    // A busy machine hands the characters over one by one.
    for (int turn = 0; turn < 60; turn++) {
        ui_settle(ui);
        ui_text(edit, text, MAX_PATH * 2);
        if (wcscmp(text, words[1]) == 0)
            break;
        Sleep(50);
    }
    if (wcscmp(text, words[1]) != 0)
        return ui_fail("the file name is \"%ls\" after typing \"%ls\"", text, words[1]);
    bool ok = ui_key(ui, L"enter");
    ui_settle(ui);
    return ok;
}
