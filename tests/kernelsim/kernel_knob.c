/* Settings, faults on demand, and the words that ksimctl sends. */
#include "kernel_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kernel_settings_default(struct kernel_settings *set)
{
    *set = (struct kernel_settings){.dialect = kernel_dialect_find("default"),
                                    .processors = 4,
                                    .type_seed = 1,
                                    .disk_free_mb = 100000,
                                    .ram_mb = 16384,
                                    .frequency = 10000000,
                                    .elevated = -1};
}

/* The name under which a call is counted and made to fail: the API, then what it was asked for. */
static void operation_name(const struct kernel_call *c, char *name, size_t room)
{
    static const char *const apis[] = {"?",
                                       "StartTrace",
                                       "ControlTrace",
                                       "QueryAllTraces",
                                       "EnableTraceEx2",
                                       "TraceSetInformation",
                                       "TraceQueryInformation",
                                       "NtSetSystemInformation",
                                       "NtQuerySystemInformation",
                                       "OpenTrace",
                                       "ProcessTrace",
                                       "CloseTrace"};
    static const char *const controls[] = {"QUERY", "STOP", "UPDATE", "FLUSH", "INCREMENT_FILE"};
    uint32_t api = c->message->api < sizeof apis / sizeof apis[0] ? c->message->api : 0;
    uint32_t code = c->message->code;
    if (api == KSIM_CONTROL_TRACE && code < 5)
        snprintf(name, room, "%s:%s", apis[api], controls[code]);
    else if (api == KSIM_START_TRACE || api == KSIM_QUERY_ALL_TRACES || api >= KSIM_OPEN_TRACE)
        snprintf(name, room, "%s", apis[api]);
    else if (api >= KSIM_NT_SET_SYSTEM_INFORMATION && c->block_bytes >= 4)
        snprintf(name, room, "%s:%u", apis[api], kernel_get32(c->block));
    else
        snprintf(name, room, "%s:%u", apis[api], code);
}

static struct kernel_call_count *count_call(struct kernel *k, const char *operation)
{
    for (uint32_t i = 0; i < k->call_count; i++) {
        if (strcmp(k->calls[i].operation, operation) == 0)
            return &k->calls[i];
    }
    if (k->call_count == KERNEL_CALLS)
        return NULL;
    struct kernel_call_count *count = &k->calls[k->call_count++];
    *count = (struct kernel_call_count){0};
    snprintf(count->operation, sizeof count->operation, "%s", operation);
    return count;
}

/* Takes one fault of this kind and side that is due for the operation; removes it unless it is for every call. */
static bool take_fault(struct kernel *k, const char *operation, bool after, struct kernel_fault *out)
{
    for (uint32_t i = 0; i < k->fault_count; i++) {
        struct kernel_fault *f = &k->faults[i];
        if (strcmp(f->operation, operation) != 0 || f->after != after || f->nth > 1)
            continue;
        *out = *f;
        if (f->nth == 1)
            *f = k->faults[--k->fault_count];
        return true;
    }
    return false;
}

static void count_down(struct kernel *k, const char *operation)
{
    for (uint32_t i = 0; i < k->fault_count; i++) {
        if (k->faults[i].nth > 1 && strcmp(k->faults[i].operation, operation) == 0)
            k->faults[i].nth--;
    }
}

/* Delays, hangs and deaths happen here, failures are returned: true when the call is to return *status. */
static bool suffer(struct kernel *k, const struct kernel_call *c, const char *operation, bool after, uint32_t *status)
{
    struct kernel_fault f;
    bool failed = false;
    /* A fault for every call stays in the list, so each side takes at most one of them. */
    for (bool more = true; more && take_fault(k, operation, after, &f); more = f.nth == 1) {
        if (f.kind == KERNEL_FAULT_DELAY)
            k->host.sleep(k->host.context, f.value);
        else if (f.kind == KERNEL_FAULT_HANG)
            k->host.wait_release(k->host.context);
        else if (f.kind == KERNEL_FAULT_DIE)
            k->host.kill(k->host.context, c->message->head.pid);
        else
            *status = f.value;
        /* Who died before the call does not make it. */
        failed = failed || f.kind == KERNEL_FAULT_FAIL || (f.kind == KERNEL_FAULT_DIE && !after);
    }
    return failed;
}

static uint32_t call(struct kernel *k, struct kernel_call *c)
{
    switch (c->message->api) {
    case KSIM_START_TRACE:
        return kernel_start_trace(k, c);
    case KSIM_CONTROL_TRACE:
        return kernel_control_trace(k, c);
    case KSIM_QUERY_ALL_TRACES:
        return kernel_query_all(k, c);
    case KSIM_ENABLE_TRACE_EX2:
        return kernel_enable_trace(k, c);
    case KSIM_TRACE_SET_INFORMATION:
        return kernel_trace_set(k, c);
    case KSIM_TRACE_QUERY_INFORMATION:
        return kernel_trace_query(k, c);
    case KSIM_NT_SET_SYSTEM_INFORMATION:
        return kernel_nt_set(k, c);
    case KSIM_NT_QUERY_SYSTEM_INFORMATION:
        return kernel_nt_query(k, c);
    case KSIM_OPEN_TRACE:
        return kernel_open_trace(k, c);
    case KSIM_PROCESS_TRACE:
        return kernel_process_trace(k, c);
    case KSIM_CLOSE_TRACE:
        return kernel_close_trace(k, c);
    default:
        return KE_INVALID_PARAMETER;
    }
}

