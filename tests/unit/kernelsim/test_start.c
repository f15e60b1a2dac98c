// StartTrace: every refusal, slots, clamps and what is read back.
#include "sim.h"

#include <stdio.h>

#define FILE_A "C:\\t\\a.etl"
#define FILE_B "C:\\t\\b.etl"

enum {
    AT_BYTES = 0,
    AT_GUID = 24,
    AT_CLOCK = 40,
    AT_FLAGS = 44,
    AT_SIZE = 48,
    AT_MIN = 52,
    AT_MAX = 56,
    AT_FILE_MB = 60
};
enum { AT_MODE = 64, AT_ENABLE = 72, AT_NUMBER = 80, AT_FILE = 112, AT_NAME = 116 };

// One field changed in properties that are right otherwise.
struct wrong {
    const char *what;
    uint32_t offset, value, expected;
};

static const struct wrong wrongs[] = {
    {"block shorter than it says", AT_BYTES, SIM_PROPS + 8, 24},
    {"no traced-guid flag", AT_FLAGS, 0, 87},
    {"name offset inside the properties", AT_NAME, 100, 24},
    {"no room for the name", AT_NAME, SIM_PROPS - 4, 24},
    {"file name offset inside the properties", AT_FILE, 100, 24},
    {"file name offset outside", AT_FILE, SIM_PROPS, 24},
    {"new-file mode", AT_MODE, 0x02000009, 87},
    {"paged memory", AT_MODE, 0x03000001, 87},
    {"sequential and circular", AT_MODE, 0x02000003, 87},
    {"circular without a size", AT_MODE, 0x02000002, 87},
    {"ring with a file", AT_MODE, 0x02000400, 87},
    {"ring and sequential", AT_MODE, 0x02000401, 87},
    {"append and real time", AT_MODE, 0x02000104, 87},
    {"preallocated without a size", AT_MODE, 0x02000021, 87},
    {"compressed without a ring", AT_MODE, 0x06000001, 87},
    {"cannot be stopped", AT_MODE, 0x02000041, 87},
    {"clocks other than QPC are not simulated", 40, 2, 50},
    {"clock of no kind", AT_CLOCK, 4, 87},
    {"clock that is not simulated", AT_CLOCK, 2, 50},
    {"extension flags", AT_ENABLE, 0x80FF0100, 87},
    {"more megabytes than free", AT_FILE_MB, 200000, 112},
    {"no file", AT_FILE, 0, 161},
};

static void test_refusals(void **state)
{
    struct sim *s = *state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        struct sim_props p = sim_props("mine", FILE_A);
        sim_put32(&p, wrongs[i].offset, wrongs[i].value);
        uint32_t status = sim_start(s, &p);
        if (status != wrongs[i].expected) {
            fail_msg("%s: %u instead of %u", wrongs[i].what, status, wrongs[i].expected);
        }
        assert_int_equal(s->out_bytes, 0);
        assert_int_equal(s->handle, 0);
    }
    assert_string_equal(sim_control_text(s, "sessions"), "[]\n");
    assert_int_equal(s->file_count, 0);
}

static void test_missing_arguments(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", FILE_A);
    assert_int_equal(sim_call(s, KSIM_START_TRACE, 0, 0, NULL, p.block, p.bytes, p.bytes), 87);
    assert_int_equal(sim_call(s, KSIM_START_TRACE, 0, 0, "", p.block, p.bytes, p.bytes), 87);
    assert_int_equal(sim_call(s, KSIM_START_TRACE, 0, 0, "mine", NULL, 0, 0), 87);
    sim_put32(&p, AT_BYTES, 100);
    assert_int_equal(sim_call(s, KSIM_START_TRACE, 0, 0, "mine", p.block, 100, 100), 24);
}

