/* Records: every header type in both pointer sizes, and headers that lie. */
#include "unit/test.h"

#include "core/etl/record_kernel.h"
#include "etl_builder.h"

static const uint8_t guid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const struct etlb_ids ids = {4321, 8765};
static const unsigned sizes[] = {4, 8};

struct made {
    struct etlb b;
    const uint8_t *bytes;
    size_t left;
};

static void begin(struct made *m)
{
    struct etlb_options o = etlb_defaults();
    etlb_begin(&m->b, &o);
    etlb_buffer(&m->b, 3);
}

static enum etl_read read_at(struct made *m, size_t at, struct etl_record *r, size_t *step)
{
    m->bytes = m->b.data[1] + at;
    m->left = m->b.used[1] - at;
    memset(r, 0xCC, sizeof *r);
    return etl_record_read(m->bytes, m->left, r, step);
}

static void kernel_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct made m;
        struct etl_record r;
        size_t step = 0;
        begin(&m);
        size_t system = etlb_system(&m.b, sizes[i], 0x1120, 2, ids, 77, "payload", 7);
        size_t compact = etlb_compact(&m.b, sizes[i], 0x1121, 3, ids, -5, "pay", 3);
        size_t perf = etlb_perfinfo(&m.b, sizes[i], 0x1820, 2, 99, "stack!", 6);

        assert_int_equal(read_at(&m, system, &r, &step), ETL_READ_OK);
        assert_int_equal(step, 40);
        assert_int_equal(r.kind, ETL_KERNEL);
        assert_int_equal(r.header_type, sizes[i] == 8 ? ETL_SYSTEM64 : ETL_SYSTEM32);
        assert_int_equal(r.hook, 0x1120);
        assert_int_equal(r.opcode, 0x20);
        assert_int_equal(r.version, 2);
        assert_int_equal(r.pid, ids.pid);
        assert_int_equal(r.tid, ids.tid);
        assert_int_equal(r.time, 77);
        assert_int_equal(r.pointer_size, sizes[i]);
        assert_int_equal(r.payload_size, 7);
        assert_memory_equal(r.payload, "payload", 7);
        assert_null(r.provider);
        assert_null(r.extended);
        assert_false(r.malformed);

        assert_int_equal(read_at(&m, compact, &r, &step), ETL_READ_OK);
        assert_int_equal(step, 32);
        assert_int_equal(r.header_type, sizes[i] == 8 ? ETL_COMPACT64 : ETL_COMPACT32);
        assert_int_equal(r.hook, 0x1121);
        assert_int_equal(r.pid, ids.pid);
        assert_int_equal(r.tid, ids.tid);
        assert_int_equal(r.time, -5);
        assert_int_equal(r.payload_size, 3);
        assert_memory_equal(r.payload, "pay", 3);

        assert_int_equal(read_at(&m, perf, &r, &step), ETL_READ_OK);
        assert_int_equal(step, 24);
        assert_int_equal(r.header_type, sizes[i] == 8 ? ETL_PERFINFO64 : ETL_PERFINFO32);
        assert_int_equal(r.hook, 0x1820);
        assert_int_equal(r.pid, ETL_UNKNOWN_ID);
        assert_int_equal(r.tid, ETL_UNKNOWN_ID);
        assert_int_equal(r.time, 99);
        assert_int_equal(r.payload_size, 6);
        assert_memory_equal(r.payload, "stack!", 6);
        etlb_free(&m.b);
    }
}

/* Counters and the PEBS index stand between header and payload; the version is the low byte only. */
static void perfinfo_extensions(void **state)
{
    (void)state;
    static const uint16_t versions[] = {0x0002, 0x0102, 0x0702, 0x8002, 0x8302};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        struct made m;
        struct etl_record r;
        size_t step = 0;
        begin(&m);
        size_t at = etlb_perfinfo(&m.b, 8, 0x0F2E, versions[i], 5, "abc", 3);
        assert_int_equal(read_at(&m, at, &r, &step), ETL_READ_OK);
        assert_int_equal(r.version, 2);
        assert_int_equal(r.payload_size, 3);
        assert_memory_equal(r.payload, "abc", 3);
        /* A record that has no room for what its version announces. */
        m.b.data[1][at + 1] = 0x87;
        m.b.data[1][at + 4] = 16 + 63;
        assert_int_equal(etl_record_read(m.b.data[1] + at, 200, &r, &step), ETL_READ_BAD);
        etlb_free(&m.b);
    }
}

