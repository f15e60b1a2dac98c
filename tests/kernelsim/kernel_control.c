/* ControlTrace, QueryAllTraces and EnableTraceEx2. */
#include "kernel_state.h"

#include <string.h>

enum { CODE_QUERY = 0, CODE_STOP = 1, CODE_UPDATE = 2, CODE_FLUSH = 3, CODE_INCREMENT_FILE = 4 };
enum {
    AT_GUID = 24,
    AT_MAXIMUM = 56,
    AT_MODE = 64,
    AT_FLUSH_TIMER = 68,
    AT_ENABLE = 72,
    AT_FILE_NAME = 112,
    AT_LOGGER_NAME = 116,
    PROPERTIES_BYTES = 120
};
#define MODE_CIRCULAR  0x2u
#define MODE_REAL_TIME 0x100u

/* The GUID of the NT Kernel Logger addresses that one whatever else is passed; else the handle, else the name. */
static struct kernel_session *addressed(struct kernel *k, const struct kernel_call *c)
{
    if (memcmp(c->block + AT_GUID, kernel_system_trace_guid, 16) == 0)
        return kernel_session_by_handle(k, 0xFFFF);
    if (c->message->handle)
        return kernel_session_by_handle(k, c->message->handle);
    struct kernel_text name = kernel_text_copy(c->name, c->name_bytes);
    struct kernel_session *s = kernel_session_by_name(k, &name);
    kernel_text_free(&name);
    return s;
}

/* Waits while another caller's control of the same session goes on; NULL when it is gone by then. */
static struct kernel_session *addressed_idle(struct kernel *k, const struct kernel_call *c)
{
    struct kernel_session *s = addressed(k, c);
    while (s && s->busy) {
        k->host.wait_writer(k->host.context);
        s = addressed(k, c);
    }
    return s;
}

static uint32_t check_block(const struct kernel_call *c)
{
    if ((c->message->flags & KSIM_CALL_NULL_BLOCK) || c->block_bytes < 48)
        return KE_INVALID_PARAMETER;
    if (c->block_bytes < PROPERTIES_BYTES || kernel_get32(c->block) != c->block_bytes)
        return KE_BAD_LENGTH;
    uint32_t name = kernel_get32(c->block + AT_LOGGER_NAME);
    uint32_t file = kernel_get32(c->block + AT_FILE_NAME);
    if ((name && (name < PROPERTIES_BYTES || name >= c->block_bytes)) ||
        (file && (file < PROPERTIES_BYTES || file >= c->block_bytes)))
        return KE_BAD_LENGTH;
    bool nt_guid = memcmp(c->block + AT_GUID, kernel_system_trace_guid, 16) == 0;
    if (!nt_guid && c->message->handle == 0 && (!c->name || c->name_bytes == 0))
        return KE_INVALID_PARAMETER;
    return KE_OK;
}

static uint32_t fill_out(struct kernel_call *c, const struct kernel_session *s)
{
    memcpy(c->out, c->block, c->block_bytes);
    c->out_bytes = c->block_bytes;
    return kernel_session_fill(s, c->out, c->block_bytes);
}

/* Switches to another file; the session's stack list, filter and masks stay. */
static uint32_t rotate(struct kernel *k, struct kernel_session *s, struct kernel_text *path)
{
    if (!s->file || (s->mode & MODE_CIRCULAR))
        return KE_INVALID_PARAMETER;
    if (kernel_text_same(path, &s->path))
        return KE_BAD_PATHNAME;
    struct kernel_file *next = NULL;
    s->busy = true;
    uint32_t error = kernel_file_open(k, s, path, KERNEL_OPEN_REPLACE, &next);
    s->busy = false;
    if (error)
        return error;
    struct kernel_text old = s->path;
    s->path = *path;
    *path = old;
    kernel_rotate(k, s, next);
    return KE_OK;
}

/* A name is for a ring only; of a file session it is what the block still held from a query. */
static uint32_t flush(struct kernel *k, const struct kernel_call *c, struct kernel_session *s)
{
    if (!s->ring) {
        kernel_flush(k, s, k->set.dialect->flush_marker);
        return KE_OK;
    }
    struct kernel_text path = kernel_block_text(c->block, c->block_bytes, kernel_get32(c->block + AT_FILE_NAME));
    uint32_t error = path.length ? kernel_ring_flush(k, s, &path) : KE_FILE_NOT_FOUND;
    kernel_text_free(&path);
    return error;
}

static void set_real_time(struct kernel *k, struct kernel_session *s, bool on)
{
    if (on)
        s->mode |= MODE_REAL_TIME;
    else if (s->mode & MODE_REAL_TIME) {
        s->mode &= ~MODE_REAL_TIME;
        kernel_realtime_over(k, s);
    }
    if (on && s->flush_timer == 0)
        s->flush_timer = 1;
}

