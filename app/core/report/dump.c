/* Learns names and stacks in a first pass and prints in a second: the numbers are the same in both at the same event.
 */
#include "core/report/dump.h"

#include "core/base/json.h"
#include "core/report/dump_lives.h"
#include "core/report/dump_numbers.h"
#include "core/report/report_frames.h"

#include <stdlib.h>

struct dump {
    struct report *names; /* the first pass's ledger, and frames */
    const struct report_options *options;
    struct report_out *out;
    uint32_t next_mark;          /* of the first pass's */
    struct dump_lives lives;     /* the first pass's, when the filters ask about them */
    struct dump_numbers numbers; /* of stacks */
    bool no_memory;
};

static const char *const actions[] = {[ETL_HANDLE_CREATE] = "create",
                                      [ETL_HANDLE_CLOSE] = "close",
                                      [ETL_HANDLE_DUPLICATE] = "duplicate",
                                      [ETL_HANDLE_LISTED] = "listed"};

static bool is_inherited(const struct ledger_event *e)
{
    return e->action == ETL_HANDLE_DUPLICATE && e->source_handle == e->handle && e->source_process != e->process;
}

static bool passes(const struct dump *d, const struct ledger_event *e)
{
    const struct filter *f = &d->options->filter;
    double at = timeline_seconds(&d->names->facts, e->time);
    if ((f->has_since && at < f->since) || (f->has_until && at > f->until) || (f->inherited && !is_inherited(e)))
        return false;
    return number_set_pass(&f->handles, e->handle) && number_set_pass(&f->objects, e->object) &&
           filter_group(f, d->names->ledger, e->process, e->type) &&
           (!f->names.count || patterns_pass(&f->names, e->name)) &&
           (!d->lives.asked || dump_lives_has(&d->lives, e->process, e->handle, e->time));
}

static bool stack_passes(const struct dump *d, const uint32_t *frames, uint32_t count)
{
    const struct filter *f = &d->options->filter;
    const char *texts[STACK_FRAMES_MAX];
    for (uint32_t i = 0; i < count; i++)
        texts[i] = d->names->frames[frames[i]].text;
    return !f->stacks.count || filter_frame_texts(f, texts, count);
}

static void as_json(const struct dump *d, const struct ledger_event *e, const uint32_t *frames, uint32_t count)
{
    const struct report *r = d->names;
    struct json j = {.out = &d->out->text};
    const struct ledger_process *p = ledger_process(r->ledger, e->process);
    const char *process = report_process_name(r, e->process);
    const char *type = ledger_type(r->ledger, e->type);
    struct text object = {0};
    text_addf(&object, "0x%llx", (unsigned long long)e->object);
    json_object(&j, NULL);
    json_real(&j, "seconds", timeline_seconds(&r->facts, e->time), 7);
    json_i64(&j, "time", e->time);
    json_string(&j, "event", is_inherited(e) ? "inherit" : actions[e->action]);
    if (p->pid == ETL_UNKNOWN_ID)
        json_null(&j, "pid");
    else
        json_u64(&j, "pid", p->pid);
    json_string(&j, "process", *process ? process : NULL);
    if (e->tid == ETL_UNKNOWN_ID)
        json_null(&j, "tid");
    else
        json_u64(&j, "tid", e->tid);
    json_u64(&j, "handle", e->handle);
    json_string(&j, "object", text_str(&object));
    if (*type)
        json_string(&j, "type", type);
    else
        json_u64(&j, "type", e->type);
    json_string(&j, "name", *e->name ? e->name : NULL);
    if (e->action == ETL_HANDLE_DUPLICATE) {
        json_u64(&j, "sourcePid", ledger_process(r->ledger, e->source_process)->pid);
        json_u64(&j, "sourceHandle", e->source_handle);
    }
    json_array(&j, "stack");
    for (uint32_t i = 0; i < count; i++)
        json_string(&j, NULL, r->frames[frames[i]].text);
    json_end_array(&j);
    json_end_object(&j);
    text_add(j.out, "\n");
    j.out->failed = j.out->failed || object.failed;
    text_free(&object);
}

static void as_text(const struct dump *d, const struct ledger_event *e, const uint32_t *frames, uint32_t count)
{
    const struct report *r = d->names;
    struct text *t = &d->out->text;
    const struct ledger_process *p = ledger_process(r->ledger, e->process);
    const char *type = ledger_type(r->ledger, e->type);
    text_addf(t, "%14.7f %-9s ", timeline_seconds(&r->facts, e->time),
              is_inherited(e) ? "inherit" : actions[e->action]);
    if (p->pid == ETL_UNKNOWN_ID)
        text_add(t, "     ? ");
    else
        text_addf(t, "%6u ", p->pid);
    size_t from = t->len;
    report_add_clean(t, report_process_name(r, e->process));
    text_addf(t, "%*s ", t->len - from < 20 ? (int)(20 - (t->len - from)) : 0, "");
    if (e->tid == ETL_UNKNOWN_ID)
        text_add(t, "     ? ");
    else
        text_addf(t, "%6u ", e->tid);
    text_addf(t, "0x%-8x 0x%016llx ", e->handle, (unsigned long long)e->object);
    if (*type)
        report_add_clean(t, type);
    else
        text_addf(t, "type %u", e->type);
    if (e->action == ETL_HANDLE_DUPLICATE)
        text_addf(t, " from %u:0x%x", ledger_process(r->ledger, e->source_process)->pid, e->source_handle);
    if (*e->name) {
        text_add(t, " \"");
        report_add_clean(t, e->name);
        text_add(t, "\"");
    }
    for (uint32_t i = 0; i < count; i++)
        text_addf(t, "%s%s", i ? " < " : "  ", r->frames[frames[i]].text);
    text_add(t, "\n");
}

