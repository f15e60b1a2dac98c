// Makes handles: for each type a leaking, a churning and a warming function, so that a stack says by name who it was.
#include "kinds.h"

#include <string.h>

// Frames must stand on the stack under the names that the truth gives them.
#define LEAKY_FRAME __attribute__((noinline))
#define LEAKY_PART  static inline __attribute__((always_inline))

static wchar_t own_path[MAX_PATH];
static HKEY base_key;

LEAKY_PART HANDLE make_Event(const wchar_t *name)
{
    return CreateEventW(NULL, TRUE, FALSE, name);
}

LEAKY_PART HANDLE make_File(const wchar_t *name)
{
    (void)name;
    HANDLE file = CreateFileW(own_path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    return file == INVALID_HANDLE_VALUE ? NULL : file;
}

// One component below a key that is open already: no key on the way is opened for it.
LEAKY_PART HANDLE make_Key(const wchar_t *name)
{
    (void)name;
    HKEY key = NULL;
    LSTATUS status = RegOpenKeyExW(base_key, L"Microsoft", 0, KEY_QUERY_VALUE, &key);
    if (status != ERROR_SUCCESS) {
        SetLastError((DWORD)status);
        return NULL;
    }
    return (HANDLE)key;
}

LEAKY_PART HANDLE make_Thread(const wchar_t *name)
{
    (void)name;
    return OpenThread(SYNCHRONIZE | THREAD_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentThreadId());
}

LEAKY_PART HANDLE make_Process(const wchar_t *name)
{
    (void)name;
    return OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentProcessId());
}

LEAKY_PART HANDLE make_Section(const wchar_t *name)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, name);
}

LEAKY_PART HANDLE make_Mutant(const wchar_t *name)
{
    return CreateMutexW(NULL, FALSE, name);
}

LEAKY_PART HANDLE make_Semaphore(const wchar_t *name)
{
    return CreateSemaphoreW(NULL, 0, 1, name);
}

LEAKY_PART HANDLE make_Timer(const wchar_t *name)
{
    return CreateWaitableTimerW(NULL, TRUE, name);
}

LEAKY_PART HANDLE make_Token(const wchar_t *name)
{
    (void)name;
    HANDLE token = NULL;
    return OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) ? token : NULL;
}

LEAKY_PART HANDLE make_IoCompletion(const wchar_t *name)
{
    (void)name;
    return CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
}

LEAKY_PART HANDLE make_Job(const wchar_t *name)
{
    return CreateJobObjectW(NULL, name);
}

// Not static: the assembler drops the symbol of a static function that is only pointed to.
#define DEFINE_ONE(NAME, KIND)                                                                                         \
    HANDLE NAME(const wchar_t *name);                                                                                  \
    LEAKY_FRAME HANDLE NAME(const wchar_t *name)                                                                       \
    {                                                                                                                  \
        return make_##KIND(name);                                                                                      \
    }
#define DEFINE(KIND)                                                                                                   \
    DEFINE_ONE(Leak##KIND, KIND)                                                                                       \
    DEFINE_ONE(Churn##KIND, KIND)                                                                                      \
    DEFINE_ONE(WarmUp##KIND, KIND)
LEAKY_KINDS(DEFINE)

#define ROW(KIND)                                                                                                      \
    {.name = #KIND,                                                                                                    \
     .leak = Leak##KIND,                                                                                               \
     .churn = Churn##KIND,                                                                                             \
     .warm = WarmUp##KIND,                                                                                             \
     .leaked = {.type = #KIND, .function = "Leak" #KIND, .address = Leak##KIND},                                       \
     .churned = {.type = #KIND, .function = "Churn" #KIND, .address = Churn##KIND}},
static struct kind kinds[] = {LEAKY_KINDS(ROW)};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static const char *const named_kinds[] = {"Event", "Section", "Mutant", "Semaphore", "Timer", "Job"};

struct kind *kind_all(int *count)
{
    *count = KIND_COUNT;
    return kinds;
}

struct kind *kind_find(const char *name)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

bool kind_close(const struct kind *kind, HANDLE handle)
{
    if (strcmp(kind->name, "Key") != 0)
        return CloseHandle(handle) != 0;
    LSTATUS status = RegCloseKey((HKEY)handle);
    SetLastError((DWORD)status);
    return status == ERROR_SUCCESS;
}

static bool warm_up(struct kind *kind)
{
    HANDLE unnamed = kind->warm(NULL);
    if (!unnamed || !kind_close(kind, unnamed))
        return false;
    if (!kind->can_be_named)
        return true;
    // The first name makes the system open the directory that names live in.
    HANDLE named = kind->warm(L"Leaky.WarmUp");
    return named && kind_close(kind, named);
}

bool kind_prepare(const char **what)
{
    *what = "GetModuleFileNameW";
    DWORD length = GetModuleFileNameW(NULL, own_path, MAX_PATH);
    if (length == 0 || length >= MAX_PATH)
        return false;
    *what = "RegOpenKeyExW HKLM\\SOFTWARE";
    LSTATUS status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE", 0, KEY_READ, &base_key);
    if (status != ERROR_SUCCESS) {
        SetLastError((DWORD)status);
        return false;
    }
    for (size_t i = 0; i < sizeof(named_kinds) / sizeof(named_kinds[0]); i++)
        kind_find(named_kinds[i])->can_be_named = true;
    for (int i = 0; i < KIND_COUNT; i++) {
        *what = kinds[i].name;
        if (!warm_up(&kinds[i]))
            return false;
    }
    return true;
}
