// Menus of the driven program: read through uiread.dll, opened and chosen with the pointer.
#include "ui.h"
#include "uiread.h"

#include <stdio.h>
#include <stdlib.h>

struct hook {
    HHOOK hook;
    HMODULE library;
    UINT message;
};

static bool hook_open(struct hook *hook, HWND window)
{
    wchar_t path[MAX_PATH];
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH - 16);
    wchar_t *name = length ? wcsrchr(path, L'\\') : NULL;
    if (!name)
        return ui_fail("GetModuleFileNameW failed (%lu)", GetLastError());
    wcscpy(name + 1, L"uiread.dll");
    hook->message = RegisterWindowMessageW(UIREAD_MESSAGE);
    hook->library = LoadLibraryW(path);
    if (!hook->library)
        return ui_fail("cannot load %ls (%lu)", path, GetLastError());
    HOOKPROC procedure = (HOOKPROC)(void (*)(void))GetProcAddress(hook->library, "uiread_hook");
    DWORD thread = GetWindowThreadProcessId(window, NULL);
    hook->hook = procedure ? SetWindowsHookExW(WH_CALLWNDPROC, procedure, hook->library, thread) : NULL;
    if (hook->hook)
        return true;
    FreeLibrary(hook->library);
    return ui_fail("SetWindowsHookExW failed (%lu)", GetLastError());
}

static void hook_close(struct hook *hook)
{
    UnhookWindowsHookEx(hook->hook);
    FreeLibrary(hook->library);
}

static bool read_menu(const struct hook *hook, const struct ui_memory *memory, HWND window, struct uiread_menu *menu)
{
    menu->count = -1;
    if (!ui_memory_write(memory, 0, menu, sizeof(*menu)) ||
        !ui_send(window, hook->message, UIREAD_MENU, (LPARAM)memory->there, NULL) ||
        !ui_memory_read(memory, 0, menu, sizeof(*menu)))
        return false;
    return menu->count >= 0 || ui_fail("uiread.dll did not answer for window %p", (void *)window);
}

struct popup_search {
    DWORD pid;
    HWND found[8];
    int count;
};

static BOOL CALLBACK take_popup(HWND window, LPARAM context)
{
    struct popup_search *search = (struct popup_search *)context;
    DWORD pid = 0;
    wchar_t class_name[16] = L"";
    GetWindowThreadProcessId(window, &pid);
    GetClassNameW(window, class_name, 16);
    if (pid == search->pid && IsWindowVisible(window) && wcscmp(class_name, L"#32768") == 0 && search->count < 8)
        search->found[search->count++] = window;
    return TRUE;
}

static int item_named(const struct uiread_menu *menu, const wchar_t *name)
{
    for (int i = 0; i < menu->count; i++) {
        if (!(menu->items[i].type & MFT_SEPARATOR) && ui_text_is(menu->items[i].text, name))
            return i;
    }
    return -1;
}

// Looks in all open popups, for at most two seconds, until one has the item.
static HWND popup_with(const struct ui *ui, const struct hook *hook, const struct ui_memory *memory,
                       const wchar_t *name, struct uiread_menu *menu, int *index)
{
    for (int turn = 0; turn < 40; turn++) {
        struct popup_search search = {.pid = ui->pid};
        EnumWindows(take_popup, (LPARAM)&search);
        for (int i = 0; i < search.count; i++) {
            if (!read_menu(hook, memory, search.found[i], menu))
                return NULL;
            *index = item_named(menu, name);
            if (*index >= 0)
                return search.found[i];
        }
        Sleep(50);
    }
    ui_say("no open menu has the item %ls", name);
    return NULL;
}

static bool click_item(HWND window, const struct uiread_item *item, bool last)
{
    if (item->state & MFS_DISABLED)
        return ui_fail("the menu item %ls is disabled", item->text);
    if (last && item->submenu)
        return ui_fail("the menu item %ls opens a menu: name an item in it", item->text);
    POINT corner = {0, 0};
    ClientToScreen(window, &corner);
    RECT rect = item->rect;
    OffsetRect(&rect, -corner.x, -corner.y);
    return ui_click_at(window, &rect, UI_CLICK);
}

// The part of a path up to the next slash; a doubled slash stands for one.
static const wchar_t *next_step(const wchar_t *path, wchar_t *step, size_t size)
{
    size_t length = 0;
    while (*path && length + 1 < size) {
        if (*path == L'/' && path[1] != L'/')
            break;
        path += *path == L'/';
        step[length++] = *path++;
    }
    step[length] = L'\0';
    return *path ? path + 1 : NULL;
}

static bool walk(const struct ui *ui, const struct hook *hook, const struct ui_memory *memory, HWND window,
                 const wchar_t *path)
{
    static struct uiread_menu menu;
    wchar_t step[UIREAD_MAX_TEXT];
    bool in_popup = wcsncmp(path, L"popup/", 6) == 0;
    if (in_popup)
        path += 6;
    for (; path; in_popup = true) {
        path = next_step(path, step, UIREAD_MAX_TEXT);
        int index = -1;
        HWND owner = window;
        if (in_popup)
            owner = popup_with(ui, hook, memory, step, &menu, &index);
        else if (read_menu(hook, memory, window, &menu))
            index = item_named(&menu, step);
        if (!owner)
            return false;
        if (index < 0)
            return ui_fail("the menu bar has no item %ls", step);
        if (!click_item(owner, &menu.items[index], path == NULL))
            return false;
    }
    ui_settle(ui);
    return true;
}

