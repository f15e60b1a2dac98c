/* Decodes payloads through a reader that never goes past the end. */
#include "core/etl/handle_events.h"

#include "core/etl/bytes.h"
#include "core/etl/hooks.h"

#include <string.h>

/* Goes through a payload; once something did not fit `ok` stays false and everything reads as 0. */
struct payload {
    const uint8_t *at;
    size_t left;
    uint8_t pointer_size;
    bool ok;
};

static struct payload payload_of(const struct etl_record *r)
{
    return (struct payload){r->payload, r->payload_size, r->pointer_size, true};
}

static const uint8_t *take(struct payload *p, size_t n)
{
    static const uint8_t zero[8];
    if (!p->ok || n > p->left) {
        p->ok = false;
        return zero;
    }
    const uint8_t *at = p->at;
    p->at += n;
    p->left -= n;
    return at;
}

static uint16_t take16(struct payload *p)
{
    return le16(take(p, 2));
}

static uint32_t take32(struct payload *p)
{
    return le32(take(p, 4));
}

static uint64_t take_pointer(struct payload *p)
{
    return le_pointer(take(p, p->pointer_size), p->pointer_size);
}

/* Skips, and never hands out the skipped bytes. */
static void skip(struct payload *p, size_t n)
{
    if (!p->ok || n > p->left) {
        p->ok = false;
        return;
    }
    p->at += n;
    p->left -= n;
}

/* A name runs to its NUL, or to the payload's end when there is none: names are hints, so that is no failure. */
static struct etl_name take_name(struct payload *p)
{
    struct etl_name name = {p->at, 0};
    size_t room = p->ok ? p->left / 2 : 0;
    while (name.units < room && le16(p->at + 2 * name.units))
        name.units++;
    skip(p, p->ok ? 2 * (name.units < room ? name.units + 1 : room) : 0);
    return name;
}

bool etl_is_handle_change(const struct etl_record *r)
{
    return r->kind == ETL_KERNEL &&
           (r->hook == HOOK_CREATE_HANDLE || r->hook == HOOK_CLOSE_HANDLE || r->hook == HOOK_DUPLICATE_HANDLE);
}

bool etl_handle_event(const struct etl_record *r, struct etl_handle_event *out)
{
    if (r->kind != ETL_KERNEL)
        return false;
    struct payload p = payload_of(r);
    struct etl_handle_event e = {.pid = r->pid, .tid = r->tid, .source_pid = ETL_UNKNOWN_ID};
    switch (r->hook) {
    case HOOK_CREATE_HANDLE:
    case HOOK_CLOSE_HANDLE:
        e.action = r->hook == HOOK_CREATE_HANDLE ? ETL_HANDLE_CREATE : ETL_HANDLE_CLOSE;
        e.object = take_pointer(&p);
        e.handle = take32(&p);
        e.type = take16(&p);
        if (r->hook == HOOK_CLOSE_HANDLE)
            e.name = take_name(&p);
        break;
    case HOOK_DUPLICATE_HANDLE:
        e.action = ETL_HANDLE_DUPLICATE;
        e.object = take_pointer(&p);
        e.source_handle = take32(&p);
        e.handle = take32(&p);
        e.pid = take32(&p);
        e.type = take16(&p);
        if (r->version >= 3 && p.left >= 4)
            e.source_pid = take32(&p);
        break;
    case HOOK_HANDLE_DCSTART:
    case HOOK_HANDLE_DCEND:
        e.action = ETL_HANDLE_LISTED;
        e.object = take_pointer(&p);
        e.pid = take32(&p);
        e.handle = take32(&p);
        e.type = take16(&p);
        e.name = take_name(&p);
        /* Written by whichever thread stops the recording: nobody's doing. */
        e.tid = ETL_UNKNOWN_ID;
        break;
    default:
        return false;
    }
    if (p.ok)
        *out = e;
    return p.ok;
}

bool etl_type_event(const struct etl_record *r, struct etl_type_event *out)
{
    if (r->kind != ETL_KERNEL || (r->hook != HOOK_TYPE_DCSTART && r->hook != HOOK_TYPE_DCEND))
        return false;
    struct payload p = payload_of(r);
    struct etl_type_event e = {.type = take16(&p)};
    skip(&p, 2);
    e.name = take_name(&p);
    if (p.ok)
        *out = e;
    return p.ok;
}

struct life_row {
    uint16_t hook;
    enum etl_life life;
};

