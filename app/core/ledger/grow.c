/* Grows arrays by doubling. */
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool grow_array_more(void *array, uint32_t *room, uint32_t count, size_t size)
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
    memset(p + (size_t)*room * size, 0, ((size_t)more - *room) * size);
    memcpy(array, &p, sizeof p);
    *room = (uint32_t)more;
    return true;
}
