// Connections to the simulated kernel's server: a pool without locks, because a thread may be terminated anywhere.
#include "ksim.h"

#include "channel.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { LINKS = 256, NAME_MAX_CHARS = 64, CONNECT_TRIES = 3000, ALIVE_MS = 1000 };
enum link_state { LINK_NONE, LINK_IDLE, LINK_BUSY };

#define FSCTL_PIPE_TRANSCEIVE_CODE 0x0011c017u
#define FSCTL_PIPE_PEEK_CODE       0x0011400cu
#define FILE_PIPE_INFORMATION_TYPE 23
#define STATUS_PIPE_NOT_AVAILABLE_ ((NTSTATUS)0xC00000ACL)

struct link {
    _Atomic int state;
    HANDLE pipe; // these are written by whoever made the state BUSY
    struct channel *channel;
};

// A connection with a channel carries events only: ETW calls may hang and have long answers.
static struct link pipes[LINKS];
static struct link channels[LINKS];
static volatile bool use_channels; // may fall while threads run
static wchar_t kernel_name[NAME_MAX_CHARS];
static _Atomic bool greeted; // HELLO is on its way: later connections begin with JOIN
static _Atomic bool dead;    // the server is gone
static wchar_t pipe_path[NAME_MAX_CHARS + 32];
static const volatile uint32_t *interest_word;

// A thread's own word: a slot of the TEB, read without the TLS functions (they set the last error).
static DWORD guard_slot;

static void **guard(void)
{
    const size_t tls_slots = 0x1480; // offset in the x64 TEB
    uint8_t *teb;
    __asm__("movq %%gs:0x30, %0" : "=r"(teb));
    return (void **)(void *)(teb + tls_slots) + guard_slot;
}

bool ksim_enter(void)
{
    void **word = guard();
    if (*word) {
        return false;
    }
    *word = (void *)(uintptr_t)1;
    return true;
}

void ksim_leave(void)
{
    *guard() = NULL;
}

bool ksim_link_open(void)
{
    guard_slot = TlsAlloc();
    if (guard_slot >= 64) {
        ksim_fail("no slot left among the first 64 of the thread's local storage");
    }
    wchar_t *name = kernel_name;
    DWORD n = GetEnvironmentVariableW(KSIM_ENV_NAME, name, NAME_MAX_CHARS);
    if (n == 0 || n >= NAME_MAX_CHARS) {
        wcscpy(name, KSIM_DEFAULT_NAME);
    }
    use_channels = channel_possible();
    wcscpy(pipe_path, L"\\??\\pipe\\ksim-");
    wcscat(pipe_path, name);
    wchar_t section[NAME_MAX_CHARS + 64] = KSIM_INTEREST_SECTION_PREFIX;
    wcscat(section, name);
    wcscat(section, KSIM_INTEREST_SECTION_SUFFIX);
    HANDLE mapping = OpenFileMappingW(FILE_MAP_READ, FALSE, section);
    if (!mapping) {
        return false;
    }
    interest_word = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, sizeof *interest_word);
    CloseHandle(mapping);
    return interest_word != NULL;
}

uint32_t ksim_interest(void)
{
    return interest_word ? *interest_word : 0;
}

