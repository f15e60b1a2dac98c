/* What is said about a profile: problems below their fields, how long it holds, why a recording stopped by itself.
 * Pure, any thread. Texts come from the locale (profile_words.h). */
#ifndef HR_RECORD_PROFILE_TEXT_H
#define HR_RECORD_PROFILE_TEXT_H

#include "core/profile/problem.h"
#include "core/record/profile_words.h"
#include "core/record/span.h"
#include "core/record/stop_rules.h"
#include "core/record/view_text.h"

/* "Enter 64 to 16,384 KB." */
void profile_problem_text(const struct profile_problem *p, const struct view_locale *l, char *out, size_t size);

/* "40 s", "47 min", "3 h 20 min", "2 days 4 h". */
void profile_duration_text(double seconds, const struct view_locale *l, char *out, size_t size);

/* "Holds about 47 min (measured: 2,310 events/min)", or how fast a file without a limit grows. False: not measured
 * (`r` NULL, or not what `p` asks for), "Known 10 s after Record." */
bool profile_span_text(const struct span_rates *r, const struct profile *p, uint64_t memory_bytes,
                       const struct view_locale *l, char *out, size_t size);

/* Beside a stack switch: "36% of the data: 47 min → 31 min"; `s` NULL: "30-40% of the data" for close stacks, which is
 * what they usually are, and nothing for others. */
void profile_switch_text(const struct span_switch *s, unsigned stack, const struct view_locale *l, char *out,
                         size_t size);

/* "app.exe holds more than 5,000 Event handles." `drive`: where the parts are, "D:". */
void stop_fired_text(const struct stop_fired *f, const char *drive, const struct view_locale *l, char *out,
                     size_t size);

#endif
