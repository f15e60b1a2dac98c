// The made-up machine under the simulated kernel, and its clients' messages.
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_BASE 0x7ff612340000u

static int64_t host_clock(void *context, uint64_t frequency)
{
    struct sim *s = context;
    (void)frequency;
    return s->now += 50;
}

static uint64_t host_filetime(void *context)
{
    struct sim *s = context;
    return 133500000000000000u + (uint64_t)s->now;
}

struct sim_file *sim_file(struct sim *s, const char *path)
{
    for (uint32_t i = 0; i < s->file_count; i++) {
        if (strcmp(s->files[i].path, path) == 0) {
            return &s->files[i];
        }
    }
    return NULL;
}

static uint32_t host_open(void *context, const uint16_t *path, enum kernel_open how, void **file)
{
    struct sim *s = context;
    char name[128] = {0};
    if (s->open_error) {
        return s->open_error;
    }
    for (size_t i = 0; path[i] && i + 1 < sizeof name; i++) {
        name[i] = (char)path[i];
    }
    struct sim_file *f = sim_file(s, name);
    if (!f) {
        assert_true(s->file_count < SIM_FILES);
        f = &s->files[s->file_count++];
    }
    if (f->path[0] && how == KERNEL_OPEN_NEW) {
        return 183;
    }
    if (how != KERNEL_OPEN_APPEND || !f->path[0]) {
        free(f->data);
        memset(f, 0, sizeof *f);
        memcpy(f->path, name, sizeof name);
    }
    f->open = true;
    *file = f;
    return 0;
}

static uint32_t host_write(void *context, void *file, uint64_t offset, const void *data, uint32_t bytes)
{
    (void)context;
    struct sim_file *f = file;
    assert_true(f->open);
    if (offset + bytes > f->size) {
        f->data = realloc(f->data, offset + bytes);
        assert_non_null(f->data);
        f->size = offset + bytes;
    }
    memcpy(f->data + offset, data, bytes);
    f->writes++;
    return 0;
}

static uint32_t host_read(void *context, void *file, uint64_t offset, void *data, uint32_t bytes)
{
    (void)context;
    struct sim_file *f = file;
    assert_true(f->open);
    if (offset + bytes > f->size) {
        return 38;
    }
    memcpy(data, f->data + offset, bytes);
    return 0;
}

static uint32_t host_size(void *context, void *file, uint64_t *bytes)
{
    (void)context;
    *bytes = ((struct sim_file *)file)->size;
    return 0;
}

static uint32_t host_resize(void *context, void *file, uint64_t bytes)
{
    (void)context;
    struct sim_file *f = file;
    f->data = realloc(f->data, bytes);
    assert_non_null(f->data);
    if (bytes > f->size) {
        memset(f->data + f->size, 0, bytes - f->size);
    }
    f->size = bytes;
    return 0;
}

static void host_close(void *context, void *file)
{
    (void)context;
    ((struct sim_file *)file)->open = false;
}

static void host_writer_wake(void *context)
{
    (void)context;
}

static void host_wait_writer(void *context)
{
    struct sim *s = context;
    assert_true(kernel_writer_step(s->k)); // otherwise somebody waits for ever
}

static void host_sleep(void *context, uint32_t milliseconds)
{
    struct sim *s = context;
    s->slept += milliseconds;
    s->now += (int64_t)milliseconds * 10000;
}

static void host_wait_release(void *context)
{
    ((struct sim *)context)->waits++;
}

static void host_released(void *context)
{
    (void)context;
}

static void host_kill(void *context, uint32_t pid)
{
    ((struct sim *)context)->killed = pid;
}

static void host_interest(void *context, uint32_t word)
{
    ((struct sim *)context)->interest = word;
}

int sim_setup(void **state)
{
    struct sim *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->now = 50000000;
    s->elevated = KSIM_CALLER_ELEVATED;
    s->pid = SIM_PARENT;
    s->message = calloc(1, KSIM_MESSAGE_MAX);
    s->reply = calloc(1, KSIM_MESSAGE_MAX);
    assert_non_null(s->message);
    assert_non_null(s->reply);
    s->out = s->reply + sizeof(struct ksim_reply);
    const struct kernel_host host = {.context = s,
                                     .clock = host_clock,
                                     .filetime = host_filetime,
                                     .open = host_open,
                                     .read = host_read,
                                     .size = host_size,
                                     .resize = host_resize,
                                     .write = host_write,
                                     .close = host_close,
                                     .writer_wake = host_writer_wake,
                                     .wait_writer = host_wait_writer,
                                     .sleep = host_sleep,
                                     .wait_release = host_wait_release,
                                     .released = host_released,
                                     .kill = host_kill,
                                     .interest = host_interest};
    s->k = kernel_create(&host);
    assert_non_null(s->k);
    assert_int_equal(sim_hello(s, SIM_PARENT, 4, false), KSIM_OK);
    *state = s;
    return 0;
}

