/* Grows arrays by doubling. */
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool grow_list_more(void *array, uint32_t *room, uint32_t count, size_t size)
{
    uint64_t more = *room ? (uint64_t)*room * 2 : 16;
    while (more < count)
        more *= 2;
    if (more > UINT32_MAX || more > SIZE_MAX / size)
        return false;
    void *old = NULL;
    memcpy(&old, array, sizeof old);
    char *p = realloc(old, (size_t)more * size);
    if (!p)
        return false;
    memcpy(array, &p, sizeof p);
    *room = (uint32_t)more;
    return true;
}

bool grow_array_more(void *array, uint32_t *room, uint32_t count, size_t size)
{
    uint32_t before = *room;
    char *p = NULL;
    if (!grow_list_more(array, room, count, size))
        return false;
    memcpy(&p, array, sizeof p);
    memset(p + (size_t)before * size, 0, (size_t)(*room - before) * size);
    return true;
}
