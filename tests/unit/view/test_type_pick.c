/* Tests which types can be picked, in which order, and which share a tag. */
#include "core/record/type_pick.h"

#include "core/profile/profile.h"
#include "unit/test.h"

#include <stdio.h>

struct seen {
    char names[80][SYS_TYPE_NAME_MAX];
    size_t count;
    size_t stop_at;
};

static bool collect(void *ctx, const char *name, uint32_t tag)
{
    struct seen *s = ctx;
    assert_int_equal(tag, profile_tag(name));
    snprintf(s->names[s->count++], SYS_TYPE_NAME_MAX, "%s", name);
    return s->count != s->stop_at;
}

static void known_types_before_the_first_count(void **state)
{
    (void)state;
    struct seen s = {0};
    type_pick_each(NULL, collect, &s);
    assert_int_equal(s.count, 44);
    static const char *const first[] = {"Event",     "File",   "Process", "Thread", "Key",       "Section",
                                        "Semaphore", "Mutant", "Token",   "Timer",  "ALPC Port", "EtwRegistration"};
    for (size_t i = 0; i < 12; i++)
        assert_string_equal(s.names[i], first[i]);
    for (size_t i = 13; i < s.count; i++)
        assert_true(strcmp(s.names[i - 1], s.names[i]) < 0);
}

static void types_of_the_system(void **state)
{
    (void)state;
    struct snapshot_type types[3] = {{.name = "Zebra"}, {.name = "Event"}, {.name = "Alpha"}};
    struct snapshot snap = {.available = true, .type_count = 3, .types = types};
    struct seen s = {0};
    type_pick_each(&snap, collect, &s);
    assert_int_equal(s.count, 3);
    assert_string_equal(s.names[0], "Event");
    assert_string_equal(s.names[1], "Alpha");
    assert_string_equal(s.names[2], "Zebra");
}

static void stops_when_told(void **state)
{
    (void)state;
    struct seen s = {.stop_at = 2};
    type_pick_each(NULL, collect, &s);
    assert_int_equal(s.count, 2);
}

static void fellows_of_a_tag(void **state)
{
    (void)state;
    char first[SYS_TYPE_NAME_MAX];
    assert_int_equal(type_pick_of_tag(profile_tag("DxgkSharedResource"), NULL, first), 4);
    assert_int_equal(type_pick_of_tag(profile_tag("IoCompletion"), NULL, first), 2);
    assert_int_equal(type_pick_of_tag(profile_tag("Event"), NULL, first), 1);
    assert_string_equal(first, "Event");
    assert_int_equal(type_pick_of_tag(profile_tag("Nonesuch"), NULL, first), 0);
    assert_string_equal(first, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_types_before_the_first_count),
        cmocka_unit_test(types_of_the_system),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(fellows_of_a_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
