// uidrive: drives another program's windows as a user does, and reads what they show. Runs as a second process beside
// it, one command per start or a script on stdin; `uidrive --help` lists the commands.
#include "ui.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool print_control(HWND window)
{
    wchar_t class_name[64] = L"";
    wchar_t text[1024];
    RECT rect = {0};
    GetClassNameW(window, class_name, 64);
    ui_text(window, text, 1024);
    GetWindowRect(window, &rect);
    printf("%llX\t", (unsigned long long)(ULONG_PTR)window);
    ui_print_text(class_name);
    bool child = (GetWindowLongW(window, GWL_STYLE) & WS_CHILD) != 0;
    printf("\t%d\t%ld,%ld,%ld,%ld\t%s\t%s\t", child ? GetDlgCtrlID(window) : 0, rect.left, rect.top, rect.right,
           rect.bottom, IsWindowVisible(window) ? "visible" : "hidden",
           IsWindowEnabled(window) ? "enabled" : "disabled");
    ui_print_text(text);
    putchar('\n');
    return true;
}

static BOOL CALLBACK print_child(HWND window, LPARAM context)
{
    (void)context;
    return print_control(window);
}

static bool cmd_tree(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    HWND window = ui_window(ui);
    if (!window)
        return false;
    puts("hwnd\tclass\tid\tleft,top,right,bottom\tvisible\tenabled\ttext");
    print_control(window);
    EnumChildWindows(window, print_child, 0);
    return true;
}

static BOOL CALLBACK print_top(HWND window, LPARAM context)
{
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (context == 0 || pid == (DWORD)context) {
        printf("%lu\t", pid);
        print_control(window);
    }
    return TRUE;
}

static bool cmd_windows(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    EnumWindows(print_top, (LPARAM)ui->pid);
    return true;
}

static bool cmd_rect(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND control = ui_control(ui, words[1]);
    RECT rect;
    if (!control || !GetWindowRect(control, &rect))
        return false;
    printf("%ld %ld %ld %ld\n", rect.left, rect.top, rect.right, rect.bottom);
    return true;
}

static bool cmd_control(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND control = ui_control(ui, words[1]);
    return control && print_control(control);
}

static bool cmd_text(struct ui *ui, int count, wchar_t **words)
{
    HWND control = count > 1 ? ui_control(ui, words[1]) : ui_window(ui);
    if (!control)
        return false;
    static wchar_t text[65536];
    ui_text(control, text, 65536);
    static char bytes[65536 * 3];
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof(bytes), NULL, NULL))
        return ui_fail("the text is not Unicode");
    puts(bytes);
    return true;
}

static bool cmd_state(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND control = ui_control(ui, words[1]);
    if (!control)
        return false;
    GUITHREADINFO info = {.cbSize = sizeof(info)};
    GetGUIThreadInfo(GetWindowThreadProcessId(control, NULL), &info);
    DWORD_PTR check = 0;
    ui_send(control, BM_GETCHECK, 0, 0, &check);
    printf("%s %s%s%s\n", IsWindowVisible(control) ? "visible" : "hidden",
           IsWindowEnabled(control) ? "enabled" : "disabled", info.hwndFocus == control ? " focused" : "",
           check == BST_CHECKED ? " checked" : "");
    return true;
}

static bool click(struct ui *ui, wchar_t **words, enum ui_click how)
{
    HWND control = ui_control(ui, words[1]);
    bool ok = control && ui_click_at(control, NULL, how);
    if (ok)
        ui_settle(ui);
    return ok;
}

static bool cmd_click(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return click(ui, words, UI_CLICK);
}

static bool cmd_double_click(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return click(ui, words, UI_CLICK_DOUBLE);
}

static bool cmd_right_click(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return click(ui, words, UI_CLICK_RIGHT);
}

static bool cmd_hover(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return click(ui, words, UI_HOVER);
}

