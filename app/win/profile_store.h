/* Where profiles are: those that ship beside the program (profiles\*.wprp) and the user's own. Any thread. */
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

/* --- the user's own profiles: made, changed, deleted. Those that ship are never written to (ERR_ACCESS). --- */

/* Another entry than the one at `path` (NULL: any) has this name, whatever case. */
bool profile_store_has_name(const struct profile_entry *entries, size_t count, const char *name, const char *path);

/* Writes the profile over the file at `path`, whole or not at all: it is written beside it, read back, then takes its
 * place. `foreign` and what was left out are not part of it. */
bool profile_store_save(const char *path, const struct profile *p, struct err *err);
/* The same as a new file of the user's, named after the profile ("Event.wprp", "Event (2).wprp"): nothing is ever
 * overwritten. *path becomes its place. */
bool profile_store_save_new(const struct profile *p, char path[PROFILE_STORE_PATH], struct err *err);
/* Copies a .wprp file, as it is, to the user's own: it must be readable. `out` is what it holds. */
bool profile_store_import(const char *from, struct profile *out, char path[PROFILE_STORE_PATH], struct err *err);
/* Deletes a file of the user's for good: the caller has asked. */
bool profile_store_delete(const char *path, struct err *err);

/* The file name for a profile of this name, without folder: what a file name cannot hold is left out. */
void profile_store_file_name(const char *name, char out[PROFILE_NAME_MAX + 8]);

/* save_new and import with a folder of the caller's, for tests. */
bool profile_store_save_new_in(const char *dir, const struct profile *p, char path[PROFILE_STORE_PATH],
                               struct err *err);
bool profile_store_import_to(const char *dir, const char *from, struct profile *out, char path[PROFILE_STORE_PATH],
                             struct err *err);

/* The same list over folders of the caller's: for tests, and what the functions above are made of. `user` may be NULL.
 */
bool profile_store_list_in(const char *shipped, const char *user, struct profile_entry **out, size_t *count,
                           struct err *err);

#endif
