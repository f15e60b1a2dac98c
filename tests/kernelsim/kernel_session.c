/* StartTrace: every check on the properties, the real figures, and a session's end. */
#include "kernel_state.h"

#include <string.h>

/* Offsets in EVENT_TRACE_PROPERTIES, x64. */
enum {
    AT_HANDLE = 8,
    AT_GUID = 24,
    AT_CLOCK = 40,
    AT_FLAGS = 44,
    AT_BUFFER_SIZE = 48,
    AT_MINIMUM = 52,
    AT_MAXIMUM = 56,
    AT_MAX_FILE = 60,
    AT_MODE = 64,
    AT_FLUSH_TIMER = 68,
    AT_ENABLE = 72,
    AT_NUMBER = 80,
    AT_FREE = 84,
    AT_LOST = 88,
    AT_WRITTEN = 92,
    AT_LOG_LOST = 96,
    AT_RT_LOST = 100,
    AT_THREAD = 104,
    AT_FILE_NAME = 112,
    AT_LOGGER_NAME = 116,
    PROPERTIES_BYTES = 120
};

#define MODE_SEQUENTIAL  0x1u
#define MODE_CIRCULAR    0x2u
#define MODE_APPEND      0x4u
#define MODE_NEWFILE     0x8u
#define MODE_PREALLOCATE 0x20u
#define MODE_NONSTOP     0x40u
#define MODE_REAL_TIME   0x100u
#define MODE_BUFFERING   0x400u
#define MODE_PRIVATE     0x800u
#define MODE_PAGED       0x01000000u
#define MODE_SYSTEM      0x02000000u
#define MODE_COMPRESSED  0x04000000u
#define MODE_KBYTES      0x2000u
#define FLAG_TRACED_GUID 0x00020000u
#define LOGGER_NT        0xFFFFu
#define NT_LOGGER_NAME   "NT Kernel Logger"

const uint8_t kernel_system_trace_guid[16] = {0xad, 0x4a, 0x81, 0x9e, 0x04, 0x32, 0xd2, 0x11,
                                              0x9a, 0x82, 0x00, 0x60, 0x08, 0xa8, 0x69, 0x39};

struct kernel_session *kernel_session_by_handle(struct kernel *k, uint64_t handle)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if (k->sessions[i].state == KERNEL_RUNNING && k->sessions[i].id == (uint16_t)handle)
            return &k->sessions[i];
    }
    return NULL;
}

struct kernel_session *kernel_session_by_name(struct kernel *k, const struct kernel_text *name)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if (k->sessions[i].state == KERNEL_RUNNING && kernel_text_same(&k->sessions[i].name, name))
            return &k->sessions[i];
    }
    return NULL;
}

/* The zero-terminated text at an offset of a property block; empty when the offset is 0 or outside. */
struct kernel_text kernel_block_text(const uint8_t *block, uint32_t bytes, uint32_t offset)
{
    uint32_t n = 0;
    if (offset == 0 || offset >= bytes)
        return kernel_text_copy(NULL, 0);
    while (offset + 2 * n + 2 <= bytes && (block[offset + (size_t)2 * n] || block[offset + 2 * n + 1]))
        n++;
    return kernel_text_copy(block + offset, 2 * n);
}

/* A name's room reaches to the other name behind it, or to the block's end. No offset: nothing to copy, so it fits. */
bool kernel_block_room(const uint8_t *block, uint32_t bytes, bool log_file, const struct kernel_text *text)
{
    uint32_t at = kernel_get32(block + (log_file ? AT_FILE_NAME : AT_LOGGER_NAME));
    uint32_t other = kernel_get32(block + (log_file ? AT_LOGGER_NAME : AT_FILE_NAME));
    if (at == 0)
        return true;
    uint32_t end = other > at && other < bytes ? other : bytes;
    return at < end && end - at >= 2 * (text->length + 1);
}

