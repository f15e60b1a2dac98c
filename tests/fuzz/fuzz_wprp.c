/* Fuzzes the sink of the .wprp reader. The input is a sequence of calls: each byte chooses one, a name or value from
 * the schema's words or from the input itself. Whatever is accepted must be a profile that keeps all rules, and what is
 * written of it must be read as the same profile. */
#include "core/base/text.h"
#include "core/profile/profile.h"
#include "core/profile/wprp.h"
#include "core/profile/wprp_write.h"
#include "unit/profile/sink.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const words[] = {
    "WindowsPerformanceRecorder",
    "Profiles",
    "SystemCollector",
    "SystemProvider",
    "Profile",
    "Collectors",
    "SystemCollectorId",
    "SystemProviderId",
    "Keywords",
    "Keyword",
    "CustomKeyword",
    "Stacks",
    "Stack",
    "BufferSize",
    "Buffers",
    "StackCaching",
    "MaximumFileSize",
    "EventCollector",
    "EventProvider",
    "PoolTags",
    "Version",
    "Author",
    "Comments",
    "Id",
    "Base",
    "Name",
    "Description",
    "LoggingMode",
    "DetailLevel",
    "Value",
    "Operation",
    "PercentageOfTotalMemory",
    "BucketCount",
    "CacheSize",
    "FileMode",
    "Realtime",
    "Strict",
    "Set",
    "Add",
    "Remove",
    "File",
    "Memory",
    "Light",
    "Verbose",
    "Circular",
    "Sequential",
    "true",
    "1.0",
    "a",
    "b",
    "c",
    "d",
    "Handle",
    "Loader",
    "HandleCreate",
    "HandleClose",
    "HandleDuplicate",
    "ImageLoad",
    "0x80000040",
    "0x1",
    "2",
    "64",
    "100",
    "1024",
    "HandleRecorder:1;types=Even,File",
    "HandleRecorder:1;storage=ring",
    "HandleRecorder:1;types=%41;maxMB=7",
    "HandleRecorder:1;storage=circular;maxMB=64",
    "See HandleRecorder:1;title=A%20%26;live=1;stopAfterS=9;holdCount=5;holdType=Key also",
    "HandleRecorder:1;segmentMin=5;keepMB=99;growPerMin=7",
};
#define WORDS (sizeof words / sizeof words[0])

/* A whole profile as calls. The input's calls are put in somewhere between them, so that most inputs get as far as to
 * their meaning. */
enum call { ELEMENT, ATTRIBUTE, END };
static const struct {
    enum call call;
    const char *name;
    const char *value;
} whole[] = {
    {ELEMENT, "WindowsPerformanceRecorder", ""},
    {ATTRIBUTE, "Version", "1.0"},
    {ELEMENT, "Profiles", ""},
    {ELEMENT, "SystemCollector", ""},
    {ATTRIBUTE, "Id", "a"},
    {ELEMENT, "Buffers", ""},
    {ATTRIBUTE, "Value", "64"},
    {END, "", ""},
    {END, "", ""},
    {ELEMENT, "SystemProvider", ""},
    {ATTRIBUTE, "Id", "b"},
    {ELEMENT, "Keywords", ""},
    {ELEMENT, "Keyword", ""},
    {ATTRIBUTE, "Value", "Handle"},
    {END, "", ""},
    {END, "", ""},
    {ELEMENT, "Stacks", ""},
    {ELEMENT, "Stack", ""},
    {ATTRIBUTE, "Value", "HandleCreate"},
    {END, "", ""},
    {END, "", ""},
    {END, "", ""},
    {ELEMENT, "Profile", ""},
    {ATTRIBUTE, "Id", "c"},
    {ATTRIBUTE, "Name", "d"},
    {ATTRIBUTE, "Description", "d"},
    {ATTRIBUTE, "LoggingMode", "File"},
    {ATTRIBUTE, "DetailLevel", "Light"},
    {ELEMENT, "Collectors", ""},
    {ELEMENT, "SystemCollectorId", ""},
    {ATTRIBUTE, "Value", "a"},
    {ELEMENT, "SystemProviderId", ""},
    {ATTRIBUTE, "Value", "b"},
    {END, "", ""},
    {END, "", ""},
    {END, "", ""},
    {END, "", ""},
    {END, "", ""},
    {END, "", ""},
};
#define WHOLE (sizeof whole / sizeof whole[0])

