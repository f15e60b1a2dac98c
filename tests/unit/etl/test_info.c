/* Facts and counts of a trace, as text and as JSON, and the judgement of a finished recording. */
#include "unit/test.h"

#include "core/base/file.h"
#include "core/etl/info.h"
#include "core/etl/verify.h"
#include "etl_builder.h"

#define PATH "test_info.etl"

static const struct etlb_ids ids = {100, 200};
static const uint8_t guid[16] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};

static void build(struct etlb *b, const struct etlb_options *o)
{
    static const uint8_t zero[64];
    etlb_begin(b, o);
    etlb_buffer(b, 0);
    for (int i = 0; i < 3; i++)
        etlb_compact(b, 8, 0x1120, 2, ids, 1000000 + i, zero, 16);
    etlb_system(b, 4, 0x1121, 2, ids, 1000010, zero, 12);
    etlb_perfinfo(b, 8, 0x1121, 2, 1000011, zero, 16);
    etlb_system(b, 8, 0x1122, 3, ids, 1000012, zero, 26);
    etlb_buffer(b, 1);
    etlb_perfinfo(b, 8, 0x1820, 2, 1000020, zero, 32);
    etlb_perfinfo(b, 8, 0x1826, 2, 1000020, zero, 24);
    etlb_perfinfo(b, 8, 0x1127, 2, 1000021, zero, 20);
    etlb_perfinfo(b, 8, 0x1125, 2, 1000022, zero, 10);
    etlb_perfinfo(b, 8, 0x7742, 2, 1000023, zero, 10);
    etlb_full(b, 8, guid, 36, 2, ids, 1000024, zero, 4);
    etlb_full(b, 4, guid, 36, 2, ids, 1000025, zero, 4);
    etlb_event(b, 8, guid, 7, 36, ids, 1000026, NULL, 0, zero, 4);
    etlb_event(b, 8, guid, 7, 1, ids, 31000000, NULL, 0, zero, 4);
    etlb_finish(b);
}

static const char counts_text[] = "{\"hook\":\"0x1120\",\"name\":\"Object/CreateHandle\",\"count\":3},"
                                  "{\"hook\":\"0x1121\",\"name\":\"Object/CloseHandle\",\"count\":2},"
                                  "{\"provider\":\"00112233-4455-6677-8899-aabbccddeeff\",\"id\":null,\"opcode\":36,"
                                  "\"count\":2},"
                                  "{\"hook\":\"0x0000\",\"name\":\"EventTrace/Header\",\"count\":1},"
                                  "{\"hook\":\"0x1122\",\"name\":\"Object/DuplicateHandle\",\"count\":1},"
                                  "{\"hook\":\"0x1125\",\"name\":\"Object/TypeDCEnd\",\"count\":1},"
                                  "{\"hook\":\"0x1127\",\"name\":\"Object/HandleDCEnd\",\"count\":1},"
                                  "{\"hook\":\"0x1820\",\"name\":\"StackWalk/Stack\",\"count\":1},"
                                  "{\"hook\":\"0x1826\",\"name\":\"StackWalk/KeyUser\",\"count\":1},"
                                  "{\"hook\":\"0x7742\",\"name\":\"0x77/66\",\"count\":1},"
                                  "{\"provider\":\"00112233-4455-6677-8899-aabbccddeeff\",\"id\":7,\"opcode\":1,"
                                  "\"count\":1},"
                                  "{\"provider\":\"00112233-4455-6677-8899-aabbccddeeff\",\"id\":7,\"opcode\":36,"
                                  "\"count\":1}";

static void assert_json(const char *head)
{
    struct err err = {0};
    struct etl_info info;
    struct text got = {0};
    struct text expected = {0};
    struct json j = {.out = &got};
    assert_true(etl_info_read(PATH, &info, &err));
    etl_info_json(&info, "a\"b.etl", &j);
    text_addf(&expected, "{\"file\":\"a\\\"b.etl\",\"bytes\":12288,%s\"counts\":[%s]}", head, counts_text);
    assert_string_equal(text_str(&got), text_str(&expected));
    text_free(&got);
    text_free(&expected);
    etl_info_free(&info);
}

static void json_of_a_whole_file(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.events_lost = 41;
    struct etlb b;
    build(&b, &o);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_json("\"osBuild\":19045,\"pointerSize\":8,\"processors\":4,\"clock\":\"qpc\",\"bufferSize\":4096,"
                "\"buffers\":3,\"mode\":1,\"start\":\"2012-12-14T23:06:40.0000000Z\",\"durationSeconds\":10.0000000,"
                "\"eventsLost\":41,\"buffersLost\":0,\"compressed\":false,\"events\":16,\"truncated\":false,"
                "\"damagedBuffers\":0,");
    etlb_free(&b);
}

