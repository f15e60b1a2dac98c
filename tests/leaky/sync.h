// The barriers between leaky and whoever watches it: small files in one folder, polled without opening a handle.
#ifndef LEAKY_SYNC_H
#define LEAKY_SYNC_H

#include "truth.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

// Creates a file with this content: exactly one CreateFileW and one CloseHandle, on the stack of WriteNotice.
// False and GetLastError on failure.
bool sync_write(const wchar_t *path, const void *bytes, size_t length);
// The same for an empty file NAME in the folder.
bool sync_mark(const wchar_t *folder, const wchar_t *name);
// Waits until the file NAME is in the folder. False when it is not after this many seconds.
bool sync_wait(const wchar_t *folder, const wchar_t *name, long seconds);
// Whether a file is there. Opens no handle.
bool sync_exists(const wchar_t *path);
// The row of WriteNotice, for the notices that fall between the barriers.
struct truth_row *sync_row(void);

#endif