static void test_rights(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", FILE_A);
    s->elevated = 0;
    assert_int_equal(sim_start(s, &p), 5);
    assert_int_equal(sim_control(s, "set elevated yes"), 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(sim_stop(s, s->handle), 0);
    assert_int_equal(sim_control(s, "set elevated no"), 0);
    s->elevated = KSIM_CALLER_ELEVATED;
    assert_int_equal(sim_start(s, &p), 5);
}

static void test_same_name_or_guid(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", FILE_A);
    assert_int_equal(sim_start(s, &p), 0);
    struct sim_props same_name = sim_props("MINE", FILE_B);
    assert_int_equal(sim_start(s, &same_name), 183);
    struct sim_props same_guid = sim_props("other", FILE_B);
    sim_put32(&same_guid, AT_GUID, sim_get32(p.block + AT_GUID));
    assert_int_equal(sim_start(s, &same_guid), 183);
    struct sim_props same_file = sim_props("other", "c:\\T\\A.etl");
    assert_int_equal(sim_start(s, &same_file), 161);
    struct sim_props relative = sim_props("other", "a.etl");
    assert_int_equal(sim_start(s, &relative), 161);
}

static void test_files_that_do_not_open(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", FILE_A);
    s->open_error = 32;
    assert_int_equal(sim_start(s, &p), 32);
    s->open_error = 0;
    assert_int_equal(sim_control(s, "set disk-full 1"), 0);
    assert_int_equal(sim_start(s, &p), 112);
    assert_int_equal(sim_control(s, "set disk-full 0"), 0);
    assert_int_equal(sim_control(s, "set disk-free-mb 100"), 0);
    assert_int_equal(sim_start(s, &p), 112); // 200 MB are kept back when no size is given
    sim_put32(&p, AT_FILE_MB, 50);
    assert_int_equal(sim_start(s, &p), 0); // nothing is left of the attempts before
}

static void test_system_logger_slots(void **state)
{
    struct sim *s = *state;
    for (int n = 0; n < 6; n++) {
        const char i = (char)('a' + n);
        const char name[2] = {i, 0};
        const char file[] = {'C', ':', '\\', i, '.', 'e', 't', 'l', 0};
        struct sim_props p = sim_props(name, file);
        assert_int_equal(sim_start(s, &p), 0);
    }
    struct sim_props seventh = sim_props("g", FILE_B);
    assert_int_equal(sim_start(s, &seventh), 1450);
    struct sim_props nt = sim_props("nt kernel logger", FILE_B);
    sim_put32(&nt, AT_MODE, 1);
    assert_int_equal(sim_start(s, &nt), 87); // with another GUID than its own
    const uint32_t guid[4] = {0x9e814aad, 0x11d23204, 0x6000829a, 0x3969a808};
    for (uint32_t i = 0; i < 4; i++) {
        sim_put32(&nt, AT_GUID + 4 * i, guid[i]);
    }
    assert_int_equal(sim_start(s, &nt), 0); // it has a slot of its own
    assert_int_equal(s->handle, 0xFFFF);
    struct sim_props stolen = sim_props("not the kernel's", FILE_B);
    memcpy(stolen.block + AT_GUID, guid, sizeof guid);
    assert_int_equal(sim_start(s, &stolen), 87);
}

static void test_ordinary_session(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("plain", FILE_A);
    sim_put32(&p, AT_MODE, 1);
    sim_put32(&p, AT_ENABLE, 1);
    assert_int_equal(sim_start(s, &p), 87);
    sim_put32(&p, AT_ENABLE, 0);
    assert_int_equal(sim_start(s, &p), 0);
    uint64_t handle = s->handle;
    assert_int_equal(sim_masks(s, handle, 7, 0x40), 87);
    const char *const tags[] = {"Even"};
    assert_int_equal(sim_tags(s, handle, tags, 1), 0xC000000D);
    assert_int_equal(sim_stop(s, handle), 0);
}

static uint32_t out32(const struct sim *s, uint32_t offset)
{
    return sim_get32(s->out + offset);
}

static void test_figures_are_clamped(void **state)
{
    struct sim *s = *state;
    assert_int_equal(sim_control(s, "set ram-mb 1024"), 0);
    struct sim_props p = sim_props("mine", FILE_A);
    sim_put32(&p, AT_SIZE, 65536);
    sim_put32(&p, AT_MIN, 4000);
    sim_put32(&p, AT_MAX, 5000);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(out32(s, AT_SIZE), 16384);
    assert_int_equal(out32(s, AT_MIN), 6); // a tenth of the memory
    assert_int_equal(out32(s, AT_MAX), 6);
    assert_int_equal(out32(s, AT_NUMBER), 6);
    assert_int_equal(out32(s, 8), s->handle);
    assert_int_equal(sim_stop(s, s->handle), 0);
    sim_put32(&p, AT_SIZE, 5);
    sim_put32(&p, AT_MIN, 1);
    sim_put32(&p, AT_MAX, 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_equal(out32(s, AT_SIZE), 8); // whole sectors
    assert_int_equal(out32(s, AT_MIN), 8);  // two a processor
    assert_int_equal(out32(s, AT_MAX), 8);
}

static void test_zero_guid_gets_one(void **state)
{
    struct sim *s = *state;
    struct sim_props p = sim_props("mine", FILE_A);
    sim_put32(&p, AT_GUID, 0);
    assert_int_equal(sim_start(s, &p), 0);
    assert_int_not_equal(out32(s, AT_GUID), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refusals, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_missing_arguments, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_rights, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_same_name_or_guid, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_files_that_do_not_open, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_system_logger_slots, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_ordinary_session, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_figures_are_clamped, sim_setup, sim_teardown),
        cmocka_unit_test_setup_teardown(test_zero_guid_gets_one, sim_setup, sim_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
