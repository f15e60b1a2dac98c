/* Feeds .wprp text into the sink without an XML reader of the system: a small reader for tests that knows elements,
 * attributes with the five entities, comments, the declaration and text. */
#ifndef HR_TEST_SINK_H
#define HR_TEST_SINK_H

#include "core/profile/wprp_exam.h"

/* Reads `xml` as a file called `name`. */
bool sink_read(const char *name, const char *xml, struct profile *out, struct err *err);
/* The same, and examines it; `exam` may be NULL. */
bool sink_examine(const char *name, const char *xml, struct profile *out, struct wprp_exam *exam, struct err *err);

#endif