static uint32_t update(struct kernel *k, struct kernel_call *c, struct kernel_session *s)
{
    uint32_t enable = kernel_get32(c->block + AT_ENABLE);
    uint32_t mode = kernel_get32(c->block + AT_MODE);
    if ((enable & 0x80000000u) || (enable && !s->system))
        return KE_INVALID_PARAMETER;
    /* Real time goes on only when it is asked for again; without a file there is nothing else. */
    bool real_time = (mode & MODE_REAL_TIME) && !s->ring;
    if (!real_time && !s->file && !s->ring)
        return KE_INVALID_PARAMETER;
    struct kernel_text path = kernel_block_text(c->block, c->block_bytes, kernel_get32(c->block + AT_FILE_NAME));
    uint32_t error = path.length ? rotate(k, s, &path) : KE_OK;
    kernel_text_free(&path);
    if (error)
        return error;
    uint32_t maximum = kernel_get32(c->block + AT_MAXIMUM);
    uint32_t cap = kernel_memory_cap(k, s->buffer_bytes);
    maximum = maximum > cap ? cap : maximum;
    if (maximum > s->max_buffers && !s->ring)
        s->max_buffers = maximum;
    s->flush_timer = kernel_get32(c->block + AT_FLUSH_TIMER);
    set_real_time(k, s, real_time);
    /* The trap of this call: whatever the masks were, they are now just the enable flags. */
    const uint32_t masks[8] = {enable};
    if (s->system)
        kernel_set_masks(k, s, masks, false);
    return KE_OK;
}

uint32_t kernel_control_trace(struct kernel *k, struct kernel_call *c)
{
    uint32_t error = check_block(c);
    if (error)
        return error;
    if (!c->elevated)
        return KE_ACCESS_DENIED;
    uint32_t code = c->message->code;
    if (code > CODE_FLUSH) /* INCREMENT_FILE is for NEWFILE sessions, which a system logger cannot be */
        return code == CODE_INCREMENT_FILE && addressed(k, c) == NULL ? KE_INSTANCE_NOT_FOUND : KE_INVALID_PARAMETER;
    struct kernel_session *s = addressed_idle(k, c);
    if (!s)
        return KE_INSTANCE_NOT_FOUND;
    if (code == CODE_QUERY)
        return fill_out(c, s);
    if (code == CODE_STOP) {
        kernel_session_end(k, s, true);
        error = fill_out(c, s);
        kernel_session_forget(s);
        return error;
    }
    if (code == CODE_UPDATE)
        error = update(k, c, s);
    else
        error = flush(k, c, s);
    if (s->failed) {
        kernel_session_check(k, s);
        return KE_DISK_FULL;
    }
    return error ? error : fill_out(c, s);
}

uint32_t kernel_query_all(struct kernel *k, struct kernel_call *c)
{
    struct ksim_query_all head;
    if (c->block_bytes < sizeof head)
        return KE_INVALID_PARAMETER;
    memcpy(&head, c->block, sizeof head);
    if (head.count == 0 || head.count > 64)
        return KE_INVALID_PARAMETER;
    memcpy(c->out, c->block, c->block_bytes);
    uint32_t at = sizeof head;
    uint32_t place = 0;
    uint32_t running = 0;
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        const struct kernel_session *s = &k->sessions[i];
        if (s->state != KERNEL_RUNNING || !c->elevated) /* only what the caller may see */
            continue;
        running++;
        if (place == head.count)
            continue;
        uint32_t bytes = at + 4 <= c->block_bytes ? kernel_get32(c->out + at) : 0;
        if (bytes < PROPERTIES_BYTES || bytes > c->block_bytes - at)
            return KE_INVALID_PARAMETER;
        kernel_session_fill(s, c->out + at, bytes);
        at += (bytes + 7u) & ~7u;
        place++;
    }
    head.count = running;
    memcpy(c->out, &head, sizeof head);
    c->out_bytes = c->block_bytes;
    return running > place ? KE_MORE_DATA : KE_OK;
}

/* No provider can be enabled: a system logger takes masks, and system providers came after Windows 10. */
uint32_t kernel_enable_trace(struct kernel *k, struct kernel_call *c)
{
    if (c->block_bytes < sizeof(struct ksim_enable))
        return KE_INVALID_PARAMETER;
    if (!c->elevated)
        return KE_ACCESS_DENIED;
    const struct kernel_session *s = kernel_session_by_handle(k, c->message->handle);
    if (!s || c->message->handle == 0)
        return KE_INVALID_PARAMETER;
    return s->system ? KE_INVALID_PARAMETER : KE_NOT_SUPPORTED;
}
