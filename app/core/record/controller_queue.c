/* The controller's queue: each kind of command at most once, and none that a later one makes pointless. */
#include "core/record/controller_inside.h"

/* A command takes those with it that it makes pointless; then each kind is queued once. One that carries something
 * takes its like with it, and so goes to the end; one without keeps its place. */
static const uint32_t takes_with_it[INPUT_COMMAND_COUNT] = {
    [INPUT_RECORD] = QUEUE_BIT(RECORD),
    [INPUT_CHANGE] = QUEUE_BIT(CHANGE),
    [INPUT_STOP] = QUEUE_BIT(RECORD) | QUEUE_BIT(CHANGE),
    [INPUT_SNAPSHOT] = 0,
    [INPUT_SAVE] = QUEUE_BIT(SAVE),
    [INPUT_CANCEL] = QUEUE_BIT(SAVE),
    [INPUT_DISCARD] = QUEUE_BIT(RECORD) | QUEUE_BIT(CHANGE) | QUEUE_BIT(SAVE) | QUEUE_BIT(SNAPSHOT),
    [INPUT_END] = ~0u,
    [INPUT_ALL_TYPES] = QUEUE_BIT(DO_NOT_RECORD),
    [INPUT_DO_NOT_RECORD] = QUEUE_BIT(ALL_TYPES),
    [INPUT_ORPHAN_SAVE] = QUEUE_BIT(ORPHAN_CONTINUE) | QUEUE_BIT(ORPHAN_DISCARD),
    [INPUT_ORPHAN_CONTINUE] = QUEUE_BIT(ORPHAN_SAVE) | QUEUE_BIT(ORPHAN_DISCARD),
    [INPUT_ORPHAN_DISCARD] = QUEUE_BIT(ORPHAN_SAVE) | QUEUE_BIT(ORPHAN_CONTINUE),
};

/* What long work (reading back, moving) ends for. */
#define INTERRUPTING (QUEUE_BIT(CANCEL) | QUEUE_BIT(DISCARD) | QUEUE_BIT(END))

uint32_t queue_kinds(const struct controller *c)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < c->queued; i++)
        bits |= 1u << c->queue[i].input;
    return bits;
}

void queue_changed(struct controller *c)
{
    atomic_store(&c->interrupt, (queue_kinds(c) & INTERRUPTING) != 0);
}

void queue_remove(struct controller *c, uint32_t kinds_gone)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < c->queued; i++)
        if (!(kinds_gone & (1u << c->queue[i].input))) {
            if (kept != i)
                c->queue[kept] = c->queue[i];
            kept++;
        }
    c->queued = kept;
}

void queue_post(struct controller *c, const struct command *cmd)
{
    mutex_lock(&c->lock);
    queue_remove(c, takes_with_it[cmd->input]);
    if (!(queue_kinds(c) & (1u << cmd->input)))
        c->queue[c->queued++] = *cmd;
    queue_changed(c);
    cond_signal(&c->wake);
    mutex_unlock(&c->lock);
}

void queue_post_plain(struct controller *c, enum recorder_input input)
{
    struct command cmd = {.input = input};
    queue_post(c, &cmd);
}
