/* Looks at the stop rules, and reads and writes their short forms. */
#include "core/record/stop_rules.h"

#include "core/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MB (1024ull * 1024)

static bool any_word(const char *s)
{
    return !s[0] || strcmp(s, "*") == 0;
}

static bool type_matches(const char *rule, const struct snapshot_type *t)
{
    return any_word(rule) || text_casecmp(rule, t->name) == 0;
}

static bool process_matches(const char *rule, const struct snapshot_holding *h)
{
    if (any_word(rule) || text_match(rule, h->process))
        return true;
    char *end = NULL;
    if (rule[0] < '0' || rule[0] > '9')
        return false;
    unsigned long pid = strtoul(rule, &end, 10);
    return !*end && pid == h->pid;
}

static bool fires_after(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out)
{
    out->limit = r->after_s;
    out->value = f->recording_s > 0 ? (uint64_t)f->recording_s : 0;
    return r->after_s && out->value >= out->limit;
}

static bool fires_at(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out)
{
    out->limit = r->at_mb * MB;
    out->value = f->written_bytes;
    return r->at_mb && f->written_known && out->value >= out->limit;
}

static bool fires_disk(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out)
{
    out->limit = r->disk_below_mb * MB;
    out->value = f->disk_free;
    return r->disk_below_mb && f->disk_known && out->value < out->limit;
}

/* What the process of this holding has open of all types that the rule means. */
static uint64_t held_by(const struct profile_stop *r, const struct snapshot *s, const struct snapshot_holding *who)
{
    if (!any_word(r->hold_type))
        return who->open;
    uint64_t sum = 0;
    for (size_t i = 0; i < s->holding_count; i++)
        if (s->holdings[i].pid == who->pid && s->holdings[i].start == who->start)
            sum += s->holdings[i].open;
    return sum;
}

static bool fires_hold(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out)
{
    const struct snapshot *s = f->counts;
    out->limit = r->hold_count;
    if (!r->hold_count || !s || !s->holders_available)
        return false;
    for (size_t i = 0; i < s->holding_count; i++) {
        const struct snapshot_holding *h = &s->holdings[i];
        const struct snapshot_type *t = &s->types[h->type];
        /* What holds so few cannot come to the limit with all types together: spares adding up most processes. */
        if (h->open * s->type_count <= out->limit)
            continue;
        if (!type_matches(r->hold_type, t) || !process_matches(r->hold_process, h))
            continue;
        out->value = held_by(r, s, h);
        if (out->value <= out->limit)
            continue;
        out->pid = h->pid;
        text_put(out->process, sizeof out->process, h->process);
        text_put(out->type, sizeof out->type, any_word(r->hold_type) ? "" : t->name);
        return true;
    }
    return false;
}

static bool fires_grow(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out)
{
    const struct snapshot *s = f->counts;
    bool known = false;
    double sum = 0;
    out->limit = r->grow_per_minute;
    if (!r->grow_per_minute || !s || !s->available)
        return false;
    for (size_t i = 0; i < s->type_count; i++) {
        const struct snapshot_type *t = &s->types[i];
        if (!type_matches(r->grow_type, t) || !t->rate.known)
            continue;
        known = true;
        sum += t->rate.per_minute;
        text_put(out->type, sizeof out->type, any_word(r->grow_type) ? "" : t->name);
    }
    out->value = sum > 0 ? (uint64_t)sum : 0;
    return known && sum > (double)out->limit;
}

static const struct {
    enum profile_rule rule;
    bool (*fires)(const struct profile_stop *r, const struct stop_facts *f, struct stop_fired *out);
} rules_table[] = {
    {PROFILE_RULE_AFTER, fires_after}, {PROFILE_RULE_AT, fires_at},     {PROFILE_RULE_DISK, fires_disk},
    {PROFILE_RULE_HOLD, fires_hold},   {PROFILE_RULE_GROW, fires_grow},
};

bool stop_rules_fire(const struct profile_stop *rules, const struct stop_facts *f, struct stop_fired *out)
{
    for (size_t i = 0; i < sizeof rules_table / sizeof rules_table[0]; i++) {
        struct stop_fired found = {.rule = rules_table[i].rule};
        if (rules_table[i].fires(rules, f, &found)) {
            *out = found;
            return true;
        }
    }
    return false;
}

bool stop_rules_need_counts(const struct profile_stop *rules)
{
    return rules->hold_count || rules->grow_per_minute;
}

bool stop_rules_any(const struct profile_stop *rules)
{
    return rules->after_s || rules->at_mb || rules->disk_below_mb || stop_rules_need_counts(rules);
}

/* --- their short forms --- */

static bool not_a_rule(const char *s, struct err *err)
{
    err_set(err, ERR_ARGUMENT, "A stop rule is 'PROCESS:TYPE>N', 'TYPE>N' or 'TYPE>N/min', not '%.80s'", s);
    return err_remedy(err, "For example app.exe:Event>5000, or Event>500/min.");
}

/* Digits, then `tail` and nothing else. */
static bool read_count(const char *s, const char *tail, uint32_t *out)
{
    uint64_t n = 0;
    size_t digits = strspn(s, "0123456789");
    if (!digits || digits > 8 || strcmp(s + digits, tail) != 0)
        return false;
    for (size_t i = 0; i < digits; i++)
        n = n * 10 + (uint64_t)(s[i] - '0');
    *out = (uint32_t)n;
    return n >= 1 && n <= PROFILE_COUNT_MAX;
}

static bool put_part(char out[PROFILE_TYPE_MAX], const char *s, size_t n)
{
    if (n >= PROFILE_TYPE_MAX)
        return false;
    if (n == 1 && *s == '*')
        n = 0;
    memcpy(out, s, n);
    out[n] = 0;
    return true;
}

bool stop_rules_parse(const char *s, struct profile_stop *rules, struct err *err)
{
    struct profile_stop r = *rules;
    const char *above = strrchr(s, '>');
    const char *colon = NULL;
    for (const char *p = s; above && p < above; p++)
        if (*p == ':')
            colon = p;
    if (!above)
        return not_a_rule(s, err);
    const char *type = colon ? colon + 1 : s;
    size_t type_bytes = (size_t)(above - type);
    bool ok = false;
    if (read_count(above + 1, "/min", &r.grow_per_minute))
        ok = !colon && type_bytes && put_part(r.grow_type, type, type_bytes);
    else if (read_count(above + 1, "", &r.hold_count))
        ok = (colon ? colon > s : type_bytes > 0) && put_part(r.hold_type, type, type_bytes) &&
             put_part(r.hold_process, s, colon ? (size_t)(colon - s) : 0);
    if (!ok)
        return not_a_rule(s, err);
    *rules = r;
    return true;
}

static const char *or_star(const char *s)
{
    return s[0] ? s : "*";
}

void stop_rules_print(const struct profile_stop *rules, enum profile_rule rule, struct text *out)
{
    if (rule == PROFILE_RULE_HOLD && rules->hold_count)
        text_addf(out, "%s:%s>%u", or_star(rules->hold_process), or_star(rules->hold_type), rules->hold_count);
    else if (rule == PROFILE_RULE_GROW && rules->grow_per_minute)
        text_addf(out, "%s>%u/min", or_star(rules->grow_type), rules->grow_per_minute);
}