static void classic_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct made m;
        struct etl_record r;
        size_t step = 0;
        begin(&m);
        size_t full = etlb_full(&m.b, sizes[i], guid, 36, 2, ids, 1234567890123, "name", 4);
        size_t instance = etlb_instance(&m.b, sizes[i], guid, 11, 5, ids, 7, "x", 1);

        assert_int_equal(read_at(&m, full, &r, &step), ETL_READ_OK);
        assert_int_equal(step, 56);
        assert_int_equal(r.kind, ETL_CLASSIC);
        assert_int_equal(r.header_type, sizes[i] == 8 ? ETL_FULL64 : ETL_FULL32);
        assert_int_equal(r.pointer_size, sizes[i]);
        assert_memory_equal(r.provider, guid, 16);
        assert_int_equal(r.opcode, 36);
        assert_int_equal(r.version, 2);
        assert_int_equal(r.hook, 0);
        assert_int_equal(r.id, 0);
        assert_int_equal(r.pid, ids.pid);
        assert_int_equal(r.tid, ids.tid);
        assert_int_equal(r.time, 1234567890123);
        assert_int_equal(r.payload_size, 4);
        assert_memory_equal(r.payload, "name", 4);

        assert_int_equal(read_at(&m, instance, &r, &step), ETL_READ_OK);
        assert_int_equal(step, 80);
        assert_int_equal(r.kind, ETL_CLASSIC);
        assert_int_equal(r.opcode, 11);
        assert_int_equal(r.version, 5);
        assert_int_equal(r.pointer_size, sizes[i]);
        assert_int_equal(r.payload_size, 1);
        assert_memory_equal(r.payload, "x", 1);
        etlb_free(&m.b);
    }
}

static void event_records(void **state)
{
    (void)state;
    /* Two items: 24 and 16 bytes, the first says that there is more. */
    uint8_t chain[40] = {24, 0, 1, 0, 1, 0, 16, 0};
    chain[24] = 16;
    chain[26] = 5;
    chain[30] = 8;
    for (size_t i = 0; i < 2; i++) {
        struct made m;
        struct etl_record r;
        size_t step = 0;
        begin(&m);
        size_t plain = etlb_event(&m.b, sizes[i], guid, 513, 9, ids, 11, NULL, 0, "data", 4);
        size_t extended = etlb_event(&m.b, sizes[i], guid, 514, 10, ids, 12, chain, sizeof chain, "more", 4);

        assert_int_equal(read_at(&m, plain, &r, &step), ETL_READ_OK);
        assert_int_equal(r.kind, ETL_EVENT);
        assert_int_equal(r.header_type, sizes[i] == 8 ? ETL_EVENT64 : ETL_EVENT32);
        assert_int_equal(r.id, 513);
        assert_int_equal(r.opcode, 9);
        assert_int_equal(r.version, 3);
        assert_memory_equal(r.provider, guid, 16);
        assert_int_equal(r.pid, ids.pid);
        assert_int_equal(r.tid, ids.tid);
        assert_int_equal(r.payload_size, 4);
        assert_memory_equal(r.payload, "data", 4);
        assert_null(r.extended);

        assert_int_equal(read_at(&m, extended, &r, &step), ETL_READ_OK);
        assert_false(r.malformed);
        assert_int_equal(r.extended_size, sizeof chain);
        assert_memory_equal(r.extended, chain, sizeof chain);
        assert_int_equal(r.payload_size, 4);
        assert_memory_equal(r.payload, "more", 4);
        etlb_free(&m.b);
    }
}

