/* What .wprp files mean: bases, operations, variants, foreign parts; and every refusal with its place. */
#include "core/base/text.h"
#include "sink.h"
#include "unit/test.h"

#define ROOT(comments, inside)                                                                                         \
    "<?xml version=\"1.0\"?>\n<WindowsPerformanceRecorder Version=\"1.0\" Author=\"A\" Comments=\"" comments           \
    "\">\n<Profiles>\n" inside "</Profiles>\n</WindowsPerformanceRecorder>\n"
#define COLLECTOR "<SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><Buffers Value=\"20\"/></SystemCollector>\n"
#define PROVIDER                                                                                                       \
    "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"ProcessThread\"/><Keyword Value=\"Handle\"/></Keywords>"      \
    "<Stacks><Stack Value=\"HandleCreate\"/></Stacks></SystemProvider>\n"
#define USE(provider)                                                                                                  \
    "<Collectors><SystemCollectorId Value=\"C\"><SystemProviderId Value=\"" provider                                   \
    "\"/></SystemCollectorId></Collectors>"
#define PROFILE_AS(id, name, mode, level, more, inside)                                                                \
    "<Profile Id=\"" id "\" Name=\"" name "\" Description=\"D " id "\" LoggingMode=\"" mode "\" DetailLevel=\"" level  \
    "\"" more ">" inside "</Profile>\n"
#define SIMPLE PROFILE_AS("X", "X", "File", "Verbose", "", USE("P"))

static struct profile read_ok(const char *xml)
{
    struct profile p;
    struct err err = {0};
    if (!sink_read("t.wprp", xml, &p, &err))
        fail_msg("%s", err.doing);
    assert_int_equal(err.code, ERR_NONE);
    return p;
}

static void reads_the_simple_one_with_defaults(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT("", COLLECTOR PROVIDER SIMPLE));
    assert_string_equal(p.name, "X");
    assert_string_equal(p.description, "D X");
    assert_int_equal(p.tag_count, 0);
    assert_int_equal(p.stacks, PROFILE_STACK_CREATE);
    assert_int_equal(p.storage, PROFILE_FILE);
    assert_int_equal(p.buffer_kb, 128);
    assert_int_equal(p.buffers, 20);
    assert_int_equal(p.memory_percent, 0);
    assert_false(p.foreign);
    assert_string_equal(p.left_out, "");
}

static void bases_and_operations_are_resolved(void **state)
{
    (void)state;
    struct profile p = read_ok(
        ROOT("", "<SystemCollector Id=\"B\" Name=\"NT Kernel Logger\"><BufferSize Value=\"512\"/><Buffers Value=\"9\"/>"
                 "<StackCaching BucketCount=\"256\" CacheSize=\"3072\"/></SystemCollector>\n"
                 "<SystemCollector Id=\"C\" Base=\"B\"><Buffers Value=\"3\" PercentageOfTotalMemory=\"true\"/>"
                 "</SystemCollector>\n" PROVIDER
                 "<SystemProvider Id=\"Q\" Base=\"P\"><Stacks Operation=\"Add\"><Stack Value=\"HandleClose\"/>"
                 "<Stack Value=\"HandleDuplicate\"/></Stacks></SystemProvider>\n"
                 "<SystemProvider Id=\"R\" Base=\"Q\"><Stacks Operation=\"Remove\"><Stack Value=\"HandleCreate\"/>"
                 "</Stacks></SystemProvider>\n" PROFILE_AS("Base", "N", "Memory", "Verbose", "", USE("R"))
                     PROFILE_AS("Derived", "N", "File", "Light", " Base=\"Base\"", "")));
    assert_string_equal(p.description, "D Derived");
    assert_int_equal(p.stacks, PROFILE_STACK_CLOSE | PROFILE_STACK_DUPLICATE);
    assert_int_equal(p.storage, PROFILE_FILE);
    assert_int_equal(p.buffer_kb, 512);
    assert_int_equal(p.buffers, 0);
    assert_int_equal(p.memory_percent, 3);
    assert_true(p.stack_cache);
    assert_int_equal(p.stack_cache_kb, 3072);
    assert_int_equal(p.stack_cache_buckets, 256);
}