// menu FILE/ITEM: clicks its way through the menu bar; popup/ITEM does so in a menu that is open already.
bool ui_cmd_menu(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND window = ui_window(ui);
    struct hook hook;
    struct ui_memory memory;
    if (!window || !hook_open(&hook, window))
        return false;
    bool ok = ui_memory_open(&memory, window, sizeof(struct uiread_menu));
    if (ok) {
        ok = walk(ui, &hook, &memory, window, words[1]);
        ui_memory_close(&memory);
    }
    hook_close(&hook);
    return ok;
}

static void print_menu(const struct uiread_menu *menu)
{
    for (int i = 0; i < menu->count; i++) {
        const struct uiread_item *item = &menu->items[i];
        if (item->type & MFT_SEPARATOR) {
            puts("-");
            continue;
        }
        printf("%u\t", item->id);
        // As the program wrote it, with mnemonic and accelerator.
        ui_print_text(item->text);
        printf("\t%s%s%s%s\n", item->submenu ? "menu " : "", item->state & MFS_DISABLED ? "disabled" : "enabled",
               item->state & MFS_CHECKED ? " checked" : "", item->state & MFS_DEFAULT ? " default" : "");
    }
}

// menu-items: the items of the open popup, or else of the menu bar.
bool ui_cmd_menu_items(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    static struct uiread_menu menu;
    HWND window = ui_window(ui);
    struct hook hook;
    struct ui_memory memory;
    if (!window || !hook_open(&hook, window))
        return false;
    struct popup_search search = {.pid = ui->pid};
    EnumWindows(take_popup, (LPARAM)&search);
    bool ok = ui_memory_open(&memory, window, sizeof(struct uiread_menu));
    if (ok) {
        ok = read_menu(&hook, &memory, search.count ? search.found[0] : window, &menu);
        ui_memory_close(&memory);
    }
    hook_close(&hook);
    if (ok)
        print_menu(&menu);
    return ok;
}

// Asks the program, at one of its windows, to fill in an answer of this size.
static bool ask(HWND window, enum uiread_what what, void *answer, size_t size)
{
    struct hook hook;
    struct ui_memory memory;
    if (!hook_open(&hook, window))
        return false;
    bool ok = ui_memory_open(&memory, window, size);
    if (ok) {
        ok = ui_memory_write(&memory, 0, answer, size) &&
             ui_send(window, hook.message, what, (LPARAM)memory.there, NULL) &&
             ui_memory_read(&memory, 0, answer, size);
        ui_memory_close(&memory);
    }
    hook_close(&hook);
    return ok;
}

bool ui_count_objects(HWND window, struct uiread_objects *objects)
{
    *objects = (struct uiread_objects){0};
    return ask(window, UIREAD_OBJECTS, objects, sizeof(*objects)) &&
           (objects->answered || ui_fail("uiread.dll did not answer for window %p", (void *)window));
}

bool ui_cmd_drop(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND window = ui_window(ui);
    struct uiread_drop drop = {0};
    if (!window)
        return false;
    if (!(GetWindowLongW(window, GWL_EXSTYLE) & WS_EX_ACCEPTFILES))
        return ui_fail("the window takes no files");
    if (wcslen(words[1]) >= MAX_PATH)
        return ui_fail("the path is too long");
    wcscpy(drop.path, words[1]);
    return ask(window, UIREAD_DROP, &drop, sizeof(drop)) && (drop.answered || ui_fail("nothing was dropped"));
}

// Where texts stand that do not scroll.
static BOOL CALLBACK print_text_size(HWND window, LPARAM context)
{
    bool *ok = (bool *)context;
    wchar_t class_name[16] = L"";
    wchar_t text[1024];
    GetClassNameW(window, class_name, 16);
    ui_text(window, text, 1024);
    bool measured = _wcsicmp(class_name, L"Button") == 0 || _wcsicmp(class_name, L"Static") == 0 ||
                    _wcsicmp(class_name, L"SysLink") == 0;
    if (!measured || !text[0] || !IsWindowVisible(window))
        return TRUE;
    struct uiread_text_size size = {0};
    *ok = ask(window, UIREAD_TEXT_SIZE, &size, sizeof(size)) && size.answered;
    printf("%d\t%ld\t%ld\t%ld\t%ld\t", GetDlgCtrlID(window), size.need.cx, size.need.cy, size.have.cx, size.have.cy);
    ui_print_text(text);
    putchar('\n');
    return *ok;
}

// text-sizes: of each visible text: control, width and height that it needs, those that it has, the text.
bool ui_cmd_text_sizes(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    HWND window = ui_window(ui);
    bool ok = window != NULL;
    if (ok)
        EnumChildWindows(window, print_text_size, (LPARAM)&ok);
    return ok;
}