/* A chain that does not fit leaves the event without payload, and says so. */
static void broken_chains(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        uint8_t chain[16];
    } rows[] = {
        {"item larger than the record", {0xF0, 0xFF, 1, 0, 0, 0, 8, 0}},
        {"item smaller than its header", {7, 0, 1, 0, 0, 0, 0, 0}},
        {"data larger than the item", {16, 0, 1, 0, 0, 0, 9, 0}},
        {"more follows, but nothing does", {16, 0, 1, 0, 1, 0, 8, 0}},
        {"size zero with more", {0, 0, 1, 0, 1, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        struct etl_record r;
        size_t step = 0;
        begin(&m);
        size_t at = etlb_event(&m.b, 8, guid, 1, 0, ids, 1, rows[i].chain, 16, NULL, 0);
        print_message("  %s\n", rows[i].what);
        assert_int_equal(read_at(&m, at, &r, &step), ETL_READ_OK);
        assert_true(r.malformed);
        assert_int_equal(r.payload_size, 0);
        assert_null(r.extended);
        etlb_free(&m.b);
    }
}

static void skipped_records(void **state)
{
    (void)state;
    struct etl_record r;
    size_t step = 0;
    static const uint8_t wpp[16] = {13, 0, 0, 0x90};
    static const uint8_t old[16] = {16, 0, 0, 0xB0};
    assert_int_equal(etl_record_read(wpp, sizeof wpp, &r, &step), ETL_READ_SKIP);
    assert_int_equal(step, 16);
    assert_int_equal(etl_record_read(old, sizeof old, &r, &step), ETL_READ_SKIP);
    for (uint8_t type = 0x0C; type <= 0x0F; type++) {
        uint8_t h[16] = {9, 0, type, 0xC0};
        assert_int_equal(etl_record_read(h, sizeof h, &r, &step), ETL_READ_SKIP);
        assert_int_equal(step, 16);
    }
}

static void bad_sizes(void **state)
{
    (void)state;
    /* Least sizes of every type; the place of the size field. */
    static const struct {
        uint8_t type;
        uint8_t size_at;
        uint8_t least;
    } rows[] = {{0x01, 4, 32}, {0x02, 4, 32}, {0x03, 4, 24}, {0x04, 4, 24}, {0x0A, 0, 48}, {0x0B, 0, 72}, {0x10, 4, 16},
                {0x11, 4, 16}, {0x12, 0, 80}, {0x13, 0, 80}, {0x14, 0, 48}, {0x15, 0, 72}, {0x0C, 0, 8}};
    struct etl_record r;
    size_t step = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t least = rows[i].least;
        uint8_t *h = calloc(1, least); /* exact, so that a sanitizer sees a read past the end */
        assert_non_null(h);
        h[2] = rows[i].type;
        h[3] = 0xC0;
        h[rows[i].size_at] = (uint8_t)least;
        enum etl_read expected = rows[i].type == 0x0C ? ETL_READ_SKIP : ETL_READ_OK;
        assert_int_equal(etl_record_read(h, least, &r, &step), expected);
        assert_int_equal(etl_record_read(h, least - 1, &r, &step), ETL_READ_BAD);
        h[rows[i].size_at] = (uint8_t)(least - 1);
        assert_int_equal(etl_record_read(h, least, &r, &step), ETL_READ_BAD);
        h[rows[i].size_at] = 0;
        assert_int_equal(etl_record_read(h, least, &r, &step), ETL_READ_BAD);
        h[rows[i].size_at + 1] = 0xFF;
        assert_int_equal(etl_record_read(h, least, &r, &step), ETL_READ_BAD);
        free(h);
    }
    /* Fill, zeroes, an unknown type, a marker of another kind, and fewer bytes than any record has. */
    static const uint8_t others[][8] = {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
                                        {0, 0, 0, 0, 0, 0, 0, 0},
                                        {8, 0, 5, 0xC0, 8, 0, 0, 0},
                                        {8, 0, 0x16, 0xC0, 8, 0, 0, 0},
                                        {8, 0, 0xFF, 0xC0, 8, 0, 0, 0},
                                        {8, 0, 2, 0x40, 8, 0, 0, 0}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(etl_record_read(others[i], 8, &r, &step), ETL_READ_BAD);
    for (size_t left = 0; left < 8; left++)
        assert_int_equal(etl_record_read(others[0], left, &r, &step), ETL_READ_BAD);
}

static void same_record(const struct etl_record *a, const struct etl_record *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->header_type, b->header_type);
    assert_int_equal(a->pointer_size, b->pointer_size);
    assert_int_equal(a->opcode, b->opcode);
    assert_int_equal(a->malformed, b->malformed);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->hook, b->hook);
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->processor, b->processor);
    assert_int_equal(a->pid, b->pid);
    assert_int_equal(a->tid, b->tid);
    assert_int_equal(a->time, b->time);
    assert_ptr_equal(a->provider, b->provider);
    assert_ptr_equal(a->payload, b->payload);
    assert_int_equal(a->payload_size, b->payload_size);
    assert_int_equal(a->size, b->size);
    assert_ptr_equal(a->bytes, b->bytes);
    assert_int_equal(a->extended_size, b->extended_size);
    assert_ptr_equal(a->extended, b->extended);
}

