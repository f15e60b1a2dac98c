/* The system's text for an error number, in the language of the user. */
#include "core/base/text.h"
#include "win/win.h"

#include <wchar.h>

void err_os_text(enum err_kind kind, uint32_t os, char *out, size_t size)
{
    WCHAR line[512] = L"";
    DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    HMODULE source = NULL;
    if (kind == ERR_KIND_NTSTATUS) {
        /* NTSTATUS texts live in ntdll's message table. */
        source = GetModuleHandleW(L"ntdll.dll");
        flags = FORMAT_MESSAGE_FROM_HMODULE | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    }
    DWORD n = 0;
    if (kind != ERR_KIND_ERRNO && kind != ERR_KIND_NONE)
        n = FormatMessageW(flags, source, os, 0, line, (DWORD)(sizeof line / sizeof line[0]), NULL);
    while (n && (line[n - 1] == L' ' || line[n - 1] == L'\r' || line[n - 1] == L'\n'))
        line[--n] = 0;
    utf16_put_utf8(out, size, line);
}
