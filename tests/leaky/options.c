// Reads leaky's command line from one table of options.
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum take { TAKE_FLAG, TAKE_NUMBER, TAKE_TEXT, TAKE_JOB, TAKE_RACE, TAKE_EXIT, TAKE_HANDLE };

struct option {
    const wchar_t *name;
    enum take take;
    size_t offset; // of the field in struct options; for TAKE_EXIT the mode, for TAKE_JOB whether it churns
    const char *help;
};

#define AT(field) offsetof(struct options, field)

static const struct option table[] = {
    {L"--leak", TAKE_JOB, 0, "TYPE:N[:RATE]   make N handles of TYPE and keep them, RATE a second (repeatable)"},
    {L"--churn", TAKE_JOB, 1, "TYPE:N[:RATE]  make and close N handles of TYPE (repeatable)"},
    {L"--threads", TAKE_NUMBER, AT(threads), "N            each --leak and --churn is shared out to N threads"},
    {L"--depth", TAKE_NUMBER, AT(depth), "N              N more frames (DeepFrame) below the leaking function"},
    {L"--race", TAKE_RACE, 0,
     "THREADS:ROUNDS[:RATE]  a missing lock: GetOrCreateEvent from THREADS threads, ROUNDS times, RATE rounds a "
     "second"},
    {L"--inherit", TAKE_NUMBER, AT(inherit), "N            a child process inherits N events (LeakInheritable)"},
    {L"--duplicate", TAKE_NUMBER, AT(duplicate), "N          N events are duplicated into a child and closed here"},
    {L"--new-thread", TAKE_NUMBER, AT(new_threads), "N         start N threads, keep their handles (LeakNewThread)"},
    {L"--new-process", TAKE_NUMBER, AT(new_processes),
     "N        start N processes, keep both handles of each (LeakNewProcess)"},
    {L"--named", TAKE_FLAG, AT(named), "               each object gets a name of its own, where its type takes one"},
    {L"--shared-name", TAKE_FLAG, AT(shared_name), "         all objects of a type share one name, so one object"},
    {L"--close-late", TAKE_NUMBER, AT(close_late), "SECONDS   close the kept handles that much later, before done"},
    {L"--pause-file", TAKE_TEXT, AT(pause_file), "FILE      make nothing while FILE exists"},
    {L"--sync", TAKE_TEXT, AT(sync),
     "DIR             barriers: writes ready, awaits go, works, writes done, awaits end"},
    {L"--timeout", TAKE_NUMBER, AT(timeout), "SECONDS      how long a barrier is waited for (600)"},
    {L"--truth", TAKE_TEXT, AT(truth), "FILE           what was done, as JSON (else on stdout); complete before done"},
    {L"--list", TAKE_FLAG, AT(list), "                the truth lists the values of the open handles too"},
    {L"--exit", TAKE_EXIT, EXIT_NORMAL, "                ends by returning from main, handles open (the default)"},
    {L"--abort", TAKE_EXIT, EXIT_ABORT, "               ends by abort()"},
    {L"--terminated", TAKE_EXIT, EXIT_TERMINATED,
     "          a copy does the work, and this one ends it with TerminateProcess (needs --sync)"},
    {L"--help", TAKE_FLAG, AT(help), ""},
    {L"--launcher", TAKE_NUMBER, AT(launcher_pid), NULL},
    {L"--child-parent", TAKE_HANDLE, AT(child_parent), NULL},
    {L"--child-started", TAKE_HANDLE, AT(child_started), NULL},
    {L"--child-ends", TAKE_FLAG, AT(child_ends_at_once), NULL},
};

enum { OPTION_COUNT = sizeof(table) / sizeof(table[0]) };

