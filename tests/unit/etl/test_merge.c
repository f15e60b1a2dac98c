/* Several files made one: nothing lost, nothing twice, byte for byte, and nothing half done. */
#include "core/etl/merge.h"

#include "core/etl/hooks.h"
#include "core/etl/union.h"
#include "etl_builder.h"
#include "unit/test.h"

#include <stdio.h>

#define MERGED "test_merge_out.etl"
#define PART   MERGED MERGE_PART_SUFFIX

static const char *const names[] = {"test_merge_a.etl", "test_merge_b.etl", "test_merge_c.etl"};

static void remove_all(void)
{
    for (size_t i = 0; i < 3; i++)
        remove(names[i]);
    remove(MERGED);
    remove(PART);
}

static int remove_left(void **state)
{
    (void)state;
    remove_all();
    return 0;
}

static struct merge_options options(unsigned count)
{
    static const struct merge_input inputs[] = {
        {"test_merge_a.etl", false}, {"test_merge_b.etl", false}, {"test_merge_c.etl", false}};
    return (struct merge_options){.inputs = inputs, .input_count = count, .output = MERGED};
}

static struct merge_result merged(const struct merge_options *o)
{
    struct merge_result r = {0};
    struct err err = {0};
    bool ok = merge_files(o, &r, &err);
    assert_string_equal(err.doing, "");
    assert_true(ok);
    assert_false(file_exists(PART));
    return r;
}

static void refused(const struct merge_options *o, enum err_code code)
{
    struct merge_result r;
    struct err err = {0};
    memset(&r, 0xAB, sizeof r);
    assert_false(merge_files(o, &r, &err));
    assert_int_equal(err.code, code);
    assert_int_equal(r.warnings, 0xABABABAB);
    assert_false(file_exists(PART));
}

static void create(struct etlb *b, int64_t time, uint32_t handle)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, 0xFFFFA00000000000u + handle, 8);
    etlb_put(&p, handle, 4);
    etlb_put(&p, 17, 4);
    etlb_compact(b, 8, 0x1120, 2, (struct etlb_ids){100, 7}, time, p.bytes, p.size);
}

static void stack(struct etlb *b, int64_t time, int64_t of, uint64_t frame)
{
    struct etlb_payload p = {.size = 0};
    etlb_put(&p, (uint64_t)of, 8);
    etlb_put(&p, 100, 4);
    etlb_put(&p, 7, 4);
    etlb_put(&p, frame, 8);
    etlb_perfinfo(b, 8, 0x1820, 2, time, p.bytes, p.size);
}

static void save(struct etlb *b, unsigned name)
{
    etlb_finish(b);
    etlb_save(b, names[name], SIZE_MAX);
    etlb_free(b);
}

/* Everything that the union of files delivers, as a text to compare. */
static void list_by(const char *const *files, unsigned count, bool by_steps, struct text *out)
{
    struct etl_union *u = NULL;
    struct err err = {0};
    const struct etl_record *r = NULL;
    assert_true(etl_union_open(files, count, &u, &err));
    while ((by_steps && (r = etl_union_step(u)) != NULL) || etl_union_next(u, &r, &err) == ETL_STEP_OK) {
        text_addf(out, "%u ", r->processor);
        for (uint32_t i = 0; i < r->size; i++)
            text_addf(out, "%02x", r->bytes[i]);
        text_add(out, "\n");
    }
    assert_int_equal(err.code, ERR_NONE);
    etl_union_close(u);
    assert_false(out->failed);
}

static void list(const char *const *files, unsigned count, struct text *out)
{
    struct text again = {0};
    list_by(files, count, false, out);
    list_by(files, count, true, &again);
    assert_string_equal(text_str(&again), text_str(out));
    text_free(&again);
}

static void assert_same_events(unsigned count)
{
    static const char *const out[] = {MERGED};
    struct text expected = {0};
    struct text actual = {0};
    list(names, count, &expected);
    list(out, 1, &actual);
    assert_string_equal(text_str(&expected), text_str(&actual));
    text_free(&expected);
    text_free(&actual);
}

static struct etl_header header_of(const char *path)
{
    struct etl_trace *t = NULL;
    struct err err = {0};
    assert_true(etl_open(path, &t, &err));
    struct etl_header h = *etl_header(t);
    h.names = NULL;
    etl_close(t);
    return h;
}

