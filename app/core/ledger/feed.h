/* What the ledger takes from a trace: records taken apart already, in blocks that a reading thread fills ahead of it.
 * One thread at a time per feed and per block. */
#ifndef HR_LEDGER_FEED_H
#define HR_LEDGER_FEED_H

#include "core/base/text.h"
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
    size_t filled;             /* of bytes; see feed_has_room */
    uint8_t bytes[FEED_BYTES]; /* what items lead to */
};

/* Adds the record's item with all that it leads to. An event's `stack_next` says that the next item in the block is (a
 * part of) its stack, and that all items before it are older: nobody needs to search whose stack that is. Without it
 * that may be so too. It holds where all items come from one feed. feed_block_add of feed_add.h does the same faster.
 */
enum feed_result feed_block_add_any(struct feed_block *b, struct feed *f, const struct etl_record *r);
/* Empties it; frees the names that nobody took. */
void feed_block_clear(struct feed_block *b);

#endif
