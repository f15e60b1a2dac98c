/* What the commands of handlerec share. One thread. */
#ifndef HR_CLI_CLI_H
#define HR_CLI_CLI_H

#include "cli/exit_codes.h"
#include "core/base/err.h"
#include "core/base/text.h"

/* A command gets the arguments after its name. `help` is printed for --help (and -h), with the exit codes after it. */
struct cli_command {
    const char *name;
    const char *summary; /* one line for the list of commands */
    const char *help;
    void (*help_options)(struct text *out); /* adds the lines of its options; may be NULL */
    enum exit_code (*run)(int argc, char **argv);
};

/* Runs the program and returns its exit code; arguments are UTF-8, argv[0] is the program. Called by the entry point of
 * each system. */
int cli_main(int argc, char **argv);

/* Writes all to stdout. Tells on stderr, and returns EXIT_FAILED, when that is not possible; else `code`. */
enum exit_code cli_print(const struct text *out, enum exit_code code);

/* Prints an error and returns EXIT_FAILED. */
enum exit_code cli_fail(const struct err *err);

/* Prints "handlerec COMMAND: what" and where help is; returns EXIT_USAGE. */
enum exit_code cli_usage(const char *command, const char *what, ...) ERR_PRINTF(2, 3);

/* The commands. */
enum exit_code cli_info(int argc, char **argv);
extern const char cli_info_help[];

enum exit_code cli_report(int argc, char **argv);
extern const char cli_report_help[];
void cli_report_options(struct text *out);
enum exit_code cli_dump(int argc, char **argv);
extern const char cli_dump_help[];
void cli_dump_options(struct text *out);

enum exit_code cli_merge(int argc, char **argv);
extern const char cli_merge_help[];

enum exit_code cli_wprp(int argc, char **argv);
extern const char cli_wprp_help[];

/* Windows only. */
enum exit_code cli_record(int argc, char **argv);
extern const char cli_record_help[];
enum exit_code cli_mark(int argc, char **argv);
extern const char cli_mark_help[];
enum exit_code cli_types(int argc, char **argv);
extern const char cli_types_help[];

#endif
