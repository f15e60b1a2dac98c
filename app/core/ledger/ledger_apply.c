/* Applies handle events in order of time: the rules of the header. */
#include "core/ledger/ledger_inside.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

/* Processors' clocks stand no further apart. */
#define SKEW_PER_SECOND 100000
/* Such values stand for the own process, thread or token. */
#define PSEUDO_HANDLE 0xFFFFFF00u
/* Lives of one slot that wait for late closes; with more of them the oldest one's close is lost. */
#define WAITING_MAX 8

static int64_t after(int64_t time, int64_t ticks)
{
    return time > INT64_MAX - ticks ? INT64_MAX : time + ticks;
}

static bool is_near(int64_t a, int64_t b, int64_t ticks)
{
    return a <= after(b, ticks) && b <= after(a, ticks);
}

static bool is_owner_known(uint32_t process)
{
    return process != PROCESS_UNKNOWN;
}

/* As of the event that is applied: processes themselves are known further ahead. */
static bool is_dying(const struct ledger *l, uint32_t process)
{
    return process < l->ends_room && l->ends[process].dying;
}

/* The newest life in the owner's slot; *same is one of the object's, the oldest. */
static uint32_t in_slot(const struct ledger *l, uint32_t tag, uint32_t process, uint32_t handle, uint64_t object,
                        uint32_t *same)
{
    struct life_search s = lives_search(&l->lives, tag);
    uint32_t newest = LIFE_NONE;
    *same = LIFE_NONE;
    for (uint32_t id; (id = lives_next(&l->lives, &s, process, handle)) != LIFE_NONE;) {
        const struct life *x = lives_at(&l->lives, id);
        if (!(x->flags & LIFE_SUPERSEDED))
            newest = id;
        if (x->object == object && (*same == LIFE_NONE || x->opened < lives_at(&l->lives, *same)->opened))
            *same = id;
    }
    return newest;
}

static uint32_t add_life(struct ledger *l, const struct life *x)
{
    bool known = is_owner_known(x->process);
    if (!known && !lives_need_objects(&l->lives))
        return LIFE_NONE;
    l->unknown_owners += known ? 0 : 1;
    return lives_add(&l->lives, x, known);
}

/* Takes a life out and tells it. */
static bool end_life(struct ledger *l, uint32_t id, int64_t closed, enum ledger_end end, uint32_t tid, uint32_t stack,
                     const char *name)
{
    struct life x = *lives_at(&l->lives, id);
    l->unknown_owners -= is_owner_known(x.process) ? 0 : 1;
    lives_remove(&l->lives, id);
    return ledger_tell(l, &x, closed, end, tid, stack, name);
}

bool ledger_process_end_room(struct ledger *l, uint32_t process)
{
    return grow_array(&l->ends, &l->ends_room, process + 1, sizeof *l->ends);
}

bool ledger_tell(struct ledger *l, const struct life *x, int64_t closed, enum ledger_end end, uint32_t tid,
                 uint32_t stack, const char *name)
{
    if (!l->sink.life)
        return true;
    struct ledger_life life = {.object = x->object,
                               .opened = x->opened,
                               .closed = closed,
                               .process = x->process,
                               .actor = x->actor,
                               .handle = x->handle,
                               .tid = x->tid,
                               .stack = x->stack,
                               .close_tid = tid,
                               .close_stack = stack,
                               .type = x->type,
                               .how = x->how,
                               .end = (uint8_t)end,
                               .uncertain = x->flags & LIFE_UNCERTAIN,
                               .name = name && *name ? name : names_get(&l->names, x->name)};
    if (end == LEDGER_LOST_CLOSE)
        life.uncertain = true;
    /* Where an inventory says that it is open, it is. */
    bool listed = l->inventory && x->inventory == (uint16_t)l->inventory;
    bool overwritten = l->ring && x->opened < l->ring_since; /* its close may be */
    if (end == LEDGER_OPEN && (l->lossy || overwritten) && !listed)
        life.uncertain = true;
    if (l->sink.life(l->sink.ctx, &life))
        return true;
    l->stopped = true;
    return false;
}

