/* Applies the filters. */
#include "core/report/filter.h"

#include "core/base/text.h"
#include "core/report/system_modules.h"

#include <stdio.h>
#include <string.h>

static bool in_duration(const struct filter *f, const struct timeline_facts *facts, const struct ledger_life *life)
{
    if (!f->has_min && !f->has_max)
        return true;
    /* Open handles last to the end, and longer. */
    if (life->closed == INT64_MAX)
        return !f->has_max;
    double seconds = timeline_seconds(facts, life->closed) - timeline_seconds(facts, life->opened);
    return (!f->has_min || seconds >= f->min_duration) && (!f->has_max || seconds <= f->max_duration);
}

bool filter_life_end(const struct filter *f, const struct timeline_facts *facts, const struct ledger_life *life)
{
    return (!f->exit_closed || life->end == LEDGER_AT_EXIT) && in_duration(f, facts, life);
}

bool filter_wants_lives(const struct filter *f)
{
    return f->has_since || f->has_until || f->has_min || f->has_max || f->inherited || f->exit_closed ||
           f->handles.count || f->objects.count || f->names.count;
}

bool filter_life(const struct filter *f, const struct timeline_facts *facts, const struct ledger_life *life)
{
    if (f->has_since || f->has_until) {
        double at = timeline_seconds(facts, life->opened);
        if ((f->has_since && at < f->since) || (f->has_until && at > f->until))
            return false;
    }
    return (!f->inherited || life->how == LEDGER_INHERITED) && number_set_pass(&f->handles, life->handle) &&
           number_set_pass(&f->objects, life->object) && (!f->names.count || patterns_pass(&f->names, life->name)) &&
           filter_life_end(f, facts, life);
}

const char *filter_type_name(const struct ledger *l, uint16_t type, char room[FILTER_TYPE_ROOM])
{
    const char *name = ledger_type(l, type);
    snprintf(room, FILTER_TYPE_ROOM, "type %u", type);
    return *name ? name : room;
}

bool filter_group(const struct filter *f, const struct ledger *l, uint32_t process, uint16_t type)
{
    const struct ledger_process *p = ledger_process(l, process);
    char room[FILTER_TYPE_ROOM];
    return (!f->types.count || patterns_pass(&f->types, filter_type_name(l, type, room))) &&
           patterns_pass_process(&f->processes, module_file_name(ledger_name(l, p->name)), p->pid);
}

/* TEXT anywhere in a frame: a pattern without stars has one at either end. */
static bool has(const char *pattern, const char *const *texts, uint32_t count)
{
    char around[512];
    snprintf(around, sizeof around, "*%s*", pattern);
    for (uint32_t i = 0; i < count; i++)
        if (text_match(around, texts[i]))
            return true;
    return false;
}

bool filter_frame_texts(const struct filter *f, const char *const *texts, uint32_t count)
{
    bool wanted = false;
    bool any = false;
    for (unsigned i = 0; i < f->stacks.count; i++) {
        bool it = has(f->stacks.list[i].text, texts, count);
        if (f->stacks.list[i].not_it && it)
            return false;
        wanted = wanted || !f->stacks.list[i].not_it;
        any = any || (it && !f->stacks.list[i].not_it);
    }
    return !wanted || any;
}