static void set_replaces_what_the_base_had(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT(
        "", COLLECTOR PROVIDER "<SystemProvider Id=\"Q\" Base=\"P\"><Stacks><Stack Value=\"HandleClose\"/></Stacks>"
                               "</SystemProvider>\n" PROFILE_AS("X", "X", "File", "Verbose", "", USE("Q"))));
    assert_int_equal(p.stacks, PROFILE_STACK_CLOSE);
}

static void a_reference_overrides_collector_and_provider(void **state)
{
    (void)state;
    struct profile p = read_ok(
        ROOT("", COLLECTOR PROVIDER PROFILE_AS(
                     "X", "X", "File", "Verbose", "",
                     "<Collectors><SystemCollectorId Value=\"C\"><BufferSize Value=\"256\"/><Buffers Value=\"30\"/>"
                     "<SystemProviderId Value=\"P\"><Stacks Operation=\"Add\"><Stack Value=\"HandleClose\"/></Stacks>"
                     "</SystemProviderId></SystemCollectorId></Collectors>")));
    assert_int_equal(p.buffer_kb, 256);
    assert_int_equal(p.buffers, 30);
    assert_int_equal(p.stacks, PROFILE_STACK_CREATE | PROFILE_STACK_CLOSE);
}

static void collectors_are_added_to_those_of_the_base(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT(
        "", COLLECTOR PROVIDER
        "<SystemProvider Id=\"S\"><Keywords><Keyword Value=\"Loader\"/></Keywords>"
        "<Stacks><Stack Value=\"HandleDuplicate\"/></Stacks></SystemProvider>\n" PROFILE_AS("A", "N", "Memory",
                                                                                            "Verbose", "", USE("P"))
            PROFILE_AS("B", "N", "File", "Verbose", " Base=\"A\"",
                       "<Collectors Operation=\"Add\"><SystemCollectorId Value=\"C\"><SystemProviderId Value=\"S\"/>"
                       "</SystemCollectorId></Collectors>")));
    assert_int_equal(p.stacks, PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE);
    assert_false(p.foreign);
}

static void custom_keyword_means_handles(void **state)
{
    (void)state;
    struct profile p = read_ok(
        ROOT("", COLLECTOR
             "<SystemProvider Id=\"P\"><Keywords><CustomKeyword Value=\"0x80000040\"/><CustomKeyword Value=\"0x3\"/>"
             "<CustomKeyword Value=\"0x20000001\"/></Keywords></SystemProvider>" SIMPLE));
    assert_int_equal(p.stacks, 0);
    assert_string_equal(p.left_out, "keyword 0x20000001\n");
}

static void a_provider_may_stand_inside(void **state)
{
    (void)state;
    struct profile p =
        read_ok(ROOT("", COLLECTOR PROVIDER PROFILE_AS("X", "X", "File", "Verbose", "",
                                                       "<Collectors><SystemCollectorId Value=\"C\"><SystemProvider "
                                                       "Id=\"I\" Base=\"P\"/></SystemCollectorId></Collectors>")));
    assert_int_equal(p.stacks, PROFILE_STACK_CREATE);
}

#define VARIANTS                                                                                                       \
    PROFILE_AS("LM", "N", "Memory", "Light", "", USE("P"))                                                             \
    PROFILE_AS("LF", "N", "File", "Light", "", USE("P"))                                                               \
    PROFILE_AS("VM", "N", "Memory", "Verbose", "", USE("P")) PROFILE_AS("VF", "N", "File", "Verbose", "", USE("P"))

static void variants_are_one_profile(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT("", COLLECTOR PROVIDER VARIANTS));
    assert_string_equal(p.description, "D VF");
    assert_int_equal(p.storage, PROFILE_FILE);
    assert_false(p.foreign);
    p = read_ok(ROOT("HandleRecorder:1;storage=ring;types=Even,File", COLLECTOR PROVIDER VARIANTS));
    assert_string_equal(p.description, "D VM");
    assert_int_equal(p.storage, PROFILE_RING);
    assert_int_equal(p.tag_count, 2);
    assert_int_equal(p.tags[1], profile_tag("File"));
    p = read_ok(ROOT("notes HandleRecorder:1;storage=circular;maxMB=300", COLLECTOR PROVIDER VARIANTS));
    assert_string_equal(p.description, "D VF");
    assert_int_equal(p.storage, PROFILE_CIRCULAR);
    assert_int_equal(p.max_file_mb, 300);
    assert_string_equal(p.name, "N");
    p = read_ok(ROOT("HandleRecorder:1;title=Two%20words", COLLECTOR PROVIDER VARIANTS));
    assert_string_equal(p.name, "Two words");
    assert_false(p.foreign);
}

