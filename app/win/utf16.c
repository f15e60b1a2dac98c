/* UTF-8 inside, UTF-16 at the edge of the system; and where system DLLs come from. */
#include "core/base/text.h"
#include "win/win.h"

#include <stdlib.h>
#include <wchar.h>

WCHAR *utf16_from_utf8(const char *s)
{
    _Static_assert(sizeof(WCHAR) == sizeof(uint16_t), "WCHAR is UTF-16");
    size_t units = text_to_utf16(s, NULL, 0);
    WCHAR *out = malloc((units + 1) * sizeof *out);
    if (!out)
        return NULL;
    text_to_utf16(s, (uint16_t *)out, units);
    out[units] = 0;
    return out;
}

char *utf16_to_utf8(const WCHAR *s)
{
    struct text t = {0};
    text_add(&t, "");
    text_add_utf16le(&t, s, wcslen(s), false);
    if (t.failed) {
        text_free(&t);
        return NULL;
    }
    return t.s;
}

bool utf16_put_utf8(char *out, size_t size, const WCHAR *s)
{
    char *utf8 = utf16_to_utf8(s);
    bool whole = text_put(out, size, utf8 ? utf8 : "") && utf8;
    free(utf8);
    return whole;
}

bool win_fail(struct err *err, const char *doing, const char *what)
{
    return err_set_os(err, ERR_KIND_WIN32, GetLastError(), "%s %s", doing, what);
}

HMODULE win_system_dll(const WCHAR *name)
{
    return LoadLibraryExW(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
}

win_proc win_system_proc(const WCHAR *dll, const char *proc)
{
    HMODULE module = win_system_dll(dll);
    /* Through void (*)(void): the only function pointer type that compilers let every other be cast from in silence. */
    return module ? (win_proc)GetProcAddress(module, proc) : NULL;
}
