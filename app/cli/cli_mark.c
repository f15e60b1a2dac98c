/* handlerec mark: notes this moment in the recording that runs on this machine, whichever program records. */
#include "cli/cli.h"
#include "core/base/thread.h"
#include "core/record/mark_running.h"
#include "win/folders.h"
#include "win/trace_etw.h"

#include <stdio.h>
#include <string.h>

const char cli_mark_help[] =
    "Usage: handlerec mark [TEXT]\n"
    "\n"
    "Notes this moment, with a text, in the recording that runs now: in the window or in another console. The mark is\n"
    "in the file that is saved. Needs administrator rights.\n";

enum exit_code cli_mark(int argc, char **argv)
{
    /* First of all, so that it is as exact as can be. */
    const struct mark_moment now = {.clock_ns = clock_ns(), .filetime = clock_filetime()};
    struct err err = {0};
    struct trace_backend trace = {.ops = NULL};
    char parts[TRACE_PATH_MAX];
    if (argc > 1)
        return cli_usage("mark", "one text at most; put it into quotes");
    if (argc == 1 && argv[0][0] == '-')
        return cli_usage("mark", "'%s' is not an option", argv[0]);
    if (!folders_find(FOLDER_PARTS, parts, sizeof parts, &err) || !trace_etw_create(&trace, &err))
        return cli_fail(&err);
    bool ok = mark_running(&trace, parts, &now, argc ? argv[0] : "", &err);
    trace_etw_destroy(&trace);
    return ok ? EXIT_OK : cli_fail(&err);
}
