/* The report for people. */
#include "core/report/report_write.h"

#include "core/base/thread.h"

#include <stdio.h>
#include <string.h>

#define GROUPS_SHOWN 20u
#define LEAKS_SHOWN  50u

struct report_when report_when(const struct report *r, int64_t time)
{
    struct report_when w = {.seconds = timeline_seconds(&r->facts, time)};
    char iso[ETL_TIME_TEXT];
    char stamp[20];
    uint64_t filetime = timeline_filetime(&r->facts, time);
    etl_filetime_text(filetime, iso);
    clock_file_stamp(filetime, stamp);
    snprintf(w.utc, sizeof w.utc, "%.10s %.15sZ", iso, iso + 11);
    snprintf(w.local, sizeof w.local, "%.10s %.2s:%.2s:%.2s.%06u", stamp, stamp + 11, stamp + 14, stamp + 17,
             (unsigned)(filetime % 10000000 / 10));
    return w;
}

void report_add_when(const struct report *r, int64_t time, struct text *t)
{
    struct report_when w = report_when(r, time);
    text_addf(t, "%.3f s (%s, local %s)", w.seconds, w.utc, w.local);
}

void report_add_recorded(const struct report *r, struct text *t)
{
    struct report_when w = report_when(r, r->facts.first);
    text_addf(t, "Recorded %s (local %s), %.3f seconds", w.utc, w.local, timeline_seconds(&r->facts, r->facts.last));
}

uint32_t report_leaking(const struct report *r)
{
    uint32_t n = 0;
    while (n < r->group_count && r->groups[n].counts.leaked + r->groups[n].counts.leaked_at_exit > 0)
        n++;
    return n;
}

const char *report_type_raw(const struct report *r, uint16_t type, char room[REPORT_TYPE_ROOM])
{
    return filter_type_name(r->ledger, type, room);
}

const char *report_type_name(const struct report *r, uint16_t type, char room[REPORT_TYPE_ROOM])
{
    const char *name = report_type_raw(r, type, room);
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            return room;
    return name;
}

void report_put_process(const struct report *r, uint32_t process, struct text *t,
                        void (*put)(struct text *t, const char *s))
{
    const char *name = report_process_name(r, process);
    if (process == PROCESS_UNKNOWN) {
        text_add(t, "(unknown process)");
        return;
    }
    put(t, *name ? name : "(unnamed)");
    text_addf(t, " (%u)", ledger_process(r->ledger, process)->pid);
}

void report_add_process(const struct report *r, uint32_t process, struct text *t)
{
    report_put_process(r, process, t, report_add_clean);
}

#define N(x) ((unsigned long long)(x))

void report_ring_text(const struct report *r, struct text *out)
{
    if (!r->facts.ring)
        return;
    struct report_when w = report_when(r, r->facts.ring_first);
    text_addf(out, "The ring begins at %s, %.3f s after the start; %llu handles open at the end have no create in it.",
              w.local, w.seconds, N(r->sum.open - r->sum.leaked));
}

static void marks(const struct report *r, struct text *t)
{
    if (!r->marks.count)
        return;
    text_add(t, "\nMarks\n");
    for (uint32_t i = 0; i < r->marks.count; i++) {
        struct report_when w = report_when(r, r->marks.list[i].time);
        text_addf(t, "%12.3f s  %s  local %s  ", w.seconds, w.utc, w.local);
        report_add_clean(t, r->marks.list[i].text);
        text_add(t, "\n");
    }
}

