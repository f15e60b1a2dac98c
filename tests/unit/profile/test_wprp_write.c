/* Profiles written as .wprp files: what a file looks like, and that reading gives back what was written. */
#include "core/base/text.h"
#include "core/profile/comments.h"
#include "core/profile/wprp_write.h"
#include "sink.h"
#include "unit/test.h"

static void write_ok(const struct profile *p, struct text *out)
{
    struct err err = {0};
    if (!wprp_write(p, out, &err))
        fail_msg("%s", err.doing);
}

static struct profile read_ok(const struct text *xml)
{
    struct profile p;
    struct err err = {0};
    if (!sink_read("w.wprp", text_str(xml), &p, &err))
        fail_msg("%s\n%s", err.doing, text_str(xml));
    return p;
}

/* Text as it is compared: every field, the filled part of texts only. */
static void print(const struct profile *p, struct text *out)
{
    text_addf(out, "%s|%s|%s|types", p->name, p->description, p->comments);
    for (unsigned i = 0; i < p->tag_count; i++)
        text_addf(out, " %08X", p->tags[i]);
    text_addf(out, "|stacks %u|storage %d %u KB %u %u%% max %u", p->stacks, (int)p->storage, p->buffer_kb, p->buffers,
              p->memory_percent, p->max_file_mb);
    text_addf(out, "|segments %u %u %u|live %d", p->segment_minutes, p->segment_mb, p->keep_mb, p->live_events);
    text_addf(out, "|stop %u %u %u %s:%s>%u %s>%u/min", p->stop.after_s, p->stop.at_mb, p->stop.disk_below_mb,
              p->stop.hold_process, p->stop.hold_type, p->stop.hold_count, p->stop.grow_type, p->stop.grow_per_minute);
    text_addf(out, "|cache %d %u %u|foreign %d %s", p->stack_cache, p->stack_cache_kb, p->stack_cache_buckets,
              p->foreign, p->left_out);
}

static void comes_back(const struct profile *p)
{
    struct text once = {0};
    struct text twice = {0};
    struct text wanted = {0};
    struct text got = {0};
    write_ok(p, &once);
    struct profile again = read_ok(&once);
    write_ok(&again, &twice);
    print(p, &wanted);
    print(&again, &got);
    assert_string_equal(text_str(&got), text_str(&wanted));
    assert_string_equal(text_str(&twice), text_str(&once));
    text_free(&once);
    text_free(&twice);
    text_free(&wanted);
    text_free(&got);
}

static struct profile plain(void)
{
    struct profile p;
    profile_default(&p);
    text_put(p.name, sizeof p.name, "Event");
    text_put(p.description, sizeof p.description, "Events & \"more\" <all>");
    p.tag_count = 1;
    p.tags[0] = profile_tag("Event");
    return p;
}

static void a_file_is_what_the_schema_wants(void **state)
{
    (void)state;
    struct profile p = plain();
    struct text xml = {0};
    p.storage = PROFILE_RING;
    p.buffers = 512;
    p.stop.after_s = 600;
    write_ok(&p, &xml);
    assert_string_equal(
        text_str(&xml),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"Handle Recorder\""
        " Comments=\"HandleRecorder:1;types=Even;storage=ring;stopAfterS=600\">\n"
        "  <Profiles>\n"
        "    <SystemCollector Id=\"SC_Handle\" Name=\"NT Kernel Logger\">\n"
        "      <BufferSize Value=\"1024\"/>\n"
        "      <Buffers Value=\"512\"/>\n"
        "    </SystemCollector>\n"
        "    <SystemProvider Id=\"SP_Handle\">\n"
        "      <Keywords>\n"
        "        <Keyword Value=\"ProcessThread\"/>\n"
        "        <Keyword Value=\"Loader\"/>\n"
        "        <Keyword Value=\"Handle\"/>\n"
        "      </Keywords>\n"
        "      <Stacks>\n"
        "        <Stack Value=\"HandleCreate\"/>\n"
        "        <Stack Value=\"HandleDuplicate\"/>\n"
        "      </Stacks>\n"
        "    </SystemProvider>\n"
        "    <Profile Id=\"Event.Verbose.File\" Name=\"Event\" Description=\"Events &amp; &quot;more&quot; &lt;all&gt; "
        "wpr.exe ignores the type filter and records all types.\" DetailLevel=\"Verbose\" LoggingMode=\"File\">\n"
        "      <Collectors>\n"
        "        <SystemCollectorId Value=\"SC_Handle\">\n"
        "          <Buffers Value=\"64\"/>\n"
        "          <SystemProviderId Value=\"SP_Handle\"/>\n"
        "        </SystemCollectorId>\n"
        "      </Collectors>\n"
        "    </Profile>\n"
        "    <Profile Id=\"Event.Verbose.Memory\" Name=\"Event\" Description=\"Events &amp; &quot;more&quot; "
        "&lt;all&gt; "
        "wpr.exe ignores the type filter and records all types.\" DetailLevel=\"Verbose\" LoggingMode=\"Memory\">\n"
        "      <Collectors>\n"
        "        <SystemCollectorId Value=\"SC_Handle\">\n"
        "          <SystemProviderId Value=\"SP_Handle\"/>\n"
        "        </SystemCollectorId>\n"
        "      </Collectors>\n"
        "    </Profile>\n"
        "  </Profiles>\n"
        "</WindowsPerformanceRecorder>\n");
    text_free(&xml);
}

