/* How long a ring holds: what each type's events and stacks cost, measured from a recording, and what that makes of a
 * filter and stack switches. Nothing is guessed: what was not measured is not known. One thread a counter. */
#ifndef HR_RECORD_SPAN_H
#define HR_RECORD_SPAN_H

#include "core/etl/record.h"
#include "core/profile/profile.h"

#define SPAN_TYPES   256 /* the kernel's table of object types has no more */
#define SPAN_TAGS    128 /* different tags among them; more go together as "other types" */
#define SPAN_PENDING 8192

enum span_action { SPAN_CREATE, SPAN_CLOSE, SPAN_DUPLICATE, SPAN_ACTIONS };

/* Bytes are those in a buffer, with headers and padding. */
struct span_cost {
    uint64_t events;
    uint64_t event_bytes;
    uint64_t stacks;
    uint64_t stack_bytes;
};

struct span_tag {
    uint32_t tag; /* 0: types whose name the recording does not tell */
    struct span_cost cost[SPAN_ACTIONS];
};

/* What was measured. A plain value; all zero: nothing yet. */
struct span_rates {
    double seconds;                    /* of recording; 0: not measured */
    uint32_t filter[PROFILE_MAX_TAGS]; /* what was recorded: these tags only */
    unsigned filter_count;             /* 0: all types */
    unsigned stacks;                   /* PROFILE_STACK_* that were recorded */
    uint64_t other_bytes;              /* processes, threads, images and their stacks: recorded always */
    struct span_tag tags[SPAN_TAGS];   /* most bytes first */
    unsigned tag_count;
};

/* --- measuring: feed every record of a recording, in any order --- */

#define SPAN_LEAST_SECONDS 10 /* of recording; less is nothing to go by */

struct span_counter;

bool span_counter_create(struct span_counter **out, struct err *err);
void span_counter_free(struct span_counter *c); /* NULL is fine */
void span_counter_feed(struct span_counter *c, const struct etl_record *r);
/* The times between which events were recorded come from the records themselves, `ticks` a second; `recorded`: the
 * filter and the stacks that were in force. False: too short (SPAN_LEAST_SECONDS) or no handle event; *out is
 * untouched. */
bool span_counter_finish(const struct span_counter *c, double ticks, const struct profile *recorded,
                         struct span_rates *out);

/* --- what that makes of a profile --- */

/* Room of the stated storage: a ring's memory (a share of the machine's where the profile says one), the size of a
 * circular or limited file. 0: no limit, or a share of a memory that is not known. */
uint64_t span_storage_bytes(const struct profile *p, uint64_t memory_bytes);

struct span {
    double seconds;           /* that the storage holds; for a file without a limit: 0 */
    double events_per_minute; /* handle events */
    double bytes_per_second;
};

/* The stated storage of `p` with its filter and stacks; `memory_bytes` of the machine. False: not measured, because
 * nothing was, or not these types, or a stack is asked for and no stack was recorded. A stack switch that was off is
 * taken at the average stack that was recorded of its type, else of all. */
bool span_estimate(const struct span_rates *r, const struct profile *p, uint64_t memory_bytes, struct span *out);

/* What a stack switch (one PROFILE_STACK_* bit) makes of it: its share of the data when it is on, and the spans without
 * and with it. False as above. */
struct span_switch {
    double share; /* 0..1 */
    double without_s;
    double with_s;
};
bool span_of_switch(const struct span_rates *r, const struct profile *p, unsigned stack, uint64_t memory_bytes,
                    struct span_switch *out);

/* --- kept from one start to the next --- */

struct text;
void span_rates_print(const struct span_rates *r, struct text *out);
/* False: not what span_rates_print writes; *out is untouched. */
bool span_rates_parse(const char *s, size_t size, struct span_rates *out);

/* In a file, whole or not at all; its folder is made. */
bool span_rates_save(const struct span_rates *r, const char *file, struct err *err);
/* False: there is none, or it is not such a file; *out is untouched. */
bool span_rates_load(const char *file, struct span_rates *out);

#endif