uint32_t kernel_perform(struct kernel *k, struct kernel_call *c)
{
    char operation[48];
    uint32_t status = 0;
    operation_name(c, operation, sizeof operation);
    struct kernel_call_count *count = count_call(k, operation);
    if (count)
        count->calls++;
    bool failed = suffer(k, c, operation, false, &status);
    if (!failed) {
        uint32_t forced = 0;
        status = call(k, c);
        if (suffer(k, c, operation, true, &forced)) {
            status = forced;
            failed = true;
        }
    }
    if (failed) { /* as an API that failed: nothing is handed back */
        c->handle = 0;
        c->out_bytes = 0;
        c->return_length = 0;
    }
    count_down(k, operation);
    if (status && count)
        count->refused++;
    return status;
}

/* Words of a ksimctl command. */
struct words {
    const char *at[8];
    uint32_t count;
};

static bool split(const char *text, size_t bytes, struct words *w)
{
    w->count = 0;
    if (bytes == 0 || text[bytes - 1] != 0)
        return false;
    for (size_t i = 0; i < bytes && w->count < 8; i += strlen(text + i) + 1)
        w->at[w->count++] = text + i;
    return w->count > 0;
}

static bool number(const char *text, uint64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return errno == 0 && end != text && *end == 0;
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool any_session(const struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if (k->sessions[i].state != KERNEL_FREE)
            return true;
    }
    return false;
}

/* fail OP N CODE [after] | delay OP N MS [after] | hang OP N [after] | die OP N [after]; N 0 = every call */
static const char *set_fault(struct kernel *k, const struct words *w, enum kernel_fault_kind kind)
{
    bool has_value = kind == KERNEL_FAULT_FAIL || kind == KERNEL_FAULT_DELAY;
    uint32_t wanted = has_value ? 5 : 4;
    uint64_t nth = 0;
    uint64_t value = 0;
    if (w->count < wanted || w->count > wanted + 1 || !number(w->at[3], &nth) || nth > 1000000)
        return "usage: set fail|delay|hang|die OPERATION N [CODE|MS] [after]";
    if (has_value && (!number(w->at[4], &value) || value > 0xFFFFFFFFu))
        return "not a number";
    bool after = w->count > wanted;
    if (after && !is(w->at[wanted], "after"))
        return "the last word can only be: after";
    if (k->fault_count == KERNEL_FAULTS || strlen(w->at[2]) >= sizeof k->faults[0].operation)
        return "too many faults, or too long a name";
    struct kernel_fault *f = &k->faults[k->fault_count++];
    *f = (struct kernel_fault){.kind = kind, .nth = (uint32_t)nth, .value = (uint32_t)value, .after = after};
    snprintf(f->operation, sizeof f->operation, "%s", w->at[2]);
    return NULL;
}

/* What sets a plain number: its range, and whether it may change while a session runs. */
enum place {
    PROCESSORS,
    SPREAD,
    BUFFERS_MAX,
    RT_BACKLOG,
    CACHE_ENTRIES,
    TYPE_SEED,
    DISK_RATE,
    DISK_FREE,
    RAM,
    FREQUENCY,
    STALL,
    DISK_FULL,
    NO_FILTER
};
static const struct {
    const char *name;
    enum place place;
    uint64_t least, most;
    bool idle_only;
} numbers[] = {{"processors", PROCESSORS, 1, KERNEL_CPUS_MAX, true},
               {"spread", SPREAD, 0, 0xFFFFFFFF, false},
               {"buffers-max", BUFFERS_MAX, 0, 0xFFFFFFFF, true},
               {"rt-backlog", RT_BACKLOG, 0, 0xFFFFFFFF, false},
               {"stack-cache-entries", CACHE_ENTRIES, 0, 0xFFFFFFFF, false},
               {"type-seed", TYPE_SEED, 0, 0xFFFFFFFF, true},
               {"disk-rate", DISK_RATE, 0, 0xFFFFFFFF, false},
               {"disk-free-mb", DISK_FREE, 0, 0xFFFFFFFF, false},
               {"ram-mb", RAM, 16, 1u << 24, true},
               {"perf-freq", FREQUENCY, 1000000, 10000000000u, true},
               {"stall-writer", STALL, 0, 1, false},
               {"disk-full", DISK_FULL, 0, 1, false},
               {"filter-ignored", NO_FILTER, 0, 1, false}};

