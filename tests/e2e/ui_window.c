// Finds the windows and controls of the driven program, and reads their texts.
#include "ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <tlhelp32.h>

enum { SEND_MS = 5000, KEPT_SIZE = 65536 };

static unsigned unanswered; // messages that nobody waits for any more

void ui_say(const char *format, ...)
{
    // Formatted wide: the C runtime's narrow formats lose what is not ASCII.
    wchar_t wide[512];
    wchar_t text[2048];
    size_t length = 0;
    for (; format[length] && length < 511; length++)
        wide[length] = (wchar_t)format[length];
    wide[length] = L'\0';
    va_list arguments;
    va_start(arguments, format);
    int written = _vsnwprintf(text, 2047, wide, arguments);
    va_end(arguments);
    text[written < 0 ? 2047 : written] = L'\0';
    char bytes[6200];
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof(bytes), NULL, NULL))
        bytes[0] = '\0';
    fprintf(stderr, "uidrive: %s\n", bytes);
}

void ui_print_text(const wchar_t *text)
{
    char bytes[4096];
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof(bytes), NULL, NULL)) {
        printf("(text of %d characters)", (int)wcslen(text));
        return;
    }
    for (char *at = bytes; *at; at++)
        putchar(*at == '\t' || *at == '\n' || *at == '\r' ? ' ' : *at);
}

bool ui_send(HWND window, UINT message, WPARAM wide, LPARAM large, DWORD_PTR *result)
{
    DWORD_PTR unused;
    if (SendMessageTimeoutW(window, message, wide, large, SMTO_NORMAL, SEND_MS, result ? result : &unused))
        return true;
    unanswered++;
    return ui_fail("window %p did not answer message 0x%X (%lu)", (void *)window, message, GetLastError());
}

void ui_text(HWND window, wchar_t *text, int size)
{
    text[0] = L'\0';
    DWORD_PTR length;
    SendMessageTimeoutW(window, WM_GETTEXT, (WPARAM)size, (LPARAM)text, SMTO_NORMAL, SEND_MS, &length);
    text[size - 1] = L'\0';
}

// Copies without mnemonic marks and without what follows a tab.
static void plain(const wchar_t *text, wchar_t *out, size_t size)
{
    size_t length = 0;
    for (; *text && *text != L'\t' && length + 1 < size; text++) {
        if (*text == L'&' && text[1] != L'\0') {
            text++;
            if (*text != L'&') {
                out[length++] = *text;
                continue;
            }
        }
        out[length++] = *text;
    }
    out[length] = L'\0';
}

bool ui_text_has(const wchar_t *text, const wchar_t *part)
{
    wchar_t room[1024];
    plain(text, room, sizeof(room) / sizeof(room[0]));
    return wcsstr(room, part) || wcsstr(text, part);
}

bool ui_text_is(const wchar_t *text, const wchar_t *wanted)
{
    wchar_t room[1024];
    wchar_t other[1024];
    plain(text, room, sizeof(room) / sizeof(room[0]));
    plain(wanted, other, sizeof(other) / sizeof(other[0]));
    return wcscmp(room, other) == 0;
}

DWORD ui_process(const wchar_t *name)
{
    wchar_t *end;
    unsigned long number = wcstoul(name, &end, 10);
    if (number && *end == L'\0')
        return number;
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    if (snapshot == INVALID_HANDLE_VALUE)
        return 0;
    PROCESSENTRY32W entry = {.dwSize = sizeof(entry)};
    DWORD found = 0;
    for (BOOL more = Process32FirstW(snapshot, &entry); more && !found; more = Process32NextW(snapshot, &entry)) {
        if (_wcsicmp(entry.szExeFile, name) == 0)
            found = entry.th32ProcessID;
    }
    CloseHandle(snapshot);
    return found;
}

struct window_search {
    DWORD pid;
    const wchar_t *text;
    bool enabled;
    HWND found;
};

static bool is_extra(const wchar_t *class_name)
{
    static const wchar_t *const extra[] = {TOOLTIPS_CLASSW, L"#32768", L"ComboLBox", L"SysShadow", L"IME"};
    for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
        if (wcscmp(class_name, extra[i]) == 0)
            return true;
    }
    return false;
}

static BOOL CALLBACK take_window(HWND window, LPARAM context)
{
    struct window_search *search = (struct window_search *)context;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    RECT rect;
    if (pid != search->pid || !IsWindowVisible(window) || !GetWindowRect(window, &rect) || IsRectEmpty(&rect))
        return TRUE;
    if (search->enabled && !IsWindowEnabled(window))
        return TRUE;
    wchar_t class_name[64] = L"";
    GetClassNameW(window, class_name, 64);
    if (is_extra(class_name))
        return TRUE;
    if (search->text) {
        wchar_t title[512];
        ui_text(window, title, 512);
        if (wcscmp(class_name, search->text) != 0 && !ui_text_has(title, search->text))
            return TRUE;
    }
    search->found = window;
    return FALSE;
}

HWND ui_find_window(const struct ui *ui, const wchar_t *text, bool enabled)
{
    struct window_search search = {.pid = ui->pid, .text = text, .enabled = enabled};
    // From the top of the z-order down.
    EnumWindows(take_window, (LPARAM)&search);
    return search.found;
}

HWND ui_window(const struct ui *ui)
{
    HWND window = ui_find_window(ui, ui->title, ui->title == NULL);
    if (!window)
        ui_say("process %lu has no visible%hs window%hs%ls", ui->pid, ui->title ? "" : " enabled",
               ui->title ? " named " : "", ui->title ? ui->title : L"");
    return window;
}

