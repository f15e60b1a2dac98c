// Tells the server of handles that were made, closed and duplicated.
#include "ksim.h"

#include <stdatomic.h>

enum { MOVING = 32, EVENT_ROOM = KSIM_FRAMES_MAX * 8 + KSIM_NAME_CHARS * 2 + 1024 };

static _Atomic uint32_t moving[MOVING];
static _Atomic int moving_count;

int ksim_moving_begin(uint32_t handle)
{
    atomic_fetch_add(&moving_count, 1);
    for (;;) {
        for (int i = 0; i < MOVING; i++) {
            uint32_t none = 0;
            if (atomic_compare_exchange_strong(&moving[i], &none, handle)) {
                return i;
            }
        }
        NtYieldExecution();
    }
}

void ksim_moving_end(int slot)
{
    atomic_store(&moving[slot], 0);
    atomic_fetch_sub(&moving_count, 1);
}

void ksim_moving_wait(uint32_t handle)
{
    if (atomic_load(&moving_count) == 0) {
        return;
    }
    for (int i = 0; i < MOVING; i++) {
        // Not for ever: the thread that moves it may have been terminated.
        for (int tries = 0; tries < 100 && atomic_load(&moving[i]) == handle; tries++) {
            LARGE_INTEGER wait = {.QuadPart = -10000};
            NtDelayExecution(FALSE, &wait);
        }
    }
}

void ksim_send_create(const struct ksim_object *object, uint32_t owner, uint32_t flags, uintptr_t stub)
{
    uint64_t space[EVENT_ROOM / 8];
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_CREATE_STACKS, stub);
    struct ksim_message m;
    struct ksim_handle_create *create = ksim_message_start(&m, space, sizeof space, sizeof *create, KSIM_HANDLE_CREATE);
    create->owner_pid = owner;
    create->flags = flags;
    create->entry = ksim_message_object(&m, object);
    create->frames = ksim_message_frames(&m, &frames);
    struct ksim_reply reply;
    ksim_transact(&m, &reply, sizeof reply);
}

bool ksim_send_close(HANDLE handle, enum ksim_kind kind, NTSTATUS result, const struct ksim_frames *frames,
                     struct ksim_reply *reply)
{
    uint64_t space[EVENT_ROOM / 8];
    struct ksim_message m;
    struct ksim_handle_close *message = ksim_message_start(&m, space, sizeof space, sizeof *message, kind);
    message->owner_pid = GetCurrentProcessId();
    message->handle = (uint32_t)(uintptr_t)handle;
    message->status = (uint32_t)result;
    message->frames = ksim_message_frames(&m, frames);
    return ksim_transact(&m, reply, sizeof *reply);
}

bool ksim_adopt(HANDLE handle)
{
    struct ksim_name type;
    if (ksim_link_owns(handle) || !ksim_query_type(handle, &type)) {
        return false;
    }
    struct ksim_name name;
    bool named = ksim_query_name(handle, &name);
    struct ksim_object object = {
        .handle = handle,
        .type = type.text.Buffer,
        .name = named ? name.text.Buffer : NULL,
        .name_length = named ? name.text.Length / sizeof(wchar_t) : 0,
    };
    object.key = ksim_object_key(handle, object.type, object.name, object.name_length);
    ksim_send_handles(&object, 1);
    return true;
}

static uint32_t offer_duplicate(const struct ksim_duplicate *d, const struct ksim_object *object,
                                const struct ksim_frames *frames)
{
    uint64_t space[EVENT_ROOM / 8];
    struct ksim_message m;
    struct ksim_handle_duplicate *message =
        ksim_message_start(&m, space, sizeof space, sizeof *message, KSIM_HANDLE_DUPLICATE);
    message->source_pid = d->source_pid;
    message->source_handle = (uint32_t)(uintptr_t)d->source;
    message->target_pid = d->target_pid;
    message->options = d->options;
    message->entry = ksim_message_object(&m, object);
    message->frames = ksim_message_frames(&m, frames);
    struct ksim_reply reply = {0};
    return ksim_transact(&m, &reply, sizeof reply) ? reply.status : KSIM_OK;
}

void ksim_send_duplicate(const struct ksim_duplicate *d, uintptr_t stub)
{
    struct ksim_frames frames;
    ksim_capture(&frames, KSIM_INTEREST_DUPLICATE_STACKS, stub);
    struct ksim_object object = {.handle = d->target, .access = d->access};
    if (d->source == KSIM_PSEUDO_PROCESS) {
        object.type = L"Process";
        object.key = d->source_pid;
    }
    if (d->source == KSIM_PSEUDO_THREAD) {
        object.type = L"Thread";
        object.key = GetCurrentThreadId();
    }
    uint32_t status = offer_duplicate(d, &object, &frames);
    if (status == KSIM_OK || d->target_pid != GetCurrentProcessId()) {
        return;
    }
    struct ksim_name type;
    if (!ksim_query_type(d->target, &type)) {
        return;
    }
    struct ksim_name name;
    bool named = ksim_query_name(d->target, &name);
    object.type = type.text.Buffer;
    object.name = named ? name.text.Buffer : NULL;
    object.name_length = named ? name.text.Length / sizeof(wchar_t) : 0;
    object.key = ksim_object_key(d->target, object.type, object.name, object.name_length);
    offer_duplicate(d, &object, &frames);
}
