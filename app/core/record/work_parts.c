/* The actions on what is on disk: whose session and parts are there, proving a part, moving it into place, dropping
 * it. */
#include "core/record/work.h"

#include "core/base/text.h"
#include "core/record/expected.h"

#include <stdlib.h>
#include <string.h>

static enum recorder_input fail(struct work *w, const struct err *e)
{
    work_add_error(w, e);
    return INPUT_FAILED;
}

/* The owner's own folder may be another one than ours: the note lies beside the part, wherever that is. */
static void note_of_session(struct work *w, const struct trace_status *status)
{
    struct parts_note n = {0};
    if (!status->path[0] || !parts_read(status->path, &n, NULL)) {
        n = (struct parts_note){.guid = w->session.guid};
        text_put(n.part, sizeof n.part, status->path);
        text_put(n.session, sizeof n.session, w->session.name);
    }
    w->note = n;
}

static void find_listing(struct work *w, const char *name)
{
    memset(&w->view.other, 0, sizeof w->view.other);
    text_put(w->view.other.session.name, sizeof w->view.other.session.name, name);
    struct trace_listing *all = calloc(TRACE_LIST_MAX, sizeof *all);
    size_t count = 0;
    /* More than the name is a courtesy: without it the name alone is shown. */
    if (all && w->trace.ops->list(w->trace.self, all, TRACE_LIST_MAX, &count, NULL))
        for (size_t i = 0; i < count && i < TRACE_LIST_MAX; i++)
            if (text_casecmp(all[i].session.name, name) == 0)
                w->view.other = all[i];
    free(all);
}

enum recorder_input work_identify(struct work *w)
{
    struct err e = {0};
    struct trace_session session = {0};
    struct trace_status status = {0};
    w->view.other_pid = 0;
    w->view.other_started = 0;
    w->view.other_process[0] = 0;
    if (!w->trace.ops->adopt(w->trace.self, plan_session_name, &plan_session_guid, &session, &status, &e)) {
        if (e.code == ERR_NOT_FOUND)
            return INPUT_NOTHING;
        if (e.code != ERR_EXISTS)
            return fail(w, &e);
        find_listing(w, plan_session_name);
        err_remedy(&w->view.error, "Another program uses the session's name: end it there, then try again.");
        return INPUT_FOREIGN;
    }
    w->session = session;
    w->view.status = status;
    w->view.status_known = true;
    w->view.other = (struct trace_listing){.session = session, .status = status, .system_logger = true};
    note_of_session(w, &status);
    w->view.other_pid = w->note.pid;
    w->view.other_started = w->note.started;
    bool alive = work_alive(w, w->note.pid, w->note.pid_start, w->view.other_process, &e);
    if (e.code != ERR_NONE)
        return fail(w, &e);
    err_remedy(&w->view.error, alive ? "Another Handle Recorder is recording: stop it there first."
                                     : "A recording was left running: save, continue or discard it first.");
    return alive ? INPUT_OTHERS_ALIVE : INPUT_OURS;
}

struct liveness {
    struct work *w;
    struct err err; /* the first time that it could not be told */
};

static bool owner_alive(void *ctx, uint32_t pid, uint64_t start)
{
    struct liveness *l = ctx;
    struct err e = {0};
    bool alive = work_alive(l->w, pid, start, NULL, &e);
    if (e.code == ERR_NONE)
        return alive;
    if (l->err.code == ERR_NONE)
        l->err = e;
    return true; /* not known: leave it alone */
}

static enum recorder_input do_find(struct work *w)
{
    struct liveness l = {.w = w};
    struct err e = {0};
    bool found = false;
    struct parts_note n = {0};
    if (!parts_find(w->parts_dir, owner_alive, &l, &found, &n, &e))
        return fail(w, &e);
    if (!found)
        return l.err.code == ERR_NONE ? INPUT_NOTHING : fail(w, &l.err);
    w->note = n;
    w->damage_told = false;
    w->view.started_filetime = n.started;
    w->view.recording_ns = 0;
    w->view.status_known = false;
    return INPUT_LEFTOVER;
}

static enum recorder_input do_look(struct work *w)
{
    enum recorder_input result = work_identify(w);
    if (result == INPUT_FAILED && w->view.error.code == ERR_ACCESS) {
        /* Without rights nothing can be recorded or taken up, which Record will say; counting goes on. Whether parts
         * are still being written cannot be told, so they are not touched. */
        w->view.error = (struct err){0};
        return INPUT_NOTHING;
    }
    return result == INPUT_NOTHING ? do_find(w) : result;
}

static enum recorder_input do_drop(struct work *w)
{
    struct err e = {0};
    if (w->note.part[0] && !parts_drop(&w->note, &e))
        return fail(w, &e);
    memset(&w->note, 0, sizeof w->note);
    return INPUT_OK;
}

static enum recorder_input do_place(struct work *w)
{
    struct err e = {0};
    if (!w->place_known)
        return INPUT_NOTHING;
    w->place_known = false; /* each attempt is asked for anew */
    if (!w->note.part[0] || !file_exists(w->note.part)) {
        err_set(&e, ERR_NOT_FOUND, "Saving the recording: its raw file %s", w->note.part);
        err_remedy(&e, "Put the file back and start the program again, or record anew.");
        fail(w, &e);
        return INPUT_GONE;
    }
    if (!w->place_replace && file_exists(w->place)) {
        err_set(&e, ERR_EXISTS, "Saving to %s", w->place);
        err_remedy(&e, "Choose another name. The recording is kept.");
        return fail(w, &e);
    }
    return INPUT_OK;
}

static bool is_damage(enum err_code code)
{
    return code == ERR_FORMAT || code == ERR_TRUNCATED || code == ERR_MISMATCH;
}

static enum recorder_input do_verify(struct work *w)
{
    struct err e = {0};
    struct readback r = {0};
    if (!readback_check(w->note.part, w->go_on, w->go_on_ctx, &r, &e)) {
        if (e.code == ERR_CANCELLED)
            return INPUT_CANCELLED;
        if (!is_damage(e.code))
            return fail(w, &e);
        /* What is left of a recording that was cut off is worth having: but only on purpose. */
        e.remedy[0] = 0;
        err_remedy(&e, "Save again to keep it as it is.");
        work_set_error(w, &e);
        if (!w->damage_told) {
            w->damage_told = true;
            return INPUT_FAILED;
        }
        w->view.error.remedy[0] = 0;
        err_remedy(&w->view.error, "It was saved as it is; what can be read of it is there.");
    } else if (!expected_check(&r, &w->note, &e)) {
        work_add_error(w, &e); /* a warning: the recording is whole */
    }
    w->view.events = r.events;
    w->view.events_lost = r.events_lost;
    w->view.events_lost_known = r.events_lost_known;
    return INPUT_OK;
}

enum recorder_input work_do_parts(struct work *w, enum recorder_action action)
{
    switch (action) {
    case ACTION_LOOK:
        return do_look(w);
    case ACTION_IDENTIFY:
        return work_identify(w);
    case ACTION_FIND_PARTS:
        return do_find(w);
    case ACTION_EXAMINE:
        return w->note.part[0] && file_exists(w->note.part) ? INPUT_OK : INPUT_NOTHING;
    case ACTION_DROP:
        return do_drop(w);
    case ACTION_PLACE:
        return do_place(w);
    case ACTION_VERIFY:
        return do_verify(w);
    case ACTION_MOVE:
        return work_move(w);
    case ACTION_SETTLE:
        return work_settle(w);
    default:
        return INPUT_FAILED;
    }
}
