/* The report as JSON. */
#include "core/report/report_write.h"

#include "core/base/json.h"
#include "core/report/system_modules.h"

#include <stdio.h>

static void hex(struct json *j, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "0x%llx", (unsigned long long)value);
    json_string(j, name, text);
}

static void seconds(const struct report *r, struct json *j, const char *name, int64_t time)
{
    json_real(j, name, timeline_seconds(&r->facts, time), 7);
}

static void utc(const struct report *r, struct json *j, const char *name, int64_t time)
{
    char iso[ETL_TIME_TEXT];
    etl_filetime_text(timeline_filetime(&r->facts, time), iso);
    json_string(j, name, iso);
}

static void local(const struct report *r, struct json *j, const char *name, int64_t time)
{
    struct report_when w = report_when(r, time);
    w.local[10] = 'T';
    json_string(j, name, w.local);
}

static void id(struct json *j, const char *name, uint32_t value)
{
    if (value == ETL_UNKNOWN_ID)
        json_null(j, name);
    else
        json_u64(j, name, value);
}

static void process(const struct report *r, struct json *j, uint32_t index)
{
    const char *name = report_process_name(r, index);
    json_string(j, "process", *name ? name : NULL);
    id(j, "pid", ledger_process(r->ledger, index)->pid);
}

static void type(const struct report *r, struct json *j, uint16_t index)
{
    char room[REPORT_TYPE_ROOM];
    json_string(j, "type", report_type_raw(r, index, room));
}

static void counts(struct json *j, const struct life_counts *c)
{
    json_u64(j, "created", c->created);
    json_u64(j, "closed", c->closed);
    json_u64(j, "duplicated", c->duplicated);
    json_u64(j, "inherited", c->inherited);
    json_u64(j, "open", c->open);
    json_u64(j, "leaked", c->leaked);
    json_u64(j, "leakedAtExit", c->leaked_at_exit);
    json_u64(j, "preexisting", c->preexisting);
    json_u64(j, "uncertain", c->uncertain);
}

static void summary(const struct report *r, struct json *j)
{
    json_object(j, "summary");
    counts(j, &r->sum);
    if (r->facts.losses_known || r->facts.events_lost)
        json_u64(j, "eventsLost", r->facts.events_lost);
    else
        json_null(j, "eventsLost");
    json_bool(j, "damaged", r->facts.damaged);
    if (r->facts.ring)
        utc(r, j, "ringBegins", r->facts.ring_first);
    else
        json_null(j, "ringBegins");
    json_u64(j, "openWithoutCreate", r->sum.open - r->sum.leaked);
    utc(r, j, "start", r->facts.first);
    local(r, j, "startLocal", r->facts.first);
    seconds(r, j, "seconds", r->facts.last);
    json_end_object(j);
}

static void marks(const struct report *r, struct json *j)
{
    json_array(j, "marks");
    for (uint32_t i = 0; i < r->marks.count; i++) {
        json_object(j, NULL);
        seconds(r, j, "seconds", r->marks.list[i].time);
        utc(r, j, "utc", r->marks.list[i].time);
        local(r, j, "local", r->marks.list[i].time);
        json_string(j, "text", r->marks.list[i].text);
        json_end_object(j);
    }
    json_end_array(j);
}

static void totals(const struct report *r, struct json *j, struct report_out *o)
{
    uint32_t shown = report_top(r, r->total_count, UINT32_MAX);
    json_array(j, "totals");
    for (uint32_t i = 0; i < shown; i++) {
        json_object(j, NULL);
        if (r->options->totals == REPORT_TOTALS_PROCESS)
            process(r, j, r->totals[i].process);
        else
            type(r, j, r->totals[i].type);
        counts(j, &r->totals[i].counts);
        json_end_object(j);
        report_out_pass(o);
    }
    json_end_array(j);
}

static void leak_list(const struct report *r, struct json *j, struct report_out *o, const char *name,
                      const struct report_leak *list, uint32_t count)
{
    json_array(j, name);
    for (uint32_t i = 0; i < count; i++) {
        const struct ledger_life *x = &list[i].life;
        json_object(j, NULL);
        process(r, j, x->process);
        type(r, j, x->type);
        json_string(j, "name", list[i].name);
        hex(j, "object", x->object);
        json_u64(j, "handle", x->handle);
        seconds(r, j, "created", x->opened);
        utc(r, j, "createdUtc", x->opened);
        local(r, j, "createdLocal", x->opened);
        id(j, "tid", x->tid);
        if (x->stack)
            json_u64(j, "stack", x->stack);
        else
            json_null(j, "stack");
        static const char *const how[] = {"create", "duplicate", "inherit", "preexisting"};
        json_string(j, "how", how[x->how]);
        json_bool(j, "uncertain", x->uncertain);
        json_end_object(j);
        report_out_pass(o);
    }
    json_end_array(j);
}

static bool groups(struct report *r, struct json *j, struct report_out *o)
{
    uint32_t shown = report_top(r, r->group_count, UINT32_MAX);
    json_array(j, "groups");
    for (uint32_t i = 0; i < shown; i++) {
        const struct report_group *g = &r->groups[i];
        const char *title = report_group_title(r, g);
        if (!title)
            return false;
        json_object(j, NULL);
        process(r, j, g->process);
        type(r, j, g->type);
        json_string(j, "code", g->frame == UINT32_MAX ? NULL : title);
        counts(j, &g->counts);
        if (g->stack)
            json_u64(j, "stack", g->stack);
        else
            json_null(j, "stack");
        json_end_object(j);
        report_out_pass(o);
    }
    json_end_array(j);
    return true;
}

static bool stacks(struct report *r, struct json *j, struct report_out *o)
{
    uint32_t frames[STACK_FRAMES_MAX];
    json_array(j, "stacks");
    for (uint32_t i = 0; i < r->stack_count; i++) {
        uint32_t count = 0;
        if (!report_stack_frames(r, r->stacks[i].stack, frames, &count))
            return false;
        json_object(j, NULL);
        json_u64(j, "id", r->stacks[i].stack);
        json_u64(j, "count", r->stacks[i].count);
        json_array(j, "frames");
        for (uint32_t k = 0; k < count; k++) {
            const struct report_frame *f = &r->frames[frames[k]];
            const struct ledger_image *image = ledger_image(r->ledger, f->frame.image);
            json_object(j, NULL);
            hex(j, "address", image->base + f->frame.offset);
            json_string(j, "module", f->frame.image ? module_file_name(ledger_name(r->ledger, image->name)) : NULL);
            if (f->frame.image)
                json_u64(j, "offset", f->frame.offset);
            else
                json_null(j, "offset");
            bool generated = !f->frame.image && !f->frame.kernel;
            json_string(j, "symbol", generated ? "generated code" : f->symbol);
            json_end_object(j);
        }
        json_end_array(j);
        json_end_object(j);
        report_out_pass(o);
    }
    json_end_array(j);
    return true;
}

bool report_json(struct report *r, struct report_out *o)
{
    struct json j = {.out = &o->text, .pretty = true};
    json_object(&j, NULL);
    summary(r, &j);
    marks(r, &j);
    totals(r, &j, o);
    bool ok = groups(r, &j, o);
    leak_list(r, &j, o, "leaks", r->leaks, r->leak_count);
    leak_list(r, &j, o, "leaksAtExit", r->exits, r->exit_count);
    json_u64(&j, "leaksAtExitLeftOut", r->exits_left_out);
    ok = ok && stacks(r, &j, o);
    json_end_object(&j);
    text_add(&o->text, "\n");
    return ok;
}