static void summary(const struct report *r, struct text *t)
{
    const struct life_counts *c = &r->sum;
    report_add_recorded(r, t);
    text_add(t, "\n\n");
    text_addf(t, "%12llu  leaked: opened in the recording and still open\n", N(c->leaked));
    text_addf(t, "%12llu  leaked at exit: closed only because their process ended\n", N(c->leaked_at_exit));
    text_addf(t, "%12llu  open at the end, those that were there before included\n", N(c->open));
    text_addf(t, "%12llu  created, %llu duplicated (%llu of them inherited), %llu closed, %llu there before\n",
              N(c->created), N(c->duplicated), N(c->inherited), N(c->closed), N(c->preexisting));
    text_addf(t, "%12llu  uncertain: a close or a create is missing\n", N(c->uncertain));
    if (r->facts.events_lost || r->facts.losses_known)
        text_addf(t, "%12llu  events lost%s\n", N(r->facts.events_lost),
                  r->facts.events_lost ? ": the counts are approximate" : "");
    else
        text_add(t, "           ?  events lost: the file does not say\n");
    if (r->facts.ring) {
        report_ring_text(r, t);
        text_add(t, "\n");
    }
    if (r->facts.damaged)
        text_add(t, "The recording is damaged or ends early: this covers what could be read.\n");
    if (!(c->created + c->duplicated + c->preexisting))
        text_add(t, "\nNo handles: there are no handle events, or none that the filters let through.\n");
    else if (!c->leaked && !c->leaked_at_exit)
        text_addf(t, "\nNo leaks: %llu handles opened, %llu closed.\n", N(c->created + c->duplicated), N(c->closed));
}

static void totals(const struct report *r, struct text *t)
{
    bool by_process = r->options->totals == REPORT_TOTALS_PROCESS;
    uint32_t shown = report_top(r, r->total_count, UINT32_MAX);
    text_addf(t, "\n%-32s %12s %12s %12s %12s %12s %12s\n", by_process ? "Process" : "Type", "Leaked", "At exit",
              "Open", "Created", "Duplicated", "Closed");
    for (uint32_t i = 0; i < shown; i++) {
        const struct report_row *row = &r->totals[i];
        struct text name = {0};
        char room[REPORT_TYPE_ROOM];
        if (by_process)
            report_add_process(r, row->process, &name);
        else
            text_add(&name, report_type_name(r, row->type, room));
        t->failed = t->failed || name.failed;
        text_addf(t, "%-32s %12llu %12llu %12llu %12llu %12llu %12llu\n", text_str(&name), N(row->counts.leaked),
                  N(row->counts.leaked_at_exit), N(row->counts.open), N(row->counts.created), N(row->counts.duplicated),
                  N(row->counts.closed));
        text_free(&name);
    }
    if (shown < r->total_count)
        text_addf(t, "  and %u more (--top)\n", r->total_count - shown);
}

