/* Fills blocks of a feed in a thread of its own, a few ahead of who uses them. Used by one thread. */
#ifndef HR_LEDGER_AHEAD_H
#define HR_LEDGER_AHEAD_H

#include "core/base/thread.h"
#include "core/ledger/feed.h"

struct ahead;

/* `fill` gets empty blocks, sets `last` in the one after which nothing follows, and is not called again after that. It
 * runs in the thread where one was wanted and could be had, else within ahead_next; what it does with `ctx` is to be
 * looked at after ahead_end, or once the last block has come. */
bool ahead_begin(void (*fill)(void *ctx, struct feed_block *b), void *ctx, bool thread, struct ahead **out,
                 struct err *err);
/* The next block, valid until the next call; NULL after the last. */
struct feed_block *ahead_next(struct ahead *a);
/* Ends the thread after the block that it is at, and frees. NULL is fine. */
void ahead_end(struct ahead *a);

#endif
