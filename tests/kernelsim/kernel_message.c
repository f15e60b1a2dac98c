/* The kernel as a whole: made, taken apart, and asked, one message at a time. */
#include "kernel_state.h"

#include <stdlib.h>
#include <string.h>

/* A span's bytes, or NULL for an absent one. ok becomes false when it does not lie inside the message. */
const uint8_t *kernel_span(const uint8_t *message, size_t bytes, struct ksim_span span, uint32_t align, bool *ok)
{
    if (span.bytes == 0)
        return NULL;
    if (span.offset > bytes || span.bytes > bytes - span.offset || span.offset % align) {
        *ok = false;
        return NULL;
    }
    return message + span.offset;
}

bool kernel_fixed(const uint8_t *message, size_t bytes, void *fixed, size_t size)
{
    if (bytes < size)
        return false;
    memcpy(fixed, message, size);
    return true;
}

bool kernel_frames(const uint8_t *message, size_t bytes, struct ksim_span span, const uint64_t **frames,
                   uint32_t *count)
{
    bool ok = true;
    *frames = (const uint64_t *)(const void *)kernel_span(message, bytes, span, 8, &ok);
    *count = span.bytes / 8;
    return ok;
}

struct kernel *kernel_create(const struct kernel_host *host)
{
    struct kernel *k = kernel_alloc(sizeof *k);
    k->host = *host;
    kernel_settings_default(&k->set);
    k->next_logger = 27;
    k->next_address = 0xffffca8685c40060u;
    k->boot_time = host->filetime(host->context) - 36000000000u * 5;
    kernel_types_boot(k);
    kernel_boot(k);
    return k;
}

static void free_objects(struct kernel *k)
{
    for (uint32_t i = 0; i < k->process_count; i++) {
        struct kernel_process *p = k->processes[i];
        for (uint32_t h = 0; h < p->handle_room; h++) {
            if (p->handles[h])
                kernel_object_release(k, p->handles[h]);
        }
        for (uint32_t c = 0; c < p->closing_count; c++)
            kernel_object_release(k, p->closing[c].object);
        kernel_object_release(k, p->object);
    }
    while (k->free_objects) {
        struct kernel_object *o = k->free_objects;
        k->free_objects = o->next;
        free(o);
    }
}

void kernel_destroy(struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if (k->sessions[i].state == KERNEL_RUNNING)
            kernel_session_end(k, &k->sessions[i], false);
    }
    kernel_realtime_free(k);
    free_objects(k);
    kernel_processes_free(k);
    kernel_reports_free(k);
    for (uint32_t i = 0; i < k->type_count; i++)
        kernel_text_free(&k->types[i].name);
    free(k->types);
    free(k->shared);
    free(k);
}

bool kernel_quitting(const struct kernel *k)
{
    return k->quitting;
}

static uint32_t process_exit(struct kernel *k, const uint8_t *message, size_t bytes)
{
    struct ksim_process_exit m;
    if (!kernel_fixed(message, bytes, &m, sizeof m))
        return KSIM_BAD_MESSAGE;
    struct kernel_process *p = kernel_process_find(k, m.head.pid);
    if (!p || m.head.pid <= 4)
        return KSIM_UNKNOWN_PROCESS;
    kernel_process_end(k, p, m.head.tid, kernel_cpu(k, &m.head), m.exit_status);
    return KSIM_OK;
}

static uint32_t api_call(struct kernel *k, const uint8_t *message, size_t bytes, struct ksim_reply *reply, uint8_t *out)
{
    struct ksim_call m;
    if (!kernel_fixed(message, bytes, &m, sizeof m))
        return KE_INVALID_PARAMETER;
    bool ok = true;
    struct kernel_call c = {.message = &m};
    c.out = out;
    c.name = kernel_span(message, bytes, m.name, 1, &ok);
    c.block = kernel_span(message, bytes, m.block, 8, &ok);
    c.name_bytes = m.name.bytes;
    c.block_bytes = m.block.bytes;
    if (!ok)
        return KE_INVALID_PARAMETER;
    if ((m.flags & KSIM_CALL_NAME) && !c.name)
        c.name = message; /* an empty name */
    if (!c.block)
        c.block = message; /* never read: it has no bytes */
    c.elevated = k->set.elevated < 0 ? (m.flags & KSIM_CALLER_ELEVATED) != 0 : k->set.elevated > 0;
    /* Reading goes on all the time: it is not counted, and no fault meets it. */
    uint32_t status = m.api == KSIM_READ_TRACE ? kernel_read_trace(k, &c) : kernel_perform(k, &c);
    reply->handle = c.handle;
    reply->return_length = c.return_length;
    reply->out_bytes = c.out_bytes;
    return status;
}

static uint32_t dispatch(struct kernel *k, const struct ksim_head *head, const uint8_t *message,
                         struct ksim_reply *reply, uint8_t *out, size_t out_room)
{
    size_t bytes = head->size;
    switch (head->kind) {
    case KSIM_HELLO:
        return kernel_hello(k, message, bytes);
    case KSIM_JOIN:
        return kernel_process_find(k, head->pid) ? KSIM_OK : KSIM_UNKNOWN_PROCESS;
    case KSIM_HANDLES:
        return kernel_handle_table(k, message, bytes);
    case KSIM_IMAGE_LOAD:
    case KSIM_IMAGE_UNLOAD:
        return kernel_image_event(k, message, bytes);
    case KSIM_THREAD_START:
    case KSIM_THREAD_EXIT:
        return kernel_thread_change(k, message, bytes);
    case KSIM_PROCESS_EXIT:
        return process_exit(k, message, bytes);
    case KSIM_HANDLE_CREATE:
        return kernel_handle_create(k, message, bytes);
    case KSIM_HANDLE_CLOSE:
        return kernel_handle_close(k, message, bytes, &reply->flags);
    case KSIM_HANDLE_CLOSED:
        return kernel_handle_closed(k, message, bytes);
    case KSIM_HANDLE_DUPLICATE:
        return kernel_handle_duplicate(k, message, bytes);
    case KSIM_CALL:
        return api_call(k, message, bytes, reply, out);
    case KSIM_CONTROL: {
        uint32_t status = KSIM_OK;
        reply->out_bytes = (uint32_t)kernel_control(k, (const char *)message + sizeof *head, bytes - sizeof *head,
                                                    (char *)out, out_room, &status);
        return status;
    }
    default:
        return KSIM_BAD_MESSAGE;
    }
}

size_t kernel_message(struct kernel *k, const void *message, size_t bytes, void *reply, size_t room)
{
    struct ksim_reply r = {.status = KSIM_BAD_MESSAGE};
    struct ksim_head head;
    uint8_t *out = (uint8_t *)reply + sizeof r;
    if (bytes >= sizeof head) {
        memcpy(&head, message, sizeof head);
        if (head.size == bytes && head.version == KSIM_VERSION && bytes <= KSIM_MESSAGE_MAX)
            r.status = dispatch(k, &head, message, &r, out, room - sizeof r);
    }
    r.size = (uint32_t)sizeof r + r.out_bytes;
    r.interest = k->interest;
    memcpy(reply, &r, sizeof r);
    return r.size;
}
