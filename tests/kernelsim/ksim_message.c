// Puts messages to the simulated kernel's server together.
#include "ksim.h"

#include <string.h>
#include <wchar.h>

NTSYSAPI ULONG WINAPI NtGetCurrentProcessorNumber(void);

static uint32_t rounded(uint32_t n, uint32_t alignment)
{
    return (n + alignment - 1) & ~(alignment - 1);
}

void *ksim_message_start(struct ksim_message *m, void *data, uint32_t room, uint32_t fixed, enum ksim_kind kind)
{
    *m = (struct ksim_message){.data = data, .size = fixed, .room = room};
    memset(data, 0, fixed);
    *(struct ksim_head *)data = (struct ksim_head){
        .kind = kind,
        .pid = GetCurrentProcessId(),
        .tid = GetCurrentThreadId(),
        .processor = NtGetCurrentProcessorNumber(),
        .version = KSIM_VERSION,
    };
    ((struct ksim_head *)data)->size = fixed;
    return data;
}

struct ksim_span ksim_message_put(struct ksim_message *m, const void *bytes, size_t count, uint32_t alignment)
{
    uint32_t at = rounded(m->size, alignment);
    if (count == 0 || at > m->room || count > m->room - at) {
        return (struct ksim_span){0, 0};
    }
    memset(m->data + m->size, 0, at - m->size);
    memcpy(m->data + at, bytes, count);
    m->size = at + (uint32_t)count;
    return (struct ksim_span){at, (uint32_t)count};
}

struct ksim_span ksim_message_text(struct ksim_message *m, const wchar_t *text)
{
    return ksim_message_put(m, text, text ? wcslen(text) * sizeof *text : 0, 1);
}

struct ksim_handle_entry ksim_message_object(struct ksim_message *m, const struct ksim_object *object)
{
    return (struct ksim_handle_entry){
        .key = object->key,
        .handle = (uint32_t)(uintptr_t)object->handle,
        .access = object->access,
        .type = ksim_message_text(m, object->type),
        .name = ksim_message_put(m, object->name, object->name_length * sizeof *object->name, 1),
    };
}

struct ksim_span ksim_message_frames(struct ksim_message *m, const struct ksim_frames *frames)
{
    return ksim_message_put(m, frames->address, frames->count * sizeof *frames->address, sizeof *frames->address);
}
