/* What is said about profiles, word by word as it ships: each problem below its field, spans, why a recording stopped.
 */
#include "core/record/profile_text.h"

#include "core/base/text.h"
#include "unit/view/english.h"
#include "unit/view/measured.h"

#include <inttypes.h>
#include <stdio.h>

#define GB (1024ull * 1024 * 1024)

/* --- problems --- */

struct scene {
    struct profile p;
    struct profile_limits l;
};

static void no_name(struct scene *s)
{
    text_put(s->p.name, sizeof s->p.name, "  ");
}
static void space_before(struct scene *s)
{
    text_put(s->p.name, sizeof s->p.name, " Event");
}
static void noncharacter(struct scene *s)
{
    text_put(s->p.name, sizeof s->p.name, "A\xEF\xBF\xBE");
}
static void taken(struct scene *s)
{
    s->l.name_taken = true;
}
static void description(struct scene *s)
{
    text_put(s->p.description, sizeof s->p.description, "a\x01");
}
static void nothing_ticked(struct scene *s)
{
    s->l.only_types = true;
}
static void five_types(struct scene *s)
{
    static const char *const types[] = {"Event", "File", "Key", "Job"};
    for (unsigned i = 0; i < 4; i++)
        s->p.tags[i] = profile_tag(types[i]);
    s->p.tag_count = 5;
}
static void wildcard(struct scene *s)
{
    s->p.tag_count = 1;
    s->p.tags[0] = profile_tag("E?");
}
static void twice(struct scene *s)
{
    s->p.tag_count = 2;
    s->p.tags[0] = s->p.tags[1] = profile_tag("Event");
}
static void no_create(struct scene *s)
{
    s->p.stacks = PROFILE_STACK_CLOSE;
}
static void small_buffer(struct scene *s)
{
    s->p.buffer_kb = 63;
    s->p.buffers = 1024;
}
static void small_ring(struct scene *s)
{
    s->p.storage = PROFILE_RING;
    s->p.buffers = 15;
}
static void large_ring(struct scene *s)
{
    s->p.storage = PROFILE_RING;
    s->p.buffers = 1311;
}
static void empty_ring(struct scene *s)
{
    s->p.storage = PROFILE_RING;
    s->p.buffers = 0;
}
static void percent(struct scene *s)
{
    s->p.buffers = 0;
    s->p.memory_percent = 101;
}
static void circular(struct scene *s)
{
    s->p.storage = PROFILE_CIRCULAR;
    s->p.max_file_mb = 63;
}
static void little_disk(struct scene *s)
{
    s->l.disk_free = 4 * GB - 1;
}
static void large_file(struct scene *s)
{
    s->p.max_file_mb = 100 * 1024;
}
static void ring_segments(struct scene *s)
{
    s->p.storage = PROFILE_RING;
    s->p.segment_mb = 100;
}
static void empty_segments(struct scene *s)
{
    s->l.segments = true;
}
static void large_segments(struct scene *s)
{
    s->p.segment_mb = 1048577;
}
static void keep_alone(struct scene *s)
{
    s->p.keep_mb = 1000;
}
static void keep_one(struct scene *s)
{
    s->p.segment_mb = 100;
    s->p.keep_mb = 199;
}
static void cache(struct scene *s)
{
    s->p.stack_cache = true;
}
static void after(struct scene *s)
{
    s->l.ticked = PROFILE_RULE_AFTER;
}
static void after_too_long(struct scene *s)
{
    s->p.stop.after_s = 43200 * 60 + 1;
}
static void at(struct scene *s)
{
    s->l.ticked = PROFILE_RULE_AT;
}
static void at_of_ring(struct scene *s)
{
    s->p.storage = PROFILE_RING;
    s->p.stop.at_mb = 100;
}
static void disk(struct scene *s)
{
    s->l.ticked = PROFILE_RULE_DISK;
}
static void hold_nobody(struct scene *s)
{
    s->p.stop.hold_count = 5;
    text_put(s->p.stop.hold_type, PROFILE_TYPE_MAX, "Event");
}
static void hold_no_type(struct scene *s)
{
    s->p.stop.hold_count = 5;
    text_put(s->p.stop.hold_process, PROFILE_TYPE_MAX, "app.exe");
}
static void hold_bad_type(struct scene *s)
{
    hold_no_type(s);
    text_put(s->p.stop.hold_type, PROFILE_TYPE_MAX, "Eve\x01nt");
}
static void hold_none(struct scene *s)
{
    hold_no_type(s);
    text_put(s->p.stop.hold_type, PROFILE_TYPE_MAX, "Event");
    s->p.stop.hold_count = 0;
    s->l.ticked = PROFILE_RULE_HOLD;
}
static void grow_no_type(struct scene *s)
{
    s->p.stop.grow_per_minute = 5;
}
static void grow_bad_type(struct scene *s)
{
    grow_no_type(s);
    text_put(s->p.stop.grow_type, PROFILE_TYPE_MAX, "Eve\x01nt");
}
static void grow_too_fast(struct scene *s)
{
    s->p.stop.grow_per_minute = 16777217;
    text_put(s->p.stop.grow_type, PROFILE_TYPE_MAX, "Event");
}

