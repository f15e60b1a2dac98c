/* Words for rows, details and stacks. */
#include "core/report/result_text.h"

#include "core/base/thread.h"
#include "core/report/report_write.h"
#include "core/report/result_top.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_ROOM 48
#define CLOCK_ROOM  16
#define LINE_ROOM   2048

static void add_filled(struct text *out, const struct view_locale *l, unsigned id, const char *const *args, unsigned n)
{
    char line[LINE_ROOM];
    view_fill(line, sizeof line, view_word(l, id), args, n);
    text_add(out, line);
}

static void add_with(struct text *out, const struct view_locale *l, unsigned id, const char *arg)
{
    add_filled(out, l, id, &arg, 1);
}

static void add_number(struct text *out, const struct view_locale *l, uint64_t n)
{
    char room[NUMBER_ROOM];
    l->number(l->self, n, room, sizeof room);
    text_add(out, room);
}

void result_add_summary(const struct result_set *s, const struct view_locale *l, struct text *out)
{
    const struct report *r = s->report;
    const struct life_counts *c = &r->sum;
    char numbers[4][NUMBER_ROOM];
    char lost[160];
    char line[LINE_ROOM];
    char whole[LINE_ROOM];
    l->number(l->self, c->leaked, numbers[0], NUMBER_ROOM);
    l->number(l->self, c->uncertain, numbers[1], NUMBER_ROOM);
    l->number(l->self, r->facts.events_lost, numbers[2], NUMBER_ROOM);
    l->number(l->self, c->leaked_at_exit, numbers[3], NUMBER_ROOM);
    const char *number = numbers[2];
    bool known = r->facts.events_lost || r->facts.losses_known;
    view_fill(lost, sizeof lost, view_word(l, known ? WORD_RESULT_LOST : WORD_RESULT_UNKNOWN_LOST), &number, 1);
    const char *args[] = {numbers[0], numbers[1], lost, numbers[3]};
    view_fill(line, sizeof line, view_word(l, c->leaked_at_exit ? WORD_RESULT_SUMMARY_EXIT : WORD_RESULT_SUMMARY), args,
              4);
    const char *sofar = line;
    if (r->facts.damaged || s->merged) {
        view_fill(whole, sizeof whole, view_word(l, r->facts.damaged ? WORD_RESULT_DAMAGED : WORD_RESULT_MERGED),
                  &sofar, 1);
        sofar = whole;
    }
    text_add(out, sofar);
}

void result_add_empty(const struct result_tree *t, bool filtered, const struct view_locale *l, struct text *out)
{
    const struct life_counts *c = &t->set->report->sum;
    uint64_t opened = c->created + c->duplicated;
    if (t->count)
        return;
    if (filtered && (c->leaked + c->leaked_at_exit || !t->view.only_leaks)) {
        text_add(out, view_word(l, WORD_RESULT_NO_MATCH));
        return;
    }
    if (!opened) {
        text_add(out, view_word(l, WORD_RESULT_NO_HANDLES));
        return;
    }
    char number[NUMBER_ROOM];
    l->number(l->self, opened, number, sizeof number);
    add_with(out, l, WORD_RESULT_NO_LEAKS, number);
}

static void add_value(const struct result_tree *t, const struct result_node *n, const struct view_locale *l,
                      struct text *out)
{
    const struct report *r = t->set->report;
    enum result_column column = t->view.levels[n->level];
    char room[REPORT_TYPE_ROOM];
    switch (column) {
    case RESULT_PROCESS:
    case RESULT_CREATOR:
        report_add_process(r, n->value, out);
        return;
    case RESULT_TYPE:
        report_add_clean(out, report_type_name(r, (uint16_t)n->value, room));
        return;
    case RESULT_NAME:
        if (n->value == RESULT_OTHER_NAMES || !n->value)
            text_add(out, view_word(l, n->value ? WORD_RESULT_OTHER_NAMES : WORD_RESULT_NO_NAME));
        else
            report_add_clean(out, names_get(&t->set->names, n->value));
        return;
    case RESULT_LIFETIME:
        text_add(out, view_word(l, WORD_RESULT_LIFETIME + n->value));
        return;
    case RESULT_CLOSE_STACK:
    case RESULT_CREATE_STACK:
        if (n->value != UINT32_MAX)
            text_add(out, r->frames[n->value].text);
        else if (column == RESULT_CLOSE_STACK && !n->counts.closed)
            text_add(out, view_word(l, WORD_RESULT_NOT_CLOSED));
        else
            text_add(out, view_word(l, WORD_RESULT_NO_STACK));
        return;
    case RESULT_COLUMN_COUNT:
        return;
    }
}

