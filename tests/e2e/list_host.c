// Shows the lists and the chart with counts made up here, so that their looks can be checked without a system that
// leaks: types that grow, shrink and stand still, suspects, long names, unknown holders.
//
// list_host [new|old|empty|failed|live]: 22 seconds, twelve minutes or (nothing said) three minutes have passed; no
// counts yet; counting fails; a trace counts two types for five seconds. Then a new snapshot comes every second.
#include "core/census/census.h"
#include "core/profile/profile.h"
#include "fake_sys.h"
#include "ui/chart.h"
#include "ui/process_list.h"
#include "ui/type_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES = 24, PROCESSES = 6, TIMER = 1, ID_TYPES = 10, ID_PROCS = 11, ID_CHART = 12 };

static struct list_view *types;
static struct list_view *procs;
static struct chart *chart;
static struct list_look look;
static const struct snapshot *now;
static unsigned ticks; // seconds shown so far
static struct fake_sys fake;
static struct census *census;
static bool none; // no snapshot at all
static bool failed;
static unsigned live_ticks; // seconds that the trace counts for
static struct live_counts live;

static const char *const type_names[TYPES] = {"Event",
                                              "File",
                                              "Key",
                                              "Thread",
                                              "Process",
                                              "Section",
                                              "Mutant",
                                              "Semaphore",
                                              "Timer",
                                              "Token",
                                              "Job",
                                              "IoCompletion",
                                              "ALPC Port",
                                              "Directory",
                                              "Desktop",
                                              "WmiGuid",
                                              "EtwConsumer",
                                              "IRTimer",
                                              "Session",
                                              "TpWorkerFactory",
                                              "WaitCompletionPacket",
                                              "SymbolicLink",
                                              "DxgkSharedResource",
                                              "DxgkDisplayManagerObject"};

static const char *const process_names[PROCESSES] = {
    "leaky.exe",    "svchost.exe",
    "explorer.exe", "a program with a name that is far too long for any column of it.exe",
    "System",       ""};

static uint32_t count_at(unsigned type, unsigned second)
{
    if (type == 0)
        return 5000 + second * 2;
    if (type == 1)
        return 1200 + (uint32_t)(90 * (1 + sin(second / 12.0)));
    if (type == 2)
        return 4000 - second;
    return type * 37 % 11 * 113;
}

static void fill_system(void)
{
    for (unsigned i = 0; i < TYPES; i++)
        fake_add_type(&fake, type_names[i], 0, i != 5);
    fake.type[5].unlisted = true;
    for (unsigned k = 0; k < PROCESSES; k++)
        fake_add_process(&fake, 4 + k * 1172, 1, process_names[k]);
}

// Lets a second pass: the first process holds what changes, the others a little of everything.
static void pass_second(void)
{
    fake.types_fail = failed;
    for (unsigned i = 0; i < TYPES; i++) {
        fake.process[0].held[i] = count_at(i, ticks);
        for (unsigned k = 1; k < PROCESSES; k++)
            fake.process[k].held[i] = i % 3 ? 0 : 400 - k * 60;
    }
    snapshot_release(now);
    now = census_take(census, (ticks + 1) * UINT64_C(1000000000), ticks + 1);
    ticks++;
}

static void show_live(void)
{
    if (!live_ticks)
        return;
    live.types[16] = (struct live_type){"Event", 1200 + live_ticks, 1100, 7};
    live.types[37] = (struct live_type){"File", 90, 90, 0};
    live_ticks--;
    type_list_set_live(types, live_ticks ? &live : NULL);
}

static void show(void)
{
    show_live();
    type_list_set_snapshot(types, now);
    process_list_set_snapshot(procs, now, type_list_selected(types));
    chart_set_snapshot(chart, now, type_list_selected(types));
}

static void on_selected(void *ctx)
{
    (void)ctx;
    process_list_set_snapshot(procs, now, type_list_selected(types));
    chart_set_snapshot(chart, now, type_list_selected(types));
}

static HFONT make_font(UINT dpi, int weight)
{
    return CreateFontW(-MulDiv(9, (int)dpi, 72), 0, 0, 0, weight, 0, 0, 0, DEFAULT_CHARSET, 0, 0, 0, 0, L"Segoe UI");
}