static void put_name(uint8_t *block, uint32_t bytes, bool log_file, const struct kernel_text *text)
{
    uint32_t at = kernel_get32(block + (log_file ? AT_FILE_NAME : AT_LOGGER_NAME));
    if (at == 0 || !kernel_block_room(block, bytes, log_file, text))
        return;
    for (uint32_t i = 0; i < text->length; i++)
        kernel_put16(block + at + (size_t)2 * i, text->data[i]);
    kernel_put16(block + at + (size_t)2 * text->length, 0);
}

/* Fills in a session's figures and those names that fit; KE_MORE_DATA when one does not. */
uint32_t kernel_session_fill(const struct kernel_session *s, uint8_t *block, uint32_t bytes)
{
    uint32_t in_use = s->queued;
    for (uint32_t i = 0; i < KERNEL_CPUS_MAX; i++)
        in_use += s->current[i] ? 1 : 0;
    uint32_t number = s->buffer_count > s->min_buffers ? s->buffer_count : s->min_buffers;
    kernel_put64(block + AT_HANDLE, s->id);
    memcpy(block + AT_GUID, s->guid, 16);
    kernel_put32(block + AT_CLOCK, s->clock_type);
    kernel_put32(block + AT_BUFFER_SIZE, s->buffer_bytes / 1024);
    kernel_put32(block + AT_MINIMUM, s->min_buffers);
    kernel_put32(block + AT_MAXIMUM, s->max_buffers);
    kernel_put32(block + AT_MAX_FILE, s->max_file);
    kernel_put32(block + AT_MODE, s->mode);
    kernel_put32(block + AT_FLUSH_TIMER, s->flush_timer);
    kernel_put32(block + AT_ENABLE, s->masks[0]);
    kernel_put32(block + AT_NUMBER, number);
    kernel_put32(block + AT_FREE, number - (in_use < number ? in_use : number));
    kernel_put32(block + AT_LOST, s->events_lost);
    kernel_put32(block + AT_WRITTEN, s->buffers_written);
    kernel_put32(block + AT_LOG_LOST, s->log_buffers_lost);
    kernel_put32(block + AT_RT_LOST, s->realtime_lost);
    kernel_put64(block + AT_THREAD, 0x1400u + s->id * 4u);
    put_name(block, bytes, false, &s->name);
    put_name(block, bytes, true, &s->path);
    bool fits = kernel_block_room(block, bytes, false, &s->name) && kernel_block_room(block, bytes, true, &s->path);
    return fits ? KE_OK : KE_MORE_DATA;
}

uint32_t kernel_memory_cap(const struct kernel *k, uint32_t buffer_bytes)
{
    uint64_t cap = k->set.ram_mb * 1024 * 1024 / 10 / buffer_bytes;
    if (k->set.buffers_max && cap > k->set.buffers_max)
        cap = k->set.buffers_max;
    return cap > 0xFFFFFFFFu ? 0xFFFFFFFFu : (uint32_t)cap;
}

/* At least two a processor, but never above the cap; the cap itself is never below one buffer a processor. */
uint32_t kernel_raise_minimum(const struct kernel *k, uint32_t buffers, uint32_t buffer_bytes)
{
    uint32_t cap = kernel_memory_cap(k, buffer_bytes);
    if (buffers < 2 * k->set.processors)
        buffers = 2 * k->set.processors;
    if (buffers > cap)
        buffers = cap;
    return buffers < k->set.processors ? k->set.processors : buffers;
}