static const struct {
    void (*breaks)(struct scene *s);
    enum profile_field field;
    enum profile_severity severity;
    const char *text;
} cases[] = {
    {no_name, PROFILE_FIELD_NAME, PROFILE_ERROR, "Enter a name."},
    {taken, PROFILE_FIELD_NAME, PROFILE_ERROR, "This name exists already."},
    {space_before, PROFILE_FIELD_NAME, PROFILE_ERROR, "Enter printable characters, with no space before or after."},
    {noncharacter, PROFILE_FIELD_NAME, PROFILE_ERROR, "Enter printable characters, with no space before or after."},
    {description, PROFILE_FIELD_DESCRIPTION, PROFILE_ERROR, "Remove the control characters."},
    {nothing_ticked, PROFILE_FIELD_TYPES, PROFILE_ERROR, "Tick at least one type, or choose All types."},
    {five_types, PROFILE_FIELD_TYPES, PROFILE_ERROR, "All 4 slots are used. Clear a type first."},
    {wildcard, PROFILE_FIELD_TYPES, PROFILE_ERROR, "Choose a type from the list."},
    {twice, PROFILE_FIELD_TYPES, PROFILE_ERROR, "Even is chosen twice. Clear one of them."},
    {no_create, PROFILE_FIELD_STACKS, PROFILE_WARNING,
     "Without create stacks the report cannot name the leaking code."},
    {small_buffer, PROFILE_FIELD_BUFFER_KB, PROFILE_ERROR, "Enter 64 to 16,384 KB."},
    {small_ring, PROFILE_FIELD_MEMORY, PROFILE_ERROR, "Enter 16 to 1,310 MB (8% of memory)."},
    {large_ring, PROFILE_FIELD_MEMORY, PROFILE_ERROR, "Enter 16 to 1,310 MB (8% of memory)."},
    {empty_ring, PROFILE_FIELD_MEMORY, PROFILE_ERROR, "Enter 16 to 1,310 MB (8% of memory)."},
    {percent, PROFILE_FIELD_MEMORY, PROFILE_ERROR, "Enter 1 to 100 percent."},
    {circular, PROFILE_FIELD_FILE_MB, PROFILE_ERROR, "A circular file needs 64 MB or more."},
    {little_disk, PROFILE_FIELD_FILE_MB, PROFILE_WARNING, "Drive D: has only 3 GB free."},
    {large_file, PROFILE_FIELD_FILE_MB, PROFILE_WARNING, "Drive D: has only 100 GB free."},
    {ring_segments, PROFILE_FIELD_SEGMENT_MINUTES, PROFILE_ERROR, "Only a file can be cut into segments."},
    {empty_segments, PROFILE_FIELD_SEGMENT_MINUTES, PROFILE_ERROR, "Enter 1 to 1,440 minutes."},
    {large_segments, PROFILE_FIELD_SEGMENT_MB, PROFILE_ERROR, "Enter 1 to 1,048,576 MB."},
    {keep_alone, PROFILE_FIELD_KEEP_MB, PROFILE_ERROR, "Give the segments a length or a size first."},
    {keep_one, PROFILE_FIELD_KEEP_MB, PROFILE_ERROR, "Two segments need 200 MB or more."},
    {cache, PROFILE_FIELD_STACK_CACHE, PROFILE_ERROR, "Enter a size and a number of buckets."},
    {after, PROFILE_FIELD_STOP_AFTER, PROFILE_ERROR, "Enter 1 to 43,200 minutes."},
    {after_too_long, PROFILE_FIELD_STOP_AFTER, PROFILE_ERROR, "Enter 1 to 43,200 minutes."},
    {at, PROFILE_FIELD_STOP_AT, PROFILE_ERROR, "Enter 1 to 16,777,216 MB."},
    {at_of_ring, PROFILE_FIELD_STOP_AT, PROFILE_ERROR, "Only a file grows to a size. Clear this rule."},
    {disk, PROFILE_FIELD_STOP_DISK, PROFILE_ERROR, "Enter 1 to 1,024 GB."},
    {hold_nobody, PROFILE_FIELD_HOLD_PROCESS, PROFILE_ERROR, "Enter a process name or PID."},
    {hold_bad_type, PROFILE_FIELD_HOLD_TYPE, PROFILE_ERROR, "Choose a handle type."},
    {hold_none, PROFILE_FIELD_HOLD_COUNT, PROFILE_ERROR, "Enter 1 to 16,777,216 handles."},
    {grow_bad_type, PROFILE_FIELD_GROW_TYPE, PROFILE_ERROR, "Choose a handle type."},
    {grow_too_fast, PROFILE_FIELD_GROW_COUNT, PROFILE_ERROR, "Enter 1 to 16,777,216 handles a minute."},
};