static void mark(const struct dump *d, const struct report_mark *m)
{
    double at = timeline_seconds(&d->names->facts, m->time);
    struct text *t = &d->out->text;
    const struct filter *f = &d->options->filter;
    if ((f->has_since && at < f->since) || (f->has_until && at > f->until))
        return;
    if (d->options->json) {
        struct json j = {.out = t};
        json_object(&j, NULL);
        json_real(&j, "seconds", at, 7);
        json_i64(&j, "time", m->time);
        json_string(&j, "event", "mark");
        json_string(&j, "text", m->text);
        json_end_object(&j);
    } else {
        text_addf(t, "%14.7f %-9s \"", at, "mark");
        report_add_clean(t, m->text);
        text_add(t, "\"");
    }
    text_add(t, "\n");
}

/* Those up to an event's time stand before it, whatever the filters say of events: they are landmarks. */
static void marks_until(struct dump *d, int64_t time)
{
    const struct report_marks *m = &d->names->marks;
    while (d->next_mark < m->count && m->list[d->next_mark].time <= time)
        mark(d, &m->list[d->next_mark++]);
}

/* First pass. */
static bool take_lives(void *ctx, const struct ledger_life *lives, uint32_t count)
{
    struct dump *d = ctx;
    for (uint32_t i = 0; i < count && !d->no_memory; i++)
        d->no_memory =
            filter_life_end(&d->options->filter, &d->names->facts, &lives[i]) && !dump_lives_put(&d->lives, &lives[i]);
    return !d->no_memory;
}

static bool renumber_first(void *ctx, const uint32_t *numbers, uint32_t count)
{
    struct dump *d = ctx;
    d->no_memory = !dump_numbers_put(&d->numbers, numbers, count);
    return !d->no_memory;
}

static bool renumber_second(void *ctx, const uint32_t *numbers, uint32_t count)
{
    struct dump *d = ctx;
    (void)numbers;
    (void)count;
    dump_numbers_pass(&d->numbers);
    return true;
}

static bool take(void *ctx, const struct ledger_event *e)
{
    struct dump *d = ctx;
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    marks_until(d, e->time);
    /* The stack last: looking up its names may take long. */
    if (!passes(d, e))
        return true;
    if (!report_stack_frames(d->names, dump_numbers_final(&d->numbers, e->stack), frames, &count)) {
        d->no_memory = true;
        return false;
    }
    if (!stack_passes(d, frames, count))
        return true;
    if (d->options->json)
        as_json(d, e, frames, count);
    else
        as_text(d, e, frames, count);
    report_out_pass(d->out);
    return !d->out->failed;
}

bool dump_write(const struct report_source *source, const struct report_options *options, struct report_out *o,
                bool *damaged, struct err *err)
{
    struct report *names = calloc(1, sizeof *names);
    if (!names)
        return err_set(err, ERR_NO_MEMORY, "Listing the events");
    names->options = options;
    names->symbolizer = source->symbolizer;
    struct dump d = {.names = names, .options = options, .out = o};
    struct timeline_options t = {.files = source->files,
                                 .file_count = source->file_count,
                                 .mark = report_marks_take,
                                 .mark_ctx = &names->marks,
                                 .go_on = source->go_on,
                                 .go_on_ctx = source->go_on_ctx};
    struct ledger *second = NULL;
    struct timeline_facts facts;
    struct err reason = {0};
    const struct filter *f = &options->filter;
    d.lives.asked = f->has_min || f->has_max || f->exit_closed;
    t.sink = (struct ledger_sink){.ctx = &d, .renumber = renumber_first, .lives = d.lives.asked ? take_lives : NULL};
    bool ok = timeline_read(&t, &names->ledger, &names->facts, &reason);
    if (ok) {
        dump_lives_sort(&d.lives);
        dump_numbers_settle(&d.numbers);
        report_marks_sort(&names->marks);
        t.mark = NULL;
        t.sink = (struct ledger_sink){.ctx = &d, .event = take, .renumber = renumber_second, .names = true};
        ok = timeline_read(&t, &second, &facts, &reason);
    }
    if (ok) {
        marks_until(&d, INT64_MAX);
        *damaged = facts.damaged;
    }
    dump_lives_free(&d.lives);
    dump_numbers_free(&d.numbers);
    ledger_close(second);
    report_free(names);
    ok = report_out_end(o) && ok;
    /* The sink ends the reading when the output fails: then that is the reason. */
    if (!ok && d.no_memory)
        return err_set(err, ERR_NO_MEMORY, "Writing the events");
    if (!ok && o->failed)
        return report_out_error(o, err);
    if (!ok && err && err->code == ERR_NONE)
        *err = reason;
    return ok;
}
