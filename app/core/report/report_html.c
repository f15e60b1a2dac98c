/* The report as one HTML file: no network, no script needed, everything from the trace escaped. */
#include "core/report/report_write.h"

#include "core/report/report_frames.h"

#include <stdlib.h>
#include <string.h>

#define GROUPS_SHOWN 200u
#define LEAKS_SHOWN  1000u
#define LINES_SHOWN  8u
#define CHART_WIDTH  900.0
#define CHART_HEIGHT 240.0

static const char *const colours[LINES_SHOWN] = {"#0b62a4", "#b5420c", "#2b7a3d", "#7a3d9a",
                                                 "#a07800", "#00798c", "#a3255c", "#555555"};

static const char style[] =
    "body{font:15px/1.45 'Segoe UI',system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%"
    "}"
    "th,td{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}pre{margin:.3rem 0 .3rem 1rem;font:13px/1.35 Consolas,monospace;"
    "overflow-x:auto}summary{cursor:pointer}.big{font-size:2rem;font-weight:600}.note{background:#fff4ce;padding:.5rem "
    "1rem}svg{width:100%;height:auto}.key{display:inline-block;width:.9em;height:.9em;margin:0 .35em 0 0}"
    ".line{display:inline-block;margin-right:1.2em}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#1e1e1e}th,td{border-color:#444}"
    ".note{background:#4d3b00}svg text{fill:#ccc}}";

