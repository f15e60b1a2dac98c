/* Describes this program as a trace would, and asks for names in it. */
#include "symbols_self.h"

#include "core/pe/pe_identity.h"

#include <stdio.h>

char self_path[SELF_ROOM];
char self_traced[SELF_ROOM];
struct ledger_image self_image;
uint64_t self_offset;
struct symbols_seam self_seam;

/* Long enough that an address in it is no other's. */
__attribute__((noinline)) int known_function(volatile int *x)
{
    for (int i = 0; i < 10; i++)
        *x += i;
    return *x;
}

void self_describe(void)
{
    WCHAR path[SELF_ROOM];
    WCHAR device[SELF_ROOM];
    char device8[SELF_ROOM];
    struct pe_identity id;
    struct err err = {0};
    assert_in_range(GetModuleFileNameW(NULL, path, SELF_ROOM), 4, SELF_ROOM - 1);
    assert_true(utf16_put_utf8(self_path, sizeof self_path, path));
    path[2] = 0;
    assert_true(QueryDosDeviceW(path, device, SELF_ROOM) > 0);
    assert_true(utf16_put_utf8(device8, sizeof device8, device));
    snprintf(self_traced, sizeof self_traced, "%s%s", device8, self_path + 2);
    assert_true(pe_identity_read(self_path, &id, &err));
    self_image = (struct ledger_image){.timestamp = id.timestamp, .size = id.size, .checksum = id.checksum};
    self_offset = (uint64_t)((uintptr_t)known_function - (uintptr_t)GetModuleHandleW(NULL));
}

int self_set_up(void **state)
{
    (void)state;
    volatile int x = 0;
    known_function(&x);
    self_describe();
    return 0;
}

void self_start_with(struct self_use *u, const char *path, const char *recording)
{
    struct err err = {0};
    const struct symbols_options o = {.path = path, .files = &recording, .file_count = recording ? 1 : 0};
    assert_true(symbols_create_over(&o, &self_seam, &u->source, &u->symbols, &err));
}

void self_start(struct self_use *u)
{
    self_start_with(u, "", NULL);
}

void self_end(struct self_use *u)
{
    u->source.close(u->source.ctx);
}

const char *self_ask_for(struct self_use *u, const char *path, const struct ledger_image *image, const char *pdb,
                         uint64_t offset)
{
    const struct symbol_ask a = {.path = path, .pdb = pdb, .image = image, .offset = offset};
    struct text t = {0};
    bool named = u->source.find(u->source.ctx, &a, &t);
    assert_int_equal(named, t.len > 0);
    text_put(u->name, sizeof u->name, text_str(&t));
    text_free(&t);
    return u->name;
}

const char *self_ask(struct self_use *u)
{
    return self_ask_for(u, self_traced, &self_image, "", self_offset + 5);
}

const char *self_name(void)
{
    static char name[SELF_ROOM];
    struct self_use u;
    self_start(&u);
    text_put(name, sizeof name, self_ask(&u));
    self_end(&u);
    return name;
}
