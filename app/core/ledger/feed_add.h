/* The usual records' short way into a block. */
#ifndef HR_LEDGER_FEED_ADD_H
#define HR_LEDGER_FEED_ADD_H

#include "core/etl/hooks.h"
#include "core/ledger/feed.h"
#include "core/ledger/stack_hash.h"

/* What a record that is kept as it stands needs beside its payload: itself, its provider and alignment of the three. */
#define FEED_PROVIDER  16u
#define FEED_ALIGN     16u
#define FEED_KEEP_ROOM (sizeof(struct etl_record) + FEED_PROVIDER + FEED_ALIGN + FEED_ALIGN + FEED_ALIGN)

/* For the record's item, whatever that will be. */
static inline bool feed_has_room(const struct feed_block *b, const struct etl_record *r)
{
    return b->count != FEED_ITEMS && (uint64_t)b->filled + r->payload_size <= FEED_BYTES - FEED_KEEP_ROOM;
}

/* Remembers whether the item added last is an event that is later than all before. */
static inline void feed_note_time(struct feed *f, int64_t time, bool event)
{
    int64_t latest = f->latest;
    f->alone = time > latest && event;
    f->latest = time > latest ? time : latest;
}

/* A stack that follows such an event and has its time and thread is its. */
static inline void feed_note_stack(const struct feed_block *b, struct feed *f, union feed_item *item)
{
    struct delayed *e = f->alone && b->count ? &item[-1].handle : NULL;
    if (e && e->time == item->stack.part.time && e->tid == item->stack.tid && !e->ids_unknown)
        e->stack_next = true;
    f->alone = false;
}

/* Nearly all records of a trace are creates, closes and stacks of a 64-bit system: those have all their fields at fixed
 * places and need one look at their length. They become the same items as by feed_item. */
#define FEED_PLAIN_HANDLE 14u /* object, handle, type */
#define FEED_PLAIN_STACK  16u /* time, process, thread; frames follow */

static inline bool feed_is_plain(const struct etl_record *r, size_t size)
{
    return r->kind == ETL_KERNEL && r->pointer_size == 8 && r->payload_size >= size;
}

/* A create or a close: the lowest bit of the hook says which. */
static inline void feed_plain_handle(const struct etl_record *r, struct delayed *out)
{
    const uint8_t *p = r->payload;
    out->kind = r->hook & 1 ? DELAYED_CLOSE : DELAYED_CREATE;
    out->ids_unknown = r->tid == ETL_UNKNOWN_ID;
    out->actor_in_header = r->header_type == ETL_SYSTEM32 || r->header_type == ETL_SYSTEM64;
    out->source_unknown = false;
    out->complete = false;
    out->stack_next = false;
    out->type = le16(p + 12);
    out->processor = r->processor;
    out->time = r->time;
    out->object = le64(p);
    out->name = NULL;
    out->process = r->pid;
    out->actor = r->pid;
    out->handle = le32(p + 8) & ~3u;
    out->tid = r->tid;
    out->stack = 0;
    out->source_process = r->pid;
    out->source_handle = 0;
}

/* Its frames are those in the record; without the hash. */
static inline void feed_plain_stack(const struct etl_record *r, struct feed_stack *out)
{
    const uint8_t *p = r->payload;
    out->kind = FEED_STACK;
    out->processor = r->processor;
    out->pid = le32(p + 8);
    out->tid = le32(p + 12);
    out->part.by_key = false;
    out->part.user_part = false;
    out->part.pointer_size = 8;
    out->part.frame_count = (uint16_t)((r->payload_size - FEED_PLAIN_STACK) / 8); /* a record is shorter than 64 KB */
    out->part.time = (int64_t)le64(p);
    out->part.frames = p + FEED_PLAIN_STACK;
}

/* Of the part's frames, which are `count`, only the outline stays. */
static inline void feed_outline(struct stack_part *part, size_t count)
{
    size_t at = count < STACK_FRAMES_MAX ? count : STACK_FRAMES_MAX;
    part->frame_count = part->by_key;
    /* Outermost first: user code is there. */
    while (at-- > 0 && !part->user_part) {
        uint64_t address = le_pointer(part->frames + at * part->pointer_size, part->pointer_size);
        part->frame_count |= address != 0;
        part->user_part = address && !stack_is_kernel(address, part->pointer_size);
    }
    part->frames = NULL;
}

/* Moves the frames of a plain stack into the block. */
static inline void feed_keep_frames(struct feed_block *b, struct stack_part *part)
{
    size_t size = (size_t)part->frame_count * 8;
    uint8_t *to = b->bytes + b->filled;
    b->filled += size;
    stack_hash_copy(part->frames, size, to, part->hash);
    part->frames = to;
}

/* As feed_block_add_any. */
static inline enum feed_result feed_block_add(struct feed_block *b, struct feed *f, const struct etl_record *r)
{
    union feed_item *item = &b->items[b->count];
    if (r->hook == HOOK_STACK && feed_is_plain(r, FEED_PLAIN_STACK)) {
        if (!feed_has_room(b, r))
            return FEED_FULL;
        feed_plain_stack(r, &item->stack);
        feed_note_stack(b, f, item);
        b->count++;
        if (f->no_frames)
            feed_outline(&item->stack.part, item->stack.part.frame_count);
        else
            feed_keep_frames(b, &item->stack.part);
        return FEED_ITEM;
    }
    if ((r->hook & ~1u) == HOOK_CREATE_HANDLE && feed_is_plain(r, FEED_PLAIN_HANDLE) && !f->names &&
        b->count != FEED_ITEMS) {
        feed_plain_handle(r, &item->handle);
        feed_note_time(f, r->time, true);
        b->count++;
        return FEED_ITEM;
    }
    return feed_block_add_any(b, f, r);
}

#endif
