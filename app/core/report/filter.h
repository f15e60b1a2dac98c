/* Which lives pass: the part that is decided when a life ends, and the part that needs the whole trace. */
#ifndef HR_REPORT_FILTER_H
#define HR_REPORT_FILTER_H

#include "core/ledger/timeline.h"
#include "core/report/report_options.h"

/* Whether filter_life says no to any life at all. */
bool filter_wants_lives(const struct filter *f);
/* By what the life itself says. */
bool filter_life(const struct filter *f, const struct timeline_facts *facts, const struct ledger_life *life);
/* By how long it was open and how it ended alone. */
bool filter_life_end(const struct filter *f, const struct timeline_facts *facts, const struct ledger_life *life);
/* The type's name, or "type 17" (in `room`) where the trace does not say. */
#define FILTER_TYPE_ROOM 24
const char *filter_type_name(const struct ledger *l, uint16_t type, char room[FILTER_TYPE_ROOM]);
/* By names that the trace may tell at its end, as reports show them: of process and type. */
bool filter_group(const struct filter *f, const struct ledger *l, uint32_t process, uint16_t type);
/* TEXT in a frame; needs names of frames. `texts` are the frames' texts. */
bool filter_frame_texts(const struct filter *f, const char *const *texts, uint32_t count);

#endif
