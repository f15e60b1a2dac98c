/* The table of modules that are looked through. */
#include "core/report/system_modules.h"

#include "core/base/text.h"

/* The kernel and its helpers, the API layers, the C and C++ runtimes, and what intercepts calls. */
static const char *const patterns[] = {
    "ntoskrnl.exe", "ntkrnl*.exe",    "hal.dll",     "win32k*.sys", "fltmgr.sys",    "ntfs.sys",       "ntdll.dll",
    "kernel32.dll", "kernelbase.dll", "wow64*.dll",  "win32u.dll",  "user32.dll",    "gdi32*.dll",     "advapi32.dll",
    "sechost.dll",  "rpcrt4.dll",     "combase.dll", "ole32.dll",   "shlwapi.dll",   "shell32.dll",    "shcore.dll",
    "ws2_32.dll",   "mswsock.dll",    "wininet.dll", "winhttp.dll", "crypt32.dll",   "bcrypt*.dll",    "cryptbase.dll",
    "cfgmgr32.dll", "setupapi.dll",   "msvcrt.dll",  "msvcp*.dll",  "ucrtbase*.dll", "vcruntime*.dll", "msvcr1*.dll",
    "concrt*.dll",  "api-ms-win-*",   "ext-ms-*",    "apphelp.dll", "acgenral.dll",  "aclayers.dll",   "verifier.dll",
    "vrfcore.dll",  "vfbasics.dll",   "xtajit*.dll",
};

const char *module_file_name(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '\\' || *p == '/')
            name = p + 1;
    return name;
}

bool is_system_module(const char *path)
{
    const char *name = module_file_name(path);
    for (unsigned i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        if (text_match(patterns[i], name))
            return true;
    return false;
}
