/* Names of functions for report and dump: on Windows from its symbol library, elsewhere none. One thread. */
#ifndef HR_CLI_CLI_SYMBOLS_H
#define HR_CLI_CLI_SYMBOLS_H

#include "core/report/report.h"

#ifdef _WIN32
#define CLI_SYMBOLS_OPTIONS OPTION_OF_NAMES
#define CLI_SYMBOLS_HELP                                                                                               \
    "Functions are named where the module's symbols are found: on the symbol path, beside the recording, or where "    \
    "the\n"                                                                                                            \
    "recording says that the module was; all others show as module+offset. A symbol server (srv*...) needs the\n"      \
    "Debugging Tools for Windows or the Windows Performance Toolkit installed. Lookups stop after 10 seconds.\n"
#else
#define CLI_SYMBOLS_OPTIONS 0u
#define CLI_SYMBOLS_HELP    "Functions show as module+offset: only handlerec on Windows looks their names up.\n"
#endif

struct cli_symbols;

/* Sets source->symbolizer until cli_symbols_end. NULL, and no symbolizer: there are no names to be had. A reason that
 * the user can change is told on stderr. */
struct cli_symbols *cli_symbols_start(const struct report_options *o, struct report_source *source);
/* With `tell`, and when frames were left without a name for want of time or of a library: says so once, on stderr. NULL
 * is fine. */
void cli_symbols_end(struct cli_symbols *s, bool tell);

#endif
