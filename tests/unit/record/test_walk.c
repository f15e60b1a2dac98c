/* Random commands over a world in which anything fails, hangs a while, or dies. HR_FULL=1 walks longer; HR_SEED picks
 * another walk. */
#include "unit/record/faulty_file.h"
#include "unit/record/fixture.h"

#include <stdio.h>

#define STEPS_OF_EPISODE 40u
#define EPISODES         120u
#define EPISODES_FULL    3000u

struct random {
    uint64_t s;
};

static uint32_t next(struct random *r, uint32_t below)
{
    r->s ^= r->s << 13;
    r->s ^= r->s >> 7;
    r->s ^= r->s << 17;
    return (uint32_t)(r->s >> 33) % below;
}

struct walk {
    struct fixture f;
    struct random r;
    bool may_discard;
    unsigned saves;
    unsigned long steps;
    char last[8][16]; /* the last commands, for the message */
};

static void remember(struct walk *w, const char *what)
{
    snprintf(w->last[w->steps % 8], sizeof w->last[0], "%s", what);
}

static void random_save(struct walk *w)
{
    char path[400];
    if (next(&w->r, 4) != 0)
        w->saves++;
    snprintf(path, sizeof path, "%s %u", w->f.saved, w->saves + 1000);
    controller_save(w->f.ctl, path, false);
    remember(w, "save");
}

static void random_snapshot(struct walk *w)
{
    char path[400];
    snprintf(path, sizeof path, "%s/shot %u", w->f.dir, next(&w->r, 1000));
    controller_snapshot(w->f.ctl, path, next(&w->r, 2));
    remember(w, "snapshot");
}

static void random_change(struct walk *w)
{
    uint32_t tags[4];
    unsigned n = next(&w->r, 5);
    for (unsigned i = 0; i < n; i++)
        tags[i] = 0x20202041u + next(&w->r, 20);
    controller_change(w->f.ctl, tags, n, next(&w->r, 8));
    remember(w, "change");
}

static void random_fault(struct walk *w)
{
    static const struct {
        enum err_kind kind;
        uint32_t os;
    } codes[] = {{ERR_KIND_WIN32, 5}, {ERR_KIND_WIN32, 183}, {ERR_KIND_WIN32, 1450}, {ERR_KIND_NTSTATUS, 0xC000000Du}};
    unsigned c = next(&w->r, 4);
    enum script_op op = (enum script_op)next(&w->r, SCRIPT_OP_COUNT);
    mutex_lock(&w->f.world.lock);
    w->f.world.faults[next(&w->r, SCRIPT_FAULTS)] =
        (struct script_fault){.op = op,
                              .at = w->f.world.calls[op] + 1 + next(&w->r, 3),
                              .for_good = next(&w->r, 8) == 0,
                              .kind = codes[c].kind,
                              .os = codes[c].os};
    mutex_unlock(&w->f.world.lock);
    if (next(&w->r, 2))
        faulty_fail((enum faulty_op)next(&w->r, FAULTY_OP_COUNT), 1 + next(&w->r, 4), next(&w->r, 4) == 0, false, 28);
    remember(w, "fault");
}

static void heal(struct walk *w)
{
    mutex_lock(&w->f.world.lock);
    memset(w->f.world.faults, 0, sizeof w->f.world.faults);
    w->f.world.delay_ms = 0;
    w->f.world.disk_free = UINT64_C(100) << 30;
    w->f.world.foreign = false;
    mutex_unlock(&w->f.world.lock);
    atomic_store(&scripted_readback.code, ERR_NONE);
    atomic_store(&scripted_readback.stuck, false);
    atomic_store(&scripted_merge.code, ERR_NONE);
    faulty_reset();
}