/* Invalid UTF-8 must not let a byte swallow the markup behind it. */
static void escaped(struct text *t, const char *s)
{
    static const struct {
        char c;
        const char *as;
    } rows[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    while (*s) {
        unsigned char c = (unsigned char)*s;
        size_t n = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
        const char *as = NULL;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            if (rows[i].c == *s)
                as = rows[i].as;
        if (c < 0x20 || c == 0x7F)
            as = "&#xFFFD;";
        if (c >= 0x80 && (memchr(s, 0, n) || !text_is_utf8(s, n))) {
            as = "&#xFFFD;";
            n = 1;
        }
        if (as)
            text_add(t, as);
        else
            text_add_n(t, s, n);
        s += n;
    }
}

static void type_cell(const struct report *r, struct text *t, uint16_t type)
{
    char room[REPORT_TYPE_ROOM];
    escaped(t, report_type_raw(r, type, room));
}

static void process_cell(const struct report *r, struct text *t, uint32_t process)
{
    report_put_process(r, process, t, escaped);
}

#define N(x) ((unsigned long long)(x))

static void number_cells(struct text *t, const struct life_counts *c)
{
    text_addf(t, "<td class=n>%llu<td class=n>%llu<td class=n>%llu<td class=n>%llu<td class=n>%llu<td class=n>%llu",
              N(c->leaked), N(c->leaked_at_exit), N(c->open), N(c->created), N(c->duplicated), N(c->closed));
}

#define NUMBER_HEADS                                                                                                   \
    "<th class=n>Leaked<th class=n>At exit<th class=n>Open<th class=n>Created<th class=n>Duplicated<th class=n>Closed"

static void summary(const struct report *r, struct text *t)
{
    const struct life_counts *c = &r->sum;
    text_add(t, "<h1>Handle leak report</h1><p>");
    report_add_recorded(r, t);
    text_addf(t, "<p><span class=big>%llu leaked</span> &nbsp; %llu leaked at exit, %llu open at the end", N(c->leaked),
              N(c->leaked_at_exit), N(c->open));
    text_addf(t, "<p>%llu created, %llu duplicated, %llu closed, %llu there before the recording, %llu uncertain",
              N(c->created), N(c->duplicated), N(c->closed), N(c->preexisting), N(c->uncertain));
    if (r->facts.events_lost)
        text_addf(t, "<p class=note>%llu events lost; the counts are approximate", N(r->facts.events_lost));
    else if (!r->facts.losses_known)
        text_add(t, "<p class=note>Whether events were lost is not known: the file does not say");
    if (r->facts.ring) {
        text_add(t, "<p class=note>");
        report_ring_text(r, t);
    }
    if (r->facts.damaged)
        text_add(t, "<p class=note>The recording is damaged or ends early: this covers what could be read");
    text_add(t, "\n");
}

struct chart_line {
    uint16_t type;
    int64_t open[SERIES_STEPS];
    int64_t most;
};

static int by_most(const void *left, const void *right)
{
    const struct chart_line *a = left;
    const struct chart_line *b = right;
    if (a->most != b->most)
        return a->most > b->most ? -1 : 1;
    return a->type < b->type ? -1 : a->type > b->type;
}

/* One line per type, from the rows that the filters let through. NULL for want of memory. */
static struct chart_line *chart_lines(const struct report *r, uint32_t steps, uint32_t *count)
{
    struct chart_line *lines = calloc(r->series.count + 1, sizeof *lines);
    *count = 0;
    for (uint32_t i = 0; lines && i < r->series.count; i++) {
        const struct series_row *row = &r->series.rows[i];
        uint32_t at = 0;
        int64_t open = row->before;
        if (!filter_group(&r->options->filter, r->ledger, row->process, row->type))
            continue;
        while (at < *count && lines[at].type != row->type)
            at++;
        if (at == *count)
            lines[(*count)++].type = row->type;
        for (uint32_t k = 0; k < steps; k++) {
            open += row->change[k];
            lines[at].open[k] += open;
        }
    }
    for (uint32_t i = 0; i < *count; i++)
        for (uint32_t k = 0; k < steps; k++)
            lines[i].most = lines[i].open[k] > lines[i].most ? lines[i].open[k] : lines[i].most;
    if (lines && *count)
        qsort(lines, *count, sizeof *lines, by_most);
    return lines;
}

static void axis(struct text *t, int64_t most, double seconds)
{
    text_addf(t, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"Open handles over time per type\">",
              CHART_WIDTH + 70, CHART_HEIGHT + 40);
    for (int i = 0; i <= 4; i++) {
        double y = 10 + CHART_HEIGHT * (4 - i) / 4;
        text_addf(t, "<line x1=\"60\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#8884\"/>", y, CHART_WIDTH + 60, y);
        text_addf(t, "<text x=\"54\" y=\"%.1f\" font-size=\"12\" text-anchor=\"end\">%.0f</text>", y + 4,
                  (double)most * i / 4);
        double x = 60 + CHART_WIDTH * i / 4;
        text_addf(t, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\" text-anchor=\"%s\">%.1f s</text>", x,
                  CHART_HEIGHT + 30, i < 4 ? "middle" : "end", seconds * i / 4);
    }
}

static void mark_lines(const struct report *r, struct text *t)
{
    double length = timeline_seconds(&r->facts, r->facts.last);
    for (uint32_t i = 0; i < r->marks.count; i++) {
        double at = length > 0 ? timeline_seconds(&r->facts, r->marks.list[i].time) / length : 0;
        double x = 60 + CHART_WIDTH * (at < 0 ? 0 : at > 1 ? 1 : at);
        text_addf(t, "<line x1=\"%.1f\" y1=\"10\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#888\" stroke-dasharray=\"4 3\">", x,
                  x, CHART_HEIGHT + 10);
        text_add(t, "<title>");
        escaped(t, r->marks.list[i].text);
        text_addf(t, "</title></line><text x=\"%.1f\" y=\"9\" font-size=\"11\" text-anchor=\"middle\">%u</text>", x,
                  i + 1);
    }
}

/* The numbers are those at the chart's lines. */
static void mark_list(const struct report *r, struct text *t)
{
    if (!r->marks.count)
        return;
    text_add(t, "<h2>Marks</h2><ol>\n");
    for (uint32_t i = 0; i < r->marks.count; i++) {
        text_add(t, "<li>");
        report_add_when(r, r->marks.list[i].time, t);
        text_add(t, ": ");
        escaped(t, r->marks.list[i].text);
        text_add(t, "\n");
    }
    text_add(t, "</ol>\n");
}

static bool chart(const struct report *r, struct text *t)
{
    uint32_t count = 0;
    uint64_t length = r->facts.last > r->facts.first ? (uint64_t)r->facts.last - (uint64_t)r->facts.first : 0;
    if (r->options->filter.stacks.count) {
        text_add(t, "<p class=note>There is no chart: it cannot be filtered by stacks\n");
        return true;
    }
    if (!r->series.width)
        return true;
    uint64_t last = length / r->series.width;
    uint32_t steps = last < SERIES_STEPS ? (uint32_t)last + 1 : SERIES_STEPS;
    struct chart_line *lines = chart_lines(r, steps, &count);
    if (!lines)
        return false;
    count = count < LINES_SHOWN ? count : LINES_SHOWN;
    int64_t most = count && lines[0].most > 4 ? lines[0].most : 4;
    text_add(t, "<h2>Open handles over time</h2>\n");
    axis(t, most, timeline_seconds(&r->facts, r->facts.last));
    for (uint32_t i = 0; i < count; i++) {
        text_addf(t, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colours[i]);
        for (uint32_t k = 0; k < steps; k++)
            text_addf(t, "%.1f,%.1f ", 60 + CHART_WIDTH * (k + 1) / steps,
                      10 + CHART_HEIGHT * (1 - (double)lines[i].open[k] / (double)most));
        text_add(t, "\"/>");
    }
    mark_lines(r, t);
    text_add(t, "</svg><p>");
    for (uint32_t i = 0; i < count; i++) {
        text_addf(t, "<span class=line><span class=key style=\"background:%s\"></span>", colours[i]);
        type_cell(r, t, lines[i].type);
        text_addf(t, " (at most %llu)</span> ", N(lines[i].most));
    }
    text_add(t, "\n");
    free(lines);
    return true;
}

static void totals(const struct report *r, struct report_out *o)
{
    bool by_process = r->options->totals == REPORT_TOTALS_PROCESS;
    uint32_t shown = report_top(r, r->total_count, GROUPS_SHOWN);
    text_addf(&o->text, "<h2>By %s</h2><table><tr><th>%s" NUMBER_HEADS "\n", by_process ? "process" : "type",
              by_process ? "Process" : "Type");
    for (uint32_t i = 0; i < shown; i++) {
        text_add(&o->text, "<tr><td>");
        if (by_process)
            process_cell(r, &o->text, r->totals[i].process);
        else
            type_cell(r, &o->text, r->totals[i].type);
        number_cells(&o->text, &r->totals[i].counts);
        text_add(&o->text, "\n");
        report_out_pass(o);
    }
    text_add(&o->text, "</table>\n");
    if (shown < r->total_count)
        text_addf(&o->text, "<p>and %u more\n", r->total_count - shown);
}

static bool leak_row(struct report *r, struct text *t, const struct report_leak *leak)
{
    const struct ledger_life *x = &leak->life;
    struct report_when w = report_when(r, x->opened);
    uint32_t frame = UINT32_MAX;
    if (!report_leading_frame(r, x->stack, &frame))
        return false;
    text_addf(t, "<tr><td class=n>%.6f<td>%s<td>%s<td>0x%x<td>", w.seconds, w.utc, w.local, x->handle);
    type_cell(r, t, x->type);
    text_add(t, "<td>");
    process_cell(r, t, x->process);
    if (x->tid == ETL_UNKNOWN_ID)
        text_add(t, "<td class=n>?<td>");
    else
        text_addf(t, "<td class=n>%u<td>", x->tid);
    escaped(t, leak->name ? leak->name : "");
    text_add(t, "<td><code>");
    escaped(t, frame == UINT32_MAX ? "" : r->frames[frame].text);
    text_add(t, x->uncertain ? "</code> (uncertain)\n" : "</code>\n");
    return true;
}

static bool leak_list(struct report *r, struct report_out *o, const char *title, const struct report_leak *list,
                      uint32_t count, uint64_t left_out)
{
    uint32_t shown = report_top(r, count, LEAKS_SHOWN);
    if (!count)
        return true;
    text_addf(&o->text,
              "<h2>%s</h2><table><tr><th class=n>Seconds<th>UTC<th>Local<th>Handle<th>Type<th>Process"
              "<th class=n>Thread<th>Name<th>Code\n",
              title);
    for (uint32_t i = 0; i < shown; i++) {
        if (!leak_row(r, &o->text, &list[i]))
            return false;
        report_out_pass(o);
    }
    text_add(&o->text, "</table>\n");
    if (shown < count || left_out)
        text_addf(&o->text, "<p>and %llu more\n", N(count - shown + left_out));
    return true;
}

static bool leaks(struct report *r, struct report_out *o)
{
    return !r->options->leaks || (leak_list(r, o, "Leaked handles", r->leaks, r->leak_count, 0) &&
                                  leak_list(r, o, "Leaked at exit", r->exits, r->exit_count, r->exits_left_out));
}

static bool groups(struct report *r, struct report_out *o)
{
    struct text *t = &o->text;
    uint32_t leaking = report_leaking(r);
    uint32_t frames[STACK_FRAMES_MAX];
    if (!(r->sum.created + r->sum.duplicated + r->sum.preexisting)) {
        text_add(t, "<h2>No handles</h2><p>There are no handle events, or none that the filters let through\n");
        return true;
    }
    if (!leaking) {
        text_addf(t, "<h2>No leaks</h2><p>%llu handles opened, %llu closed\n", N(r->sum.created + r->sum.duplicated),
                  N(r->sum.closed));
        return true;
    }
    uint32_t shown = report_top(r, leaking, GROUPS_SHOWN);
    text_add(t, "<h2>Leaks by the code that opened them</h2>\n");
    for (uint32_t i = 0; i < shown; i++) {
        const struct report_group *g = &r->groups[i];
        const char *title = report_group_title(r, g);
        uint32_t count = 0;
        if (!title)
            return false;
        bool exits = !g->counts.leaked;
        text_addf(t, "<details%s><summary><b>%llu</b> %s", i < 3 ? " open" : "",
                  N(exits ? g->counts.leaked_at_exit : g->counts.leaked), exits ? "at exit " : "");
        if (g->counts.leaked_at_exit && !exits)
            text_addf(t, "(and %llu at exit) ", N(g->counts.leaked_at_exit));
        type_cell(r, t, g->type);
        text_add(t, " in ");
        process_cell(r, t, g->process);
        text_add(t, ": <code>");
        escaped(t, title);
        text_addf(t, "</code></summary><p>%llu opened here; the leaked ones from ",
                  N(g->counts.created + g->counts.duplicated));
        report_add_when(r, g->first, t);
        text_addf(t, " to %.3f s", timeline_seconds(&r->facts, g->last));
        text_addf(t, "%s<pre>", g->counts.uncertain ? "; some uncertain" : "");
        if (!report_stack_frames(r, g->stack, frames, &count))
            return false;
        for (uint32_t k = 0; k < count; k++) {
            escaped(t, r->frames[frames[k]].text);
            text_add(t, "\n");
        }
        text_add(t, "</pre></details>\n");
        report_out_pass(o);
    }
    if (shown < leaking)
        text_addf(t, "<p>and %u more places\n", leaking - shown);
    return true;
}

bool report_html(struct report *r, struct report_out *o)
{
    struct text *t = &o->text;
    text_add(t, "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><meta name=viewport "
                "content=\"width=device-width\"><meta http-equiv=Content-Security-Policy content=\"default-src "
                "'none'; style-src 'unsafe-inline'\"><title>Handle leak report</title><style>");
    text_add(t, style);
    text_add(t, "</style>\n");
    summary(r, t);
    bool ok = chart(r, t);
    mark_list(r, t);
    ok = ok && groups(r, o);
    totals(r, o);
    ok = ok && leaks(r, o);
    text_add(t, "</html>\n");
    return ok;
}
