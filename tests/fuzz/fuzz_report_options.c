/* Fuzzes what a user or a lab gives to a report: options and their values, limits, and a baseline file. */
#include "fuzz/memory_file.h"

#include "core/report/json_pull.h"
#include "core/report/judge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
    if (!ok)
        abort();
}

/* Arguments are texts that end with NUL. */
static void options(char *bytes, size_t size)
{
    struct report_options o = {0};
    struct err err = {0};
    char *end = bytes + size;
    for (char *arg = bytes; arg < end;) {
        char *value = arg + strlen(arg) + 1;
        int arity = report_option_arity(arg, OPTION_OF_REPORT | OPTION_OF_DUMP);
        if (arity > 0 && value >= end)
            return;
        if (arity >= 0 && !report_option_set(&o, arg, arity ? value : NULL, &err)) {
            check(err.code == ERR_ARGUMENT || err.code == ERR_RANGE);
            return;
        }
        arg = arity > 0 ? value + strlen(value) + 1 : value;
    }
    check(o.filter.types.count <= FILTER_PATTERNS_MAX && o.filter.handles.count <= FILTER_PATTERNS_MAX);
    patterns_pass(&o.filter.types, "Event");
    patterns_pass_process(&o.filter.processes, "app.exe", 4711);
    const char *frames[] = {"app.exe+0x1234", ""};
    filter_frame_texts(&o.filter, frames, 2);
    judge_check(&o, &err);
}

/* Walks anything: every value is entered, taken or skipped. */
static void pull(const char *bytes, size_t size)
{
    struct json_pull j = {.at = bytes, .end = bytes + size};
    struct text t = {0};
    uint64_t n = 0;
    if (json_pull_enter(&j, '{'))
        while (json_pull_key(&j)) {
            if (j.key[0] == 's')
                json_pull_string(&j, &t);
            else if (j.key[0] == 'n')
                json_pull_u64(&j, &n);
            else if (json_pull_enter(&j, '['))
                while (json_pull_item(&j))
                    json_pull_skip(&j);
        }
    check(j.at <= j.end);
    text_free(&t);
}

static void baseline(const uint8_t *bytes, size_t size)
{
    struct report r = {0};
    struct report_options o = {.baseline = "old.json"};
    struct text lines = {0};
    struct err err = {0};
    bool failed = true;
    r.options = &o;
    memory_file_set(bytes, size);
    bool ok = judge_baseline(&r, &lines, &failed, &err);
    check(ok ? !failed : err.code == ERR_FORMAT);
    text_free(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    char *copy = malloc(size);
    check(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = 0;
    if (data[0] & 1)
        options(copy, size - 1);
    else
        pull(copy, size - 1);
    baseline(data + 1, size - 1);
    free(copy);
    return 0;
}
