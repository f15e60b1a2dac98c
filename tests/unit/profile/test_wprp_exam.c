/* What is said of a .wprp file: its structure against the documented one, and its profile in words. */
#include "core/base/text.h"
#include "core/profile/wprp_exam.h"
#include "core/profile/wprp_write.h"
#include "sink.h"
#include "unit/test.h"

#define ROOT(attributes, inside)                                                                                       \
    "<WindowsPerformanceRecorder" attributes ">\n<Profiles>\n" inside "</Profiles>\n</WindowsPerformanceRecorder>\n"
#define VERSION   " Version=\"1.0\" Author=\"A\""
#define COLLECTOR "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><Buffers Value=\"20\"/></SystemCollector>\n"
#define PROVIDER                                                                                                       \
    "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"Handle\"/></Keywords>"                                        \
    "<Stacks><Stack Value=\"HandleCreate\"/></Stacks></SystemProvider>\n"
#define USE                                                                                                            \
    "<Collectors><SystemCollectorId Value=\"C\"><SystemProviderId Value=\"P\"/></SystemCollectorId></Collectors>"
#define PROFILE_AS(id, mode, inside)                                                                                   \
    "<Profile Id=\"" id "\" Name=\"X\" Description=\"D\" LoggingMode=\"" mode "\" DetailLevel=\"Light\">" inside       \
    "</Profile>\n"
#define BOTH PROFILE_AS("X.Light.File", "File", USE) PROFILE_AS("X.Light.Memory", "Memory", USE)

static struct wprp_exam exam_of(const char *xml)
{
    struct wprp_exam exam = {.count = 0};
    struct profile p;
    struct err err = {0};
    sink_examine("t.wprp", xml, &p, &exam, &err);
    return exam;
}

static void a_good_file_has_no_notes(void **state)
{
    (void)state;
    struct wprp_exam exam = exam_of(ROOT(VERSION, COLLECTOR PROVIDER BOTH));
    struct text out = {0};
    wprp_exam_print(&exam, "t.wprp", &out);
    assert_string_equal(text_str(&out), "");
    text_free(&out);
}

static void what_we_write_is_what_is_documented(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        struct profile p;
        struct text xml = {0};
        struct text out = {0};
        struct err err = {0};
        profile_default(&p);
        text_put(p.name, sizeof p.name, i % 2 ? "Löcher: 1 <&> \"2\"" : "Event");
        p.storage = (enum profile_storage)(i % 3);
        p.max_file_mb = i % 3 == PROFILE_CIRCULAR ? 64 : 0;
        p.stack_cache = i >= 6;
        p.stack_cache_kb = p.stack_cache_buckets = 1000;
        p.stacks = i % 8;
        p.memory_percent = i > 3 ? 5 : 0;
        p.buffers = i > 3 ? 0 : 5;
        if (!wprp_write(&p, &xml, &err))
            fail_msg("%s", err.doing);
        struct wprp_exam exam = exam_of(text_str(&xml));
        wprp_exam_print(&exam, "t.wprp", &out);
        assert_string_equal(text_str(&out), "");
        text_free(&xml);
        text_free(&out);
    }
}

struct flawed {
    const char *xml;
    enum wprp_note_kind kind;
    unsigned line;
    const char *says;
};

static const struct flawed flawed[] = {
    {ROOT(" Version=\"1.0\"", COLLECTOR PROVIDER BOTH), WPRP_NOTE_WRONG, 1, "needs the attribute Author"},
    {ROOT(VERSION, PROVIDER COLLECTOR BOTH), WPRP_NOTE_WRONG, 4, "<SystemCollector> stands too late in <Profiles>"},
    {ROOT(VERSION, COLLECTOR "<EventCollector Id=\"E\" Name=\"E\"/>\n" PROVIDER BOTH), WPRP_NOTE_LEFT_OUT, 4,
     "EventCollector"},
    {ROOT(VERSION,
          "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><Buffers Value=\"20\"/>\n<BufferSize Value=\"64\"/>"
          "</SystemCollector>" PROVIDER BOTH),
     WPRP_NOTE_WRONG, 4, "<BufferSize> stands too late in <SystemCollector>"},
    {ROOT(VERSION, "<SystemCollector Id=\"C\" Name=\"Mine\"/>\n" PROVIDER BOTH), WPRP_NOTE_NEWER, 3, "a name of its"},
    {ROOT(VERSION, "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><MaximumFileSize "
                   "Value=\"100\"/></SystemCollector>\n" PROVIDER BOTH),
     WPRP_NOTE_NEWER, 3, "<MaximumFileSize> in <SystemCollector>"},
    {ROOT(VERSION, "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\">\n<Buffers Value=\"3\" BuffersPerCpu=\"true\"/>"
                   "</SystemCollector>\n" PROVIDER BOTH),
     WPRP_NOTE_NEWER, 4, "BuffersPerCpu of <Buffers>"},
    {ROOT(VERSION, COLLECTOR PROVIDER PROFILE_AS("X", "File", USE) PROFILE_AS("X.Light.Memory", "Memory", USE)),
     WPRP_NOTE_WRONG, 5, "must be \"X.Light.File\""},
    {ROOT(VERSION, COLLECTOR PROVIDER PROFILE_AS("X.Light.File", "File", USE)), WPRP_NOTE_WRONG, 5,
     "no variant with LoggingMode=\"Memory\""},
    {ROOT(VERSION, COLLECTOR BOTH), WPRP_NOTE_WRONG, 4, "There is no <SystemProvider> \"P\""},
    {ROOT(VERSION, COLLECTOR PROVIDER), WPRP_NOTE_WRONG, 1, "holds no <Profile>"},
    {ROOT(VERSION, COLLECTOR "<SystemProvider Id=\"a:b\"/>\n" PROVIDER BOTH), WPRP_NOTE_WRONG, 4, "has a colon"},
    {"<WindowsPerformanceRecorder" VERSION "/>", WPRP_NOTE_WRONG, 1, "needs one <Profiles>, not 0"},
};

