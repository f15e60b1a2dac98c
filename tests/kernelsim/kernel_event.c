/* Sends one event to every session that wants it, and its stack behind it. */
#include "kernel_state.h"

#include <string.h>

#define SPREAD_EVENTS 8u /* of a thread before it moves to another processor */

/* With a spread the first processor is busiest and each further one half as busy as the one before; threads move on
 * after a few events. */
uint32_t kernel_cpu(struct kernel *k, const struct ksim_head *head)
{
    if (!k->set.spread)
        return head->processor % k->set.processors;
    if (k->spread_left-- == 0) {
        k->spread_left = SPREAD_EVENTS - 1;
        k->spread_state = k->spread_state * 6364136223846793005u + 1442695040888963407u;
        uint32_t random = (uint32_t)(k->spread_state >> 33);
        k->spread_cpu = 0;
        while ((random & 1) && k->spread_cpu + 1 < k->set.processors) {
            random >>= 1;
            k->spread_cpu++;
        }
    }
    return k->spread_cpu;
}

bool kernel_session_wants(const struct kernel_session *s, uint16_t hook)
{
    if (s->state != KERNEL_RUNNING || !s->system)
        return false;
    switch (hook >> 8) {
    case 0x03:
        if (hook == 0x030A)
            return s->masks[0] & KERNEL_MASK_IMAGE;
        return s->masks[0] & KERNEL_MASK_PROCESS;
    case 0x05:
        return s->masks[0] & KERNEL_MASK_THREAD;
    case 0x14:
        return s->masks[0] & KERNEL_MASK_IMAGE;
    case 0x11:
        return s->masks[4] & KERNEL_MASK_HANDLE;
    default:
        return false;
    }
}

/* One tag against a type's four characters: '?' is any, '*' ends the comparison. */
static bool tag_matches(uint32_t tag, uint32_t type)
{
    for (uint32_t shift = 0; shift < 32; shift += 8) {
        uint8_t wanted = (uint8_t)(tag >> shift);
        if (wanted == '*')
            return true;
        if (wanted != '?' && wanted != (uint8_t)(type >> shift))
            return false;
    }
    return true;
}

bool kernel_session_filter(const struct kernel *k, const struct kernel_session *s, uint16_t type)
{
    if (s->tag_count == 0)
        return true;
    uint32_t tag = kernel_type_tag(&k->types[type].name);
    for (uint32_t i = 0; i < s->tag_count; i++) {
        if (tag_matches(s->tags[i], tag))
            return true;
    }
    return false;
}

struct kernel_truth *kernel_truth_row(struct kernel_report *report, uint64_t serial, uint32_t pid, uint16_t type,
                                      uint32_t *index)
{
    uint32_t i = 0;
    while (i < report->row_count && (report->rows[i].serial != serial || report->rows[i].type != type))
        i++;
    if (i == report->row_count) {
        report->rows = kernel_grow(report->rows, &report->row_room, i + 1, sizeof *report->rows);
        report->rows[i].serial = serial;
        report->rows[i].pid = pid;
        report->rows[i].type = type;
        report->row_count++;
    }
    *index = i;
    return &report->rows[i];
}

/* One time for all sessions, or each session's own. */
static int64_t session_time(struct kernel *k, uint32_t cpu, int64_t time, const struct kernel_taken *taken)
{
    return k->set.dialect->sessions_apart && taken->set ? kernel_now(k, cpu) : time;
}

static void take(struct kernel_taken *taken, uint32_t session, int64_t time)
{
    taken->set |= 1u << session;
    taken->time[session] = time;
}

/* With late stacks the lock may be let go of: call it last. */
void kernel_emit(struct kernel *k, const struct kernel_event *e, const struct kernel_payload *p)
{
    int64_t time = kernel_now(k, e->cpu);
    struct kernel_taken taken = {0};
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        if (!kernel_session_wants(s, e->hook))
            continue;
        int64_t at = session_time(k, e->cpu, time, &taken);
        if (kernel_log(k, s, e, at, p, KERNEL_NO_NOTE, false))
            take(&taken, i, at);
    }
    kernel_emit_stack(k, e, &taken);
}

void kernel_emit_handle(struct kernel *k, const struct kernel_event *e, const struct kernel_payload *p, uint64_t serial,
                        uint32_t pid, uint16_t type, enum kernel_count count, bool swept)
{
    int64_t time = kernel_now(k, e->cpu);
    struct kernel_taken taken = {0};
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        struct kernel_session *s = &k->sessions[i];
        bool wants = kernel_session_wants(s, e->hook);
        if ((!wants && !s->paused) || s->state != KERNEL_RUNNING || !kernel_session_filter(k, s, type))
            continue;
        uint32_t index = 0;
        struct kernel_truth *row = kernel_truth_row(s->report, serial, pid, type, &index);
        if (!wants) {
            row->missed[count]++;
            continue;
        }
        if (swept)
            row->swept++;
        int64_t at = session_time(k, e->cpu, time, &taken);
        if (kernel_log(k, s, e, at, p, index << 2 | (uint32_t)count, false)) {
            row->logged[count]++;
            take(&taken, i, at);
        } else {
            row->lost[count]++;
        }
    }
    kernel_emit_stack(k, e, &taken);
}

void kernel_interest(struct kernel *k)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        const struct kernel_session *s = &k->sessions[i];
        if (s->state != KERNEL_RUNNING)
            continue;
        if (s->masks[4] & KERNEL_MASK_HANDLE)
            word |= KSIM_INTEREST_HANDLES;
        for (uint32_t h = 0; h < s->hook_count; h++) {
            uint16_t hook = s->hooks[h];
            if (hook == 0x1120)
                word |= KSIM_INTEREST_CREATE_STACKS;
            else if (hook == 0x1121)
                word |= KSIM_INTEREST_CLOSE_STACKS;
            else if (hook == 0x1122)
                word |= KSIM_INTEREST_DUPLICATE_STACKS;
            else
                word |= KSIM_INTEREST_OTHER_STACKS;
        }
    }
    k->interest = word;
    k->host.interest(k->host.context, word);
}
