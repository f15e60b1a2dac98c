/* Takes totals each time and walks the handle list when its cost allows; makes snapshots of both. */
#include "core/census/census.h"

#include "core/base/thread.h"
#include "core/census/holders.h"
#include "core/profile/profile.h"

#include <stdlib.h>
#include <string.h>

#define NO_NUMBER UINT32_MAX

/* One type and its past. */
struct series {
    char name[SYS_TYPE_NAME_MAX];
    bool present; /* in the newest list */
    enum calibrate_source source;
    bool was_known; /* in the walk before */
    uint64_t objects;
    struct trend trend;
    uint32_t history[SNAPSHOT_HISTORY]; /* a ring */
    size_t history_count;
    size_t history_next;
};

struct census {
    struct sys_backend sys;
    struct calibrate_list types;
    struct calibration calibration;
    struct counts walk;
    struct holders *holders;
    struct holders_block *block; /* of the last walk, or NULL */
    struct err walk_error;       /* of the last walk */
    uint64_t walk_filetime;      /* 0: none yet */

    struct series **series; /* each on its own: they are large and never move */
    size_t series_count;
    size_t series_cap;
    size_t *series_of;         /* place in `types` -> series */
    struct holders_type *read; /* series -> how to read a walk */
    size_t map_cap;

    bool rebase;      /* the next totals are the baseline */
    bool rebase_walk; /* so is the next walk */
    uint64_t baseline;
    uint64_t number;
    uint64_t history_ms; /* up to when the histories reach, 0: not begun */
    uint64_t last_ns;    /* when the last sample was taken, 0: none */
    uint64_t last_cpu;
    uint64_t due_ns;
    uint64_t walk_due_ns;
    uint64_t calibrate_after_ns;
    double totals_cost; /* ns of CPU, smoothed upwards: a rise counts at once */
    double walk_cost;
    uint64_t totals_ns; /* of the last one, as measured */
    uint64_t walk_ns;
};

/* A snapshot and what it points at, in one piece; holdings are shared with others. */
struct box {
    struct snapshot s; /* first: a snapshot's address is its box's */
    atomic_uint refs;
    struct holders_block *block;
};

const struct snapshot *snapshot_retain(const struct snapshot *s)
{
    atomic_fetch_add(&((struct box *)(uintptr_t)s)->refs, 1);
    return s;
}

void snapshot_release(const struct snapshot *s)
{
    struct box *box = (struct box *)(uintptr_t)s;
    if (!box || atomic_fetch_sub(&box->refs, 1) != 1)
        return;
    holders_block_release(box->block);
    free(box);
}

size_t snapshot_holdings_of(const struct snapshot *s, size_t type, size_t *first)
{
    size_t low = 0;
    size_t high = s->holding_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->holdings[middle].type < type)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (high < s->holding_count && s->holdings[high].type == type)
        high++;
    return high - low;
}

