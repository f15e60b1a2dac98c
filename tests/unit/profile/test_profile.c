/* Tags, the rules of a profile, known type names, and this program's part of the Comments attribute. */
#include "core/base/text.h"
#include "core/profile/comments.h"
#include "core/profile/profile.h"
#include "core/profile/type_names.h"
#include "core/profile/xperf.h"
#include "unit/test.h"

static void tags_are_the_first_four_characters_padded(void **state)
{
    (void)state;
    char text[5];
    assert_int_equal(profile_tag("Event"), 0x6E657645);
    assert_int_equal(profile_tag("Key"), 0x2079654B);
    profile_tag_text(profile_tag("Job"), text);
    assert_string_equal(text, "Job");
    profile_tag_text(profile_tag("IoCompletionReserve"), text);
    assert_string_equal(text, "IoCo");
}

static void there_are_44_known_types_with_39_tags(void **state)
{
    (void)state;
    unsigned types = 0;
    unsigned tags = 0;
    for (; type_names_known[types]; types++) {
        unsigned k = 0;
        while (k < types && profile_tag(type_names_known[k]) != profile_tag(type_names_known[types]))
            k++;
        tags += k == types;
    }
    assert_int_equal(types, 44);
    assert_int_equal(tags, 39);
    assert_string_equal(type_names_find("alpc port"), "ALPC Port");
    assert_null(type_names_find("Evnt"));
}

struct broken {
    const char *what;
    enum err_code code;
    void (*breaks)(struct profile *p);
};

static void no_name(struct profile *p)
{
    p->name[0] = 0;
}
static void control_in_name(struct profile *p)
{
    p->name[1] = '\n';
}
static void five_tags(struct profile *p)
{
    p->tag_count = 5;
}
static void tag_of_zero(struct profile *p)
{
    p->tag_count = 1;
}
static void wildcard(struct profile *p)
{
    p->tag_count = 1;
    p->tags[0] = profile_tag("Ev*");
}
static void same_tag_twice(struct profile *p)
{
    p->tag_count = 2;
    p->tags[0] = p->tags[1] = profile_tag("File");
}
static void unknown_stack(struct profile *p)
{
    p->stacks = 8;
}
static void small_buffer(struct profile *p)
{
    p->buffer_kb = 63;
}
static void large_buffer(struct profile *p)
{
    p->buffer_kb = 16385;
}
static void no_buffers(struct profile *p)
{
    p->buffers = 0;
}
static void both_amounts(struct profile *p)
{
    p->memory_percent = 5;
}
static void one_buffer(struct profile *p)
{
    p->buffers = 1;
}
static void too_much_memory(struct profile *p)
{
    p->buffers = 0;
    p->memory_percent = 101;
}
static void endless_circle(struct profile *p)
{
    p->storage = PROFILE_CIRCULAR;
}
static void cache_without_size(struct profile *p)
{
    p->stack_cache = true;
}

static void check_names_the_broken_rule(void **state)
{
    (void)state;
    static const struct broken cases[] = {
        {"name", ERR_ARGUMENT, no_name},
        {"name", ERR_ARGUMENT, control_in_name},
        {"at most 4", ERR_RANGE, five_tags},
        {"slot 1", ERR_ARGUMENT, tag_of_zero},
        {"slot 1", ERR_ARGUMENT, wildcard},
        {"File twice", ERR_ARGUMENT, same_tag_twice},
        {"unknown bit (8)", ERR_ARGUMENT, unknown_stack},
        {"is 63; it can be 64 to 16384", ERR_RANGE, small_buffer},
        {"is 16385", ERR_RANGE, large_buffer},
        {"nowhere", ERR_ARGUMENT, no_buffers},
        {"twice", ERR_ARGUMENT, both_amounts},
        {"is 1; it can be 2", ERR_RANGE, one_buffer},
        {"is 101; it can be 1 to 100", ERR_RANGE, too_much_memory},
        {"maximum size", ERR_ARGUMENT, endless_circle},
        {"Stack caching", ERR_ARGUMENT, cache_without_size},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct profile p;
        struct err err = {0};
        profile_default(&p);
        assert_true(profile_check(&p, &err));
        assert_int_equal(err.code, ERR_NONE);
        cases[i].breaks(&p);
        assert_false(profile_check(&p, &err));
        assert_int_equal(err.code, cases[i].code);
        if (!strstr(err.doing, cases[i].what))
            fail_msg("\"%s\" does not say \"%s\"", err.doing, cases[i].what);
    }
}

static void comments_keep_other_words_apart(void **state)
{
    (void)state;
    char why[160] = "";
    struct comments c = {.ours = false};
    assert_true(comments_parse("By Ann.  HandleRecorder:1;types=Even,Key;maxMB=500;storage=circular;later=1;  See wiki",
                               &c, why, sizeof why));
    assert_string_equal(why, "");
    assert_true(c.ours);
    assert_int_equal(c.said.tag_count, 2);
    assert_int_equal(c.said.tags[0], profile_tag("Even"));
    assert_int_equal(c.said.tags[1], profile_tag("Key"));
    assert_int_equal(c.said.max_file_mb, 500);
    assert_true(c.has_storage);
    assert_int_equal(c.said.storage, PROFILE_CIRCULAR);
    assert_string_equal(c.unknown, "later");
    assert_string_equal(text_str(&c.other), "By Ann. See wiki");
    text_free(&c.other);
}

