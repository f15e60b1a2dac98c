// Measures the driven program from outside: latency, objects, its end.
#include "handles.h"
#include "ui.h"
#include "uiread.h"

#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

// null-latency MS: asks the main window for nothing, every 5 ms, and prints how long it took.
bool ui_cmd_null_latency(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    enum { MOST = 100000, LIMIT_MS = 2000 };
    HWND window = ui_find_window(ui, ui->title, false);
    if (!window)
        return ui_fail("process %lu has no visible window", ui->pid);
    double *times = malloc(MOST * sizeof(double));
    if (!times)
        return ui_fail("out of memory");
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    ULONGLONG end = GetTickCount64() + wcstoul(words[1], NULL, 10);
    size_t taken = 0;
    size_t timeouts = 0;
    while (GetTickCount64() < end && taken < MOST) {
        LARGE_INTEGER before;
        LARGE_INTEGER after;
        DWORD_PTR unused;
        QueryPerformanceCounter(&before);
        if (!SendMessageTimeoutW(window, WM_NULL, 0, 0, SMTO_NORMAL, LIMIT_MS, &unused)) {
            if (!IsWindow(window))
                break;
            timeouts++;
        }
        QueryPerformanceCounter(&after);
        times[taken++] = (double)(after.QuadPart - before.QuadPart) * 1000.0 / (double)frequency.QuadPart;
        Sleep(5);
    }
    if (taken == 0) {
        free(times);
        return ui_fail("no time to measure in");
    }
    qsort(times, taken, sizeof(double), by_size);
    printf("{\"count\": %llu, \"timeouts\": %llu, \"min\": %.3f, \"median\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n",
           (unsigned long long)taken, (unsigned long long)timeouts, times[0], times[taken / 2], times[taken * 99 / 100],
           times[taken - 1]);
    free(times);
    return true;
}

struct window_count {
    DWORD pid;
    unsigned long count;
};

static BOOL CALLBACK count_child(HWND window, LPARAM context)
{
    struct window_count *counting = (struct window_count *)context;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    counting->count += pid == counting->pid;
    return TRUE;
}

static BOOL CALLBACK count_window(HWND window, LPARAM context)
{
    count_child(window, context);
    EnumChildWindows(window, count_child, context);
    return TRUE;
}

// GDI objects, counted in the program's own view of the GDI handle table: under Wine GetGuiResources answers 0.
// -1 when the table cannot be read.
static long count_gdi(HANDLE process, DWORD pid)
{
    struct entry {
        ULONG64 object;
        ULONG owner;
        USHORT unique;
        UCHAR type;
        UCHAR flags;
        ULONG64 user;
    };
    enum { TABLE_SIZE = 0x10000, PEB_TABLE_AT = 0xF8 };
    PROCESS_BASIC_INFORMATION basic;
    void *table = NULL;
    if (NtQueryInformationProcess(process, ProcessBasicInformation, &basic, sizeof(basic), NULL) < 0 ||
        !ReadProcessMemory(process, (char *)basic.PebBaseAddress + PEB_TABLE_AT, &table, sizeof(table), NULL) || !table)
        return -1;
    struct entry *entries = malloc(TABLE_SIZE * sizeof(*entries));
    if (!entries)
        return -1;
    long count = -1;
    if (ReadProcessMemory(process, table, entries, TABLE_SIZE * sizeof(*entries), NULL)) {
        count = 0;
        bool shared = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") == NULL;
        for (int i = 0; i < TABLE_SIZE; i++)
            count += entries[i].type != 0 && (!shared || (entries[i].owner & ~1u) == (pid & ~1u));
    }
    free(entries);
    return count;
}

static bool print_handles(DWORD pid)
{
    static struct handle_types types;
    unsigned long counts[HANDLES_MAX_TYPES] = {0};
    unsigned long all = 0;
    struct handle_table *table = handles_name_types(&types) ? handles_read() : NULL;
    if (!table)
        return false;
    for (ULONG_PTR i = 0; i < table->count; i++) {
        if (table->entries[i].pid != pid || table->entries[i].type >= HANDLES_MAX_TYPES)
            continue;
        counts[table->entries[i].type]++;
        all++;
    }
    free(table);
    printf(", \"handles\": %lu, \"types\": {", all);
    const char *comma = "";
    for (int i = 0; i < HANDLES_MAX_TYPES; i++) {
        if (!counts[i])
            continue;
        printf("%s\"%s\": %lu", comma, types.names[i], counts[i]);
        comma = ", ";
    }
    printf("}}\n");
    return true;
}

