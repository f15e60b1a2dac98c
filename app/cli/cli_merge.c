/* handlerec merge: one file of several of one recording. */
#include "cli/cli.h"
#include "cli/cli_files.h"

#include "core/finish/carry.h"

#include <stdio.h>
#include <string.h>

const char cli_merge_help[] =
    "Usage: handlerec merge -o OUTPUT [--replace] FILE...\n"
    "\n"
    "Makes one trace file of those of one recording: a ring and its companion, snapshots of a ring, segments. An "
    "event\n"
    "that two of them hold is written once. The output reads as the files do together; it is read back before it gets\n"
    "its name, and the files are left as they are. Images get no symbol identities: see the record command.\n"
    "\n"
    "  -o OUTPUT    the file to write\n"
    "  --replace    replace OUTPUT when it is there already\n"
    "  --only-open  take only what opened handles that are open at the end, with stacks and what names them: a small\n"
    "               file that, read with later segments, stands for those that it was made of\n"
    "  --           what follows is a file, even if it begins with '-'\n";

struct options {
    char **args; /* among the arguments, moved to their front */
    int arg_count;
    struct cli_files files; /* what they name */
    struct merge_input inputs[MERGE_FILES_MAX];
    unsigned count;
    const char *output;
    bool replace;
    bool only_open;
};

static enum exit_code parse(int argc, char **argv, struct options *o)
{
    bool only_files = false;
    o->args = argv;
    for (int i = 0; i < argc; i++) {
        char *arg = argv[i];
        if (!only_files && !strcmp(arg, "--")) {
            only_files = true;
        } else if (!only_files && !strcmp(arg, "--replace")) {
            o->replace = true;
        } else if (!only_files && !strcmp(arg, "--only-open")) {
            o->only_open = true;
        } else if (!only_files && !strcmp(arg, "-o")) {
            if (++i == argc)
                return cli_usage("merge", "-o needs a value");
            if (o->output)
                return cli_usage("merge", "-o is given twice");
            o->output = argv[i];
        } else if (!only_files && arg[0] == '-' && arg[1]) {
            return cli_usage("merge", "there is no option '%s'", arg);
        } else {
            argv[o->arg_count++] = arg;
        }
    }
    if (!o->output)
        return cli_usage("merge", "no output is given (-o)");
    return o->arg_count ? EXIT_OK : cli_usage("merge", "no file is given");
}

static enum exit_code find_files(struct options *o)
{
    struct err err = {0};
    if (!cli_files_add_all(&o->files, o->args, o->arg_count, &err))
        return cli_fail(&err);
    if (o->files.count > MERGE_FILES_MAX)
        return cli_usage("merge", "more than %u files", MERGE_FILES_MAX);
    while (o->count < o->files.count) {
        o->inputs[o->count] = (struct merge_input){.path = o->files.list[o->count]};
        o->count++;
    }
    return EXIT_OK;
}

static bool carry(const struct options *o, struct merge_result *result, struct text *out, struct err *err)
{
    struct carry_options c = {.inputs = o->inputs, .input_count = o->count, .output = o->output, .replace = o->replace};
    struct carry_result r = {0};
    if (!carry_forward(&c, &r, err))
        return false;
    result->warnings = r.warnings;
    result->first_warned = r.first_warned;
    text_addf(out, "%s: %llu open handles, %llu parts of stacks, %llu bytes\n", o->output,
              (unsigned long long)r.handles, (unsigned long long)r.stacks, (unsigned long long)r.bytes);
    return true;
}

static bool merge(const struct merge_options *m, struct merge_result *result, struct text *out, struct err *err)
{
    if (!merge_files(m, result, err))
        return false;
    const struct etl_verify_result *w = &result->written;
    uint64_t handles = w->creates + w->closes + w->duplicates;
    text_addf(out, "%s: %llu events, %llu of them handle events, %llu bytes; %llu events came twice\n", m->output,
              (unsigned long long)w->events, (unsigned long long)handles, (unsigned long long)w->bytes,
              (unsigned long long)result->repeated);
    return true;
}

static enum exit_code run(const struct options *o)
{
    struct merge_result result = {0};
    struct err err = {0};
    struct text out = {0};
    struct merge_options m = {.inputs = o->inputs, .input_count = o->count, .output = o->output, .replace = o->replace};
    if (!(o->only_open ? carry(o, &result, &out, &err) : merge(&m, &result, &out, &err))) {
        text_free(&out);
        return cli_fail(&err);
    }
    enum exit_code code = cli_print(&out, result.warnings ? EXIT_DAMAGED : EXIT_OK);
    text_clear(&out);
    merge_warning_text(&m, &result, &out);
    if (out.len)
        fprintf(stderr, "%s\n", text_str(&out));
    text_free(&out);
    return code;
}

enum exit_code cli_merge(int argc, char **argv)
{
    struct options o = {.count = 0};
    enum exit_code code = parse(argc, argv, &o);
    if (code == EXIT_OK)
        code = find_files(&o);
    if (code == EXIT_OK)
        code = run(&o);
    cli_files_free(&o.files);
    return code;
}