/* Not closed: nobody knows the losses, and the length is that of the events. */
static void json_of_a_file_that_was_not_closed(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.pointer_size = 4;
    o.clock = 2;
    o.end_time = 0;
    o.buffers_written = 0;
    o.no_flush_marker = true;
    struct etlb b;
    build(&b, &o);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_json("\"osBuild\":19045,\"pointerSize\":4,\"processors\":4,\"clock\":\"system\",\"bufferSize\":4096,"
                "\"buffers\":3,\"mode\":1,\"start\":\"2012-12-14T23:06:40.0000000Z\",\"durationSeconds\":3.0000000,"
                "\"eventsLost\":null,\"buffersLost\":null,\"compressed\":false,\"events\":16,\"truncated\":true,"
                "\"damagedBuffers\":0,");
    etlb_free(&b);
}

static void text_names_the_session(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct err err = {0};
    struct etl_info info;
    struct text out = {0};
    build(&b, &o);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_true(etl_info_read(PATH, &info, &err));
    assert_string_equal(info.logger_name, "built");
    assert_string_equal(info.file_name, "a.etl");
    assert_false(etl_info_damaged(&info));
    etl_info_text(&info, "x.etl", &out);
    static const char *const wanted[] = {"built",     "sequential", "3  0x1120  Object/CreateHandle",
                                         "opcode 36", "COMPACT64",  "0 damaged buffers"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (!strstr(text_str(&out), wanted[i]))
            print_error("\"%s\" is not in:\n%s\n", wanted[i], text_str(&out));
        assert_non_null(strstr(text_str(&out), wanted[i]));
    }
    text_free(&out);
    etl_info_free(&info);
    etlb_free(&b);
}

static void counts_many_kinds(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x100000;
    struct etlb b;
    struct err err = {0};
    struct etl_info info;
    etlb_begin(&b, &o);
    etlb_buffer(&b, 0);
    /* More than the hash table starts with, so that it grows; each kind as often as its number says, modulo 3. */
    for (unsigned round = 0; round < 3; round++)
        for (uint16_t id = 0; id < 3000; id++)
            if (id % 3 >= round)
                etlb_event(&b, 8, guid, id, (uint8_t)(id % 7), ids, 1000000, NULL, 0, NULL, 0);
    etlb_finish(&b);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_true(etl_info_read(PATH, &info, &err));
    assert_int_equal(info.count_count, 3001);
    for (size_t i = 0; i < info.count_count; i++)
        if (info.counts[i].kind == ETL_EVENT) {
            assert_int_equal(info.counts[i].count, info.counts[i].id % 3 + 1);
            assert_int_equal(info.counts[i].opcode, info.counts[i].id % 7);
        }
    assert_int_equal(info.stats.events, 6001);
    etl_info_free(&info);
    etlb_free(&b);
}

static void verify_counts(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    o.events_lost = 12;
    struct etlb b;
    struct err err = {0};
    struct etl_verify_result v;
    build(&b, &o);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_true(etl_verify(PATH, &v, &err));
    assert_int_equal(v.bytes, 0x3000);
    assert_int_equal(v.buffers, 3);
    assert_int_equal(v.events, 16);
    assert_int_equal(v.creates, 3);
    assert_int_equal(v.closes, 2);
    assert_int_equal(v.duplicates, 1);
    assert_int_equal(v.handles_listed, 1);
    assert_int_equal(v.types_listed, 1);
    assert_int_equal(v.stacks, 2);
    assert_int_equal(v.events_lost, 12);
    assert_true(v.losses_known);
    etlb_free(&b);
}

static size_t handle(struct etlb *b, uint16_t hook, uint16_t type)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, 0xFFFF800000001000u, 8);
    if (hook == 0x1127) {
        etlb_put(&p, 100, 4);
        etlb_put(&p, 8, 4);
    } else {
        etlb_put(&p, 8, 4);
    }
    if (hook == 0x1122) {
        etlb_put(&p, 12, 4);
        etlb_put(&p, 100, 4);
    }
    etlb_put(&p, type, 2);
    etlb_put(&p, 0, 2);
    return etlb_compact(b, 8, hook, 2, ids, 1000000, p.bytes, p.size);
}

static void named(struct etlb *b, uint16_t type, const char *name)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, type, 2);
    etlb_put(&p, 0, 2);
    etlb_put_utf16(&p, name);
    etlb_system(b, 8, 0x1125, 2, ids, 1000100, p.bytes, p.size);
}

