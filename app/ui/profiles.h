/* The profiles to pick from: those that ship, this user's own, and one given on the command line. Thread: the window's.
 */
#ifndef HR_UI_PROFILES_H
#define HR_UI_PROFILES_H

#include "ui/options.h"

#include "win/profile_store.h"

struct profiles {
    struct profile_entry *found;
    struct profile_entry *extra; /* the built-in one when nothing was found, or the one on the command line */
    size_t *shown;               /* places in `found`, for the readable ones */
    size_t count;                /* to pick from: all `shown`, and `extra` last */
    size_t picked;
};

/* One that cannot be read is left out, except the one on the command line, which fails. `out` is the picked one with
 * what else the command line says; *changed: it differs from the file. */
bool profiles_load(struct profiles *p, const struct options *o, struct profile *out, bool *changed, struct err *err);
void profiles_free(struct profiles *p); /* all zero is fine */

const char *profiles_name(const struct profiles *p, size_t which);
void profiles_pick(struct profiles *p, size_t which, struct profile *out);

/* Lists them anew, after a file was written or deleted, and picks the one at `path`; NULL, or one that is not there any
 * more: the one that was picked, else the first. Fails with everything as it was. */
bool profiles_reload(struct profiles *p, const char *path, struct err *err);

/* The picked one: its name, where it lies, whether it ships. */
const struct profile_entry *profiles_picked(const struct profiles *p);
/* It lies in a file that is the user's, and can be deleted. */
bool profiles_own(const struct profiles *p);

/* Where the picked one came from; NULL: built in. */
const char *profiles_file(const struct profiles *p);

#endif
