/* handlerec: finds the command and runs it. A new command is one row of the table. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* Commands that record need Windows; those that read run everywhere. */
static const struct cli_command commands[] = {
    {"info", "tell what a trace file holds", cli_info_help, NULL, cli_info},
    {"report", "tell which code leaked handles", cli_report_help, cli_report_options, cli_report},
    {"dump", "list the handle events one by one", cli_dump_help, cli_dump_options, cli_dump},
    {"merge", "make one file of a recording's files", cli_merge_help, NULL, cli_merge},
    {"wprp", "check a recording profile and say what it records", cli_wprp_help, NULL, cli_wprp},
#ifdef _WIN32
    {"record", "record which code opens and closes handles", cli_record_help, NULL, cli_record},
    {"mark", "note this moment in the recording that runs", cli_mark_help, NULL, cli_mark},
    {"types", "count open handles by type", cli_types_help, NULL, cli_types},
#endif
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static enum exit_code print_help(void)
{
    struct text out = {0};
    text_add(&out, "Handle Recorder records which code opens and closes kernel handles, and reads such recordings.\n\n"
                   "Usage: handlerec COMMAND [ARGUMENTS]\n"
                   "       handlerec COMMAND --help\n"
                   "       handlerec --version\n\n"
                   "Commands:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        text_addf(&out, "  %-8s %s\n", commands[i].name, commands[i].summary);
    text_add(&out, "\n" EXIT_CODES_HELP);
    enum exit_code code = cli_print(&out, EXIT_OK);
    text_free(&out);
    return code;
}

static enum exit_code print_command_help(const struct cli_command *c)
{
    struct text out = {0};
    text_add(&out, c->help);
    if (c->help_options)
        c->help_options(&out);
    text_addf(&out, "\n%s", EXIT_CODES_HELP);
    enum exit_code code = cli_print(&out, EXIT_OK);
    text_free(&out);
    return code;
}

static bool is_help(const char *arg)
{
    return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

static enum exit_code run_command(const struct cli_command *c, int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return print_command_help(c);
    return c->run(argc, argv);
}

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(name, commands[i].name))
            return &commands[i];
    return NULL;
}

static enum exit_code print_version(void)
{
    struct text out = {0};
    text_add(&out, "handlerec " HR_VERSION "\n");
    enum exit_code code = cli_print(&out, EXIT_OK);
    text_free(&out);
    return code;
}

static enum exit_code run_program(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage(NULL, "no command is given");
    bool help = is_help(argv[1]) || !strcmp(argv[1], "help");
    if (help && argc == 2)
        return print_help();
    if (!strcmp(argv[1], "--version"))
        return print_version();
    const char *name = argv[help ? 2 : 1];
    const struct cli_command *c = find(name);
    if (!c)
        return cli_usage(NULL, "there is no command '%s'", name);
    return help ? print_command_help(c) : run_command(c, argc - 2, argv + 2);
}

int cli_main(int argc, char **argv)
{
    return (int)run_program(argc, argv);
}
