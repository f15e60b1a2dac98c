/* handlerec types: prints how many handles of each type are open, once or each second. */
#include "cli/cli.h"
#include "core/base/json.h"
#include "core/base/thread.h"
#include "core/census/census.h"
#include "core/census/rows.h"
#include "win/sys_win.h"
#include "win/win.h"

#include <stdlib.h>
#include <string.h>

const char cli_types_help[] =
    "Usage: handlerec types [--watch] [--json] [--process NAME|PID]\n"
    "\n"
    "Prints how many handles of each type are open in the whole system, and how many objects they stand for.\n"
    "Needs no administrator rights.\n"
    "\n"
    "  --watch             again each second until Ctrl+C, with the change since the start and the slope per minute\n"
    "  --process NAME|PID  also who holds how many: the process with this number, or all with this image name\n"
    "                      (* and ? stand for any characters; letter case does not matter)\n"
    "  --json              as JSON; with --watch one object a line\n"
    "\n"
    "JSON keys: time (100 ns since 1601, UTC), cost (share of one core that counting took), types: [{name, open,\n"
    "objects, change, peak, perMinute (null until known), number (source of the number in the handle list: probed,\n"
    "offset, totals or unknown: holders cannot be told)}]; with --process also processes: [{pid, name, start,\n"
    "types: [{name, open, change, perMinute}]}].\n";

struct options {
    bool watch;
    bool json;
    const char *process; /* NULL: none asked for */
};

static atomic_bool interrupted;

static BOOL WINAPI on_break(DWORD event)
{
    (void)event;
    atomic_store(&interrupted, true);
    return TRUE;
}

static enum exit_code read_options(int argc, char **argv, struct options *o)
{
    for (int i = 0; i < argc; i++) {
        if (!strcmp(argv[i], "--watch"))
            o->watch = true;
        else if (!strcmp(argv[i], "--json"))
            o->json = true;
        else if (!strcmp(argv[i], "--process") && i + 1 < argc && argv[i + 1][0])
            o->process = argv[++i];
        else if (!strcmp(argv[i], "--process"))
            return cli_usage("types", "--process needs a name or a PID");
        else
            return cli_usage("types", "'%s' is not an option", argv[i]);
    }
    return EXIT_OK;
}

static bool is_wanted(const struct options *o, const struct snapshot_holding *h)
{
    char *end = NULL;
    unsigned long pid = strtoul(o->process, &end, 10);
    if (*o->process >= '0' && *o->process <= '9' && !*end)
        return h->pid == pid;
    return text_match(o->process, h->process);
}

/* Holdings stand by type: this is the first row of its process, so the process is printed here. */
static bool is_first(const struct snapshot *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (s->holdings[i].pid == s->holdings[at].pid)
            return false;
    return true;
}

static void add_rate_json(struct json *j, const struct snapshot_rate *r)
{
    if (r->known)
        json_real(j, "perMinute", r->per_minute, 1);
    else
        json_null(j, "perMinute");
}

