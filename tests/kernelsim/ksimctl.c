/* ksimctl: sends one command to a running simulated kernel and prints what it answers. */
#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "protocol.h"

enum { NAME_CHARS = 64, WORDS_BYTES = 2048, CONNECT_MS = 10000 };

static const char usage[] =
    "ksimctl [--name NAME] COMMAND...\n"
    "  sessions | calls | dialects | truth [--pid N]     print JSON\n"
    "  set fail OPERATION N CODE [after]   the Nth call from now (0: every one) fails with CODE,\n"
    "                                      without or after having been carried out\n"
    "  set delay OPERATION N MS [after], set hang OPERATION N [after], set die OPERATION N [after]\n"
    "  set dialect|processors|ram-mb|perf-freq|type-seed|disk-free-mb|disk-rate|disk-full|\n"
    "      stall-writer|elevated VALUE\n"
    "  end-session NAME | release | reset | quit\n"
    "  serve                               commands on stdin, one a line; after each = and its exit code\n"
    "Exit code 0, 1 (refused) or 2 (no server).\n";

static HANDLE connect_to(const wchar_t *name)
{
    wchar_t path[NAME_CHARS + 32];
    swprintf(path, sizeof path / sizeof *path, L"%ls%ls", KSIM_PIPE_PREFIX, name);
    for (;;) {
        HANDLE pipe = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (pipe != INVALID_HANDLE_VALUE)
            return pipe;
        if (GetLastError() != ERROR_PIPE_BUSY || !WaitNamedPipeW(path, CONNECT_MS))
            return INVALID_HANDLE_VALUE;
    }
}

/* The words behind the head, each with its zero; 0 when they are too long. */
static uint32_t put_words(char *at, uint32_t room, int argc, wchar_t **argv)
{
    uint32_t used = 0;
    for (int i = 0; i < argc; i++) {
        int n = WideCharToMultiByte(CP_UTF8, 0, argv[i], -1, at + used, (int)(room - used), NULL, NULL);
        if (n <= 0)
            return 0;
        used += (uint32_t)n;
    }
    return used;
}

/* One command of argc words; what the server answers goes to stdout, or to stderr when it refuses. */
static int command(const wchar_t *name, int argc, wchar_t **argv)
{
    struct {
        struct ksim_head head;
        char words[WORDS_BYTES];
    } m = {
        .head = {
            .kind = KSIM_CONTROL, .pid = GetCurrentProcessId(), .tid = GetCurrentThreadId(), .version = KSIM_VERSION}};
    uint32_t bytes = put_words(m.words, sizeof m.words, argc, argv);
    if (bytes == 0) {
        fputs(usage, stderr);
        return 1;
    }
    m.head.size = (uint32_t)sizeof m.head + bytes;
    HANDLE pipe = connect_to(name);
    DWORD mode = PIPE_READMODE_MESSAGE;
    uint8_t *reply = malloc(KSIM_MESSAGE_MAX);
    DWORD n = 0;
    int result = 2;
    if (pipe != INVALID_HANDLE_VALUE && reply && SetNamedPipeHandleState(pipe, &mode, NULL, NULL) &&
        TransactNamedPipe(pipe, &m, m.head.size, reply, KSIM_MESSAGE_MAX, &n, NULL) && n >= sizeof(struct ksim_reply)) {
        struct ksim_reply r;
        memcpy(&r, reply, sizeof r);
        fwrite(reply + sizeof r, 1, n - sizeof r, r.status ? stderr : stdout);
        result = r.status ? 1 : 0;
    } else {
        fprintf(stderr, "ksimctl: no answer from the simulated kernel \"%ls\" (%lu)\n", name, GetLastError());
    }
    if (pipe != INVALID_HANDLE_VALUE)
        CloseHandle(pipe);
    free(reply);
    return result;
}

/* Splits at blanks; "double quotes" keep together. */
static int split(wchar_t *at, wchar_t **words, int most)
{
    int count = 0;
    while (*(at += wcsspn(at, L" \t\r\n")) && count < most) {
        bool quoted = *at == L'"';
        at += quoted;
        words[count++] = at;
        at += wcscspn(at, quoted ? L"\"" : L" \t\r\n");
        if (*at)
            *at++ = 0;
    }
    return count;
}

/* For a program that controls the kernel: one command a line, all answers on stdout, and after each a line with = and
 * the exit code. It starts no process for each, which matters: a census that comes while one of Wine's processes is so
 * young that it has no handle ends wineserver. */
static int serve(const wchar_t *name)
{
    char line[WORDS_BYTES];
    wchar_t wide[WORDS_BYTES];
    wchar_t *words[16];
    _dup2(_fileno(stdout), _fileno(stderr));
    while (fgets(line, sizeof line, stdin) && MultiByteToWideChar(CP_UTF8, 0, line, -1, wide, WORDS_BYTES)) {
        int result = command(name, split(wide, words, 16), words);
        fflush(stderr);
        printf("= %d\n", result);
        fflush(stdout);
    }
    return 0;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
    wchar_t name[NAME_CHARS];
    DWORD got = GetEnvironmentVariableW(KSIM_ENV_NAME, name, NAME_CHARS);
    if (got == 0 || got >= NAME_CHARS)
        wcscpy(name, KSIM_DEFAULT_NAME);
    int first = 1;
    if (argc > 2 && wcscmp(argv[1], L"--name") == 0 && wcslen(argv[2]) < NAME_CHARS) {
        wcscpy(name, argv[2]);
        first = 3;
    }
    _setmode(_fileno(stdout), _O_BINARY);
    if (argc == first + 1 && wcscmp(argv[first], L"serve") == 0)
        return serve(name);
    return command(name, argc - first, argv + first);
}