static void one_step(struct walk *w)
{
    struct controller *c = w->f.ctl;
    switch (next(&w->r, 25)) {
    case 0:
    case 1:
    case 2:
    case 3:
        controller_record(c, &w->f.profile);
        remember(w, "record");
        break;
    case 4:
    case 5:
        controller_stop(c);
        remember(w, "stop");
        break;
    case 6:
    case 7:
        random_save(w);
        break;
    case 8:
        controller_cancel(c);
        remember(w, "cancel");
        break;
    case 9:
        if (w->may_discard)
            controller_discard(c);
        remember(w, "discard");
        break;
    case 10:
    case 11:
        random_change(w);
        break;
    case 12: {
        unsigned choice = next(&w->r, 5);
        if (w->may_discard || choice != RECORDER_ORPHAN_DISCARD)
            controller_choose(c, (enum recorder_choice)choice);
        remember(w, "choose");
        break;
    }
    case 13:
    case 14:
        random_fault(w);
        break;
    case 15:
        heal(w);
        remember(w, "heal");
        break;
    case 16:
        script_vanish(&w->f.world);
        remember(w, "vanish");
        break;
    case 17:
        script_set_disk(&w->f.world, next(&w->r, 2) ? 1000 : UINT64_C(100) << 30);
        remember(w, "disk");
        break;
    case 18:
        atomic_store(&scripted_readback.code, next(&w->r, 3) ? ERR_NONE : ERR_OS);
        atomic_store(&scripted_merge.code, next(&w->r, 3) ? ERR_NONE : ERR_OS);
        remember(w, "readback");
        break;
    case 19:
        mutex_lock(&w->f.world.lock);
        w->f.world.delay_ms = next(&w->r, 3);
        mutex_unlock(&w->f.world.lock);
        remember(w, "delay");
        break;
    case 20:
        controller_wait_idle(c, 30);
        remember(w, "wait");
        break;
    case 21:
        random_snapshot(w);
        break;
    case 22:
        controller_mark(c, "walk");
        remember(w, "mark");
        break;
    case 23:
        script_vanish_companion(&w->f.world);
        remember(w, "companion");
        break;
    default:
        if (next(&w->r, 6) == 0)
            fixture_restart(&w->f);
        remember(w, "restart");
        break;
    }
    struct recorder_view v;
    controller_view(c == w->f.ctl ? c : w->f.ctl, &v);
    if ((unsigned)v.state >= RECORDER_STATE_COUNT || v.percent < -1 || v.percent > 100)
        fail_msg("view is torn: state %d, percent %d", v.state, v.percent);
    if (next(&w->r, 3) == 0)
        controller_wait_idle(w->f.ctl, 5);
    w->steps++;
}

static void text_of_walk(const struct walk *w, char out[200])
{
    out[0] = 0;
    for (unsigned i = 0; i < 8; i++) {
        size_t n = strlen(out);
        snprintf(out + n, 200 - n, "%s ", w->last[(w->steps + i) % 8]);
    }
}

static void check_home(struct walk *w, unsigned long long seed)
{
    char steps[200];
    text_of_walk(w, steps);
    if (script_running(&w->f.world))
        fail_msg("seed %llu: a session is left after: %s", seed, steps);
    if (count_files(&w->f, ".etl") || count_files(&w->f, ".recording"))
        fail_msg("seed %llu: %u parts, %u notes left after: %s", seed, count_files(&w->f, ".etl"),
                 count_files(&w->f, ".recording"), steps);
    /* Each session that recorded something is in a saved file, unless it was discarded. */
    const struct script_world *world = &w->f.world;
    unsigned files = count_content(&w->f, "saved file", "raw;");
    unsigned rings = count_content(&w->f, "saved file", "ring;");
    if (!w->may_discard && files < world->recorded_files)
        fail_msg("seed %llu: %u files recorded, only %u saved, after: %s", seed, world->recorded_files, files, steps);
    /* A ring that dies by itself is gone; otherwise only discarding ends one unwritten. */
    if (!w->may_discard && (world->rings_lost || rings + world->rings_died < world->recorded_rings))
        fail_msg("seed %llu: %u rings recorded, %u died, %u saved, %u lost, after: %s", seed, world->recorded_rings,
                 world->rings_died, rings, world->rings_lost, steps);
}

struct totals {
    unsigned long steps, recordings, saved;
};

static void episode(unsigned long long seed, struct totals *t)
{
    struct walk *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->r.s = (uint64_t)seed * 0x9E3779B97F4A7C15u + 1;
    faulty_reset();
    fixture_init(&w->f, "walk");
    switch (seed % 3) {
    case 1:
        w->f.profile.storage = PROFILE_RING;
        break;
    case 2:
        w->f.profile.segment_mb = 4;
        break;
    default:
        break;
    }
    fixture_start(&w->f);
    w->may_discard = next(&w->r, 2);
    for (unsigned i = 0; i < STEPS_OF_EPISODE; i++)
        one_step(w);
    heal(w);
    fixture_bring_home(&w->f);
    do {
        fixture_restart(&w->f);
        fixture_bring_home(&w->f);
    } while (w->f.view.state == RECORDER_SAVED);
    check_home(w, seed);
    t->steps += w->steps;
    t->recordings += w->f.world.recordings;
    t->saved += count_files(&w->f, "");
    fixture_free(&w->f);
    free(w);
}

static void test_random_walk(void **state)
{
    (void)state;
    const char *seed_text = getenv("HR_SEED");
    unsigned episodes = test_is_full() ? EPISODES_FULL : EPISODES;
    unsigned long long seed = seed_text ? strtoull(seed_text, NULL, 10) : 1;
    struct totals t = {0};
    for (unsigned i = 0; i < episodes; i++)
        episode(seed + i, &t);
    print_message("%u episodes from seed %llu, %lu steps, %lu recordings, %lu saved\n", episodes, seed, t.steps,
                  t.recordings, t.saved);
    assert_in_range(t.recordings, episodes, t.steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