static void put_number(struct kernel *k, enum place place, uint64_t v)
{
    switch (place) {
    case PROCESSORS:
        k->set.processors = (uint32_t)v;
        break;
    case SPREAD:
        k->set.spread = (uint32_t)v;
        k->spread_state = v;
        k->spread_left = 0;
        break;
    case RT_BACKLOG:
        k->set.rt_backlog = (uint32_t)v;
        break;
    case CACHE_ENTRIES:
        k->set.cache_entries = (uint32_t)v;
        break;
    case BUFFERS_MAX:
        k->set.buffers_max = (uint32_t)v;
        break;
    case TYPE_SEED:
        k->set.type_seed = (uint32_t)v;
        kernel_types_number(k);
        break;
    case DISK_RATE:
        k->set.disk_rate = (uint32_t)v;
        break;
    case DISK_FREE:
        k->set.disk_free_mb = (uint32_t)v;
        break;
    case RAM:
        k->set.ram_mb = v;
        break;
    case FREQUENCY:
        k->set.frequency = v;
        k->last_time = 0;
        memset(k->cpu_time, 0, sizeof k->cpu_time);
        break;
    case STALL:
        k->set.stall_writer = v != 0;
        k->host.writer_wake(k->host.context);
        break;
    case DISK_FULL:
        k->set.disk_full = v != 0;
        break;
    case NO_FILTER:
        k->set.filter_ignored = v != 0;
        break;
    }
}

static const char *set_number(struct kernel *k, const struct words *w)
{
    for (uint32_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t v = 0;
        if (!is(w->at[1], numbers[i].name))
            continue;
        if (w->count != 3 || !number(w->at[2], &v) || v < numbers[i].least || v > numbers[i].most)
            return "not a number, or out of range";
        if (numbers[i].idle_only && any_session(k))
            return "not while a session runs";
        put_number(k, numbers[i].place, v);
        return NULL;
    }
    return "no such setting";
}

static const char *set_word(struct kernel *k, const struct words *w)
{
    static const char *const faults[] = {"fail", "delay", "hang", "die"};
    if (w->count < 3)
        return "usage: set NAME VALUE...";
    for (uint32_t i = 0; i < 4; i++) {
        if (is(w->at[1], faults[i]))
            return set_fault(k, w, (enum kernel_fault_kind)i);
    }
    if (is(w->at[1], "dialect")) {
        const struct kernel_dialect *d = kernel_dialect_find(w->at[2]);
        if (!d || any_session(k))
            return d ? "not while a session runs" : "no such dialect";
        k->set.dialect = d;
        k->handle_events = 0;
        return NULL;
    }
    if (is(w->at[1], "elevated")) {
        if (!is(w->at[2], "yes") && !is(w->at[2], "no") && !is(w->at[2], "caller"))
            return "yes, no or caller";
        k->set.elevated = is(w->at[2], "caller") ? -1 : is(w->at[2], "yes");
        return NULL;
    }
    return set_number(k, w);
}

/* As when the system stops a session for an error of its own: no rundown, no finished header. */
static const char *end_session(struct kernel *k, const char *name)
{
    struct kernel_text text = kernel_text_ascii(name);
    struct kernel_session *s = kernel_session_by_name(k, &text);
    kernel_text_free(&text);
    if (!s)
        return "no such session";
    s->failed = true;
    kernel_session_check(k, s);
    return NULL;
}

static void reset(struct kernel *k)
{
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        k->sessions[i].failed = k->sessions[i].state == KERNEL_RUNNING;
        kernel_session_check(k, &k->sessions[i]);
    }
    k->fault_count = k->call_count = 0;
    k->unheard_closes = 0;
    kernel_settings_default(&k->set);
    kernel_types_number(k);
    kernel_reports_forget(k);
    k->host.released(k->host.context);
    k->host.writer_wake(k->host.context);
}

static const char *command(struct kernel *k, const struct words *w, struct kernel_json *out)
{
    const char *verb = w->at[0];
    uint64_t pid = 0;
    if (is(verb, "set"))
        return set_word(k, w);
    if (is(verb, "sessions"))
        kernel_json_sessions(k, out);
    else if (is(verb, "calls"))
        kernel_json_calls(k, out);
    else if (is(verb, "dialects"))
        kernel_json_dialects(out);
    else if (is(verb, "truth") && w->count == 1)
        kernel_json_truth(k, out, false, 0);
    else if (is(verb, "truth") && w->count == 3 && is(w->at[1], "--pid") && number(w->at[2], &pid))
        kernel_json_truth(k, out, true, (uint32_t)pid);
    else if (is(verb, "end-session") && w->count == 2)
        return end_session(k, w->at[1]);
    else if (is(verb, "release"))
        k->host.released(k->host.context);
    else if (is(verb, "reset"))
        reset(k);
    else if (is(verb, "quit"))
        k->quitting = true;
    else
        return "commands: set, sessions, calls, dialects, truth [--pid N], end-session NAME, release, reset, quit";
    return NULL;
}

/* status: 0, or 1 with a message as the text. */
size_t kernel_control(struct kernel *k, const char *words, size_t bytes, char *text, size_t room, uint32_t *status)
{
    struct words w;
    struct kernel_json out = {.text = text, .room = room};
    const char *wrong = split(words, bytes, &w) ? command(k, &w, &out) : "no command";
    *status = wrong ? 1 : 0;
    if (wrong)
        out.bytes = (size_t)snprintf(text, room, "%s\n", wrong);
    return out.bytes;
}