static bool cmd_where(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return click(ui, words, UI_WHERE);
}

static bool cmd_key(struct ui *ui, int count, wchar_t **words)
{
    for (int i = 1; i < count; i++) {
        if (!ui_key(ui, words[i]))
            return false;
        ui_settle(ui);
    }
    return true;
}

static bool cmd_type(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    bool ok = ui_type(ui, words[1]);
    ui_settle(ui);
    return ok;
}

static bool cmd_wheel(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND control = ui_control(ui, words[1]);
    return control && ui_wheel(control, (int)wcstol(words[2], NULL, 10));
}

static bool cmd_close(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    HWND window = ui_window(ui);
    return window && (PostMessageW(window, WM_CLOSE, 0, 0) || ui_fail("WM_CLOSE failed (%lu)", GetLastError()));
}

// As when its border is dragged there: the window may refuse to be so small.
static bool cmd_size(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND window = ui_window(ui);
    int width = (int)wcstol(words[1], NULL, 10);
    int height = (int)wcstol(words[2], NULL, 10);
    bool ok = window && SetWindowPos(window, NULL, 0, 0, width, height, SWP_NOZORDER | SWP_NOACTIVATE);
    ui_settle(ui);
    return ok;
}

// As when the window comes to a screen of another DPI: the message that it gets, with the place that is proposed.
static bool cmd_dpi(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND window = ui_window(ui);
    int from = (int)wcstol(words[1], NULL, 10);
    int to = (int)wcstol(words[2], NULL, 10);
    RECT place;
    struct ui_memory memory;
    if (!window || !GetWindowRect(window, &place) || !ui_memory_open(&memory, window, sizeof(place)))
        return false;
    place.right = place.left + MulDiv(place.right - place.left, to, from);
    place.bottom = place.top + MulDiv(place.bottom - place.top, to, from);
    bool ok = ui_memory_write(&memory, 0, &place, sizeof(place)) &&
              ui_send(window, WM_DPICHANGED, MAKEWPARAM(to, to), (LPARAM)memory.there, NULL);
    ui_memory_close(&memory);
    ui_settle(ui);
    return ok;
}

// For what is done by the hundred; whether a user could do it is tested elsewhere.
static bool cmd_command(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    HWND window = ui_window(ui);
    WPARAM id = wcstoul(words[1], NULL, 10) & 0xFFFF;
    return window && (PostMessageW(window, WM_COMMAND, id, 0) || ui_fail("WM_COMMAND failed (%lu)", GetLastError()));
}

static bool cmd_sleep(struct ui *ui, int count, wchar_t **words)
{
    (void)ui;
    (void)count;
    Sleep((DWORD)wcstoul(words[1], NULL, 10));
    return true;
}

// Calls check every 50 ms until it holds or the seconds are over.
static bool await(struct ui *ui, wchar_t **words, const wchar_t *seconds, bool (*check)(struct ui *, wchar_t **))
{
    ULONGLONG end = GetTickCount64() + wcstoul(seconds, NULL, 10) * 1000ULL;
    while (!check(ui, words)) {
        if (GetTickCount64() >= end)
            return ui_fail("waited %ls s in vain: %ls %ls", seconds, words[0], words[1]);
        Sleep(50);
    }
    return true;
}

static bool has_window(struct ui *ui, wchar_t **words)
{
    DWORD pid = wcscmp(words[1], L"-") == 0 ? ui->pid : ui_process(words[1]);
    struct ui other = {.pid = pid};
    HWND window = pid ? ui_find_window(&other, words[2], false) : NULL;
    if (!window)
        return false;
    ui->pid = pid;
    printf("pid %lu\n", pid);
    return true;
}

static bool cmd_wait_window(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[3], has_window);
}

static bool has_no_window(struct ui *ui, wchar_t **words)
{
    return !ui_find_window(ui, words[1], false);
}

static bool cmd_wait_gone(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[2], has_no_window);
}

