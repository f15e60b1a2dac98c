/* Turns the recorder's view into the window's texts and switches. */
#include "core/record/view_text.h"

#include "core/base/text.h"
#include "core/profile/plan.h"
#include "core/record/profile_text.h"
#include "core/record/type_pick.h"
#include "core/record/view_bar.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_SECOND 1000000000ull
#define RATE_AFTER_NS (10 * NS_PER_SECOND) /* before that a rate says nothing */

void view_fill(char *out, size_t size, const char *format, const char *const *args, unsigned n)
{
    text_fill(out, size, format, args, n);
}

const char *view_word(const struct view_locale *l, unsigned id)
{
    return l->word(l->self, id);
}

void view_say(char *out, size_t size, const struct view_locale *l, unsigned id, const char *a, const char *b)
{
    view_fill(out, size, view_word(l, id), (const char *const[]){a, b ? b : ""}, 2);
}

void view_clock(uint64_t ns, char out[24])
{
    uint64_t s = ns / NS_PER_SECOND;
    snprintf(out, 24, "%u:%02u:%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
}

static uint64_t stored_bytes(const struct recorder_view *v)
{
    return (uint64_t)v->status.buffers_written * v->status.buffer_kb * 1024;
}

/* --- the summary line --- */

void view_tag(uint32_t tag, const struct snapshot *counts, const struct view_locale *l, char *out, size_t size)
{
    char first[SYS_TYPE_NAME_MAX];
    unsigned found = type_pick_of_tag(tag, counts, first);
    if (found == 1) {
        text_put(out, size, first);
        return;
    }
    char text[5];
    profile_tag_text(tag, text);
    if (found == 0) {
        text_put(out, size, text);
        return;
    }
    char number[16];
    snprintf(number, sizeof number, "%u", found);
    view_say(out, size, l, WORD_TAG_SHARED, text, number);
}

static void add_item(struct text *t, const struct view_locale *l, const char *item)
{
    if (t->len)
        text_add(t, view_word(l, WORD_COMMA));
    text_add(t, item);
}

static void add_types(struct text *t, const uint32_t *tags, unsigned n, const struct snapshot *counts,
                      const struct view_locale *l)
{
    for (unsigned i = 0; i < n; i++) {
        char name[80];
        view_tag(tags[i], counts, l, name, sizeof name);
        add_item(t, l, name);
    }
    if (!n)
        text_add(t, view_word(l, WORD_ALL_TYPES));
}

static void stacks_text(unsigned stacks, const struct view_locale *l, char *out, size_t size)
{
    static const struct {
        unsigned bit;
        unsigned word;
    } rows[] = {
        {PROFILE_STACK_CREATE, WORD_STACK_CREATE},
        {PROFILE_STACK_DUPLICATE, WORD_STACK_DUPLICATE},
        {PROFILE_STACK_CLOSE, WORD_STACK_CLOSE},
    };
    struct text t = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (stacks & rows[i].bit)
            add_item(&t, l, view_word(l, rows[i].word));
    if (t.len)
        view_say(out, size, l, WORD_STACKS, text_str(&t), NULL);
    else
        text_put(out, size, view_word(l, WORD_NO_STACKS));
    text_free(&t);
}

/* Of the session; buffers that are not full yet are not written: a rate of nothing would be a guess. */
static bool growth_text(const struct recorder_view *v, const struct view_locale *l, char *out, size_t size)
{
    char bytes[48];
    uint64_t written = stored_bytes(v);
    if (v->state != RECORDER_RECORDING || !v->status_known || v->recording_ns < RATE_AFTER_NS || !written)
        return false;
    double minutes = (double)v->recording_ns / (double)(60 * NS_PER_SECOND);
    l->bytes(l->self, (uint64_t)((double)written / minutes), bytes, sizeof bytes);
    view_say(out, size, l, WORD_TO_FILE_RATE, bytes, NULL);
    return true;
}

/* Where it goes, and how long that lasts or how fast it grows, as the profile editor has it. */
static void storage_text(const struct recorder_view *v, const struct profile *p, const struct view_facts *f,
                         const struct view_locale *l, char *out, size_t size)
{
    static const struct {
        unsigned known;
        unsigned unknown;
    } rows[] = {
        [PROFILE_FILE] = {WORD_TO_FILE_SPAN, WORD_TO_FILE},
        [PROFILE_CIRCULAR] = {WORD_TO_CIRCULAR_SPAN, WORD_TO_CIRCULAR},
        [PROFILE_RING] = {WORD_TO_RING_SPAN, WORD_TO_RING},
    };
    char room[48];
    char holds[64];
    struct span span;
    bool file = p->storage == PROFILE_FILE;
    bool measured = f->rates && span_estimate(f->rates, p, f->memory_bytes, &span) && (file || span.seconds > 0);
    if (file && growth_text(v, l, out, size))
        return;
    uint64_t bytes = file && measured ? (uint64_t)(span.bytes_per_second * 60) : span_storage_bytes(p, f->memory_bytes);
    l->bytes(l->self, bytes, room, sizeof room);
    if (measured)
        profile_duration_text(span.seconds, l, holds, sizeof holds);
    view_say(out, size, l, measured ? rows[p->storage].known : rows[p->storage].unknown,
             bytes ? room : view_word(l, WORD_DASH), measured ? holds : "");
}

static bool session_runs(const struct recorder_view *v)
{
    return v->state == RECORDER_RECORDING || v->state == RECORDER_SAVING;
}

void view_running_profile(const struct recorder_view *v, struct profile *p)
{
    memcpy(p->tags, v->tags, sizeof p->tags);
    p->tag_count = v->tag_count;
    p->stacks = v->stacks;
    p->storage = v->storage;
    if (v->storage == PROFILE_RING && v->status_known && v->status.buffers) {
        p->buffers = v->status.buffers;
        p->buffer_kb = v->status.buffer_kb;
    }
}

static void make_summary(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                         struct view_text *out)
{
    struct profile p = *f->profile;
    if (session_runs(v))
        view_running_profile(v, &p);
    struct text types = {0};
    add_types(&types, p.tags, p.tag_count, f->counts, l);
    char stacks[120];
    char storage[160];
    stacks_text(p.stacks, l, stacks, sizeof stacks);
    storage_text(v, &p, f, l, storage, sizeof storage);
    view_fill(out->summary, sizeof out->summary, view_word(l, WORD_SUMMARY),
              (const char *const[]){text_str(&types), stacks, storage}, 3);
    text_free(&types);
}

/* --- title, switches, step --- */

static void make_title(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                       struct view_text *out)
{
    static const unsigned prefix[RECORDER_STATE_COUNT] = {
        [RECORDER_STARTING] = WORD_TITLE_RECORDING, [RECORDER_RECORDING] = WORD_TITLE_RECORDING,
        [RECORDER_SAVING] = WORD_TITLE_SAVING,      [RECORDER_UNSAVED] = WORD_TITLE_UNSAVED,
        [RECORDER_FAILED] = WORD_TITLE_FAILED,
    };
    char plain[200];
    view_say(plain, sizeof plain, l, WORD_TITLE, f->profile->name, view_word(l, WORD_APP));
    char state[280];
    if (prefix[v->state])
        view_say(state, sizeof state, l, WORD_TITLE_STATE, view_word(l, prefix[v->state]), plain);
    else
        text_put(state, sizeof state, plain);
    if (f->elevated)
        view_say(out->title, sizeof out->title, l, WORD_TITLE_ADMIN, state, NULL);
    else
        text_put(out->title, sizeof out->title, state);
}

enum {
    CAN_RECORD = 1,
    CAN_STOP = 2,
    CAN_DISCARD = 4,
    CAN_SAVE = 8, /* Stop reads "Save..." */
    CAN_CANCEL = 16,
    CAN_PROFILE = 32,
    CAN_CHANGE = 64,
    CAN_MARK = 128,
};

static void make_switches(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                          struct view_text *out)
{
    static const unsigned char table[RECORDER_STATE_COUNT] = {
        [RECORDER_IDLE] = CAN_RECORD | CAN_PROFILE,
        [RECORDER_STARTING] = CAN_DISCARD,
        [RECORDER_RECORDING] = CAN_STOP | CAN_DISCARD | CAN_CHANGE | CAN_MARK,
        [RECORDER_SAVING] = CAN_CANCEL,
        [RECORDER_UNSAVED] = CAN_SAVE | CAN_DISCARD | CAN_PROFILE,
        [RECORDER_SAVED] = CAN_RECORD | CAN_PROFILE,
        [RECORDER_FAILED] = CAN_RECORD | CAN_PROFILE,
        [RECORDER_ORPHAN] = CAN_PROFILE,
        [RECORDER_OTHER] = CAN_RECORD | CAN_PROFILE,
    };
    unsigned can = table[v->state];
    if (v->state == RECORDER_FAILED && v->parts_exist)
        can = CAN_SAVE | CAN_DISCARD | CAN_PROFILE;
    if (v->state == RECORDER_SAVING && v->step == RECORDER_STEP_DISCARDING)
        can = 0;
    out->record = (can & CAN_RECORD) != 0;
    out->shield = out->record && !f->elevated;
    out->stop = (can & (CAN_STOP | CAN_SAVE)) != 0;
    out->saves = (can & CAN_SAVE) != 0;
    out->discard = (can & CAN_DISCARD) != 0;
    out->cancel = (can & CAN_CANCEL) != 0;
    out->profile = (can & CAN_PROFILE) != 0;
    out->change = (can & CAN_CHANGE) != 0;
    out->mark = (can & CAN_MARK) != 0;
    out->snapshot = out->mark && v->storage == PROFILE_RING;
    out->only = out->profile && f->type[0];
    text_put(out->stop_caption, sizeof out->stop_caption, view_word(l, out->saves ? WORD_STOP_SAVE : WORD_STOP));
}

static void saving_text(const struct recorder_view *v, const struct view_locale *l, char *out, size_t size)
{
    char number[16];
    char total[16];
    char percent[16];
    snprintf(number, sizeof number, "%u", v->step_number);
    snprintf(total, sizeof total, "%u", v->step_total);
    snprintf(percent, sizeof percent, "%d", v->percent);
    const char *args[] = {view_word(l, WORD_SAVING + v->step), percent, number, total};
    bool counted = v->step_number && v->step_total;
    unsigned id = counted ? WORD_STEP : WORD_STEP_PLAIN;
    if (v->percent >= 0)
        id = counted ? WORD_STEP_PERCENT : WORD_STEP_PLAIN_PART;
    view_fill(out, size, view_word(l, id), args, 4);
}

static int bounded(uint64_t part, uint64_t whole)
{
    uint64_t percent = whole ? part * 100 / whole : 0;
    return percent > 100 ? 100 : (int)percent;
}

/* The clock, and what a recording can have besides. */
static void recording_text(const struct recorder_view *v, const struct view_locale *l, char *out, size_t size)
{
    char clock[24];
    char plain[96];
    char number[48];
    char gap[48];
    view_clock(v->recording_ns, clock);
    view_say(out, size, l, WORD_CLOCK, clock, NULL);
    if (v->segments.written > 1) {
        text_put(plain, sizeof plain, out);
        l->number(l->self, v->segments.written, number, sizeof number);
        l->number(l->self, (v->segments.longest_gap_ns + 999999u) / 1000000u, gap, sizeof gap);
        view_fill(out, size, view_word(l, WORD_CLOCK_SEGMENTS), (const char *const[]){plain, number, gap}, 3);
    }
    if (v->marks) {
        text_put(plain, sizeof plain, out);
        l->number(l->self, v->marks, number, sizeof number);
        view_say(out, size, l, WORD_CLOCK_MARKS, plain, number);
    }
}

static void make_step(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                      struct view_text *out)
{
    switch (v->state) {
    case RECORDER_STARTING:
        text_put(out->step, sizeof out->step, view_word(l, WORD_STARTING + v->step));
        out->progress = VIEW_PROGRESS_MARQUEE;
        break;
    case RECORDER_RECORDING:
        recording_text(v, l, out->step, sizeof out->step);
        if (v->status_known && v->storage == PROFILE_FILE && f->profile->max_file_mb && !v->segments.written) {
            out->progress = VIEW_PROGRESS_PERCENT;
            out->percent = bounded(stored_bytes(v), (uint64_t)f->profile->max_file_mb << 20);
        }
        break;
    case RECORDER_SAVING:
        saving_text(v, l, out->step, sizeof out->step);
        out->progress = v->percent >= 0 ? VIEW_PROGRESS_PERCENT : VIEW_PROGRESS_MARQUEE;
        out->percent = v->percent >= 0 ? bounded((uint64_t)v->percent, 100) : 0;
        break;
    default:
        break;
    }
}

/* --- the status bar --- */

static void pane(struct view_text *out, enum view_pane which, const struct view_locale *l, unsigned id, const char *a)
{
    view_say(out->panes[which], sizeof out->panes[which], l, id, a, NULL);
}

/* Counts from two sources, and what the second costs. */
static void pane_live(const struct view_facts *f, const struct recorder_view *v, const struct view_locale *l,
                      struct view_text *out)
{
    char number[48];
    uint32_t lost = v->ring.companion_known ? v->ring.companion_status.real_time_lost : 0;
    if (!f->live->reading) {
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_LIVE_ENDED, "");
    } else if (lost) {
        l->number(l->self, lost, number, sizeof number);
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_LIVE_LOST, number);
    } else if (f->live->cost < 0) {
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_LIVE, "");
    } else {
        l->number(l->self, (uint64_t)(f->live->cost * 100) + 1, number, sizeof number);
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_LIVE_COST, number);
    }
}