int sim_teardown(void **state)
{
    struct sim *s = *state;
    kernel_destroy(s->k);
    for (uint32_t i = 0; i < s->file_count; i++) {
        assert_false(s->files[i].open);
        free(s->files[i].data);
    }
    free(s->message);
    free(s->reply);
    free(s);
    return 0;
}

// ---- messages

static uint32_t send(struct sim *s, uint32_t bytes)
{
    struct ksim_reply r;
    size_t n = kernel_message(s->k, s->message, bytes, s->reply, KSIM_MESSAGE_MAX);
    assert_true(n >= sizeof r);
    memcpy(&r, s->reply, sizeof r);
    assert_int_equal(r.size, n);
    assert_int_equal(r.interest, s->interest);
    s->handle = r.handle;
    s->return_length = r.return_length;
    s->reply_flags = r.flags;
    s->out_bytes = r.out_bytes;
    while (!s->no_writer && kernel_writer_step(s->k)) {
    }
    return r.status;
}

static struct ksim_head head(const struct sim *s, uint32_t kind, uint32_t pid, uint32_t tid)
{
    return (struct ksim_head){.kind = kind, .pid = pid, .tid = tid, .processor = s->cpu, .version = KSIM_VERSION};
}

// Appends at a multiple of 8.
static struct ksim_span put(struct sim *s, uint32_t *size, const void *data, uint32_t bytes)
{
    struct ksim_span span = {(*size + 7u) & ~7u, bytes};
    if (bytes) {
        memcpy(s->message + span.offset, data, bytes);
    }
    *size = span.offset + bytes;
    return span;
}

static struct ksim_span put_text(struct sim *s, uint32_t *size, const char *text)
{
    uint16_t wide[512];
    uint32_t n = 0;
    for (; text && text[n] && n < 512; n++) {
        wide[n] = (uint8_t)text[n];
    }
    return put(s, size, wide, 2 * n);
}

static struct ksim_span put_frames(struct sim *s, uint32_t *size)
{
    uint64_t frames[KSIM_FRAMES_MAX] = {FRAME_BASE + 0x100 + s->frames, FRAME_BASE + 0x200, FRAME_BASE + 0x300};
    uint32_t n = 3;
    for (; n < 3 + s->more_frames && n < KSIM_FRAMES_MAX; n++) {
        frames[n] = FRAME_BASE + 0x1000 + (uint64_t)16 * n;
    }
    return put(s, size, frames, (uint32_t)(n * sizeof frames[0]));
}

// The head's size last, when it is known.
static uint32_t send_fixed(struct sim *s, const void *fixed, uint32_t fixed_bytes, uint32_t size)
{
    memcpy(s->message, fixed, fixed_bytes);
    memcpy(s->message, &size, sizeof size);
    return send(s, size);
}

uint32_t sim_control(struct sim *s, const char *words)
{
    struct ksim_head h = head(s, KSIM_CONTROL, 1, 1);
    uint32_t size = sizeof h;
    for (; *words; words++) {
        s->message[size++] = *words == ' ' ? 0 : (uint8_t)*words;
    }
    s->message[size++] = 0;
    return send_fixed(s, &h, sizeof h, size);
}

const char *sim_control_text(struct sim *s, const char *words)
{
    assert_int_equal(sim_control(s, words), 0);
    s->reply[sizeof(struct ksim_reply) + s->out_bytes] = 0;
    return (const char *)s->out;
}

uint32_t sim_get32(const uint8_t *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return v;
}

void sim_put32(struct sim_props *p, uint32_t offset, uint32_t v)
{
    memcpy(p->block + offset, &v, sizeof v);
}