void options_help(void)
{
    puts("leaky: makes and leaks handles, and says exactly what it did.\n\nleaky [options]");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (table[i].help && *table[i].help)
            printf("  %ls %s\n", table[i].name, table[i].help);
    }
    int count;
    const struct kind *kinds = kind_all(&count);
    printf("\nTYPE is one of:");
    for (int i = 0; i < count; i++)
        printf(" %s", kinds[i].name);
    puts("\nThe leaking functions are LeakTYPE, the churning ones ChurnTYPE; the truth names each.\n"
         "When a call fails leaky writes a file failed instead of done.\n"
         "Exit code: 0 done, 1 a call failed, 2 wrong options, 3 aborted on demand; a terminated copy ends with 77.");
}

// A whole number from least on; moves *text behind it.
static bool read_number(const wchar_t **text, long least, long *number)
{
    wchar_t *end;
    long value = wcstol(*text, &end, 10);
    if (end == *text || value < least)
        return false;
    *text = end;
    *number = value;
    return true;
}

static bool read_job(struct options *options, const wchar_t *text, bool churn)
{
    if (options->job_count == OPTIONS_MAX_JOBS)
        return false;
    char name[32];
    size_t length = 0;
    while (text[length] && text[length] != L':' && length + 1 < sizeof(name)) {
        name[length] = (char)text[length];
        length++;
    }
    name[length] = '\0';
    struct job job = {.kind = kind_find(name), .churn = churn};
    text += length;
    if (!job.kind || *text++ != L':' || !read_number(&text, 1, &job.count))
        return false;
    if (*text == L':') {
        text++;
        if (!read_number(&text, 1, &job.rate))
            return false;
    }
    options->jobs[options->job_count++] = job;
    return *text == L'\0';
}

static bool read_race(struct options *options, const wchar_t *text)
{
    if (!read_number(&text, 2, &options->race_threads) || *text++ != L':')
        return false;
    if (!read_number(&text, 1, &options->race_rounds))
        return false;
    if (*text == L':') {
        text++;
        if (!read_number(&text, 1, &options->race_rate))
            return false;
    }
    return *text == L'\0';
}

static bool read_value(struct options *options, const struct option *option, const wchar_t *text)
{
    void *field = (char *)options + option->offset;
    long number;
    switch (option->take) {
    case TAKE_JOB:
        return read_job(options, text, option->offset != 0);
    case TAKE_RACE:
        return read_race(options, text);
    case TAKE_NUMBER:
        return read_number(&text, 0, field) && *text == L'\0';
    case TAKE_TEXT:
        *(const wchar_t **)field = text;
        return *text != L'\0';
    case TAKE_HANDLE:
        if (!read_number(&text, 1, &number))
            return false;
        *(HANDLE *)field = LongToHandle(number);
        return *text == L'\0';
    default:
        return false;
    }
}

static const struct option *find(const wchar_t *name)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (wcscmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

static bool check(const struct options *options)
{
    if (options->exit_mode == EXIT_TERMINATED && !options->sync) {
        fputs("leaky: --terminated needs --sync\n", stderr);
        return false;
    }
    if (options->threads < 1) {
        fputs("leaky: --threads needs 1 or more\n", stderr);
        return false;
    }
    return true;
}

bool options_read(struct options *options, int count, wchar_t **words)
{
    *options = (struct options){.threads = 1, .close_late = -1, .timeout = 600};
    for (int i = 1; i < count; i++) {
        const struct option *option = find(words[i]);
        if (!option) {
            fprintf(stderr, "leaky: no such option: %ls; see --help\n", words[i]);
            return false;
        }
        if (option->take == TAKE_EXIT) {
            options->exit_mode = (enum exit_mode)option->offset;
            continue;
        }
        if (option->take == TAKE_FLAG) {
            *(bool *)((char *)options + option->offset) = true;
            continue;
        }
        if (++i == count || !read_value(options, option, words[i])) {
            fprintf(stderr, "leaky: bad value for %ls: %ls; see --help\n", option->name,
                    i < count ? words[i] : L"none");
            return false;
        }
    }
    return check(options);
}