static void verify_counts_types(void **state)
{
    (void)state;
    struct etlb_options o = etlb_defaults();
    struct etlb b;
    struct err err = {0};
    static struct etl_verify_result v;
    etlb_begin(&b, &o);
    etlb_buffer(&b, 0);
    handle(&b, 0x1120, 16);
    handle(&b, 0x1121, 16);
    handle(&b, 0x1122, 16);
    handle(&b, 0x1127, 16);
    handle(&b, 0x1120, 255);
    handle(&b, 0x1120, 256); /* no kernel has it; counted, but not by type */
    handle(&b, 0x1120, 44);
    named(&b, 16, "Event");
    named(&b, 255, "A name that is longer than any that the kernel is known to give");
    named(&b, 256, "Beyond");
    named(&b, 17, "Unused");
    etlb_finish(&b);
    etlb_save(&b, PATH, SIZE_MAX);
    assert_true(etl_verify(PATH, &v, &err));
    assert_int_equal(v.creates, 4);
    assert_int_equal(v.types[16].events, 4);
    assert_string_equal(v.types[16].name, "Event");
    assert_int_equal(v.types[255].events, 1);
    assert_string_equal(v.types[255].name, "A name that is longer than any that the kernel ");
    assert_int_equal(v.types[44].events, 1);
    assert_string_equal(v.types[44].name, "");
    assert_int_equal(v.types[17].events, 0);
    assert_string_equal(v.types[17].name, "Unused");
    assert_int_equal(v.types[0].events, 0);
    etlb_free(&b);
}

static void verify_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint32_t buffers_written;
        uint32_t mode;
        uint64_t end_time;
        size_t size;
        size_t poke; /* a byte of the file to set to 0xEE; 0: none */
        enum err_code code;
        bool no_marker;
    } rows[] = {
        {"whole", UINT32_MAX, 1, 1, SIZE_MAX, 0, ERR_NONE, false},
        {"no end time", UINT32_MAX, 1, 0, SIZE_MAX, 0, ERR_TRUNCATED, false},
        {"no mark", UINT32_MAX, 1, 1, SIZE_MAX, 0, ERR_TRUNCATED, true},
        {"a buffer is missing", UINT32_MAX, 1, 1, 0x2000, 0, ERR_TRUNCATED, false},
        {"half a buffer is missing", UINT32_MAX, 1, 1, 0x2800, 0, ERR_TRUNCATED, false},
        {"more buffers than counted", 2, 1, 1, SIZE_MAX, 0, ERR_MISMATCH, false},
        {"fewer buffers than counted", 4, 1, 1, SIZE_MAX, 0, ERR_TRUNCATED, false},
        {"damaged record", UINT32_MAX, 1, 1, SIZE_MAX, 0x104B, ERR_FORMAT, false},
        {"damaged buffer header", UINT32_MAX, 1, 1, SIZE_MAX, 0x1002, ERR_FORMAT, false},
        {"no header record", UINT32_MAX, 1, 1, SIZE_MAX, 0x4B, ERR_FORMAT, false},
        {"a ring", 77, 0x400, 0, SIZE_MAX, 0, ERR_NONE, true},
        {"a damaged ring", 77, 0x400, 0, SIZE_MAX, 0x104B, ERR_FORMAT, true},
        {"circular that went round", 77, 2, 1, SIZE_MAX, 0, ERR_NONE, false},
        {"circular, not closed", 77, 2, 1, SIZE_MAX, 0, ERR_TRUNCATED, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etlb_options o = etlb_defaults();
        o.mode = rows[i].mode;
        o.buffers_written = rows[i].buffers_written;
        o.no_flush_marker = rows[i].no_marker;
        o.end_time = rows[i].end_time ? o.end_time : 0;
        struct etlb b;
        struct err err = {0};
        struct etl_verify_result v = {.events = 77};
        build(&b, &o);
        if (rows[i].poke)
            b.file[rows[i].poke] = 0xEE;
        etlb_save(&b, PATH, rows[i].size);
        bool ok = etl_verify(PATH, &v, &err);
        print_message("  %s: code %d\n", rows[i].what, (int)err.code);
        assert_int_equal(err.code, rows[i].code);
        assert_int_equal(ok, rows[i].code == ERR_NONE);
        assert_int_equal(v.events, ok ? 16 : 77);
        etlb_free(&b);
    }
    struct err err = {0};
    struct etl_verify_result v;
    assert_false(etl_verify("no_such_file.etl", &v, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static int remove_file(void **state)
{
    (void)state;
    return file_delete(PATH, NULL) ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_a_whole_file),   cmocka_unit_test(json_of_a_file_that_was_not_closed),
        cmocka_unit_test(text_names_the_session), cmocka_unit_test(counts_many_kinds),
        cmocka_unit_test(verify_counts),          cmocka_unit_test(verify_counts_types),
        cmocka_unit_test(verify_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, remove_file);
}