struct sim_props sim_props(const char *name, const char *file)
{
    struct sim_props p = {.bytes = SIM_PROPS, .name = name};
    sim_put32(&p, 0, SIM_PROPS);
    sim_put32(&p, 24, 0x11110000u + (uint32_t)strlen(name) * 256 + (uint8_t)name[0]); // a GUID of its own
    sim_put32(&p, 40, 1);
    sim_put32(&p, 44, 0x00020000);
    sim_put32(&p, 48, 64);
    sim_put32(&p, 52, 16);
    sim_put32(&p, 56, 32);
    sim_put32(&p, 64, 0x02000001);
    sim_put32(&p, 112, file ? 1024 : 0);
    sim_put32(&p, 116, 120);
    for (uint32_t i = 0; file && file[i]; i++) {
        p.block[1024 + 2 * i] = (uint8_t)file[i];
    }
    return p;
}

uint32_t sim_call(struct sim *s, uint32_t api, uint32_t code, uint64_t handle, const char *name, const void *block,
                  uint32_t bytes, uint32_t out_room)
{
    uint32_t flags = s->elevated | (name ? KSIM_CALL_NAME : 0) | (block ? 0 : KSIM_CALL_NULL_BLOCK);
    struct ksim_call c = {.head = head(s, KSIM_CALL, s->pid, 11),
                          .api = api,
                          .code = code,
                          .handle = handle,
                          .flags = flags,
                          .out_room = out_room,
                          .length = bytes};
    uint32_t size = sizeof c;
    c.name = put_text(s, &size, name);
    c.block = put(s, &size, block, block ? bytes : 0);
    return send_fixed(s, &c, sizeof c, size);
}

uint32_t sim_start(struct sim *s, const struct sim_props *p)
{
    return sim_call(s, KSIM_START_TRACE, 0, 0, p->name, p->block, p->bytes, p->bytes);
}

uint32_t sim_control_trace(struct sim *s, uint32_t code, uint64_t handle, const char *name, const struct sim_props *p)
{
    return sim_call(s, KSIM_CONTROL_TRACE, code, handle, name, p->block, p->bytes, p->bytes);
}

uint32_t sim_masks(struct sim *s, uint64_t handle, uint32_t word0, uint32_t word4)
{
    const uint32_t masks[8] = {word0, 0, 0, 0, word4};
    return sim_call(s, KSIM_TRACE_SET_INFORMATION, 4, handle, NULL, masks, sizeof masks, 0);
}

uint32_t sim_stacks(struct sim *s, uint64_t handle)
{
    // {89497f50-effe-4440-8cf2-ce6b1cdcaca7}
    static const uint8_t guid[16] = {0x50, 0x7f, 0x49, 0x89, 0xfe, 0xef, 0x40, 0x44,
                                     0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7};
    uint8_t ids[72] = {0};
    for (uint32_t i = 0; i < 3; i++) {
        memcpy(ids + (size_t)24 * i, guid, sizeof guid);
        ids[24 * i + 16] = (uint8_t)(0x20 + i);
    }
    return sim_call(s, KSIM_TRACE_SET_INFORMATION, 3, handle, NULL, ids, sizeof ids, 0);
}

uint32_t sim_tags(struct sim *s, uint64_t handle, const char *const *tags, uint32_t count)
{
    uint8_t block[16 + 4 * 8] = {17};
    memcpy(block + 8, &handle, sizeof handle);
    for (uint32_t i = 0; i < count && i < 8; i++) {
        memcpy(block + 16 + (size_t)4 * i, tags[i], 4);
    }
    return sim_call(s, KSIM_NT_SET_SYSTEM_INFORMATION, 31, 0, NULL, block, 16 + 4 * count, 0);
}

uint32_t sim_stop(struct sim *s, uint64_t handle)
{
    struct sim_props p = sim_props("x", NULL);
    sim_put32(&p, 112, 1024);
    return sim_control_trace(s, 1, handle, NULL, &p);
}

uint64_t sim_record(struct sim *s, const char *file)
{
    struct sim_props p = sim_props("recording", file);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_stacks(s, handle), 0);
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 0);
    return handle;
}

