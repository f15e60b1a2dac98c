/* When a recording stops and saves by itself: which of a profile's stop rules holds now. Pure, any thread. */
#ifndef HR_RECORD_STOP_RULES_H
#define HR_RECORD_STOP_RULES_H

#include "core/census/watcher.h"
#include "core/profile/problem.h"

/* What the rules look at. What is not known lets no rule fire. */
struct stop_facts {
    double recording_s;
    bool written_known; /* not for a ring: it writes nothing */
    uint64_t written_bytes;
    bool disk_known;
    uint64_t disk_free;            /* bytes, where the parts are written */
    const struct snapshot *counts; /* borrowed; NULL: none yet */
};

/* The rule that fired, with what its sentence needs (profile_text.h: stop_fired_text). */
struct stop_fired {
    enum profile_rule rule;
    uint64_t limit; /* seconds, bytes, handles, or handles a minute: what the rule says */
    uint64_t value; /* what there is */
    uint32_t pid;   /* of PROFILE_RULE_HOLD */
    char process[SYS_PROCESS_NAME_MAX];
    char type[PROFILE_TYPE_MAX]; /* as the system writes it; empty: handles of all types */
};

/* The first rule that holds, in the order of enum profile_rule. False: none does, *out is untouched. */
bool stop_rules_fire(const struct profile_stop *rules, const struct stop_facts *f, struct stop_fired *out);

bool stop_rules_any(const struct profile_stop *rules);
/* One of the rules looks at handle counts, so the recording needs `counts`. */
bool stop_rules_need_counts(const struct profile_stop *rules);

/* Sets one rule from its form on a command line: "app.exe:Event>5000" (also "4711:Event>5000", "*:Event>5000"; the
 * type may be empty or * for all types), "Event>5000" (any one process) or "Event>500/min". ERR_ARGUMENT says what is
 * wrong with it. */
bool stop_rules_parse(const char *s, struct profile_stop *rules, struct err *err);

/* The same forms, one rule: PROFILE_RULE_HOLD or PROFILE_RULE_GROW. Appends; nothing when it is not set. */
struct text;
void stop_rules_print(const struct profile_stop *rules, enum profile_rule rule, struct text *out);

#endif