static uint32_t check_block(const struct kernel_call *c)
{
    if (!c->name || (c->message->flags & KSIM_CALL_NULL_BLOCK) || c->block_bytes < 48)
        return KE_INVALID_PARAMETER;
    if (c->block_bytes < PROPERTIES_BYTES || kernel_get32(c->block) != c->block_bytes)
        return KE_BAD_LENGTH;
    if (!(kernel_get32(c->block + AT_FLAGS) & FLAG_TRACED_GUID) || c->name_bytes == 0)
        return KE_INVALID_PARAMETER;
    uint32_t file = kernel_get32(c->block + AT_FILE_NAME);
    uint32_t name = kernel_get32(c->block + AT_LOGGER_NAME);
    if (name < PROPERTIES_BYTES || name >= c->block_bytes || c->block_bytes - name < c->name_bytes + 2)
        return KE_BAD_LENGTH;
    if (file && (file < PROPERTIES_BYTES || file >= c->block_bytes))
        return KE_BAD_LENGTH;
    return c->name_bytes > 2048 ? KE_BAD_PATHNAME : KE_OK;
}

/* What a mode may not be combined with, and what this simulation leaves out (KE_NOT_SUPPORTED, last of all). */
static uint32_t check_mode(const uint8_t *block, bool system, bool has_file)
{
    uint32_t mode = kernel_get32(block + AT_MODE);
    uint32_t max_file = kernel_get32(block + AT_MAX_FILE);
    uint32_t file_modes = MODE_SEQUENTIAL | MODE_CIRCULAR | MODE_APPEND | MODE_NEWFILE;
    if (system && (mode & (MODE_NEWFILE | MODE_PAGED | MODE_PRIVATE)))
        return KE_INVALID_PARAMETER;
    if ((mode & MODE_BUFFERING) && ((mode & (file_modes | MODE_PREALLOCATE)) || kernel_get32(block + AT_FILE_NAME)))
        return KE_INVALID_PARAMETER;
    if ((mode & MODE_CIRCULAR) && ((mode & (MODE_SEQUENTIAL | MODE_APPEND | MODE_NEWFILE)) || max_file == 0))
        return KE_INVALID_PARAMETER;
    if ((mode & MODE_APPEND) && (mode & MODE_REAL_TIME))
        return KE_INVALID_PARAMETER;
    if ((mode & (MODE_PREALLOCATE | MODE_NEWFILE)) && max_file == 0)
        return KE_INVALID_PARAMETER;
    if ((mode & MODE_COMPRESSED) && !(mode & MODE_BUFFERING))
        return KE_INVALID_PARAMETER;
    if (mode & MODE_NONSTOP)
        return KE_INVALID_PARAMETER;
    if (!has_file && !(mode & (MODE_BUFFERING | MODE_REAL_TIME)))
        return KE_BAD_PATHNAME;
    if (kernel_get32(block + AT_CLOCK) > 3)
        return KE_INVALID_PARAMETER;
    if (kernel_get32(block + AT_CLOCK) > 1)
        return KE_NOT_SUPPORTED;
    if (mode & MODE_BUFFERING) /* with which real time is dropped */
        return mode & MODE_COMPRESSED ? KE_NOT_SUPPORTED : KE_OK;
    if (mode & MODE_NEWFILE)
        return KE_NOT_SUPPORTED;
    return KE_OK;
}

static bool guid_zero(const uint8_t *guid)
{
    static const uint8_t zero[16];
    return memcmp(guid, zero, 16) == 0;
}

static uint32_t check_slots(struct kernel *k, const struct kernel_text *name, const uint8_t *guid, bool system,
                            bool nt_logger, struct kernel_session **slot)
{
    uint32_t private_loggers = 0;
    *slot = NULL;
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        if (s->state == KERNEL_FREE) {
            *slot = *slot ? *slot : s;
            continue;
        }
        if (kernel_text_same(&s->name, name) || (!guid_zero(guid) && memcmp(guid, s->guid, 16) == 0))
            return KE_ALREADY_EXISTS;
        private_loggers += s->system && !s->nt_logger ? 1 : 0;
    }
    if (system && !nt_logger && private_loggers >= KERNEL_SYSTEM_SLOTS - 2)
        return KE_NO_SYSTEM_RESOURCES;
    return *slot ? KE_OK : KE_NO_SYSTEM_RESOURCES;
}