static void pane_source(const struct view_facts *f, const struct recorder_view *v, const struct view_locale *l,
                        struct view_text *out)
{
    if (!f->counts) {
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_COUNTING, "");
        return;
    }
    if (!f->counts->available) {
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_NO_COUNTS, "");
        return;
    }
    if (f->live) {
        pane_live(f, v, l, out);
        return;
    }
    if (f->counts->interval_s < 1.5) {
        pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_CENSUS, "");
        return;
    }
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%.0f", f->counts->interval_s);
    pane(out, VIEW_PANE_SOURCE, l, WORD_PANE_CENSUS_SLOW, seconds);
}

static void make_panes(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                       struct view_text *out)
{
    const char *dash = view_word(l, WORD_DASH);
    bool known = v->status_known && session_runs(v);
    bool ring = (known ? v->storage : f->profile->storage) == PROFILE_RING;
    char lost[48];
    char buffers[48];
    char stored[48];
    char disk[48];
    pane_source(f, v, l, out);
    l->number(l->self, v->status.events_lost, lost, sizeof lost);
    snprintf(buffers, sizeof buffers, "%u/%u",
             v->status.buffers > v->status.buffers_free ? v->status.buffers - v->status.buffers_free : 0,
             v->status.buffers);
    /* A ring writes no buffers: how full it is, nobody has measured; how large it is, the session says. */
    uint64_t ring_bytes = (uint64_t)v->status.buffers * v->status.buffer_kb * 1024;
    l->bytes(l->self, ring ? ring_bytes : stored_bytes(v), stored, sizeof stored);
    pane(out, VIEW_PANE_LOST, l, WORD_PANE_LOST, known ? lost : dash);
    pane(out, VIEW_PANE_BUFFERS, l, WORD_PANE_BUFFERS, known ? buffers : dash);
    pane(out, VIEW_PANE_STORED, l, ring ? WORD_PANE_RING : WORD_PANE_WRITTEN, known ? stored : dash);
    l->bytes(l->self, v->disk_free, disk, sizeof disk);
    view_say(out->panes[VIEW_PANE_DISK], sizeof out->panes[0], l, WORD_PANE_DISK, f->drive,
             v->disk_known ? disk : dash);
    out->lost = known && v->status.events_lost > 0;
}

void view_text_make(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                    struct view_text *out)
{
    memset(out, 0, sizeof *out);
    make_title(v, f, l, out);
    make_switches(v, f, l, out);
    make_summary(v, f, l, out);
    make_step(v, f, l, out);
    view_bar_make(v, f, l, out);
    make_panes(v, f, l, out);
}