bool ledger_release_run(struct ledger *l, uint32_t process, enum ledger_end end)
{
    if (process >= l->ends_room)
        return true;
    struct process_end *p = &l->ends[process];
    bool ok = true;
    for (uint32_t i = 0; i < p->run_count; i++) {
        struct held_close *c = &p->run[i];
        /* Without a stack nothing tells the program's closes from those of its end. */
        if (end == LEDGER_AT_EXIT && !c->stack)
            c->life.flags |= LIFE_UNCERTAIN;
        ok = ok && ledger_tell(l, &c->life, c->closed, end, c->tid, c->stack, c->name);
        free(c->name);
    }
    p->run_count = 0;
    return ok;
}

/* Keeps a close back that the end of its process may turn out to have done. */
static bool hold(struct ledger *l, const struct life *x, const struct delayed *e)
{
    struct process_end *p = &l->ends[x->process];
    bool goes_on = p->run_count && e->tid == p->tid && e->handle > p->last_handle;
    if (p->run_count && !goes_on && !ledger_release_run(l, x->process, LEDGER_CLOSED))
        return false;
    if (!grow_array(&p->run, &p->run_room, p->run_count + 1, sizeof *p->run))
        return false;
    char *name = e->name ? text_copy(e->name) : NULL;
    if (e->name && !name)
        return false;
    p->run[p->run_count++] = (struct held_close){*x, e->time, e->tid, e->stack, name};
    p->last_handle = e->handle;
    p->tid = e->tid;
    return true;
}

static void remember(struct ledger *l, const struct delayed *e, const struct life *x)
{
    l->recent[l->recent_at++ % RECENT_CLOSES] = (struct recent_close){.time = e->time,
                                                                      .opened = x ? x->opened : e->time,
                                                                      .object = e->object,
                                                                      .process = x ? x->process : e->process,
                                                                      .handle = e->handle,
                                                                      .processor = e->processor,
                                                                      .known = x != NULL};
}

static const struct recent_close *recently_closed(const struct ledger *l, uint32_t process, uint32_t handle,
                                                  uint64_t object, int64_t time, int64_t ticks)
{
    for (uint32_t i = 0; i < RECENT_CLOSES; i++) {
        const struct recent_close *c = &l->recent[i];
        if (c->known && c->process == process && c->handle == handle && c->object == object &&
            is_near(c->time, time, ticks))
            return c;
    }
    return NULL;
}

/* A life is over because a close said so. */
static bool close_life(struct ledger *l, uint32_t id, const struct delayed *e)
{
    struct life x = *lives_at(&l->lives, id);
    remember(l, e, &x);
    if (is_owner_known(x.process) && !ledger_process_end_room(l, x.process))
        return false;
    l->unknown_owners -= is_owner_known(x.process) ? 0 : 1;
    lives_remove(&l->lives, id);
    if (!is_owner_known(x.process))
        return ledger_tell(l, &x, e->time, LEDGER_CLOSED, e->tid, e->stack, e->name);
    struct process_end *p = &l->ends[x.process];
    /* User code on the stack: the program did it, or another program. */
    if (e->stack & STACK_USER)
        return ledger_release_run(l, x.process, LEDGER_CLOSED) &&
               ledger_tell(l, &x, e->time, LEDGER_CLOSED, e->tid, e->stack, e->name);
    if (p->dying)
        /* This is the sweep: what was held back was not. */
        return ledger_release_run(l, x.process, LEDGER_CLOSED) &&
               ledger_tell(l, &x, e->time, LEDGER_AT_EXIT, e->tid, e->stack, e->name);
    return hold(l, &x, e);
}

bool ledger_release_early(struct ledger *l, int64_t time)
{
    uint32_t kept = 0;
    bool ok = true;
    for (uint32_t i = 0; i < l->early_count; i++) {
        struct early_close c = l->early[i];
        if (c.time >= time) {
            l->early[kept++] = c;
            continue;
        }
        if (l->lossy)
            c.life.flags |= LIFE_UNCERTAIN; /* its create may be among what was lost */
        bool swept = is_owner_known(c.life.process) && c.life.process < l->ends_room && l->ends[c.life.process].dying &&
                     !(c.stack & STACK_USER);
        ok = ok && ledger_tell(l, &c.life, c.time, swept ? LEDGER_AT_EXIT : LEDGER_CLOSED, c.tid, c.stack, c.name);
        free(c.name);
    }
    l->early_count = kept;
    return ok;
}

