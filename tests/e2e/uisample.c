// A window with one of each kind of control, for trying uidrive on: it writes into its status bar what was done to it.
#define COBJMACROS
#include <windows.h>

#include <initguid.h>

#include <commctrl.h>
#include <commdlg.h>
#include <shobjidl.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    ID_LIST = 100,
    ID_STATUS,
    ID_PRESS,
    ID_DISABLED,
    ID_COVERED,
    ID_COVER,
    ID_HIDDEN,
    ID_COMBO,
    ID_EDIT,
    ID_CHECK,
    ID_TASK,
    ID_SAVE,
    ID_HANG,
    ID_TAB,
    ID_OFF_SCREEN,
    ID_NEW_SAVE,
    ID_LINK,
    ID_MENU_NEW = 200,
    ID_MENU_GREY,
    ID_MENU_DEEP,
    COMMAND_LATE_CELL = 400, // the list's next cell comes late
    ROWS = 1000
};

static HWND list;
static HWND status;
static HWND main_window;
static int sorted_by = -1;
static bool late_cell;

static void say(const wchar_t *format, ...)
{
    wchar_t text[512];
    va_list arguments;
    va_start(arguments, format);
    _vsnwprintf(text, 511, format, arguments);
    va_end(arguments);
    text[511] = L'\0';
    SendMessageW(status, SB_SETTEXTW, 1, (LPARAM)text);
}

static HWND child(const wchar_t *class_name, const wchar_t *text, DWORD style, RECT place, int id)
{
    return CreateWindowExW(0, class_name, text, WS_CHILD | WS_VISIBLE | style, place.left, place.top, place.right,
                           place.bottom, main_window, (HMENU)(INT_PTR)id, GetModuleHandleW(NULL), NULL);
}

static void add_column(int index, const wchar_t *title, int width, int format)
{
    LVCOLUMNW column = {.mask = LVCF_TEXT | LVCF_WIDTH | LVCF_FMT, .fmt = format, .cx = width};
    column.pszText = (wchar_t *)title;
    SendMessageW(list, LVM_INSERTCOLUMNW, (WPARAM)index, (LPARAM)&column);
}

static void make_controls(void)
{
    child(L"Button", L"&Press", 0, (RECT){10, 10, 90, 26}, ID_PRESS);
    child(L"Button", L"Disabled", WS_DISABLED, (RECT){110, 10, 90, 26}, ID_DISABLED);
    child(L"Static", L"cover", SS_NOTIFY | WS_CLIPSIBLINGS, (RECT){210, 5, 100, 40}, ID_COVER);
    child(L"Button", L"Covered", WS_CLIPSIBLINGS, (RECT){215, 10, 90, 26}, ID_COVERED);
    ShowWindow(child(L"Button", L"Hidden", 0, (RECT){310, 10, 90, 26}, ID_HIDDEN), SW_HIDE);
    HWND combo = child(WC_COMBOBOXW, L"", CBS_DROPDOWNLIST | WS_VSCROLL, (RECT){410, 10, 120, 200}, ID_COMBO);
    SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)L"one");
    SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)L"two");
    SendMessageW(combo, CB_ADDSTRING, 0, (LPARAM)L"drei \u00C4");
    child(L"Edit", L"", WS_BORDER | ES_AUTOHSCROLL, (RECT){10, 45, 190, 22}, ID_EDIT);
    child(L"Button", L"&Check", BS_AUTOCHECKBOX, (RECT){210, 50, 90, 20}, ID_CHECK);
    child(L"Button", L"&Task dialog", 0, (RECT){310, 45, 90, 26}, ID_TASK);
    child(L"Button", L"&Save...", 0, (RECT){410, 45, 90, 26}, ID_SAVE);
    child(L"Button", L"&Hang", 0, (RECT){510, 45, 60, 26}, ID_HANG);
    child(L"Button", L"Off", 0, (RECT){5000, 45, 60, 26}, ID_OFF_SCREEN);
    child(L"Button", L"Save &as...", 0, (RECT){310, 75, 90, 22}, ID_NEW_SAVE);
    child(WC_LINK, L"Saved. <a id=\"leaks\">Show leaks</a> or <a id=\"folder\">Show in folder</a>", WS_TABSTOP,
          (RECT){10, 310, 400, 20}, ID_LINK);
    HWND tab = child(WC_TABCONTROLW, L"", 0, (RECT){10, 75, 280, 28}, ID_TAB);
    TCITEMW first = {.mask = TCIF_TEXT, .pszText = (wchar_t *)L"First"};
    TCITEMW second = {.mask = TCIF_TEXT, .pszText = (wchar_t *)L"Second"};
    SendMessageW(tab, TCM_INSERTITEMW, 0, (LPARAM)&first);
    SendMessageW(tab, TCM_INSERTITEMW, 1, (LPARAM)&second);
    list = child(WC_LISTVIEWW, L"", LVS_REPORT | LVS_OWNERDATA | LVS_SHOWSELALWAYS | WS_TABSTOP,
                 (RECT){10, 105, 560, 200}, ID_LIST);
    add_column(0, L"Name", 200, LVCFMT_LEFT);
    add_column(1, L"Count", 100, LVCFMT_RIGHT);
    SendMessageW(list, LVM_SETITEMCOUNT, ROWS, 0);
    status = child(STATUSCLASSNAMEW, L"", 0, (RECT){0}, ID_STATUS);
    int parts[2] = {150, -1};
    SendMessageW(status, SB_SETPARTS, 2, (LPARAM)parts);
    SendMessageW(status, SB_SETTEXTW, 0, (LPARAM)L"Caf\u00E9 \u2212 1,000");
}

