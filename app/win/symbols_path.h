/* Where the files of modules lie on this machine. Paths from a trace are never taken to another one. Any thread. */
#ifndef HR_WIN_SYMBOLS_PATH_H
#define HR_WIN_SYMBOLS_PATH_H

#include "core/base/text.h"

/* A path as the kernel says it ("\Device\HarddiskVolume3\app\app.exe", "\SystemRoot\system32\ntdll.dll") as
 * "C:\app\app.exe". False, and nothing added: it does not lie on a drive of this machine's own, or is no plain path. */
bool symbols_path_local(const char *traced, struct text *out);

/* Whether a path that a file gave ("D:\build\app.pdb", "app.pdb") leads to no other machine and no device. */
bool symbols_path_is_harmless(const char *path);

/* The name alone, "" when it could not be a file's: a separator, colon, wildcard or control character in it. */
const char *symbols_path_name(const char *path);

/* The folder of a file that exists or not, without a trailing separator unless it is a drive's root; the full
 * path where it is relative. */
bool symbols_path_folder(const char *file, struct text *out);

#endif
