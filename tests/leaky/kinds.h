// The handle types that leaky can make, one Win32 call and one handle each.
#ifndef LEAKY_KINDS_H
#define LEAKY_KINDS_H

#include "truth.h"

#include <stdbool.h>
#include <windows.h>

// X(name of the type as the kernel spells it)
#define LEAKY_KINDS(X)                                                                                                 \
    X(Event)                                                                                                           \
    X(File)                                                                                                            \
    X(Key)                                                                                                             \
    X(Thread)                                                                                                          \
    X(Process)                                                                                                         \
    X(Section)                                                                                                         \
    X(Mutant)                                                                                                          \
    X(Semaphore)                                                                                                       \
    X(Timer)                                                                                                           \
    X(Token)                                                                                                           \
    X(IoCompletion)                                                                                                    \
    X(Job)

struct kind {
    const char *name; // as --leak takes it
    // Makes one handle; NULL and GetLastError on failure. name: object name or NULL.
    HANDLE (*leak)(const wchar_t *name);
    HANDLE (*churn)(const wchar_t *name);
    HANDLE (*warm)(const wchar_t *name);
    bool can_be_named;
    struct truth_row leaked;
    struct truth_row churned;
};

// NULL when there is no such kind.
struct kind *kind_find(const char *name);
// All kinds, *count of them.
struct kind *kind_all(int *count);
// Opens what the calls need (own path, a registry key) and makes and closes one handle of each kind, so that what the
// system prepares at a first call is done before counting starts. False and GetLastError on failure; *what names it.
bool kind_prepare(const char **what);
// Closes a handle that a kind made.
bool kind_close(const struct kind *kind, HANDLE handle);

#endif
