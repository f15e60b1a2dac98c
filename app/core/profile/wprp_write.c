/* Writes a profile as a .wprp file. */
#include "core/profile/wprp_write.h"

#include "core/profile/comments.h"

#include <string.h>

/* What the variant that is not the profile's own gets. */
#define OTHER_MEMORY_PERCENT 5
#define OTHER_BUFFERS        64

static const char filter_note[] = "wpr.exe ignores the type filter and records all types.";
static const char plain_note[] = "wpr.exe takes this profile too.";

void wprp_write_name(const char *name, char out[PROFILE_NAME_MAX])
{
    size_t n = 0;
    for (; *name && n + 1 < PROFILE_NAME_MAX; name++) {
        unsigned char c = (unsigned char)*name;
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-_", c);
        if (plain)
            out[n++] = *name;
    }
    out[n] = 0;
    if (!n)
        text_put(out, PROFILE_NAME_MAX, "Handles");
}

void wprp_strip_note(char *description)
{
    static const char *const notes[] = {filter_note, plain_note};
    size_t n = strlen(description);
    for (size_t i = 0; i < 2; i++) {
        size_t note = strlen(notes[i]);
        if (n < note || strcmp(description + n - note, notes[i]) != 0)
            continue;
        n -= note;
        if (n && description[n - 1] != ' ')
            return; /* part of a word of somebody else's */
        description[n ? n - 1 : 0] = 0;
        return;
    }
}

/* What stands between quotes in XML. White space would become blanks if it stood for itself. */
static void add_value(struct text *out, const char *s)
{
    static const struct {
        char c;
        const char *as;
    } special[] = {{'&', "&amp;"}, {'<', "&lt;"},   {'>', "&gt;"},  {'"', "&quot;"},
                   {'\t', "&#9;"}, {'\n', "&#10;"}, {'\r', "&#13;"}};
    for (; *s; s++) {
        size_t i = 0;
        while (i < sizeof special / sizeof special[0] && special[i].c != *s)
            i++;
        if (i < sizeof special / sizeof special[0])
            text_add(out, special[i].as);
        else
            text_add_char(out, *s);
    }
}

static void add_attribute(struct text *out, const char *name, const char *value)
{
    text_addf(out, " %s=\"", name);
    add_value(out, value);
    text_add(out, "\"");
}

static void add_buffers(struct text *out, const char *indent, uint32_t buffers, uint32_t percent)
{
    text_addf(out, "%s<Buffers Value=\"%u\"%s/>\n", indent, percent ? percent : buffers,
              percent ? " PercentageOfTotalMemory=\"true\"" : "");
}

static void add_collector(struct text *out, const struct profile *p)
{
    text_addf(out,
              "    <SystemCollector Id=\"SC_Handle\" Name=\"NT Kernel Logger\">\n"
              "      <BufferSize Value=\"%u\"/>\n",
              p->buffer_kb);
    add_buffers(out, "      ", p->buffers, p->memory_percent);
    if (p->stack_cache)
        text_addf(out, "      <StackCaching BucketCount=\"%u\" CacheSize=\"%u\"/>\n", p->stack_cache_buckets,
                  p->stack_cache_kb);
    text_add(out, "    </SystemCollector>\n");
}

static void add_provider(struct text *out, const struct profile *p)
{
    static const struct {
        unsigned bit;
        const char *name;
    } stacks[] = {{PROFILE_STACK_CREATE, "HandleCreate"},
                  {PROFILE_STACK_CLOSE, "HandleClose"},
                  {PROFILE_STACK_DUPLICATE, "HandleDuplicate"}};
    text_add(out, "    <SystemProvider Id=\"SP_Handle\">\n"
                  "      <Keywords>\n"
                  "        <Keyword Value=\"ProcessThread\"/>\n"
                  "        <Keyword Value=\"Loader\"/>\n"
                  "        <Keyword Value=\"Handle\"/>\n"
                  "      </Keywords>\n");
    if (p->stacks) {
        text_add(out, "      <Stacks>\n");
        for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++)
            if (p->stacks & stacks[i].bit)
                text_addf(out, "        <Stack Value=\"%s\"/>\n", stacks[i].name);
        text_add(out, "      </Stacks>\n");
    }
    text_add(out, "    </SystemProvider>\n");
}

static void add_description(struct text *out, const struct profile *p)
{
    struct text d = {0};
    text_add(&d, p->description);
    if (d.len)
        text_add_char(&d, ' ');
    text_add(&d, p->tag_count ? filter_note : plain_note);
    add_attribute(out, "Description", text_str(&d));
    out->failed = out->failed || d.failed;
    text_free(&d);
}

/* The variant that is not the profile's own says its buffers itself. */
static void add_variant(struct text *out, const struct profile *p, const char *name, bool memory)
{
    const char *mode = memory ? "Memory" : "File";
    text_addf(out, "    <Profile Id=\"%s.Verbose.%s\" Name=\"%s\"", name, mode, name);
    add_description(out, p);
    text_addf(out,
              " DetailLevel=\"Verbose\" LoggingMode=\"%s\">\n"
              "      <Collectors>\n"
              "        <SystemCollectorId Value=\"SC_Handle\">\n",
              mode);
    if (memory != (p->storage == PROFILE_RING))
        add_buffers(out, "          ", OTHER_BUFFERS, memory ? OTHER_MEMORY_PERCENT : 0);
    text_add(out, "          <SystemProviderId Value=\"SP_Handle\"/>\n"
                  "        </SystemCollectorId>\n"
                  "      </Collectors>\n"
                  "    </Profile>\n");
}

bool wprp_write(const struct profile *p, struct text *out, struct err *err)
{
    char name[PROFILE_NAME_MAX];
    struct text comments = {0};
    struct text t = {0};
    if (!profile_check(p, err))
        return false;
    wprp_write_name(p->name, name);
    comments_write(p, name, &comments);
    text_add(&t, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                 "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"Handle Recorder\"");
    add_attribute(&t, "Comments", text_str(&comments));
    text_add(&t, ">\n  <Profiles>\n");
    add_collector(&t, p);
    add_provider(&t, p);
    add_variant(&t, p, name, false);
    add_variant(&t, p, name, true);
    text_add(&t, "  </Profiles>\n</WindowsPerformanceRecorder>\n");
    bool ok = !t.failed && !comments.failed;
    if (ok)
        text_add(out, text_str(&t));
    ok = ok && !out->failed;
    text_free(&comments);
    text_free(&t);
    return ok || err_set(err, ERR_NO_MEMORY, "Writing the profile");
}
