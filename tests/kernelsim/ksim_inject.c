// Loads a DLL into a process that was started suspended.
#include "ksim.h"

#include <wchar.h>

enum { LOAD_MS = 60000 };

bool ksim_inject(HANDLE process, const wchar_t *dll)
{
    SIZE_T bytes = (wcslen(dll) + 1) * sizeof *dll;
    void *path = VirtualAllocEx(process, NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    if (!path || !WriteProcessMemory(process, path, dll, bytes, NULL)) {
        return false;
    }
    // kernel32 has the same address in every process.
    union {
        FARPROC function;
        LPTHREAD_START_ROUTINE thread;
    } load = {.function = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "LoadLibraryW")};
    HANDLE thread = CreateRemoteThread(process, NULL, 0, load.thread, path, 0, NULL);
    if (!thread) {
        return false;
    }
    DWORD module = 0; // the low half of the module's address
    bool loaded = WaitForSingleObject(thread, LOAD_MS) == WAIT_OBJECT_0 && GetExitCodeThread(thread, &module) && module;
    if (!loaded) {
        SetLastError(ERROR_DLL_INIT_FAILED);
    }
    CloseHandle(thread);
    VirtualFreeEx(process, path, 0, MEM_RELEASE);
    return loaded;
}
