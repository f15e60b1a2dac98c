/* The handle types a person may pick: those of the running system, or the known ones. Pure. */
#ifndef HR_RECORD_TYPE_PICK_H
#define HR_RECORD_TYPE_PICK_H

#include "core/census/watcher.h"

/* How many types share `tag`; `first` (SYS_TYPE_NAME_MAX bytes) is the name of one of them, empty when there is none.
 */
unsigned type_pick_of_tag(uint32_t tag, const struct snapshot *counts, char first[SYS_TYPE_NAME_MAX]);

/* Calls `each` for every type: the usual suspects first, then the others by tag and name. `counts` may be NULL. Stops
 * when `each` returns false. */
void type_pick_each(const struct snapshot *counts, bool (*each)(void *ctx, const char *name, uint32_t tag), void *ctx);

#endif
