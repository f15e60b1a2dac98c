/* Output and error messages of handlerec. */
#include "cli/cli.h"

#include "core/report/report_out.h"

#include <stdio.h>

enum exit_code cli_print(const struct text *out, enum exit_code code)
{
    struct err err = {0};
    if (out->failed) {
        err_set(&err, ERR_NO_MEMORY, "Preparing the output");
        return cli_fail(&err);
    }
    if (fwrite(text_str(out), 1, out->len, stdout) == out->len && fflush(stdout) == 0)
        return code;
    report_out_refused(&err);
    return cli_fail(&err);
}

enum exit_code cli_fail(const struct err *err)
{
    char line[1024];
    err_format(err, line, sizeof line);
    fprintf(stderr, "handlerec: %s\n", line);
    fflush(stderr);
    return EXIT_FAILED;
}

enum exit_code cli_usage(const char *command, const char *what, ...)
{
    char text[512];
    va_list args;
    va_start(args, what);
    vsnprintf(text, sizeof text, what, args);
    va_end(args);
    const char *space = command ? " " : "";
    const char *name = command ? command : "";
    fprintf(stderr, "handlerec%s%s: %s. Try 'handlerec%s%s --help'.\n", space, name, text, space, name);
    fflush(stderr);
    return EXIT_USAGE;
}