static bool hold_early(struct ledger *l, const struct delayed *e)
{
    if (l->early_count == EARLY_CLOSES && !ledger_release_early(l, e->time) && !l->stopped)
        return false;
    if (l->early_count == EARLY_CLOSES && !ledger_release_early(l, INT64_MAX))
        return false;
    char *name = e->name ? text_copy(e->name) : NULL;
    if (e->name && !name)
        return false;
    l->early[l->early_count++] = (struct early_close){.life = {.object = e->object,
                                                               .opened = e->time,
                                                               .process = e->process,
                                                               .actor = e->process,
                                                               .handle = e->handle,
                                                               .tid = ETL_UNKNOWN_ID,
                                                               .type = e->type,
                                                               .how = LEDGER_PREEXISTING},
                                                      .time = e->time,
                                                      .tid = e->tid,
                                                      .stack = e->stack,
                                                      .processor = e->processor,
                                                      .name = name};
    return true;
}

/* The early close that this handle's opening was overtaken by. */
static struct early_close *early_close_of(struct ledger *l, const struct delayed *e)
{
    int64_t skew = l->second / SKEW_PER_SECOND + 1;
    for (uint32_t i = 0; i < l->early_count; i++) {
        struct early_close *c = &l->early[i];
        if (c->life.object == e->object && c->life.handle == e->handle && c->processor != e->processor &&
            (c->life.process == e->process || !is_owner_known(c->life.process)) && is_near(c->time, e->time, skew))
            return c;
    }
    return NULL;
}

