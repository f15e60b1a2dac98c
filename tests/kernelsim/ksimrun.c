// ksimrun: starts a program under the simulated kernel, waits for it and returns its exit code.
#include "ksim.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

int wmain(void);

enum { SERVER_TRIES = 200, SERVER_WAIT_MS = 50 };

struct options {
    wchar_t name[64];
    wchar_t dll[MAX_PATH];
    bool elevated;
    bool detach;
    bool server;
    wchar_t *program; // command line of the program, program first
};

static const char usage[] =
    "ksimrun [--name N] [--elevated|--not-elevated] [--dll PATH] [--server] [--detach] PROGRAM ARGS...\n"
    "  --name N         which simulated kernel (KSIM_NAME, else \"default\")\n"
    "  --not-elevated   the program sees, and has, no administrator's rights\n"
    "  --dll PATH       another ksim.dll than the one beside ksimrun.exe\n"
    "  --server         starts ksimd.exe first if it does not run\n"
    "  --detach         does not wait; prints the process id\n";

static __attribute__((noreturn)) void stop(const char *what)
{
    fprintf(stderr, "ksimrun: %s (%lu)\n", what, GetLastError());
    exit(251);
}

// Where the next word of a command line begins; *word: the word without its quotes.
static wchar_t *next_word(wchar_t *at, wchar_t *word, size_t room)
{
    bool quoted = false;
    size_t n = 0;
    for (; *at && (quoted || (*at != L' ' && *at != L'\t')); at++) {
        if (*at == L'"') {
            quoted = !quoted;
        } else if (n + 1 < room) {
            word[n++] = *at;
        }
    }
    word[n] = 0;
    while (*at == L' ' || *at == L'\t') {
        at++;
    }
    return at;
}

// A file that stands beside this program.
static void beside(wchar_t path[MAX_PATH], const wchar_t *file)
{
    DWORD n = GetModuleFileNameW(NULL, path, MAX_PATH);
    wchar_t *slash = n && n < MAX_PATH ? wcsrchr(path, L'\\') : NULL;
    if (!slash || (size_t)(slash - path) + wcslen(file) + 2 > MAX_PATH) {
        stop("its own path is too long");
    }
    wcscpy(slash + 1, file);
}

static bool take_option(struct options *o, const wchar_t *word, wchar_t **at)
{
    if (wcscmp(word, L"--name") == 0) {
        *at = next_word(*at, o->name, sizeof o->name / sizeof *o->name);
    } else if (wcscmp(word, L"--dll") == 0) {
        *at = next_word(*at, o->dll, sizeof o->dll / sizeof *o->dll);
    } else if (wcscmp(word, L"--elevated") == 0) {
        o->elevated = true;
    } else if (wcscmp(word, L"--not-elevated") == 0) {
        o->elevated = false;
    } else if (wcscmp(word, L"--server") == 0) {
        o->server = true;
    } else if (wcscmp(word, L"--detach") == 0) {
        o->detach = true;
    } else {
        return false;
    }
    return true;
}

static void read_options(struct options *o, wchar_t *line)
{
    wchar_t word[MAX_PATH];
    wchar_t *at = next_word(line, word, MAX_PATH);
    for (;;) {
        wchar_t *after = next_word(at, word, MAX_PATH);
        if (!take_option(o, word, &after)) {
            break;
        }
        at = after;
    }
    if (!*at || word[0] == L'-') {
        fputs(usage, stderr);
        exit(252);
    }
    o->program = at;
}

static bool server_runs(const wchar_t *name)
{
    wchar_t section[256];
    swprintf(section, sizeof section / sizeof *section, L"%ls%ls%ls", KSIM_INTEREST_SECTION_PREFIX, name,
             KSIM_INTEREST_SECTION_SUFFIX);
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, section);
    if (!mapping) {
        return false;
    }
    CloseHandle(mapping);
    return true;
}

static void start_server(const wchar_t *name)
{
    wchar_t path[MAX_PATH];
    beside(path, L"ksimd.exe");
    wchar_t line[MAX_PATH + 128];
    swprintf(line, sizeof line / sizeof *line, L"\"%ls\" --name %ls", path, name);
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    if (!CreateProcessW(path, line, NULL, NULL, FALSE, DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP, NULL, NULL,
                        &startup, &process)) {
        stop("cannot start ksimd.exe");
    }
    CloseHandle(process.hThread);
    for (int i = 0; i < SERVER_TRIES && !server_runs(name); i++) {
        if (WaitForSingleObject(process.hProcess, SERVER_WAIT_MS) == WAIT_OBJECT_0) {
            stop("ksimd.exe ended at once");
        }
    }
    CloseHandle(process.hProcess);
}

// Ctrl+C is the program's to answer; this process stays to return its exit code.
static BOOL WINAPI on_control(DWORD type)
{
    return type == CTRL_C_EVENT || type == CTRL_BREAK_EVENT;
}

static DWORD run(const struct options *o)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    if (!CreateProcessW(NULL, o->program, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process)) {
        stop("cannot start the program");
    }
    if (!ksim_inject(process.hProcess, o->dll)) {
        fprintf(stderr, "ksimrun: cannot load ksim.dll into the program (%lu)\n", GetLastError());
        TerminateProcess(process.hProcess, 251);
        return 251;
    }
    ResumeThread(process.hThread);
    if (o->detach) {
        printf("%lu\n", process.dwProcessId);
        return 0;
    }
    DWORD code = 251;
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return code;
}

int wmain(void)
{
    static struct options o = {.elevated = true};
    DWORD n = GetEnvironmentVariableW(KSIM_ENV_NAME, o.name, sizeof o.name / sizeof *o.name);
    if (n == 0 || n >= sizeof o.name / sizeof *o.name) {
        wcscpy(o.name, KSIM_DEFAULT_NAME);
    }
    beside(o.dll, L"ksim.dll");
    read_options(&o, GetCommandLineW());
    SetEnvironmentVariableW(KSIM_ENV_NAME, o.name);
    SetEnvironmentVariableW(L"KSIM_ELEVATED", o.elevated ? L"1" : L"0");
    if (o.server && !server_runs(o.name)) {
        start_server(o.name);
    }
    SetConsoleCtrlHandler(on_control, TRUE);
    return (int)run(&o);
}