/* Two processors each, many buffers, events of every header type. */
static void interleaves(void **state)
{
    (void)state;
    static const uint8_t guid[16] = {1, 2, 3};
    for (unsigned f = 0; f < 3; f++) {
        struct etlb b;
        struct etlb_options o = etlb_defaults();
        o.first_time += (int64_t)7 * f;
        o.end_time += f;
        o.events_lost = 10 + f;
        o.buffers_lost = f;
        o.processors = 2 + f;
        o.compress = f == 2;
        o.mode = f == 2 ? 0x04000001 : 1;
        etlb_begin(&b, &o);
        for (unsigned k = 0; k < 12; k++) {
            etlb_buffer(&b, k % 3);
            for (unsigned i = 0; i < 20; i++) {
                int64_t t = 2000000 + 1000 * (int64_t)(k / 3) + (int64_t)40 * i + f;
                create(&b, t, 0x1000 * f + 0x100 * k + 4 * i);
                etlb_full(&b, i % 2 ? 4 : 8, guid, 36, 2, (struct etlb_ids){1, 2}, t, "abcdef", i % 7);
                if (i == 5)
                    etlb_event(&b, 8, guid, 3, 4, (struct etlb_ids){1, 2}, t, NULL, 0, "payload", 8);
            }
        }
        save(&b, f);
    }
    struct merge_options o = options(3);
    struct merge_result r = merged(&o);
    assert_int_equal(r.warnings, 0);
    assert_int_equal(r.repeated, 0);
    assert_int_equal(r.written.creates, 3 * 12 * 20);
    assert_int_equal(r.written.events, 3 * 12 * 41 + 2);
    assert_int_equal(r.written.events_lost, 33);
    assert_int_equal(r.written.buffers_lost, 3);
    assert_true(r.written.losses_known);
    struct etl_header h = header_of(MERGED);
    assert_int_equal(h.mode, 0x10001);
    assert_int_equal(h.processors, 4);
    assert_int_equal(h.end_time, etlb_defaults().end_time + 2);
    assert_int_equal(h.start_time, etlb_defaults().start_time);
    assert_int_equal(h.first_time, etlb_defaults().first_time);
    assert_int_equal(h.buffers_written, r.written.buffers);
    assert_int_equal(h.boot_time, etlb_defaults().start_time - 36000000000u);
    assert_int_equal(h.buffer_size, 0x4000);
    assert_same_events(3);
}

/* Merged again it is the same. */
static void is_stable(void **state)
{
    (void)state;
    struct etlb b;
    struct etlb_options o = etlb_defaults();
    etlb_begin(&b, &o);
    etlb_buffer(&b, 1);
    create(&b, 2000000, 4);
    save(&b, 0);
    struct merge_options m = options(1);
    merged(&m);
    remove(names[0]);
    assert_int_equal(rename(MERGED, names[0]), 0);
    struct merge_result r = merged(&m);
    assert_int_equal(r.written.events, 3);
    assert_same_events(1);
    /* The same file as itself: its own input. */
    struct merge_input self = {MERGED, false};
    struct merge_options again = {.inputs = &self, .input_count = 1, .output = MERGED, .replace = true};
    r = merged(&again);
    assert_int_equal(r.written.events, 3);
    assert_same_events(1);
}

static void ring(struct etlb *b, bool companion)
{
    struct etlb_options o = etlb_defaults();
    if (!companion) {
        o.mode = 0x400;
        o.end_time = 0;
        o.no_flush_marker = true;
    }
    etlb_begin(b, &o);
    etlb_buffer(b, 0);
}

/* An event that both sessions tell is written once; its stack belongs to the one that stays. */
static void twins(void **state)
{
    (void)state;
    struct etlb b;
    ring(&b, false);
    create(&b, 3000000, 0x10);
    stack(&b, 3000000, 3000000, 0x1111);
    create(&b, 4000005, 0x14); /* told by the companion 5 ticks before */
    stack(&b, 4000005, 4000005, 0x2222);
    create(&b, 5000000, 0x18); /* told by the companion later, with a stack as well */
    stack(&b, 5000001, 5000000, 0x3333);
    create(&b, 6000000, 0x1C); /* no twin: 2 ms apart */
    save(&b, 0);
    ring(&b, true);
    create(&b, 4000000, 0x14);
    create(&b, 5000002, 0x18);
    stack(&b, 5000002, 5000002, 0x3333);
    create(&b, 6020000, 0x1C);
    save(&b, 1);
    struct merge_options o = options(2);
    struct merge_result r = merged(&o);
    assert_int_equal(r.repeated, 3);
    assert_int_equal(r.written.creates, 5);
    assert_int_equal(r.written.stacks, 3);
    assert_false(r.written.losses_known);
    assert_same_events(2);
    static const char *const out[] = {MERGED};
    struct etl_union *u = NULL;
    struct err err = {0};
    const struct etl_record *record = NULL;
    int64_t of[3] = {0};
    unsigned count = 0;
    assert_true(etl_union_open(out, 1, &u, &err));
    while (etl_union_next(u, &record, &err) == ETL_STEP_OK) {
        if (record->hook == HOOK_STACK && count < 3)
            memcpy(&of[count++], record->payload, 8);
    }
    assert_int_equal(of[0], 3000000);
    assert_int_equal(of[1], 4000000);
    assert_int_equal(of[2], 5000000);
    const struct etl_union_facts *f = etl_union_facts(u);
    assert_int_equal(f->origin.flags, ETL_ORIGIN_RING | ETL_ORIGIN_LOSSES_UNKNOWN);
    assert_int_equal(f->origin.files, 2);
    assert_int_equal(f->origin.ring_first, 3000000);
    assert_int_equal(f->origin.ring_until, 6000000);
    assert_false(f->losses_known);
    etl_union_close(u);
}

