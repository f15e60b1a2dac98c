/* TraceSetInformation, TraceQueryInformation, and the system information class 31 under them. */
#include "kernel_state.h"

#include <string.h>

enum { INFO_STACKS = 3, INFO_MASKS = 4 };
enum { NT_MASKS = 1, NT_STACKS = 6, NT_STACK_CACHE = 16, NT_TAGS = 17 };
#define CLASSIC_ID_BYTES 24u

static const struct {
    uint8_t guid[16];
    uint8_t group;
} groups[] = {
    {{0x50, 0x7f, 0x49, 0x89, 0xfe, 0xef, 0x40, 0x44, 0x8c, 0xf2, 0xce, 0x6b, 0x1c, 0xdc, 0xac, 0xa7},
     0x11}, /* Object */
    {{0xd0, 0xa8, 0x6f, 0x3d, 0x05, 0xfe, 0xd0, 0x11, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c},
     0x03}, /* Process */
    {{0xd1, 0xa8, 0x6f, 0x3d, 0x05, 0xfe, 0xd0, 0x11, 0x9d, 0xda, 0x00, 0xc0, 0x4f, 0xd7, 0xba, 0x7c},
     0x05}, /* Thread */
    {{0x1d, 0x5d, 0xb1, 0x2c, 0xc1, 0x5f, 0xd2, 0x11, 0xab, 0xe1, 0x00, 0xa0, 0xc9, 0x11, 0xf5, 0x18},
     0x14}, /* Image */
};

static struct kernel_session *wait_idle(struct kernel *k, uint64_t handle)
{
    struct kernel_session *s = kernel_session_by_handle(k, handle);
    while (s && s->busy) {
        k->host.wait_writer(k->host.context);
        s = kernel_session_by_handle(k, handle);
    }
    return s;
}

static uint32_t set_stacks(struct kernel *k, struct kernel_session *s, const struct kernel_call *c)
{
    uint32_t n = c->message->length / CLASSIC_ID_BYTES;
    bool null = c->message->flags & KSIM_CALL_NULL_BLOCK;
    if (c->message->length % CLASSIC_ID_BYTES || n > KERNEL_HOOKS_MAX || (n == 0) != null)
        return KE_INVALID_PARAMETER;
    if (c->block_bytes < c->message->length)
        return KE_INVALID_PARAMETER;
    s->hook_count = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *id = c->block + (size_t)i * CLASSIC_ID_BYTES;
        for (uint32_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
            if (memcmp(groups[g].guid, id, 16) == 0)
                s->hooks[s->hook_count++] = (uint16_t)(groups[g].group << 8 | id[16]);
        }
        /* Image load is an event of the Process group in the file, but of the Image GUID here. */
        if (s->hook_count && s->hooks[s->hook_count - 1] == 0x140A)
            s->hooks[s->hook_count - 1] = 0x030A;
    }
    kernel_interest(k);
    return KE_OK;
}

/* Words that were not passed become zero. */
static void set_masks(struct kernel *k, struct kernel_session *s, const uint8_t *words, uint32_t bytes)
{
    uint32_t masks[8] = {0};
    for (uint32_t i = 0; i < bytes / 4; i++)
        masks[i] = kernel_get32(words + (size_t)4 * i);
    kernel_set_masks(k, s, masks, false);
}

uint32_t kernel_trace_set(struct kernel *k, struct kernel_call *c)
{
    uint32_t code = c->message->code;
    if (code != INFO_STACKS && code != INFO_MASKS)
        return KE_NOT_SUPPORTED;
    if (!c->elevated)
        return KE_ACCESS_DENIED;
    struct kernel_session *s = c->message->handle ? wait_idle(k, c->message->handle) : NULL;
    if (!s)
        return KE_INSTANCE_NOT_FOUND;
    if (code == INFO_STACKS)
        return set_stacks(k, s, c);
    uint32_t length = c->message->length;
    if (!s->system || length == 0 || length % 4 || length > 32 || c->block_bytes < length)
        return KE_INVALID_PARAMETER;
    set_masks(k, s, c->block, length);
    kernel_session_check(k, s);
    return KE_OK;
}

uint32_t kernel_trace_query(struct kernel *k, struct kernel_call *c)
{
    uint32_t code = c->message->code;
    if (code != INFO_STACKS && code != INFO_MASKS)
        return KE_NOT_SUPPORTED;
    if (!c->elevated)
        return KE_ACCESS_DENIED;
    const struct kernel_session *s = c->message->handle ? wait_idle(k, c->message->handle) : NULL;
    if (!s)
        return KE_INSTANCE_NOT_FOUND;
    if (code == INFO_MASKS) {
        if (!s->system)
            return KE_INVALID_PARAMETER;
        c->return_length = 32;
        if (c->message->out_room < 32)
            return KE_BAD_LENGTH;
        for (uint32_t i = 0; i < 8; i++)
            kernel_put32(c->out + (size_t)4 * i, s->masks[i]);
        c->out_bytes = 32;
        return KE_OK;
    }
    c->return_length = s->hook_count * CLASSIC_ID_BYTES;
    if (c->message->out_room < c->return_length)
        return KE_INSUFFICIENT_BUFFER;
    memset(c->out, 0, c->return_length);
    for (uint32_t i = 0; i < s->hook_count; i++) {
        uint16_t hook = s->hooks[i] == 0x030A ? 0x140A : s->hooks[i];
        for (uint32_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
            if (groups[g].group == hook >> 8)
                memcpy(c->out + (size_t)i * CLASSIC_ID_BYTES, groups[g].guid, 16);
        }
        c->out[i * CLASSIC_ID_BYTES + 16] = (uint8_t)hook;
    }
    c->out_bytes = c->return_length;
    return KE_OK;
}