/* "10:44:03.120" as this machine's zone has it. */
static void clock_text(const struct report *r, int64_t time, char out[CLOCK_ROOM])
{
    char stamp[20];
    uint64_t filetime = timeline_filetime(&r->facts, time);
    clock_file_stamp(filetime, stamp);
    snprintf(out, CLOCK_ROOM, "%.2s:%.2s:%.2s.%03u", stamp + 11, stamp + 14, stamp + 17,
             (unsigned)(filetime / 10000 % 1000));
}

static void add_duration(struct text *out, const struct view_locale *l, double seconds)
{
    char number[NUMBER_ROOM];
    if (seconds >= 10) {
        char clock[24];
        view_clock((uint64_t)(seconds * 1e9), clock);
        text_add(out, clock);
        return;
    }
    bool tiny = seconds < 0.001;
    l->number(l->self, (uint64_t)(seconds * (tiny ? 1e6 : 1e3)), number, sizeof number);
    add_with(out, l, tiny ? WORD_RESULT_MICROSECONDS : WORD_RESULT_MILLISECONDS, number);
}

static const char *name_of(const struct result_tree *t, const struct result_life *life)
{
    uint32_t name = t->set->groups[life->group].name;
    return name == RESULT_OTHER_NAMES ? "" : names_get(&t->set->names, name);
}

static void add_life_cell(const struct result_tree *t, const struct result_life *life, enum result_cell cell,
                          const struct view_locale *l, struct text *out)
{
    char clock[CLOCK_ROOM];
    double seconds = result_life_seconds(t->set, life);
    bool leaked = result_life_leaked(life);
    switch (cell) {
    case RESULT_CELL_GROUP:
        clock_text(t->set->report, life->opened, clock);
        text_addf(out, "0x%X  %s", life->handle, clock);
        if (*name_of(t, life)) {
            text_add(out, "  ");
            report_add_clean(out, name_of(t, life));
        }
        return;
    case RESULT_CELL_LEAKED:
        text_add(out, leaked && life->end == LEDGER_OPEN ? "1" : "");
        return;
    case RESULT_CELL_AT_EXIT:
        text_add(out, leaked && life->end == LEDGER_AT_EXIT ? "1" : "");
        return;
    case RESULT_CELL_LIFETIME:
        if (seconds >= 0)
            add_duration(out, l, seconds);
        return;
    default:
        return;
    }
}

static void add_node_cell(const struct result_tree *t, const struct result_node *n, enum result_cell cell,
                          const struct view_locale *l, struct text *out)
{
    const struct life_counts *c = &n->counts;
    switch (cell) {
    case RESULT_CELL_GROUP:
        add_value(t, n, l, out);
        return;
    case RESULT_CELL_LEAKED:
        add_number(out, l, c->leaked);
        return;
    case RESULT_CELL_AT_EXIT:
        add_number(out, l, c->leaked_at_exit);
        return;
    case RESULT_CELL_OPEN:
        add_number(out, l, c->open);
        return;
    case RESULT_CELL_CREATED:
        add_number(out, l, c->created + c->duplicated);
        return;
    case RESULT_CELL_CLOSED:
        add_number(out, l, c->closed);
        return;
    case RESULT_CELL_LIFETIME:
        if (c->closed)
            add_duration(out, l, c->seconds / (double)c->closed);
        return;
    case RESULT_CELL_COUNT:
        return;
    }
}

void result_add_cell(const struct result_tree *t, uint32_t row, enum result_cell cell, const struct view_locale *l,
                     struct text *out)
{
    const struct result_row *r = &t->rows[row];
    if (r->kind == RESULT_ROW_LIFE) {
        add_life_cell(t, &t->set->lives[r->life], cell, l, out);
    } else if (r->kind == RESULT_ROW_GROUP) {
        add_node_cell(t, &t->nodes[r->node], cell, l, out);
    } else if (cell == RESULT_CELL_GROUP) {
        char number[NUMBER_ROOM];
        l->number(l->self, r->more, number, sizeof number);
        add_with(out, l, WORD_RESULT_MORE, number);
    }
}

/* From the top down to the node. */
static void add_path(const struct result_tree *t, uint32_t node, const struct view_locale *l, struct text *out)
{
    const struct result_node *n = &t->nodes[node];
    if (n->parent != UINT32_MAX) {
        add_path(t, n->parent, l, out);
        text_add(out, view_word(l, WORD_RESULT_PATH));
    }
    add_value(t, n, l, out);
}

