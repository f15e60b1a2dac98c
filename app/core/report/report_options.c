/* The table of options of report and dump, and the reading of their values. */
#include "core/report/report_options.h"

#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOTH (OPTION_OF_REPORT | OPTION_OF_DUMP)

enum kind {
    KIND_PATTERN,
    KIND_NUMBER,
    KIND_SECONDS,
    KIND_FLAG,
    KIND_COUNT,
    KIND_TEXT,
    KIND_FILE,
    KIND_TOTALS,
    KIND_FORMAT
};

struct option_row {
    const char *name;
    const char *value; /* what it is called in help; NULL: takes none */
    enum kind kind;
    unsigned of;
    size_t at; /* in struct report_options */
    size_t flag_at;
    const char *help;
};

#define AT(field) offsetof(struct report_options, field)
#define NO_FLAG   SIZE_MAX

static const struct option_row rows[] = {
    {"--type", "PATTERN", KIND_PATTERN, BOTH, AT(filter.types), NO_FLAG, "handles of this type"},
    {"--process", "PATTERN", KIND_PATTERN, BOTH, AT(filter.processes), NO_FLAG, "of this process: name or pid"},
    {"--object-name", "PATTERN", KIND_PATTERN, BOTH, AT(filter.names), NO_FLAG, "of objects with this name"},
    {"--handle", "NUMBER", KIND_NUMBER, BOTH, AT(filter.handles), NO_FLAG, "with this value"},
    {"--object", "NUMBER", KIND_NUMBER, BOTH, AT(filter.objects), NO_FLAG, "of the object at this address"},
    {"--since", "SECONDS", KIND_SECONDS, BOTH, AT(filter.since), AT(filter.has_since),
     "opened (dump: the event) no earlier"},
    {"--until", "SECONDS", KIND_SECONDS, BOTH, AT(filter.until), AT(filter.has_until),
     "opened (dump: the event) no later"},
    {"--min-duration", "SECONDS", KIND_SECONDS, BOTH, AT(filter.min_duration), AT(filter.has_min),
     "open for at least so long"},
    {"--max-duration", "SECONDS", KIND_SECONDS, BOTH, AT(filter.max_duration), AT(filter.has_max),
     "open for at most so long"},
    {"--stack", "TEXT", KIND_PATTERN, BOTH, AT(filter.stacks), NO_FLAG,
     "with TEXT in a frame of the stack that opened it (dump: of the event)"},
    {"--inherited", NULL, KIND_FLAG, BOTH, AT(filter.inherited), NO_FLAG, "only inherited ones"},
    {"--exit-closed", NULL, KIND_FLAG, BOTH, AT(filter.exit_closed), NO_FLAG,
     "only those that were closed because their process ended"},
    {"--leaks", NULL, KIND_FLAG, OPTION_OF_REPORT, AT(leaks), NO_FLAG, "each leaked handle by itself"},
    {"--totals", "type|process", KIND_TOTALS, OPTION_OF_REPORT, AT(totals), AT(totals_asked), "what to add up by"},
    {"--stacks", NULL, KIND_FLAG, OPTION_OF_REPORT, AT(stacks), NO_FLAG, "whole stacks in the text"},
    {"--top", "N", KIND_COUNT, OPTION_OF_REPORT, AT(top), AT(has_top), "only the N biggest"},
    {"--format", "FORMAT", KIND_FORMAT, OPTION_OF_REPORT, AT(format), NO_FLAG, "text, csv, json or html"},
    {"--json", NULL, KIND_FLAG, OPTION_OF_DUMP, AT(json), NO_FLAG, "a JSON object on each line"},
    {"-o", "FILE", KIND_FILE, OPTION_OF_REPORT, AT(output), NO_FLAG, "write there; an existing file is replaced"},
    {"--baseline", "OLD.json", KIND_FILE, OPTION_OF_REPORT, AT(baseline), NO_FLAG,
     "an older report: fail when something leaks more"},
    {"--fail-if", "'PROCESS:TYPE>N'", KIND_PATTERN, OPTION_OF_REPORT, AT(fail_if), NO_FLAG,
     "fail when more leaked, at exit too: app.exe:Event>0"},
    {"--symbols", "PATH", KIND_TEXT, OPTION_OF_NAMES, AT(symbols), NO_FLAG,
     "symbol path for names of functions, instead of _NT_SYMBOL_PATH"},
    {"--symbols-timeout", "SECONDS", KIND_SECONDS, OPTION_OF_NAMES, AT(symbols_timeout), AT(has_symbols_timeout),
     "how long to look names up in all; 0: not at all"},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const struct option_row *find(const char *arg)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (!strcmp(rows[i].name, arg))
            return &rows[i];
    return NULL;
}

int report_option_arity(const char *arg, unsigned of)
{
    const struct option_row *row = find(arg);
    if (!row || !(row->of & of))
        return -1;
    return row->value ? 1 : 0;
}

const char *report_option_help(unsigned of, unsigned i, const char **name)
{
    static char line[64];
    for (size_t k = 0; k < ROW_COUNT; k++) {
        if (!(rows[k].of & of) || i--)
            continue;
        snprintf(line, sizeof line, "%s%s%s", rows[k].name, rows[k].value ? " " : "",
                 rows[k].value ? rows[k].value : "");
        *name = line;
        return rows[k].help;
    }
    return NULL;
}

static bool wrong(const char *arg, const char *value, const char *want, struct err *err)
{
    return err_set(err, ERR_ARGUMENT, "%s wants %s, not '%s'", arg, want, value);
}

