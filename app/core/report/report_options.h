/* What a report or a dump shows: filters and form, set by name as the command line does. One thread. */
#ifndef HR_REPORT_OPTIONS_H
#define HR_REPORT_OPTIONS_H

#include "core/base/err.h"

#define FILTER_PATTERNS_MAX 32u

/* Patterns with * and ?, case ignored. With `not` those that match are left out; of the others one must match. */
struct pattern {
    const char *text;
    bool not_it;
};
struct patterns {
    struct pattern list[FILTER_PATTERNS_MAX];
    unsigned count;
};

struct number {
    uint64_t value;
    bool not_it;
};
struct number_set {
    struct number list[FILTER_PATTERNS_MAX];
    unsigned count;
};

struct filter {
    struct patterns types;
    struct patterns processes; /* name, or pid */
    struct patterns names;     /* of objects */
    struct patterns stacks;    /* any frame's text */
    struct number_set handles;
    struct number_set objects;
    double since; /* seconds; by the time of the opening (dump: of the event) */
    double until;
    double min_duration; /* seconds between opening and close; open handles last longer than any */
    double max_duration;
    bool has_since, has_until, has_min, has_max;
    bool inherited;   /* only these */
    bool exit_closed; /* only these */
};

enum report_totals { REPORT_TOTALS_TYPE, REPORT_TOTALS_PROCESS };
enum report_format { REPORT_TEXT, REPORT_CSV, REPORT_JSON, REPORT_HTML };

struct report_options {
    struct filter filter;
    enum report_totals totals;
    enum report_format format;
    bool totals_asked;
    bool leaks; /* one by one */
    bool stacks;
    bool json; /* dump */
    bool has_top;
    uint64_t top;
    const char *output;   /* NULL: standard output */
    const char *baseline; /* an older JSON report */
    struct patterns fail_if;
    const char *symbols; /* the user's symbol path; NULL: the system's */
    bool has_symbols_timeout;
    double symbols_timeout; /* seconds */
};

/* OPTION_OF_NAMES: where names of functions can be looked up. */
enum option_of { OPTION_OF_REPORT = 1, OPTION_OF_DUMP = 2, OPTION_OF_NAMES = 4 };

/* How many arguments the option named `arg` ("--type", "-o") takes: 0 or 1; -1 when there is none of that name for
 * `of`. */
int report_option_arity(const char *arg, unsigned of);
/* Sets it; `value` is NULL for those without one, and is kept, not copied. ERR_ARGUMENT says what is wrong with it. */
bool report_option_set(struct report_options *o, const char *arg, const char *value, struct err *err);
/* Whether they can be true together: a range that ends before it begins lets nothing through. */
bool report_options_check(const struct report_options *o, struct err *err);
/* Lines for --help. */
const char *report_option_help(unsigned of, unsigned i, const char **name);

/* True when `s` passes. An empty set lets everything pass. */
bool patterns_pass(const struct patterns *p, const char *s);
bool patterns_pass_process(const struct patterns *p, const char *name, uint32_t pid);
bool number_set_pass(const struct number_set *n, uint64_t value);

#endif
