/* Writes numbers, cells and sentences of the lists in the user's words. */
#include "core/census/rows.h"

#include "core/profile/profile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MINUS "\xE2\x88\x92" /* U+2212 */

const struct rows_words rows_words_english = {
    .thousands = ",",
    .decimal = ".",
    .dash = "\xE2\x80\x93",
    .pending = "...",
    .yes = "Yes",
    .yes_shared = "Yes (%1)",
    .all = "All",
    .grows_in = "%1 in %2 grows %3 a minute, steadily for %4 minutes",
    .grows = "%1 grows %2 a minute, steadily for %3 minutes",
    .rising = "rising",
    .falling = "falling",
    .level = "level",
    .chart = "%1, last 10 minutes: %2 to %3, %4",
    .chart_empty = "%1, last 10 minutes: not measured yet",
    .unnamed_process = "Process %1",
};

void rows_add_count(struct text *out, uint64_t n, const struct rows_words *w)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            text_add(out, w->thousands);
        text_add_char(out, digits[i]);
    }
}

void rows_add_change(struct text *out, int64_t n, const struct rows_words *w)
{
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if (n)
        text_add(out, n < 0 ? MINUS : "+");
    rows_add_count(out, size, w);
}

void rows_add_rate(struct text *out, const struct snapshot_rate *r, const struct rows_words *w)
{
    if (!r->known) {
        text_add(out, w->pending);
        return;
    }
    double size = fabs(r->per_minute);
    double tenths = floor(size * 10 + 0.5);
    if (tenths >= 100) {
        uint64_t whole = size > 9e18 ? UINT64_C(9000000000000000000) : (uint64_t)floor(size + 0.5);
        text_add(out, r->per_minute < 0 ? MINUS : "+");
        rows_add_count(out, whole, w);
        return;
    }
    unsigned n = (unsigned)tenths;
    if (!n) {
        text_add_char(out, '0');
        return;
    }
    text_add(out, r->per_minute < 0 ? MINUS : "+");
    text_addf(out, "%u%s%u", n / 10, w->decimal, n % 10);
}

void rows_add_pattern(struct text *out, const char *pattern, const char *const *args, size_t count)
{
    for (const char *p = pattern; *p; p++) {
        size_t which = p[0] == '%' && p[1] >= '1' && p[1] <= '9' ? (size_t)(p[1] - '0') : 0;
        if (!which || which > count) {
            text_add_char(out, *p);
            continue;
        }
        text_add(out, args[which - 1]);
        p++;
    }
}

/* Less than a handle a minute, or than a thousandth of what is open, is noise to somebody who listens. */
enum rows_trend rows_trend_of(const struct snapshot_rate *r, uint64_t open)
{
    if (!r->known)
        return ROWS_UNKNOWN;
    double least = (double)open / 1000;
    if (least < 1)
        least = 1;
    if (fabs(r->per_minute) < least)
        return ROWS_LEVEL;
    return r->per_minute > 0 ? ROWS_RISING : ROWS_FALLING;
}

const char *rows_trend_word(enum rows_trend t, const struct rows_words *w)
{
    switch (t) {
    case ROWS_LEVEL:
        return w->level;
    case ROWS_RISING:
        return w->rising;
    case ROWS_FALLING:
        return w->falling;
    default:
        return w->dash;
    }
}

static void add_process(struct text *out, const char *name, uint32_t pid, const struct rows_words *w)
{
    if (name[0]) {
        text_add(out, name);
        return;
    }
    char number[16];
    snprintf(number, sizeof number, "%u", pid);
    const char *args[] = {number};
    rows_add_pattern(out, w->unnamed_process, args, 1);
}

static void add_recorded(struct text *out, const struct rows *r, const struct snapshot_type *t,
                         const struct rows_words *w)
{
    const struct rows_filter *f = &r->filter;
    if (f->all) {
        text_add(out, w->all);
        return;
    }
    bool recorded = false;
    for (size_t i = 0; i < f->tag_count; i++)
        recorded = recorded || f->tags[i] == t->tag;
    if (!recorded)
        return;
    size_t sharing = 0;
    for (size_t i = 0; i < r->snap->type_count; i++)
        sharing += r->snap->types[i].tag == t->tag;
    if (sharing < 2) {
        text_add(out, w->yes);
        return;
    }
    char tag[5];
    profile_tag_text(t->tag, tag);
    const char *args[] = {tag};
    rows_add_pattern(out, w->yes_shared, args, 1);
}

/* A type that the trace has not named yet is not counted as zero. */
static void add_live(struct text *out, const struct rows *r, const struct snapshot_type *t, int column,
                     const struct rows_words *w)
{
    uint64_t n = 0;
    if (rows_live_count(r, t, column, &n))
        rows_add_count(out, n, w);
    else
        text_add(out, w->dash);
}

