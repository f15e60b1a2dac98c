/* Modules that open handles for others: whoever called them is who leaks. Any thread. */
#ifndef HR_REPORT_SYSTEM_MODULES_H
#define HR_REPORT_SYSTEM_MODULES_H

#include <stdbool.h>

/* `path` as the kernel says it; the file's name decides. */
bool is_system_module(const char *path);
/* The part after the last separator. */
const char *module_file_name(const char *path);

#endif