static void each_flaw_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof flawed / sizeof flawed[0]; i++) {
        const struct flawed *f = &flawed[i];
        struct wprp_exam exam = exam_of(f->xml);
        unsigned k = 0;
        while (k < exam.count && (exam.notes[k].kind != f->kind || !strstr(exam.notes[k].text, f->says)))
            k++;
        if (k == exam.count)
            fail_msg("none of %u notes says \"%s\"; the first: %s", exam.count, f->says,
                     exam.count ? exam.notes[0].text : "");
        assert_int_equal(exam.notes[k].at.line, f->line);
    }
}

/* No XML reader hands such names over; a file that is not XML might. */
static void names_with_blanks_are_in_no_list(void **state)
{
    (void)state;
    static const char *const names[] = {"WindowsPerformanceRecorder", "Profiles", " SystemCollector"};
    const struct wprp_place at = {1, 1};
    struct wprp_exam exam = {.count = 0};
    struct wprp *w = NULL;
    struct err err = {0};
    assert_true(wprp_create("t.wprp", &w, &err));
    for (size_t i = 0; i < 3; i++)
        assert_true(wprp_element(w, names[i], at, &err));
    for (size_t i = 0; i < 3; i++)
        assert_true(wprp_element_end(w, at, &err));
    wprp_examine(w, &exam);
    for (size_t i = 0; i < exam.count; i++)
        assert_null(strstr(exam.notes[i].text, " SystemCollector"));
    wprp_free(w);
}

static void notes_are_printed_by_kind(void **state)
{
    (void)state;
    struct wprp_exam exam = {.count = 0};
    struct text out = {0};
    wprp_exam_note(&exam, WPRP_NOTE_LEFT_OUT, (struct wprp_place){3, 4}, "FlushTimer");
    wprp_exam_note(&exam, WPRP_NOTE_WRONG, (struct wprp_place){9, 1}, "No.");
    wprp_exam_print(&exam, "t.wprp", &out);
    assert_string_equal(text_str(&out), "\nwpr.exe would not take this file, as far as its structure is documented:\n"
                                        "  t.wprp(9,1): No.\n"
                                        "\nFor wpr.exe only; this program leaves it out:\n"
                                        "  t.wprp(3,4): FlushTimer\n");
    text_clear(&out);
    for (unsigned i = 0; i < WPRP_EXAM_MAX + 5; i++)
        wprp_exam_note(&exam, WPRP_NOTE_NEWER, (struct wprp_place){1, 1}, "n");
    wprp_exam_print(&exam, "t.wprp", &out);
    assert_non_null(strstr(text_str(&out), "  and 7 more\n"));
    text_free(&out);
}

static void a_profile_is_said_in_words(void **state)
{
    (void)state;
    struct profile p;
    struct text out = {0};
    profile_default(&p);
    profile_explain(&p, 0, &out);
    assert_string_equal(text_str(&out), "Profile: Handles\n"
                                        "Description: All handle types, with the stacks of opening and duplicating.\n"
                                        "Types: all\nStacks: create, duplicate\nStorage: a file\n"
                                        "Buffers: 1024 KB each, 64 of them (64 MB)\n");
    text_clear(&out);
    p.description[0] = 0;
    p.tag_count = 3;
    p.tags[0] = profile_tag("Event");
    p.tags[1] = profile_tag("IoCompletion");
    p.tags[2] = profile_tag("Xyz");
    p.stacks = PROFILE_STACK_CLOSE;
    p.buffers = 0;
    p.memory_percent = 5;
    p.max_file_mb = 500;
    p.segment_minutes = 60;
    p.segment_mb = 100;
    p.keep_mb = 1000;
    p.live_events = true;
    p.stop = (struct profile_stop){.after_s = 90,
                                   .at_mb = 400,
                                   .disk_below_mb = 5120,
                                   .hold_process = "app.exe",
                                   .hold_type = "Event",
                                   .hold_count = 5000,
                                   .grow_per_minute = 500};
    profile_explain(&p, 16ull << 30, &out);
    assert_string_equal(
        text_str(&out),
        "Profile: Handles\n"
        "Types: Event, IoCompletion, IoCompletionReserve, types beginning with \"Xyz\"\n"
        "Stacks: close (without create stacks the report cannot name the leaking code)\n"
        "Storage: a file of at most 500 MB\n"
        "Buffers: 1024 KB each, 5 % of the memory (819 MB here)\n"
        "Segments: a new file every 60 minutes and at 100 MB; the oldest ones beyond 1000 MB are deleted\n"
        "Stops: after 90 seconds\n"
        "Stops: at 400 MB\n"
        "Stops: when less than 5120 MB of the disk are free\n"
        "Stops: when app.exe holds more than 5000 handles of Event\n"
        "Stops: when handles of all types grow faster than 500 a minute\n"
        "Live: counts creates, closes and duplicates while recording\n");
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_has_no_notes),  cmocka_unit_test(what_we_write_is_what_is_documented),
        cmocka_unit_test(each_flaw_has_its_place),   cmocka_unit_test(names_with_blanks_are_in_no_list),
        cmocka_unit_test(notes_are_printed_by_kind), cmocka_unit_test(a_profile_is_said_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
