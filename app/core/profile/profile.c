/* Tags, the default profile, and the rules that every profile keeps. */
#include "core/profile/profile.h"

#include "core/base/text.h"

#include <string.h>

static uint32_t tag_of_bytes(const unsigned char b[4])
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

uint32_t profile_tag(const char *type_name)
{
    unsigned char b[4] = {' ', ' ', ' ', ' '};
    for (size_t i = 0; i < 4 && type_name[i]; i++)
        b[i] = (unsigned char)type_name[i];
    return tag_of_bytes(b);
}

void profile_tag_text(uint32_t tag, char out[5])
{
    size_t n = 0;
    for (unsigned i = 0; i < 4; i++) {
        out[i] = (char)(tag >> 8 * i & 0xFF);
        if (out[i] != ' ')
            n = i + 1u;
    }
    out[n] = 0;
}

void profile_default(struct profile *p)
{
    memset(p, 0, sizeof *p);
    text_put(p->name, sizeof p->name, "Handles");
    text_put(p->description, sizeof p->description, "All handle types, with the stacks of opening and duplicating.");
    p->stacks = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE;
    p->storage = PROFILE_FILE;
    p->buffer_kb = 1024;
    p->buffers = 64;
}

/* A tag that the kernel compares with names as they are: printable, not empty, no wildcard ('*' and '?' match
 * anything there). */
static bool tag_usable(uint32_t tag)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned char c = (unsigned char)(tag >> 8 * i & 0xFF);
        if (c < ' ' || c > '~' || c == '*' || c == '?')
            return false;
    }
    return (tag & 0xFF) != ' ';
}

static bool check_name(const struct profile *p, struct err *err)
{
    size_t n = strlen(p->name);
    bool ok = n > 0 && text_is_utf8(p->name, n) && p->name[0] != ' ' && p->name[n - 1] != ' ';
    for (size_t i = 0; ok && i < n; i++)
        ok = (unsigned char)p->name[i] >= ' ' && p->name[i] != 0x7F;
    if (ok)
        return true;
    err_set(err, ERR_ARGUMENT, "The profile's name is empty or has characters that a name cannot have");
    return err_remedy(err, "Give the profile a name of printable characters.");
}

static bool check_filter(const struct profile *p, struct err *err)
{
    if (p->tag_count > PROFILE_MAX_TAGS) {
        err_set(err, ERR_RANGE, "%u types are chosen; the system filters by at most %d", p->tag_count,
                PROFILE_MAX_TAGS);
        return err_remedy(err, "Choose fewer types, or record all of them.");
    }
    for (unsigned i = 0; i < p->tag_count; i++) {
        char tag[5];
        profile_tag_text(p->tags[i], tag);
        if (!tag_usable(p->tags[i])) {
            err_set(err, ERR_ARGUMENT, "Type filter slot %u is not the beginning of a type's name", i + 1);
            return err_remedy(err, "Choose a type from the list.");
        }
        for (unsigned k = 0; k < i; k++)
            if (p->tags[k] == p->tags[i]) {
                err_set(err, ERR_ARGUMENT, "The type filter has %s twice", tag);
                return err_remedy(err, "Remove one of them.");
            }
    }
    return true;
}

struct range {
    const char *what;
    uint32_t value;
    uint32_t least;
    uint32_t most;
};

static bool check_range(const struct range *r, struct err *err)
{
    if (r->value >= r->least && r->value <= r->most)
        return true;
    err_set(err, ERR_RANGE, "%s is %u; it can be %u to %u", r->what, r->value, r->least, r->most);
    return err_remedy(err, "Choose a value inside these limits.");
}

static bool check_buffers(const struct profile *p, struct err *err)
{
    const struct range size = {"The buffer size in KB", p->buffer_kb, PROFILE_BUFFER_KB_MIN, PROFILE_BUFFER_KB_MAX};
    if (!check_range(&size, err))
        return false;
    if (!p->buffers == !p->memory_percent) {
        err_set(err, ERR_ARGUMENT, "The profile says the amount of buffers %s",
                p->buffers ? "twice, as a number and as a share of the memory" : "nowhere");
        return err_remedy(err, "Give either a number of buffers or a share of the memory.");
    }
    const struct range count = {"The number of buffers", p->buffers, PROFILE_BUFFERS_MIN, PROFILE_BUFFERS_MAX};
    const struct range share = {"The share of memory in percent", p->memory_percent, 1, 100};
    return check_range(p->buffers ? &count : &share, err);
}

bool profile_check(const struct profile *p, struct err *err)
{
    if (!check_name(p, err) || !check_filter(p, err))
        return false;
    if (p->stacks & ~(unsigned)(PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE | PROFILE_STACK_CLOSE))
        return err_set(err, ERR_ARGUMENT, "The stack switches hold an unknown bit (0x%X)", p->stacks);
    if (p->storage != PROFILE_FILE && p->storage != PROFILE_RING && p->storage != PROFILE_CIRCULAR)
        return err_set(err, ERR_ARGUMENT, "The kind of storage is unknown (%d)", (int)p->storage);
    if (!check_buffers(p, err))
        return false;
    if (p->storage == PROFILE_CIRCULAR && !p->max_file_mb) {
        err_set(err, ERR_ARGUMENT, "A circular file needs a maximum size");
        return err_remedy(err, "Give the maximum size in MB.");
    }
    if (p->stack_cache && (!p->stack_cache_kb || !p->stack_cache_buckets)) {
        err_set(err, ERR_ARGUMENT, "Stack caching needs a size and a number of buckets");
        return err_remedy(err, "Give both, or switch stack caching off.");
    }
    return true;
}
