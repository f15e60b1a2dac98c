// Counts open handles per process and type, independently of the product, and prints them as JSON.
//
// It makes one object of each type that it knows and looks for its own (process, handle) in the system's table: the
// number that stands there is the type's. The product finds type numbers another way, so that a wrong belief about
// numbering shows. Numbers of other types get the name at that place of the system's list of types, where the types
// that were made agree on how the list is numbered.
#include <windows.h>
#include <winternl.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)

enum { CLASS_EXTENDED_HANDLES = 64, CLASS_OBJECT_TYPES = 3, MAX_TYPES = 256, MADE_MAX = 16 };

// One entry of the table behind its two leading counts.
struct handle_entry {
    void *object;
    ULONG_PTR pid;
    ULONG_PTR handle;
    ULONG access;
    USHORT back_trace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct handle_table {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct handle_entry entries[];
};

_Static_assert(sizeof(struct handle_entry) == 0x28, "the layout of a 64-bit system");

struct made {
    const char *name;
    HANDLE handle;
};

static char names[MAX_TYPES][64];       // by type number
static unsigned long totals[MAX_TYPES]; // open handles of the system, as the list of types says; by type number

static int fail(const char *what, long code)
{
    fprintf(stderr, "enumhandles: %s failed (0x%08lX)\n", what, (unsigned long)code);
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

static struct listed listed[MAX_TYPES]; // by place in the list
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
    unsigned char *buffer = query("NtQueryObject(ObjectTypesInformation)", ask_types);
    if (!buffer)
        return false;
    ULONG count;
    memcpy(&count, buffer, sizeof(count));
    const unsigned char *at = buffer + 8;
    for (ULONG i = 0; i < count && i < MAX_TYPES; i++)
        at = read_type(at, &listed[listed_count++]);
    free(buffer);
    return true;
}

// How far a type's number lies above its place in the list; they must all say the same. -1 after a message.
static int numbering(const struct handle_table *table, const struct made *made, int count)
{
    int offset = -1;
    for (int i = 0; i < count; i++) {
        int number = made[i].handle ? number_of(table, made[i].handle) : -1;
        int place = 0;
        while (place < listed_count && strcmp(listed[place].name, made[i].name) != 0)
            place++;
        if (number < 0 || place == listed_count) {
            fprintf(stderr, "enumhandles: no %s of mine in the table or list\n", made[i].name);
            return -1;
        }
        if (number < MAX_TYPES)
            snprintf(names[number], sizeof(names[number]), "%s", made[i].name);
        if (offset >= 0 && number - place != offset)
            fprintf(stderr, "enumhandles: %s is number %d at place %d\n", made[i].name, number, place);
        if (offset < 0)
            offset = number - place;
    }
    return offset;
}

struct process_count {
    ULONG_PTR pid;
    unsigned long by_type[MAX_TYPES];
};

static void print_counts(const struct process_count *counts)
{
    const char *comma = "";
    unsigned long all = 0;
    for (int i = 0; i < MAX_TYPES; i++) {
        all += counts->by_type[i];
        if (counts->by_type[i] == 0)
            continue;
        if (names[i][0])
            printf("%s\"%s\": %lu", comma, names[i], counts->by_type[i]);
        else
            printf("%s\"#%d\": %lu", comma, i, counts->by_type[i]);
        comma = ", ";
    }
    printf("%s\"all\": %lu", comma, all);
}

static int by_pid(const void *left, const void *right)
{
    const struct handle_entry *a = left;
    const struct handle_entry *b = right;
    return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void print_processes(struct handle_table *table, ULONG_PTR only)
{
    qsort(table->entries, table->count, sizeof(table->entries[0]), by_pid);
    const char *comma = "";
    ULONG_PTR i = 0;
    while (i < table->count) {
        struct process_count counts = {.pid = table->entries[i].pid};
        for (; i < table->count && table->entries[i].pid == counts.pid; i++) {
            if (table->entries[i].type < MAX_TYPES)
                counts.by_type[table->entries[i].type]++;
        }
        if (only && counts.pid != only)
            continue;
        printf("%s\n  {\"pid\": %llu, ", comma, (unsigned long long)counts.pid);
        print_counts(&counts);
        printf("}");
        comma = ",";
    }
}

// The handles made here are in the table too: this process's row says so by its pid, which "self" names.
int main(int count, char **words)
{
    ULONG_PTR only = 0;
    if (count == 3 && strcmp(words[1], "--pid") == 0)
        only = strtoul(words[2], NULL, 10);
    if (count != 1 && (count != 3 || only == 0)) {
        fputs("usage: enumhandles [--pid N]\n", stderr);
        return 2;
    }
    struct made made[MADE_MAX];
    int made_count = make_all(made);
    struct handle_table *table = query("NtQuerySystemInformation(64)", ask_handles);
    if (!table || !read_types())
        return 1;
    int offset = numbering(table, made, made_count);
    if (offset < 0)
        return 1;
    for (int i = 0; i < listed_count && i + offset < MAX_TYPES; i++) {
        totals[i + offset] = listed[i].handles;
        if (!names[i + offset][0])
            snprintf(names[i + offset], sizeof(names[0]), "%s", listed[i].name);
    }
    printf("{\"self\": %lu, \"numberOffset\": %d, \"types\": [", GetCurrentProcessId(), offset);
    for (int i = 0; i < MAX_TYPES; i++) {
        if (names[i][0])
            printf("%s\n  {\"name\": \"%s\", \"number\": %d, \"handles\": %lu}", i > offset ? "," : "", names[i], i,
                   totals[i]);
    }
    printf("],\n \"processes\": [");
    print_processes(table, only);
    printf("]}\n");
    free(table);
    return 0;
}
