/* Tags, and the default profile. */
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
