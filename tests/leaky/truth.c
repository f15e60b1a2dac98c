// Counts what leaky made and closed, and prints it as JSON.
#include "truth.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long long truth_qpc(void)
{
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

unsigned long long truth_filetime(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    return (unsigned long long)now.dwHighDateTime << 32 | now.dwLowDateTime;
}

static void *must(void *memory)
{
    if (memory)
        return memory;
    fputs("leaky: out of memory\n", stderr);
    exit(1);
}

void truth_use(struct truth *truth, struct truth_row *row, long long handles)
{
    int i = 0;
    while (i < truth->row_count && truth->rows[i] != row)
        i++;
    if (i == TRUTH_MAX_ROWS) {
        fputs("leaky: more kinds of work than the truth has rows\n", stderr);
        exit(1);
    }
    if (i == truth->row_count)
        truth->rows[truth->row_count++] = row;
    row->reserved += handles;
    row->handles = must(realloc(row->handles, ((size_t)row->reserved + 1) * sizeof(row->handles[0])));
    memset(row->handles, 0, ((size_t)row->reserved + 1) * sizeof(row->handles[0]));
}

void truth_created(struct truth_row *row, HANDLE handle)
{
    long long now = truth_qpc();
    long long none = 0;
    atomic_compare_exchange_strong(&row->first_qpc, &none, now);
    atomic_store(&row->last_qpc, now);
    long long index = atomic_fetch_add(&row->created, 1);
    if (index < row->reserved)
        atomic_store(&row->handles[index], handle);
}

void truth_closed(struct truth_row *row, HANDLE handle)
{
    atomic_fetch_add(&row->closed, 1);
    long long made = atomic_load(&row->created);
    long long last = made < row->reserved ? made : row->reserved;
    // The newest first: that is nearly always the one.
    for (long long i = last - 1; i >= 0; i--) {
        HANDLE expected = handle;
        if (atomic_compare_exchange_strong(&row->handles[i], &expected, NULL))
            return;
    }
}

void truth_closed_in_order(struct truth_row *row)
{
    long long index = atomic_fetch_add(&row->closed, 1);
    if (index < row->reserved)
        atomic_store(&row->handles[index], NULL);
}

long long truth_open(const struct truth_row *row)
{
    return atomic_load(&row->created) + atomic_load(&row->duplicated_in) + atomic_load(&row->inherited) -
           atomic_load(&row->closed);
}

#ifdef __clang__
#define TEXT_FORMAT
#else
// mingw's own stdio reads the formats, not the C runtime's.
#define TEXT_FORMAT __attribute__((format(gnu_printf, 2, 3)))
#endif

struct text {
    char *bytes;
    size_t length;
    size_t room;
};

TEXT_FORMAT static void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char piece[1024];
    int length = __mingw_vsnprintf(piece, sizeof(piece), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(piece)) {
        fputs("leaky: a piece of the truth is too long\n", stderr);
        exit(1);
    }
    if (text->length + (size_t)length + 1 > text->room) {
        text->room = text->room * 2 + sizeof(piece);
        text->bytes = must(realloc(text->bytes, text->room));
    }
    memcpy(text->bytes + text->length, piece, (size_t)length + 1);
    text->length += (size_t)length;
}

static void text_add_path(struct text *text, const wchar_t *wide)
{
    char path[MAX_PATH * 4];
    if (!WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, sizeof(path), NULL, NULL))
        path[0] = '\0';
    text_add(text, "\"");
    for (const char *at = path; *at; at++)
        text_add(text, *at == '\\' || *at == '"' ? "\\%c" : "%c", *at);
    text_add(text, "\"");
}

static void add_handles(struct text *text, const struct truth_row *row)
{
    text_add(text, ", \"handles\": [");
    const char *comma = "";
    for (long long i = 0; i < row->reserved && i < atomic_load(&row->created); i++) {
        HANDLE handle = atomic_load(&row->handles[i]);
        if (!handle)
            continue;
        text_add(text, "%s%llu", comma, (unsigned long long)(ULONG_PTR)handle);
        comma = ", ";
    }
    text_add(text, "]");
}

static void add_row(struct text *text, const struct truth_row *row, bool list_handles)
{
    text_add(text, "{\"type\": \"%s\", \"function\": \"%s\"", row->type, row->function);
    if (row->address)
        text_add(text, ", \"rva\": %lld", (long long)((const char *)row->address - (char *)GetModuleHandleW(NULL)));
    text_add(text, ", \"created\": %lld, \"closed\": %lld", row->created, row->closed);
    text_add(text, ", \"duplicatedIn\": %lld, \"duplicatedOut\": %lld", row->duplicated_in, row->duplicated_out);
    text_add(text, ", \"inherited\": %lld, \"open\": %lld", row->inherited, truth_open(row));
    text_add(text, ", \"internal\": %s", row->internal ? "true" : "false");
    text_add(text, ", \"firstQpc\": %lld, \"lastQpc\": %lld", row->first_qpc, row->last_qpc);
    if (list_handles && row->handles)
        add_handles(text, row);
    text_add(text, "}");
}

static void add_child(struct text *text, const struct truth_child *child)
{
    text_add(text, "{\"pid\": %lu, \"role\": \"%s\", \"rows\": [", child->pid, child->role);
    for (int i = 0; i < child->row_count; i++) {
        text_add(text, i ? ",\n    " : "\n    ");
        add_row(text, &child->rows[i], false);
    }
    text_add(text, "]}");
}

char *truth_text(const struct truth *truth, size_t *length)
{
    struct text text = {0};
    wchar_t image[MAX_PATH];
    GetModuleFileNameW(NULL, image, MAX_PATH);
    image[MAX_PATH - 1] = L'\0';
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);

    text_add(&text, "{\"pid\": %lu, \"launcherPid\": %lu, \"image\": ", GetCurrentProcessId(), truth->launcher_pid);
    text_add_path(&text, image);
    text_add(&text, ",\n \"exitMode\": \"%s\", \"qpcFrequency\": %lld", truth->exit_mode, frequency.QuadPart);
    text_add(&text, ", \"goQpc\": %lld, \"doneQpc\": %lld", truth->go_qpc, truth->done_qpc);
    text_add(&text, ", \"goFiletime\": %llu, \"doneFiletime\": %llu", truth->go_filetime, truth->done_filetime);
    text_add(&text, ",\n \"rows\": [");
    for (int i = 0; i < truth->row_count; i++) {
        text_add(&text, i ? ",\n  " : "\n  ");
        add_row(&text, truth->rows[i], truth->list_handles);
    }
    text_add(&text, "],\n \"children\": [");
    for (int i = 0; i < truth->child_count; i++) {
        text_add(&text, i ? ",\n  " : "\n  ");
        add_child(&text, &truth->children[i]);
    }
    text_add(&text, "]}\n");
    *length = text.length;
    return text.bytes;
}