static void comments_of_others_are_not_ours(void **state)
{
    (void)state;
    char why[160] = "";
    struct comments c = {.ours = false};
    assert_true(comments_parse("NotHandleRecorder:1;types=Even", &c, why, sizeof why));
    assert_false(c.ours);
    assert_int_equal(c.said.tag_count, 0);
    assert_string_equal(text_str(&c.other), "NotHandleRecorder:1;types=Even");
    text_free(&c.other);
}

static void comments_decode_percent_codes(void **state)
{
    (void)state;
    char why[160] = "";
    struct comments c = {.ours = false};
    assert_true(comments_parse("HandleRecorder:1;types=A%2CB,%45ven", &c, why, sizeof why));
    assert_int_equal(c.said.tag_count, 2);
    assert_int_equal(c.said.tags[0], profile_tag("A,B"));
    assert_int_equal(c.said.tags[1], profile_tag("Even"));
    text_free(&c.other);
}

static void comments_that_are_broken_say_why(void **state)
{
    (void)state;
    static const struct {
        const char *attribute;
        const char *why;
    } cases[] = {
        {"HandleRecorder:2;types=*", "another version of this program (2)"},
        {"HandleRecorder:", "another version"},
        {"HandleRecorder:1;types=Event", "type 1"},
        {"HandleRecorder:1;types=Even,,File", "type 2"},
        {"HandleRecorder:1;types=", "type 1"},
        {"HandleRecorder:1;types=%4", "type 1"},
        {"HandleRecorder:1;types=%00", "type 1"},
        {"HandleRecorder:1;types=a,b,c,d,e", "more than 4"},
        {"HandleRecorder:1;types", "key=value"},
        {"HandleRecorder:1;=x", "key=value"},
        {"HandleRecorder:1;;types=*", "key=value"},
        {"HandleRecorder:1;types=*;types=*", "types twice"},
        {"HandleRecorder:1;storage=tape", "storage"},
        {"HandleRecorder:1;maxMB=-1", "maxMB"},
        {"HandleRecorder:1;maxMB=4294967296", "maxMB"},
        {"HandleRecorder:1;live=2", "live in Comments is not 0 or 1"},
        {"HandleRecorder:1;live=", "live in Comments"},
        {"HandleRecorder:1;holdProcess=", "holdProcess in Comments is empty or longer than 63 bytes"},
        {"HandleRecorder:1;growType=%ff%0", "growType"},
        {"HandleRecorder:1;stopAfterS=1s", "stopAfterS in Comments is not a number"},
        {"HandleRecorder:1;segmentMB=1;segmentMB=1", "segmentMB twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char why[160] = "";
        struct comments c = {.ours = false};
        if (comments_parse(cases[i].attribute, &c, why, sizeof why) || !strstr(why, cases[i].why))
            fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].attribute, why, cases[i].why);
        text_free(&c.other);
    }
}

static void xperf_is_told_what_it_can_be_told(void **state)
{
    (void)state;
    struct profile p;
    struct text t = {0};
    profile_default(&p);
    profile_xperf_line(&p, 0, &t);
    assert_string_equal(text_str(&t), "xperf -on PROC_THREAD+LOADER+OB_HANDLE -stackwalk HandleCreate+HandleDuplicate "
                                      "-BufferSize 1024 -MinBuffers 64 -MaxBuffers 64 -f kernel.etl");
    text_clear(&t);
    profile_xperf_notes(&p, &t);
    assert_string_equal(text_str(&t), "");

    p.storage = PROFILE_RING;
    p.buffers = 0;
    p.memory_percent = 5;
    p.stacks = 0;
    p.tag_count = 1;
    p.tags[0] = profile_tag("Event");
    p.stop.after_s = 1;
    profile_xperf_line(&p, 16ull << 30, &t);
    assert_string_equal(text_str(&t), "xperf -on PROC_THREAD+LOADER+OB_HANDLE -BufferSize 1024 -MinBuffers 819 "
                                      "-MaxBuffers 819 -buffering");
    text_clear(&t);
    profile_xperf_notes(&p, &t);
    assert_string_equal(text_str(&t), "xperf has no type filter: it records all types.\n"
                                      "xperf has no stop rules: stop it with xperf -d.\n");
    text_clear(&t);
    p.storage = PROFILE_CIRCULAR;
    p.max_file_mb = 500;
    p.stacks = 7;
    profile_xperf_line(&p, 1, &t);
    assert_string_equal(text_str(&t),
                        "xperf -on PROC_THREAD+LOADER+OB_HANDLE -stackwalk HandleCreate+HandleClose+HandleDuplicate "
                        "-BufferSize 1024 -MinBuffers 2 -MaxBuffers 2 -f kernel.etl -MaxFile 500 -FileMode Circular");
    text_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_the_first_four_characters_padded),
        cmocka_unit_test(there_are_44_known_types_with_39_tags),
        cmocka_unit_test(check_names_the_broken_rule),
        cmocka_unit_test(comments_keep_other_words_apart),
        cmocka_unit_test(comments_of_others_are_not_ours),
        cmocka_unit_test(comments_decode_percent_codes),
        cmocka_unit_test(comments_that_are_broken_say_why),
        cmocka_unit_test(xperf_is_told_what_it_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
