/* handlerec report and handlerec dump: what a recording's handles came to, and its events. */
#include "cli/cli.h"
#include "cli/cli_files.h"
#include "cli/cli_symbols.h"

#include "core/report/dump.h"
#include "core/report/judge.h"
#include "core/report/report_file.h"
#include "core/report/report_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char cli_report_help[] =
    "Usage: handlerec report FILE... [OPTIONS]\n"
    "\n"
    "Tells which handles leaked and which code opened them. Several files are one recording: a ring and its "
    "companion,\n"
    "snapshots, segments; an event that two of them hold counts once.\n"
    "\n"
    "PATTERNS may have * and ?, the case of A to Z does not matter, and a leading ! leaves out what matches. An option "
    "that\n"
    "takes a pattern or a number can be given again: then any of them will do, and none of those with !.\n"
    "Seconds count from the start of the recording. Local times are this computer's.\n"
    "\n" CLI_SYMBOLS_HELP "\n"
    "Leaked: opened in the recording and open at its end. Leaked at exit: closed only because the process ended.\n"
    "Always: preexisting + created + duplicated - closed = open. Without stacks of closes a close right before the "
    "end\n"
    "of its process cannot be told from one by the end: it counts as uncertain.\n"
    "\n"
    "JSON: {summary: {created, closed, duplicated, inherited, open, leaked, leakedAtExit, preexisting, uncertain,\n"
    "eventsLost (null: not known), damaged, ringBegins (null: no ring), openWithoutCreate, start, startLocal,\n"
    "seconds}, marks: [{seconds, utc, local, text}], totals: [{type | process and pid, and the same counts}],\n"
    "groups: [{process, pid, type, code, counts, stack}], leaks: [{process, pid, type, name, object, handle, created,\n"
    "createdUtc, createdLocal, tid, stack, how, uncertain}], leaksAtExit: [the same], leaksAtExitLeftOut,\n"
    "stacks: [{id, count, frames: [{address, module, offset, symbol}]}]}; \"stack\" is the id of one of \"stacks\".\n"
    "A frame in no module has the symbol \"generated code\", or, in the kernel, none.\n"
    "\n"
    "Options:\n";

const char cli_dump_help[] =
    "Usage: handlerec dump FILE... [OPTIONS]\n"
    "\n"
    "Lists handle events in order of time: seconds, event (create, close, duplicate, inherit, listed), pid, process,\n"
    "thread, handle, object, type, name, stack (innermost frame first). Several files are one recording.\n"
    "With --json each line is an object with these keys: seconds, time (raw), event, pid, process, tid, handle, "
    "object,\n"
    "type, name, sourcePid and sourceHandle (of a duplicate), stack (an array). Marks have seconds, time, event\n"
    "(\"mark\") and text; they are listed whatever the filters say of events.\n"
    "\n" CLI_SYMBOLS_HELP "\n"
    "Options:\n";

static void add_options(struct text *out, unsigned of)
{
    const char *name = NULL;
    const char *help = NULL;
    for (unsigned i = 0; (help = report_option_help(of, i, &name)) != NULL; i++)
        text_addf(out, "  %-26s %s\n", name, help);
    text_addf(out, "  %-26s %s\n", "--", "what follows is a file, even if it begins with '-'");
}

void cli_report_options(struct text *out)
{
    add_options(out, OPTION_OF_REPORT | CLI_SYMBOLS_OPTIONS);
}

void cli_dump_options(struct text *out)
{
    add_options(out, OPTION_OF_DUMP | CLI_SYMBOLS_OPTIONS);
}

/* What a command was asked to do. */
struct request {
    struct report_options options;
    struct report_source source;
    struct cli_files files;
};

/* Files are moved to the front of `argv`. */
static enum exit_code parse_options(const char *command, unsigned of, int argc, char **argv, struct request *q,
                                    int *file_count)
{
    struct report_options *o = &q->options;
    bool only_files = false;
    int files = 0;
    struct err err = {0};
    for (int i = 0; i < argc; i++) {
        char *arg = argv[i];
        bool option = !only_files && arg[0] == '-' && arg[1];
        int arity = option ? report_option_arity(arg, of) : 0;
        if (!only_files && !strcmp(arg, "--")) {
            only_files = true;
            continue;
        }
        if (!option) {
            argv[files++] = arg;
            continue;
        }
        if (arity < 0)
            return cli_usage(command, "there is no option '%s'", arg);
        if (arity && i + 1 == argc)
            return cli_usage(command, "%s needs a value", arg);
        if (!report_option_set(o, arg, arity ? argv[++i] : NULL, &err))
            return cli_usage(command, "%s", err.doing);
    }
    *file_count = files;
    if (!files)
        return cli_usage(command, "no file is given");
    return report_options_check(o, &err) && judge_check(o, &err) ? EXIT_OK : cli_usage(command, "%s", err.doing);
}

