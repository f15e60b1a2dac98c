/* Where there is no library that names functions. */
#include "cli/cli_symbols.h"

struct cli_symbols *cli_symbols_start(const struct report_options *o, struct report_source *source)
{
    (void)o;
    (void)source;
    return NULL;
}

void cli_symbols_end(struct cli_symbols *s, bool tell)
{
    (void)s;
    (void)tell;
}
