/* Fills and reads the block of properties that sessions are controlled with. Trusts no offset that came back. */
#include "win/trace_block.h"

#include "core/base/text.h"

#include <stddef.h>
#include <string.h>
#include <wchar.h>

const GUID trace_ob_class = {0x89497f50, 0xeffe, 0x4440, {0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7}};

_Static_assert(sizeof(GUID) == sizeof(struct trace_guid), "a GUID is 16 bytes");

static const GUID system_trace = {0x9e814aad, 0x3204, 0x11d2, {0x9a, 0x82, 0x00, 0x60, 0x08, 0xa8, 0x69, 0x39}};
static const GUID circular_kernel = {0x54dea73a, 0xed1f, 0x42a4, {0xaf, 0x71, 0x3e, 0x63, 0xd0, 0x56, 0xf1, 0x74}};

void trace_block_init(struct trace_block *b, const struct trace_guid *guid)
{
    memset(b, 0, sizeof *b);
    b->p.Wnode.BufferSize = sizeof *b;
    b->p.Wnode.Flags = WNODE_FLAG_TRACED_GUID;
    if (guid)
        memcpy(&b->p.Wnode.Guid, guid->bytes, sizeof guid->bytes);
    b->p.LoggerNameOffset = offsetof(struct trace_block, name);
    b->p.LogFileNameOffset = offsetof(struct trace_block, path);
}

bool trace_block_path(struct trace_block *b, const char *path, struct err *err)
{
    size_t units = text_to_utf16(path, NULL, 0);
    if (units >= TRACE_BLOCK_NAME) {
        err_set(err, ERR_RANGE, "Recording to a path of %u characters; the system allows %d", (unsigned)units,
                TRACE_BLOCK_NAME - 1);
        return err_remedy(err, "Choose a shorter path.");
    }
    text_to_utf16(path, (uint16_t *)b->path, units);
    b->path[units] = 0;
    b->p.LogFileNameOffset = offsetof(struct trace_block, path);
    return true;
}

bool trace_block_is(const struct trace_block *b, const struct trace_guid *guid)
{
    return memcmp(&b->p.Wnode.Guid, guid->bytes, sizeof guid->bytes) == 0;
}

/* A name at an offset that the system may have moved; empty when it does not lie in the block. */
static void put_name(const struct trace_block *b, ULONG offset, char *out, size_t size)
{
    WCHAR name[TRACE_BLOCK_NAME];
    size_t units = 0;
    if (offset >= sizeof b->p && offset < sizeof *b && offset % sizeof(WCHAR) == 0) {
        const WCHAR *s = (const WCHAR *)((const unsigned char *)b + offset);
        size_t most = (sizeof *b - offset) / sizeof(WCHAR);
        while (units < most && units < TRACE_BLOCK_NAME - 1 && s[units])
            units++;
        wmemcpy(name, s, units);
    }
    name[units] = 0;
    utf16_put_utf8(out, size, name);
}

void trace_block_status(const struct trace_block *b, struct trace_status *out)
{
    *out = (struct trace_status){
        .buffer_kb = b->p.BufferSize,
        .buffers = b->p.NumberOfBuffers,
        .buffers_free = b->p.FreeBuffers,
        .buffers_written = b->p.BuffersWritten,
        .events_lost = b->p.EventsLost,
        .buffers_lost = b->p.LogBuffersLost,
        .real_time_lost = b->p.RealTimeBuffersLost,
        .mode = b->p.LogFileMode,
    };
    put_name(b, b->p.LogFileNameOffset, out->path, sizeof out->path);
}

void trace_block_listing(const struct trace_block *b, struct trace_listing *out)
{
    memset(out, 0, sizeof *out);
    out->session.handle = b->p.Wnode.HistoricalContext;
    memcpy(out->session.guid.bytes, &b->p.Wnode.Guid, sizeof out->session.guid.bytes);
    put_name(b, b->p.LoggerNameOffset, out->session.name, sizeof out->session.name);
    trace_block_status(b, &out->status);
    out->system_logger = (b->p.LogFileMode & EVENT_TRACE_SYSTEM_LOGGER_MODE) != 0 ||
                         memcmp(&b->p.Wnode.Guid, &system_trace, sizeof system_trace) == 0 ||
                         memcmp(&b->p.Wnode.Guid, &circular_kernel, sizeof circular_kernel) == 0;
}
