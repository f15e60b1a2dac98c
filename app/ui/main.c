/* HandleRecorder.exe: starts safely, lets one copy run a user's session, and turns the message loop. */
#include "ui/main_window.h"

#include "ui/message.h"
#include "ui/options.h"
#include "ui/trace_files.h"
#include "ui/words.h"

#include <objbase.h>
#include <shellapi.h>

/* One window for each user's session; the elevated copy waits for the one that started it to end. */
#define INSTANCE_NAME    L"Local\\HandleRecorder.Window"
#define HANDOVER_WAIT_MS 10000

static bool show_other(const struct options *options)
{
    HWND other = FindWindowW(MAIN_WINDOW_CLASS, NULL);
    if (!other)
        return false;
    DWORD pid = 0;
    GetWindowThreadProcessId(other, &pid);
    AllowSetForegroundWindow(pid);
    bool sent =
        options->file_count && trace_files_send(other, (const char *const *)options->files, options->file_count);
    return sent || PostMessageW(other, MAIN_SHOW, 0, 0);
}

static HANDLE take_turn(const struct options *options)
{
    bool restarted = options->restarted;
    HANDLE mutex = CreateMutexW(NULL, FALSE, INSTANCE_NAME);
    DWORD got = mutex ? WaitForSingleObject(mutex, restarted ? HANDOVER_WAIT_MS : 0) : WAIT_FAILED;
    if (got == WAIT_OBJECT_0 || got == WAIT_ABANDONED)
        return mutex;
    if (mutex)
        CloseHandle(mutex);
    /* A first copy that takes long to end does not keep the second one from starting: there would be no window. */
    if (restarted)
        return NULL;
    /* Without a mutex it is an elevated copy's, which is shown; or a name that cannot be had, which keeps nobody from
     * recording: the session's own name is the guard. */
    bool shown = show_other(options);
    return mutex || shown ? INVALID_HANDLE_VALUE : NULL;
}

static bool is_key_for_all(const MSG *message)
{
    return message->message == WM_KEYDOWN || message->message == WM_SYSKEYDOWN;
}

static int turn(struct main_window *w, HACCEL keys)
{
    MSG message;
    while (GetMessageW(&message, NULL, 0, 0) > 0) {
        if (IsWindow(w->base.hwnd) && results_window_translate(w->results, &message))
            continue;
        if (is_key_for_all(&message) && IsWindow(w->base.hwnd) && TranslateAcceleratorW(w->base.hwnd, keys, &message))
            continue;
        if (IsWindow(w->base.hwnd) && IsDialogMessageW(w->base.hwnd, &message))
            continue;
        TranslateMessage(&message);
        DispatchMessageW(&message);
    }
    return 0;
}

static int run(HINSTANCE instance, int show, const struct options *options)
{
    struct err err = {0};
    struct main_window *w = NULL;
    if (!main_window_create(instance, options, &w, &err)) {
        message_error(NULL, IDS_START_FAILED, &err);
        return 1;
    }
    HACCEL keys = LoadAcceleratorsW(instance, MAKEINTRESOURCEW(IDR_KEYS));
    ShowWindow(w->base.hwnd, show);
    int code = turn(w, keys);
    main_window_destroy(w);
    return code;
}

static bool read_options(struct options *out)
{
    int argc = 0;
    WCHAR **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    bool ok = argv && options_parse(argc, argv, out);
    LocalFree(argv);
    return ok;
}

static void init_controls(void)
{
    INITCOMMONCONTROLSEX classes = {sizeof classes, ICC_STANDARD_CLASSES | ICC_LISTVIEW_CLASSES | ICC_BAR_CLASSES |
                                                        ICC_PROGRESS_CLASS | ICC_LINK_CLASS | ICC_TAB_CLASSES};
    InitCommonControlsEx(&classes);
}

// NOLINTNEXTLINE(readability-non-const-parameter): the system says what it looks like
int WINAPI wWinMain(HINSTANCE hInstance, HINSTANCE hPrevInstance, PWSTR lpCmdLine, int nShowCmd)
{
    (void)hPrevInstance;
    (void)lpCmdLine;
    /* First: a DLL planted beside the program or in the current folder is never loaded. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    SetDllDirectoryW(L"");
    HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0);
    init_controls();
    struct options options = {0};
    bool understood = read_options(&options);
    if (!understood || options.help) {
        message_usage();
        options_free(&options);
        words_free();
        return understood ? 0 : 2;
    }
    HANDLE mutex = take_turn(&options);
    if (mutex == INVALID_HANDLE_VALUE) {
        options_free(&options);
        words_free();
        return 0;
    }
    HRESULT com = CoInitializeEx(NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);
    int code = run(hInstance, nShowCmd, &options);
    if (SUCCEEDED(com))
        CoUninitialize();
    if (mutex) {
        ReleaseMutex(mutex);
        CloseHandle(mutex);
    }
    options_free(&options);
    words_free();
    return code;
}