static struct scene whole(void)
{
    struct scene s;
    memset(&s, 0, sizeof s);
    profile_default(&s.p);
    s.l = (struct profile_limits){
        .memory_bytes = 16 * GB, .disk_known = true, .disk_free = 100 * GB, .drive = "D:", .editing = true};
    return s;
}

static void each_problem_stands_below_its_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene s = whole();
        struct profile_problem p[PROFILE_PROBLEM_CODES];
        struct profile_problem of;
        char text[200];
        assert_int_equal(profile_problems(&s.p, &s.l, p, PROFILE_PROBLEM_CODES), 0);
        cases[i].breaks(&s);
        unsigned n = profile_problems(&s.p, &s.l, p, PROFILE_PROBLEM_CODES);
        profile_problem_text(&p[0], &locale, text, sizeof text);
        if (n != 1)
            fail_msg("%s: %u problems, the first is \"%s\"", cases[i].text, n, n ? text : "");
        assert_string_equal(text, cases[i].text);
        assert_int_equal(p[0].field, cases[i].field);
        assert_int_equal(p[0].severity, cases[i].severity);
        assert_true(profile_problem_of(&s.p, &s.l, cases[i].field, &of));
        assert_int_equal(of.code, p[0].code);
        assert_false(profile_problem_of(&s.p, &s.l, (cases[i].field + 1) % PROFILE_FIELD_COUNT, &of));
    }
}

static void problems_come_in_the_order_of_the_fields(void **state)
{
    (void)state;
    struct scene s = whole();
    struct profile_problem p[3];
    no_create(&s);
    no_name(&s);
    circular(&s);
    at(&s);
    /* Five: a circular file cannot stop at a size, and none is given. */
    assert_int_equal(profile_problems(&s.p, &s.l, p, 3), 5);
    assert_int_equal(p[0].field, PROFILE_FIELD_NAME);
    assert_int_equal(p[1].field, PROFILE_FIELD_STACKS);
    assert_int_equal(p[2].field, PROFILE_FIELD_FILE_MB);
    assert_int_equal(p[2].severity, PROFILE_ERROR);
}

/* A file and a command line may say what an editor would not let pass, and nothing is known of the machine there. */
static void without_limits_only_the_profile_itself_counts(void **state)
{
    (void)state;
    static void (*const fine[])(struct scene *) = {taken, nothing_ticked, small_ring,   little_disk, empty_segments,
                                                   at,    hold_nobody,    hold_no_type, grow_no_type};
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        struct scene s = whole();
        struct profile_problem p;
        struct err err = {0};
        fine[i](&s);
        if (profile_problems(&s.p, NULL, &p, 1))
            fail_msg("case %zu: problem %d", i, (int)p.code);
        assert_true(profile_check(&s.p, &err));
    }
}

