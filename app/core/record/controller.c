/* The controller as other threads see it: its commands go into a queue, its picture comes out. What to do is the
 * recorder's decision, how is work's. */
#include "core/record/controller_inside.h"

#include "core/base/text.h"

#include <stdlib.h>
#include <string.h>

#define POLL_MS 1000u

static void release(struct controller *c)
{
    jobs_destroy(c->work.jobs);
    live_destroy(&c->live);
    for (unsigned i = 0; i < c->mark_count; i++)
        free(c->marks[i].text);
    cond_destroy(&c->idle);
    cond_destroy(&c->wake);
    mutex_destroy(&c->lock);
    free(c);
}

bool controller_create(const struct controller_options *o, struct controller **out, struct err *err)
{
    if (strlen(o->parts_dir) >= TRACE_PATH_MAX)
        return err_set(err, ERR_RANGE, "Using the folder %s for recordings", o->parts_dir);
    struct controller *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NO_MEMORY, "Starting the controller");
    c->notify = o->notify;
    c->ctx = o->ctx;
    c->poll_ms = o->poll_ms ? o->poll_ms : POLL_MS;
    c->busy = true;
    c->work.trace = o->trace;
    c->work.sys = o->sys;
    c->work.live_source = o->live;
    c->work.live = &c->live;
    c->work.go_on = controller_go_on;
    c->work.go_on_ctx = c;
    text_put(c->work.parts_dir, sizeof c->work.parts_dir, o->parts_dir);
    live_init(&c->live);
    mutex_init(&c->lock);
    cond_init(&c->wake);
    cond_init(&c->idle);
    atomic_init(&c->interrupt, false);
    c->work.jobs = jobs_create(controller_on_job, c);
    if (!c->work.jobs) {
        release(c);
        return err_set(err, ERR_NO_MEMORY, "Starting the controller");
    }
    /* Before the thread runs nobody else sees it. */
    controller_fill_view(&c->work);
    c->view = c->work.view;
    if (!thread_start("controller", controller_run, c, &c->thread, err)) {
        release(c);
        return false;
    }
    *out = c;
    return true;
}

void controller_destroy(struct controller *c)
{
    if (!c)
        return;
    queue_post_plain(c, INPUT_END);
    thread_join(c->thread);
    release(c);
}

void controller_record(struct controller *c, const struct profile *p)
{
    controller_record_to(c, p, "");
}

void controller_record_to(struct controller *c, const struct profile *p, const char *place)
{
    struct command cmd = {.input = INPUT_RECORD, .u.record.profile = *p};
    /* One that is too long is none: then it stays unsaved, which is told. */
    if (strlen(place) < sizeof cmd.u.record.place)
        text_put(cmd.u.record.place, sizeof cmd.u.record.place, place);
    queue_post(c, &cmd);
}

void controller_change(struct controller *c, const uint32_t *tags, unsigned tag_count, unsigned stacks)
{
    struct command cmd = {.input = INPUT_CHANGE};
    cmd.u.change.tag_count = tag_count < PROFILE_MAX_TAGS ? tag_count : PROFILE_MAX_TAGS;
    for (unsigned i = 0; i < cmd.u.change.tag_count; i++)
        cmd.u.change.tags[i] = tags[i];
    cmd.u.change.stacks = stacks;
    queue_post(c, &cmd);
}

void controller_stop(struct controller *c)
{
    queue_post_plain(c, INPUT_STOP);
}

static void save(struct controller *c, const char *path, bool replace, bool merged)
{
    struct command cmd = {.input = INPUT_SAVE};
    /* A path that is too long is left empty: saving there fails and says so. */
    if (strlen(path) < sizeof cmd.u.save.path)
        text_put(cmd.u.save.path, sizeof cmd.u.save.path, path);
    cmd.u.save.replace = replace;
    cmd.u.save.merged = merged;
    queue_post(c, &cmd);
}

void controller_save(struct controller *c, const char *path, bool replace)
{
    save(c, path, replace, false);
}

