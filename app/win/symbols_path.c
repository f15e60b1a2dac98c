/* From the kernel's names of volumes to drive letters. */
#include "win/symbols_path.h"

#include "win/win.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define DEVICE_UNITS 1024

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool starts_with(const char *s, const char *start)
{
    for (; *start; s++, start++)
        if (lower(*s) != lower(*start))
            return false;
    return true;
}

/* A drive in this machine; not one that stands for a share. */
static bool is_own_drive(char letter)
{
    WCHAR root[] = L"?:\\";
    root[0] = (WCHAR)letter;
    UINT type = GetDriveTypeW(root);
    return type == DRIVE_FIXED || type == DRIVE_REMOVABLE || type == DRIVE_RAMDISK || type == DRIVE_CDROM;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Of a path after its drive: folders and a name, nothing that Windows reads as something else. */
static bool is_plain(const char *rest)
{
    if (*rest != '\\' || strpbrk(rest, "/:*?\"<>|") || strstr(rest, "\\\\"))
        return false;
    for (const char *p = rest; *p; p++)
        if ((unsigned char)*p < 0x20 || (p[0] == '\\' && p[1] == '.' && (p[2] == '.' || p[2] == '\\')))
            return false;
    return true;
}

/* The drive of which `path` begins with the device: its letter, and the rest. */
static const char *drive_of(const char *path, char *letter)
{
    DWORD drives = GetLogicalDrives();
    for (int i = 0; i < 26; i++) {
        WCHAR name[] = L"?:";
        WCHAR device[DEVICE_UNITS];
        char utf8[DEVICE_UNITS];
        name[0] = (WCHAR)(L'A' + i);
        if (!(drives >> i & 1) || !QueryDosDeviceW(name, device, DEVICE_UNITS) ||
            !utf16_put_utf8(utf8, sizeof utf8, device))
            continue;
        size_t n = strlen(utf8);
        if (n && starts_with(path, utf8) && path[n] == '\\') {
            *letter = (char)('A' + i);
            return path + n;
        }
    }
    return NULL;
}

static const char *windows_folder(const char *rest, struct text *out)
{
    WCHAR wide[DEVICE_UNITS];
    char utf8[DEVICE_UNITS];
    UINT n = GetSystemWindowsDirectoryW(wide, DEVICE_UNITS);
    if (!n || n >= DEVICE_UNITS || !utf16_put_utf8(utf8, sizeof utf8, wide) || !is_plain(rest))
        return NULL;
    text_addf(out, "%s%s", utf8, rest);
    return rest;
}

bool symbols_path_local(const char *traced, struct text *out)
{
    const char *rest = NULL;
    char letter = 0;
    if (starts_with(traced, "\\SystemRoot\\"))
        return windows_folder(traced + 11, out) != NULL && !out->failed;
    /* Windows 7 leaves the drive away. */
    if (starts_with(traced, "\\Windows\\"))
        return windows_folder(traced + 8, out) != NULL && !out->failed;
    if (starts_with(traced, "\\??\\"))
        traced += 4;
    if (is_letter(traced[0]) && traced[1] == ':') {
        letter = traced[0];
        rest = traced + 2;
    } else if (starts_with(traced, "\\Device\\")) {
        rest = drive_of(traced, &letter);
    }
    if (!rest || !is_plain(rest) || !is_own_drive(letter))
        return false;
    text_addf(out, "%c:%s", letter, rest);
    return !out->failed;
}

bool symbols_path_is_harmless(const char *path)
{
    bool drive = is_letter(path[0]) && path[1] == ':';
    const char *rest = drive ? path + 2 : path;
    if (drive && !is_own_drive(path[0]))
        return false;
    if (rest[0] == '\\' || rest[0] == '/') {
        if (!drive || rest[1] == '\\' || rest[1] == '/')
            return false;
    }
    return !strchr(rest, ':');
}

const char *symbols_path_name(const char *path)
{
    const char *name = path;
    for (const char *p = path; *p; p++)
        if (*p == '\\' || *p == '/')
            name = p + 1;
    if (strpbrk(name, ":*?\"<>|;") || !strcmp(name, ".") || !strcmp(name, ".."))
        return "";
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < 0x20)
            return "";
    return name;
}

bool symbols_path_folder(const char *file, struct text *out)
{
    WCHAR *wide = utf16_from_utf8(file);
    WCHAR *full = NULL;
    char *utf8 = NULL;
    DWORD n = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
    if (n)
        full = malloc(n * sizeof *full);
    if (full && GetFullPathNameW(wide, n, full, NULL) < n) {
        WCHAR *end = wcsrchr(full, L'\\');
        if (end)
            end[end > full && end[-1] == L':'] = 0; /* the root of a drive keeps its separator */
        utf8 = end ? utf16_to_utf8(full) : NULL;
    }
    if (utf8)
        text_add(out, utf8);
    bool ok = utf8 && !out->failed;
    free(wide);
    free(full);
    free(utf8);
    return ok;
}
