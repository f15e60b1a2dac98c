/* Folds lives while they end, then adds up and groups by the code that opened the handles. */
#include "core/report/report.h"

#include "core/base/text.h"
#include "core/ledger/grow.h"
#include "core/report/report_frames.h"
#include "core/report/system_modules.h"

#include <stdlib.h>
#include <string.h>

static bool keep(struct report_leak **list, uint32_t *count, uint32_t *room, const struct ledger_life *life)
{
    if (!grow_list(list, room, *count + 1, sizeof **list))
        return false;
    struct report_leak *leak = &(*list)[*count];
    leak->life = *life;
    leak->life.name = "";
    leak->name = life->name[0] ? text_copy(life->name) : NULL;
    if (life->name[0] && !leak->name)
        return false;
    (*count)++;
    return true;
}

/* Single handles cost memory: they are kept for the forms that list them. */
static bool lists_leaks(const struct report_options *o)
{
    return o->leaks || o->format == REPORT_JSON;
}

static bool keep_leak(struct report *r, const struct ledger_life *life)
{
    if (life->how == LEDGER_PREEXISTING || !lists_leaks(r->options))
        return true;
    if (life->end == LEDGER_OPEN)
        return keep(&r->leaks, &r->leak_count, &r->leak_room, life);
    if (life->end != LEDGER_AT_EXIT)
        return true;
    if (r->exit_count < REPORT_EXITS_MAX)
        return keep(&r->exits, &r->exit_count, &r->exit_room, life);
    r->exits_left_out++;
    return true;
}

static inline void add_to(struct life_group *g, const struct ledger_life *life)
{
    life_counts_take(&g->counts, life);
    if (life->end == LEDGER_OPEN || life->end == LEDGER_AT_EXIT) {
        g->first = life->opened < g->first ? life->opened : g->first;
        g->last = life->opened > g->last ? life->opened : g->last;
    }
}

static bool add_first(struct report *r, const struct ledger_life *life, uint32_t stack, uint32_t hash)
{
    struct life_group *g = life_groups_add(&r->folded, hash, life->process, life->type, stack);
    if (g)
        add_to(g, life);
    return g != NULL;
}

/* Returns false for want of memory. */
static inline bool add_up(struct report *r, const struct ledger_life *life, uint32_t stack, uint32_t hash)
{
    struct life_group *g = life_groups_find(&r->folded, hash, life->process, life->type, stack);
    if (!g)
        return add_first(r, life, stack, hash);
    add_to(g, life);
    return true;
}

/* What is wanted of single lives. */
static bool take_single(struct report *r, const struct ledger_life *life)
{
    if (r->options->format == REPORT_HTML) {
        if (!r->series.width)
            series_start(&r->series, r->facts.first, 10000000);
        if (!series_take(&r->series, life))
            return false;
    }
    if (r->source->life && !r->source->life(r->source->life_ctx, &r->facts, life))
        return false;
    return keep_leak(r, life);
}

static bool fold(struct report *r, const struct ledger_life *life, uint32_t stack, uint32_t hash)
{
    if (r->filters_lives && !filter_life(&r->options->filter, &r->facts, life))
        return true;
    return add_up(r, life, stack, hash) && (r->only_counts || take_single(r, life));
}

/* Groups lie all over the memory: those of all lives come near at once, not one after the other. */
static bool fold_all(struct report *r, const struct ledger_life *lives, uint32_t count)
{
    uint32_t hashes[LEDGER_LIVES];
    uint32_t mask = r->folds_stacks ? UINT32_MAX : 0;
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = life_groups_hash(lives[i].process, lives[i].type, lives[i].stack & mask);
        life_groups_expect_slot(&r->folded, hashes[i]);
    }
    for (uint32_t i = 0; i < count; i++)
        life_groups_expect(&r->folded, hashes[i]);
    for (uint32_t i = 0; i < count; i++)
        if (!fold(r, &lives[i], lives[i].stack & mask, hashes[i]))
            return false;
    return true;
}