struct input {
    const uint8_t *p;
    size_t left;
    char own[300];
};

static unsigned next(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->p++;
}

static const char *word(struct input *in)
{
    unsigned n = next(in);
    if (n < WORDS)
        return words[n];
    size_t length = next(in);
    if (length > in->left)
        length = in->left;
    memcpy(in->own, in->p, length);
    in->own[length] = 0;
    in->p += length;
    in->left -= length;
    return in->own;
}

struct run {
    struct wprp *w;
    struct err err;
    unsigned calls;
    int depth;
};

static bool call(struct run *r, enum call what, const char *name, const char *value)
{
    const struct wprp_place at = {++r->calls, 1};
    switch (what) {
    case ELEMENT:
        r->depth++;
        return wprp_element(r->w, name, at, &r->err);
    case ATTRIBUTE:
        return wprp_attribute(r->w, name, value, at, &r->err);
    default:
        r->depth--;
        return wprp_element_end(r->w, at, &r->err);
    }
}

static bool call_from_input(struct run *r, struct input *in)
{
    char name[300];
    unsigned what = next(in) % 8;
    const char *s = word(in);
    memcpy(name, s, strlen(s) + 1);
    if (what == 7)
        return wprp_text(r->w, name, (struct wprp_place){++r->calls, 1}, &r->err);
    return call(r, what < 2 ? ELEMENT : what < 6 ? ATTRIBUTE : END, name, what < 6 && what > 1 ? word(in) : "");
}

/* The whole profile with one more call wherever the input says so; `skip`: without that call of it. */
static bool feed(struct run *r, struct input *in)
{
    size_t skip = next(in);
    bool ok = true;
    for (size_t i = 0; ok && i < WHOLE; i++) {
        while (ok && in->left && next(in) % 4 == 0)
            ok = call_from_input(r, in);
        if (ok && i != skip)
            ok = call(r, whole[i].call, whole[i].name, whole[i].value);
    }
    while (ok && r->depth > 0)
        ok = call(r, END, "", "");
    return ok;
}

/* Written, read and written again: the same bytes, and nothing left out any more. */
static void check_round_trip(const struct profile *p)
{
    struct text once = {0};
    struct text twice = {0};
    struct err err = {.code = ERR_NONE};
    struct profile again;
    if (!wprp_write(p, &once, &err) || !sink_read("again.wprp", text_str(&once), &again, &err) || again.foreign ||
        !wprp_write(&again, &twice, &err) || strcmp(text_str(&once), text_str(&twice)) != 0)
        abort();
    text_free(&once);
    text_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {.p = data, .left = size};
    struct run r = {.calls = 0};
    if (!wprp_create("fuzz.wprp", &r.w, &r.err))
        return 0;
    struct profile p;
    struct wprp_exam exam = {.count = 0};
    bool taken = feed(&r, &in);
    if (taken)
        wprp_examine(r.w, &exam);
    taken = taken && wprp_finish_examined(r.w, &p, &exam, &r.err);
    if (exam.count > WPRP_EXAM_MAX || (taken && p.foreign != (exam.of[WPRP_NOTE_LEFT_OUT] != 0)))
        abort();
    if (taken != (r.err.code == ERR_NONE))
        abort();
    if (taken && (!profile_check(&p, &r.err) || p.foreign != (p.left_out[0] != 0)))
        abort();
    if (taken)
        check_round_trip(&p);
    wprp_free(r.w);
    return 0;
}