/* The short way takes all kernel records that it should, and finds in them what the general one does. */
static void same_both_ways(const uint8_t *h, size_t left, bool plain)
{
    uint8_t *p = malloc(left ? left : 1); /* exact, so that a sanitizer sees a read past the end */
    assert_non_null(p);
    memcpy(p, h, left);
    struct etl_record whole = {.processor = 7};
    struct etl_record brief = {.processor = 7};
    size_t step = 0;
    size_t brief_step = 0;
    enum etl_read read = etl_record_read(p, left, &whole, &step);
    bool taken = etl_record_read_kernel(p, left, INT64_MIN, &brief, &brief_step);
    assert_int_equal(taken, plain && read == ETL_READ_OK && step <= left);
    if (taken) {
        same_record(&brief, &whole);
        assert_int_equal(brief_step, step);
        /* Late ones are left to the general way. */
        struct etl_record after = brief;
        assert_true(etl_record_read_kernel(p, left, whole.time, &after, &brief_step));
        assert_true(whole.time == INT64_MAX || !etl_record_read_kernel(p, left, whole.time + 1, &after, &brief_step));
    } else {
        const struct etl_record untouched = {.processor = 7};
        same_record(&brief, &untouched);
        assert_int_equal(brief_step, 0);
    }
    free(p);
}

static void kernel_records_in_short(void **state)
{
    (void)state;
    uint8_t h[64];
    uint8_t markers[] = {0xC0, 0xC1, 0xCF, 0xD0, 0x90, 0x40, 0};
    for (unsigned type = 0; type < 256; type++)
        for (size_t m = 0; m < sizeof markers; m++)
            for (unsigned size = 0; size <= 48; size++) {
                for (size_t i = 0; i < sizeof h; i++)
                    h[i] = (uint8_t)(0x11 * i + type);
                /* A classic one's size is the first number; here that is a version. */
                h[0] = 2;
                h[1] = 0;
                h[2] = (uint8_t)type;
                h[3] = markers[m];
                h[4] = (uint8_t)size;
                h[5] = 0;
                bool plain = markers[m] >> 4 == 0xC && ((type >= 1 && type <= 4) || type == 0x10 || type == 0x11);
                for (size_t left = 40; left <= 48; left++)
                    same_both_ways(h, left, plain);
                same_both_ways(h, size, plain);
                same_both_ways(h, size / 2, plain);
            }
}

static void kernel_versions_in_short(void **state)
{
    (void)state;
    static const uint8_t types[] = {0x01, 0x02, 0x03, 0x04, 0x10, 0x11};
    for (size_t t = 0; t < sizeof types; t++)
        for (unsigned bit = 0; bit < 16; bit++) {
            uint8_t h[128] = {0};
            unsigned version = 1u << bit;
            bool more = types[t] >= 0x10 && version & 0x8700u; /* stands between header and payload */
            h[0] = (uint8_t)version;
            h[1] = (uint8_t)(version >> 8);
            h[2] = types[t];
            h[3] = 0xC0;
            h[4] = 100;
            same_both_ways(h, 128, !more);
            same_both_ways(h, 104, !more);
            same_both_ways(h, 103, !more);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_records),
        cmocka_unit_test(perfinfo_extensions),
        cmocka_unit_test(classic_records),
        cmocka_unit_test(event_records),
        cmocka_unit_test(broken_chains),
        cmocka_unit_test(skipped_records),
        cmocka_unit_test(bad_sizes),
        cmocka_unit_test(kernel_records_in_short),
        cmocka_unit_test(kernel_versions_in_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
