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

/* The kernel's structures are those of the machine, not of an emulated program. */
static bool is_wrong_architecture(void)
{
#if defined(_M_ARM64) || defined(__aarch64__)
    const USHORT ours = IMAGE_FILE_MACHINE_ARM64;
#elif defined(_WIN64)
    const USHORT ours = IMAGE_FILE_MACHINE_AMD64;
#else
    const USHORT ours = IMAGE_FILE_MACHINE_I386;
#endif
    typedef BOOL(WINAPI * wow_fn)(HANDLE, USHORT *, USHORT *);
    wow_fn wow = (wow_fn)win_system_proc(L"kernel32.dll", "IsWow64Process2");
    USHORT process = 0;
    USHORT native = 0;
    if (wow && wow(GetCurrentProcess(), &process, &native))
        return native != ours;
    /* Before Windows 10 1709 there was no ARM64: a 32-bit program on a 64-bit system is the one case. */
    BOOL emulated = FALSE;
    return IsWow64Process(GetCurrentProcess(), &emulated) && emulated;
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