size_t snapshot_find_type(const struct snapshot *s, const char *name)
{
    for (size_t i = 0; i < s->type_count; i++)
        if (strcmp(s->types[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

bool census_create(const struct sys_backend *sys, struct census **out, struct err *err)
{
    struct census *c = calloc(1, sizeof *c);
    if (!c)
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    c->sys = *sys;
    c->rebase = true;
    c->rebase_walk = true;
    if (!counts_init(&c->walk, err) || !holders_create(&c->holders, err)) {
        census_destroy(c);
        return false;
    }
    *out = c;
    return true;
}

void census_destroy(struct census *c)
{
    if (!c)
        return;
    holders_block_release(c->block);
    holders_destroy(c->holders);
    counts_free(&c->walk);
    calibrate_free(&c->calibration);
    free(c->types.row);
    for (size_t i = 0; i < c->series_count; i++)
        free(c->series[i]);
    free(c->series);
    free(c->series_of);
    free(c->read);
    free(c);
}

void census_reset_baseline(struct census *c)
{
    c->rebase = true;
    c->rebase_walk = true;
}

uint64_t census_due(const struct census *c)
{
    return c->due_ns;
}

enum calibrate_source census_source(const struct census *c, size_t type)
{
    return type < c->series_count ? c->series[type]->source : CALIBRATE_UNKNOWN;
}

void census_cost(const struct census *c, uint64_t *totals_ns, uint64_t *walk_ns, uint64_t *handles)
{
    *totals_ns = c->totals_ns;
    *walk_ns = c->walk_ns;
    *handles = c->walk.handles;
}

static bool reserve_maps(struct census *c)
{
    size_t need = c->types.count > c->series_count ? c->types.count : c->series_count;
    /* Each type of the list can be one that was never seen. */
    need += c->types.count;
    if (need <= c->map_cap)
        return true;
    size_t *series_of = realloc(c->series_of, need * sizeof *series_of);
    if (series_of)
        c->series_of = series_of;
    struct holders_type *read = realloc(c->read, need * sizeof *read);
    if (read)
        c->read = read;
    if (!series_of || !read)
        return false;
    c->map_cap = need;
    return true;
}

static struct series *new_series(struct census *c, const char *name)
{
    if (c->series_count == c->series_cap) {
        size_t cap = c->series_cap ? c->series_cap * 2 : 96;
        struct series **series = realloc(c->series, cap * sizeof(struct series *));
        if (!series)
            return NULL;
        c->series = series;
        c->series_cap = cap;
    }
    struct series *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    memcpy(s->name, name, sizeof s->name);
    trend_start(&s->trend, 0);
    c->series[c->series_count++] = s;
    return s;
}

static bool map_type(struct census *c, size_t place)
{
    const char *name = c->types.row[place].name;
    for (size_t i = 0; i < c->series_count; i++) {
        /* The list keeps its order nearly always: look at the same place first. */
        size_t k = (place + i) % c->series_count;
        if (strcmp(c->series[k]->name, name) != 0)
            continue;
        c->series_of[place] = k;
        return true;
    }
    c->series_of[place] = c->series_count;
    return new_series(c, name) != NULL;
}

static void add_history(struct series *s, uint32_t handles)
{
    s->history[s->history_next] = handles;
    s->history_next = (s->history_next + 1) % SNAPSHOT_HISTORY;
    if (s->history_count < SNAPSHOT_HISTORY)
        s->history_count++;
}

/* `seconds`: how many have passed since the sample before. The history has one value for each. */
static void add_total(struct series *s, uint64_t now_ms, uint64_t handles, unsigned seconds, bool rebase)
{
    trend_add(&s->trend, now_ms, handles);
    if (rebase)
        trend_rebase(&s->trend);
    uint32_t value = handles > UINT32_MAX ? UINT32_MAX : (uint32_t)handles;
    if (!s->history_count)
        seconds = 1;
    for (unsigned i = 0; i < seconds; i++)
        add_history(s, value);
    if (!seconds)
        s->history[(s->history_next + SNAPSHOT_HISTORY - 1) % SNAPSHOT_HISTORY] = value;
}

static unsigned seconds_since(struct census *c, uint64_t now_ms)
{
    if (!c->history_ms)
        c->history_ms = now_ms;
    uint64_t n = (now_ms - c->history_ms + 500) / 1000;
    c->history_ms += n * 1000;
    return n > SNAPSHOT_HISTORY ? SNAPSHOT_HISTORY : (unsigned)n;
}

/* Totals of all types. */
static bool take_totals(struct census *c, uint64_t now_ms, struct err *err)
{
    if (!calibrate_types(&c->sys, &c->types, err))
        return false;
    if (!reserve_maps(c))
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    unsigned seconds = seconds_since(c, now_ms);
    for (size_t i = 0; i < c->series_count; i++)
        c->series[i]->present = false;
    for (size_t place = 0; place < c->types.count; place++) {
        if (!map_type(c, place))
            return err_set(err, ERR_NO_MEMORY, "Counting handles");
        struct series *s = c->series[c->series_of[place]];
        if (s->present)
            continue; /* the list names a type twice: the first one counts */
        s->present = true;
        s->objects = c->types.row[place].objects;
        add_total(s, now_ms, c->types.row[place].handles, seconds, c->rebase);
    }
    for (size_t i = 0; i < c->series_count; i++)
        if (!c->series[i]->present)
            add_total(c->series[i], now_ms, 0, seconds, c->rebase);
    return true;
}

static void see_handle(void *ctx, uint32_t pid, uint32_t handle, uint16_t number)
{
    (void)handle;
    counts_add(ctx, pid, number);
}

static void apply_calibration(struct census *c)
{
    for (size_t i = 0; i < c->series_count; i++) {
        c->series[i]->was_known = c->series[i]->source != CALIBRATE_UNKNOWN;
        c->series[i]->source = CALIBRATE_UNKNOWN;
        c->read[i].number = NO_NUMBER;
    }
    for (size_t place = 0; place < c->types.count && place < c->calibration.count; place++) {
        const struct calibrated *t = &c->calibration.type[place];
        size_t i = c->series_of[place];
        if (t->source == CALIBRATE_UNKNOWN || c->series[i]->source != CALIBRATE_UNKNOWN)
            continue;
        c->series[i]->source = t->source;
        c->read[i].number = t->number;
    }
    for (size_t i = 0; i < c->series_count; i++) {
        /* Holders that could not be told so far did not all come now; those of a type that is itself new did. */
        bool found_late = !c->series[i]->was_known && c->series[i]->trend.baseline;
        c->read[i].rebase = c->rebase_walk || found_late;
    }
}

static bool walk(struct census *c, uint64_t now_ns, struct err *err)
{
    counts_begin(&c->walk);
    if (!c->sys.ops->handles(c->sys.self, see_handle, &c->walk, err))
        return false;
    if (c->walk.failed)
        return err_set(err, ERR_NO_MEMORY, "Counting handles");
    bool first = !c->calibration.known;
    if (!calibrate_is_stale(&c->calibration, &c->types, &c->walk))
        return true;
    if (!first && now_ns < c->calibrate_after_ns)
        return true;
    c->calibrate_after_ns = now_ns + CENSUS_RECALIBRATE_S * UINT64_C(1000000000);
    /* Its walk replaces the one above; it only has our probes more. */
    return calibrate_run(&c->calibration, &c->sys, &c->walk, err);
}

/* Who holds what. */
static bool take_holders(struct census *c, uint64_t now_ns, struct err *err)
{
    if (!walk(c, now_ns, err))
        return false;
    calibrate_check(&c->calibration, &c->types, &c->walk);
    apply_calibration(c);
    struct holders_block *block = NULL;
    if (!holders_update(c->holders, &c->sys, &c->walk, c->read, c->series_count, now_ns / 1000000, &block, err))
        return false;
    c->rebase_walk = false;
    holders_block_release(c->block);
    c->block = block;
    return true;
}

static uint32_t *copy_history(const struct series *s, uint32_t *to)
{
    size_t first = (s->history_next + SNAPSHOT_HISTORY - s->history_count) % SNAPSHOT_HISTORY;
    for (size_t i = 0; i < s->history_count; i++)
        to[i] = s->history[(first + i) % SNAPSHOT_HISTORY];
    return to + s->history_count;
}

static void fill_type(const struct census *c, size_t i, const struct snapshot *snap, struct snapshot_type *t)
{
    const struct series *s = c->series[i];
    memcpy(t->name, s->name, sizeof t->name);
    t->tag = profile_tag(s->name);
    t->open = s->trend.value;
    t->objects = s->present ? s->objects : 0;
    t->change = trend_change(&s->trend);
    t->peak = s->trend.peak;
    t->rate = trend_rate(&s->trend);
    t->suspect = trend_suspect(&s->trend, &t->growing_minutes);
    t->holders_known = snap->holders_available && s->source != CALIBRATE_UNKNOWN;
    size_t first = 0;
    if (snapshot_holdings_of(snap, i, &first)) {
        t->top_pid = snap->holdings[first].pid;
        memcpy(t->top_process, snap->holdings[first].process, sizeof t->top_process);
    }
}

static struct box *make_box(struct census *c)
{
    size_t samples = 0;
    for (size_t i = 0; i < c->series_count; i++)
        samples += c->series[i]->history_count;
    size_t types_size = c->series_count * sizeof(struct snapshot_type);
    size_t head = (sizeof(struct box) + 15) & ~(size_t)15;
    struct box *box = calloc(1, head + types_size + samples * sizeof(uint32_t));
    if (!box)
        return NULL;
    atomic_init(&box->refs, 1);
    struct snapshot *s = &box->s;
    if (c->block) {
        holders_block_retain(c->block);
        box->block = c->block;
        s->holdings = c->block->row;
        s->holding_count = c->block->count;
    }
    s->holders_available = c->block && c->walk_error.code == ERR_NONE;
    s->holders_why = c->walk_error;
    s->holders_filetime = c->walk_filetime;
    struct snapshot_type *types = (struct snapshot_type *)(void *)((char *)box + head);
    uint32_t *history = (uint32_t *)(void *)((char *)types + types_size);
    for (size_t i = 0; i < c->series_count; i++) {
        fill_type(c, i, s, &types[i]);
        types[i].history = history;
        types[i].history_count = c->series[i]->history_count;
        history = copy_history(c->series[i], history);
    }
    s->types = types;
    s->type_count = c->series_count;
    s->baseline = c->baseline;
    s->number = ++c->number;
    return box;
}

/* Thread times advance in steps of up to 16 ms, so a short stretch shows as nothing or as a whole step: only the
 * average is true. What is longer than a few steps counts at once. */
static double smooth(double before, uint64_t now)
{
    double n = (double)now;
    double average = before * 0.8 + n * 0.2;
    return n > 64e6 && n > average ? n : average;
}

/* CPU time where the system tells it, else the time that passed: never less than the CPU time. */
static uint64_t spent_ns(const struct census *c, uint64_t cpu, uint64_t wall)
{
    uint64_t now = c->sys.ops->thread_cpu(c->sys.self);
    return now ? (now - cpu) * 100 : clock_ns() - wall;
}

static void plan_next(struct census *c, uint64_t now_ns)
{
    double every = c->totals_cost / CENSUS_TOTALS_SHARE;
    c->due_ns = now_ns + (every > (double)CENSUS_INTERVAL_NS ? (uint64_t)every : CENSUS_INTERVAL_NS);
}

const struct snapshot *census_take(struct census *c, uint64_t now_ns, uint64_t filetime)
{
    uint64_t cpu = c->sys.ops->thread_cpu(c->sys.self);
    uint64_t wall = clock_ns();
    struct err totals_error = {0};
    bool walk_now = c->rebase_walk || now_ns >= c->walk_due_ns;
    bool ok = take_totals(c, now_ns / 1000000, &totals_error);
    uint64_t spent_on_walk = 0;
    if (ok && walk_now) {
        uint64_t walk_cpu = c->sys.ops->thread_cpu(c->sys.self);
        uint64_t walk_wall = clock_ns();
        memset(&c->walk_error, 0, sizeof c->walk_error);
        if (take_holders(c, now_ns, &c->walk_error))
            c->walk_filetime = filetime;
        spent_on_walk = spent_ns(c, walk_cpu, walk_wall);
        c->walk_ns = spent_on_walk;
        c->walk_cost = smooth(c->walk_cost, spent_on_walk);
        c->walk_due_ns = now_ns + (uint64_t)(c->walk_cost / CENSUS_WALK_SHARE);
    }
    if (ok && c->rebase) {
        c->baseline = filetime;
        c->rebase = false;
    }
    struct box *box = make_box(c);
    uint64_t spent = spent_ns(c, cpu, wall);
    c->totals_ns = spent > spent_on_walk ? spent - spent_on_walk : 0;
    c->totals_cost = smooth(c->totals_cost, c->totals_ns);
    plan_next(c, now_ns);
    if (box) {
        box->s.filetime = filetime;
        box->s.available = ok;
        box->s.why = totals_error;
        box->s.interval_s = c->last_ns ? (double)(now_ns - c->last_ns) / 1e9 : 0;
        box->s.cost = c->last_ns ? (double)c->last_cpu / (double)(now_ns - c->last_ns) : 0;
    }
    c->last_ns = now_ns;
    c->last_cpu = spent;
    return box ? &box->s : NULL;
}