static void newer_schema_says_circular(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT("", "<SystemCollector Id=\"C\" Name=\"Any\"><MaximumFileSize Value=\"100\"/>"
                                        "</SystemCollector>" PROVIDER SIMPLE));
    assert_int_equal(p.storage, PROFILE_CIRCULAR);
    assert_int_equal(p.max_file_mb, 100);
    p = read_ok(ROOT("", "<SystemCollector Id=\"C\" Name=\"Any\"><MaximumFileSize Value=\"100\" "
                         "FileMode=\"Sequential\"/></SystemCollector>" PROVIDER SIMPLE));
    assert_int_equal(p.storage, PROFILE_FILE);
    assert_int_equal(p.max_file_mb, 100);
}

static void foreign_files_say_what_is_left_out(void **state)
{
    (void)state;
    struct profile p = read_ok(ROOT(
        "", "<SystemCollector Id=\"C\" Name=\"N\" Realtime=\"true\"><Buffers Value=\"5\" MaximumBufferSpace=\"9\"/>"
            "<FlushTimer Value=\"1\"/></SystemCollector>\n"
            "<EventCollector Id=\"E\" Name=\"e\"><Whatever x=\"1\">free text</Whatever></EventCollector>\n"
            "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"CSwitch\"/><Keyword Value=\"Handle\"/></Keywords>"
            "<Stacks><Stack Value=\"ImageLoad\"/></Stacks></SystemProvider>\n"
            "<EventProvider Id=\"E1\" Name=\"a\"/><EventProvider Id=\"E2\" Name=\"b\"/>\n" PROFILE_AS(
                "O", "Other", "File", "Light", "", USE("P")) SIMPLE));
    assert_true(p.foreign);
    assert_string_equal(p.left_out, "Buffers MaximumBufferSpace\nFlushTimer\nEventCollector\nEventProvider (2 times)\n"
                                    "profile Other\nkeyword CSwitch\nstack ImageLoad\nRealtime\n");
}

static void the_profile_with_handles_is_taken(void **state)
{
    (void)state;
    struct profile p =
        read_ok(ROOT("", COLLECTOR PROVIDER PROFILE_AS("CPU", "CPU", "File", "Verbose", "", "")
                             PROFILE_AS("B", "Built-in", "File", "Verbose", " Base=\"GeneralProfile.File\"", "")
                                 PROFILE_AS("H", "Handles", "Memory", "Light", "", USE("P"))));
    assert_string_equal(p.name, "Handles");
    assert_int_equal(p.storage, PROFILE_RING);
    assert_true(p.foreign);
}

static void namespaces_and_white_space_mean_nothing(void **state)
{
    (void)state;
    struct profile p;
    struct err err = {0};
    assert_true(sink_read("t.wprp",
                          "<WindowsPerformanceRecorder xmlns=\"urn:x\" xmlns:xsi=\"urn:y\" xsi:z=\"1\" Version='1.0'>\n"
                          "  <!-- a note --><Profiles>\n" COLLECTOR PROVIDER SIMPLE
                          "</Profiles></WindowsPerformanceRecorder>",
                          &p, &err));
    assert_string_equal(p.name, "X");
}

struct refused {
    const char *xml;
    const char *says; /* with the place */
};