static uint32_t check_disk(const struct kernel *k, uint32_t max_file, uint32_t mode)
{
    uint64_t wanted_mb = max_file;
    if (mode & MODE_KBYTES)
        wanted_mb = (wanted_mb + 1023) / 1024;
    if (wanted_mb == 0)
        wanted_mb = 200;
    return k->set.disk_full || wanted_mb > k->set.disk_free_mb ? KE_DISK_FULL : KE_OK;
}

static void take_figures(const struct kernel *k, struct kernel_session *s, const uint8_t *block)
{
    uint32_t kb = kernel_get32(block + AT_BUFFER_SIZE);
    kb = kb == 0 ? 64 : kb;
    kb = kb > 16384 ? 16384 : (kb + 3) / 4 * 4;
    s->buffer_bytes = kb * 1024;
    s->min_buffers = kernel_raise_minimum(k, kernel_get32(block + AT_MINIMUM), s->buffer_bytes);
    uint32_t maximum = kernel_get32(block + AT_MAXIMUM);
    uint32_t cap = kernel_memory_cap(k, s->buffer_bytes);
    maximum = maximum > cap ? cap : maximum;
    s->max_buffers = maximum < s->min_buffers ? s->min_buffers : maximum;
    s->max_file = kernel_get32(block + AT_MAX_FILE);
    s->mode = kernel_get32(block + AT_MODE);
    s->flush_timer = kernel_get32(block + AT_FLUSH_TIMER);
    s->ring = s->mode & MODE_BUFFERING;
    if (s->ring) {
        s->mode &= ~MODE_REAL_TIME;
        s->max_buffers = s->min_buffers;
        s->flush_timer = 0;
    }
    if ((s->mode & MODE_REAL_TIME) && s->flush_timer == 0)
        s->flush_timer = 1;
    s->clock_type = 1;
}

static uint16_t next_id(struct kernel *k)
{
    do {
        k->next_logger = (uint16_t)(k->next_logger >= 63 ? 28 : k->next_logger + 1);
    } while (kernel_session_by_handle(k, k->next_logger));
    return k->next_logger;
}

void kernel_session_forget(struct kernel_session *s)
{
    kernel_text_free(&s->name);
    kernel_text_free(&s->path);
    memset(s, 0, sizeof *s);
}

/* From here on the name, GUID and slot are taken; opening the file may let others in. */
static uint32_t start(struct kernel *k, struct kernel_call *c, struct kernel_session *s)
{
    const uint32_t none[8] = {0};
    enum kernel_open how = s->mode & MODE_APPEND ? KERNEL_OPEN_APPEND : KERNEL_OPEN_REPLACE;
    s->start_time = kernel_now(k, 0);
    s->start_filetime = k->host.filetime(k->host.context);
    uint32_t error = s->path.length ? kernel_file_open(k, s, &s->path, how, &s->file) : KE_OK;
    if (error) {
        kernel_session_forget(s);
        return error;
    }
    s->state = KERNEL_RUNNING;
    s->report = kernel_report_new(k, s);
    if (s->system) {
        uint32_t masks[8] = {kernel_get32(c->block + AT_ENABLE)};
        kernel_set_masks(k, s, masks[0] ? masks : none, true);
    }
    c->handle = s->id;
    memcpy(c->out, c->block, c->block_bytes);
    kernel_session_fill(s, c->out, c->block_bytes);
    c->out_bytes = c->block_bytes;
    return KE_OK;
}