static bool has_text(struct ui *ui, wchar_t **words)
{
    wchar_t text[4096];
    HWND control = ui_look_for_control(ui, words[1]);
    if (!control)
        return false;
    ui_text(control, text, 4096);
    return ui_text_has(text, words[2]);
}

static bool cmd_wait_text(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[3], has_text);
}

static bool is_enabled(struct ui *ui, wchar_t **words)
{
    HWND control = ui_look_for_control(ui, words[1]);
    return control && IsWindowVisible(control) && IsWindowEnabled(control);
}

static bool cmd_wait_enabled(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[2], is_enabled);
}

static bool list_has(struct ui *ui, wchar_t **words)
{
    HWND list = ui_look_for_control(ui, words[1]);
    return list && ui_list_has(list, words[2]);
}

static bool cmd_wait_list(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[3], list_has);
}

static bool status_has(struct ui *ui, wchar_t **words)
{
    HWND bar = ui_look_for_control(ui, L"class:" STATUSCLASSNAMEW);
    return bar && ui_status_has(bar, words[1]);
}

static bool cmd_wait_status(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    return await(ui, words, words[2], status_has);
}

static const struct command {
    const wchar_t *name;
    int least; // words, the command's own counted
    int most;
    bool (*run)(struct ui *ui, int count, wchar_t **words);
    const char *help;
} commands[] = {
    {L"wait-window", 4, 4, cmd_wait_window, "PID|NAME.exe|- CLASS|TITLE SECONDS: until it shows; becomes the target"},
    {L"wait-gone", 3, 3, cmd_wait_gone, "CLASS|TITLE SECONDS: until no such window shows"},
    {L"wait-text", 4, 4, cmd_wait_text, "ID PART SECONDS: until the control's text has the part"},
    {L"wait-enabled", 3, 3, cmd_wait_enabled, "ID SECONDS: until the control is visible and enabled"},
    {L"wait-list", 4, 4, cmd_wait_list, "ID PART SECONDS: until a cell of the list view has the part"},
    {L"wait-status", 3, 3, cmd_wait_status, "PART SECONDS: until a pane of the status bar has the part"},
    {L"windows", 1, 1, cmd_windows, "all top-level windows of the target, from the top down"},
    {L"tree", 1, 1, cmd_tree, "all controls: hwnd, class, id, place on the screen, visible, enabled, text"},
    {L"control", 2, 2, cmd_control, "ID: the same of one control; \"control focus\" says where the keyboard goes"},
    {L"rect", 2, 2, cmd_rect, "ID: left top right bottom on the screen"},
    {L"text", 1, 2, cmd_text, "[ID]: the text of a control, or the window's title"},
    {L"state", 2, 2, cmd_state, "ID: visible|hidden enabled|disabled [focused] [checked]"},
    {L"click", 2, 2, cmd_click, "ID: with the pointer; fails when a user could not"},
    {L"double-click", 2, 2, cmd_double_click, "ID"},
    {L"right-click", 2, 2, cmd_right_click, "ID"},
    {L"hover", 2, 2, cmd_hover, "ID: moves the pointer there"},
    {L"where", 2, 2, cmd_where, "ID: x y of the place to click, checked in the same way"},
    {L"wheel", 3, 3, cmd_wheel, "ID NOTCHES: turns the wheel over it, up is positive"},
    {L"key", 2, 20, cmd_key, "KEY...: as f5, ctrl+shift+s, alt+f, enter, down"},
    {L"type", 2, 2, cmd_type, "TEXT: character by character"},
    {L"menu", 2, 2, ui_cmd_menu, "TEXT/TEXT...: through the menu bar; popup/TEXT: in the open menu"},
    {L"menu-items", 1, 1, ui_cmd_menu_items, "the items of the open menu, or else of the menu bar"},
    {L"list", 2, 3, ui_cmd_list,
     "ID [ROWS]: a list view with its headings; rows by tabs, * selected, f focused, [state]"},
    {L"list-click", 3, 5, ui_cmd_list_click,
     "ID ROW|=TEXT [COLUMN|=TITLE [right|double|check|hover|where]]: wheels it into view first"},
    {L"header-click", 3, 3, ui_cmd_header_click, "ID COLUMN|=TITLE: to sort"},
    {L"text-sizes", 1, 1, ui_cmd_text_sizes, "of each visible text: control, width and height needed, those it has"},
    {L"status", 1, 2, ui_cmd_status, "[ID]: the panes of the status bar, one a line"},
    {L"link", 2, 3, ui_cmd_link, "ID [TEXT]: the links in a text; clicks one"},
    {L"tab", 2, 3, ui_cmd_tab, "ID [TEXT]: the tabs; clicks one"},
    {L"combo", 2, 2, ui_cmd_combo, "ID: the entries of a combo box, the current one with *"},
    {L"select", 3, 3, ui_cmd_select, "ID TEXT: chooses an entry of a combo box with pointer and keys"},
    {L"taskdialog", 1, 2, ui_cmd_taskdialog, "[TEXT]: texts, links, boxes and buttons of the open dialog; clicks one"},
    {L"filedialog", 1, 2, ui_cmd_filedialog, "[PATH]: types the path into the open file dialog and presses Enter"},
    {L"null-latency", 2, 2, ui_cmd_null_latency, "MS: how long the window takes to answer, measured that long"},
    {L"objects", 1, 1, ui_cmd_objects, "windows, GDI objects and open handles by type"},
    {L"close", 1, 1, cmd_close, "closes the window as its X does"},
    {L"drop", 2, 2, ui_cmd_drop, "PATH: a file is dropped on the window"},
    {L"size", 3, 3, cmd_size, "WIDTH HEIGHT: moves the window to the corner and makes it so large"},
    {L"dpi", 3, 3, cmd_dpi, "FROM TO: as when the window comes to a screen of another DPI"},
    {L"command", 2, 2, cmd_command, "ID: posts the menu command, without menu or key"},
    {L"endsession", 1, 2, ui_cmd_end_session, "[SECONDS]: as when the user logs off"},
    {L"exit-code", 1, 2, ui_cmd_exit_code, "[SECONDS]: waits for the end of the program"},
    {L"sleep", 2, 2, cmd_sleep, "MS"},
    {L"run", 3, 40, ui_cmd_run, "FILE COMMAND...: starts it; FILE gets pid and exit code"},
};

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void help(void)
{
    puts("uidrive [--target PID|NAME.exe] [--window TITLE|CLASS] [--desktop NAME] COMMAND...   (or - : commands on "
         "stdin)\n"
         "ID is a control id, =TEXT, class:NAME, focus or hwnd:HEX, in the topmost enabled window or the one of "
         "--window.\n"
         "In a script, \"in WINDOW COMMAND...\" is as with --window.\n"
         "serve: commands on stdin; after each one a line with = and its exit code, and it goes on after a failure.\n"
         "Exit code: 0 done, 1 it could not be done (stderr says why), 2 wrong usage.");
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  %ls %s\n", commands[i].name, commands[i].help);
}

