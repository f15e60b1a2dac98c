/* Fuzzes carrying forward: what is carried holds as many events as handles are open; carried again it holds no more; a
 * failure leaves nothing. */
#include "fuzz/memory_file.h"

#include "core/finish/carry.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct merge_input inputs[] = {{"a.etl", false}, {"b.etl", false}};
    const struct merge_input carried = {"out.etl", false};
    if (size < 3)
        return 0;
    size_t first = (size_t)(data[1] | (unsigned)data[2] << 8);
    unsigned count = 1 + (data[0] & 1);
    data += 3;
    size -= 3;
    first = first < size ? first : size;
    memory_file_set(NULL, 0);
    memory_file_put(inputs[0].path, data, first);
    if (first == size)
        memory_file_put(inputs[1].path, data, first);
    else
        memory_file_put(inputs[1].path, data + first, size - first);
    struct carry_options o = {.inputs = inputs, .input_count = count, .output = carried.path};
    struct carry_result result = {0};
    struct err err = {0};
    if (!carry_forward(&o, &result, &err)) {
        check(err.code == ERR_FORMAT || err.code == ERR_TRUNCATED || err.code == ERR_RANGE || err.code == ERR_ARGUMENT);
        check(memory_file_count() == 2);
        return 0;
    }
    struct etl_verify_result v;
    check(memory_file_count() == 3);
    check(etl_verify(carried.path, &v, &err));
    check(v.creates + v.duplicates == result.handles);
    check(v.stacks == result.stacks);
    check(v.closes == 0 && v.handles_listed == 0);
    struct carry_result again = {0};
    o = (struct carry_options){.inputs = &carried, .input_count = 1, .output = carried.path, .replace = true};
    check(carry_forward(&o, &again, &err));
    check(again.warnings == 0);
    check(again.handles <= result.handles);
    check(again.stacks <= result.stacks);
    check(memory_file_count() == 3);
    memory_file_set(NULL, 0);
    return 0;
}
