/* The handle types that are known without asking a running system: for profiles made elsewhere, and as the fallback. */
#ifndef HR_PROFILE_TYPE_NAMES_H
#define HR_PROFILE_TYPE_NAMES_H

#include "core/profile/profile.h"

/* In alphabetic order; NULL ends it. */
extern const char *const type_names_known[];

/* The known name that equals `name` apart from ASCII case, or NULL. */
const char *type_names_find(const char *name);

#endif