static int run(struct ui *ui, int count, wchar_t **words)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (wcscmp(commands[i].name, words[0]) != 0)
            continue;
        if (count < commands[i].least || count > commands[i].most) {
            fprintf(stderr, "uidrive: %ls takes %s\n", words[0], commands[i].help);
            return 2;
        }
        return commands[i].run(ui, count, words) ? 0 : 1;
    }
    ui_say("no command %ls; see --help", words[0]);
    return 2;
}

// Splits at blanks; "double quotes" keep together.
static int split(wchar_t *line, wchar_t **words, int most)
{
    int count = 0;
    while (*line && count < most) {
        line += wcsspn(line, L" \t\r\n");
        if (!*line)
            break;
        bool quoted = *line == L'"';
        line += quoted;
        words[count++] = line;
        line += wcscspn(line, quoted ? L"\"" : L" \t\r\n");
        if (*line)
            *line++ = L'\0';
    }
    return count;
}

// Runs one line; *ran false: it was blank or a comment.
static int run_line(struct ui *ui, const char *line, bool *ran)
{
    wchar_t wide[4096];
    wchar_t *words[40];
    *ran = true;
    if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, line, -1, wide, 4096)) {
        ui_say("the line is not UTF-8");
        return 2;
    }
    int count = split(wide, words, 40);
    *ran = count > 0 && words[0][0] != L'#';
    struct ui other = *ui;
    bool in = *ran && count > 2 && wcscmp(words[0], L"in") == 0;
    if (in)
        other.title = words[1];
    int result = !*ran ? 0 : in ? run(&other, count - 2, words + 2) : run(ui, count, words);
    fflush(stdout);
    return result;
}