/* The same handle is made again and again; the companion listens in between and tells each at the very time of the
 * ring. What it tells may look like the twin of an older event, in whose place it is then not counted. */
static void twins_at_one_time(void **state)
{
    (void)state;
    for (unsigned ring_first = 0; ring_first < 2; ring_first++) {
        struct etlb b;
        ring(&b, true);
        create(&b, 3000200, 0x10);
        create(&b, 3000300, 0x10);
        save(&b, ring_first ? 1 : 0);
        ring(&b, false);
        for (int64_t time = 3000000; time <= 3000400; time += 100) {
            create(&b, time, 0x10);
            stack(&b, time + 1, time, (uint64_t)time);
        }
        save(&b, ring_first ? 0 : 1);
        ring(&b, false); /* and in a snapshot once more */
        create(&b, 3000200, 0x10);
        stack(&b, 3000201, 3000200, 3000200);
        save(&b, 2);
        struct merge_options o = options(3);
        o.replace = true;
        struct merge_result r = merged(&o);
        assert_int_equal(r.written.creates, 5);
        assert_int_equal(r.written.stacks, 5);
        assert_same_events(3);
    }
}

static void merged_to(const char *output)
{
    struct merge_options o = options(2);
    o.output = output;
    o.replace = true;
    merged(&o);
}

/* Snapshots that were merged, each with all that the companion told so far: the second one has of the first one's time
 * only that, since the ring has written over its own. */
static void merged_snapshots(void **state)
{
    (void)state;
    static const char *const both[] = {"test_merge_out.etl", "test_merge_c.etl"};
    for (unsigned second = 0; second < 2; second++) {
        struct etlb b;
        ring(&b, false);
        if (!second) { /* when it did not hold everything yet: the other processor's events begin later */
            create(&b, 2900000, 0x1C);
            etlb_buffer(&b, 1);
        }
        create(&b, second ? 8000000 : 3000000, 0x10);
        create(&b, second ? 8500000 : 3500000, 0x14);
        stack(&b, second ? 8500001 : 3500001, second ? 8500000 : 3500000, 7);
        if (!second) {
            create(&b, 4000000, 0x18);
        }
        save(&b, 0);
        ring(&b, true);
        create(&b, 2000000, 0x20); /* before the ring: both have just this */
        create(&b, 2900007, 0x1C);
        create(&b, 3500005, 0x14);
        create(&b, 4000003, 0x18); /* the first ring's last event, told a little later */
        create(&b, 8500004, 0x14);
        save(&b, 1);
        merged_to(both[second]);
    }
    struct etl_union *u = NULL;
    struct err err = {0};
    const struct etl_record *r = NULL;
    assert_true(etl_union_open(both, 2, &u, &err));
    int64_t times[8] = {0};
    unsigned count = 0;
    while (etl_union_next(u, &r, &err) == ETL_STEP_OK) {
        if (r->kind == ETL_KERNEL && r->hook == 0x1120 && count < 8) {
            times[count++] = r->time;
        }
    }
    etl_union_close(u);
    assert_int_equal(count, 7);
    static const int64_t wanted[] = {2000000, 2900000, 3000000, 3500000, 4000000, 8000000, 8500000};
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(times[i], wanted[i]);
    }
}

