/* Prints the facts of a trace as JSON and as text. */
#include "core/etl/info.h"

#include "core/etl/hooks.h"

#include <stdio.h>

struct mode_row {
    uint32_t bit;
    const char *name;
};

static const struct mode_row modes[] = {
    {0x1, "sequential"},
    {0x2, "circular"},
    {0x4, "append"},
    {0x8, "newfile"},
    {0x20, "preallocate"},
    {0x40, "nonstoppable"},
    {0x80, "secure"},
    {0x100, "realtime"},
    {0x400, "buffering"},
    {0x800, "private"},
    {0x1000, "addheader"},
    {0x2000, "kilobytes"},
    {0x10000, "relogged"},
    {0x20000, "private-in-proc"},
    {0x1000000, "paged"},
    {0x2000000, "system-logger"},
    {0x4000000, "compressed"},
    {0x8000000, "independent"},
    {0x10000000, "no-per-processor"},
};

static void loss(struct json *j, const char *name, bool known, uint32_t value)
{
    if (known)
        json_u64(j, name, value);
    else
        json_null(j, name);
}

static void count_json(const struct etl_count *c, struct json *j)
{
    json_object(j, NULL);
    if (c->kind == ETL_KERNEL) {
        char hook[8];
        char name[ETL_HOOK_NAME];
        snprintf(hook, sizeof hook, "0x%04X", c->hook);
        etl_hook_name(c->hook, name);
        json_string(j, "hook", hook);
        json_string(j, "name", name);
    } else {
        char guid[ETL_GUID_TEXT];
        etl_guid_text(c->provider, guid);
        json_string(j, "provider", guid);
        if (c->kind == ETL_EVENT)
            json_u64(j, "id", c->id);
        else
            json_null(j, "id");
        json_u64(j, "opcode", c->opcode);
    }
    json_u64(j, "count", c->count);
    json_end_object(j);
}

void etl_info_json(const struct etl_info *info, const char *file, struct json *j)
{
    const struct etl_header *h = &info->header;
    char start[ETL_TIME_TEXT];
    etl_filetime_text(h->start_time, start);
    json_object(j, NULL);
    json_string(j, "file", file);
    json_u64(j, "bytes", info->bytes);
    json_u64(j, "osBuild", h->os_build);
    json_u64(j, "pointerSize", h->pointer_size);
    json_u64(j, "processors", h->processors);
    json_string(j, "clock", etl_clock_name(h->clock));
    json_u64(j, "bufferSize", h->buffer_size);
    json_u64(j, "buffers", info->stats.buffers);
    json_u64(j, "mode", h->mode);
    json_string(j, "start", h->start_time ? start : NULL);
    json_real(j, "durationSeconds", etl_info_seconds(info), 7);
    loss(j, "eventsLost", info->losses_known, h->events_lost);
    loss(j, "buffersLost", info->losses_known, h->buffers_lost);
    json_bool(j, "compressed", info->stats.packed_buffers || (h->mode & ETL_MODE_COMPRESSED));
    json_u64(j, "events", info->stats.events);
    json_bool(j, "truncated", info->stats.truncated);
    json_u64(j, "damagedBuffers", info->stats.damaged_buffers);
    json_array(j, "counts");
    for (size_t i = 0; i < info->count_count; i++)
        count_json(&info->counts[i], j);
    json_end_array(j);
    json_end_object(j);
}

static void mode_text(uint32_t mode, struct text *out)
{
    text_addf(out, "0x%X", mode);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (mode & modes[i].bit)
            text_addf(out, " %s", modes[i].name);
}

static void loss_text(const char *name, bool known, uint32_t value, struct text *out)
{
    if (known)
        text_addf(out, "%s%u\n", name, value);
    else
        text_addf(out, "%sunknown (the file was not closed, or comes from a ring)\n", name);
}

static void count_text(const struct etl_count *c, struct text *out)
{
    if (c->kind == ETL_KERNEL) {
        char name[ETL_HOOK_NAME];
        etl_hook_name(c->hook, name);
        text_addf(out, "%12llu  0x%04X  %s\n", (unsigned long long)c->count, c->hook, name);
        return;
    }
    char guid[ETL_GUID_TEXT];
    etl_guid_text(c->provider, guid);
    text_addf(out, "%12llu  %s  ", (unsigned long long)c->count, guid);
    if (c->kind == ETL_EVENT)
        text_addf(out, "id %u  ", c->id);
    text_addf(out, "opcode %u\n", c->opcode);
}

void etl_info_text(const struct etl_info *info, const char *file, struct text *out)
{
    const struct etl_header *h = &info->header;
    const struct etl_stats *s = &info->stats;
    char start[ETL_TIME_TEXT];
    etl_filetime_text(h->start_time, start);
    text_addf(out, "File             %s\n", file);
    text_addf(out, "Size             %llu bytes, %llu buffers of %u bytes%s\n", (unsigned long long)info->bytes,
              (unsigned long long)s->buffers, h->buffer_size, s->packed_buffers ? ", compressed" : "");
    text_addf(out, "Session          %s\n", info->logger_name[0] ? info->logger_name : "(no name)");
    text_addf(out, "System           build %u, %u processors, %u-bit controller\n", h->os_build, h->processors,
              h->pointer_size * 8);
    text_addf(out, "Started          %s, %.3f s long, clock %s\n", start, etl_info_seconds(info),
              etl_clock_name(h->clock));
    text_add(out, "Mode             ");
    mode_text(h->mode, out);
    text_add(out, "\n");
    loss_text("Events lost      ", info->losses_known, h->events_lost, out);
    loss_text("Buffers lost     ", info->losses_known, h->buffers_lost, out);
    text_addf(out, "Damage           %s%llu damaged buffers\n",
              s->truncated ? "the file ends early or was not closed; " : "", (unsigned long long)s->damaged_buffers);
    text_addf(out, "Events           %llu", (unsigned long long)s->events);
    if (s->skipped)
        text_addf(out, " and %llu other records, not read", (unsigned long long)s->skipped);
    text_add(out, "\n");
    for (unsigned i = 0; i < 256; i++)
        if (info->by_header[i])
            text_addf(out, "                 %12llu %s\n", (unsigned long long)info->by_header[i],
                      etl_header_type_name(i));
    text_add(out, "\nCounts\n");
    for (size_t i = 0; i < info->count_count; i++)
        count_text(&info->counts[i], out);
}