// One command a line; blank lines and lines with # are passed over. Ends at the first that fails.
static int run_script(struct ui *ui)
{
    char line[4096];
    bool ran;
    for (int number = 1; fgets(line, sizeof(line), stdin); number++) {
        int result = run_line(ui, line, &ran);
        if (result) {
            fprintf(stderr, "uidrive: stopped at line %d\n", number);
            return result;
        }
    }
    return 0;
}

// The same for a program that drives: it sees how each command went, and what went wrong, on stdout.
static int serve(struct ui *ui)
{
    char line[4096];
    bool ran;
    _dup2(_fileno(stdout), _fileno(stderr));
    while (fgets(line, sizeof(line), stdin)) {
        int result = run_line(ui, line, &ran);
        fflush(stderr);
        if (ran) {
            printf("= %d\n", result);
            fflush(stdout);
        }
    }
    return 0;
}

static bool use_desktop(const wchar_t *name)
{
    HDESK desktop = OpenDesktopW(name, 0, FALSE, MAXIMUM_ALLOWED);
    if (desktop && SetThreadDesktop(desktop))
        return true;
    return ui_fail("no desktop %ls (%lu)", name, GetLastError());
}

static bool take_option(struct ui *ui, const wchar_t *name, const wchar_t *value)
{
    if (wcscmp(name, L"--window") == 0) {
        ui->title = value;
        return true;
    }
    if (wcscmp(name, L"--desktop") == 0)
        return use_desktop(value);
    if (wcscmp(name, L"--target") != 0)
        return ui_fail("no option %ls; see --help", name);
    ui->pid = ui_process(value);
    return ui->pid || ui_fail("no process %ls", value);
}

int wmain(int count, wchar_t **words);

int wmain(int count, wchar_t **words)
{
    _setmode(_fileno(stdout), _O_BINARY);
    // Places on the screen are in its own dots, whatever the driven program thinks of scaling.
    if (!SetProcessDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2))
        SetProcessDpiAwarenessContext(DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE);
    struct ui ui = {0};
    wchar_t desktop[64];
    if (GetEnvironmentVariableW(L"UIDRIVE_DESKTOP", desktop, 64) && !use_desktop(desktop))
        return 1;
    wchar_t target[64];
    if (GetEnvironmentVariableW(L"UIDRIVE_TARGET", target, 64))
        ui.pid = ui_process(target);
    int at = 1;
    for (; at + 1 < count && words[at][0] == L'-' && words[at][1] == L'-'; at += 2) {
        if (!take_option(&ui, words[at], words[at + 1]))
            return 2;
    }
    if (at >= count || wcscmp(words[at], L"--help") == 0) {
        help();
        return at >= count ? 2 : 0;
    }
    if (wcscmp(words[at], L"-") == 0)
        return run_script(&ui);
    if (wcscmp(words[at], L"serve") == 0)
        return serve(&ui);
    return run(&ui, count - at, words + at);
}