static HMENU make_menu(void)
{
    HMENU bar = CreateMenu();
    HMENU file = CreatePopupMenu();
    HMENU deep = CreatePopupMenu();
    AppendMenuW(deep, MF_STRING, ID_MENU_DEEP, L"&Deeper");
    AppendMenuW(file, MF_STRING, ID_MENU_NEW, L"&New\tCtrl+N");
    AppendMenuW(file, MF_STRING | MF_GRAYED, ID_MENU_GREY, L"&Grey");
    AppendMenuW(file, MF_SEPARATOR, 0, NULL);
    AppendMenuW(file, MF_POPUP, (UINT_PTR)deep, L"&More");
    AppendMenuW(bar, MF_POPUP, (UINT_PTR)file, L"&File");
    return bar;
}

static void ask_task(void)
{
    TASKDIALOG_BUTTON links[] = {{1001, L"Save and close\nThe default"}, {1002, L"Keep recording"}};
    TASKDIALOGCONFIG config = {.cbSize = sizeof(config), .hwndParent = main_window};
    config.dwFlags = TDF_USE_COMMAND_LINKS | TDF_ALLOW_DIALOG_CANCELLATION;
    config.dwCommonButtons = TDCBF_CANCEL_BUTTON;
    config.pszWindowTitle = L"Sample";
    config.pszMainInstruction = L"Save the recording?";
    config.pszContent = L"0:12:07 recorded.";
    config.pszVerificationText = L"Do not ask again";
    config.cButtons = 2;
    config.pButtons = links;
    int button = 0;
    BOOL checked = FALSE;
    HRESULT result = TaskDialogIndirect(&config, &button, NULL, &checked);
    say(L"task %d %d 0x%lX", button, checked, result);
}

static void ask_file(void)
{
    wchar_t path[MAX_PATH] = L"suggested.txt";
    OPENFILENAMEW ask = {.lStructSize = sizeof(ask), .hwndOwner = main_window, .lpstrFile = path, .nMaxFile = MAX_PATH};
    ask.Flags = OFN_EXPLORER | OFN_OVERWRITEPROMPT;
    if (GetSaveFileNameW(&ask))
        say(L"file %ls", path);
    else
        say(L"no file");
}

static void ask_new_file(void)
{
    IFileSaveDialog *dialog = NULL;
    HRESULT result =
        CoCreateInstance(&CLSID_FileSaveDialog, NULL, CLSCTX_INPROC_SERVER, &IID_IFileSaveDialog, (void **)&dialog);
    if (FAILED(result)) {
        say(L"no dialog 0x%lX", result);
        return;
    }
    IFileSaveDialog_SetFileName(dialog, L"suggested.etl");
    result = IFileSaveDialog_Show(dialog, main_window);
    IShellItem *item = NULL;
    PWSTR path = NULL;
    if (SUCCEEDED(result) && SUCCEEDED(IFileSaveDialog_GetResult(dialog, &item)) &&
        SUCCEEDED(IShellItem_GetDisplayName(item, SIGDN_FILESYSPATH, &path)))
        say(L"new file %ls", path);
    else
        say(L"no new file 0x%lX", result);
    CoTaskMemFree(path);
    if (item)
        IShellItem_Release(item);
    IFileSaveDialog_Release(dialog);
}

static void show_context_menu(void)
{
    HMENU menu = CreatePopupMenu();
    POINT place;
    GetCursorPos(&place);
    AppendMenuW(menu, MF_STRING | MF_CHECKED, 300, L"&Copy\tCtrl+C");
    AppendMenuW(menu, MF_STRING, 301, L"Record &only this type");
    TrackPopupMenu(menu, TPM_RIGHTBUTTON, place.x, place.y, 0, main_window, NULL);
    DestroyMenu(menu);
}

