/* What the kernel can tell a test about itself, as JSON: sessions, calls, and what it really saw. */
#include "kernel_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct kernel_json *out, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(out->text + out->bytes, out->room - out->bytes, format, list);
    va_end(list);
    if (n < 0)
        return;
    out->bytes += (size_t)n;
    if (out->bytes >= out->room) /* a reply that is cut off does not parse, so nobody takes it for whole */
        out->bytes = out->room - 1;
}

static void put_text(struct kernel_json *out, const struct kernel_text *t)
{
    put(out, "\"");
    for (uint32_t i = 0; i < t->length; i++) {
        uint16_t c = t->data[i];
        if (c == '"' || c == '\\')
            put(out, "\\%c", c);
        else if (c < 0x20 || c > 0x7E)
            put(out, "\\u%04x", c);
        else
            put(out, "%c", c);
    }
    put(out, "\"");
}

static void put_session(struct kernel_json *out, const struct kernel_session *s)
{
    put(out, "{\"name\":");
    put_text(out, &s->name);
    put(out, ",\"file\":");
    put_text(out, &s->path);
    put(out, ",\"logger\":%u,\"system\":%s,\"masks\":[", s->id, s->system ? "true" : "false");
    for (uint32_t i = 0; i < 8; i++)
        put(out, "%s%" PRIu32, i ? "," : "", s->masks[i]);
    put(out, "],\"tags\":[");
    for (uint32_t i = 0; i < s->tag_count; i++)
        put(out, "%s%" PRIu32, i ? "," : "", s->tags[i]);
    put(out, "],\"stacks\":[");
    for (uint32_t i = 0; i < s->hook_count; i++)
        put(out, "%s%u", i ? "," : "", s->hooks[i]);
    put(out, "],\"mode\":%" PRIu32 ",\"buffers\":%" PRIu32, s->mode, s->max_buffers);
    put(out, ",\"buffer_bytes\":%" PRIu32 ",\"buffers_written\":%" PRIu32 ",\"events_lost\":%" PRIu32, s->buffer_bytes,
        s->buffers_written, s->events_lost);
    put(out, ",\"realtime_lost\":%" PRIu32 "}", s->realtime_lost);
}

void kernel_json_sessions(struct kernel *k, struct kernel_json *out)
{
    const char *comma = "";
    put(out, "[");
    for (uint32_t i = 0; i < KERNEL_SESSIONS; i++) {
        if (k->sessions[i].state == KERNEL_FREE)
            continue;
        put(out, "%s", comma);
        put_session(out, &k->sessions[i]);
        comma = ",";
    }
    put(out, "]\n");
}

void kernel_json_calls(struct kernel *k, struct kernel_json *out)
{
    put(out, "{");
    for (uint32_t i = 0; i < k->call_count; i++)
        put(out, "%s\"%s\":{\"calls\":%" PRIu64 ",\"refused\":%" PRIu64 "}", i ? "," : "", k->calls[i].operation,
            k->calls[i].calls, k->calls[i].refused);
    put(out, "}\n");
}

static void put_row(struct kernel *k, struct kernel_json *out, const struct kernel_truth *r)
{
    const uint64_t *l = r->lost;
    const uint64_t *o = r->overwritten;
    const uint64_t *m = r->missed;
    put(out, "{\"pid\":%" PRIu32 ",\"process\":%" PRIu64 ",\"type\":", r->pid, r->serial);
    put_text(out, &k->types[r->type].name);
    put(out, ",\"index\":%u,\"creates\":%" PRIu64 ",\"closes\":%" PRIu64 ",\"duplicates\":%" PRIu64,
        k->types[r->type].index, r->logged[KERNEL_CREATE], r->logged[KERNEL_CLOSE], r->logged[KERNEL_DUPLICATE]);
    put(out, ",\"lost_creates\":%" PRIu64 ",\"lost_closes\":%" PRIu64 ",\"lost_duplicates\":%" PRIu64, l[KERNEL_CREATE],
        l[KERNEL_CLOSE], l[KERNEL_DUPLICATE]);
    put(out, ",\"overwritten_creates\":%" PRIu64 ",\"overwritten_closes\":%" PRIu64, o[KERNEL_CREATE], o[KERNEL_CLOSE]);
    put(out, ",\"overwritten_duplicates\":%" PRIu64, o[KERNEL_DUPLICATE]);
    put(out, ",\"missed_creates\":%" PRIu64 ",\"missed_closes\":%" PRIu64, m[KERNEL_CREATE], m[KERNEL_CLOSE]);
    put(out, ",\"missed_duplicates\":%" PRIu64, m[KERNEL_DUPLICATE]);
    put(out, ",\"swept\":%" PRIu64 ",\"open_at_rundown\":%" PRIu64 "}", r->swept, r->rundown);
}

void kernel_json_truth(struct kernel *k, struct kernel_json *out, bool one, uint32_t pid)
{
    put(out, "{\"unheard_closes\":%" PRIu64 ",\"sessions\":[", k->unheard_closes);
    for (uint32_t i = 0; i < k->report_count; i++) {
        const struct kernel_report *r = k->reports[i];
        put(out, "%s{\"name\":", i ? "," : "");
        put_text(out, &r->name);
        put(out, ",\"logger\":%u,\"over\":%s,\"events_lost\":%" PRIu32 ",\"bytes\":%" PRIu64, r->logger,
            r->over ? "true" : "false", r->events_lost, r->bytes);
        put(out, ",\"pauses\":%" PRIu32 ",\"longest_pause_us\":%" PRIu64 ",\"rows\":[", r->pauses, r->longest_pause);
        const char *comma = "";
        for (uint32_t j = 0; j < r->row_count; j++) {
            if (one && r->rows[j].pid != pid)
                continue;
            put(out, "%s", comma);
            put_row(k, out, &r->rows[j]);
            comma = ",";
        }
        put(out, "]}");
    }
    put(out, "]}\n");
}

void kernel_json_dialects(struct kernel_json *out)
{
    put(out, "[");
    for (uint32_t i = 0; kernel_dialect_at(i); i++)
        put(out, "%s{\"name\":\"%s\",\"about\":\"%s\"}", i ? "," : "", kernel_dialect_at(i)->name,
            kernel_dialect_at(i)->about);
    put(out, "]\n");
}

struct kernel_report *kernel_report_new(struct kernel *k, const struct kernel_session *s)
{
    struct kernel_report *r = kernel_alloc(sizeof *r);
    r->logger = s->id;
    r->name = kernel_text_copy(s->name.data, s->name.length * 2);
    k->reports = kernel_grow(k->reports, &k->report_room, k->report_count + 1, sizeof(struct kernel_report *));
    k->reports[k->report_count++] = r;
    return r;
}

static void free_report(struct kernel_report *r)
{
    kernel_text_free(&r->name);
    free(r->rows);
    free(r);
}

/* Those of sessions that have ended. */
void kernel_reports_forget(struct kernel *k)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < k->report_count; i++) {
        if (k->reports[i]->over)
            free_report(k->reports[i]);
        else
            k->reports[kept++] = k->reports[i];
    }
    k->report_count = kept;
}

void kernel_reports_free(struct kernel *k)
{
    for (uint32_t i = 0; i < k->report_count; i++)
        free_report(k->reports[i]);
    free(k->reports);
}