static void snapshots_overlap(void **state)
{
    (void)state;
    for (unsigned f = 0; f < 3; f++) {
        struct etlb b;
        ring(&b, false);
        for (unsigned i = 2 * f; i < 2 * f + 5; i++) {
            create(&b, 2000000 + (int64_t)1000 * i, 4 * i);
            stack(&b, 2000100 + (int64_t)1000 * i, 2000000 + (int64_t)1000 * i, i);
        }
        save(&b, f);
    }
    struct merge_options o = options(3);
    struct merge_result r = merged(&o);
    assert_int_equal(r.written.creates, 9);
    assert_int_equal(r.written.stacks, 9);
    assert_int_equal(r.repeated, 2 * 6);
    assert_same_events(3);
}

/* Of snapshots with a gap between them the later one tells since when nothing is missing. */
static void ring_spans(void **state)
{
    (void)state;
    struct etl_origin o = {0};
    etl_origin_add_ring(&o, 100, 120, 200);
    etl_origin_add_ring(&o, 150, 190, 300);
    assert_int_equal(o.ring_first, 100);
    assert_int_equal(o.ring_since, 120);
    assert_int_equal(o.ring_until, 300);
    etl_origin_add_ring(&o, 350, 360, 400);
    assert_int_equal(o.ring_first, 100);
    assert_int_equal(o.ring_since, 360);
    struct etl_origin early = {
        .flags = ETL_ORIGIN_RING, .files = 2, .ring_first = 5, .ring_since = 6, .ring_until = 50};
    etl_origin_add(&o, &early);
    assert_int_equal(o.ring_first, 5);
    assert_int_equal(o.ring_since, 360);
    assert_int_equal(o.ring_until, 400);
    assert_int_equal(o.files, 2);
}

static void marks(void **state)
{
    (void)state;
    struct etlb b;
    struct etlb_options e = etlb_defaults();
    etlb_begin(&b, &e);
    etlb_buffer(&b, 0);
    create(&b, 2000000, 4);
    create(&b, 9000000, 8);
    save(&b, 0);
    char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    const struct etl_mark list_of[] = {{.text = "after", .clock_ns = 950000000},
                                       {.text = "\xC3\xA4 before \xE2\x82\xAC", .clock_ns = 150000000},
                                       {.text = longer, .filetime = e.start_time + 2000000}};
    struct merge_options o = options(1);
    o.marks = list_of;
    o.mark_count = 3;
    struct merge_result r = merged(&o);
    assert_int_equal(r.marks, 3);
    assert_int_equal(r.written.marks, 3);
    struct etl_trace *t = NULL;
    struct err err = {0};
    const struct etl_record *record = NULL;
    struct text found = {0};
    int64_t times[3] = {0};
    unsigned n = 0;
    assert_true(etl_open(MERGED, &t, &err));
    while (etl_next(t, &record, &err) == ETL_STEP_OK) {
        size_t from = found.len;
        if (!etl_mark_read(record, &found))
            continue;
        assert_true(n < 3);
        times[n++] = record->time;
        if (found.len - from > 20) {
            assert_int_equal(found.len - from, ETL_MARK_TEXT_MAX);
            text_add(&found, "!");
        }
        text_add(&found, "|");
    }
    etl_close(t);
    assert_int_equal(times[0], 1500000);
    assert_int_equal(times[1], 3000000);
    assert_int_equal(times[2], 9500000);
    assert_memory_equal(text_str(&found), "\xC3\xA4 before \xE2\x82\xAC|xxx", 17);
    assert_string_equal(text_str(&found) + found.len - 9, "x!|after|");
    text_free(&found);
}

static void mark_texts(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        uint32_t size;
        const char *text;
    } rows[] = {{"abc", 4, "abc"},
                {"abc", 3, "abc"},
                {"", 0, ""},
                {"a\0b\0\0\0", 6, "ab"},
                {"A", 2, "A"},
                {"\xFFx", 3, "\xEF\xBF\xBDx"},
                {"a\0\x00\xD8\0\0", 6, "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct etl_record r = {.kind = ETL_KERNEL,
                               .hook = HOOK_MARK,
                               .payload = (const uint8_t *)rows[i].bytes,
                               .payload_size = rows[i].size};
        struct text t = {0};
        assert_true(etl_mark_read(&r, &t));
        assert_string_equal(text_str(&t), rows[i].text);
        text_free(&t);
    }
}