uint32_t sim_hello(struct sim *s, uint32_t pid, uint32_t ppid, bool started)
{
    struct ksim_hello m = {.head = head(s, KSIM_HELLO, pid, pid + 1),
                           .ppid = ppid,
                           .creator_tid = ppid + 1,
                           .session = 1,
                           .flags = started ? KSIM_HELLO_STARTED : 0};
    uint32_t size = sizeof m;
    m.image = put_text(s, &size, "C:\\x\\prog.exe");
    m.command = put_text(s, &size, "prog.exe /a");
    struct ksim_module module = {.base = FRAME_BASE, .size = 0x10000, .timestamp = 0x5f000000, .checksum = 77};
    module.path = put_text(s, &size, "C:\\x\\prog.exe");
    m.modules = put(s, &size, &module, sizeof module);
    const struct ksim_thread threads[2] = {{.tid = pid + 1, .start_address = FRAME_BASE + 16}, {.tid = pid + 2}};
    m.threads = put(s, &size, threads, sizeof threads);
    return send_fixed(s, &m, sizeof m, size);
}

uint32_t sim_create(struct sim *s, uint32_t pid, uint32_t tid, const char *type, uint32_t handle, const char *name,
                    uint64_t key)
{
    struct ksim_handle_create m = {.head = head(s, KSIM_HANDLE_CREATE, pid, tid), .owner_pid = pid};
    uint32_t size = sizeof m;
    m.entry.handle = handle;
    m.entry.key = key;
    m.entry.type = put_text(s, &size, type);
    m.entry.name = put_text(s, &size, name);
    m.frames = put_frames(s, &size);
    return send_fixed(s, &m, sizeof m, size);
}

static uint32_t close_message(struct sim *s, uint32_t kind, uint32_t owner, uint32_t tid, uint32_t handle,
                              uint32_t status)
{
    struct ksim_handle_close m = {
        .head = head(s, kind, owner, tid), .owner_pid = owner, .handle = handle, .status = status};
    uint32_t size = sizeof m;
    m.frames = put_frames(s, &size);
    return send_fixed(s, &m, sizeof m, size);
}

uint32_t sim_close(struct sim *s, uint32_t owner, uint32_t tid, uint32_t handle)
{
    return close_message(s, KSIM_HANDLE_CLOSE, owner, tid, handle, 0);
}

uint32_t sim_closed(struct sim *s, uint32_t owner, uint32_t tid, uint32_t handle, uint32_t status)
{
    return close_message(s, KSIM_HANDLE_CLOSED, owner, tid, handle, status);
}

uint32_t sim_duplicate(struct sim *s, uint32_t actor, uint32_t source_pid, uint32_t source, uint32_t target_pid,
                       uint32_t target, bool close_source)
{
    struct ksim_handle_duplicate m = {.head = head(s, KSIM_HANDLE_DUPLICATE, actor, actor + 1),
                                      .source_pid = source_pid,
                                      .source_handle = source,
                                      .target_pid = target_pid,
                                      .options = close_source ? KSIM_DUPLICATE_CLOSE_SOURCE : 0};
    uint32_t size = sizeof m;
    m.entry.handle = target;
    m.frames = put_frames(s, &size);
    return send_fixed(s, &m, sizeof m, size);
}

uint32_t sim_exit(struct sim *s, uint32_t pid, uint32_t tid)
{
    const struct ksim_process_exit m = {.head = head(s, KSIM_PROCESS_EXIT, pid, tid), .exit_status = 3};
    return send_fixed(s, &m, sizeof m, sizeof m);
}

uint32_t sim_table(struct sim *s, uint32_t pid, const char *type, uint32_t handle)
{
    struct ksim_handles m = {.head = head(s, KSIM_HANDLES, pid, pid + 1)};
    struct ksim_handle_entry e = {.handle = handle};
    uint32_t size = sizeof m;
    e.type = put_text(s, &size, type);
    m.entries = put(s, &size, &e, sizeof e);
    return send_fixed(s, &m, sizeof m, size);
}

uint32_t sim_truth(struct sim *s, uint32_t pid, const char *type, const char *key)
{
    const char *text = sim_control_text(s, "truth");
    char row[64];
    char name[64];
    snprintf(row, sizeof row, "{\"pid\":%u,", pid);
    snprintf(name, sizeof name, ",\"type\":\"%s\",", type);
    for (const char *at = strstr(text, row); at; at = strstr(at + 1, row)) {
        const char *end = strchr(at, '}');
        const char *t = strstr(at, name);
        char wanted[64];
        snprintf(wanted, sizeof wanted, "\"%s\":", key);
        const char *value = strstr(at, wanted);
        if (end && t && t < end && value && value < end) {
            return (uint32_t)strtoul(value + strlen(wanted), NULL, 10);
        }
    }
    return UINT32_MAX;
}