struct control_search {
    int id;
    const wchar_t *text;
    const wchar_t *class_name;
    HWND visible;
    HWND any;
};

static BOOL CALLBACK take_control(HWND window, LPARAM context)
{
    struct control_search *search = (struct control_search *)context;
    wchar_t text[512];
    if (search->text) {
        ui_text(window, text, 512);
        if (!ui_text_is(text, search->text))
            return TRUE;
    } else if (search->class_name) {
        GetClassNameW(window, text, 512);
        if (_wcsicmp(text, search->class_name) != 0)
            return TRUE;
    } else if (GetDlgCtrlID(window) != search->id) {
        return TRUE;
    }
    if (!search->any)
        search->any = window;
    if (!search->visible && IsWindowVisible(window))
        search->visible = window;
    return search->visible == NULL;
}

static HWND focused(HWND window)
{
    GUITHREADINFO info = {.cbSize = sizeof(info)};
    if (!GetGUIThreadInfo(GetWindowThreadProcessId(window, NULL), &info))
        return NULL;
    return info.hwndFocus;
}

HWND ui_look_for_control(const struct ui *ui, const wchar_t *name)
{
    if (wcsncmp(name, L"hwnd:", 5) == 0)
        return (HWND)(ULONG_PTR)wcstoul(name + 5, NULL, 16);
    HWND window = ui_find_window(ui, ui->title, ui->title == NULL);
    if (!window)
        return NULL;
    if (wcscmp(name, L"focus") == 0)
        return focused(window);
    struct control_search search = {.id = wcstol(name, NULL, 10)};
    if (name[0] == L'=')
        search.text = name + 1;
    if (wcsncmp(name, L"class:", 6) == 0)
        search.class_name = name + 6;
    EnumChildWindows(window, take_control, (LPARAM)&search);
    return search.visible ? search.visible : search.any;
}

HWND ui_control(const struct ui *ui, const wchar_t *name)
{
    HWND window = ui_window(ui);
    if (!window)
        return NULL;
    HWND control = ui_look_for_control(ui, name);
    wchar_t title[256];
    ui_text(window, title, 256);
    if (!control)
        ui_say("no control %ls in the window \"%ls\"", name, title);
    return control;
}

void ui_settle(const struct ui *ui)
{
    HWND window = ui_find_window(ui, NULL, false);
    DWORD_PTR unused;
    if (window)
        SendMessageTimeoutW(window, WM_NULL, 0, 0, SMTO_NORMAL, SEND_MS, &unused);
    Sleep(50);
    window = ui_find_window(ui, NULL, false);
    if (window)
        SendMessageTimeoutW(window, WM_NULL, 0, 0, SMTO_NORMAL, SEND_MS, &unused);
}

// What was taken last is kept for the next command: each taking and giving back makes Wine interrupt the driven
// program. On a busy machine the driver was seen to stand still in such a call under Wine 8; since this was written it
// has done so again, more rarely, in reading a list. Why is not known; whoever calls it has a time limit.
static struct {
    struct ui_memory memory;
    DWORD pid;
    bool used;
} kept;

static void let_go(struct ui_memory *memory)
{
    // A message that is answered late is still answered there: what the program has of its own may lie there by then.
    if (memory->unanswered == unanswered)
        VirtualFreeEx(memory->process, memory->there, 0, MEM_RELEASE);
    CloseHandle(memory->process);
    memory->there = NULL;
}

static void let_kept_go(void)
{
    if (kept.memory.there)
        let_go(&kept.memory);
}

static bool is_kept(DWORD pid, size_t size)
{
    const struct ui_memory *m = &kept.memory;
    return m->there && kept.pid == pid && m->size >= size && m->unanswered == unanswered &&
           WaitForSingleObject(m->process, 0) == WAIT_TIMEOUT;
}

static bool take_memory(struct ui_memory *memory, DWORD pid, size_t size)
{
    const DWORD rights = PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE | SYNCHRONIZE;
    memory->size = size < KEPT_SIZE ? KEPT_SIZE : size;
    memory->unanswered = unanswered;
    memory->process = OpenProcess(rights, FALSE, pid);
    if (!memory->process)
        return ui_fail("cannot open process %lu (%lu)", pid, GetLastError());
    memory->there = VirtualAllocEx(memory->process, NULL, memory->size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (memory->there)
        return true;
    ui_say("cannot get memory in process %lu (%lu)", pid, GetLastError());
    CloseHandle(memory->process);
    return false;
}

bool ui_memory_open(struct ui_memory *memory, HWND window, size_t size)
{
    static bool registered;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (kept.used)
        return take_memory(memory, pid, size);
    if (!is_kept(pid, size)) {
        let_kept_go();
        if (!take_memory(&kept.memory, pid, size))
            return false;
        kept.pid = pid;
        if (!registered)
            atexit(let_kept_go);
        registered = true;
    }
    kept.used = true;
    *memory = kept.memory;
    return true;
}

bool ui_memory_write(const struct ui_memory *memory, size_t offset, const void *bytes, size_t size)
{
    if (WriteProcessMemory(memory->process, (char *)memory->there + offset, bytes, size, NULL))
        return true;
    return ui_fail("cannot write into the program (%lu)", GetLastError());
}

bool ui_memory_read(const struct ui_memory *memory, size_t offset, void *bytes, size_t size)
{
    if (ReadProcessMemory(memory->process, (char *)memory->there + offset, bytes, size, NULL))
        return true;
    return ui_fail("cannot read from the program (%lu)", GetLastError());
}

void ui_memory_close(struct ui_memory *memory)
{
    if (memory->there == kept.memory.there)
        kept.used = false;
    else
        let_go(memory);
}