static uint32_t nt_tags(const struct kernel *k, struct kernel_session *s, const uint8_t *b, uint32_t length)
{
    uint32_t n = (length - 16) / 4;
    if ((length - 16) % 4 || n > KERNEL_TAGS_MAX || !s->system)
        return KS_INVALID_PARAMETER;
    uint32_t tags[KERNEL_TAGS_MAX] = {0};
    bool all = n == 0;
    for (uint32_t i = 0; i < n; i++) {
        tags[i] = kernel_get32(b + 16 + (size_t)4 * i);
        all = all || (tags[i] & 0xFF) == '*' || tags[i] == 0x3F3F3F3Fu;
    }
    if (k->set.filter_ignored)
        return 0;
    memcpy(s->tags, tags, sizeof tags);
    s->tag_count = all ? 0 : n;
    return 0;
}

static uint32_t nt_stacks(struct kernel *k, struct kernel_session *s, const uint8_t *b, uint32_t length)
{
    uint32_t n = (length - 16) / 4;
    if ((length - 16) % 4 || n > KERNEL_HOOKS_MAX)
        return KS_INVALID_PARAMETER;
    for (uint32_t i = 0; i < n; i++)
        s->hooks[i] = (uint16_t)kernel_get32(b + 16 + (size_t)4 * i);
    s->hook_count = n;
    kernel_interest(k);
    return 0;
}

/* Sizes are bytes. It cannot be turned off again. */
static uint32_t nt_stack_cache(struct kernel_session *s, const uint8_t *b, uint32_t length)
{
    if (length != 32)
        return KS_INFO_LENGTH_MISMATCH;
    if (!s->system)
        return KS_INVALID_PARAMETER;
    return b[16] == 0 ? KS_NOT_SUPPORTED : kernel_cache_start(s, kernel_get32(b + 20), kernel_get32(b + 24));
}

static bool known_class(uint32_t class)
{
    return class == NT_MASKS || class == NT_STACKS || class == NT_STACK_CACHE || class == NT_TAGS;
}

uint32_t kernel_nt_set(struct kernel *k, struct kernel_call *c)
{
    uint32_t length = c->message->length;
    if (c->message->code != 31)
        return KS_INVALID_INFO_CLASS;
    if (length < 16 || c->block_bytes < length)
        return KS_INFO_LENGTH_MISMATCH;
    const uint8_t *b = c->block;
    uint32_t class = kernel_get32(b);
    if (!known_class(class))
        return KS_NOT_IMPLEMENTED;
    if (!c->elevated)
        return KS_ACCESS_DENIED;
    struct kernel_session *s = wait_idle(k, kernel_get64(b + 8));
    if (!s)
        return KS_NO_SUCH_LOGGER;
    if (class == NT_TAGS)
        return nt_tags(k, s, b, length);
    if (class == NT_STACKS)
        return nt_stacks(k, s, b, length);
    if (class == NT_STACK_CACHE)
        return nt_stack_cache(s, b, length);
    if (length != 48)
        return KS_INFO_LENGTH_MISMATCH;
    if (!s->system)
        return KS_INVALID_PARAMETER;
    set_masks(k, s, b + 16, 32);
    kernel_session_check(k, s);
    return 0;
}

/* Only the group masks can be asked for; filters and stack caches cannot. */
uint32_t kernel_nt_query(struct kernel *k, struct kernel_call *c)
{
    if (c->message->code != 31)
        return KS_INVALID_INFO_CLASS;
    if (c->message->length != 48 || c->block_bytes < 48)
        return KS_INFO_LENGTH_MISMATCH;
    if (kernel_get32(c->block) != NT_MASKS)
        return KS_NOT_IMPLEMENTED;
    if (!c->elevated)
        return KS_ACCESS_DENIED;
    const struct kernel_session *s = wait_idle(k, kernel_get64(c->block + 8));
    if (!s)
        return KS_NO_SUCH_LOGGER;
    if (!s->system)
        return KS_INVALID_PARAMETER;
    memcpy(c->out, c->block, 16);
    for (uint32_t i = 0; i < 8; i++)
        kernel_put32(c->out + 16 + (size_t)4 * i, s->masks[i]);
    c->out_bytes = c->return_length = 48;
    return 0;
}
