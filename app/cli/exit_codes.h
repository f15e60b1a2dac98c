/* What handlerec's exit codes mean, the same for every command; --help prints them. */
#ifndef HR_CLI_EXIT_CODES_H
#define HR_CLI_EXIT_CODES_H

enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,  /* the reason is on stderr */
    EXIT_USAGE = 2,   /* the command line is not understood; nothing was done */
    EXIT_DAMAGED = 3, /* done, but the trace is damaged or ends early: the output covers what could be read */
    EXIT_LEAKS = 4,   /* done, and what --fail-if or --baseline forbid was found */
    EXIT_WPR = 5,     /* done, but wpr.exe would not take the profile */
};

#define EXIT_CODES_HELP                                                                                                \
    "Exit codes:\n"                                                                                                    \
    "  0  done\n"                                                                                                      \
    "  1  failed; the reason is on stderr\n"                                                                           \
    "  2  the command line is not understood; nothing was done\n"                                                      \
    "  3  done, but the trace is damaged or ends early: the output covers what could be read\n"                        \
    "  4  done, and --fail-if or --baseline found leaks, whether or not the trace is damaged\n"                        \
    "  5  done, but wpr.exe would not take the profile\n"

#endif