static enum exit_code parse(const char *command, unsigned of, int argc, char **argv, struct request *q)
{
    struct err err = {0};
    int count = 0;
    enum exit_code code = parse_options(command, of, argc, argv, q, &count);
    if (code != EXIT_OK)
        return code;
    const char *output = q->options.output;
    if (!cli_files_add_all(&q->files, argv, count, &err))
        return cli_fail(&err);
    q->source.files = (const char *const *)q->files.list;
    q->source.file_count = q->files.count;
    return !output || report_may_save(output, q->source.files, q->source.file_count, &err) ? EXIT_OK : cli_fail(&err);
}

static bool to_stdout(void *ctx, const char *bytes, size_t size)
{
    (void)ctx;
    return fwrite(bytes, 1, size, stdout) == size;
}

static bool write_report(struct report *r, struct err *err)
{
    struct report_out o = {.write = to_stdout};
    if (r->options->output)
        return report_save(r, r->options->output, NULL, NULL, err);
    if (!report_write(r, &o))
        return report_out_error(&o, err);
    return fflush(stdout) == 0 || report_out_refused(err);
}

/* Finds what exceeds a limit or the baseline. */
static enum exit_code judge(const struct report *r, struct text *lines, struct err *err)
{
    bool limits = false;
    bool baseline = false;
    if (!judge_limits(r, lines, &limits, err) || (r->options->baseline && !judge_baseline(r, lines, &baseline, err)))
        return EXIT_FAILED;
    return limits || baseline ? EXIT_LEAKS : EXIT_OK;
}

/* It is judged first, as the report may take the baseline's place, but a report that cannot be judged is written too.
 * The verdict goes to stderr: stdout is the report's. */
static enum exit_code write_judged(struct report *r, struct cli_symbols *symbols)
{
    struct text lines = {0};
    struct err unjudged = {0};
    struct err err = {0};
    enum exit_code code = judge(r, &lines, &unjudged);
    bool ok = write_report(r, &err);
    cli_symbols_end(symbols, ok);
    if (ok && code == EXIT_LEAKS)
        fputs(text_str(&lines), stderr);
    text_free(&lines);
    if (!ok || code == EXIT_FAILED)
        return cli_fail(ok ? &unjudged : &err);
    return code == EXIT_OK && r->facts.damaged ? EXIT_DAMAGED : code;
}

static enum exit_code report(struct request *q)
{
    struct report *r = NULL;
    struct err err = {0};
    struct cli_symbols *symbols = cli_symbols_start(&q->options, &q->source);
    if (!report_read(&q->source, &q->options, &r, &err)) {
        cli_symbols_end(symbols, false);
        return cli_fail(&err);
    }
    enum exit_code code = write_judged(r, symbols);
    report_free(r);
    return code;
}

static enum exit_code dump(struct request *q)
{
    struct report_out out = {.write = to_stdout};
    struct err err = {0};
    bool damaged = false;
    struct cli_symbols *symbols = cli_symbols_start(&q->options, &q->source);
    bool written = dump_write(&q->source, &q->options, &out, &damaged, &err);
    cli_symbols_end(symbols, written);
    if (!written)
        return cli_fail(&err);
    if (fflush(stdout) != 0) {
        report_out_refused(&err);
        return cli_fail(&err);
    }
    return damaged ? EXIT_DAMAGED : EXIT_OK;
}

static enum exit_code run(const char *command, unsigned of, enum exit_code (*work)(struct request *q), int argc,
                          char **argv)
{
    struct request q = {.files = {0}};
    enum exit_code code = parse(command, of | CLI_SYMBOLS_OPTIONS, argc, argv, &q);
    if (code == EXIT_OK)
        code = work(&q);
    cli_files_free(&q.files);
    return code;
}

enum exit_code cli_report(int argc, char **argv)
{
    return run("report", OPTION_OF_REPORT, report, argc, argv);
}

enum exit_code cli_dump(int argc, char **argv)
{
    return run("dump", OPTION_OF_DUMP, dump, argc, argv);
}
