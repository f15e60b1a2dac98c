/* Looks at each distinct name and frame once. */
#include "core/report/result_filter.h"

#include "core/report/report_write.h"

#include <stdlib.h>
#include <string.h>

struct matcher {
    struct result_set *set;
    struct text pattern;
    struct text room;
    uint8_t *processes;
    uint8_t *types;
    uint8_t *names;
    uint8_t *frames;
    uint8_t *stacks;
};

static void match_processes(struct matcher *m)
{
    const struct report *r = m->set->report;
    for (uint32_t i = 0; i < ledger_process_count(r->ledger); i++) {
        text_clear(&m->room);
        report_add_process(r, i, &m->room);
        m->processes[i] = text_match(text_str(&m->pattern), text_str(&m->room));
    }
}

static void match_types(struct matcher *m)
{
    char room[REPORT_TYPE_ROOM];
    for (uint32_t i = 0; i <= UINT16_MAX; i++)
        m->types[i] = text_match(text_str(&m->pattern), report_type_name(m->set->report, (uint16_t)i, room));
}

static void match_names(struct matcher *m)
{
    for (uint32_t i = 1; i < m->set->names.count; i++)
        m->names[i] = text_match(text_str(&m->pattern), names_get(&m->set->names, i));
}

static bool match_stacks(struct matcher *m)
{
    struct report *r = m->set->report;
    for (uint32_t i = 0; i < r->frame_count; i++)
        m->frames[i] = text_match(text_str(&m->pattern), r->frames[i].text);
    for (uint32_t i = 0; i < m->set->stack_count; i++) {
        uint32_t frames[STACK_FRAMES_MAX];
        uint32_t count = 0;
        if (!report_stack_frames(r, m->set->stacks[i].stack, frames, &count))
            return false;
        for (uint32_t k = 0; k < count; k++)
            m->stacks[i] |= m->frames[frames[k]];
    }
    return true;
}

static bool make(struct matcher *m, const char *text)
{
    const struct result_set *s = m->set;
    text_addf(&m->pattern, "*%s*", text);
    m->processes = calloc(ledger_process_count(s->report->ledger) + (size_t)1, 1);
    m->types = calloc(UINT16_MAX + (size_t)1, 1);
    m->names = calloc(s->names.count + (size_t)1, 1);
    m->frames = calloc(s->report->frame_count + (size_t)1, 1);
    m->stacks = calloc(s->stack_count + (size_t)1, 1);
    if (m->pattern.failed || !m->processes || !m->types || !m->names || !m->frames || !m->stacks)
        return false;
    match_processes(m);
    match_types(m);
    match_names(m);
    return match_stacks(m) && !m->room.failed;
}

static uint8_t pass(const struct matcher *m, const struct result_group *g)
{
    uint8_t name = g->name != RESULT_OTHER_NAMES ? m->names[g->name] : 0;
    return m->processes[g->process] | m->processes[g->actor] | m->types[g->type] | name | m->stacks[g->stack] |
           m->stacks[g->close_stack];
}

uint8_t *result_filter(struct result_set *s, const char *text)
{
    struct matcher m = {.set = s};
    uint8_t *passes = malloc(s->group_count + (size_t)1);
    bool all = !*text;
    bool ok = passes && (all || make(&m, text));
    for (uint32_t i = 0; ok && i < s->group_count; i++)
        passes[i] = all ? 1 : pass(&m, &s->groups[i]);
    text_free(&m.pattern);
    text_free(&m.room);
    free(m.processes);
    free(m.types);
    free(m.names);
    free(m.frames);
    free(m.stacks);
    if (ok)
        return passes;
    free(passes);
    return NULL;
}