/* An input that ends early is merged as far as it goes, and that is told. */
static void tells_damage(void **state)
{
    (void)state;
    struct etlb b;
    struct etlb_options e = etlb_defaults();
    etlb_begin(&b, &e);
    for (unsigned i = 0; i < 3; i++) {
        etlb_buffer(&b, 0);
        create(&b, 2000000 + i, 4 * i);
    }
    save(&b, 0);
    etlb_begin(&b, &e);
    for (unsigned i = 0; i < 3; i++) {
        etlb_buffer(&b, 1);
        create(&b, 2000100 + i, 0x100 + 4 * i);
        create(&b, 2000200 + i, 0x200 + 4 * i);
    }
    etlb_finish(&b);
    etlb_save(&b, names[1], b.pos[3] + 0x48 + 50); /* in the last buffer's second event */
    struct merge_options o = options(2);
    struct merge_result r = merged(&o);
    assert_int_equal(r.warnings, MERGE_CUT);
    assert_int_equal(r.first_warned, 1);
    assert_int_equal(r.written.creates, 3 + 5);
    struct text t = {0};
    merge_warning_text(&o, &r, &t);
    assert_string_equal(text_str(&t),
                        "test_merge_b.etl ends early or was not closed: the merged file holds what could be read.");
    text_free(&t);
    assert_same_events(2);
    /* A file that a session writes still is expected to be like this. */
    const struct merge_input live[] = {{names[0], false}, {names[1], true}};
    o.inputs = live;
    o.replace = true;
    r = merged(&o);
    assert_int_equal(r.warnings, 0);
    assert_int_equal(r.written.creates, 3 + 5);

    memset(b.file + b.pos[2] + 0x48, 0x11, 16);
    etlb_save(&b, names[1], SIZE_MAX);
    etlb_free(&b);
    o.inputs = options(2).inputs;
    r = merged(&o);
    assert_int_equal(r.warnings, MERGE_DAMAGED);
    assert_int_equal(r.damaged_buffers, 1);
    assert_int_equal(r.written.creates, 3 + 4);
}

static bool refuse(void *ctx, uint64_t done, uint64_t total)
{
    unsigned *left = ctx;
    assert_true(done <= total);
    return (*left)-- != 0;
}

static void fails_whole(void **state)
{
    (void)state;
    struct etlb b;
    struct etlb_options e = etlb_defaults();
    struct merge_options o = options(0);
    refused(&o, ERR_ARGUMENT);
    o = options(2);
    refused(&o, ERR_NOT_FOUND);
    etlb_begin(&b, &e);
    etlb_buffer(&b, 0);
    create(&b, 2000000, 4);
    save(&b, 0);
    FILE *f = fopen(names[1], "wb");
    assert_non_null(f);
    fputs("no trace", f);
    fclose(f);
    refused(&o, ERR_TRUNCATED);
    e.start_time += 36000000000u;
    etlb_begin(&b, &e);
    save(&b, 1);
    refused(&o, ERR_ARGUMENT);
    /* What is there stays as it was. */
    f = fopen(MERGED, "wb");
    assert_non_null(f);
    fputs("precious", f);
    fclose(f);
    o = options(1);
    refused(&o, ERR_EXISTS);
    o.replace = true;
    unsigned left = 0;
    o.go_on = refuse;
    o.ctx = &left;
    etlb_begin(&b, &e);
    for (unsigned i = 0; i < 200; i++) {
        etlb_buffer(&b, 0);
        for (unsigned k = 0; k < 90; k++)
            create(&b, 2000000 + (int64_t)100 * i + k, 0x1000 * i + 4 * k);
    }
    save(&b, 0);
    refused(&o, ERR_CANCELLED); /* while copying */
    left = 1;
    refused(&o, ERR_CANCELLED); /* while proving */
    char bytes[16] = {0};
    f = fopen(MERGED, "rb");
    assert_non_null(f);
    assert_int_equal(fread(bytes, 1, sizeof bytes, f), 8);
    fclose(f);
    assert_string_equal(bytes, "precious");
    left = 1000;
    struct merge_result r = merged(&o);
    assert_int_equal(r.written.creates, 18000);
    /* The temporary name is nobody's input. */
    const struct merge_input part = {PART, false};
    struct merge_result nothing;
    struct err err = {0};
    o.inputs = &part;
    assert_false(merge_files(&o, &nothing, &err));
    assert_int_equal(err.code, ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(interleaves, remove_left),
        cmocka_unit_test_teardown(is_stable, remove_left),
        cmocka_unit_test_teardown(twins, remove_left),
        cmocka_unit_test_teardown(snapshots_overlap, remove_left),
        cmocka_unit_test(ring_spans),
        cmocka_unit_test_teardown(twins_at_one_time, remove_left),
        cmocka_unit_test_teardown(merged_snapshots, remove_left),
        cmocka_unit_test_teardown(marks, remove_left),
        cmocka_unit_test(mark_texts),
        cmocka_unit_test_teardown(tells_damage, remove_left),
        cmocka_unit_test_teardown(fails_whole, remove_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
