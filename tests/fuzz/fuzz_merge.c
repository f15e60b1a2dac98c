/* Fuzzes merging: two files cut from the input become one. What the files hold together the merged one holds, in the
 * same order as far as the times of each processor's events go up; merged again it is the same; a failure leaves
 * nothing. */
#include "fuzz/memory_file.h"

#include "core/etl/merge.h"
#include "core/etl/union.h"
#include "core/etl/writer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

struct sum {
    uint64_t events;
    uint64_t digest; /* in any order */
};

static struct sum sum_of(const char *const *files, unsigned count)
{
    struct etl_union *u = NULL;
    struct err err = {0};
    struct sum s = {0};
    const struct etl_record *r = NULL;
    check(etl_union_open(files, count, &u, &err));
    while (etl_union_next(u, &r, &err) == ETL_STEP_OK) {
        if (r->malformed)
            continue;
        s.events++;
        s.digest += etl_record_digest(r->processor, r->bytes, r->size);
    }
    check(err.code == ERR_NONE || err.code == ERR_RANGE);
    etl_union_close(u);
    return s;
}

static void same(struct sum a, struct sum b)
{
    check(a.events == b.events);
    check(a.digest == b.digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.etl", "b.etl"};
    static const char *const out[] = {"out.etl"};
    const struct merge_input inputs[] = {{names[0], false}, {names[1], true}};
    const struct etl_mark mark = {.text = "mark", .clock_ns = 100000};
    if (size < 3)
        return 0;
    size_t first = (size_t)(data[1] | (unsigned)data[2] << 8);
    unsigned count = 1 + (data[0] & 1);
    data += 3;
    size -= 3;
    first = first < size ? first : size;
    memory_file_set(NULL, 0);
    memory_file_put(names[0], data, first);
    /* Twice the same file, or two. */
    if (first == size)
        memory_file_put(names[1], data, first);
    else
        memory_file_put(names[1], data + first, size - first);
    struct merge_options o = {.inputs = inputs, .input_count = count, .output = out[0]};
    struct merge_result result = {0};
    struct err err = {0};
    if (!merge_files(&o, &result, &err)) {
        check(err.code == ERR_FORMAT || err.code == ERR_TRUNCATED || err.code == ERR_RANGE || err.code == ERR_ARGUMENT);
        check(memory_file_count() == 2);
        return 0;
    }
    check(memory_file_count() == 3);
    struct sum expected = sum_of(names, count);
    same(sum_of(out, 1), expected);
    /* Again, into itself: only the marks are more. */
    const struct merge_input again = {out[0], false};
    o = (struct merge_options){
        .inputs = &again, .input_count = 1, .output = out[0], .replace = true, .marks = &mark, .mark_count = 1};
    size_t before = memory_file_size(out[0]);
    check(merge_files(&o, &result, &err));
    check(result.warnings == 0);
    check(sum_of(out, 1).events == expected.events + 1);
    check(result.written.marks >= 1);
    check(memory_file_size(out[0]) >= before || before == 0);
    check(memory_file_count() == 3);
    memory_file_set(NULL, 0);
    return 0;
}
