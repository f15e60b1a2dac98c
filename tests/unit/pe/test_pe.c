/* Identities of files, whole and damaged. */
#include "pe_builder.h"
#include "unit/test.h"

#include "core/pe/pdb_identity.h"
#include "core/pe/pe_identity.h"

#include <stdio.h>

#define PATH "test_pe.bin"

static void programs(void **state)
{
    (void)state;
    for (int form = 0; form < 8; form++) {
        const struct peb_pe what = {.narrow = form & 1,
                                    .timestamp = 0x5000,
                                    .image_size = 0x23000,
                                    .checksum = 0x7777,
                                    .guid = 9,
                                    .age = 3,
                                    .pdb = form & 2 ? "D:\\build\\app.pdb" : NULL,
                                    .old_debug = form & 4};
        struct peb b;
        struct pe_identity id;
        struct err err = {0};
        peb_pe(&b, &what);
        peb_save(&b, SIZE_MAX, PATH);
        assert_true(pe_identity_read(PATH, &id, &err));
        assert_int_equal(id.timestamp, 0x5000);
        assert_int_equal(id.size, 0x23000);
        assert_int_equal(id.checksum, 0x7777);
        assert_int_equal(id.identified, what.pdb != NULL);
        assert_int_equal(id.old_debug, what.pdb && what.old_debug);
        assert_string_equal(id.pdb, what.pdb ? what.pdb : "");
        assert_int_equal(id.age, what.pdb ? 3 : 0);
        assert_int_equal(id.guid[15], what.pdb ? 24 : 0);
    }
    remove(PATH);
}

static void symbols(void **state)
{
    (void)state;
    struct peb b;
    struct pdb_identity id = {.age = 0};
    struct err err = {0};
    peb_pdb(&b, 9, 3, 5);
    peb_save(&b, SIZE_MAX, PATH);
    assert_true(pdb_identity_read(PATH, &id, &err));
    assert_int_equal(id.age, 3);
    assert_int_equal(id.guid[0], 9);
    assert_int_equal(id.guid[15], 24);
    /* Without the stream of the linker's age the file's own counts. */
    memset(b.bytes + (size_t)4 * 512 + 16, 0, 4); /* its size */
    peb_save(&b, SIZE_MAX, PATH);
    assert_true(pdb_identity_read(PATH, &id, &err));
    assert_int_equal(id.age, 5);
    remove(PATH);
}

/* Cut anywhere: an error, or what is whole; outputs are left alone on error. */
static void cut_short(void **state)
{
    (void)state;
    const struct peb_pe what = {.timestamp = 1, .image_size = 2, .guid = 9, .age = 3, .pdb = "app.pdb"};
    struct peb b;
    peb_pe(&b, &what);
    for (size_t size = 0; size < b.size; size += size < 0x200 ? 1 : 7) {
        struct pe_identity id = {.age = 77};
        struct err err = {0};
        peb_save(&b, size, PATH);
        if (pe_identity_read(PATH, &id, &err)) {
            assert_int_equal(id.size, 2);
            assert_int_equal(id.identified, size >= 0x480 + 32);
        } else {
            assert_int_equal(id.age, 77);
            assert_true(err.code == ERR_TRUNCATED || err.code == ERR_FORMAT);
        }
    }
    peb_pdb(&b, 9, 3, 5);
    for (size_t size = 0; size < b.size; size += 5) {
        struct pdb_identity id = {.age = 77};
        struct err err = {0};
        peb_save(&b, size, PATH);
        if (pdb_identity_read(PATH, &id, &err)) {
            assert_int_equal(id.age, size >= 7 * 512 + 12 ? 3 : 5);
        } else {
            assert_int_equal(id.age, 77);
            assert_int_equal(err.code, ERR_FORMAT);
        }
    }
    remove(PATH);
}

/* Every byte of the headers with every bit set, in turn: nothing is read that is not there (the sanitizers look). */
static void damaged(void **state)
{
    (void)state;
    const struct peb_pe what = {.timestamp = 1, .image_size = 2, .guid = 9, .age = 3, .pdb = "app.pdb"};
    struct peb b;
    unsigned read = 0;
    for (int kind = 0; kind < 2; kind++) {
        if (kind == 0)
            peb_pe(&b, &what);
        else
            peb_pdb(&b, 9, 3, 5);
        for (size_t at = 0; at < b.size; at += at % 512 < 64 || kind == 0 ? 1 : 64) {
            struct pe_identity pe;
            struct pdb_identity pdb;
            uint8_t was = b.bytes[at];
            b.bytes[at] = 0xFF;
            peb_save(&b, SIZE_MAX, PATH);
            read += kind ? pdb_identity_read(PATH, &pdb, NULL) : pe_identity_read(PATH, &pe, NULL);
            b.bytes[at] = was;
        }
    }
    assert_in_range(read, 1000, 3000);
    remove(PATH);
}

static void not_there(void **state)
{
    (void)state;
    struct pe_identity pe;
    struct pdb_identity pdb;
    struct err err = {0};
    assert_false(pe_identity_read("no_such_file.exe", &pe, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    assert_false(pdb_identity_read("no_such_file.pdb", &pdb, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs), cmocka_unit_test(symbols),   cmocka_unit_test(cut_short),
        cmocka_unit_test(damaged),  cmocka_unit_test(not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