// objects: windows, GDI objects, other USER objects, what GetGuiResources says, open handles by type.
bool ui_cmd_objects(struct ui *ui, int count, wchar_t **words)
{
    (void)count;
    (void)words;
    HANDLE process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, FALSE, ui->pid);
    if (!process)
        return ui_fail("cannot open process %lu (%lu)", ui->pid, GetLastError());
    struct window_count windows = {.pid = ui->pid};
    EnumWindows(count_window, (LPARAM)&windows);
    struct uiread_objects user = {0};
    HWND window = ui_find_window(ui, NULL, false);
    if (window && !ui_count_objects(window, &user))
        ui_say("menus and icons are not counted");
    printf("{\"pid\": %lu, \"windows\": %lu, \"menus\": %d, \"icons\": %d, \"accelerators\": %d, \"gdi\": %ld, "
           "\"guiResourcesGdi\": %lu, \"guiResourcesUser\": %lu",
           ui->pid, windows.count, user.menus, user.icons, user.accelerators, count_gdi(process, ui->pid),
           GetGuiResources(process, GR_GDIOBJECTS), GetGuiResources(process, GR_USEROBJECTS));
    CloseHandle(process);
    return print_handles(ui->pid);
}

struct ending {
    DWORD pid;
    HWND windows[64];
    int count;
};

static BOOL CALLBACK take_top(HWND window, LPARAM context)
{
    struct ending *ending = (struct ending *)context;
    DWORD pid = 0;
    GetWindowThreadProcessId(window, &pid);
    if (pid == ending->pid && ending->count < 64)
        ending->windows[ending->count++] = window;
    return TRUE;
}

// endsession [SECONDS]: asks all top-level windows and then tells them, as the system does when the user logs off.
bool ui_cmd_end_session(struct ui *ui, int count, wchar_t **words)
{
    struct ending ending = {.pid = ui->pid};
    EnumWindows(take_top, (LPARAM)&ending);
    UINT limit = count > 1 ? (UINT)wcstoul(words[1], NULL, 10) * 1000 : 5000;
    DWORD_PTR answer = 1;
    int asked = 0;
    for (; asked < ending.count && answer; asked++) {
        if (SendMessageTimeoutW(ending.windows[asked], WM_QUERYENDSESSION, 0, ENDSESSION_LOGOFF, SMTO_NORMAL, limit,
                                &answer))
            continue;
        if (IsWindow(ending.windows[asked]))
            return ui_fail("no answer to WM_QUERYENDSESSION in %u ms", limit);
        answer = 1; // A program that ends once it was asked has nothing more to agree to.
    }
    printf("query %s\n", answer ? "agreed" : "refused");
    for (int i = 0; i < asked; i++) {
        DWORD_PTR unused;
        SetLastError(0);
        if (!SendMessageTimeoutW(ending.windows[i], WM_ENDSESSION, answer != 0, ENDSESSION_LOGOFF, SMTO_NORMAL, limit,
                                 &unused) &&
            GetLastError() == ERROR_TIMEOUT)
            return ui_fail("WM_ENDSESSION took longer than %u ms", limit);
    }
    puts("ended");
    return true;
}

// run FILE COMMAND...: starts the program; FILE gets "pid N" at once and "exit CODE" at its end. For wine explorer.
bool ui_cmd_run(struct ui *ui, int count, wchar_t **words)
{
    wchar_t line[4096] = L"";
    for (int i = 2; i < count; i++) {
        size_t length = wcslen(line);
        if (_snwprintf(line + length, 4095 - length, i > 2 ? L" \"%ls\"" : L"\"%ls\"", words[i]) < 0)
            return ui_fail("the command line is too long");
    }
    FILE *file = _wfopen(words[1], L"wb");
    if (!file)
        return ui_fail("cannot write %ls (%lu)", words[1], GetLastError());
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) {
        DWORD error = GetLastError();
        fprintf(file, "failed %lu\n", error);
        fclose(file);
        return ui_fail("cannot start %ls (%lu)", line, error);
    }
    ui->pid = process.dwProcessId;
    fprintf(file, "pid %lu\n", process.dwProcessId);
    fflush(file);
    DWORD code = 0;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    fprintf(file, "exit %lu\n", code);
    fclose(file);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return true;
}

// exit-code SECONDS: waits for the program's end and prints its code.
bool ui_cmd_exit_code(struct ui *ui, int count, wchar_t **words)
{
    DWORD limit = count > 1 ? (DWORD)wcstoul(words[1], NULL, 10) * 1000 : 0;
    HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, ui->pid);
    if (!process)
        return ui_fail("cannot open process %lu (%lu): ended already?", ui->pid, GetLastError());
    DWORD waited = WaitForSingleObject(process, limit);
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    if (waited != WAIT_OBJECT_0)
        return ui_fail("process %lu is still running", ui->pid);
    printf("%lu\n", code);
    return true;
}
