/* Sets up and looks at a controller over the scripted world. */
#include "unit/record/fixture.h"

#include "core/base/file.h"

#include <stdio.h>

static const char *const state_names[RECORDER_STATE_COUNT] = {
    [RECORDER_IDLE] = "idle",     [RECORDER_STARTING] = "starting", [RECORDER_RECORDING] = "recording",
    [RECORDER_SAVING] = "saving", [RECORDER_UNSAVED] = "unsaved",   [RECORDER_SAVED] = "saved",
    [RECORDER_FAILED] = "failed", [RECORDER_ORPHAN] = "orphan",     [RECORDER_OTHER] = "other",
};

static bool collect(void *ctx, const char *name, uint64_t size)
{
    (void)size;
    text_add_n(ctx, name, strlen(name) + 1);
    return true;
}

static void empty_folder(const char *dir)
{
    struct text names = {0};
    assert_true(file_list(dir, collect, &names, NULL));
    for (size_t at = 0; at < names.len; at += strlen(names.s + at) + 1) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", dir, names.s + at);
        remove(path);
    }
    text_free(&names);
}

void fixture_init(struct fixture *f, const char *name)
{
    memset(f, 0, sizeof *f);
    script_init(&f->world);
    scripted_readback_reset();
    scripted_merge_reset();
    atomic_init(&f->notices, 0u);
    profile_default(&f->profile);
    f->poll_ms = 2;
    snprintf(f->dir, sizeof f->dir, "record-test/%s", name);
    snprintf(f->saved, sizeof f->saved, "%s/saved file", f->dir);
    assert_true(file_make_dir(f->dir, NULL));
    empty_folder(f->dir);
}

void fixture_empty(struct fixture *f)
{
    empty_folder(f->dir);
}

void fixture_free(struct fixture *f)
{
    fixture_end(f);
    empty_folder(f->dir);
    script_free(&f->world);
}

static void on_notice(void *ctx)
{
    struct fixture *f = ctx;
    atomic_fetch_add(&f->notices, 1u);
}

void fixture_start(struct fixture *f)
{
    struct controller_options o = {
        .trace = script_trace(&f->world),
        .sys = script_sys(&f->world),
        .live = f->live,
        .parts_dir = f->dir,
        .poll_ms = f->poll_ms,
        .notify = on_notice,
        .ctx = f,
    };
    struct err e = {0};
    assert_true(controller_create(&o, &f->ctl, &e));
    settle(f);
}

void fixture_end(struct fixture *f)
{
    controller_destroy(f->ctl);
    f->ctl = NULL;
}

void fixture_restart(struct fixture *f)
{
    fixture_end(f);
    script_new_process(&f->world);
    fixture_start(f);
}

static void save_somewhere(struct fixture *f)
{
    if (!file_exists(f->saved)) {
        controller_save(f->ctl, f->saved, false);
        return;
    }
    char path[400];
    snprintf(path, sizeof path, "%s %u", f->saved, ++f->more_saved);
    controller_save(f->ctl, path, false);
}

/* One thing that the present state asks for. False: nothing is left to do. */
static bool one_step_home(struct fixture *f)
{
    const struct recorder_view *v = settle(f);
    switch (v->state) {
    case RECORDER_RECORDING:
        controller_stop(f->ctl);
        return true;
    case RECORDER_STARTING:
        assert_true(v->filter_refused);
        controller_choose(f->ctl, RECORDER_RECORD_ALL_TYPES);
        return true;
    case RECORDER_UNSAVED:
        save_somewhere(f);
        return true;
    case RECORDER_ORPHAN:
        controller_choose(f->ctl, RECORDER_ORPHAN_SAVE);
        return true;
    case RECORDER_FAILED:
        if (!v->parts_exist)
            return false;
        save_somewhere(f);
        return true;
    default:
        return false;
    }
}

void fixture_bring_home(struct fixture *f)
{
    for (unsigned i = 0; one_step_home(f); i++)
        if (i > 50) {
            char why[1024];
            err_format(&f->view.error, why, sizeof why);
            fail_msg("never home: state %s: %s", state_names[f->view.state], why);
        }
}

const struct recorder_view *settle(struct fixture *f)
{
    if (!controller_wait_idle(f->ctl, WAIT_MS))
        fail_msg("not idle after %u ms", WAIT_MS);
    controller_view(f->ctl, &f->view);
    return &f->view;
}

void wait_state(struct fixture *f, enum recorder_state state)
{
    uint64_t until = clock_ns() + (uint64_t)WAIT_MS * 1000000u;
    do {
        controller_view(f->ctl, &f->view);
        if (f->view.state == state)
            return;
        clock_sleep_ms(1);
    } while (clock_ns() < until);
    fail_msg("state is %s, wanted %s", state_names[f->view.state], state_names[state]);
}

void record(struct fixture *f)
{
    controller_record(f->ctl, &f->profile);
    settle(f);
}

void save_settled(struct fixture *f)
{
    controller_save(f->ctl, f->saved, false);
    settle(f);
}

void stop_and_save(struct fixture *f)
{
    controller_stop(f->ctl);
    save_settled(f);
}

struct counting {
    const char *suffix;
    unsigned count;
};

static bool count_one(void *ctx, const char *name, uint64_t size)
{
    struct counting *c = ctx;
    size_t n = strlen(name);
    size_t m = strlen(c->suffix);
    (void)size;
    c->count += n >= m && strcmp(name + n - m, c->suffix) == 0;
    return true;
}

unsigned count_files(const struct fixture *f, const char *suffix)
{
    struct counting c = {suffix, 0};
    assert_true(file_list(f->dir, count_one, &c, NULL));
    return c.count;
}

struct contents {
    const struct fixture *f;
    const char *name;
    const char *what;
    unsigned count;
};

static bool count_in_one(void *ctx, const char *name, uint64_t size)
{
    struct contents *c = ctx;
    char path[600];
    (void)size;
    if (strncmp(name, c->name, strlen(c->name)) != 0)
        return true;
    snprintf(path, sizeof path, "%s/%s", c->f->dir, name);
    for (const char *s = strstr(content(path), c->what); s; s = strstr(s + 1, c->what))
        c->count++;
    return true;
}

unsigned count_content(const struct fixture *f, const char *name, const char *what)
{
    struct contents c = {f, name, what, 0};
    assert_true(file_list(f->dir, count_in_one, &c, NULL));
    return c.count;
}

const char *content(const char *path)
{
    static char room[4096];
    FILE *f = fopen(path, "rb");
    if (!f)
        return "";
    size_t n = fread(room, 1, sizeof room - 1, f);
    fclose(f);
    room[n] = 0;
    return room;
}

void assert_state(const struct recorder_view *v, enum recorder_state state)
{
    if (v->state == state)
        return;
    char why[1024];
    err_format(&v->error, why, sizeof why);
    fail_msg("state is %s, wanted %s; error: %s", state_names[v->state], state_names[state], why);
}

void assert_error_text(const struct err *e, uint32_t os)
{
    char text[1024];
    char number[24];
    err_format(e, text, sizeof text);
    assert_int_not_equal(e->code, ERR_NONE);
    if (!e->doing[0])
        fail_msg("the error says not what failed: %s", text);
    snprintf(number, sizeof number, e->kind == ERR_KIND_NTSTATUS ? "(0x%08X)" : "(%u)", os);
    if (os && !strstr(text, number))
        fail_msg("no %s in: %s", number, text);
    size_t n = strlen(text);
    if (n < 2 || text[n - 1] == ')' || !strstr(text, ". "))
        fail_msg("no remedy in: %s", text);
}