static const struct refused refusals[] = {
    {"<Other/>", "t.wprp(1,2): the root element is <Other>"},
    {"<WindowsPerformanceRecorder/>", "t.wprp(1,2): <WindowsPerformanceRecorder> has no Version"},
    {"<WindowsPerformanceRecorder Version='1.0'>", "(1,2): <WindowsPerformanceRecorder> does not end"},
    {"<WindowsPerformanceRecorder Version='1.0'/><a/>", "(1,45): a second root element <a>"},
    {"<WindowsPerformanceRecorder Version='1.0' Version='1.0'/>", "(1,43): the attribute Version stands twice"},
    {"<WindowsPerformanceRecorder Version='1.0'/>", "(1,2): it holds no <Profile>"},
    {"", "(1,1): the file holds no element"},
    {"text", "(1,1): text outside"},
    {ROOT("", "<Bogus/>\n" COLLECTOR PROVIDER SIMPLE), "(4,2): unknown element <Bogus> in <Profiles>"},
    {ROOT("", COLLECTOR PROVIDER "some text" SIMPLE), "(6,1): text in <Profiles>"},
    {ROOT("", "<SystemCollector Id=\"C\" Colour=\"red\"/>"), "(4,25): unknown attribute Colour of <SystemCollector>"},
    {ROOT("", "<SystemCollector Name=\"C\"/>"), "(4,2): <SystemCollector> has no Id"},
    {ROOT("", "<SystemCollector Id=\"a b\"/>"), "(4,18): Id=\"a b\" is empty or has"},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"C\"/>"), "(5,17): Id=\"C\" is used before, in line 4"},
    {ROOT("", COLLECTOR PROVIDER PROFILE_AS("X", "X", "Tape", "Verbose", "", USE("P"))),
     "LoggingMode=\"Tape\" is none"},
    {ROOT("", COLLECTOR PROVIDER "<Profile Id=\"X\" Name=\"X\" LoggingMode=\"File\" DetailLevel=\"Light\"/>"),
     "(6,2): <Profile> has no Description"},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"P\"><Keywords Operation=\"Maybe\"/></SystemProvider>" SIMPLE),
     "(5,34): Operation=\"Maybe\" is none"},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"P\"><Keywords><CustomKeyword Value=\"80\"/></Keywords></SystemProvider>"
                        "\n" SIMPLE),
     "(5,49): \"80\" is not 0x"},
    {ROOT("", COLLECTOR PROVIDER PROFILE_AS("X", "X", "File", "Light", "", USE("Nobody"))),
     "there is no <SystemProvider> \"Nobody\""},
    {ROOT("", PROVIDER SIMPLE), "there is no <SystemCollector> \"C\""},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"P\" Base=\"Q\"/><SystemProvider Id=\"Q\" Base=\"P\"/>" SIMPLE),
     "Base leads back to \"P\""},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"P\" Base=\"CpuLight\"/>\n" SIMPLE),
     "(5,24): Base=\"CpuLight\" is no <SystemProvider> of this file; built-in bases cannot be read"},
    {ROOT("", COLLECTOR "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"Loader\"/></Keywords></SystemProvider>"
                        "\n" SIMPLE),
     "(2,2): no profile in it records handles"},
    {ROOT("", "<SystemCollector Id=\"C\"><Buffers Value=\"many\"/></SystemCollector>" PROVIDER SIMPLE),
     "(4,34): Value=\"many\" is not a number"},
    {ROOT("", "<SystemCollector Id=\"C\"><Buffers Value=\"1\"/></SystemCollector>" PROVIDER SIMPLE),
     "(4,34): Value=\"1\" of <Buffers> is not from 2 to 1000000"},
    {ROOT("",
          "<SystemCollector Id=\"C\"><BufferSize Value=\"99999999999999999999\"/></SystemCollector>" PROVIDER SIMPLE),
     "is not a number"},
    {ROOT("", "<SystemCollector Id=\"C\"><StackCaching CacheSize=\"1\"/></SystemCollector>" PROVIDER SIMPLE),
     "<StackCaching> has no BucketCount"},
    {ROOT("HandleRecorder:1;types=a,b,c,d,e", COLLECTOR PROVIDER SIMPLE), "t.wprp(2,54): Comments names more than 4"},
    {ROOT("HandleRecorder:1;types=Even,Even", COLLECTOR PROVIDER SIMPLE), "has Even twice"},
    {ROOT("HandleRecorder:1;title=", COLLECTOR PROVIDER SIMPLE), "title in Comments is empty"},
    {ROOT("HandleRecorder:9", COLLECTOR PROVIDER SIMPLE), "another version of this program (9)"},
    {ROOT("", COLLECTOR PROVIDER PROFILE_AS("X", "", "File", "Light", "", USE("P"))), "name is empty"},
    {ROOT("", COLLECTOR "<SystemCollector Id=\"D\"/>" PROVIDER PROFILE_AS(
                  "X", "X", "File", "Light", "",
                  "<Collectors><SystemCollectorId Value=\"C\"/><SystemCollectorId Value=\"D\"/></Collectors>")),
     "a second system collector \"D\""},
};

static void refusals_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct profile p;
        memset(&p, 0x5A, sizeof p);
        struct profile before = p;
        struct err err = {0};
        if (sink_read("t.wprp", refusals[i].xml, &p, &err))
            fail_msg("was read: %s", refusals[i].xml);
        assert_int_equal(err.code, ERR_FORMAT);
        if (!strstr(err.doing, refusals[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.doing, refusals[i].says);
        assert_memory_equal(&p, &before, sizeof p);
    }
}

