/* JSON: commas, escapes, and text that is no UTF-8. */
#include "unit/test.h"

#include "core/base/json.h"

static void compact(void **state)
{
    (void)state;
    struct text out = {0};
    struct json j = {.out = &out};
    json_object(&j, NULL);
    json_string(&j, "s", "a\"\\\n\x7F\xC3\xA4\xFF");
    json_null(&j, "n");
    json_string(&j, "none", NULL);
    json_array(&j, "a");
    json_u64(&j, NULL, UINT64_MAX);
    json_i64(&j, NULL, INT64_MIN);
    json_object(&j, NULL);
    json_end_object(&j);
    json_bool(&j, NULL, true);
    json_end_array(&j);
    json_array(&j, "empty");
    json_end_array(&j);
    json_real(&j, "r", 1.25, 2);
    json_real(&j, "inf", 1e308 * 10, 2);
    json_end_object(&j);
    assert_string_equal(out.s, "{\"s\":\"a\\\"\\\\\\u000a\\u007f\xC3\xA4\\ufffd\",\"n\":null,\"none\":null,"
                               "\"a\":[18446744073709551615,-9223372036854775808,{},true],\"empty\":[],"
                               "\"r\":1.25,\"inf\":null}");
    text_free(&out);
}

static void pretty(void **state)
{
    (void)state;
    struct text out = {0};
    struct json j = {.out = &out, .pretty = true};
    json_object(&j, NULL);
    json_array(&j, "a");
    json_u64(&j, NULL, 1);
    json_u64(&j, NULL, 2);
    json_end_array(&j);
    json_end_object(&j);
    assert_string_equal(out.s, "{\n  \"a\": [\n    1,\n    2\n  ]\n}");
    text_free(&out);
}

static void too_deep_is_said(void **state)
{
    (void)state;
    struct text out = {0};
    struct json j = {.out = &out};
    for (int i = 0; i < JSON_MAX_DEPTH; i++)
        json_array(&j, NULL);
    assert_false(out.failed);
    json_array(&j, NULL);
    assert_true(out.failed);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact),
        cmocka_unit_test(pretty),
        cmocka_unit_test(too_deep_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
