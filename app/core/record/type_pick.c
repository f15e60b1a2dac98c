/* Lists the types a person may pick; those sharing a tag belong together in the kernel's filter. */
#include "core/record/type_pick.h"

#include "core/base/text.h"
#include "core/profile/type_names.h"

#include <stdlib.h>
#include <string.h>

/* In the order in which leaks are found in practice. */
static const char *const suspects[] = {
    "Event",     "File",   "Process", "Thread", "Key",       "Section",
    "Semaphore", "Mutant", "Token",   "Timer",  "ALPC Port", "EtwRegistration",
};

#define COUNT_OF(a) (sizeof(a) / sizeof(a)[0])

/* Before the first count, and where the system does not tell its types: the known ones. */
static size_t name_count(const struct snapshot *s)
{
    if (s && s->type_count)
        return s->type_count;
    size_t n = 0;
    while (type_names_known[n])
        n++;
    return n;
}

static const char *name_at(const struct snapshot *s, size_t i)
{
    return s && s->type_count ? s->types[i].name : type_names_known[i];
}

unsigned type_pick_of_tag(uint32_t tag, const struct snapshot *counts, char first[SYS_TYPE_NAME_MAX])
{
    unsigned found = 0;
    size_t n = name_count(counts);
    first[0] = 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = name_at(counts, i);
        if (profile_tag(name) != tag)
            continue;
        if (!found++)
            text_put(first, SYS_TYPE_NAME_MAX, name);
    }
    return found;
}

static size_t suspect_rank(const char *name)
{
    size_t i = 0;
    while (i < COUNT_OF(suspects) && strcmp(suspects[i], name) != 0)
        i++;
    return i;
}

static int by_rank(const void *a, const void *b)
{
    const char *x = *(const char *const *)a;
    const char *y = *(const char *const *)b;
    size_t rx = suspect_rank(x);
    size_t ry = suspect_rank(y);
    if (rx != ry)
        return rx < ry ? -1 : 1;
    /* The tag is the start of the name: fellows stand together by name alone. */
    return strcmp(x, y);
}

void type_pick_each(const struct snapshot *counts, bool (*each)(void *ctx, const char *name, uint32_t tag), void *ctx)
{
    size_t n = name_count(counts);
    const char **sorted = malloc((n + 1) * sizeof *sorted);
    if (!sorted)
        return;
    for (size_t i = 0; i < n; i++)
        sorted[i] = name_at(counts, i);
    qsort(sorted, n, sizeof *sorted, by_rank);
    for (size_t i = 0; i < n; i++)
        if (!each(ctx, sorted[i], profile_tag(sorted[i])))
            break;
    free(sorted);
}
