/* Where profiles come from: those that ship beside the program (profiles\*.wprp) and the user's own. Any thread. */
#ifndef HR_WIN_PROFILE_STORE_H
#define HR_WIN_PROFILE_STORE_H

#include "core/profile/profile.h"

#define PROFILE_STORE_MAX  256
#define PROFILE_STORE_PATH 1024

struct profile_entry {
    char path[PROFILE_STORE_PATH];
    char name[PROFILE_NAME_MAX]; /* unique in the list, whatever case; of two with one name the second gets its file's
                                    name added: "Event (Event2.wprp)" */
    bool shipped;
    bool readable; /* `profile` holds it; else `why` says what is wrong */
    struct profile profile;
    struct err why;
};

/* The list, shipped ones first, each group by name; the default profile's file (HandlesAll) leads. Folders that do not
 * exist are empty. The caller frees *out with profile_store_free. */
bool profile_store_list(struct profile_entry **out, size_t *count, struct err *err);
void profile_store_free(struct profile_entry *entries); /* NULL is fine */

/* The folders, UTF-8, without a trailing backslash. The user's need not exist. */
bool profile_store_shipped_dir(char out[PROFILE_STORE_PATH], struct err *err);
bool profile_store_user_dir(char out[PROFILE_STORE_PATH], struct err *err);

/* One profile by its name or its file's without .wprp (whatever case) or, when `name` ends in .wprp or has a folder in
 * it, by path. */
bool profile_store_find(const char *name, struct profile *out, struct err *err);

/* The same list over folders of the caller's: for tests, and what the functions above are made of. `user` may be NULL.
 */
bool profile_store_list_in(const char *shipped, const char *user, struct profile_entry **out, size_t *count,
                           struct err *err);

#endif