/* Where only totals are wanted: few groups, and nothing else to do. */
static bool add_all(struct report *r, const struct ledger_life *lives, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t hash = life_groups_hash(lives[i].process, lives[i].type, STACK_NONE);
        if (!add_up(r, &lives[i], STACK_NONE, hash))
            return false;
    }
    return true;
}

static bool take(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    struct report *r = ctx;
    bool few = r->only_counts && !r->folds_stacks;
    r->no_memory = few ? !add_all(r, lives, count) : !fold_all(r, lives, count);
    return !r->no_memory;
}

static bool renumbered(void *ctx, const struct life_group *group, uint32_t *stack, bool *stays)
{
    const uint32_t *const *numbers = ctx;
    *stack = stacks_renumbered(*numbers, group->stack);
    *stays = true;
    return true;
}

static bool renumber(void *ctx, const uint32_t *numbers, uint32_t count)
{
    struct report *r = ctx;
    /* Not of open handles: no numbers change after they are told. */
    for (uint32_t i = 0; i < r->exit_count; i++)
        r->exits[i].life.stack = stacks_renumbered(numbers, r->exits[i].life.stack);
    r->no_memory = !life_groups_restack(&r->folded, renumbered, &numbers) ||
                   (r->source->renumber && !r->source->renumber(r->source->life_ctx, numbers, count));
    return !r->no_memory;
}

