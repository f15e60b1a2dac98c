/* Folds each life into its group while the recording is read, then settles stacks and orders the single handles. */
#include "core/report/result_set.h"

#include "core/ledger/grow.h"
#include "core/report/report_frames.h"

#include <stdlib.h>
#include <string.h>

bool result_life_leaked(const struct result_life *life)
{
    return life->how != LEDGER_PREEXISTING && (life->end == LEDGER_OPEN || life->end == LEDGER_AT_EXIT);
}

static double seconds_of(const struct timeline_facts *f, int64_t opened, int64_t closed)
{
    return closed == INT64_MAX ? -1 : timeline_seconds(f, closed) - timeline_seconds(f, opened);
}

double result_life_seconds(const struct result_set *s, const struct result_life *life)
{
    return seconds_of(&s->report->facts, life->opened, life->closed);
}

static enum result_lifetime lifetime_of(const struct ledger_life *life, double seconds)
{
    static const double ends[] = {0.001, 0.01, 0.1, 1, 10, 60, 600};
    static const enum result_lifetime ended[] = {[LEDGER_OPEN] = RESULT_STILL_OPEN,
                                                 [LEDGER_AT_EXIT] = RESULT_UNTIL_EXIT,
                                                 [LEDGER_LOST_CLOSE] = RESULT_CLOSE_LOST};
    if (life->end != LEDGER_CLOSED)
        return ended[life->end];
    unsigned i = 0;
    while (i < sizeof ends / sizeof ends[0] && seconds >= ends[i])
        i++;
    return (enum result_lifetime)(RESULT_UNDER_1_MS + i);
}

static uint32_t hash_of(const struct result_group *g)
{
    uint64_t h = hash_two((uint64_t)g->process << 32 | g->actor, (uint64_t)g->name << 32 | g->stack);
    return (uint32_t)hash_two(h, (uint64_t)g->close_stack << 32 | (uint32_t)g->type << 8 | g->lifetime);
}

static bool same_key(const struct result_group *a, const struct result_group *b)
{
    return a->process == b->process && a->actor == b->actor && a->name == b->name && a->stack == b->stack &&
           a->close_stack == b->close_stack && a->type == b->type && a->lifetime == b->lifetime;
}

static bool rehash(struct result_set *s)
{
    uint32_t count = s->slot_count ? s->slot_count * 2 : 1024;
    uint32_t *slots = count ? calloc(count, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < s->group_count; i++) {
        uint32_t at = hash_of(&s->groups[i]) & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = i + 1;
    }
    free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    return true;
}

/* The group with this key, made when it is new; UINT32_MAX for want of memory. */
static uint32_t group_at(struct result_set *s, const struct result_group *key)
{
    if ((uint64_t)s->group_count * 2 >= s->slot_count && !rehash(s))
        return UINT32_MAX;
    uint32_t at = hash_of(key) & (s->slot_count - 1);
    for (; s->slots[at]; at = (at + 1) & (s->slot_count - 1))
        if (same_key(&s->groups[s->slots[at] - 1], key))
            return s->slots[at] - 1;
    if (!grow_list(&s->groups, &s->group_room, s->group_count + 1, sizeof *s->groups))
        return UINT32_MAX;
    struct result_group *g = &s->groups[s->group_count];
    *g = *key;
    memset(&g->counts, 0, sizeof g->counts);
    g->life_count = 0;
    g->first_life = 0;
    s->slots[at] = ++s->group_count;
    return s->group_count - 1;
}

/* Leaks are told last: the ended ones must leave room for them. */
static bool is_full(const struct result_set *s, const struct ledger_life *life)
{
    bool leaked = life->end == LEDGER_OPEN || life->end == LEDGER_AT_EXIT;
    return s->group_count >= (leaked ? s->groups_max : s->groups_max / 4 * 3);
}

/* Which single handles of a group are kept: the first ones. */
static bool keeps(struct result_set *s, const struct result_group *g, const struct result_life *life)
{
    bool leaked = result_life_leaked(life);
    uint32_t of_group = leaked ? RESULT_LEAKS_OF_GROUP : RESULT_OTHERS_OF_GROUP;
    uint32_t *kept = leaked ? &s->leaks_kept : &s->others_kept;
    if (g->life_count >= of_group || *kept >= (leaked ? RESULT_LEAKS_MAX : RESULT_OTHERS_MAX))
        return false;
    ++*kept;
    return true;
}

static bool fold(struct result_set *s, const struct ledger_life *life)
{
    double seconds = seconds_of(s->facts, life->opened, life->closed);
    struct result_group key = {.process = life->process,
                               .actor = life->actor,
                               .stack = life->stack,
                               .close_stack = life->close_stack,
                               .type = life->type,
                               .lifetime = (uint8_t)lifetime_of(life, seconds)};
    if (is_full(s, life)) {
        s->merged = true;
        key.name = life->name[0] ? RESULT_OTHER_NAMES : 0;
        key.close_stack = STACK_NONE;
        key.actor = life->process;
    } else if (life->name[0] && !names_put(&s->names, life->name, strlen(life->name), &key.name)) {
        return false;
    }
    uint32_t at = group_at(s, &key);
    if (at == UINT32_MAX)
        return false;
    struct result_group *g = &s->groups[at];
    life_counts_take(&g->counts, life);
    g->counts.seconds += life->end == LEDGER_OPEN || seconds < 0 ? 0 : seconds;
    struct result_life x = {.object = life->object,
                            .opened = life->opened,
                            .closed = life->closed,
                            .handle = life->handle,
                            .tid = life->tid,
                            .close_tid = life->close_tid,
                            .group = at,
                            .how = life->how,
                            .end = life->end,
                            .uncertain = life->uncertain};
    if (!keeps(s, g, &x))
        return true;
    g->life_count++;
    if (!grow_list(&s->lives, &s->life_room, s->life_count + 1, sizeof *s->lives))
        return false;
    s->lives[s->life_count++] = x;
    return true;
}

