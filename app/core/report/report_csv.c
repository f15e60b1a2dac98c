/* The report as CSV (RFC 4180): a row for each total, leak or group, as asked for. */
#include "core/report/report_write.h"

#include <stdio.h>
#include <string.h>

/* Quoted where needed. A spreadsheet must not take a name for a formula. */
static void cell(struct text *t, const char *s)
{
    bool formula = *s && strchr("=+-@\t\r", *s);
    if (!formula && !strpbrk(s, ",\"\r\n")) {
        text_add(t, s);
        return;
    }
    text_add(t, formula ? "\"'" : "\"");
    for (; *s; s++) {
        if (*s == '"')
            text_add_char(t, '"');
        text_add_char(t, *s);
    }
    text_add_char(t, '"');
}

static void process_cells(const struct report *r, struct text *t, uint32_t process)
{
    const struct ledger_process *p = ledger_process(r->ledger, process);
    cell(t, report_process_name(r, process));
    text_add_char(t, ',');
    if (p->pid != ETL_UNKNOWN_ID)
        text_addf(t, "%u", p->pid);
}

static void type_cell(const struct report *r, struct text *t, uint16_t type)
{
    char room[REPORT_TYPE_ROOM];
    cell(t, report_type_raw(r, type, room));
}

#define COUNT_HEADS "Created,Duplicated,Inherited,Closed,Open,Leaked,LeakedAtExit,Preexisting,Uncertain"
#define N(x)        ((unsigned long long)(x))

static void count_cells(struct text *t, const struct life_counts *c)
{
    text_addf(t, ",%llu,%llu,%llu,%llu,%llu,%llu,%llu,%llu,%llu", N(c->created), N(c->duplicated), N(c->inherited),
              N(c->closed), N(c->open), N(c->leaked), N(c->leaked_at_exit), N(c->preexisting), N(c->uncertain));
}

static bool stack_cell(struct report *r, struct text *t, uint32_t stack)
{
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    struct text lines = {0};
    bool ok = report_stack_frames(r, stack, frames, &count);
    for (uint32_t i = 0; ok && i < count; i++)
        text_addf(&lines, "%s%s", i ? "; " : "", r->frames[frames[i]].text);
    cell(t, text_str(&lines));
    ok = ok && !lines.failed;
    text_free(&lines);
    return ok;
}

static void write_totals(const struct report *r, struct report_out *o)
{
    bool by_process = r->options->totals == REPORT_TOTALS_PROCESS;
    uint32_t shown = report_top(r, r->total_count, UINT32_MAX);
    text_addf(&o->text, "%s," COUNT_HEADS "\r\n", by_process ? "Process,Pid" : "Type");
    for (uint32_t i = 0; i < shown; i++) {
        if (by_process)
            process_cells(r, &o->text, r->totals[i].process);
        else
            type_cell(r, &o->text, r->totals[i].type);
        count_cells(&o->text, &r->totals[i].counts);
        text_add(&o->text, "\r\n");
        report_out_pass(o);
    }
}

static bool write_leak(struct report *r, struct text *t, const struct report_leak *leak)
{
    const struct ledger_life *x = &leak->life;
    struct report_when w = report_when(r, x->opened);
    process_cells(r, t, x->process);
    text_add_char(t, ',');
    type_cell(r, t, x->type);
    text_add(t, ",");
    cell(t, leak->name ? leak->name : "");
    text_addf(t, ",0x%llx,0x%x,%.7f,%s,%s,", N(x->object), x->handle, w.seconds, w.utc, w.local);
    if (x->tid != ETL_UNKNOWN_ID)
        text_addf(t, "%u", x->tid);
    text_addf(t, ",%s,%s,", x->end == LEDGER_AT_EXIT ? "yes" : "no", x->uncertain ? "yes" : "no");
    bool ok = stack_cell(r, t, x->stack);
    text_add(t, "\r\n");
    return ok;
}

/* --top is for each kind. */
static bool write_list(struct report *r, struct report_out *o, const struct report_leak *list, uint32_t count)
{
    uint32_t shown = report_top(r, count, UINT32_MAX);
    for (uint32_t i = 0; i < shown; i++) {
        if (!write_leak(r, &o->text, &list[i]))
            return false;
        report_out_pass(o);
    }
    return true;
}

static bool write_leaks(struct report *r, struct report_out *o)
{
    text_add(&o->text, "Process,Pid,Type,Name,Object,Handle,CreatedSeconds,CreatedUtc,CreatedLocal,Tid,AtExit,"
                       "Uncertain,Stack\r\n");
    return write_list(r, o, r->leaks, r->leak_count) && write_list(r, o, r->exits, r->exit_count);
}

static bool write_groups(struct report *r, struct report_out *o)
{
    uint32_t shown = report_top(r, r->group_count, UINT32_MAX);
    text_add(&o->text, "Process,Pid,Type," COUNT_HEADS ",Code,Stack\r\n");
    for (uint32_t i = 0; i < shown; i++) {
        const struct report_group *g = &r->groups[i];
        const char *title = report_group_title(r, g);
        if (!title)
            return false;
        process_cells(r, &o->text, g->process);
        text_add_char(&o->text, ',');
        type_cell(r, &o->text, g->type);
        count_cells(&o->text, &g->counts);
        text_add(&o->text, ",");
        cell(&o->text, title);
        text_add(&o->text, ",");
        if (!stack_cell(r, &o->text, g->stack))
            return false;
        text_add(&o->text, "\r\n");
        report_out_pass(o);
    }
    return true;
}

bool report_csv(struct report *r, struct report_out *o)
{
    if (r->options->leaks)
        return write_leaks(r, o);
    if (!r->options->totals_asked)
        return write_groups(r, o);
    write_totals(r, o);
    return true;
}
