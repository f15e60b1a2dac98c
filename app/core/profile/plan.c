/* From a profile and the machine's facts to a session plan; everything that had to be changed is noted in words. */
#include "core/profile/plan.h"

#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

#define MB (1024ull * 1024)

/* The system clamps a session's buffers to 10 % of the memory without a word; staying below it keeps the numbers
 * ours. */
#define MEMORY_SHARE_PERCENT 8
/* Buffers beyond the minimum take up the burst of the handle rundown at the end. */
#define MAX_BUFFERS_FACTOR 4
/* The tracing system keeps 200 MB of the disk free for itself; below this nothing worth having can be recorded. */
#define DISK_LEAST (256ull * MB)
/* The list of open handles that is written at the end can take some hundred MB. */
#define DISK_RESERVE (1024ull * MB)
/* A smaller circular file would hold little more than the list of open handles. */
#define CIRCULAR_LEAST_MB 64
/* The first Windows with private system sessions and the type filter. */
#define BUILD_LEAST 9200
/* Group mask bits: who runs, so that stacks and process numbers can be read; and handles. */
#define FIRST_WORD_PROCESS 1u
#define FIRST_WORD_THREAD  2u
#define FIRST_WORD_IMAGE   4u
#define FIFTH_WORD_HANDLE  0x40u
#define FIFTH_WORD_OBJECT  0x80u

/* The companion's events are few and small; the list of open handles at the end is a burst. */
#define COMPANION_BUFFER_KB 256
#define COMPANION_BUFFERS   16

const char plan_session_name[] = "Handle Recorder";
/* {d553d63e-72f7-4e68-a941-430ccbd96b58} */
const struct trace_guid plan_session_guid = {
    {0x3e, 0xd6, 0x53, 0xd5, 0xf7, 0x72, 0x68, 0x4e, 0xa9, 0x41, 0x43, 0x0c, 0xcb, 0xd9, 0x6b, 0x58}};

const char plan_companion_name[] = "Handle Recorder Companion";
/* {8c1f6b0a-92ad-4f3e-b7d5-61e20c9a4f17} */
const struct trace_guid plan_companion_guid = {
    {0x0a, 0x6b, 0x1f, 0x8c, 0xad, 0x92, 0x3e, 0x4f, 0xb7, 0xd5, 0x61, 0xe2, 0x0c, 0x9a, 0x4f, 0x17}};

static void note(struct session_plan *plan, const char *fmt, ...) ERR_PRINTF(2, 3);

