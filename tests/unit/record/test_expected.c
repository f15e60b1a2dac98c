/* What a recording may hold after which filters, in every case that makes a warning and in those that must not. */
#include "core/record/expected.h"

#include "core/base/text.h"
#include "unit/test.h"

#include <string.h>

#define HANDLES 0x40u

struct found {
    const char *name;
    uint64_t events;
};

struct example {
    const char *what;
    const char *recorded[3]; /* types whose tags were let through; none: all */
    struct found found[4];
    uint64_t handle_events, listed;
    bool unnamed;
    bool nothing_set; /* a note without masks */
    enum err_code code;
    const char *says; /* in the error */
};

static const struct example examples[] = {
    {.what = "all types", .found = {{"Event", 3}, {"File", 2}}, .handle_events = 5},
    {.what = "only what was wanted", .recorded = {"Event"}, .found = {{"Event", 3}}, .handle_events = 3},
    {.what = "two wanted, one seen", .recorded = {"Event", "Key"}, .found = {{"Key", 3}}, .handle_events = 3},
    {.what = "a shared tag",
     .recorded = {"IoCompletion"},
     .found = {{"IoCompletionReserve", 3}, {"IoCompletion", 1}},
     .handle_events = 4},
    {.what = "a padded tag", .recorded = {"Job"}, .found = {{"Job", 1}}, .handle_events = 1},
    {.what = "another type",
     .recorded = {"Event"},
     .found = {{"Event", 3}, {"File", 2}},
     .handle_events = 5,
     .code = ERR_MISMATCH,
     .says = " 2 events of other types, most of File:"},
    {.what = "several other types",
     .recorded = {"Event", "Key", "Mutant"},
     .found = {{"Timer", 1}, {"File", 7}, {"Event", 9}, {"Token", 2}},
     .handle_events = 19,
     .code = ERR_MISMATCH,
     .says = " 10 events of other types, most of File:"},
    {.what = "a tag in another case",
     .recorded = {"event"},
     .found = {{"Event", 3}},
     .handle_events = 3,
     .code = ERR_MISMATCH,
     .says = " 3 events of other types, most of Event:"},
    {.what = "a longer name than the tag",
     .recorded = {"Key"},
     .found = {{"KeyedEvent", 1}},
     .handle_events = 1,
     .code = ERR_MISMATCH,
     .says = "KeyedEvent"},
    {.what = "listed only, of another type",
     .recorded = {"Event"},
     .found = {{"File", 2}},
     .listed = 2,
     .code = ERR_MISMATCH,
     .says = "File"},
    {.what = "a type that is not named", .recorded = {"Event"}, .found = {{"", 4}, {"Event", 1}}, .handle_events = 5},
    {.what = "nothing at all", .code = ERR_NOT_FOUND, .says = "anything that happened"},
    {.what = "listed only", .listed = 900, .code = ERR_NOT_FOUND, .says = "anything that happened"},
    {.what = "a filter, listed only", .recorded = {"Event"}, .found = {{"Event", 2}}, .listed = 2},
    {.what = "a filter, nothing at all", .recorded = {"Evnt"}, .code = ERR_NOT_FOUND, .says = "anything that happened"},
    {.what = "no names",
     .found = {{"", 3}},
     .handle_events = 3,
     .unnamed = true,
     .code = ERR_NOT_FOUND,
     .says = "the names of the handle types"},
    {.what = "nothing is known", .recorded = {"Event"}, .found = {{"File", 2}}, .nothing_set = true},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *x = &examples[i];
        struct readback r = {
            .handle_events = x->handle_events, .handles_listed = x->listed, .types_named = !x->unnamed};
        struct parts_note n = {.masks = {7, 0, 0, 0, x->nothing_set ? 0 : HANDLES}};
        struct err e = {0};
        char text[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
        for (; n.recorded_count < 3 && x->recorded[n.recorded_count]; n.recorded_count++)
            n.recorded[n.recorded_count] = profile_tag(x->recorded[n.recorded_count]);
        for (; r.type_count < 4 && x->found[r.type_count].name; r.type_count++) {
            text_put(r.types[r.type_count].name, READBACK_NAME_MAX, x->found[r.type_count].name);
            r.types[r.type_count].events = x->found[r.type_count].events;
        }
        bool ok = expected_check(&r, &n, &e);
        err_format(&e, text, sizeof text);
        if (ok != (x->code == ERR_NONE) || e.code != x->code || (x->says && !strstr(text, x->says)))
            fail_msg("%s: code %d, expected %d with \"%s\": %s", x->what, (int)e.code, (int)x->code,
                     x->says ? x->says : "", text);
        if (!ok && !e.remedy[0])
            fail_msg("%s: no remedy in: %s", x->what, text);
    }
}

static void test_filters_add_up(void **state)
{
    (void)state;
    struct parts_note n = {.recorded = {1, 2}, .recorded_count = 2};
    const uint32_t more[] = {2, 3, 3};
    parts_let_through(&n, more, 3);
    assert_int_equal(n.recorded_count, 3);
    assert_int_equal(n.recorded[2], 3);
    for (uint32_t t = 4; n.recorded_count < PARTS_MAX_RECORDED; t++)
        parts_let_through(&n, &t, 1);
    parts_let_through(&n, more, 3); /* nothing new: fits */
    assert_int_equal(n.recorded_count, PARTS_MAX_RECORDED);
    const uint32_t last = 1000;
    parts_let_through(&n, &last, 1);
    assert_int_equal(n.recorded_count, 0); /* more than can be kept: all types */
    parts_let_through(&n, more, 3);
    assert_int_equal(n.recorded_count, 0); /* once unfiltered, always */
    n = (struct parts_note){.recorded = {1, 2}, .recorded_count = 2};
    parts_let_through(&n, NULL, 0);
    assert_int_equal(n.recorded_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_filters_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
