/* Fuzzes the XPRESS decoder: the first two bytes are the room, the rest is the blob. */
#include "core/etl/xpress.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t room = (size_t)(data[0] | (unsigned)data[1] << 8);
    uint8_t *out = malloc(room ? room : 1);
    uint8_t *again = malloc(room ? room : 1);
    size_t made = SIZE_MAX;
    if (!out || !again)
        abort();
    enum xpress_result result = xpress_unpack(data + 2, size - 2, out, room, &made);
    check(made <= room);
    check((result == XPRESS_OK) == (made == room));
    /* What was made before an early end is what a smaller room gives. */
    size_t same = 0;
    check(xpress_unpack(data + 2, size - 2, again, made, &same) == XPRESS_OK || result == XPRESS_CORRUPT);
    check(same <= made && memcmp(out, again, same) == 0);
    free(out);
    free(again);
    return 0;
}
