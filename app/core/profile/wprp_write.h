/* Writes a profile as a .wprp file: the oldest schema only, so that every wpr.exe takes it; the rest into Comments. */
#ifndef HR_PROFILE_WPRP_WRITE_H
#define HR_PROFILE_WPRP_WRITE_H

#include "core/base/text.h"
#include "core/profile/profile.h"

/* Appends the whole file, UTF-8. One Name with two variants: the one of the profile's storage has its buffers, the
 * other one sensible ones, so that `wpr -start FILE` and `wpr -start FILE -filemode` both work. Reading it gives the
 * same profile, but for `foreign` and `left_out`: those parts are not written. Fails when the profile breaks a rule
 * (profile_check) or memory is short. */
bool wprp_write(const struct profile *p, struct text *out, struct err *err);

/* The Name attribute made from what people call the profile: without blanks and what else wpr.exe takes for something
 * else; never empty. */
void wprp_write_name(const char *name, char out[PROFILE_NAME_MAX]);

/* Takes the sentence about wpr.exe that wprp_write adds off a description again. */
void wprp_strip_note(char *description);

#endif