static bool passes(struct report *r, uint32_t process, uint16_t type, uint32_t stack, bool *it)
{
    const struct filter *f = &r->options->filter;
    *it = filter_group(f, r->ledger, process, type);
    if (!*it || !f->stacks.count)
        return true;
    uint32_t frames[STACK_FRAMES_MAX];
    const char *texts[STACK_FRAMES_MAX];
    uint32_t count = 0;
    if (!report_stack_frames(r, stack, frames, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        texts[i] = r->frames[frames[i]].text;
    *it = filter_frame_texts(f, texts, count);
    return true;
}

static bool settled(void *ctx, const struct life_group *group, uint32_t *stack, bool *stays)
{
    struct report *r = ctx;
    *stack = ledger_stack_final(r->ledger, group->stack);
    if (!passes(r, group->process, group->type, *stack, stays))
        return false;
    if (*stays)
        life_counts_add(&r->sum, &group->counts);
    return true;
}

static bool settle_leaks(struct report *r, struct report_leak *list, uint32_t *count)
{
    uint32_t kept = 0;
    bool ok = true;
    for (uint32_t i = 0; i < *count; i++) {
        struct report_leak x = list[i];
        bool it = false;
        x.life.stack = ledger_stack_final(r->ledger, x.life.stack);
        ok = ok && passes(r, x.life.process, x.life.type, x.life.stack, &it);
        if (ok && it)
            list[kept++] = x;
        else
            free(x.name);
    }
    *count = kept;
    return ok;
}

static int by_opening(const void *left, const void *right)
{
    const struct report_leak *a = left;
    const struct report_leak *b = right;
    if (a->life.opened != b->life.opened)
        return a->life.opened < b->life.opened ? -1 : 1;
    return a->life.handle < b->life.handle ? -1 : a->life.handle > b->life.handle;
}

static int by_total(const void *left, const void *right)
{
    const struct report_row *a = left;
    const struct report_row *b = right;
    int order = life_counts_order(&a->counts, &b->counts);
    if (order)
        return order;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    return a->type < b->type ? -1 : a->type > b->type;
}

static int by_group(const void *left, const void *right)
{
    const struct report_group *a = left;
    const struct report_group *b = right;
    int order = life_counts_order(&a->counts, &b->counts);
    if (order)
        return order;
    if (a->process != b->process)
        return a->process < b->process ? -1 : 1;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

static int by_count(const void *left, const void *right)
{
    const struct report_stack *a = left;
    const struct report_stack *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->stack < b->stack ? -1 : a->stack > b->stack;
}

/* One more use of the group table: stack 0, and the process or the type left out. */
static bool add_totals(struct report *r)
{
    bool by_process = r->options->totals == REPORT_TOTALS_PROCESS;
    struct life_groups sums = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->folded.count; i++) {
        const struct life_group *from = &r->folded.list[i];
        struct life_group *to =
            life_groups_at(&sums, by_process ? from->process : 0, by_process ? (uint16_t)0 : from->type, 0);
        ok = to != NULL;
        if (ok)
            life_counts_add(&to->counts, &from->counts);
    }
    ok = ok && grow_list(&r->totals, &r->total_room, sums.count + 1, sizeof *r->totals);
    for (uint32_t i = 0; ok && i < sums.count; i++)
        r->totals[r->total_count++] = (struct report_row){sums.list[i].process, sums.list[i].type, sums.list[i].counts};
    if (r->total_count)
        qsort(r->totals, r->total_count, sizeof *r->totals, by_total);
    life_groups_free(&sums);
    return ok;
}

/* The table gives each (process, type, frame) a row: the frame's number stands where the stack's would. */
static bool add_groups(struct report *r)
{
    struct life_groups rows = {0};
    uint64_t *most = malloc(((size_t)r->folded.count + 1) * sizeof *most); /* leaks of the group's stack */
    bool ok = most && life_groups_expect_count(&rows, r->folded.count) &&
              grow_list(&r->groups, &r->group_room, r->folded.count, sizeof *r->groups);
    for (uint32_t i = 0; ok && i < r->folded.count; i++) {
        const struct life_group *from = &r->folded.list[i];
        uint32_t frame = UINT32_MAX;
        ok = report_leading_frame(r, from->stack, &frame);
        struct life_group *row = ok ? life_groups_at(&rows, from->process, from->type, frame) : NULL;
        ok = row != NULL;
        if (!ok)
            break;
        uint32_t at = (uint32_t)(row - rows.list);
        struct report_group *g = &r->groups[at];
        if (at == r->group_count) {
            *g = (struct report_group){.process = from->process, .type = from->type, .first = INT64_MAX};
            g->last = INT64_MIN;
            g->frame = frame;
            r->group_count++;
        }
        uint64_t leaks = from->counts.leaked + from->counts.leaked_at_exit;
        if (!g->stack_count || leaks > most[at]) {
            g->stack = from->stack;
            most[at] = leaks;
        }
        g->stack_count++;
        life_counts_add(&g->counts, &from->counts);
        g->first = from->first < g->first ? from->first : g->first;
        g->last = from->last > g->last ? from->last : g->last;
    }
    free(most);
    life_groups_free(&rows);
    if (ok && r->group_count)
        qsort(r->groups, r->group_count, sizeof *r->groups, by_group);
    return ok;
}

static bool add_stacks(struct report *r)
{
    struct life_groups rows = {0};
    bool ok = life_groups_expect_count(&rows, r->folded.count);
    for (uint32_t i = 0; ok && i < r->folded.count; i++) {
        const struct life_group *from = &r->folded.list[i];
        uint64_t leaks = from->counts.leaked + from->counts.leaked_at_exit;
        if (!leaks || !from->stack)
            continue;
        struct life_group *row = life_groups_at(&rows, 0, 0, from->stack);
        ok = row != NULL;
        if (ok)
            row->counts.leaked += leaks;
    }
    ok = ok && grow_list(&r->stacks, &r->stack_room, rows.count + 1, sizeof *r->stacks);
    for (uint32_t i = 0; ok && i < rows.count; i++)
        r->stacks[r->stack_count++] = (struct report_stack){rows.list[i].stack, rows.list[i].counts.leaked};
    if (r->stack_count)
        qsort(r->stacks, r->stack_count, sizeof *r->stacks, by_count);
    life_groups_free(&rows);
    return ok;
}

/* Text and CSV show either totals or groups or single leaks, but text shows groups' stacks with totals too. */
static bool wants_groups(const struct report_options *o)
{
    if (o->baseline || (o->format != REPORT_TEXT && o->format != REPORT_CSV))
        return true;
    return o->totals_asked ? o->stacks : !o->leaks;
}

bool report_read(const struct report_source *source, const struct report_options *options, struct report **out,
                 struct err *err)
{
    struct report *r = calloc(1, sizeof *r);
    if (!r)
        return err_set(err, ERR_NO_MEMORY, "Making the report");
    r->options = options;
    r->filters_lives = filter_wants_lives(&options->filter);
    r->has_groups = wants_groups(options);
    r->folds_stacks = r->has_groups || options->filter.stacks.count;
    r->only_counts = !r->filters_lives && !source->life && options->format != REPORT_HTML && !lists_leaks(options);
    r->symbolizer = source->symbolizer;
    r->source = source;
    struct timeline_options t = {.files = source->files,
                                 .file_count = source->file_count,
                                 .sink = {.ctx = r,
                                          .lives = take,
                                          .renumber = renumber,
                                          .names = options->filter.names.count || source->life,
                                          .no_frames = !r->folds_stacks && !lists_leaks(options) && !source->life},
                                 .mark = report_marks_take,
                                 .mark_ctx = &r->marks,
                                 .go_on = source->go_on,
                                 .go_on_ctx = source->go_on_ctx};
    struct err reason = {0};
    if (!timeline_read(&t, &r->ledger, &r->facts, &reason)) {
        if (r->no_memory)
            err_set(err, ERR_NO_MEMORY, "Making the report");
        else if (err && err->code == ERR_NONE)
            *err = reason;
        report_free(r);
        return false;
    }
    /* Raw stacks that came to the same frames are one; what the filters leave out goes. */
    bool ok = life_groups_restack(&r->folded, settled, r) && settle_leaks(r, r->leaks, &r->leak_count) &&
              settle_leaks(r, r->exits, &r->exit_count) && add_totals(r) && (!r->has_groups || add_groups(r)) &&
              (options->format != REPORT_JSON || add_stacks(r));
    if (!ok) {
        report_free(r);
        return err_set(err, ERR_NO_MEMORY, "Making the report");
    }
    if (r->leak_count)
        qsort(r->leaks, r->leak_count, sizeof *r->leaks, by_opening);
    if (r->exit_count)
        qsort(r->exits, r->exit_count, sizeof *r->exits, by_opening);
    report_marks_sort(&r->marks);
    r->source = NULL;
    *out = r;
    return true;
}

static void free_leaks(struct report_leak *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        free(list[i].name);
    free(list);
}

void report_free(struct report *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->frame_count; i++) {
        free(r->frames[i].symbol);
        free(r->frames[i].text);
    }
    free_leaks(r->leaks, r->leak_count);
    free_leaks(r->exits, r->exit_count);
    life_groups_free(&r->folded);
    series_free(&r->series);
    report_marks_free(&r->marks);
    free(r->totals);
    free(r->groups);
    free(r->stacks);
    free(r->frames);
    free(r->frame_slots);
    free(r->image_kinds);
    free(r->function_frames);
    names_free(&r->functions);
    ledger_close(r->ledger);
    free(r);
}

const char *report_process_name(const struct report *r, uint32_t process)
{
    return module_file_name(ledger_name(r->ledger, ledger_process(r->ledger, process)->name));
}

uint32_t report_top(const struct report *r, uint32_t count, uint32_t by_default)
{
    uint64_t top = r->options->has_top ? r->options->top : by_default;
    return top < count ? (uint32_t)top : count;
}

uint64_t report_leaked(const struct report *r, const char *process, const char *type)
{
    struct patterns p = {.list = {{process, false}}, .count = 1};
    char room[FILTER_TYPE_ROOM];
    uint64_t sum = 0;
    for (uint32_t i = 0; i < r->folded.count; i++) {
        const struct life_group *g = &r->folded.list[i];
        if (text_match(type, filter_type_name(r->ledger, g->type, room)) &&
            patterns_pass_process(&p, report_process_name(r, g->process), ledger_process(r->ledger, g->process)->pid))
            sum += g->counts.leaked + g->counts.leaked_at_exit;
    }
    return sum;
}
