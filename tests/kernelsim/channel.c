// Messages over a shared section and the host's futex.
#include <windows.h>

#include "channel.h"

#include <string.h>

enum { FUTEX_CALL = 202, EXIT_GROUP_CALL = 231, FUTEX_WAIT = 0, FUTEX_WAKE = 1, NAP_MS = 50 };

struct host_time {
    int64_t seconds;
    int64_t nanoseconds;
};

// The host's system call, straight from Windows code: Wine does not stand in between.
static int64_t futex(const uint32_t *word, int64_t operation, uint32_t value, const struct host_time *timeout)
{
    int64_t result;
    register const struct host_time *fourth __asm__("r10") = timeout;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((int64_t)FUTEX_CALL), "D"(word), "S"(operation), "d"((int64_t)value), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

// Waits until *word is another value than `value`. It counts its naps instead of reading a clock: Wine's tick count is
// kept by wineserver, and stands still when that is gone. A nap that a signal cut short counts as a whole one, so the
// wait may be shorter than asked for; a wake-up that went missing costs one nap.
static bool wait_change(uint32_t *word, uint32_t value, uint32_t ms)
{
    const struct host_time nap = {0, (int64_t)NAP_MS * 1000000};
    for (uint32_t slept = 0; __atomic_load_n(word, __ATOMIC_ACQUIRE) == value; slept += NAP_MS) {
        if (slept >= ms) {
            return false;
        }
        futex(word, FUTEX_WAIT, value, &nap);
    }
    return true;
}

static void change(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    futex(word, FUTEX_WAKE, 1, NULL);
}

void channel_end_process(int status)
{
    int64_t result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((int64_t)EXIT_GROUP_CALL), "D"((int64_t)status)
                     : "rcx", "r11", "memory");
}

bool channel_possible(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

static struct channel *map(HANDLE section)
{
    return section ? MapViewOfFile(section, FILE_MAP_WRITE | FILE_MAP_READ, 0, 0, sizeof(struct channel)) : NULL;
}

struct channel *channel_make(const wchar_t *name, void **section)
{
    *section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(struct channel), name);
    return map(*section);
}

struct channel *channel_open(const wchar_t *name)
{
    HANDLE section = OpenFileMappingW(FILE_MAP_WRITE | FILE_MAP_READ, FALSE, name);
    struct channel *c = map(section);
    if (section) {
        CloseHandle(section);
    }
    return c;
}

void channel_close(struct channel *c)
{
    UnmapViewOfFile(c);
}

void channel_send(struct channel *c, const void *message, uint32_t bytes)
{
    memcpy(c->data, message, bytes);
    c->bytes = bytes;
    change(&c->asked, c->asked + 1);
}

bool channel_wait(struct channel *c, uint32_t ms)
{
    return wait_change(&c->answered, c->asked - 1, ms);
}

bool channel_receive(struct channel *c, uint32_t ms)
{
    return wait_change(&c->asked, c->answered, ms);
}

void channel_answer(struct channel *c, const void *answer, uint32_t bytes)
{
    memcpy(c->data, answer, bytes);
    c->bytes = bytes;
    change(&c->answered, c->answered + 1);
}