static void note(struct session_plan *plan, const char *fmt, ...)
{
    size_t used = strlen(plan->notes);
    char line[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (used + strlen(line) + 2 > sizeof plan->notes)
        return; /* cannot happen: there are fewer reasons for a note than room for them */
    if (used)
        plan->notes[used++] = '\n';
    text_put(plan->notes + used, sizeof plan->notes - used, line);
}

unsigned plan_hooks(unsigned stacks, uint16_t out[PLAN_MAX_HOOKS])
{
    static const struct {
        unsigned bit;
        uint16_t hook;
    } hooks[PLAN_MAX_HOOKS] = {
        {PROFILE_STACK_CREATE, 0x1120}, {PROFILE_STACK_CLOSE, 0x1121}, {PROFILE_STACK_DUPLICATE, 0x1122}};
    unsigned n = 0;
    for (unsigned i = 0; i < PLAN_MAX_HOOKS; i++)
        if (stacks & hooks[i].bit)
            out[n++] = hooks[i].hook;
    return n;
}

static bool check_machine(const struct sys_machine *m, struct err *err)
{
    if (m->wrong_architecture) {
        err_set(err, ERR_UNSUPPORTED, "Recording with a program that is built for another processor than this Windows");
        return err_remedy(err, "Use the edition of this program that is made for this Windows.");
    }
    if (m->container) {
        err_set(err, ERR_UNSUPPORTED, "Recording inside a Windows container");
        return err_remedy(err, "Record on the host; it sees the container's processes.");
    }
    if (m->windows_build && m->windows_build < BUILD_LEAST) {
        err_set(err, ERR_UNSUPPORTED, "Recording on Windows build %u", m->windows_build);
        return err_remedy(err, "Use Windows 10 or newer.");
    }
    if (!m->elevated) {
        err_set(err, ERR_ACCESS, "Recording without administrator rights");
        return err_remedy(err, "Run as administrator.");
    }
    return true;
}

/* A ring is written out in the end, and made one file with its companion: room for both. */
static void plan_ring_disk(uint64_t disk_free, struct session_plan *plan)
{
    uint64_t ring = (uint64_t)plan->start.min_buffers * plan->start.buffer_kb * 1024;
    plan->disk_least += 2 * ring;
    if (disk_free < plan->disk_least)
        note(plan, "Only %u MB are free on the disk; saving a full ring may take %u MB.", (unsigned)(disk_free / MB),
             (unsigned)((2 * ring + DISK_RESERVE) / MB));
}

static bool plan_file_size(const struct profile *p, uint64_t disk_free, struct session_plan *plan, struct err *err)
{
    uint64_t most = disk_free > DISK_RESERVE ? (disk_free - DISK_LEAST) / MB : disk_free / 2 / MB;
    plan->start.max_file_mb = p->max_file_mb;
    if (p->max_file_mb <= most)
        return true;
    if (p->storage == PROFILE_CIRCULAR && most < CIRCULAR_LEAST_MB) {
        err_set(err, ERR_NO_SPACE, "Recording to a circular file with %u MB free on the disk",
                (unsigned)(disk_free / MB));
        return err_remedy(err, "Free at least 1 GB, or record to another disk.");
    }
    plan->start.max_file_mb = (uint32_t)most;
    note(plan, "The file is limited to %u MB instead of %u MB, because the disk has %u MB free.",
         plan->start.max_file_mb, p->max_file_mb, (unsigned)(disk_free / MB));
    return true;
}

static bool plan_disk(const struct profile *p, uint64_t disk_free, struct session_plan *plan, struct err *err)
{
    plan->disk_least = DISK_RESERVE;
    if (disk_free < DISK_LEAST) {
        err_set(err, ERR_NO_SPACE, "Recording with %u MB free on the disk", (unsigned)(disk_free / MB));
        return err_remedy(err, "Free at least 1 GB, or record to another disk.");
    }
    if (p->storage == PROFILE_RING) {
        plan_ring_disk(disk_free, plan);
        return true;
    }
    if (disk_free < DISK_RESERVE)
        note(plan, "Only %u MB are free on the disk; the list of open handles at the end may not fit.",
             (unsigned)(disk_free / MB));
    plan->segment_minutes = p->segment_minutes;
    plan->segment_mb = p->segment_mb;
    plan->keep_mb = p->keep_mb;
    if (!p->segment_minutes && !p->segment_mb)
        return plan_file_size(p, disk_free, plan, err);
    /* At its size limit the system writes nothing any more, and says nothing. */
    if (p->max_file_mb)
        note(plan, "The file size of %u MB does not apply: a new file begins every so often.", p->max_file_mb);
    return true;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Every processor needs two buffers; on a small machine with many of them only smaller buffers fit. */
static bool plan_buffer_size(const struct profile *p, const struct sys_machine *m, uint64_t memory_kb,
                             struct session_plan *plan, struct err *err)
{
    uint64_t size = p->buffer_kb;
    uint64_t two_each = 2ull * m->processors;
    while (size > PROFILE_BUFFER_KB_MIN && two_each * size > memory_kb)
        size = size / 2 > PROFILE_BUFFER_KB_MIN ? size / 2 : PROFILE_BUFFER_KB_MIN;
    if (two_each * size > memory_kb) {
        err_set(err, ERR_NO_MEMORY, "Recording with %u MB of memory and %u processors",
                (unsigned)(m->memory_bytes / MB), m->processors);
        return err_remedy(err, "Give the machine more memory.");
    }
    plan->start.buffer_kb = (uint32_t)size;
    if (size != p->buffer_kb)
        note(plan,
             "Buffers have %u KB instead of %u KB, so that two for each of %u processors fit into %d %% of the memory.",
             plan->start.buffer_kb, p->buffer_kb, m->processors, MEMORY_SHARE_PERCENT);
    return true;
}

static bool plan_buffers(const struct profile *p, const struct sys_machine *m, struct session_plan *plan,
                         struct err *err)
{
    uint64_t memory_kb = m->memory_bytes / 1024 / 100 * MEMORY_SHARE_PERCENT;
    const struct trace_start *c = &plan->companion_start;
    memory_kb -= least_of(memory_kb, (uint64_t)c->max_buffers * c->buffer_kb);
    if (!plan_buffer_size(p, m, memory_kb, plan, err))
        return false;
    uint64_t size = plan->start.buffer_kb;
    uint64_t most = memory_kb / size;
    /* A smaller size than wished keeps the wished amount of memory. */
    uint64_t wish = p->buffers ? (uint64_t)p->buffers * p->buffer_kb / size
                               : m->memory_bytes / 1024 / 100 * p->memory_percent / size;
    uint64_t two_each = 2ull * m->processors;
    uint64_t count = wish < two_each ? two_each : wish;
    if (count > wish)
        note(plan, "There are %u buffers instead of %u, two for each of %u processors.", (unsigned)count,
             (unsigned)wish, m->processors);
    if (count > most) {
        note(plan, "Buffers take %u MB instead of %u MB, which is %d %% of the memory; the system would not give more.",
             (unsigned)(most * size / 1024), (unsigned)(count * size / 1024), MEMORY_SHARE_PERCENT);
        count = most;
    }
    plan->start.min_buffers = (uint32_t)count;
    /* A ring has as many as it has; the oldest is written over. */
    plan->start.max_buffers =
        p->storage == PROFILE_RING ? plan->start.min_buffers : (uint32_t)least_of(count * MAX_BUFFERS_FACTOR, most);
    return true;
}

void plan_companion(const struct sys_machine *m, enum profile_storage storage, bool live_events,
                    struct session_plan *plan)
{
    bool ring = storage == PROFILE_RING;
    struct trace_start *s = &plan->companion_start;
    plan->companion = ring || live_events;
    if (!plan->companion)
        return;
    text_put(s->name, sizeof s->name, plan_companion_name);
    s->guid = plan_companion_guid;
    s->storage = ring ? TRACE_TO_FILE : TRACE_TO_CONSUMER;
    s->real_time = live_events;
    uint32_t two_each = 2 * m->processors;
    s->buffer_kb = two_each > 4 * COMPANION_BUFFERS ? COMPANION_BUFFER_KB / 4 : COMPANION_BUFFER_KB;
    s->min_buffers = two_each > COMPANION_BUFFERS ? two_each : COMPANION_BUFFERS;
    s->max_buffers = s->min_buffers * MAX_BUFFERS_FACTOR;
    memcpy(plan->companion_masks, plan->masks, sizeof plan->companion_masks);
    plan_set_handles(plan->companion_masks, live_events);
}

/* Cached stacks are told in full only now and then: what is written over, or lies in another file, takes the stacks of
 * all others with it. */
static void plan_stack_cache(const struct profile *p, struct session_plan *plan)
{
    if (!p->stack_cache)
        return;
    if (p->storage == PROFILE_FILE && !plan->segment_minutes && !plan->segment_mb) {
        plan->stack_cache_kb = p->stack_cache_kb;
        plan->stack_cache_buckets = p->stack_cache_buckets;
        return;
    }
    note(plan, "Stack caching stays off: it needs a recording to one file.");
}

bool plan_make(const struct profile *p, const struct sys_machine *m, uint64_t disk_free, struct session_plan *out,
               struct err *err)
{
    static const enum trace_storage storages[] = {
        [PROFILE_FILE] = TRACE_TO_FILE, [PROFILE_RING] = TRACE_TO_RING, [PROFILE_CIRCULAR] = TRACE_TO_CIRCULAR};
    if (!profile_check(p, err) || !check_machine(m, err))
        return false;
    if (!m->processors || !m->memory_bytes)
        return err_set(err, ERR_ARGUMENT, "The machine's memory and processors are not known");
    struct session_plan plan = {0};
    plan_masks(plan.masks);
    text_put(plan.start.name, sizeof plan.start.name, plan_session_name);
    plan.start.guid = plan_session_guid;
    plan.start.storage = storages[p->storage];
    plan.hook_count = plan_hooks(p->stacks, plan.hooks);
    memcpy(plan.tags, p->tags, sizeof plan.tags);
    plan.tag_count = p->tag_count;
    plan_companion(m, p->storage, p->live_events, &plan);
    if (!plan_buffers(p, m, &plan, err) || !plan_disk(p, disk_free, &plan, err))
        return false;
    plan_stack_cache(p, &plan);
    if (p->foreign)
        note(&plan,
             "The profile asks for more than handles; only handles, processes, threads and images are recorded.");
    *out = plan;
    return true;
}

bool plan_records_handles(const uint32_t masks[8])
{
    return masks[4] & FIFTH_WORD_HANDLE;
}

void plan_masks(uint32_t out[8])
{
    memset(out, 0, 8 * sizeof *out);
    out[0] = FIRST_WORD_PROCESS | FIRST_WORD_THREAD | FIRST_WORD_IMAGE;
    plan_set_handles(out, true);
}

void plan_set_handles(uint32_t masks[8], bool on)
{
    masks[4] = on ? masks[4] | FIFTH_WORD_HANDLE : masks[4] & ~FIFTH_WORD_HANDLE;
}

void plan_set_objects(uint32_t masks[8], bool on)
{
    masks[4] = on ? masks[4] | FIFTH_WORD_OBJECT : masks[4] & ~FIFTH_WORD_OBJECT;
}

void plan_slots_remedy(const struct trace_listing *all, size_t count, struct err *err)
{
    struct text names = {0};
    for (size_t i = 0; i < count; i++)
        if (all[i].system_logger)
            text_addf(&names, "%s%s", names.len ? ", " : "", all[i].session.name);
    if (names.len && !names.failed) {
        char remedy[ERR_REMEDY_MAX * 2];
        snprintf(remedy, sizeof remedy, "Close one of these and try again: %s", text_str(&names));
        text_put(err->remedy, sizeof err->remedy, remedy);
    } else {
        err_remedy(err, "Close another tracing program and try again.");
    }
    text_free(&names);
}

bool plan_check_slots(const struct session_plan *plan, const struct trace_listing *all, size_t count, struct err *err)
{
    /* Two have slots of their own; ours would be found running by the start, which says so better. */
    static const char *const others[] = {"NT Kernel Logger", "Circular Kernel Context Logger", plan_session_name,
                                         plan_companion_name};
    unsigned taken = 0;
    for (size_t i = 0; i < count; i++) {
        bool counts = all[i].system_logger;
        for (size_t k = 0; counts && k < sizeof others / sizeof others[0]; k++)
            counts = text_casecmp(all[i].session.name, others[k]) != 0;
        taken += counts;
    }
    if (taken + 1 + plan->companion <= PLAN_SYSTEM_SLOTS)
        return true;
    struct err e = {0};
    err_set_os(&e, ERR_KIND_WIN32, 1450, "%s",
               plan->companion ? "Finding two free system sessions; a ring needs a second one to save"
                               : "Finding a free system session");
    plan_slots_remedy(all, count, &e);
    if (err && err->code == ERR_NONE)
        *err = e;
    return false;
}

static void print_guid(const struct trace_guid *g, struct text *out)
{
    static const int order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    text_add(out, "{");
    for (int i = 0; i < 16; i++)
        text_addf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", g->bytes[order[i]]);
    text_add(out, "}");
}

static void print_session(const struct trace_start *s, const uint32_t masks[8], struct text *out)
{
    static const char *const storages[] = {[TRACE_TO_FILE] = "file",
                                           [TRACE_TO_RING] = "ring",
                                           [TRACE_TO_CIRCULAR] = "circular file",
                                           [TRACE_TO_CONSUMER] = "none"};
    text_addf(out, "session: %s ", s->name);
    print_guid(&s->guid, out);
    text_addf(out, "\nstorage: %s%s%s", storages[s->storage], s->path[0] ? " " : "", s->path);
    if (s->max_file_mb)
        text_addf(out, ", at most %u MB", s->max_file_mb);
    text_addf(out, "%s\nbuffers: %u to %u of %u KB\nmasks:", s->real_time ? ", real-time" : "", s->min_buffers,
              s->max_buffers, s->buffer_kb);
    for (unsigned i = 0; i < 8; i++)
        text_addf(out, " %x", masks[i]);
    text_add(out, "\n");
}

static void print_segments(const struct session_plan *plan, struct text *out)
{
    if (!plan->segment_minutes && !plan->segment_mb)
        return;
    text_add(out, "segments:");
    if (plan->segment_minutes)
        text_addf(out, " every %u min", plan->segment_minutes);
    if (plan->segment_mb)
        text_addf(out, " every %u MB", plan->segment_mb);
    if (plan->keep_mb)
        text_addf(out, ", keep %u MB", plan->keep_mb);
    text_add(out, "\n");
}

void plan_print(const struct session_plan *plan, struct text *out)
{
    print_session(&plan->start, plan->masks, out);
    text_add(out, "stacks:");
    for (unsigned i = 0; i < plan->hook_count; i++)
        text_addf(out, " 0x%04x", plan->hooks[i]);
    text_add(out, plan->hook_count ? "\ntypes:" : " none\ntypes:");
    for (unsigned i = 0; i < plan->tag_count; i++) {
        char tag[5];
        profile_tag_text(plan->tags[i], tag);
        text_addf(out, " %s", tag);
    }
    text_add(out, plan->tag_count ? "\n" : " all\n");
    if (plan->stack_cache_kb)
        text_addf(out, "stack cache: %u KB, %u buckets\n", plan->stack_cache_kb, plan->stack_cache_buckets);
    print_segments(plan, out);
    if (plan->companion)
        print_session(&plan->companion_start, plan->companion_masks, out);
    for (const char *line = plan->notes; *line;) {
        size_t n = strcspn(line, "\n");
        text_addf(out, "note: %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
}
