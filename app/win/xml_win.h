/* Reads .wprp files with XmlLite, which is loaded from System32 when the first file is read. Any thread. */
#ifndef HR_WIN_XML_WIN_H
#define HR_WIN_XML_WIN_H

#include "core/profile/wprp_exam.h"

/* Reads the profile in the file `path`. Errors of its content say file(line,column); the file is opened for reading
 * only, a document type is refused, as is a file of more than WPRP_MAX_BYTES. */
bool wprp_load(const char *path, struct profile *out, struct err *err);
/* The same, and examines the file, whether it is refused or not, if it is well-formed: *examined says so. */
bool wprp_load_examined(const char *path, struct profile *out, struct wprp_exam *exam, bool *examined, struct err *err);

#endif
