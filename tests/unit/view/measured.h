/* What a recording was measured to cost, for tests of what is said about that. Include it once a program. */
#ifndef HR_TEST_MEASURED_H
#define HR_TEST_MEASURED_H

#include "core/record/span.h"

/* One minute of Event: 512 MB of it are 47 minutes. */
static const struct span_rates *measured(void)
{
    static struct span_rates r = {
        .seconds = 60, .stacks = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE, .tag_count = 1};
    r.tags[0].tag = profile_tag("Event");
    r.tags[0].cost[SPAN_CREATE] =
        (struct span_cost){.events = 2310, .event_bytes = 1422000, .stacks = 2310, .stack_bytes = 10000000};
    return &r;
}

#endif
