// Reads the system's table of open handles and learns the numbers of the types in it.
//
// It makes one object of each type that it knows and looks for its own (process, handle) in the system's table: the
// number that stands there is the type's. The product finds type numbers another way, so that a wrong belief about
// numbering shows. Numbers of other types get the name at that place of the system's list of types, where the types
// that were made agree on how the list is numbered.
#include "handles.h"

#include <winternl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)

enum { CLASS_EXTENDED_HANDLES = 64, CLASS_OBJECT_TYPES = 3, MADE_MAX = 16 };

struct made {
    const char *name;
    HANDLE handle;
};

static int fail(const char *what, long code)
{
    fprintf(stderr, "handles: %s failed (0x%08lX)\n", what, (unsigned long)code);
    return 1;
}

// Calls a query with a growing buffer. NULL after a message.
static void *query(const char *what, NTSTATUS (*ask)(void *buffer, ULONG size, ULONG *needed))
{
    ULONG size = 1 << 16;
    for (;;) {
        void *buffer = calloc(1, size);
        if (!buffer) {
            fail(what, (long)0xC0000017);
            return NULL;
        }
        ULONG needed = 0;
        NTSTATUS status = ask(buffer, size, &needed);
        if (status >= 0)
            return buffer;
        free(buffer);
        if (status != STATUS_LENGTH_MISMATCH || size > 1u << 30) {
            fail(what, status);
            return NULL;
        }
        size = (needed > size ? needed : size) + size / 2;
    }
}

static NTSTATUS ask_handles(void *buffer, ULONG size, ULONG *needed)
{
    return NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)CLASS_EXTENDED_HANDLES, buffer, size, needed);
}

static NTSTATUS ask_types(void *buffer, ULONG size, ULONG *needed)
{
    return NtQueryObject(NULL, (OBJECT_INFORMATION_CLASS)CLASS_OBJECT_TYPES, buffer, size, needed);
}

static HANDLE own_file(void)
{
    wchar_t path[MAX_PATH];
    GetModuleFileNameW(NULL, path, MAX_PATH);
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    return file == INVALID_HANDLE_VALUE ? NULL : file;
}

static HANDLE own_token(void)
{
    HANDLE token = NULL;
    OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token);
    return token;
}

static HANDLE own_key(void)
{
    HKEY key = NULL;
    RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SOFTWARE", 0, KEY_QUERY_VALUE, &key);
    return (HANDLE)key;
}

static int make_all(struct made *made)
{
    int n = 0;
    made[n++] = (struct made){"Event", CreateEventW(NULL, TRUE, FALSE, NULL)};
    made[n++] = (struct made){"File", own_file()};
    made[n++] = (struct made){"Key", own_key()};
    made[n++] = (struct made){"Thread", OpenThread(SYNCHRONIZE, FALSE, GetCurrentThreadId())};
    made[n++] = (struct made){"Process", OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId())};
    made[n++] = (struct made){"Section", CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 1, NULL)};
    made[n++] = (struct made){"Mutant", CreateMutexW(NULL, FALSE, NULL)};
    made[n++] = (struct made){"Semaphore", CreateSemaphoreW(NULL, 0, 1, NULL)};
    made[n++] = (struct made){"Timer", CreateWaitableTimerW(NULL, TRUE, NULL)};
    made[n++] = (struct made){"Token", own_token()};
    made[n++] = (struct made){"IoCompletion", CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1)};
    made[n++] = (struct made){"Job", CreateJobObjectW(NULL, NULL)};
    return n;
}

// The type number of one of this process's handles; -1 when the table does not have it.
static int number_of(const struct handle_table *table, HANDLE handle)
{
    for (ULONG_PTR i = 0; i < table->count; i++) {
        const struct handle_entry *entry = &table->entries[i];
        if (entry->pid == GetCurrentProcessId() && entry->handle == (ULONG_PTR)handle)
            return entry->type;
    }
    return -1;
}

struct listed {
    char name[64];
    unsigned long handles;
};

static struct listed listed[HANDLES_MAX_TYPES]; // by place in the list
static int listed_count;

// One entry of the list of types at this place of the buffer; returns the next one's.
static const unsigned char *read_type(const unsigned char *at, struct listed *type)
{
    USHORT length;
    USHORT room;
    const wchar_t *text;
    ULONG handles;
    memcpy(&length, at, sizeof(length));
    memcpy(&room, at + 2, sizeof(room));
    memcpy(&text, at + 8, sizeof(text));
    memcpy(&handles, at + 20, sizeof(handles));
    int bytes = WideCharToMultiByte(CP_UTF8, 0, text, length / 2, type->name, sizeof(type->name) - 1, NULL, NULL);
    type->name[bytes] = '\0';
    type->handles = handles;
    return at + 104 + ((room + 7u) & ~7u);
}

static bool read_types(void)
{
    listed_count = 0;
    unsigned char *buffer = query("NtQueryObject(ObjectTypesInformation)", ask_types);
    if (!buffer)
        return false;
    ULONG count;
    memcpy(&count, buffer, sizeof(count));
    const unsigned char *at = buffer + 8;
    for (ULONG i = 0; i < count && i < HANDLES_MAX_TYPES; i++)
        at = read_type(at, &listed[listed_count++]);
    free(buffer);
    return true;
}

// How far a type's number lies above its place in the list; they must all say the same. -1 after a message.
static int numbering(struct handle_types *types, const struct handle_table *table, const struct made *made, int count)
{
    int offset = -1;
    for (int i = 0; i < count; i++) {
        int number = made[i].handle ? number_of(table, made[i].handle) : -1;
        int place = 0;
        while (place < listed_count && strcmp(listed[place].name, made[i].name) != 0)
            place++;
        if (number < 0 || place == listed_count) {
            fprintf(stderr, "handles: no %s of mine in the table or list\n", made[i].name);
            return -1;
        }
        if (number < HANDLES_MAX_TYPES)
            snprintf(types->names[number], sizeof(types->names[0]), "%s", made[i].name);
        if (offset >= 0 && number - place != offset) {
            fprintf(stderr, "handles: %s is number %d at place %d, others %d apart\n", made[i].name, number, place,
                    offset);
            return -1;
        }
        if (offset < 0)
            offset = number - place;
    }
    return offset;
}

struct handle_table *handles_read(void)
{
    return query("NtQuerySystemInformation(64)", ask_handles);
}

static void fill(struct handle_types *types, int offset)
{
    types->offset = offset;
    for (int i = 0; i < listed_count && i + offset < HANDLES_MAX_TYPES; i++) {
        types->totals[i + offset] = listed[i].handles;
        if (!types->names[i + offset][0])
            snprintf(types->names[i + offset], sizeof(types->names[0]), "%s", listed[i].name);
    }
}

bool handles_name_types(struct handle_types *types)
{
    *types = (struct handle_types){0};
    struct made made[MADE_MAX];
    int count = make_all(made);
    struct handle_table *table = handles_read();
    bool ok = table && read_types();
    int offset = ok ? numbering(types, table, made, count) : -1;
    for (int i = 0; i < count; i++) {
        if (made[i].handle && CloseHandle(made[i].handle) == 0)
            fail("CloseHandle", (long)GetLastError());
    }
    free(table);
    if (offset < 0)
        return false;
    fill(types, offset);
    return true;
}
