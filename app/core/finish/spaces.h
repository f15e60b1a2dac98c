/* The processes and their modules as they are at a moment of a recording, each with the record that told of it: so that
 * those which some stack needs can be taken over. One thread.
 *
 * Memory: the processes and modules that are there; of those that ended or were unloaded the last ones, because parts
 * of stacks come late. */
#ifndef HR_FINISH_SPACES_H
#define HR_FINISH_SPACES_H

#include "core/etl/handle_events.h"
#include "core/finish/kept.h"

struct spaces;

/* What is needed goes to `wanted`. `second`: ticks. False for want of memory, as everywhere here. */
bool spaces_open(struct kept_list *wanted, int64_t second, struct spaces **out);
void spaces_close(struct spaces *s); /* NULL is fine */

/* Takes every record in order; others than of processes, modules and their identities are passed over. */
bool spaces_feed(struct spaces *s, const struct etl_record *r, uint64_t number);

/* Somebody needs to know the process that has `pid` at `time`; unknown ids are fine. */
bool spaces_need_process(struct spaces *s, uint32_t pid, int64_t time);
/* Somebody needs the module that had `address` at `time` (not much earlier than the last record). One that is not known
 * is taken when it is told later. */
bool spaces_need_module(struct spaces *s, uint32_t pid, bool kernel, uint64_t address, int64_t time);

#endif
