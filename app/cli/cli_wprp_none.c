/* handlerec wprp where there is no XML reader. */
#include "cli/cli.h"

enum exit_code cli_wprp(int argc, char **argv)
{
    struct err err = {.code = ERR_NONE};
    (void)argc;
    (void)argv;
    err_set(&err, ERR_UNSUPPORTED, "Reading a profile on this system, which has no XML reader for it");
    err_remedy(&err, "Run handlerec wprp on Windows.");
    return cli_fail(&err);
}