static void make(HWND window)
{
    struct err err = {0};
    struct list_events events = {.selected = on_selected};
    struct list_events silent = {0};
    HDC dc = GetDC(window);
    look.dpi = (UINT)GetDeviceCaps(dc, LOGPIXELSX);
    ReleaseDC(window, dc);
    look.font = make_font(look.dpi, FW_NORMAL);
    look.bold = make_font(look.dpi, FW_BOLD);
    if (!type_list_create(window, ID_TYPES, &look, &events, &types, &err) ||
        !process_list_create(window, ID_PROCS, &look, &silent, &procs, &err) ||
        !chart_create(window, ID_CHART, &look, &chart, &err))
        exit(1);
    uint32_t tags[] = {profile_tag("Event"), profile_tag("Dxgk")};
    type_list_set_filter(types, false, tags, 2);
    SetWindowTextW(list_view_window(types), L"Handle types");
    SetWindowTextW(list_view_window(procs), L"Processes");
}

static void lay_out(int width, int height)
{
    int gap = list_scale(&look, 7);
    int top = (height - 3 * gap) * 6 / 10;
    int left = (width - 3 * gap) / 2;
    MoveWindow(list_view_window(types), gap, gap, width - 2 * gap, top, TRUE);
    MoveWindow(list_view_window(procs), gap, top + 2 * gap, left, height - top - 3 * gap, TRUE);
    MoveWindow(chart_window(chart), left + 2 * gap, top + 2 * gap, width - left - 3 * gap, height - top - 3 * gap,
               TRUE);
}

static LRESULT CALLBACK window_proc(HWND window, UINT message, WPARAM w, LPARAM l)
{
    LRESULT result = 0;
    switch (message) {
    case WM_CREATE:
        make(window);
        SetTimer(window, TIMER, 1000, NULL);
        return 0;
    case WM_SIZE:
        lay_out(LOWORD(l), HIWORD(l));
        return 0;
    case WM_TIMER:
        if (!none)
            pass_second();
        show();
        return 0;
    case WM_SETFOCUS:
        SetFocus(list_view_window(types));
        return 0;
    case WM_NOTIFY:
        if (list_view_notify(types, (NMHDR *)l, &result) || list_view_notify(procs, (NMHDR *)l, &result))
            return result;
        break;
    case WM_DESTROY:
        PostQuitMessage(0);
        return 0;
    default:
        break;
    }
    return DefWindowProcW(window, message, w, l);
}

// NOLINTNEXTLINE(readability-non-const-parameter)
int WINAPI wWinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, LPWSTR lpCmdLine, int nShowCmd)
{
    (void)hPrevInstance;
    none = wcsstr(lpCmdLine, L"empty") != NULL;
    failed = wcsstr(lpCmdLine, L"failed") != NULL;
    live_ticks = wcsstr(lpCmdLine, L"live") ? 5 : 0;
    unsigned seconds = wcsstr(lpCmdLine, L"old") ? 700 : wcsstr(lpCmdLine, L"new") ? 22 : 200;
    struct err err = {0};
    struct sys_backend sys = fake_backend(&fake);
    fill_system();
    if (!census_create(&sys, &census, &err))
        return 1;
    while (ticks < seconds && !none)
        pass_second();
    INITCOMMONCONTROLSEX controls = {sizeof controls, ICC_LISTVIEW_CLASSES | ICC_BAR_CLASSES};
    InitCommonControlsEx(&controls);
    WNDCLASSW class = {.lpfnWndProc = window_proc,
                       .hInstance = hInstance,
                       .hCursor = LoadCursorW(NULL, (const WCHAR *)IDC_ARROW),
                       .hbrBackground = (HBRUSH)(COLOR_BTNFACE + 1),
                       .lpszClassName = L"list_host"};
    RegisterClassW(&class);
    HDC dc = GetDC(NULL);
    int dpi = GetDeviceCaps(dc, LOGPIXELSX);
    ReleaseDC(NULL, dc);
    HWND window = CreateWindowW(L"list_host", L"Lists", WS_OVERLAPPEDWINDOW, 20, 20, MulDiv(780, dpi, 96),
                                MulDiv(560, dpi, 96), NULL, NULL, hInstance, NULL);
    SendMessageW(window, WM_TIMER, TIMER, 0);
    ShowWindow(window, nShowCmd);
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    list_view_destroy(types);
    list_view_destroy(procs);
    chart_destroy(chart);
    snapshot_release(now);
    census_destroy(census);
    return 0;
}