static bool find_life(const struct life_row *rows, size_t count, const struct etl_record *r, enum etl_life *life)
{
    if (r->kind != ETL_KERNEL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (rows[i].hook == r->hook) {
            *life = rows[i].life;
            return true;
        }
    return false;
}

bool etl_image_event(const struct etl_record *r, struct etl_image_event *out)
{
    static const struct life_row rows[] = {{HOOK_IMAGE_LOAD, ETL_LIFE_START},
                                           {HOOK_IMAGE_UNLOAD, ETL_LIFE_END},
                                           {HOOK_IMAGE_DCSTART, ETL_LIFE_DCSTART},
                                           {HOOK_IMAGE_DCEND, ETL_LIFE_DCEND}};
    struct etl_image_event e = {.pid = ETL_UNKNOWN_ID};
    if (!find_life(rows, sizeof rows / sizeof rows[0], r, &e.life))
        return false;
    struct payload p = payload_of(r);
    e.base = take_pointer(&p);
    e.size = take_pointer(&p);
    if (r->version >= 1)
        e.pid = take32(&p);
    if (r->version >= 2) {
        e.checksum = take32(&p);
        e.timestamp = take32(&p);
        skip(&p, 4u + p.pointer_size + 16u); /* signature level and type, default base, reserved */
    }
    e.name = take_name(&p);
    if (p.ok)
        *out = e;
    return p.ok;
}

/* No SID is 4 bytes of zero; else two pointers' worth of TOKEN_USER and the SID itself. */
static void skip_sid(struct payload *p)
{
    if (p->left < 4 || !p->ok) {
        p->ok = false;
        return;
    }
    if (le32(p->at) == 0) {
        skip(p, 4);
        return;
    }
    skip(p, 2 * (size_t)p->pointer_size);
    if (!p->ok || p->left < 8) {
        p->ok = false;
        return;
    }
    skip(p, 8 + 4 * (size_t)p->at[1]);
}

bool etl_process_event(const struct etl_record *r, struct etl_process_event *out)
{
    static const struct life_row rows[] = {{HOOK_PROCESS_START, ETL_LIFE_START},
                                           {HOOK_PROCESS_END, ETL_LIFE_END},
                                           {HOOK_PROCESS_DCSTART, ETL_LIFE_DCSTART},
                                           {HOOK_PROCESS_DCEND, ETL_LIFE_DCEND},
                                           {HOOK_PROCESS_DEFUNCT, ETL_LIFE_DEFUNCT}};
    struct etl_process_event e = {0};
    if (!find_life(rows, sizeof rows / sizeof rows[0], r, &e.life))
        return false;
    struct payload p = payload_of(r);
    uint64_t first = take_pointer(&p); /* version 1 has the page directory here */
    e.key = r->version >= 2 ? first : 0;
    e.pid = take32(&p);
    e.parent_pid = take32(&p);
    e.session = take32(&p);
    e.exit_status = take32(&p);
    if (r->version >= 3)
        skip(&p, p.pointer_size); /* page directory */
    if (r->version >= 4)
        skip(&p, 4); /* flags */
    skip_sid(&p);
    if (!p.ok)
        return false;
    e.image = p.at;
    const uint8_t *end = p.left ? memchr(p.at, 0, p.left) : NULL;
    e.image_size = end ? (size_t)(end - p.at) : p.left;
    skip(&p, end ? e.image_size + 1 : e.image_size);
    if (r->version >= 2)
        e.command = take_name(&p);
    *out = e;
    return true;
}

bool etl_stack_event(const struct etl_record *r, struct etl_stack_event *out)
{
    if (r->kind != ETL_KERNEL)
        return false;
    bool by_key = r->hook == HOOK_STACK_KEY_KERNEL || r->hook == HOOK_STACK_KEY_USER;
    if (!by_key && r->hook != HOOK_STACK)
        return false;
    struct payload p = payload_of(r);
    struct etl_stack_event e = {
        .by_key = by_key, .user_part = r->hook == HOOK_STACK_KEY_USER, .pointer_size = r->pointer_size};
    e.time = (int64_t)le64(take(&p, 8));
    e.pid = take32(&p);
    e.tid = take32(&p);
    if (by_key) {
        e.key = take_pointer(&p);
    } else {
        e.frames = p.at;
        e.frame_count = p.left / p.pointer_size;
    }
    if (p.ok)
        *out = e;
    return p.ok;
}

bool etl_stack_key_event(const struct etl_record *r, struct etl_stack_key_event *out)
{
    if (r->kind != ETL_KERNEL || (r->hook != HOOK_STACK_KEY_DELETE && r->hook != HOOK_STACK_KEY_RUNDOWN))
        return false;
    struct payload p = payload_of(r);
    struct etl_stack_key_event e = {.pointer_size = r->pointer_size};
    e.key = take_pointer(&p);
    e.frames = p.at;
    e.frame_count = p.left / p.pointer_size;
    if (p.ok)
        *out = e;
    return p.ok;
}

uint64_t etl_frame(const uint8_t *frames, uint8_t pointer_size, size_t i)
{
    return le_pointer(frames + i * pointer_size, pointer_size);
}
