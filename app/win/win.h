/* The one way to the OS headers of Windows, and what every file of app/win needs of them. */
#ifndef HR_WIN_WIN_H
#define HR_WIN_WIN_H

#ifndef UNICODE
#define UNICODE
#define _UNICODE
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>

#include <aclapi.h>

#include "core/base/err.h"

/* UTF-8 to UTF-16 with a NUL, on the heap (free); NULL when memory is short. Ill-formed names survive a round trip. */
WCHAR *utf16_from_utf8(const char *s);
/* The way back, on the heap (free). */
char *utf16_to_utf8(const WCHAR *s);
/* Into a fixed buffer; cuts at a character's edge and returns false when it had to. */
bool utf16_put_utf8(char *out, size_t size, const WCHAR *s);

/* err_set_os with GetLastError(). Call it before anything else can change that. */
bool win_fail(struct err *err, const char *doing, const char *what);

/* A system DLL by its plain name, loaded from System32 only (never from the current folder or beside the exe). NULL
 * when this Windows has none. Kept loaded for the life of the process. */
HMODULE win_system_dll(const WCHAR *name);

/* An entry point of such a DLL as a generic pointer, NULL when it is not there. */
typedef void (*win_proc)(void);
win_proc win_system_proc(const WCHAR *dll, const char *proc);

/* CPU time that the calling thread has used, in 100 ns; 0 when the system does not say. */
uint64_t win_thread_cpu(void);

#endif
