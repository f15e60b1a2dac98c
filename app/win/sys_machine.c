/* Reads the machine's facts from the system. */
#include "win/sys_machine.h"

#include "win/win.h"

#include <winternl.h>

/* GetVersionEx tells programs what their manifest lets them know; this one tells the truth. */
static uint32_t windows_build(void)
{
    typedef NTSTATUS(NTAPI * version_fn)(OSVERSIONINFOW *);
    version_fn version = (version_fn)win_system_proc(L"ntdll.dll", "RtlGetVersion");
    OSVERSIONINFOW info = {.dwOSVersionInfoSize = sizeof info};
    return version && version(&info) >= 0 ? info.dwBuildNumber : 0;
}

static bool is_elevated(void)
{
    HANDLE token = NULL;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    TOKEN_ELEVATION elevation = {0};
    DWORD got = 0;
    bool yes = GetTokenInformation(token, TokenElevation, &elevation, sizeof elevation, &got) &&
               elevation.TokenIsElevated != 0;
    CloseHandle(token);
    return yes;
}

/* A 32-bit program on a 64-bit system: its native calls are translated, and nobody promises how these are. An x64
 * program on ARM64 is no such case: its calls reach the kernel as they are. */
static bool is_wrong_architecture(void)
{
    BOOL translated = FALSE;
    return IsWow64Process(GetCurrentProcess(), &translated) && translated;
}

static bool is_container(void)
{
    return RegGetValueW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Control", L"ContainerType", RRF_RT_REG_DWORD,
                        NULL, NULL, NULL) == ERROR_SUCCESS;
}

bool sys_machine_read(struct sys_machine *out, struct err *err)
{
    struct sys_machine m = {0};
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    if (!GlobalMemoryStatusEx(&memory))
        return win_fail(err, "Reading the size of", "the memory");
    m.memory_bytes = memory.ullTotalPhys;
    m.processors = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    if (!m.processors)
        return win_fail(err, "Counting", "the processors");
    m.windows_build = windows_build();
    m.elevated = is_elevated();
    m.wrong_architecture = is_wrong_architecture();
    m.container = is_container();
    WCHAR name[64];
    DWORD n = sizeof name / sizeof name[0];
    if (!GetComputerNameExW(ComputerNameNetBIOS, name, &n))
        return win_fail(err, "Reading the name of", "this machine");
    utf16_put_utf8(m.name, sizeof m.name, name);
    *out = m;
    return true;
}
