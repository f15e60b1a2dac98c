/* Fuzzes everything that reads a trace: both ways of reading, payload decoders, info's output, verify. */
#include "fuzz/memory_file.h"

#include "core/etl/handle_events.h"
#include "core/etl/info.h"
#include "core/etl/verify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

/* Touches every byte that a record leads to. */
static volatile uint8_t sink;
static void touch(const uint8_t *p, size_t n)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + p[i]);
    sink = sum;
}

static void decode(const struct etl_record *r)
{
    struct etl_handle_event handle;
    struct etl_type_event type;
    struct etl_image_event image;
    struct etl_process_event process;
    struct etl_stack_event stack;
    struct etl_stack_key_event key;
    touch(r->payload, r->payload_size);
    touch(r->extended, r->extended_size);
    touch(r->provider, r->provider ? 16 : 0);
    if (etl_handle_event(r, &handle))
        touch(handle.name.bytes, handle.name.units * 2);
    if (etl_type_event(r, &type))
        touch(type.name.bytes, type.name.units * 2);
    if (etl_image_event(r, &image))
        touch(image.name.bytes, image.name.units * 2);
    if (etl_process_event(r, &process)) {
        touch(process.image, process.image_size);
        touch(process.command.bytes, process.command.units * 2);
    }
    if (etl_stack_event(r, &stack))
        touch(stack.frames, stack.frame_count * stack.pointer_size);
    if (etl_stack_key_event(r, &key))
        touch(key.frames, key.frame_count * key.pointer_size);
}

static void print(const struct etl_info *info)
{
    struct text out = {0};
    struct json j = {.out = &out};
    etl_info_json(info, "fuzz.etl", &j);
    check(!out.failed && text_is_utf8(out.s, out.len));
    text_clear(&out);
    etl_info_text(info, "fuzz.etl", &out);
    check(!out.failed);
    text_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct etl_trace *t = NULL;
    struct etl_info info;
    struct etl_verify_result verified;
    memory_file_set(data, size);
    if (!etl_open("fuzz.etl", &t, &err)) {
        check(err.code == ERR_FORMAT || err.code == ERR_TRUNCATED);
        return 0;
    }
    const struct etl_record *r = NULL;
    enum etl_step step = ETL_STEP_OK;
    while ((step = etl_next(t, &r, &err)) == ETL_STEP_OK)
        decode(r);
    struct etl_stats merged = *etl_stats(t);
    etl_close(t);
    if (step == ETL_STEP_FAILED) {
        check(err.code == ERR_RANGE);
        return 0;
    }
    check(etl_info_read("fuzz.etl", &info, &err));
    check(info.stats.events == merged.events && info.stats.skipped == merged.skipped);
    check(info.stats.buffers == merged.buffers && info.stats.damaged_buffers == merged.damaged_buffers);
    check(info.stats.truncated == merged.truncated && info.stats.last_time == merged.last_time);
    print(&info);
    bool whole = etl_verify("fuzz.etl", &verified, &err);
    check(!whole || !etl_info_damaged(&info));
    etl_info_free(&info);
    return 0;
}
