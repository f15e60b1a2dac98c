/* ksimd: the simulated kernel's server. One thread per connection; a connection may change to a shared section. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "channel.h"
#include "protocol.h"
#include "server_host.h"

enum { LISTENERS = 4, PIPE_BUFFER = 0x10000, CHANNEL_WAIT_MS = 500, NAME_CHARS = 64 };

static struct kernel *kernel;
static wchar_t pipe_name[NAME_CHARS + 32];

struct connection {
    HANDLE pipe;
    uint8_t *message; /* KSIM_MESSAGE_MAX each */
    uint8_t *reply;
};

/* Everything a message asks for. Deaths come first, so that a session does not end before the sweep of a process
 * that its controller has already seen end. */
static uint32_t answer(const void *message, uint32_t bytes, void *reply)
{
    uint32_t kind = 0;
    struct ksim_head head;
    if (bytes >= sizeof head) {
        memcpy(&head, message, sizeof head);
        kind = head.kind;
    }
    if (kind == KSIM_CALL || kind == KSIM_CONTROL)
        host_notice_deaths();
    host_lock();
    uint32_t n = (uint32_t)kernel_message(kernel, message, bytes, reply, KSIM_MESSAGE_MAX);
    host_unlock();
    struct ksim_reply r;
    memcpy(&r, reply, sizeof r);
    if (kind == KSIM_HELLO && r.status == KSIM_OK)
        host_watch(head.pid);
    return n;
}

static void serve_channel(struct connection *c, struct channel *channel)
{
    for (;;) {
        if (!channel_receive(channel, CHANNEL_WAIT_MS)) {
            DWORD waiting = 0;
            if (!PeekNamedPipe(c->pipe, NULL, 0, NULL, &waiting, NULL))
                break;
            continue;
        }
        uint32_t bytes = channel->bytes <= CHANNEL_ROOM ? channel->bytes : 0;
        memcpy(c->message, channel->data, bytes);
        answer(c->message, bytes, c->reply);
        channel_answer(channel, c->reply, sizeof(struct ksim_reply));
    }
    channel_close(channel);
}

static struct channel *open_channel(const uint8_t *message, uint32_t bytes)
{
    struct ksim_channel_request m;
    wchar_t name[128];
    if (bytes < sizeof m)
        return NULL;
    memcpy(&m, message, sizeof m);
    struct ksim_span s = m.section;
    if (s.bytes == 0 || s.bytes >= sizeof name || s.offset > bytes || s.bytes > bytes - s.offset)
        return NULL;
    memcpy(name, message + s.offset, s.bytes);
    name[s.bytes / sizeof *name] = 0;
    return channel_possible() ? channel_open(name) : NULL;
}

static bool write_reply(const struct connection *c, uint32_t bytes)
{
    DWORD done = 0;
    return WriteFile(c->pipe, c->reply, bytes, &done, NULL) && done == bytes;
}

/* True: the connection was changed to a channel, and that has ended. */
static bool try_channel(struct connection *c, uint32_t bytes)
{
    struct channel *channel = open_channel(c->message, bytes);
    struct ksim_reply r = {.size = sizeof r, .status = channel ? KSIM_OK : KSIM_BAD_MESSAGE};
    memcpy(c->reply, &r, sizeof r);
    if (!write_reply(c, sizeof r) || !channel)
        return channel != NULL;
    serve_channel(c, channel);
    return true;
}

static bool read_message(const struct connection *c, uint32_t *bytes)
{
    uint32_t at = 0;
    for (;;) {
        DWORD got = 0;
        BOOL whole = ReadFile(c->pipe, c->message + at, KSIM_MESSAGE_MAX - at, &got, NULL);
        at += got;
        *bytes = at;
        if (whole)
            return true;
        if (GetLastError() != ERROR_MORE_DATA || at == KSIM_MESSAGE_MAX)
            return false;
    }
}

