/* Payload decoders: both pointer sizes, every header type they may come under, and payloads cut at every byte. */
#include "unit/test.h"

#include "core/base/text.h"
#include "core/etl/handle_events.h"
#include "core/etl/hooks.h"
#include "etl_builder.h"

#define OBJECT64 0xFFFFE00112345678u
#define OBJECT32 0x89ABCDEFu

static const unsigned sizes[] = {4, 8};

static uint64_t object_of(unsigned ps)
{
    return ps == 8 ? OBJECT64 : OBJECT32;
}

/* A record as the reader would hand it over; the payload in memory of its exact size, so that a sanitizer sees a read
 * past its end. */
static struct etl_record record_of(unsigned ps, uint16_t hook, uint16_t version, const struct etlb_payload *p,
                                   size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    assert_non_null(exact);
    memcpy(exact, p->bytes, size);
    return (struct etl_record){.kind = ETL_KERNEL,
                               .pointer_size = (uint8_t)ps,
                               .hook = hook,
                               .version = version,
                               .pid = 11,
                               .tid = 22,
                               .time = 33,
                               .payload = exact,
                               .payload_size = (uint32_t)size};
}

static void release(struct etl_record *r)
{
    free((void *)r->payload);
}

static void assert_name(struct etl_name name, const char *expected)
{
    struct text t = {0};
    text_add_utf16le(&t, name.bytes, name.units, false);
    assert_string_equal(text_str(&t), expected);
    text_free(&t);
}

/* Decodes the whole payload and every shorter one: fewer than `least` bytes must be refused, more must not. */
typedef bool (*decoder)(const struct etl_record *r, void *out);

static void check_cuts(decoder decode, void *out, unsigned ps, uint16_t hook, uint16_t version,
                       const struct etlb_payload *p, size_t least)
{
    for (size_t size = 0; size <= p->size; size++) {
        struct etl_record r = record_of(ps, hook, version, p, size);
        if (decode(&r, out) != (size >= least))
            print_error("hook 0x%04X, %u-byte pointers, %u bytes of %u\n", hook, ps, (unsigned)size, (unsigned)least);
        assert_int_equal(decode(&r, out), size >= least);
        r.kind = ETL_CLASSIC;
        assert_false(decode(&r, out));
        r.kind = ETL_KERNEL;
        r.hook = 0x1199;
        assert_false(decode(&r, out));
        release(&r);
    }
}

static bool as_handle(const struct etl_record *r, void *out)
{
    return etl_handle_event(r, out);
}

static bool as_type(const struct etl_record *r, void *out)
{
    return etl_type_event(r, out);
}

static bool as_image(const struct etl_record *r, void *out)
{
    return etl_image_event(r, out);
}

static bool as_process(const struct etl_record *r, void *out)
{
    return etl_process_event(r, out);
}

static bool as_stack(const struct etl_record *r, void *out)
{
    return etl_stack_event(r, out);
}

static bool as_key(const struct etl_record *r, void *out)
{
    return etl_stack_key_event(r, out);
}

static void create_and_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned ps = sizes[i];
        struct etl_handle_event e;
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, object_of(ps), ps);
        etlb_put(&p, 0x80001DDC, 4);
        etlb_put(&p, 17, 2);
        etlb_put(&p, 0, 2);
        assert_int_equal(p.size, ps == 8 ? 16 : 12);
        struct etl_record r = record_of(ps, 0x1120, 2, &p, p.size);
        assert_true(etl_handle_event(&r, &e));
        assert_int_equal(e.action, ETL_HANDLE_CREATE);
        assert_int_equal(e.object, object_of(ps));
        assert_int_equal(e.handle, 0x80001DDC);
        assert_int_equal(e.type, 17);
        assert_int_equal(e.pid, 11);
        assert_int_equal(e.tid, 22);
        assert_int_equal(e.source_pid, ETL_UNKNOWN_ID);
        assert_int_equal(e.name.units, 0);
        release(&r);
        check_cuts(as_handle, &e, ps, 0x1120, 2, &p, ps + 6);

        p.size -= 2;
        etlb_put_utf16(&p, "\\BaseNamedObjects\\x");
        r = record_of(ps, 0x1121, 2, &p, p.size);
        assert_true(etl_handle_event(&r, &e));
        assert_int_equal(e.action, ETL_HANDLE_CLOSE);
        assert_int_equal(e.object, object_of(ps));
        assert_int_equal(e.handle, 0x80001DDC);
        assert_name(e.name, "\\BaseNamedObjects\\x");
        release(&r);
        check_cuts(as_handle, &e, ps, 0x1121, 2, &p, ps + 6);
    }
}

