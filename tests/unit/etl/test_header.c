/* The header record in both forms, and the conversion of times to its edges. */
#include "unit/test.h"

#include "core/etl/header.h"
#include "etl_builder.h"

#define RECORD 0x48

static void both_forms(void **state)
{
    (void)state;
    static const unsigned sizes[] = {4, 8};
    for (size_t i = 0; i < 2; i++) {
        struct etlb_options o = etlb_defaults();
        o.pointer_size = sizes[i];
        o.events_lost = 41;
        o.buffers_lost = 2;
        o.clock = 3;
        struct etlb b;
        struct etl_header h;
        etlb_begin(&b, &o);
        etlb_finish(&b);
        assert_true(etl_header_read(b.file + RECORD, b.used[0] - RECORD, &h));
        assert_int_equal(h.buffer_size, 0x1000);
        assert_int_equal(h.os_build, 19045);
        assert_int_equal(h.processors, 4);
        assert_int_equal(h.end_time, o.end_time);
        assert_int_equal(h.mode, 1);
        assert_int_equal(h.buffers_written, 1);
        assert_int_equal(h.pointer_size, sizes[i]);
        assert_int_equal(h.events_lost, 41);
        assert_int_equal(h.cpu_mhz, 3000);
        assert_int_equal(h.boot_time, o.start_time - 36000000000u);
        assert_int_equal(h.frequency, 10000000);
        assert_int_equal(h.start_time, o.start_time);
        assert_int_equal(h.clock, 3);
        assert_int_equal(h.buffers_lost, 2);
        assert_int_equal(h.first_time, o.first_time);
        assert_int_equal(h.names_size, 24);
        assert_memory_equal(h.names, "b\0u\0i\0l\0t\0\0\0a\0.\0e\0t\0l\0\0\0", 24);
        /* One byte less than the fields need. */
        size_t fields = 32 + (sizes[i] == 8 ? 0x118u : 0x110u);
        uint8_t *exact = malloc(fields);
        assert_non_null(exact);
        memcpy(exact, b.file + RECORD, fields);
        exact[4] = (uint8_t)fields;
        exact[5] = (uint8_t)(fields >> 8);
        assert_true(etl_header_read(exact, fields, &h));
        assert_false(etl_header_read(exact, fields - 1, &h));
        exact[4]--;
        assert_false(etl_header_read(exact, fields, &h));
        exact[4]++;
        exact[6] = 1; /* another hook */
        assert_false(etl_header_read(exact, fields, &h));
        free(exact);
        etlb_free(&b);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        uint64_t frequency;
        int64_t first;
        int64_t t;
        int64_t expected;
    } rows[] = {
        {10000000, 0, 0, 0},
        {10000000, 5, 12345, 12340},
        {10000000, 12345, 5, -12340},
        {2343750, 100, 100 + 2343750, 10000000},
        {2343750, 100, 101, 4},
        {2343750, 101, 100, -4},
        {3, 0, 10, 33333333},
        {1, 0, 922337203684, 9223372036840000000},
        {1, 0, 922337203685, INT64_MAX}, /* would wrap */
        {1, 0, INT64_MAX, INT64_MAX},
        {1, INT64_MAX, INT64_MIN, INT64_MIN},
        {10000000, INT64_MIN, INT64_MAX, INT64_MAX},
        {10000000, INT64_MAX, INT64_MIN, INT64_MIN},
        /* Ten years of a 10 MHz counter, and of one at 3.5 GHz: the product does not fit into 64 bits. */
        {10000000, 0, 3155760000000000, 3155760000000000},
        {3500000000, 0, 1104516000000000000, 3155760000000000},
        {999999999999, 0, 999999999998, 9999999},
        {0, 0, 10, 10},             /* unknown: 10 MHz */
        {UINT64_MAX, 0, 10, 10},    /* cannot be */
        {1000000000001, 0, 10, 10}, /* cannot be */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etl_header h = {.clock = ETL_CLOCK_QPC, .frequency = rows[i].frequency, .first_time = rows[i].first};
        int64_t got = etl_time_since_start(&h, rows[i].t);
        if (got != rows[i].expected)
            print_error("row %u: %lld instead of %lld\n", (unsigned)i, (long long)got, (long long)rows[i].expected);
        assert_true(got == rows[i].expected);
    }
}

static void clocks(void **state)
{
    (void)state;
    struct etl_header h = {.clock = ETL_CLOCK_SYSTEM, .frequency = 3, .cpu_mhz = 2000};
    assert_int_equal(etl_ticks_per_second(&h), 10000000);
    h.clock = ETL_CLOCK_CPU;
    assert_int_equal(etl_ticks_per_second(&h), 2000000000);
    h.cpu_mhz = 0;
    assert_int_equal(etl_ticks_per_second(&h), 10000000);
    h.clock = ETL_CLOCK_QPC;
    assert_int_equal(etl_ticks_per_second(&h), 3);
    assert_string_equal(etl_clock_name(1), "qpc");
    assert_string_equal(etl_clock_name(2), "system");
    assert_string_equal(etl_clock_name(3), "cpu");
    assert_string_equal(etl_clock_name(0), "raw");
    assert_string_equal(etl_clock_name(4), "unknown");
    assert_string_equal(etl_clock_name(UINT32_MAX), "unknown");
}

static void moments(void **state)
{
    (void)state;
    struct etl_header h = {.clock = 1, .frequency = 10000000, .start_time = 1000, .first_time = 500};
    assert_int_equal(etl_filetime(&h, 600), 1100);
    assert_int_equal(etl_filetime(&h, 400), 900);
    assert_int_equal(etl_filetime(&h, -600), 0); /* before 1601: saturates */
    assert_int_equal(etl_filetime(&h, INT64_MIN), 0);
    assert_int_equal(etl_filetime(&h, INT64_MAX), INT64_MAX);
    h.start_time = UINT64_MAX;
    assert_int_equal(etl_filetime(&h, 501), INT64_MAX);
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        uint64_t filetime;
        const char *text;
    } rows[] = {
        {0, "1601-01-01T00:00:00.0000000Z"},
        {116444736000000000, "1970-01-01T00:00:00.0000000Z"},
        {125911584000000001, "2000-01-01T00:00:00.0000001Z"},
        {125963423999999999, "2000-02-29T23:59:59.9999999Z"},
        {125963424000000000, "2000-03-01T00:00:00.0000000Z"},
        {133485407999999999, "2023-12-31T23:59:59.9999999Z"},
        {133485408000000000, "2024-01-01T00:00:00.0000000Z"},
        {133800767999999999, "2024-12-30T23:59:59.9999999Z"},
        {133801631999999999, "2024-12-31T23:59:59.9999999Z"},
        {157784543999999999, "2100-12-31T23:59:59.9999999Z"},
        {2650467743999999999, "9999-12-31T23:59:59.9999999Z"},
    };
    char text[ETL_TIME_TEXT];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        etl_filetime_text(rows[i].filetime, text);
        assert_string_equal(text, rows[i].text);
    }
    etl_filetime_text(UINT64_MAX, text);
    assert_memory_equal(text, "9999-", 5);
    assert_int_equal(strlen(text), ETL_TIME_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms), cmocka_unit_test(times), cmocka_unit_test(clocks),
        cmocka_unit_test(moments),    cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
