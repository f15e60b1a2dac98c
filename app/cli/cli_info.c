/* handlerec info: header facts, losses, damage and counts of a trace file. */
#include "cli/cli.h"
#include "cli/cli_files.h"

#include "core/etl/info.h"

#include <string.h>

const char cli_info_help[] =
    "Usage: handlerec info [--json] FILE...\n"
    "\n"
    "Tells what a trace file (.etl) holds: facts of its header, lost events, damage, and how many events of each "
    "kind.\n"
    "\n"
    "  --json   one JSON object (of several files: an array of them) with the keys\n"
    "             file, bytes\n"
    "             osBuild, processors, pointerSize   of the recorded system; pointerSize is the recording program's\n"
    "             clock            \"qpc\", \"system\", \"cpu\", \"raw\" or \"unknown\"\n"
    "             bufferSize, buffers                bytes of a buffer, and how many the file has\n"
    "             mode             the log file mode, a number\n"
    "             start            UTC; null when unknown\n"
    "             durationSeconds  to the end of the session or, when it was not closed, to the last event\n"
    "             eventsLost, buffersLost            null where unknown: the file was not closed, or is from a ring\n"
    "             compressed, events\n"
    "             truncated        the file ends early or was not closed\n"
    "             damagedBuffers   buffers of which something could not be read\n"
    "             counts           most frequent first: {hook, name, count} of kernel events,\n"
    "                              {provider, id, opcode, count} of others; id is null for classic events\n"
    "  --       what follows is a file, even if it begins with '-'\n";

struct options {
    char **files; /* among the arguments, moved to their front */
    int file_count;
    bool json;
};

static enum exit_code parse(int argc, char **argv, struct options *o)
{
    bool only_files = false;
    o->files = argv;
    for (int i = 0; i < argc; i++) {
        char *arg = argv[i];
        if (!only_files && !strcmp(arg, "--"))
            only_files = true;
        else if (!only_files && !strcmp(arg, "--json"))
            o->json = true;
        else if (!only_files && arg[0] == '-' && arg[1])
            return cli_usage("info", "there is no option '%s'", arg);
        else
            argv[o->file_count++] = arg;
    }
    return o->file_count ? EXIT_OK : cli_usage("info", "no file is given");
}

/* One file's facts, added to what is printed at the end. */
static bool add_file(const char *file, const struct options *o, struct json *j, bool *damaged, struct err *err)
{
    struct etl_info info;
    if (!etl_info_read(file, &info, err))
        return false;
    *damaged = *damaged || etl_info_damaged(&info);
    if (o->json) {
        etl_info_json(&info, file, j);
    } else {
        text_add(j->out, j->out->len ? "\n" : "");
        etl_info_text(&info, file, j->out);
    }
    etl_info_free(&info);
    return true;
}

enum exit_code cli_info(int argc, char **argv)
{
    struct options o = {0};
    enum exit_code code = parse(argc, argv, &o);
    if (code != EXIT_OK)
        return code;
    struct err err = {0};
    struct text out = {0};
    struct json j = {.out = &out, .pretty = true};
    bool damaged = false;
    struct cli_files files = {0};
    bool ok = cli_files_add_all(&files, o.files, o.file_count, &err);
    if (o.json && files.count > 1)
        json_array(&j, NULL);
    for (uint32_t i = 0; ok && i < files.count; i++)
        ok = add_file(files.list[i], &o, &j, &damaged, &err);
    if (o.json && files.count > 1)
        json_end_array(&j);
    if (o.json)
        text_add(&out, "\n");
    code = ok ? cli_print(&out, damaged ? EXIT_DAMAGED : EXIT_OK) : cli_fail(&err);
    text_free(&out);
    cli_files_free(&files);
    return code;
}