static void each_storage_comes_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct profile p = plain();
        p.storage = (enum profile_storage)(i % 3);
        if (i >= 3) {
            p.buffers = 0;
            p.memory_percent = 7;
        }
        if (p.storage == PROFILE_CIRCULAR)
            p.max_file_mb = 64;
        comes_back(&p);
    }
}

static void each_field_comes_back(void **state)
{
    (void)state;
    struct profile p = plain();
    text_put(p.name, sizeof p.name, "Löcher: 50 % & \"mehr\" ☃");
    text_put(p.description, sizeof p.description, "Zeile 1\n\tZeile 2\r\n");
    text_put(p.comments, sizeof p.comments, "By Ann. <See> wiki");
    p.tag_count = 4;
    p.tags[1] = profile_tag("Key");
    p.tags[2] = profile_tag("A,;%");
    p.tags[3] = profile_tag("ALPC Port");
    p.max_file_mb = 500;
    p.segment_minutes = 60;
    p.segment_mb = 100;
    p.keep_mb = 1000;
    p.live_events = true;
    p.stop = (struct profile_stop){.after_s = 90,
                                   .at_mb = 400,
                                   .disk_below_mb = 5120,
                                   .hold_process = "my app;v=1,2 é.exe",
                                   .hold_type = "ALPC Port",
                                   .hold_count = 16777216,
                                   .grow_type = "Event",
                                   .grow_per_minute = 500};
    p.stack_cache = true;
    p.stack_cache_kb = 3072;
    p.stack_cache_buckets = 256;
    p.stacks = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE | PROFILE_STACK_CLOSE;
    comes_back(&p);
    p.stacks = 0;
    p.tag_count = 0;
    p.description[0] = 0;
    comes_back(&p);
}

static void the_longest_texts_come_back(void **state)
{
    (void)state;
    struct profile p = plain();
    memset(p.name, '%', sizeof p.name - 1);
    memset(p.description, '&', sizeof p.description - 1);
    memset(p.comments, '"', sizeof p.comments - 1);
    memset(p.stop.hold_process, ';', sizeof p.stop.hold_process - 1);
    p.stop.hold_count = 1;
    comes_back(&p);
}

static void names_for_wpr_are_plain(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Event", "Event"}, {"All handles", "Allhandles"}, {"a:b\tc.d!e", "abcde"}, {"é", "Handles"}, {"_-9", "_-9"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[PROFILE_NAME_MAX];
        wprp_write_name(rows[i][0], name);
        assert_string_equal(name, rows[i][1]);
    }
}

static void the_note_for_wpr_is_not_ones_own_words(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"Mine. wpr.exe takes this profile too.", "Mine."},
        {"wpr.exe takes this profile too.", ""},
        {"The wpr.exe takes this profile too. Yes", "The wpr.exe takes this profile too. Yes"},
        {"mywpr.exe takes this profile too.", "mywpr.exe takes this profile too."},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[100];
        text_put(text, sizeof text, rows[i][0]);
        wprp_strip_note(text);
        assert_string_equal(text, rows[i][1]);
    }
}

static void a_broken_profile_is_not_written(void **state)
{
    (void)state;
    struct profile p = plain();
    struct text out = {0};
    struct err err = {0};
    text_add(&out, "before");
    p.buffer_kb = 1;
    assert_false(wprp_write(&p, &out, &err));
    assert_int_equal(err.code, ERR_RANGE);
    assert_string_equal(text_str(&out), "before");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_what_the_schema_wants), cmocka_unit_test(each_storage_comes_back),
        cmocka_unit_test(each_field_comes_back),           cmocka_unit_test(the_longest_texts_come_back),
        cmocka_unit_test(names_for_wpr_are_plain),         cmocka_unit_test(the_note_for_wpr_is_not_ones_own_words),
        cmocka_unit_test(a_broken_profile_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
