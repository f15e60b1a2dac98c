/* Fills the sentences about profiles with numbers. */
#include "core/record/profile_text.h"

#include "core/base/text.h"

#include <stdio.h>

#define MINUTE 60ull
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct number {
    char s[48];
};

static struct number number(uint64_t n, const struct view_locale *l)
{
    struct number out;
    l->number(l->self, n, out.s, sizeof out.s);
    return out;
}

void profile_problem_text(const struct profile_problem *p, const struct view_locale *l, char *out, size_t size)
{
    const struct number n[3] = {number(p->number[0], l), number(p->number[1], l), number(p->number[2], l)};
    const char *const args[] = {n[0].s, n[1].s, n[2].s, p->word};
    text_fill(out, size, view_word(l, WORD_PROBLEM + (unsigned)p->code), args, 4);
}

void profile_duration_text(double seconds, const struct view_locale *l, char *out, size_t size)
{
    static const struct {
        uint64_t below;
        uint64_t unit;
        uint64_t part; /* 0: the unit alone */
        unsigned word;
    } rows[] = {
        {2 * MINUTE, 1, 0, WORD_SECONDS},
        {2 * HOUR, MINUTE, 0, WORD_MINUTES},
        {2 * DAY, HOUR, MINUTE, WORD_HOURS},
        {UINT64_MAX, DAY, HOUR, WORD_DAYS},
    };
    uint64_t s = seconds > 1e15 ? (uint64_t)1e15 : seconds > 0 ? (uint64_t)seconds : 0;
    size_t i = 0;
    while (s >= rows[i].below)
        i++;
    const struct number whole = number(s / rows[i].unit, l);
    const struct number part = number(rows[i].part ? s % rows[i].unit / rows[i].part : 0, l);
    const char *const args[] = {whole.s, part.s};
    text_fill(out, size, view_word(l, rows[i].word), args, 2);
}

bool profile_span_text(const struct span_rates *r, const struct profile *p, uint64_t memory_bytes,
                       const struct view_locale *l, char *out, size_t size)
{
    struct span s;
    char amount[64];
    if (!r || !span_estimate(r, p, memory_bytes, &s)) {
        text_put(out, size, view_word(l, WORD_SPAN_UNKNOWN));
        return false;
    }
    bool limited = s.seconds > 0;
    if (limited)
        profile_duration_text(s.seconds, l, amount, sizeof amount);
    else /* it holds what the disk holds */
        l->bytes(l->self, (uint64_t)(s.bytes_per_second * 60), amount, sizeof amount);
    const struct number events = number((uint64_t)(s.events_per_minute + 0.5), l);
    const char *const args[] = {amount, events.s};
    text_fill(out, size, view_word(l, limited ? WORD_SPAN_HOLDS : WORD_SPAN_GROWS), args, 2);
    return true;
}

void profile_switch_text(const struct span_switch *s, unsigned stack, const struct view_locale *l, char *out,
                         size_t size)
{
    if (!s) {
        text_fill(out, size, stack == PROFILE_STACK_CLOSE ? view_word(l, WORD_SPAN_CLOSE) : "", NULL, 0);
        return;
    }
    char without[64];
    char with[64];
    profile_duration_text(s->without_s, l, without, sizeof without);
    profile_duration_text(s->with_s, l, with, sizeof with);
    const struct number share = number((uint64_t)(s->share * 100 + 0.5), l);
    const char *const args[] = {share.s, without, with};
    text_fill(out, size, view_word(l, WORD_SPAN_SWITCH), args, 3);
}

static void limit_text(const struct stop_fired *f, const struct view_locale *l, char *out, size_t size)
{
    if (f->rule == PROFILE_RULE_AFTER)
        profile_duration_text((double)f->limit, l, out, size);
    else if (f->rule == PROFILE_RULE_AT || f->rule == PROFILE_RULE_DISK)
        l->bytes(l->self, f->limit, out, size);
    else
        l->number(l->self, f->limit, out, size);
}

void stop_fired_text(const struct stop_fired *f, const char *drive, const struct view_locale *l, char *out, size_t size)
{
    static const struct {
        enum profile_rule rule;
        unsigned words;
        unsigned words_all; /* where the rule is about all types */
    } rows[] = {
        {PROFILE_RULE_AFTER, WORD_STOP_AFTER, WORD_STOP_AFTER},
        {PROFILE_RULE_AT, WORD_STOP_AT, WORD_STOP_AT},
        {PROFILE_RULE_DISK, WORD_STOP_DISK, WORD_STOP_DISK},
        {PROFILE_RULE_HOLD, WORD_STOP_HOLD, WORD_STOP_HOLD_ALL},
        {PROFILE_RULE_GROW, WORD_STOP_GROW, WORD_STOP_GROW_ALL},
    };
    size_t i = 0;
    while (i + 1 < sizeof rows / sizeof rows[0] && rows[i].rule != f->rule)
        i++;
    char limit[64];
    limit_text(f, l, limit, sizeof limit);
    const char *const args[] = {limit, f->type, f->process, drive};
    text_fill(out, size, view_word(l, f->type[0] ? rows[i].words : rows[i].words_all), args, 4);
}