static void duplicates(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned ps = sizes[i];
        struct etl_handle_event e;
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, object_of(ps), ps);
        etlb_put(&p, 0x40, 4);
        etlb_put(&p, 0x88, 4);
        etlb_put(&p, 500, 4);
        etlb_put(&p, 9, 2);
        size_t least = p.size;
        etlb_put(&p, 600, 4);
        assert_int_equal(p.size, ps == 8 ? 26 : 22);
        struct etl_record r = record_of(ps, 0x1122, 3, &p, p.size);
        assert_true(etl_handle_event(&r, &e));
        assert_int_equal(e.action, ETL_HANDLE_DUPLICATE);
        assert_int_equal(e.object, object_of(ps));
        assert_int_equal(e.source_handle, 0x40);
        assert_int_equal(e.handle, 0x88);
        assert_int_equal(e.pid, 500);
        assert_int_equal(e.type, 9);
        assert_int_equal(e.source_pid, 600);
        assert_int_equal(e.tid, 22);
        /* Version 2 has no source process, whatever stands there. */
        r.version = 2;
        assert_true(etl_handle_event(&r, &e));
        assert_int_equal(e.source_pid, ETL_UNKNOWN_ID);
        release(&r);
        check_cuts(as_handle, &e, ps, 0x1122, 3, &p, least);
    }
}

static void inventories(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned ps = sizes[i];
        struct etl_handle_event e;
        struct etl_type_event type;
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, object_of(ps), ps);
        etlb_put(&p, 700, 4);
        etlb_put(&p, 0x1234, 4);
        etlb_put(&p, 5, 2);
        assert_int_equal(p.size, ps == 8 ? 18 : 14);
        size_t least = p.size;
        etlb_put_utf16(&p, "\\Device\\Nul");
        static const uint16_t hooks[] = {0x1126, 0x1127};
        for (size_t k = 0; k < 2; k++) {
            struct etl_record r = record_of(ps, hooks[k], 2, &p, p.size);
            assert_true(etl_handle_event(&r, &e));
            assert_int_equal(e.action, ETL_HANDLE_LISTED);
            assert_int_equal(e.object, object_of(ps));
            assert_int_equal(e.pid, 700);
            assert_int_equal(e.tid, ETL_UNKNOWN_ID);
            assert_int_equal(e.handle, 0x1234);
            assert_int_equal(e.type, 5);
            assert_name(e.name, "\\Device\\Nul");
            release(&r);
            check_cuts(as_handle, &e, ps, hooks[k], 2, &p, least);
        }
        struct etlb_payload q = {.size = 0};
        etlb_put(&q, 5, 2);
        etlb_put(&q, 0, 2);
        etlb_put_utf16(&q, "File");
        struct etl_record r = record_of(ps, 0x1125, 2, &q, q.size);
        assert_true(etl_type_event(&r, &type));
        assert_int_equal(type.type, 5);
        assert_name(type.name, "File");
        assert_false(etl_handle_event(&r, &e));
        release(&r);
        check_cuts(as_type, &type, ps, 0x1124, 2, &q, 4);
    }
}

static void images(void **state)
{
    (void)state;
    static const uint16_t hooks[] = {HOOK_IMAGE_LOAD, HOOK_IMAGE_UNLOAD, HOOK_IMAGE_DCSTART, HOOK_IMAGE_DCEND};
    for (size_t i = 0; i < 2; i++)
        for (uint16_t version = 0; version < 4; version++) {
            unsigned ps = sizes[i];
            struct etl_image_event e;
            struct etlb_payload p = {.size = 0};
            etlb_put(&p, object_of(ps), ps);
            etlb_put(&p, 0x12000, ps);
            if (version >= 1)
                etlb_put(&p, 4242, 4);
            if (version >= 2) {
                etlb_put(&p, 0xC5, 4);
                etlb_put(&p, 0x5F000000, 4);
                etlb_put(&p, 0, 4);
                etlb_put(&p, object_of(ps), ps);
                etlb_put(&p, 0, 8);
                etlb_put(&p, 0, 8);
            }
            size_t least = p.size;
            etlb_put_utf16(&p, "\\Device\\HarddiskVolume3\\leaky.exe");
            for (size_t k = 0; k < 4; k++) {
                struct etl_record r = record_of(ps, hooks[k], version, &p, p.size);
                assert_true(etl_image_event(&r, &e));
                assert_int_equal(e.life, k);
                assert_int_equal(e.base, object_of(ps));
                assert_int_equal(e.size, 0x12000);
                assert_int_equal(e.pid, version ? 4242 : ETL_UNKNOWN_ID);
                assert_int_equal(e.timestamp, version >= 2 ? 0x5F000000 : 0);
                assert_int_equal(e.checksum, version >= 2 ? 0xC5 : 0);
                assert_name(e.name, "\\Device\\HarddiskVolume3\\leaky.exe");
                release(&r);
            }
            check_cuts(as_image, &e, ps, HOOK_IMAGE_LOAD, version, &p, least);
        }
}

static void put_process(struct etlb_payload *p, unsigned ps, unsigned version, bool sid)
{
    p->size = 0;
    etlb_put(p, object_of(ps), ps);
    etlb_put(p, 1000, 4);
    etlb_put(p, 900, 4);
    etlb_put(p, 2, 4);
    etlb_put(p, 0xC0000005, 4);
    if (version >= 3)
        etlb_put(p, 0x1AB000, ps);
    if (version >= 4)
        etlb_put(p, 8, 4);
    if (sid) {
        etlb_put(p, 0xFFFF8A0012345670u, ps); /* a stale pointer */
        etlb_put(p, 0, ps);
        etlb_put(p, 0x0501, 2); /* revision 1, five sub-authorities */
        etlb_put(p, 0x050000000000u, 6);
        for (unsigned i = 0; i < 5; i++)
            etlb_put(p, (uint64_t)0x01010101 * i, 4);
    } else {
        etlb_put(p, 0, 4);
    }
}