static DWORD WINAPI serve(void *context)
{
    struct connection *c = context;
    uint32_t bytes = 0;
    while (read_message(c, &bytes)) {
        uint32_t kind = 0;
        if (bytes >= sizeof(struct ksim_head))
            memcpy(&kind, c->message + offsetof(struct ksim_head, kind), sizeof kind);
        if (kind == KSIM_CHANNEL) {
            if (try_channel(c, bytes))
                break;
            continue;
        }
        if (!write_reply(c, answer(c->message, bytes, c->reply)))
            break;
        host_lock();
        bool quit = kernel_quitting(kernel);
        host_unlock();
        if (quit) {
            FlushFileBuffers(c->pipe);
            ExitProcess(0);
        }
    }
    DisconnectNamedPipe(c->pipe);
    CloseHandle(c->pipe);
    VirtualFree(c->message, 0, MEM_RELEASE);
    VirtualFree(c->reply, 0, MEM_RELEASE);
    free(c);
    return 0;
}

static HANDLE make_pipe(void)
{
    return CreateNamedPipeW(pipe_name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT,
                            PIPE_UNLIMITED_INSTANCES, PIPE_BUFFER, PIPE_BUFFER, 0, NULL);
}

static void start_serving(HANDLE pipe)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->pipe = pipe;
    c->message = VirtualAlloc(NULL, KSIM_MESSAGE_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    c->reply = VirtualAlloc(NULL, KSIM_MESSAGE_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    HANDLE thread = c->message && c->reply ? CreateThread(NULL, 0x40000, serve, c, 0, NULL) : NULL;
    if (!thread)
        abort();
    CloseHandle(thread);
}

static DWORD WINAPI listen(void *first)
{
    HANDLE pipe = first;
    while (pipe != INVALID_HANDLE_VALUE) {
        bool connected = ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED;
        HANDLE next = make_pipe();
        if (connected)
            start_serving(pipe);
        else
            CloseHandle(pipe);
        pipe = next;
    }
    return 1;
}

/* NAME=VALUE on the command line is what "ksimctl set NAME VALUE" does. */
static bool apply(const wchar_t *setting)
{
    struct {
        struct ksim_head head;
        char words[256];
    } m = {.head = {.kind = KSIM_CONTROL, .version = KSIM_VERSION}};
    uint8_t *reply = VirtualAlloc(NULL, KSIM_MESSAGE_MAX, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    int n = snprintf(m.words, sizeof m.words, "set%c%ls", 0, setting);
    if (!reply || n < 0 || (size_t)n >= sizeof m.words)
        return false;
    char *equals = strchr(m.words + 4, '=');
    if (equals)
        *equals = 0;
    m.head.size = (uint32_t)(sizeof m.head + (size_t)n + 1);
    host_lock();
    kernel_message(kernel, &m, m.head.size, reply, KSIM_MESSAGE_MAX);
    host_unlock();
    struct ksim_reply r;
    memcpy(&r, reply, sizeof r);
    if (r.status)
        fprintf(stderr, "ksimd: %ls: %.*s", setting, (int)r.out_bytes, (const char *)reply + sizeof r);
    VirtualFree(reply, 0, MEM_RELEASE);
    return r.status == KSIM_OK;
}

int wmain(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv)
{
    wchar_t name[NAME_CHARS];
    DWORD n = GetEnvironmentVariableW(KSIM_ENV_NAME, name, NAME_CHARS);
    if (n == 0 || n >= NAME_CHARS)
        wcscpy(name, KSIM_DEFAULT_NAME);
    int at = 1;
    if (argc > 2 && wcscmp(argv[1], L"--name") == 0 && wcslen(argv[2]) < NAME_CHARS) {
        wcscpy(name, argv[2]);
        at = 3;
    }
    swprintf(pipe_name, sizeof pipe_name / sizeof *pipe_name, L"%ls%ls", KSIM_PIPE_PREFIX, name);
    /* The pipe is there before the section by which clients know that a server runs. */
    HANDLE pipes[LISTENERS];
    for (int i = 0; i < LISTENERS; i++)
        pipes[i] = make_pipe();
    kernel = host_start(name);
    if (!kernel) {
        fprintf(stderr, "ksimd: a server named %ls runs already, or its section cannot be made (%lu)\n", name,
                GetLastError());
        return 1;
    }
    for (; at < argc; at++) {
        if (!apply(argv[at]))
            return 2;
    }
    for (int i = 1; i < LISTENERS; i++) {
        HANDLE thread = CreateThread(NULL, 0x20000, listen, pipes[i], 0, NULL);
        if (!thread)
            return 1;
        CloseHandle(thread);
    }
    printf("ksimd %ls ready\n", name);
    fflush(stdout);
    return (int)listen(pipes[0]);
}