static void every_problem_has_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PROFILE_PROBLEM_CODES; i++)
        assert_int_not_equal(strlen(word(NULL, WORD_PROBLEM + i)), 0);
    for (size_t i = 0; i < WORDS; i++)
        for (size_t j = 0; j < i; j++)
            if (words[i].id == words[j].id)
                fail_msg("%u is \"%s\" and \"%s\"", words[i].id, words[i].text, words[j].text);
}

/* --- spans and stops --- */

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {{-1, "0 s"},         {119, "119 s"},         {120, "2 min"},        {7199, "119 min"},
                {7200, "2 h 0 min"}, {172800, "2 days 0 h"}, {187200, "2 days 4 h"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        profile_duration_text(rows[i].seconds, &locale, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void spans_are_measured_or_not_known(void **state)
{
    (void)state;
    const struct span_switch of_close = {.share = 0.341, .without_s = 47 * 60, .with_s = 31 * 60};
    char text[100];
    struct profile p = {.storage = PROFILE_RING, .buffers = 512, .buffer_kb = 1024, .stacks = PROFILE_STACK_CREATE};
    assert_true(profile_span_text(measured(), &p, 0, &locale, text, sizeof text));
    assert_string_equal(text, "Holds about 47 min (measured: 2,310 events/min)");
    p.storage = PROFILE_FILE;
    assert_true(profile_span_text(measured(), &p, 0, &locale, text, sizeof text));
    assert_string_equal(text, "Grows about 10 MB a minute (measured: 2,310 events/min)");
    p.max_file_mb = 512;
    assert_true(profile_span_text(measured(), &p, 0, &locale, text, sizeof text));
    assert_string_equal(text, "Holds about 47 min (measured: 2,310 events/min)");
    assert_false(profile_span_text(NULL, &p, 0, &locale, text, sizeof text));
    assert_string_equal(text, "Known 10 s after Record.");
    profile_switch_text(&of_close, PROFILE_STACK_CLOSE, &locale, text, sizeof text);
    assert_string_equal(text, "34% of the data: 47 min → 31 min");
    profile_switch_text(NULL, PROFILE_STACK_CLOSE, &locale, text, sizeof text);
    assert_string_equal(text, "30-40% of the data");
    profile_switch_text(NULL, PROFILE_STACK_CREATE, &locale, text, sizeof text);
    assert_string_equal(text, "");
}

static void a_stop_says_its_reason(void **state)
{
    (void)state;
    static const struct {
        struct stop_fired fired;
        const char *text;
    } rows[] = {
        {{PROFILE_RULE_AFTER, 600, 600, 0, "", ""}, "The recording has run for 10 min."},
        {{PROFILE_RULE_AT, 500u << 20, 501u << 20, 0, "", ""}, "The recording has reached 500 MB."},
        {{PROFILE_RULE_DISK, 5 * GB, 4 * GB, 0, "", ""}, "Less than 5120 MB are free on drive D:."},
        {{PROFILE_RULE_HOLD, 5000, 5001, 7, "app.exe", "Event"}, "app.exe holds more than 5,000 Event handles."},
        {{PROFILE_RULE_HOLD, 5000, 5001, 7, "app.exe", ""}, "app.exe holds more than 5,000 handles."},
        {{PROFILE_RULE_GROW, 500, 700, 0, "", "Event"}, "Event handles grow by more than 500 a minute."},
        {{PROFILE_RULE_GROW, 500, 700, 0, "", ""}, "Handles grow by more than 500 a minute."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[200];
        stop_fired_text(&rows[i].fired, "D:", &locale, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_problem_stands_below_its_field),
        cmocka_unit_test(problems_come_in_the_order_of_the_fields),
        cmocka_unit_test(without_limits_only_the_profile_itself_counts),
        cmocka_unit_test(every_problem_has_words),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(spans_are_measured_or_not_known),
        cmocka_unit_test(a_stop_says_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