static void add_life_detail(const struct result_tree *t, const struct result_life *life, const struct view_locale *l,
                            struct text *out)
{
    static const unsigned ends[] = {[LEDGER_CLOSED] = WORD_RESULT_DETAIL_CLOSED,
                                    [LEDGER_AT_EXIT] = WORD_RESULT_DETAIL_EXIT,
                                    [LEDGER_LOST_CLOSE] = WORD_RESULT_DETAIL_LOST};
    char handle[16];
    char opened[CLOCK_ROOM];
    char closed[CLOCK_ROOM] = "";
    snprintf(handle, sizeof handle, "%X", life->handle);
    clock_text(t->set->report, life->opened, opened);
    const char *args[] = {handle, view_word(l, WORD_RESULT_HOW + life->how), opened};
    add_filled(out, l, WORD_RESULT_DETAIL, args, 3);
    if (life->tid != ETL_UNKNOWN_ID) {
        char tid[16];
        snprintf(tid, sizeof tid, "%u", life->tid);
        add_with(out, l, WORD_RESULT_DETAIL_TID, tid);
    }
    if (life->end != LEDGER_OPEN) {
        if (life->closed != INT64_MAX)
            clock_text(t->set->report, life->closed, closed);
        add_with(out, l, ends[life->end], closed);
    }
    if (*name_of(t, life)) {
        struct text clean = {0};
        report_add_clean(&clean, name_of(t, life));
        add_with(out, l, WORD_RESULT_DETAIL_NAME, text_str(&clean));
        text_free(&clean);
    }
    if (life->uncertain)
        text_add(out, view_word(l, WORD_RESULT_UNCERTAIN));
}

void result_add_detail(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out)
{
    const struct result_row *r = &t->rows[row];
    if (r->kind == RESULT_ROW_LIFE) {
        add_life_detail(t, &t->set->lives[r->life], l, out);
        return;
    }
    if (r->kind == RESULT_ROW_MORE) {
        text_add(out, view_word(l, WORD_RESULT_DETAIL_MORE));
        return;
    }
    const struct life_counts *c = &t->nodes[r->node].counts;
    struct text path = {0};
    char leaked[NUMBER_ROOM];
    char all[NUMBER_ROOM];
    add_path(t, r->node, l, &path);
    l->number(l->self, c->leaked + c->leaked_at_exit, leaked, sizeof leaked);
    l->number(l->self, c->preexisting + c->created + c->duplicated, all, sizeof all);
    const char *args[] = {text_str(&path), leaked, all};
    add_filled(out, l, WORD_RESULT_DETAIL_GROUP, args, 3);
    text_free(&path);
}

static void add_frames(const struct result_tree *t, uint32_t stack, const struct view_locale *l, struct text *out)
{
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    struct report *r = t->set->report;
    if (!report_stack_frames(r, t->set->stacks[stack].stack, frames, &count)) {
        out->failed = true;
        return;
    }
    if (!count)
        text_addf(out, "%s\r\n", view_word(l, WORD_RESULT_NO_STACK));
    for (uint32_t i = 0; i < count; i++)
        text_addf(out, "%s\r\n", r->frames[frames[i]].text);
}

void result_add_stacks(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out)
{
    const struct result_row *r = &t->rows[row];
    if (r->kind == RESULT_ROW_LIFE) {
        const struct result_life *life = &t->set->lives[r->life];
        const struct result_group *g = &t->set->groups[life->group];
        text_addf(out, "%s\r\n", view_word(l, WORD_RESULT_CREATED_BY));
        add_frames(t, g->stack, l, out);
        if (!g->close_stack)
            return;
        text_addf(out, "\r\n%s\r\n", view_word(l, WORD_RESULT_CLOSED_BY));
        add_frames(t, g->close_stack, l, out);
        return;
    }
    struct result_top top;
    if (!result_top_stack(t, r->node, &top)) {
        out->failed = true;
        return;
    }
    char count[NUMBER_ROOM];
    char of[NUMBER_ROOM];
    l->number(l->self, top.count, count, sizeof count);
    l->number(l->self, top.of, of, sizeof of);
    const char *args[] = {count, of};
    add_filled(out, l, top.count == top.of ? WORD_RESULT_CREATED_BY : WORD_RESULT_MOST_BY, args, 2);
    text_add(out, "\r\n");
    add_frames(t, top.stack, l, out);
}

static void add_cells(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out)
{
    for (unsigned i = 0; i < t->rows[row].depth; i++)
        text_add(out, "  ");
    for (int cell = 0; cell < RESULT_CELL_COUNT; cell++) {
        if (cell)
            text_add_char(out, '\t');
        result_add_cell(t, row, (enum result_cell)cell, l, out);
    }
    text_add(out, "\r\n");
}

void result_add_copy(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out)
{
    result_add_detail(t, row, l, out);
    text_add(out, "\r\n");
    result_add_stacks(t, row, l, out);
}

void result_add_copy_all(const struct result_tree *t, const struct view_locale *l, struct text *out)
{
    for (unsigned cell = 0; cell < RESULT_CELL_COUNT; cell++)
        text_addf(out, "%s%s", cell ? "\t" : "", view_word(l, WORD_RESULT_HEAD + cell));
    text_add(out, "\r\n");
    for (uint32_t i = 0; i < t->count; i++)
        add_cells(t, i, l, out);
}