static void on_command(int id, int notice)
{
    if (id == ID_PRESS && notice == BN_CLICKED)
        say(L"pressed");
    if (id == ID_CHECK)
        say(L"checked");
    if (id == ID_TASK)
        ask_task();
    if (id == ID_SAVE)
        ask_file();
    if (id == ID_NEW_SAVE)
        ask_new_file();
    if (id == ID_HANG)
        Sleep(700);
    if (id == COMMAND_LATE_CELL)
        late_cell = true;
    if (id == ID_MENU_NEW || id == ID_MENU_DEEP || id == 300 || id == 301)
        say(L"menu %d", id);
    if (id == ID_COMBO && notice == CBN_SELCHANGE)
        say(L"combo %d", (int)SendDlgItemMessageW(main_window, ID_COMBO, CB_GETCURSEL, 0, 0));
}

static void fill_cell(NMLVDISPINFOW *info)
{
    if (!(info->item.mask & LVIF_TEXT))
        return;
    // Longer than uidrive waits, which is 5 s.
    if (late_cell)
        Sleep(6000);
    late_cell = false;
    if (info->item.iSubItem == 0)
        _snwprintf(info->item.pszText, (size_t)info->item.cchTextMax, L"row %d", info->item.iItem);
    else
        _snwprintf(info->item.pszText, (size_t)info->item.cchTextMax, L"%d", info->item.iItem * 7);
}

static void on_notify(NMHDR *header)
{
    const NMLISTVIEW *change = (const NMLISTVIEW *)header;
    if (header->idFrom == ID_TAB && header->code == TCN_SELCHANGE)
        say(L"tab %d", (int)SendMessageW(header->hwndFrom, TCM_GETCURSEL, 0, 0));
    if (header->idFrom == ID_LINK && (header->code == NM_CLICK || header->code == NM_RETURN))
        // By its name: Wine numbers links in notices together with the plain text between them.
        say(L"link %ls", ((NMLINK *)header)->item.szID);
    if (header->idFrom != ID_LIST)
        return;
    if (header->code == NM_RCLICK)
        show_context_menu();
    if (header->code == LVN_GETDISPINFOW)
        fill_cell((NMLVDISPINFOW *)header);
    if (header->code == NM_DBLCLK)
        say(L"double %d", ((NMITEMACTIVATE *)header)->iItem);
    if (header->code == NM_CLICK)
        say(L"row %d column %d", ((NMITEMACTIVATE *)header)->iItem, ((NMITEMACTIVATE *)header)->iSubItem);
    if (header->code == LVN_COLUMNCLICK) {
        sorted_by = change->iSubItem;
        say(L"sorted by %d", sorted_by);
    }
}

static LRESULT CALLBACK procedure(HWND window, UINT message, WPARAM wide, LPARAM large)
{
    switch (message) {
    case WM_COMMAND:
        on_command(LOWORD(wide), HIWORD(wide));
        return 0;
    case WM_NOTIFY:
        on_notify((NMHDR *)large);
        return 0;
    case WM_SIZE:
        SendMessageW(status, WM_SIZE, 0, 0);
        return 0;
    case WM_KEYDOWN:
        say(L"key %d", (int)wide);
        return 0;
    case WM_ENDSESSION:
        if (wide)
            ExitProcess(9);
        return 0;
    case WM_DESTROY:
        PostQuitMessage(5);
        return 0;
    default:
        return DefWindowProcW(window, message, wide, large);
    }
}

// NOLINTNEXTLINE(readability-non-const-parameter)
int WINAPI wWinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, LPWSTR lpCmdLine, int nShowCmd)
{
    (void)hPrevInstance;
    (void)lpCmdLine;
    if (FAILED(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED)))
        return 1;
    INITCOMMONCONTROLSEX init = {sizeof(init),
                                 ICC_LISTVIEW_CLASSES | ICC_BAR_CLASSES | ICC_TAB_CLASSES | ICC_LINK_CLASS};
    InitCommonControlsEx(&init);
    WNDCLASSW class_data = {.lpfnWndProc = procedure, .hInstance = hInstance, .lpszClassName = L"UiSample"};
    class_data.hbrBackground = (HBRUSH)(COLOR_BTNFACE + 1);
    class_data.hCursor = LoadCursorW(NULL, (LPCWSTR)IDC_ARROW);
    RegisterClassW(&class_data);
    main_window = CreateWindowExW(0, L"UiSample", L"Sample \u2212 window", WS_OVERLAPPEDWINDOW, 40, 40, 600, 400, NULL,
                                  make_menu(), hInstance, NULL);
    make_controls();
    SendMessageW(main_window, WM_SIZE, 0, 0);
    ShowWindow(main_window, nShowCmd);
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    return (int)message.wParam;
}
