/* Says a profile as an xperf command line. */
#include "core/profile/xperf.h"

#define GB (1024ull * 1024 * 1024)

static uint64_t buffers_of(const struct profile *p, uint64_t memory_bytes)
{
    if (p->buffers)
        return p->buffers;
    uint64_t n = (memory_bytes ? memory_bytes : GB) / 100 * p->memory_percent / 1024 / p->buffer_kb;
    return n < PROFILE_BUFFERS_MIN ? PROFILE_BUFFERS_MIN : n;
}

void profile_xperf_line(const struct profile *p, uint64_t memory_bytes, struct text *out)
{
    static const struct {
        unsigned bit;
        const char *name;
    } stacks[] = {{PROFILE_STACK_CREATE, "HandleCreate"},
                  {PROFILE_STACK_CLOSE, "HandleClose"},
                  {PROFILE_STACK_DUPLICATE, "HandleDuplicate"}};
    unsigned long long buffers = buffers_of(p, memory_bytes);
    bool first = true;
    text_add(out, "xperf -on PROC_THREAD+LOADER+OB_HANDLE");
    for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
        if (!(p->stacks & stacks[i].bit))
            continue;
        text_addf(out, "%s%s", first ? " -stackwalk " : "+", stacks[i].name);
        first = false;
    }
    text_addf(out, " -BufferSize %u -MinBuffers %llu -MaxBuffers %llu", p->buffer_kb, buffers, buffers);
    if (p->storage == PROFILE_RING)
        text_add(out, " -buffering");
    else
        text_add(out, " -f kernel.etl");
    if (p->storage != PROFILE_RING && p->max_file_mb)
        text_addf(out, " -MaxFile %u", p->max_file_mb);
    if (p->storage == PROFILE_CIRCULAR)
        text_add(out, " -FileMode Circular");
}

void profile_xperf_notes(const struct profile *p, struct text *out)
{
    const struct profile_stop *s = &p->stop;
    if (p->tag_count)
        text_add(out, "xperf has no type filter: it records all types.\n");
    if (p->segment_minutes || p->segment_mb)
        text_add(out, "xperf cannot start a new file by itself: it writes one.\n");
    if (s->after_s || s->at_mb || s->disk_below_mb || s->hold_count || s->grow_per_minute)
        text_add(out, "xperf has no stop rules: stop it with xperf -d.\n");
}