static void processes(void **state)
{
    (void)state;
    static const uint16_t hooks[] = {HOOK_PROCESS_START, HOOK_PROCESS_END, HOOK_PROCESS_DCSTART, HOOK_PROCESS_DCEND,
                                     HOOK_PROCESS_DEFUNCT};
    for (unsigned i = 0; i < 2 * 2 * 5; i++) {
        unsigned ps = sizes[i & 1];
        bool sid = i & 2;
        uint16_t version = (uint16_t)(1 + i / 4);
        struct etl_process_event e;
        struct etlb_payload p;
        put_process(&p, ps, version, sid);
        size_t least = p.size;
        etlb_put_ascii(&p, "leaky.exe");
        etlb_put_utf16(&p, "leaky.exe --race");
        etlb_put_utf16(&p, "");
        etlb_put(&p, 130000000000000000u, 8); /* more than this reader knows */
        for (size_t k = 0; k < 5; k++) {
            struct etl_record r = record_of(ps, hooks[k], version, &p, p.size);
            assert_true(etl_process_event(&r, &e));
            assert_int_equal(e.life, k);
            assert_int_equal(e.key, version >= 2 ? object_of(ps) : 0);
            assert_int_equal(e.pid, 1000);
            assert_int_equal(e.parent_pid, 900);
            assert_int_equal(e.session, 2);
            assert_int_equal(e.exit_status, 0xC0000005);
            assert_int_equal(e.image_size, 9);
            assert_memory_equal(e.image, "leaky.exe", 9);
            assert_name(e.command, version >= 2 ? "leaky.exe --race" : "");
            release(&r);
        }
        check_cuts(as_process, &e, ps, HOOK_PROCESS_DCEND, version, &p, least);
    }
}

/* A SID that announces more than there is. */
static void lying_sid(void **state)
{
    (void)state;
    struct etlb_payload p;
    struct etl_process_event e;
    put_process(&p, 8, 4, true);
    p.bytes[8 + 16 + 8 + 4 + 16 + 1] = 255;
    struct etl_record r = record_of(8, HOOK_PROCESS_START, 4, &p, p.size);
    assert_false(etl_process_event(&r, &e));
    release(&r);
}

static void stacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        unsigned ps = sizes[i];
        struct etl_stack_event e;
        struct etl_stack_key_event key;
        struct etlb_payload p = {.size = 0};
        etlb_put(&p, 987654321, 8);
        etlb_put(&p, 55, 4);
        etlb_put(&p, 66, 4);
        for (uint64_t f = 0; f < 3; f++)
            etlb_put(&p, object_of(ps) + f, ps);
        etlb_put(&p, 0, 1); /* half a frame is none */
        struct etl_record r = record_of(ps, HOOK_STACK, 2, &p, p.size);
        assert_true(etl_stack_event(&r, &e));
        assert_int_equal(e.time, 987654321);
        assert_int_equal(e.pid, 55);
        assert_int_equal(e.tid, 66);
        assert_false(e.by_key);
        assert_int_equal(e.frame_count, 3);
        for (size_t f = 0; f < 3; f++)
            assert_int_equal(etl_frame(e.frames, e.pointer_size, f), object_of(ps) + f);
        release(&r);
        check_cuts(as_stack, &e, ps, HOOK_STACK, 2, &p, 16);

        r = record_of(ps, HOOK_STACK_KEY_USER, 2, &p, p.size);
        assert_true(etl_stack_event(&r, &e));
        assert_true(e.by_key);
        assert_int_equal(e.key, object_of(ps));
        assert_int_equal(e.frame_count, 0);
        release(&r);
        check_cuts(as_stack, &e, ps, HOOK_STACK_KEY_KERNEL, 2, &p, 16 + ps);

        struct etlb_payload q = {.size = 0};
        etlb_put(&q, object_of(ps), ps);
        etlb_put(&q, 0x1111, ps);
        etlb_put(&q, 0x2222, ps);
        r = record_of(ps, HOOK_STACK_KEY_RUNDOWN, 2, &q, q.size);
        assert_true(etl_stack_key_event(&r, &key));
        assert_int_equal(key.key, object_of(ps));
        assert_int_equal(key.frame_count, 2);
        assert_int_equal(etl_frame(key.frames, key.pointer_size, 1), 0x2222);
        release(&r);
        check_cuts(as_key, &key, ps, HOOK_STACK_KEY_DELETE, 2, &q, ps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_and_close), cmocka_unit_test(duplicates), cmocka_unit_test(inventories),
        cmocka_unit_test(images),           cmocka_unit_test(processes),  cmocka_unit_test(lying_sid),
        cmocka_unit_test(stacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
