/* Entry point of handlerec on Windows: UTF-8 arguments, UTF-8 on the console. */
#include "cli/cli.h"
#include "win/win.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

#define ERROR_ROOM 4096

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    /* First: a DLL planted beside the program or in the current folder is never loaded. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    SetDllDirectoryW(L"");
    /* Else each byte is written alone, and older consoles show the pieces of a character. Who writes flushes. */
    setvbuf(stderr, NULL, _IOFBF, ERROR_ROOM);
    /* What is written is what arrives, in pipes and files as well. */
    _setmode(_fileno(stdout), _O_BINARY);
    struct err err = {0};
    char **utf8 = calloc((size_t)argc + 1, sizeof *utf8);
    bool ok = utf8 != NULL;
    for (int i = 0; ok && i < argc; i++)
        ok = (utf8[i] = utf16_to_utf8(argv[i])) != NULL;
    int code = EXIT_FAILED;
    if (ok) {
        /* The console belongs to the shell too: it gets its code page back. */
        UINT before = GetConsoleOutputCP();
        SetConsoleOutputCP(CP_UTF8);
        code = cli_main(argc, utf8);
        if (before)
            SetConsoleOutputCP(before);
    } else {
        err_set(&err, ERR_NO_MEMORY, "Reading the command line");
        cli_fail(&err);
    }
    for (int i = 0; utf8 && i < argc; i++)
        free(utf8[i]);
    free(utf8);
    return code;
}
