/* What the ledger takes from a trace: records taken apart already, in blocks that a reading thread fills ahead of it.
 * One thread at a time per feed and per block. */
#ifndef HR_LEDGER_FEED_H
#define HR_LEDGER_FEED_H

#include "core/base/text.h"
#include "core/etl/bytes.h"
#include "core/etl/hooks.h"
#include "core/ledger/delay.h"
#include "core/ledger/stacks.h"

/* Kinds of items beside enum delayed_kind, of which an item may be CREATE to LISTED. */
enum feed_kind {
    FEED_STACK = DELAYED_ENDED + 1,
    FEED_OTHER,
    FEED_MARK, /* not for the ledger */
};

struct feed_stack {
    uint8_t kind;
    uint16_t processor;
    uint32_t pid;
    uint32_t tid;
    struct stack_part part;
};

/* What tells of processes, modules, their identities, types and keys, and marks: rare. */
struct feed_other {
    uint8_t kind;
    const struct etl_record *record;
};

/* A line of the processor's cache. */
union feed_item {
    uint8_t kind;          /* each of the others begins with it */
    struct delayed handle; /* processes are pids still; its name is whoever's the item is */
    struct feed_stack stack;
    struct feed_other other;
};

struct feed {
    bool names;          /* the names that closes tell are wanted too */
    bool marks;          /* marks are wanted */
    bool no_frames;      /* of stacks only their outline is wanted */
    bool alone;          /* the item added last is an event, later than all before it */
    int64_t latest;      /* of the times of all added items; 0 or more */
    struct text scratch; /* text_free */
};

enum feed_result {
    FEED_ITEM,
    FEED_NOTHING, /* not for the ledger */
    FEED_FULL,    /* the block has no room for it; an empty one has */
    FEED_NO_MEMORY,
};

/* The item of one record; it leads into the record and what that leads to. */
enum feed_result feed_item(struct feed *f, const struct etl_record *r, union feed_item *out);

#define FEED_ITEMS 1024u
#define FEED_BYTES 0x20000u

struct feed_block {
    union feed_item items[FEED_ITEMS];
    uint32_t count;
    uint32_t used;             /* the next item to be taken: names of those before are no longer the block's */
    uint32_t records;          /* that were read for it, those that left no item too */
    bool marks;                /* some are among the items */
    uint64_t bytes_read;       /* of the files, so far */
    bool last;                 /* nothing follows */
    size_t filled;             /* of bytes */
    uint8_t bytes[FEED_BYTES]; /* what items lead to */
};

/* Whatever the record is; those that feed_is_plain says are stacks. Parts of feed_block_add. */
enum feed_result feed_block_add_any(struct feed_block *b, struct feed *f, const struct etl_record *r);
enum feed_result feed_block_add_stack(struct feed_block *b, struct feed *f, const struct etl_record *r);

/* Nearly all records of a trace are of three kinds, from a 64-bit system: those have all their fields at fixed places
 * and need one look at their length. They become the same items as by feed_item. */
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

/* Remembers whether the item added last is later than all before. */
static inline void feed_note_time(struct feed *f, int64_t time, bool may_have_stack)
{
    int64_t latest = f->latest;
    f->alone = time > latest && may_have_stack;
    f->latest = time > latest ? time : latest;
}

/* Adds the record's item with all that it leads to. An event's `stack_next` says that the next item in the block is (a
 * part of) its stack, and that all items before it are older: nobody needs to search whose stack that is. Without it
 * that may be so too. It holds where all items come from one feed. */
static inline enum feed_result feed_block_add(struct feed_block *b, struct feed *f, const struct etl_record *r)
{
    if (r->hook == HOOK_STACK && feed_is_plain(r, FEED_PLAIN_STACK))
        return feed_block_add_stack(b, f, r);
    if ((r->hook & ~1u) != HOOK_CREATE_HANDLE || !feed_is_plain(r, FEED_PLAIN_HANDLE) || f->names ||
        b->count == FEED_ITEMS)
        return feed_block_add_any(b, f, r);
    feed_plain_handle(r, &b->items[b->count++].handle);
    feed_note_time(f, r->time, true);
    return FEED_ITEM;
}

/* Empties it; frees the names that nobody took. */
void feed_block_clear(struct feed_block *b);

#endif