static bool add_pattern(struct patterns *p, const char *arg, const char *value, struct err *err)
{
    if (p->count == FILTER_PATTERNS_MAX)
        return err_set(err, ERR_RANGE, "%s can be given %u times", arg, FILTER_PATTERNS_MAX);
    bool not_it = value[0] == '!';
    p->list[p->count++] = (struct pattern){value + not_it, not_it};
    return true;
}

static bool add_number(struct number_set *n, const char *arg, const char *value, struct err *err)
{
    if (n->count == FILTER_PATTERNS_MAX)
        return err_set(err, ERR_RANGE, "%s can be given %u times", arg, FILTER_PATTERNS_MAX);
    bool not_it = value[0] == '!';
    const char *digits = value + not_it;
    bool hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
    digits += hex ? 2 : 0;
    const char *all = hex ? "0123456789abcdefABCDEF" : "0123456789";
    size_t length = strlen(digits);
    errno = 0;
    uint64_t number = strtoull(digits, NULL, hex ? 16 : 10);
    if (!length || strspn(digits, all) != length || errno)
        return wrong(arg, value, "a number such as 0x1A4", err);
    n->list[n->count++] = (struct number){number, not_it};
    return true;
}

static bool read_seconds(const char *value, double *out)
{
    char *end = NULL;
    double seconds = strtod(value, &end);
    if (end == value || *end || !(seconds >= -1e9 && seconds <= 1e9))
        return false;
    *out = seconds;
    return true;
}

static bool set_word(int *out, const char *const *words, int count, const char *value)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(words[i], value)) {
            *out = i;
            return true;
        }
    return false;
}

bool report_option_set(struct report_options *o, const char *arg, const char *value, struct err *err)
{
    static const char *const totals[] = {"type", "process"};
    static const char *const formats[] = {"text", "csv", "json", "html"};
    const struct option_row *row = find(arg);
    char *end = NULL;
    int word = 0;
    if (!row)
        return err_set(err, ERR_ARGUMENT, "There is no option '%s'", arg);
    void *at = (char *)o + row->at;
    if (row->flag_at != NO_FLAG)
        *(bool *)((char *)o + row->flag_at) = true;
    switch (row->kind) {
    case KIND_PATTERN:
        return add_pattern(at, arg, value, err);
    case KIND_NUMBER:
        return add_number(at, arg, value, err);
    case KIND_SECONDS:
        return read_seconds(value, at) || wrong(arg, value, "seconds", err);
    case KIND_FLAG:
        *(bool *)at = true;
        return true;
    case KIND_COUNT:
        if (value[0] < '0' || value[0] > '9')
            return wrong(arg, value, "a number", err);
        *(uint64_t *)at = strtoull(value, &end, 10);
        return !*end || wrong(arg, value, "a number", err);
    case KIND_FILE:
        if (!value[0])
            return err_set(err, ERR_ARGUMENT, "%s wants the name of a file", arg);
        *(const char **)at = value;
        return true;
    case KIND_TEXT:
        *(const char **)at = value;
        return true;
    case KIND_TOTALS:
        if (!set_word(&word, totals, 2, value))
            return wrong(arg, value, "type or process", err);
        o->totals = (enum report_totals)word;
        return true;
    case KIND_FORMAT:
        if (!set_word(&word, formats, 4, value))
            return wrong(arg, value, "text, csv, json or html", err);
        o->format = (enum report_format)word;
        return true;
    }
    return true;
}

bool report_options_check(const struct report_options *o, struct err *err)
{
    const struct filter *f = &o->filter;
    if (f->has_since && f->has_until && f->since > f->until)
        return err_set(err, ERR_ARGUMENT, "--since %g is later than --until %g", f->since, f->until);
    if (f->has_min && f->has_max && f->min_duration > f->max_duration)
        return err_set(err, ERR_ARGUMENT, "--min-duration %g is longer than --max-duration %g", f->min_duration,
                       f->max_duration);
    return true;
}

/* `match` says whether one pattern matches. */
static bool pass(const struct patterns *p, bool (*match)(const char *pattern, const void *ctx), const void *ctx)
{
    bool wanted = false;
    bool any = false;
    for (unsigned i = 0; i < p->count; i++) {
        bool it = match(p->list[i].text, ctx);
        if (p->list[i].not_it && it)
            return false;
        wanted = wanted || !p->list[i].not_it;
        any = any || (it && !p->list[i].not_it);
    }
    return !wanted || any;
}

static bool match_text(const char *pattern, const void *ctx)
{
    return text_match(pattern, ctx);
}

bool patterns_pass(const struct patterns *p, const char *s)
{
    return pass(p, match_text, s);
}

struct named_process {
    const char *name;
    char pid[16];
};

static bool match_process(const char *pattern, const void *ctx)
{
    const struct named_process *p = ctx;
    return text_match(pattern, p->name) || !strcmp(pattern, p->pid);
}

bool patterns_pass_process(const struct patterns *p, const char *name, uint32_t pid)
{
    struct named_process n = {.name = name};
    if (!p->count)
        return true;
    snprintf(n.pid, sizeof n.pid, "%u", (unsigned)pid);
    return pass(p, match_process, &n);
}

bool number_set_pass(const struct number_set *n, uint64_t value)
{
    bool wanted = false;
    bool any = false;
    for (unsigned i = 0; i < n->count; i++) {
        bool it = n->list[i].value == value;
        if (n->list[i].not_it && it)
            return false;
        wanted = wanted || !n->list[i].not_it;
        any = any || it;
    }
    return !wanted || any;
}