static bool take(void *ctx, const struct timeline_facts *facts, const struct ledger_life *life)
{
    struct result_set *s = ctx;
    s->facts = facts;
    return fold(s, life);
}

/* Groups whose stacks came to the same number are one, of which no more single handles are kept than of any. */
static bool merge_groups(struct result_set *s)
{
    uint32_t count = s->group_count;
    if (!count)
        return true; /* no slots either */
    struct result_group *old = s->groups;
    uint32_t *became = malloc(count * sizeof *became);
    if (!became)
        return false;
    s->groups = NULL;
    s->group_count = s->group_room = 0;
    memset(s->slots, 0, s->slot_count * sizeof *s->slots);
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++) {
        became[i] = group_at(s, &old[i]);
        ok = became[i] != UINT32_MAX;
        if (ok)
            life_counts_add(&s->groups[became[i]].counts, &old[i].counts);
    }
    uint32_t kept = 0;
    s->leaks_kept = s->others_kept = 0;
    for (uint32_t i = 0; ok && s->groups && i < s->life_count; i++) {
        struct result_life x = s->lives[i];
        x.group = became[x.group];
        if (!keeps(s, &s->groups[x.group], &x))
            continue;
        s->groups[x.group].life_count++;
        s->lives[kept++] = x;
    }
    s->life_count = kept;
    free(became);
    free(old);
    return ok;
}

static bool renumber(void *ctx, const uint32_t *numbers, uint32_t count)
{
    (void)count;
    struct result_set *s = ctx;
    for (uint32_t i = 0; i < s->group_count; i++) {
        s->groups[i].stack = stacks_renumbered(numbers, s->groups[i].stack);
        s->groups[i].close_stack = stacks_renumbered(numbers, s->groups[i].close_stack);
    }
    return merge_groups(s);
}

/* The place of a final stack in `stacks`. `seen` leads from the ledger's numbers there. */
static bool settle_stack(struct result_set *s, struct life_groups *seen, uint32_t *stack)
{
    uint32_t final = ledger_stack_final(s->report->ledger, *stack);
    struct life_group *place = life_groups_at(seen, 0, 0, final);
    if (!place)
        return false;
    *stack = (uint32_t)(place - seen->list);
    if (*stack < s->stack_count)
        return true;
    if (!grow_list(&s->stacks, &s->stack_room, s->stack_count + 1, sizeof *s->stacks))
        return false;
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    struct result_stack *x = &s->stacks[s->stack_count++];
    x->stack = final;
    return report_leading_frame(s->report, final, &x->frame) && report_stack_frames(s->report, final, frames, &count);
}

static bool settle_stacks(struct result_set *s)
{
    struct life_groups seen = {0};
    uint32_t none = STACK_NONE;
    bool ok = settle_stack(s, &seen, &none);
    for (uint32_t i = 0; ok && i < s->group_count; i++)
        ok = settle_stack(s, &seen, &s->groups[i].stack) && settle_stack(s, &seen, &s->groups[i].close_stack);
    life_groups_free(&seen);
    return ok;
}

static int by_group(const void *left, const void *right)
{
    const struct result_life *a = left;
    const struct result_life *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->opened != b->opened)
        return a->opened < b->opened ? -1 : 1;
    return a->handle < b->handle ? -1 : a->handle > b->handle;
}

static void settle_lives(struct result_set *s)
{
    if (s->life_count)
        qsort(s->lives, s->life_count, sizeof *s->lives, by_group);
    for (uint32_t i = 0; i < s->group_count; i++)
        s->groups[i].life_count = 0;
    for (uint32_t i = 0; s->groups && i < s->life_count; i++) {
        struct result_group *g = &s->groups[s->lives[i].group];
        if (!g->life_count++)
            g->first_life = i;
    }
}

bool result_set_read_within(const struct report_source *source, uint32_t groups_max, struct result_set **out,
                            struct err *err)
{
    struct result_set *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, ERR_NO_MEMORY, "Reading the recording");
    struct report_source told = *source;
    told.life = take;
    told.renumber = renumber;
    told.life_ctx = s;
    s->groups_max = groups_max;
    bool ok = report_read(&told, &s->options, &s->report, err);
    s->facts = NULL;
    if (ok && (!settle_stacks(s) || !merge_groups(s)))
        ok = err_set(err, ERR_NO_MEMORY, "Reading the recording");
    if (!ok) {
        result_set_free(s);
        return false;
    }
    settle_lives(s);
    free(s->slots);
    s->slots = NULL;
    s->slot_count = 0;
    *out = s;
    return true;
}

bool result_set_read(const struct report_source *source, struct result_set **out, struct err *err)
{
    return result_set_read_within(source, RESULT_GROUPS_MAX, out, err);
}

void result_set_free(struct result_set *s)
{
    if (!s)
        return;
    report_free(s->report);
    names_free(&s->names);
    free(s->groups);
    free(s->lives);
    free(s->stacks);
    free(s->slots);
    free(s);
}
