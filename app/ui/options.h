/* The command line of the window program. */
#ifndef HR_UI_OPTIONS_H
#define HR_UI_OPTIONS_H

#include "core/profile/profile.h"
#include "win/win.h"

#define OPTIONS_FILES 64

struct options {
    bool record;    /* start recording at once */
    bool help;      /* show how to use it, and end */
    bool restarted; /* started by ourselves as administrator: the first process is about to end */
    bool has_filter;
    uint32_t tags[PROFILE_MAX_TAGS]; /* with has_filter; none: all types */
    unsigned tag_count;
    bool has_stacks;
    unsigned stacks;
    char profile[1024];         /* a .wprp file; empty: the default */
    char *files[OPTIONS_FILES]; /* traces to show, one recording; absolute */
    unsigned file_count;
};

/* False when the line is not what the usage text says. */
bool options_parse(int argc, WCHAR *const *argv, struct options *out);
void options_free(struct options *o); /* all zero is fine */

/* The line that starts this program again with the same wishes, as administrator; on the heap (free). */
WCHAR *options_restart_line(const char *profile_file, const struct profile *p);

#endif
