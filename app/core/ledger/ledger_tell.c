/* Tells the sink of lives that are over, and holds back those of which the way they ended is not clear yet. */
#include "core/ledger/ledger_inside.h"

#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool ledger_tell_all(struct ledger *l)
{
    uint32_t count = l->told_count;
    l->told_count = 0;
    if (!count || l->sink.lives(l->sink.ctx, l->told, count))
        return true;
    l->stopped = true;
    return false;
}

/* Handles that seem open may have been closed: the close was lost, or overwritten. Where an inventory says that it is
 * open, it is. */
static bool may_be_closed(const struct ledger *l, const struct life *x)
{
    bool overwritten = l->ring && x->opened < l->ring_since;
    bool listed = x->inventory && x->inventory == l->inventory;
    return (l->lossy || overwritten) && !listed;
}

static bool tell_name(struct ledger *l, struct ledger_life *life, const char *name, uint32_t listed)
{
    bool stays = true;
    if (name && *name) {
        life->name = name;
        stays = false; /* the caller's name goes when this returns */
    } else if (listed) {
        life->name = names_get(&l->objects, listed);
        stays = l->finishing; /* the ledger's move while more of them come */
    }
    return (stays && l->told_count < LEDGER_LIVES) || ledger_tell_all(l);
}

bool ledger_tell(struct ledger *l, const struct life *x, int64_t closed, enum ledger_end end, uint32_t tid,
                 uint32_t stack, const char *name)
{
    if (!l->sink.lives)
        return true;
    /* Field by field, all of them, and nothing in between: this is where every life passes. */
    struct ledger_life *life = &l->told[l->told_count++];
    life->object = x->object;
    life->opened = x->opened;
    life->process = x->process;
    life->actor = x->actor;
    life->handle = x->handle;
    life->tid = x->tid;
    life->stack = x->stack;
    life->closed = closed;
    life->close_tid = tid;
    life->close_stack = stack;
    life->type = x->type;
    life->how = LIFE_HOW_OF(x);
    life->end = (uint8_t)end;
    life->uncertain = (x->flags & LIFE_UNCERTAIN) != 0;
    life->name = "";
    if (end == LEDGER_LOST_CLOSE || (end == LEDGER_OPEN && (l->lossy || l->ring) && may_be_closed(l, x)))
        life->uncertain = true;
    if (name || x->name)
        return tell_name(l, life, name, x->name);
    return l->told_count < LEDGER_LIVES || ledger_tell_all(l);
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
        if (c->name)
            free(c->name);
    }
    p->run_count = 0;
    return ok;
}

bool ledger_hold(struct ledger *l, const struct life *x, const struct delayed *e)
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
    struct held_close *held = &p->run[p->run_count++];
    held->life = *x;
    held->closed = e->time;
    held->tid = e->tid;
    held->stack = e->stack;
    held->name = name;
    p->last_handle = e->handle;
    p->tid = e->tid;
    return true;
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
        bool swept = ledger_is_known(c.life.process) && c.life.process < l->ends_room &&
                     l->ends[c.life.process].dying && !(c.stack & STACK_USER);
        ok = ok && ledger_tell(l, &c.life, c.time, swept ? LEDGER_AT_EXIT : LEDGER_CLOSED, c.tid, c.stack, c.name);
        free(c.name);
    }
    l->early_count = kept;
    return ok;
}

bool ledger_hold_early(struct ledger *l, const struct delayed *e)
{
    if (l->early_count == EARLY_CLOSES && !ledger_release_early(l, e->time))
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
                                                               .flags = LIFE_HOW(LEDGER_PREEXISTING)},
                                                      .time = e->time,
                                                      .tid = e->tid,
                                                      .stack = e->stack,
                                                      .processor = e->processor,
                                                      .name = name};
    return true;
}

struct early_close *ledger_early_close(struct ledger *l, const struct delayed *e)
{
    int64_t skew = l->second / SKEW_PER_SECOND + 1;
    for (uint32_t i = 0; i < l->early_count; i++) {
        struct early_close *c = &l->early[i];
        if (c->life.object == e->object && c->life.handle == e->handle && c->processor != e->processor &&
            (c->life.process == e->process || !ledger_is_known(c->life.process)) &&
            ledger_is_near(c->time, e->time, skew))
            return c;
    }
    return NULL;
}
