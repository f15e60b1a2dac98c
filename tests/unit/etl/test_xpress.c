/* XPRESS: published examples, everything the packer can make, and blobs that lie. */
#include "unit/test.h"

#include "core/etl/xpress.h"
#include "etl_builder.h"

#define SIZE 300000

static uint32_t seed = 1;

static unsigned next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 16;
}

static void published_examples(void **state)
{
    (void)state;
    /* From the specification of the algorithm (MS-XCA, section 3). */
    static const uint8_t alphabet[] = {0x3f, 0x00, 0x00, 0x00, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k',
                                       'l',  'm',  'n',  'o',  'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z'};
    static const uint8_t abc[] = {0xff, 0xff, 0xff, 0x1f, 0x61, 0x62, 0x63, 0x17, 0x00, 0x0f, 0xff, 0x26, 0x01};
    uint8_t out[300];
    size_t made = 0;
    assert_int_equal(xpress_unpack(alphabet, sizeof alphabet, out, 26, &made), XPRESS_OK);
    assert_int_equal(made, 26);
    assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz", 26);
    assert_int_equal(xpress_unpack(abc, sizeof abc, out, 300, &made), XPRESS_OK);
    assert_int_equal(made, 300);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(out[i], "abc"[i % 3]);
}

static void round_trip(const uint8_t *data, size_t n)
{
    uint8_t *packed = malloc(n + n / 8 + 64);
    uint8_t *back = malloc(n + 1);
    assert_non_null(packed);
    assert_non_null(back);
    size_t size = etlb_xpress(data, n, packed);
    size_t made = 0;
    assert_int_equal(xpress_unpack(packed, size, back, n, &made), XPRESS_OK);
    assert_int_equal(made, n);
    assert_memory_equal(back, data, n ? n : 1);
    free(packed);
    free(back);
}

static void round_trips(void **state)
{
    (void)state;
    uint8_t *data = malloc(SIZE);
    assert_non_null(data);
    memset(data, 'z', SIZE);
    /* Every length of a run, so every form of a match's length, up to the one of 32 bits. */
    for (size_t n = 1; n < 600; n++)
        round_trip(data, n);
    round_trip(data, 65535);
    round_trip(data, 65536 + 40);
    round_trip(data, SIZE);
    /* Noise, text-like data with matches at all distances, and two long matches that share a nibble byte. */
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)next_random();
    round_trip(data, 5000);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(next_random() % 5 ? data[i > 777 ? i - 777 : 0] : next_random() % 7);
    round_trip(data, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        data[i] = (uint8_t)(i % 4000 / 13);
    round_trip(data, SIZE);
    free(data);
}

/* A blob cut anywhere gives the beginning of the truth and says that it is short. */
static void cut_blobs(void **state)
{
    (void)state;
    uint8_t data[700];
    uint8_t packed[1000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i % 97 < 60 ? i % 97 : next_random());
    size_t size = etlb_xpress(data, sizeof data, packed);
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* so that a sanitizer sees a read past the end */
        uint8_t out[sizeof data];
        size_t made = 0;
        assert_non_null(exact);
        memcpy(exact, packed, cut);
        assert_int_equal(xpress_unpack(exact, cut, out, sizeof data, &made), XPRESS_SHORT);
        assert_true(made < sizeof data);
        if (made)
            assert_memory_equal(out, data, made);
        free(exact);
    }
}

static void lies(void **state)
{
    (void)state;
    uint8_t out[64];
    size_t made = 99;
    /* A match before anything was made. */
    static const uint8_t early[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00};
    assert_int_equal(xpress_unpack(early, sizeof early, out, sizeof out, &made), XPRESS_CORRUPT);
    assert_int_equal(made, 0);
    /* One byte, then a match two back. */
    static const uint8_t back[] = {0xff, 0xff, 0xff, 0x7f, 'a', 0x08, 0x00};
    assert_int_equal(xpress_unpack(back, sizeof back, out, sizeof out, &made), XPRESS_CORRUPT);
    assert_int_equal(made, 1);
    /* A match longer than the room. */
    static const uint8_t lengthy[] = {0xff, 0xff, 0xff, 0x7f, 'a', 0x07, 0x00, 0x0f, 0xff, 0x00, 0x01};
    assert_int_equal(xpress_unpack(lengthy, sizeof lengthy, out, sizeof out, &made), XPRESS_CORRUPT);
    /* A length below what its own form starts at. */
    static const uint8_t below[] = {0xff, 0xff, 0xff, 0x7f, 'a', 0x07, 0x00, 0x0f, 0xff, 0x15, 0x00};
    assert_int_equal(xpress_unpack(below, sizeof below, out, sizeof out, &made), XPRESS_CORRUPT);
    /* The largest length of 32 bits. */
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0x7f, 'a',  0x07, 0x00, 0x0f,
                                   0xff, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff};
    assert_int_equal(xpress_unpack(huge, sizeof huge, out, sizeof out, &made), XPRESS_CORRUPT);
    /* Nothing to make: nothing is read. */
    assert_int_equal(xpress_unpack(huge, 0, out, 0, &made), XPRESS_OK);
    assert_int_equal(made, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(cut_blobs),
        cmocka_unit_test(lies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