void controller_save_merged(struct controller *c, const char *path, bool replace)
{
    save(c, path, replace, true);
}

void controller_snapshot(struct controller *c, const char *path, bool replace)
{
    mutex_lock(&c->lock);
    /* The last one gives way when there are too many: the newest is wanted most. */
    unsigned at = c->snapshot_count < SNAPSHOTS_MAX ? c->snapshot_count++ : SNAPSHOTS_MAX - 1;
    struct snapshot_wish *s = &c->snapshots[at];
    s->replace = replace;
    s->path[0] = 0; /* a path that is too long stays empty: the snapshot fails and says so */
    if (strlen(path) < sizeof s->path)
        text_put(s->path, sizeof s->path, path);
    mutex_unlock(&c->lock);
    queue_post_plain(c, INPUT_SNAPSHOT);
}

void controller_mark(struct controller *c, const char *text)
{
    struct mark_wish m = {.clock_ns = clock_ns(), .filetime = clock_filetime()};
    size_t n = strlen(text) + 1;
    m.text = malloc(n);
    if (m.text)
        memcpy(m.text, text, n); /* a mark without its words is better than none */
    mutex_lock(&c->lock);
    bool room = c->mark_count < MARKS_MAX;
    if (room)
        c->marks[c->mark_count++] = m;
    cond_signal(&c->wake);
    mutex_unlock(&c->lock);
    if (!room)
        free(m.text);
}

void controller_census(struct controller *c, const struct snapshot *counts)
{
    struct stop_fired fired;
    mutex_lock(&c->lock);
    struct profile_stop rules = c->rules;
    mutex_unlock(&c->lock);
    const struct stop_facts f = {.counts = counts};
    if (!stop_rules_fire(&rules, &f, &fired))
        return;
    mutex_lock(&c->lock);
    /* Another recording may have begun meanwhile, with other rules. */
    if (memcmp(&rules, &c->rules, sizeof rules) == 0) {
        c->counts_fired = true;
        c->counts_rule = fired;
    }
    mutex_unlock(&c->lock);
}

void controller_cancel(struct controller *c)
{
    queue_post_plain(c, INPUT_CANCEL);
}

void controller_discard(struct controller *c)
{
    queue_post_plain(c, INPUT_DISCARD);
}

void controller_choose(struct controller *c, enum recorder_choice choice)
{
    static const enum recorder_input inputs[] = {
        [RECORDER_RECORD_ALL_TYPES] = INPUT_ALL_TYPES,    [RECORDER_DO_NOT_RECORD] = INPUT_DO_NOT_RECORD,
        [RECORDER_ORPHAN_SAVE] = INPUT_ORPHAN_SAVE,       [RECORDER_ORPHAN_CONTINUE] = INPUT_ORPHAN_CONTINUE,
        [RECORDER_ORPHAN_DISCARD] = INPUT_ORPHAN_DISCARD,
    };
    queue_post_plain(c, inputs[choice]);
}

void controller_live(struct controller *c, struct live_counts *out)
{
    live_read(&c->live, out);
}

void controller_view(struct controller *c, struct recorder_view *out)
{
    mutex_lock(&c->lock);
    *out = c->view;
    if (c->running)
        out->recording_ns = clock_ns() - c->began_ns;
    c->told = false;
    mutex_unlock(&c->lock);
}

bool controller_wait_idle(struct controller *c, uint32_t ms)
{
    uint64_t until = clock_ns() + (uint64_t)ms * 1000000u;
    mutex_lock(&c->lock);
    bool idle = false;
    /* An idle moment may be over before it is seen. */
    uint64_t idles = c->idles;
    for (;;) {
        idle = c->idles != idles || c->ended || (!c->busy && c->queued == 0 && c->mark_count == 0);
        uint64_t now = clock_ns();
        if (idle || now >= until)
            break;
        cond_wait_ms(&c->idle, &c->lock, (uint32_t)((until - now) / 1000000u) + 1);
    }
    mutex_unlock(&c->lock);
    return idle;
}