/* Feeds `n` times the same call; returns the first refusal. */
static struct err many(unsigned n, bool nested, bool attributes)
{
    static const struct wprp_place at = {1, 1};
    struct wprp *w = NULL;
    struct err err = {0};
    assert_true(wprp_create("t.wprp", &w, &err));
    bool ok = wprp_element(w, "WindowsPerformanceRecorder", at, &err);
    for (unsigned i = 0; ok && i < n; i++) {
        char name[16];
        struct text t = {0};
        text_addf(&t, "A%u", i);
        text_put(name, sizeof name, text_str(&t));
        text_free(&t);
        ok = attributes ? wprp_attribute(w, name, "v", at, &err)
                        : wprp_element(w, name, at, &err) && (nested || wprp_element_end(w, at, &err));
    }
    if (ok)
        fail_msg("%u were accepted", n);
    wprp_free(w);
    return err;
}

static void limits_hold(void **state)
{
    (void)state;
    assert_string_equal(many(WPRP_MAX_ELEMENTS, false, false).doing, "t.wprp(1,1): more than 20000 elements");
    assert_string_equal(many(WPRP_MAX_DEPTH, true, false).doing, "t.wprp(1,1): elements are nested deeper than 32");
    assert_string_equal(many(WPRP_MAX_ATTRIBUTES + 1, false, true).doing, "t.wprp(1,1): more than 64 attributes");
}

static void more_bytes_than_allowed_are_refused(void **state)
{
    (void)state;
    static const struct wprp_place at = {3, 4};
    char *big = malloc((1u << 20) + 1);
    assert_non_null(big);
    memset(big, ' ', 1u << 20);
    big[1u << 20] = 0;
    struct wprp *w = NULL;
    struct err err = {0};
    assert_true(wprp_create("t.wprp", &w, &err));
    assert_true(wprp_element(w, "WindowsPerformanceRecorder", at, &err));
    unsigned taken = 0;
    while (taken < 10 && wprp_text(w, big, at, &err))
        taken++;
    assert_int_equal(taken, 3);
    assert_string_equal(err.doing, "t.wprp(3,4): the profile is larger than 4 MB");
    struct err after = {0};
    assert_false(wprp_element_end(w, at, &after));
    assert_int_equal(after.code, ERR_STATE);
    wprp_free(w);
    free(big);
}

static void calls_in_a_wrong_order_are_refused(void **state)
{
    (void)state;
    static const struct wprp_place at = {1, 1};
    struct wprp *w = NULL;
    struct err err = {0};
    struct profile p;
    assert_true(wprp_create("t.wprp", &w, &err));
    assert_false(wprp_attribute(w, "a", "b", at, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    wprp_free(w);
    memset(&err, 0, sizeof err);
    assert_true(wprp_create("t.wprp", &w, &err));
    assert_false(wprp_element_end(w, at, &err));
    memset(&err, 0, sizeof err);
    assert_false(wprp_finish(w, &p, &err));
    assert_int_equal(err.code, ERR_STATE);
    wprp_free(w);
    memset(&err, 0, sizeof err);
    assert_true(wprp_create("t.wprp", &w, &err));
    assert_false(wprp_element(w, "\xFF", at, &err));
    assert_string_equal(err.doing, "t.wprp(1,1): a character is not valid Unicode");
    wprp_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_simple_one_with_defaults),
        cmocka_unit_test(bases_and_operations_are_resolved),
        cmocka_unit_test(set_replaces_what_the_base_had),
        cmocka_unit_test(a_reference_overrides_collector_and_provider),
        cmocka_unit_test(collectors_are_added_to_those_of_the_base),
        cmocka_unit_test(custom_keyword_means_handles),
        cmocka_unit_test(a_provider_may_stand_inside),
        cmocka_unit_test(variants_are_one_profile),
        cmocka_unit_test(newer_schema_says_circular),
        cmocka_unit_test(foreign_files_say_what_is_left_out),
        cmocka_unit_test(the_profile_with_handles_is_taken),
        cmocka_unit_test(namespaces_and_white_space_mean_nothing),
        cmocka_unit_test(refusals_say_where),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(more_bytes_than_allowed_are_refused),
        cmocka_unit_test(calls_in_a_wrong_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
