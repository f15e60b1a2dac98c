/* Takes records apart into items, and keeps items in blocks. */
#include "core/ledger/feed.h"

#include "core/etl/image_identity.h"
#include "core/ledger/feed_add.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(union feed_item) == 64, "an item is a line of the processor's cache");

/* Groups of hooks. */
enum { GROUP_PROCESS = 0x03, GROUP_OBJECT = 0x11, GROUP_IMAGE = 0x14, GROUP_STACK = 0x18 };

static bool copy_name(struct feed *f, const struct etl_name *name, char **out)
{
    *out = NULL;
    if (!name->units)
        return true;
    text_clear(&f->scratch);
    f->scratch.failed = false;
    text_add_utf16le(&f->scratch, name->bytes, name->units, true);
    *out = f->scratch.failed ? NULL : text_copy(text_str(&f->scratch));
    return *out != NULL;
}

static enum feed_result handle_item(struct feed *f, const struct etl_record *r, const struct etl_handle_event *e,
                                    struct delayed *out)
{
    static const uint8_t kinds[] = {[ETL_HANDLE_CREATE] = DELAYED_CREATE,
                                    [ETL_HANDLE_CLOSE] = DELAYED_CLOSE,
                                    [ETL_HANDLE_DUPLICATE] = DELAYED_DUPLICATE,
                                    [ETL_HANDLE_LISTED] = DELAYED_LISTED};
    /* Old systems do not say whose a duplicate's source was: the thread's that asked, most likely. */
    uint32_t source = e->source_pid == ETL_UNKNOWN_ID ? r->pid : e->source_pid;
    *out = (struct delayed){.kind = kinds[e->action],
                            .ids_unknown = r->tid == ETL_UNKNOWN_ID && e->action != ETL_HANDLE_LISTED,
                            .actor_in_header = r->header_type == ETL_SYSTEM32 || r->header_type == ETL_SYSTEM64,
                            .source_unknown = e->action == ETL_HANDLE_DUPLICATE && source == ETL_UNKNOWN_ID,
                            .type = e->type,
                            .time = r->time,
                            .object = e->object,
                            .process = e->pid,
                            .actor = r->pid,
                            /* The two lowest bits are the program's to use. */
                            .handle = e->handle & ~3u,
                            .tid = e->tid,
                            .source_process = source,
                            .source_handle = e->source_handle & ~3u,
                            .processor = r->processor};
    bool named = e->action == ETL_HANDLE_LISTED || f->names;
    return !named || copy_name(f, &e->name, &out->name) ? FEED_ITEM : FEED_NO_MEMORY;
}

static void stack_item(const struct feed *f, const struct etl_record *r, const struct etl_stack_event *e,
                       struct feed_stack *out)
{
    *out = (struct feed_stack){.kind = FEED_STACK,
                               .processor = r->processor,
                               .pid = e->pid,
                               .tid = e->tid,
                               .part = {.time = e->time,
                                        .by_key = e->by_key,
                                        .user_part = e->user_part,
                                        .pointer_size = e->pointer_size,
                                        /* A record is shorter than 64 KB. */
                                        .frame_count = (uint16_t)e->frame_count,
                                        .key = e->key,
                                        .frames = e->frames}};
    if (f->no_frames)
        feed_outline(&out->part, e->frame_count);
    else if (!e->by_key)
        stack_cache_hash(e->frames, e->frame_count, e->pointer_size, out->part.hash);
}

enum feed_result feed_item(struct feed *f, const struct etl_record *r, union feed_item *out)
{
    struct etl_handle_event handle;
    struct etl_stack_event stack;
    unsigned group = r->hook >> 8;
    struct etl_image_identity identity;
    if (r->kind != ETL_KERNEL) {
        out->other = (struct feed_other){FEED_OTHER, r};
        return etl_image_identity(r, &identity) ? FEED_ITEM : FEED_NOTHING;
    }
    if (group == GROUP_OBJECT && etl_handle_event(r, &handle))
        return handle_item(f, r, &handle, &out->handle);
    if (group == GROUP_STACK && etl_stack_event(r, &stack)) {
        stack_item(f, r, &stack, &out->stack);
        return FEED_ITEM;
    }
    if (r->hook == HOOK_MARK && f->marks) {
        out->other = (struct feed_other){FEED_MARK, r};
        return FEED_ITEM;
    }
    if (group != GROUP_PROCESS && group != GROUP_OBJECT && group != GROUP_IMAGE && group != GROUP_STACK)
        return FEED_NOTHING;
    out->other = (struct feed_other){FEED_OTHER, r};
    return FEED_ITEM;
}

static void *keep(struct feed_block *b, const void *bytes, size_t size)
{
    b->filled = (b->filled + FEED_ALIGN - 1) & ~(size_t)(FEED_ALIGN - 1);
    void *at = memcpy(b->bytes + b->filled, bytes, size);
    b->filled += size;
    return at;
}

static void keep_record(struct feed_block *b, struct feed_other *other)
{
    struct etl_record *r = keep(b, other->record, sizeof *r);
    r->payload = keep(b, r->payload, r->payload_size);
    r->bytes = NULL;
    r->size = 0;
    r->provider = r->provider ? keep(b, r->provider, FEED_PROVIDER) : NULL;
    r->extended = NULL;
    r->extended_size = 0;
    other->record = r;
}

enum feed_result feed_block_add_any(struct feed_block *b, struct feed *f, const struct etl_record *r)
{
    if (!feed_has_room(b, r))
        return FEED_FULL;
    union feed_item *item = &b->items[b->count];
    enum feed_result result = feed_item(f, r, item);
    if (result != FEED_ITEM)
        return result;
    if (item->kind == FEED_STACK) {
        struct stack_part *part = &item->stack.part;
        if (part->frames && part->frame_count)
            part->frames = keep(b, part->frames, (size_t)part->frame_count * part->pointer_size);
        feed_note_stack(b, f, item);
    } else if (item->kind <= DELAYED_LISTED) {
        feed_note_time(f, r->time, item->kind <= DELAYED_DUPLICATE);
    } else {
        keep_record(b, &item->other);
        feed_note_time(f, r->time, false);
        b->marks = b->marks || item->kind == FEED_MARK;
    }
    b->count++;
    return FEED_ITEM;
}

void feed_block_clear(struct feed_block *b)
{
    for (; b->used < b->count; b->used++)
        if (b->items[b->used].kind <= DELAYED_LISTED)
            free(b->items[b->used].handle.name);
    b->count = 0;
    b->used = 0;
    b->records = 0;
    b->marks = false;
    b->filled = 0;
}