static void add_type_cell(struct text *out, const struct rows *r, const struct snapshot_type *t, int column,
                          const struct rows_words *w)
{
    switch (column) {
    case TYPE_COLUMN_NAME:
        text_add(out, t->name);
        break;
    case TYPE_COLUMN_OPEN:
        rows_add_count(out, t->open, w);
        break;
    case TYPE_COLUMN_CHANGE:
        rows_add_change(out, t->change, w);
        break;
    case TYPE_COLUMN_PEAK:
        rows_add_count(out, t->peak, w);
        break;
    case TYPE_COLUMN_RATE:
        rows_add_rate(out, &t->rate, w);
        break;
    case TYPE_COLUMN_RECORDED:
        add_recorded(out, r, t, w);
        break;
    case TYPE_COLUMN_HISTORY:
        text_add(out, rows_trend_word(rows_trend_of(&t->rate, t->open), w));
        break;
    case TYPE_COLUMN_TOP:
        if (!t->holders_known)
            text_add(out, w->dash);
        else if (t->top_process[0] || t->top_pid)
            add_process(out, t->top_process, t->top_pid, w);
        break;
    case TYPE_COLUMN_CREATED:
    case TYPE_COLUMN_CLOSED:
    case TYPE_COLUMN_DUPLICATED:
        add_live(out, r, t, column, w);
        break;
    default:
        break;
    }
}

static void add_process_cell(struct text *out, const struct snapshot_holding *h, int column, const struct rows_words *w)
{
    switch (column) {
    case PROCESS_COLUMN_NAME:
        add_process(out, h->process, h->pid, w);
        break;
    case PROCESS_COLUMN_PID:
        text_addf(out, "%u", h->pid);
        break;
    case PROCESS_COLUMN_OPEN:
        rows_add_count(out, h->open, w);
        break;
    case PROCESS_COLUMN_CHANGE:
        rows_add_change(out, h->change, w);
        break;
    case PROCESS_COLUMN_RATE:
        rows_add_rate(out, &h->rate, w);
        break;
    default:
        break;
    }
}

void rows_add_cell(struct text *out, const struct rows *r, size_t row, int column, const struct rows_words *w)
{
    if (row >= r->count)
        return;
    if (r->processes)
        add_process_cell(out, rows_holding_at(r, row), column, w);
    else
        add_type_cell(out, r, rows_type_at(r, row), column, w);
}

/* The sentence about growth; `holding` is NULL when no single process is to blame. */
static void add_growth(struct text *out, const struct snapshot_type *t, const struct snapshot_holding *holding,
                       const struct rows_words *w)
{
    struct snapshot_rate rate = holding ? holding->rate : t->rate;
    struct text process = {0};
    struct text number = {0};
    struct text minutes = {0};
    uint64_t whole = rate.known && rate.per_minute > 0.5 ? (uint64_t)floor(rate.per_minute + 0.5) : 1;
    rows_add_count(&number, whole, w);
    rows_add_count(&minutes, holding ? holding->growing_minutes : t->growing_minutes, w);
    if (holding)
        add_process(&process, holding->process, holding->pid, w);
    const char *with[] = {t->name, text_str(&process), text_str(&number), text_str(&minutes)};
    const char *without[] = {t->name, text_str(&number), text_str(&minutes)};
    if (holding)
        rows_add_pattern(out, w->grows_in, with, 4);
    else
        rows_add_pattern(out, w->grows, without, 3);
    text_free(&process);
    text_free(&number);
    text_free(&minutes);
}

/* The suspect holder of a type that grows fastest, or NULL. */
static const struct snapshot_holding *culprit(const struct snapshot *s, size_t type)
{
    const struct snapshot_holding *best = NULL;
    size_t first = 0;
    size_t count = snapshot_holdings_of(s, type, &first);
    for (size_t i = first; i < first + count; i++) {
        const struct snapshot_holding *h = &s->holdings[i];
        if (h->suspect == SNAPSHOT_GROWING && (!best || h->rate.per_minute > best->rate.per_minute))
            best = h;
    }
    return best;
}

void rows_add_reason(struct text *out, const struct rows *r, size_t row, const struct rows_words *w)
{
    if (!rows_is_suspect(r, row))
        return;
    const struct snapshot_holding *h = rows_holding_at(r, row);
    size_t type = h ? h->type : r->row[row].index;
    add_growth(out, &r->snap->types[type], h ? h : culprit(r->snap, type), w);
}

bool rows_add_bar(struct text *out, const struct snapshot *s, size_t *type, const struct rows_words *w)
{
    if (!s || !s->available)
        return false;
    size_t best = SIZE_MAX;
    const struct snapshot_holding *who = NULL;
    double rate = 0;
    for (size_t i = 0; i < s->type_count; i++) {
        const struct snapshot_holding *h = culprit(s, i);
        if (!h && s->types[i].suspect != SNAPSHOT_GROWING)
            continue;
        double its = h ? h->rate.per_minute : s->types[i].rate.per_minute;
        if (best != SIZE_MAX && its <= rate)
            continue;
        best = i;
        who = h;
        rate = its;
    }
    if (best == SIZE_MAX)
        return false;
    add_growth(out, &s->types[best], who, w);
    if (type)
        *type = best;
    return true;
}

void rows_add_chart(struct text *out, const struct snapshot_type *t, const struct rows_words *w)
{
    if (!t->history_count) {
        const char *name[] = {t->name};
        rows_add_pattern(out, w->chart_empty, name, 1);
        return;
    }
    uint32_t low = t->history[0];
    uint32_t high = low;
    for (size_t i = 1; i < t->history_count; i++) {
        low = t->history[i] < low ? t->history[i] : low;
        high = t->history[i] > high ? t->history[i] : high;
    }
    struct text from = {0};
    struct text to = {0};
    rows_add_count(&from, low, w);
    rows_add_count(&to, high, w);
    const char *args[] = {t->name, text_str(&from), text_str(&to),
                          rows_trend_word(rows_trend_of(&t->rate, t->open), w)};
    rows_add_pattern(out, w->chart, args, 4);
    text_free(&from);
    text_free(&to);
}
