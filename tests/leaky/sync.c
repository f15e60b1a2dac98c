// Barriers as files: shell scripts can set and see them, and under Wine they are more robust than named events.
#include "sync.h"

#include <windows.h>

__attribute__((noinline)) static HANDLE WriteNotice(const wchar_t *path)
{
    return CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, CREATE_ALWAYS,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

static struct truth_row notice_row = {.type = "File", .function = "WriteNotice", .address = WriteNotice};

struct truth_row *sync_row(void)
{
    return &notice_row;
}

bool sync_write(const wchar_t *path, const void *bytes, size_t length)
{
    HANDLE file = WriteNotice(path);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    DWORD written = 0;
    bool ok = WriteFile(file, bytes, (DWORD)length, &written, NULL) && written == length;
    DWORD error = GetLastError();
    ok = CloseHandle(file) && ok;
    if (!ok && error)
        SetLastError(error);
    return ok;
}

static bool join(wchar_t *path, const wchar_t *folder, const wchar_t *name)
{
    if (wcslen(folder) + wcslen(name) + 2 > MAX_PATH) {
        SetLastError(ERROR_FILENAME_EXCED_RANGE);
        return false;
    }
    wcscpy(path, folder);
    wcscat(path, L"\\");
    wcscat(path, name);
    return true;
}

bool sync_mark(const wchar_t *folder, const wchar_t *name)
{
    wchar_t path[MAX_PATH];
    return join(path, folder, name) && sync_write(path, "", 0);
}

bool sync_exists(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

bool sync_wait(const wchar_t *folder, const wchar_t *name, long seconds)
{
    wchar_t path[MAX_PATH];
    if (!join(path, folder, name))
        return false;
    ULONGLONG end = GetTickCount64() + (ULONGLONG)seconds * 1000;
    while (!sync_exists(path)) {
        if (GetTickCount64() >= end) {
            SetLastError(ERROR_TIMEOUT);
            return false;
        }
        Sleep(10);
    }
    return true;
}