uint32_t kernel_start_trace(struct kernel *k, struct kernel_call *c)
{
    uint32_t error = check_block(c);
    if (error)
        return error;
    struct kernel_text name = kernel_text_copy(c->name, c->name_bytes);
    struct kernel_text nt_name = kernel_text_ascii(NT_LOGGER_NAME);
    bool nt_logger = kernel_text_same(&name, &nt_name);
    kernel_text_free(&nt_name);
    const uint8_t *guid = c->block + AT_GUID;
    bool nt_guid = memcmp(guid, kernel_system_trace_guid, 16) == 0;
    uint32_t mode = kernel_get32(c->block + AT_MODE);
    uint32_t enable = kernel_get32(c->block + AT_ENABLE);
    bool system = nt_logger || (mode & MODE_SYSTEM);
    struct kernel_text path = kernel_block_text(c->block, c->block_bytes, kernel_get32(c->block + AT_FILE_NAME));
    struct kernel_session *s = NULL;
    if (nt_guid != nt_logger && !(nt_logger && guid_zero(guid)))
        error = KE_INVALID_PARAMETER;
    if (!error && !c->elevated)
        error = KE_ACCESS_DENIED;
    /* Bit 31 means an extension block behind the properties, which is not simulated. */
    if (!error && ((enable & 0x80000000u) || (enable && !system)))
        error = KE_INVALID_PARAMETER;
    if (!error)
        error = check_mode(c->block, system, path.length > 0);
    if (!error)
        error = check_slots(k, &name, nt_logger ? kernel_system_trace_guid : guid, system, nt_logger, &s);
    if (!error && path.length && !kernel_path_ok(&path))
        error = KE_BAD_PATHNAME;
    if (!error && path.length)
        error = check_disk(k, kernel_get32(c->block + AT_MAX_FILE), mode);
    if (error) {
        kernel_text_free(&name);
        kernel_text_free(&path);
        return error;
    }
    memset(s, 0, sizeof *s);
    s->state = KERNEL_STARTING;
    s->system = system;
    s->nt_logger = nt_logger;
    s->id = nt_logger ? LOGGER_NT : next_id(k);
    s->name = name;
    s->path = path;
    s->starter_pid = c->message->head.pid;
    s->starter_tid = c->message->head.tid;
    memcpy(s->guid, nt_logger ? kernel_system_trace_guid : guid, 16);
    if (guid_zero(s->guid)) {
        kernel_put64(s->guid, (uint64_t)kernel_now(k, 0) * 0x9E3779B97F4A7C15u);
        kernel_put64(s->guid + 8, 0x4000u + s->id);
    }
    take_figures(k, s, c->block);
    if ((s->mode & MODE_CIRCULAR) && kernel_file_limit(s) / 2 < s->buffer_bytes) { /* no room for a data buffer */
        kernel_session_forget(s);
        return KE_INVALID_PARAMETER;
    }
    return start(k, c, s);
}

void kernel_session_check(struct kernel *k, struct kernel_session *s)
{
    if (s->failed && s->state == KERNEL_RUNNING && !s->busy)
        kernel_session_end(k, s, false);
}

/* orderly: with the end rundown and a finished file; otherwise as when the system gives a session up. */
void kernel_session_end(struct kernel *k, struct kernel_session *s, bool orderly)
{
    if (orderly) {
        const uint32_t none[8] = {0};
        if (s->system)
            kernel_set_masks(k, s, none, true);
        s->busy = true;
        s->state = KERNEL_STOPPING;
        if (!s->ring) {
            kernel_cache_rundown(k, s);
            kernel_flush(k, s, true);
        }
    }
    s->state = KERNEL_STOPPING;
    while (s->writing)
        k->host.wait_writer(k->host.context);
    bool finish = orderly && !s->failed;
    kernel_session_free_buffers(s);
    kernel_cache_free(s);
    kernel_realtime_over(k, s);
    s->report->events_lost = s->events_lost;
    s->report->over = true;
    if (s->file && finish)
        kernel_file_finish(k, s, s->file);
    else if (s->file)
        kernel_file_drop(k, s->file);
    s->file = NULL;
    if (!orderly)
        kernel_session_forget(s);
    kernel_interest(k);
}