static NTSTATUS connect_pipe(HANDLE *pipe)
{
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, pipe_path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    IO_STATUS_BLOCK io;
    NTSTATUS status = STATUS_PIPE_NOT_AVAILABLE_;
    for (int i = 0; i < CONNECT_TRIES && status == STATUS_PIPE_NOT_AVAILABLE_; i++) {
        if (i) {
            LARGE_INTEGER wait = {.QuadPart = -20000};
            NtDelayExecution(FALSE, &wait);
        }
        status = NtCreateFile(pipe, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &io, NULL, 0,
                              FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    }
    if (status < 0) {
        return status;
    }
    struct {
        ULONG read_mode;
        ULONG completion_mode;
    } mode = {1, 0}; // messages, blocking
    status = NtSetInformationFile(*pipe, &io, &mode, sizeof mode, (FILE_INFORMATION_CLASS)FILE_PIPE_INFORMATION_TYPE);
    if (status < 0) {
        NtClose(*pipe);
    }
    return status;
}

static NTSTATUS exchange(HANDLE pipe, const void *message, uint32_t size, struct ksim_reply *reply, uint32_t room)
{
    IO_STATUS_BLOCK io = {.Information = 0};
    NTSTATUS status = NtFsControlFile(pipe, NULL, NULL, NULL, &io, FSCTL_PIPE_TRANSCEIVE_CODE,
                                      (void *)(uintptr_t)message, size, reply, room);
    if (status >= 0 && (io.Information < sizeof *reply || reply->size != io.Information)) {
        status = (NTSTATUS)0xC000000DL;
    }
    return status;
}

static bool link_join(HANDLE pipe)
{
    uint64_t space[8];
    struct ksim_message m;
    ksim_message_start(&m, space, sizeof space, sizeof(struct ksim_head), KSIM_JOIN);
    struct ksim_reply reply;
    return exchange(pipe, m.data, m.size, &reply, sizeof reply) >= 0 && reply.status == KSIM_OK;
}

// Asks the server to serve this connection through a section. Without one it stays a pipe.
static void link_speed_up(struct link *link)
{
    wchar_t section[NAME_MAX_CHARS + 64];
    swprintf(section, sizeof section / sizeof *section, L"Local\\ksim-%ls-channel-%lu-%u", kernel_name,
             GetCurrentProcessId(), (unsigned)(link - channels));
    HANDLE mapping = NULL;
    struct channel *channel = channel_make(section, &mapping);
    if (!channel) {
        use_channels = false;
        return;
    }
    uint64_t space[64];
    struct ksim_message m;
    struct ksim_channel_request *request = ksim_message_start(&m, space, sizeof space, sizeof *request, KSIM_CHANNEL);
    request->section = ksim_message_text(&m, section);
    request->head.size = m.size;
    struct ksim_reply reply = {0};
    bool served = exchange(link->pipe, m.data, m.size, &reply, sizeof reply) >= 0 && reply.status == KSIM_OK;
    CloseHandle(mapping);
    if (served) {
        link->channel = channel;
        return;
    }
    channel_close(channel);
    use_channels = false;
}

static bool link_connect(struct link *link, bool quick)
{
    link->channel = NULL;
    if (connect_pipe(&link->pipe) < 0) {
        return false;
    }
    if (atomic_exchange(&greeted, true) && !link_join(link->pipe)) {
        NtClose(link->pipe);
        return false;
    }
    if (quick && use_channels) {
        link_speed_up(link);
    }
    return true;
}

static struct link *link_take(struct link *links, bool quick)
{
    for (int i = 0; i < LINKS; i++) {
        int idle = LINK_IDLE;
        if (atomic_load(&links[i].state) == LINK_IDLE &&
            atomic_compare_exchange_strong(&links[i].state, &idle, LINK_BUSY)) {
            return &links[i];
        }
    }
    for (int i = 0; i < LINKS; i++) {
        int none = LINK_NONE;
        if (!atomic_compare_exchange_strong(&links[i].state, &none, LINK_BUSY)) {
            continue;
        }
        if (!link_connect(&links[i], quick)) {
            atomic_store(&links[i].state, LINK_NONE);
            return NULL;
        }
        return &links[i];
    }
    return NULL;
}

// Each connection is a handle of the program: made beforehand, they do not appear while a test counts.
void ksim_link_prepare(void)
{
    wchar_t text[8];
    DWORD n = GetEnvironmentVariableW(L"KSIM_CONNECTIONS", text, sizeof text / sizeof *text);
    int wanted = n && n < sizeof text / sizeof *text ? (int)wcstol(text, NULL, 10) : 0;
    for (int i = 0; i < wanted && i < LINKS; i++) {
        int none = LINK_NONE;
        if (atomic_compare_exchange_strong(&channels[i].state, &none, LINK_BUSY)) {
            atomic_store(&channels[i].state, link_connect(&channels[i], true) ? LINK_IDLE : LINK_NONE);
        }
    }
}

static bool pipe_alive(HANDLE pipe)
{
    struct ksim_pipe_peek peek;
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtFsControlFile(pipe, NULL, NULL, NULL, &io, FSCTL_PIPE_PEEK_CODE, NULL, 0, &peek, sizeof peek);
    return status >= 0 || status == (NTSTATUS)0x80000005L;
}

static NTSTATUS exchange_quickly(struct link *link, const struct ksim_message *m, struct ksim_reply *reply)
{
    channel_send(link->channel, m->data, m->size);
    while (!channel_wait(link->channel, ALIVE_MS)) {
        if (!pipe_alive(link->pipe)) {
            return (NTSTATUS)0xC00000B0L;
        }
    }
    if (link->channel->bytes != sizeof *reply) {
        return (NTSTATUS)0xC000000DL;
    }
    memcpy(reply, link->channel->data, sizeof *reply);
    return 0;
}

static bool is_ours(const struct link *links, HANDLE handle)
{
    for (int i = 0; i < LINKS; i++) {
        if (atomic_load(&links[i].state) != LINK_NONE && links[i].pipe == handle) {
            return true;
        }
    }
    return false;
}

bool ksim_link_owns(HANDLE handle)
{
    return is_ours(pipes, handle) || is_ours(channels, handle);
}

bool ksim_transact(struct ksim_message *m, struct ksim_reply *reply, uint32_t room)
{
    if (atomic_load(&dead)) {
        return false;
    }
    struct ksim_head *head = (void *)m->data;
    head->size = m->size;
    bool quick = head->kind >= KSIM_IMAGE_LOAD && head->kind <= KSIM_HANDLE_DUPLICATE &&
                 head->kind != KSIM_PROCESS_EXIT && m->size <= CHANNEL_ROOM;
    struct link *link = link_take(quick ? channels : pipes, quick);
    NTSTATUS status = (NTSTATUS)0xC00000B0L;
    if (link) {
        status = link->channel ? exchange_quickly(link, m, reply) : exchange(link->pipe, m->data, m->size, reply, room);
    }
    if (status < 0) {
        atomic_store(&dead, true);
        if (link) {
            NtClose(link->pipe);
            atomic_store(&link->state, LINK_NONE);
        }
        return false;
    }
    atomic_store(&link->state, LINK_IDLE);
    if (reply->status == KSIM_BAD_MESSAGE && head->kind != KSIM_CALL) {
        ksim_fail("the server does not understand a message of kind %u, %u bytes", (unsigned)head->kind,
                  (unsigned)m->size);
    }
    return true;
}