static void add_process_json(struct json *j, const struct snapshot *s, size_t first)
{
    const struct snapshot_holding *p = &s->holdings[first];
    json_object(j, NULL);
    json_u64(j, "pid", p->pid);
    json_string(j, "name", p->process);
    json_u64(j, "start", p->start);
    json_array(j, "types");
    for (size_t i = first; i < s->holding_count; i++) {
        const struct snapshot_holding *h = &s->holdings[i];
        if (h->pid != p->pid)
            continue;
        json_object(j, NULL);
        json_string(j, "name", s->types[h->type].name);
        json_u64(j, "open", h->open);
        json_i64(j, "change", h->change);
        add_rate_json(j, &h->rate);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void add_json(struct text *out, const struct options *o, const struct census *c, const struct snapshot *s)
{
    struct json j = {.out = out, .pretty = !o->watch};
    json_object(&j, NULL);
    json_u64(&j, "time", s->filetime);
    json_real(&j, "cost", s->cost, 4);
    json_array(&j, "types");
    for (size_t i = 0; i < s->type_count; i++) {
        const struct snapshot_type *t = &s->types[i];
        json_object(&j, NULL);
        json_string(&j, "name", t->name);
        json_u64(&j, "open", t->open);
        json_u64(&j, "objects", t->objects);
        json_i64(&j, "change", t->change);
        json_u64(&j, "peak", t->peak);
        add_rate_json(&j, &t->rate);
        json_string(&j, "number", calibrate_source_name(census_source(c, i)));
        json_end_object(&j);
    }
    json_end_array(&j);
    if (o->process) {
        json_array(&j, "processes");
        for (size_t i = 0; i < s->holding_count; i++)
            if (is_wanted(o, &s->holdings[i]) && is_first(s, i))
                add_process_json(&j, s, i);
        json_end_array(&j);
    }
    json_end_object(&j);
    text_add_char(out, '\n');
}

static const struct rows_words *words(void)
{
    return &rows_words_english;
}

/* Characters, not bytes: the signs of change are longer than one byte. */
static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void add_right(struct text *out, size_t width, struct text *cell)
{
    for (size_t n = width_of(text_str(cell)); n < width; n++)
        text_add_char(out, ' ');
    text_add(out, text_str(cell));
    text_clear(cell);
}

static void add_left(struct text *out, size_t width, const char *s)
{
    text_add(out, s);
    for (size_t n = width_of(s); n < width; n++)
        text_add_char(out, ' ');
}

static void add_change_and_rate(struct text *out, int64_t change, const struct snapshot_rate *rate, struct text *cell)
{
    rows_add_change(cell, change, words());
    add_right(out, 12, cell);
    rows_add_rate(cell, rate, words());
    add_right(out, 12, cell);
}

static void add_types_table(struct text *out, const struct options *o, const struct snapshot *s, struct text *cell)
{
    add_left(out, 28, "Type");
    text_addf(out, "%12s%12s", "Open", "Objects");
    if (o->watch)
        text_addf(out, "%12s%12s", "Change", "Per minute");
    text_add_char(out, '\n');
    for (size_t i = 0; i < s->type_count; i++) {
        const struct snapshot_type *t = &s->types[i];
        add_left(out, 28, t->name);
        rows_add_count(cell, t->open, words());
        add_right(out, 12, cell);
        rows_add_count(cell, t->objects, words());
        add_right(out, 12, cell);
        if (o->watch)
            add_change_and_rate(out, t->change, &t->rate, cell);
        text_add_char(out, '\n');
    }
}

static void add_process_table(struct text *out, const struct options *o, const struct snapshot *s, size_t first,
                              struct text *cell)
{
    const struct snapshot_holding *p = &s->holdings[first];
    text_addf(out, "\n%s (PID %u)\n", p->process, p->pid);
    for (size_t i = first; i < s->holding_count; i++) {
        const struct snapshot_holding *h = &s->holdings[i];
        if (h->pid != p->pid)
            continue;
        text_add(out, "  ");
        add_left(out, 26, s->types[h->type].name);
        rows_add_count(cell, h->open, words());
        add_right(out, 12, cell);
        if (o->watch) {
            add_left(out, 12, "");
            add_change_and_rate(out, h->change, &h->rate, cell);
        }
        text_add_char(out, '\n');
    }
}

static void add_text(struct text *out, const struct options *o, const struct snapshot *s)
{
    struct text cell = {0};
    add_types_table(out, o, s, &cell);
    for (size_t i = 0; o->process && i < s->holding_count; i++)
        if (is_wanted(o, &s->holdings[i]) && is_first(s, i))
            add_process_table(out, o, s, i, &cell);
    for (size_t i = 0; o->process && i < s->type_count; i++)
        if (s->types[i].open && !s->types[i].holders_known)
            text_addf(out, "\nWho holds %s cannot be told: its number in the handle list is not known.\n",
                      s->types[i].name);
    if (o->watch)
        text_add_char(out, '\n');
    out->failed = out->failed || cell.failed;
    text_free(&cell);
}

static bool anyone_wanted(const struct options *o, const struct snapshot *s)
{
    for (size_t i = 0; i < s->holding_count; i++)
        if (is_wanted(o, &s->holdings[i]))
            return true;
    return false;
}

static enum exit_code print_one(const struct options *o, const struct census *c, const struct snapshot *s)
{
    if (!s->available)
        return cli_fail(&s->why);
    if (o->process && !s->holders_available)
        return cli_fail(&s->holders_why);
    if (o->process && !o->watch && !anyone_wanted(o, s)) {
        struct err err = {0};
        err_set(&err, ERR_NOT_FOUND, "Looking for the process %s", o->process);
        return cli_fail(&err);
    }
    struct text out = {0};
    if (o->json)
        add_json(&out, o, c, s);
    else
        add_text(&out, o, s);
    enum exit_code code = cli_print(&out, EXIT_OK);
    text_free(&out);
    return code;
}

/* Short naps: a console handler runs on a thread of its own and can only leave word. */
static void sleep_until(uint64_t due)
{
    while (!atomic_load(&interrupted) && clock_ns() < due) {
        uint64_t ms = (due - clock_ns()) / 1000000 + 1;
        clock_sleep_ms(ms > 50 ? 50 : (uint32_t)ms);
    }
}

static enum exit_code run(const struct options *o, struct census *c)
{
    for (;;) {
        const struct snapshot *s = census_take(c, clock_ns(), clock_filetime());
        if (!s) {
            struct err err = {0};
            err_set(&err, ERR_NO_MEMORY, "Counting handles");
            return cli_fail(&err);
        }
        enum exit_code code = print_one(o, c, s);
        snapshot_release(s);
        if (code != EXIT_OK || !o->watch)
            return code;
        sleep_until(census_due(c));
        if (atomic_load(&interrupted))
            return EXIT_OK;
    }
}

enum exit_code cli_types(int argc, char **argv)
{
    struct options o = {0};
    enum exit_code code = read_options(argc, argv, &o);
    if (code != EXIT_OK)
        return code;
    struct err err = {0};
    struct sys_backend sys = {0};
    struct census *c = NULL;
    if (!sys_win_create(&sys, &err) || !census_create(&sys, &c, &err)) {
        sys_win_destroy(&sys);
        return cli_fail(&err);
    }
    if (o.watch)
        SetConsoleCtrlHandler(on_break, TRUE);
    code = run(&o, c);
    if (o.watch)
        SetConsoleCtrlHandler(on_break, FALSE);
    census_destroy(c);
    sys_win_destroy(&sys);
    return code;
}
