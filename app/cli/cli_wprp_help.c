/* The help of handlerec wprp, which every system prints. */
#include "cli/cli.h"

const char cli_wprp_help[] =
    "Usage: handlerec wprp [--xperf] FILE\n"
    "\n"
    "Checks a recording profile (.wprp) and says what it records: types, stacks, storage and stop rules, in words and\n"
    "sizes. Tells with line and column what wpr.exe would not take, as far as its file format is documented, what "
    "only\n"
    "newer versions of it take, and what is for it alone and left out by this program. Needs Windows, whose XML "
    "reader\n"
    "reads the file.\n"
    "\n"
    "  --xperf   also print the xperf command line that records the same, and what that cannot say\n";