static bool stack_lines(struct report *r, uint32_t stack, struct text *t)
{
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    if (!report_stack_frames(r, stack, frames, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        text_addf(t, "        %s\n", r->frames[frames[i]].text);
    return true;
}

static bool groups(struct report *r, struct report_out *o)
{
    struct text *t = &o->text;
    uint32_t leaking = report_leaking(r);
    uint32_t shown = report_top(r, leaking, GROUPS_SHOWN);
    if (!leaking)
        return true;
    text_add(t, "\nLeaks by the code that opened them\n");
    for (uint32_t i = 0; i < shown; i++) {
        const struct report_group *g = &r->groups[i];
        const char *title = report_group_title(r, g);
        char room[REPORT_TYPE_ROOM];
        if (!title)
            return false;
        /* Where nothing leaked otherwise, what was left to the process's end is the number that matters. */
        bool exits = !g->counts.leaked;
        text_addf(t, "%12llu  %s %sin ", N(exits ? g->counts.leaked_at_exit : g->counts.leaked),
                  report_type_name(r, g->type, room), exits ? "at exit " : "");
        report_add_process(r, g->process, t);
        text_addf(t, ": %s\n", title);
        text_add(t, "              ");
        if (g->counts.leaked_at_exit && !exits)
            text_addf(t, "%llu more at exit, ", N(g->counts.leaked_at_exit));
        text_addf(t, "%llu opened here, leaked from ", N(g->counts.created + g->counts.duplicated));
        report_add_when(r, g->first, t);
        text_addf(t, " to %.3f s", timeline_seconds(&r->facts, g->last));
        text_addf(t, "%s\n", g->counts.uncertain ? ", some uncertain" : "");
        if (r->options->stacks && !stack_lines(r, g->stack, t))
            return false;
        report_out_pass(o);
    }
    if (shown < leaking)
        text_addf(t, "  and %u more places (--top)\n", leaking - shown);
    return true;
}

/* A leaked handle on a line. */
static bool leak(struct report *r, struct text *t, const struct report_leak *leak)
{
    const struct ledger_life *x = &leak->life;
    struct text name = {0};
    char room[REPORT_TYPE_ROOM];
    struct report_when w = report_when(r, x->opened);
    uint32_t frame = UINT32_MAX;
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    report_add_process(r, x->process, &name);
    t->failed = t->failed || name.failed;
    text_addf(t, "%12.6f  %-28s %-26s  0x%-8x %-24s %-32s ", w.seconds, w.utc, w.local, x->handle,
              report_type_name(r, x->type, room), text_str(&name));
    text_free(&name);
    if (x->tid == ETL_UNKNOWN_ID)
        text_add(t, "       ?  ");
    else
        text_addf(t, "%8u  ", x->tid);
    if (!report_stack_frames(r, x->stack, frames, &count))
        return false;
    for (uint32_t k = 0; k < count && frame == UINT32_MAX; k++)
        if (!r->frames[frames[k]].system)
            frame = frames[k];
    report_add_clean(t, leak->name ? leak->name : "");
    text_addf(t, "%s%s%s\n", leak->name ? "  " : "", frame == UINT32_MAX ? "" : r->frames[frame].text,
              x->uncertain ? "  (uncertain)" : "");
    return !r->options->stacks || stack_lines(r, x->stack, t);
}

static bool leak_list(struct report *r, struct report_out *o, const char *title, const struct report_leak *list,
                      uint32_t count, uint64_t left_out)
{
    struct text *t = &o->text;
    uint32_t shown = report_top(r, count, LEAKS_SHOWN);
    text_addf(t, "\n%s\n%12s  %-28s %-26s  %-10s %-24s %-32s %8s  %s\n", title, "Seconds", "UTC", "Local", "Handle",
              "Type", "Process", "Thread", "Name, code");
    for (uint32_t i = 0; i < shown; i++) {
        if (!leak(r, t, &list[i]))
            return false;
        report_out_pass(o);
    }
    if (shown < count || left_out)
        text_addf(t, "  and %llu more (--top)\n", N(count - shown + left_out));
    return true;
}

static bool leaks(struct report *r, struct report_out *o)
{
    bool ok = r->options->filter.exit_closed || leak_list(r, o, "Leaked handles", r->leaks, r->leak_count, 0);
    return ok && (!r->exit_count || leak_list(r, o, "Leaked at exit", r->exits, r->exit_count, r->exits_left_out));
}

bool report_text(struct report *r, struct report_out *o)
{
    const struct report_options *p = r->options;
    summary(r, &o->text);
    marks(r, &o->text);
    if (p->totals_asked || !p->leaks)
        totals(r, &o->text);
    if (!p->totals_asked && !p->leaks && !groups(r, o))
        return false;
    if (p->totals_asked && p->stacks && !groups(r, o))
        return false;
    return !p->leaks || leaks(r, o);
}

bool report_write(struct report *r, struct report_out *o)
{
    static bool (*const writers[])(struct report * r, struct report_out * o) = {[REPORT_TEXT] = report_text,
                                                                                [REPORT_CSV] = report_csv,
                                                                                [REPORT_JSON] = report_json,
                                                                                [REPORT_HTML] = report_html};
    bool ok = writers[r->options->format](r, o);
    return report_out_end(o) && ok;
}
