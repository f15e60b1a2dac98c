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
/* The first Windows with private system sessions and the type filter. */
#define BUILD_LEAST 9200
/* Group mask bits: who runs, so that stacks and process numbers can be read; and handles. */
#define FIRST_WORD_PROCESS 1u
#define FIRST_WORD_THREAD  2u
#define FIRST_WORD_IMAGE   4u
#define FIFTH_WORD_HANDLE  0x40u

const char plan_session_name[] = "Handle Recorder";
/* {d553d63e-72f7-4e68-a941-430ccbd96b58} */
const struct trace_guid plan_session_guid = {
    {0x3e, 0xd6, 0x53, 0xd5, 0xf7, 0x72, 0x68, 0x4e, 0xa9, 0x41, 0x43, 0x0c, 0xcb, 0xd9, 0x6b, 0x58}};

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

static bool check_storage(const struct profile *p, struct err *err)
{
    if (p->storage == PROFILE_FILE)
        return true;
    err_set(err, ERR_UNSUPPORTED,
            p->storage == PROFILE_RING ? "Recording to a memory ring, which this version cannot do yet"
                                       : "Recording to a circular file, which this version cannot do yet");
    return err_remedy(err, "Choose a profile that records to a file.");
}

static bool plan_disk(const struct profile *p, uint64_t disk_free, struct session_plan *plan, struct err *err)
{
    if (disk_free < DISK_LEAST) {
        err_set(err, ERR_NO_SPACE, "Recording with %u MB free on the disk", (unsigned)(disk_free / MB));
        return err_remedy(err, "Free at least 1 GB, or record to another disk.");
    }
    if (disk_free < DISK_RESERVE)
        note(plan, "Only %u MB are free on the disk; the list of open handles at the end may not fit.",
             (unsigned)(disk_free / MB));
    plan->start.max_file_mb = p->max_file_mb;
    uint64_t most = disk_free > DISK_RESERVE ? (disk_free - DISK_LEAST) / MB : disk_free / 2 / MB;
    if (p->max_file_mb > most) {
        plan->start.max_file_mb = (uint32_t)most;
        note(plan, "The file is limited to %u MB instead of %u MB, because the disk has %u MB free.",
             plan->start.max_file_mb, p->max_file_mb, (unsigned)(disk_free / MB));
    }
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
    plan->start.max_buffers = (uint32_t)least_of(count * MAX_BUFFERS_FACTOR, most);
    return true;
}

bool plan_make(const struct profile *p, const struct sys_machine *m, uint64_t disk_free, struct session_plan *out,
               struct err *err)
{
    if (!profile_check(p, err) || !check_machine(m, err) || !check_storage(p, err))
        return false;
    if (!m->processors || !m->memory_bytes)
        return err_set(err, ERR_ARGUMENT, "The machine's memory and processors are not known");
    struct session_plan plan = {
        .masks = {FIRST_WORD_PROCESS | FIRST_WORD_THREAD | FIRST_WORD_IMAGE, 0, 0, 0, FIFTH_WORD_HANDLE, 0, 0, 0}};
    text_put(plan.start.name, sizeof plan.start.name, plan_session_name);
    plan.start.guid = plan_session_guid;
    plan.start.storage = TRACE_TO_FILE;
    plan.hook_count = plan_hooks(p->stacks, plan.hooks);
    memcpy(plan.tags, p->tags, sizeof plan.tags);
    plan.tag_count = p->tag_count;
    if (!plan_disk(p, disk_free, &plan, err) || !plan_buffers(p, m, &plan, err))
        return false;
    if (p->stack_cache)
        note(&plan, "Stack caching stays off; this version does not use it.");
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

static void print_guid(const struct trace_guid *g, struct text *out)
{
    static const int order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    text_add(out, "{");
    for (int i = 0; i < 16; i++)
        text_addf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", g->bytes[order[i]]);
    text_add(out, "}");
}

void plan_print(const struct session_plan *plan, struct text *out)
{
    static const char *const storages[] = {
        [TRACE_TO_FILE] = "file", [TRACE_TO_RING] = "ring", [TRACE_TO_CIRCULAR] = "circular file"};
    const struct trace_start *s = &plan->start;
    text_addf(out, "session: %s ", s->name);
    print_guid(&s->guid, out);
    text_addf(out, "\nstorage: %s%s%s", storages[s->storage], s->path[0] ? " " : "", s->path);
    if (s->max_file_mb)
        text_addf(out, ", at most %u MB", s->max_file_mb);
    text_addf(out, "\nbuffers: %u to %u of %u KB\nmasks:", s->min_buffers, s->max_buffers, s->buffer_kb);
    for (unsigned i = 0; i < 8; i++)
        text_addf(out, " %x", plan->masks[i]);
    text_add(out, "\nstacks:");
    for (unsigned i = 0; i < plan->hook_count; i++)
        text_addf(out, " 0x%04x", plan->hooks[i]);
    text_add(out, plan->hook_count ? "\ntypes:" : " none\ntypes:");
    for (unsigned i = 0; i < plan->tag_count; i++) {
        char tag[5];
        profile_tag_text(plan->tags[i], tag);
        text_addf(out, " %s", tag);
    }
    text_add(out, plan->tag_count ? "\n" : " all\n");
    for (const char *line = plan->notes; *line;) {
        size_t n = strcspn(line, "\n");
        text_addf(out, "note: %.*s\n", (int)n, line);
        line += n + (line[n] == '\n');
    }
}