/* Somebody opens a handle where one seems open still. */
static bool free_slot(struct ledger *l, const struct delayed *e)
{
    uint32_t same = LIFE_NONE;
    uint32_t newest = in_slot(l, e->tag, e->process, e->handle, e->object, &same);
    if (!newest && !same)
        return true;
    if (newest) {
        const struct life *x = lives_at(&l->lives, newest);
        if (x->object == e->object && (x->flags & LIFE_SOURCE)) {
            /* Its duplicate was told first, by a clock that runs ahead: it was not there before. */
            lives_remove(&l->lives, newest);
            return true;
        }
    }
    struct life_search s = lives_search(&l->lives, e->tag);
    uint32_t oldest = LIFE_NONE;
    int waiting = 0;
    for (uint32_t id; (id = lives_next(&l->lives, &s, e->process, e->handle)) != LIFE_NONE; waiting++)
        if ((lives_at(&l->lives, id)->flags & LIFE_SUPERSEDED) &&
            (!oldest || lives_at(&l->lives, id)->opened < lives_at(&l->lives, oldest)->opened))
            oldest = id;
    if (waiting > WAITING_MAX && oldest &&
        !end_life(l, oldest, e->time, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
        return false;
    if (newest)
        lives_at(&l->lives, newest)->flags |= LIFE_SUPERSEDED;
    return true;
}

static bool open_life(struct ledger *l, const struct delayed *e, enum ledger_how how)
{
    if (is_owner_known(e->process)) {
        if (e->process < l->ends_room && l->ends[e->process].run_count && !is_dying(l, e->process) &&
            !ledger_release_run(l, e->process, LEDGER_CLOSED))
            return false;
        if (!free_slot(l, e))
            return false;
    }
    struct life x = {.object = e->object,
                     .opened = e->time,
                     .process = e->process,
                     .handle = e->handle,
                     .tid = e->tid,
                     .stack = e->stack,
                     .actor = e->actor,
                     .type = e->type,
                     .how = (uint8_t)how,
                     .processor = (uint8_t)e->processor};
    struct early_close *early = l->early_count ? early_close_of(l, e) : NULL;
    if (!early)
        return add_life(l, &x) != LIFE_NONE;
    bool ok = ledger_tell(l, &x, early->time, LEDGER_CLOSED, early->tid, early->stack, early->name);
    free(early->name);
    *early = l->early[--l->early_count];
    return ok;
}

static bool is_unowned(void *ctx, const struct life *x)
{
    (void)ctx;
    return !is_owner_known(x->process);
}

struct closer {
    const struct ledger *ledger;
    const struct delayed *close;
};

/* Whether the handle may be another process's than the one that the header names. Who was there before the recording
 * has handles that nobody knows, perhaps of the same value and object: every process opens the same desktop first. It
 * closed another's only if it just duplicated that. */
static bool may_be_anothers(void *ctx, const struct life *x)
{
    const struct closer *c = ctx;
    if (!is_owner_known(c->close->process) || c->ledger->processes.list[c->close->process].began)
        return true;
    for (uint32_t i = 0; i < RECENT_DUPLICATES; i++) {
        const struct recent_duplicate *d = &c->ledger->duplicates[i];
        if (d->tid == c->close->tid && d->process == x->process && d->handle == x->handle && d->object == x->object)
            return true;
    }
    return false;
}

/* Not by owner and value: by object and value. */
static bool find_elsewhere(struct ledger *l, const struct delayed *e, uint32_t *found)
{
    *found = LIFE_NONE;
    bool anybody = e->actor_in_header || !is_owner_known(e->process);
    if (!anybody && !l->unknown_owners)
        return true;
    if (!lives_need_objects(&l->lives))
        return false;
    *found = lives_by_object(&l->lives, e->object, e->handle, is_unowned, NULL);
    struct closer closer = {l, e};
    if (*found == LIFE_NONE && anybody && e->kind == DELAYED_CLOSE)
        *found = lives_by_object(&l->lives, e->object, e->handle, may_be_anothers, &closer);
    return true;
}

static bool apply_close(struct ledger *l, const struct delayed *e)
{
    uint32_t same = LIFE_NONE;
    if (is_owner_known(e->process))
        in_slot(l, e->tag, e->process, e->handle, e->object, &same);
    if (!same && !find_elsewhere(l, e, &same))
        return false;
    if (same)
        return close_life(l, same, e);
    return hold_early(l, e);
}

/* What a duplicate was made from existed, even if nobody saw how it came to be. */
static bool know_source(struct ledger *l, const struct delayed *e)
{
    if (!is_owner_known(e->source_process) || e->source_handle >= PSEUDO_HANDLE || !e->source_handle)
        return true;
    uint32_t same = LIFE_NONE;
    uint32_t newest = in_slot(l, lives_tag(e->source_process, e->source_handle), e->source_process, e->source_handle,
                              e->object, &same);
    if (newest || same || is_dying(l, e->source_process) ||
        recently_closed(l, e->source_process, e->source_handle, e->object, e->time, l->second / SKEW_PER_SECOND + 1))
        return true;
    struct life x = {.object = e->object,
                     .opened = e->time,
                     .process = e->source_process,
                     .actor = e->source_process,
                     .handle = e->source_handle,
                     .tid = ETL_UNKNOWN_ID,
                     .type = e->type,
                     .how = LEDGER_PREEXISTING,
                     .flags = LIFE_SOURCE};
    return add_life(l, &x) != LIFE_NONE;
}

static bool apply_duplicate(struct ledger *l, const struct delayed *e)
{
    if (!know_source(l, e))
        return false;
    l->duplicates[l->duplicate_at++ % RECENT_DUPLICATES] =
        (struct recent_duplicate){e->object, e->source_process, e->source_handle, e->tid};
    const struct ledger_process *target = &l->processes.list[e->process];
    const struct ledger_process *source = &l->processes.list[e->source_process];
    bool inherited = e->source_handle == e->handle && e->source_process != e->process && !(e->handle >> 31) &&
                     (!target->parent_pid || target->parent_pid == source->pid);
    return open_life(l, e, inherited ? LEDGER_INHERITED : LEDGER_DUPLICATED);
}

static bool apply_listed(struct ledger *l, const struct delayed *e)
{
    uint32_t name = 0;
    if (e->name && !names_put(&l->names, e->name, strlen(e->name), &name))
        return false;
    if (l->inventory_ending && !ledger_end_inventory(l))
        return false;
    if (!l->inventory_open) {
        l->inventory_open = true;
        l->inventory_start = e->time;
        l->inventory++;
        l->counts.inventories++;
        memset(l->covered, 0, TYPES / 8);
    }
    l->covered[e->type / 8] |= (uint8_t)(1u << e->type % 8);
    uint32_t same = LIFE_NONE;
    uint32_t newest = in_slot(l, e->tag, e->process, e->handle, e->object, &same);
    if (!same) {
        if (!find_elsewhere(l, e, &same))
            return false;
        if (same && !lives_move(&l->lives, same, e->process))
            return false;
        l->unknown_owners -= same ? 1 : 0;
    }
    if (same) {
        lives_at(&l->lives, same)->inventory = (uint16_t)l->inventory;
        lives_at(&l->lives, same)->name = name ? name : lives_at(&l->lives, same)->name;
        return true;
    }
    struct life x = {.object = e->object,
                     .opened = e->time,
                     .process = e->process,
                     .actor = e->process,
                     .handle = e->handle,
                     .tid = ETL_UNKNOWN_ID,
                     .name = name,
                     .type = e->type,
                     .how = LEDGER_PREEXISTING,
                     .inventory = (uint16_t)l->inventory};
    if (newest) {
        /* The one that seemed open was closed, and this one's create was lost as well. */
        lives_at(&l->lives, newest)->flags |= LIFE_SUPERSEDED;
        x.flags |= LIFE_UNCERTAIN;
    }
    return add_life(l, &x) != LIFE_NONE;
}

/* What an inventory lacks although it covers its type lost its close. Handles that were opened about when it began are
 * left alone: it is not one moment. */
bool ledger_end_inventory(struct ledger *l)
{
    if (!l->inventory_open)
        return true;
    l->inventory_open = false;
    l->inventory_ending = false;
    int64_t margin = l->second / 20;
    for (uint32_t i = 1; i < l->lives.count; i++) {
        const struct life *x = lives_at(&l->lives, i);
        if (!(x->flags & LIFE_USED) || x->inventory == (uint16_t)l->inventory || !is_owner_known(x->process) ||
            is_dying(l, x->process) || after(x->opened, margin) >= l->inventory_start ||
            !(l->ring || l->covered[x->type / 8] >> x->type % 8 & 1))
            continue;
        if (!end_life(l, i, l->inventory_start, LEDGER_LOST_CLOSE, ETL_UNKNOWN_ID, STACK_NONE, NULL))
            return false;
    }
    return true;
}

static bool tell_event(struct ledger *l, const struct delayed *e)
{
    static const uint8_t actions[] = {[DELAYED_CREATE] = ETL_HANDLE_CREATE,
                                      [DELAYED_CLOSE] = ETL_HANDLE_CLOSE,
                                      [DELAYED_DUPLICATE] = ETL_HANDLE_DUPLICATE,
                                      [DELAYED_LISTED] = ETL_HANDLE_LISTED};
    struct ledger_event event = {.time = e->time,
                                 .object = e->object,
                                 .action = actions[e->kind],
                                 .process = e->process,
                                 .tid = e->tid,
                                 .handle = e->handle,
                                 .source_process = e->source_process,
                                 .source_handle = e->source_handle,
                                 .stack = e->stack,
                                 .type = e->type,
                                 .name = e->name ? e->name : ""};
    if (l->sink.event(l->sink.ctx, &event))
        return true;
    l->stopped = true;
    return false;
}

static bool begin_end(struct ledger *l, uint32_t process)
{
    if (!is_owner_known(process))
        return true;
    if (!ledger_process_end_room(l, process))
        return false;
    l->ends[process].dying = true;
    return true;
}

bool ledger_apply(struct ledger *l, const struct delayed *e)
{
    int64_t skew = l->second / SKEW_PER_SECOND + 1;
    if (l->early_count && e->time > INT64_MIN + skew && !ledger_release_early(l, e->time - skew))
        return false;
    if (e->kind <= DELAYED_LISTED) {
        l->counts.events++;
        if (l->sink.event && !tell_event(l, e))
            return false;
    }
    switch ((enum delayed_kind)e->kind) {
    case DELAYED_CREATE:
        return open_life(l, e, LEDGER_CREATED);
    case DELAYED_CLOSE:
        return apply_close(l, e);
    case DELAYED_DUPLICATE:
        return apply_duplicate(l, e);
    case DELAYED_LISTED:
        return apply_listed(l, e);
    case DELAYED_INVENTORY_END:
        l->inventory_ending = l->inventory_open;
        return true;
    case DELAYED_DYING:
    case DELAYED_ENDED:
        return begin_end(l, e->process);
    }
    return true;
}
