/* A long recording whose stacks are told by keys comes to what the same one with plain stacks comes to, while the
 * numbers of stacks are given anew on the way. */
#include "maker.h"
#include "unit/test.h"

#include "core/ledger/ledger_inside.h"
#include "core/report/dump.h"
#include "core/report/report_write.h"
#include "core/report/result_set.h"

#include <stdio.h>

#define HANDLES     45000u /* more events than wait for their stacks */
#define LIVING      3000u
#define BUFFER      0x100000u
#define BEGIN       2000000
#define NUMBERS     30000u /* fewer stacks than this have a number at any time */
#define STEP        200000 /* 20 ms */
#define USER_WAYS   40u
#define USER_KEYS   6u
#define KERNEL_BASE 0xFFFFF80000000000u

/* What a key means now: frames of one stack, or nothing yet. */
struct key {
    uint64_t key;
    uint64_t frames[4];
};

struct scene {
    struct maker m;
    bool by_keys;
    struct key kernel[2];
    struct key user[USER_KEYS];
    /* A user part that comes when its thread is back from the kernel. */
    bool late;
    int64_t late_time;
    uint32_t late_pid;
    uint32_t late_way;
};

static void next_buffer(struct scene *s)
{
    if (s->m.b.used[s->m.b.count - 1] > BUFFER - 0x4000)
        maker_processor(&s->m, (unsigned)s->m.b.count % 4);
}

/* Tells the key's frames when it is to mean others, and now and then when not. */
static void use(struct scene *s, struct key *k, const uint64_t frames[4], bool user, int64_t of, uint32_t pid,
                bool drive_out)
{
    if (!s->by_keys) {
        maker_stack(&s->m, of, pid, 71, frames);
        return;
    }
    if (k->frames[0] && (drive_out || memcmp(k->frames, frames, sizeof k->frames) != 0))
        maker_define(&s->m, 0x1823, k->key, k->frames);
    memcpy(k->frames, frames, sizeof k->frames);
    maker_key(&s->m, user, of, pid, 71, k->key);
}

static void kernel_part(struct scene *s, int64_t of, uint32_t pid, uint32_t way)
{
    const uint64_t frames[4] = {KERNEL_BASE + UINT64_C(0x100) * (way % 3), KERNEL_BASE + 0x9000, 0};
    use(s, &s->kernel[way % 3 ? 1 : 0], frames, false, of, pid, false);
}

static void user_part(struct scene *s, int64_t of, uint32_t pid, uint32_t way)
{
    /* The last frame of some is code without a module. */
    const uint64_t frames[4] = {0x400000 + UINT64_C(0x10) * way, 0x500000 + UINT64_C(8) * way,
                                way % 8 == 7 ? 0x900000 : 0x400f00, 0};
    use(s, &s->user[way ? 1 + way % (USER_KEYS - 1) : 0], frames, true, of, pid, way && of / STEP % 2);
}

static void stack_of(struct scene *s, uint32_t i, uint32_t pid, bool late)
{
    int64_t of = s->m.last;
    uint32_t way = i * 7919 / 16 % USER_WAYS;
    kernel_part(s, of, pid, i / 3);
    if (!late) {
        user_part(s, of, pid, way);
        return;
    }
    s->late = true;
    s->late_time = of;
    s->late_pid = pid;
    s->late_way = way;
}

static void images(struct maker *m)
{
    maker_image(m, 0x1403, 0, KERNEL_BASE, 0x100000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    for (uint32_t pid = 100; pid <= 400; pid += 100) {
        maker_process(m, 0x0303, pid, 4, 0xA0 + pid, pid == 100 ? "app.exe" : "other.exe");
        maker_image(m, 0x1403, pid, 0x400000, 0x10000, "\\Device\\HarddiskVolume3\\app.exe");
        maker_image(m, 0x1403, pid, 0x500000, 0x10000, "\\Device\\HarddiskVolume3\\lib.dll");
    }
}

/* A process that ends early: its handles are closed from the kernel. Their stacks have the keys that are told late. */
static void brief(struct scene *s, bool end)
{
    if (end)
        maker_terminate(&s->m, 400);
    for (uint32_t i = 0; i < 8; i++) {
        if (end)
            maker_close(&s->m, 400, 0x10 + 4 * i, 0x2000000 + i, "");
        else
            maker_create(&s->m, 400, 0x10 + 4 * i, 0x2000000 + i);
        if (end)
            kernel_part(s, s->m.last, 400, 0);
        else
            stack_of(s, 0, 400, false);
    }
    if (end)
        maker_process(&s->m, 0x0302, 400, 4, 0xA0 + 400, "other.exe");
}

/* The first keys mean one stack nearly to the end. */
static void tell_first(struct scene *s)
{
    struct key *const first[] = {&s->kernel[0], &s->user[0]};
    for (uint32_t i = 0; s->by_keys && i < 2; i++) {
        maker_define(&s->m, 0x1823, first[i]->key, first[i]->frames);
        first[i]->frames[0] = 0;
    }
}

static uint32_t pid_of(uint32_t i)
{
    return 100 + 100 * (i % LIVING % 3);
}

static uint32_t handle_of(uint32_t i)
{
    return 0x10 + 4 * (i % LIVING);
}

static void turn(struct scene *s, uint32_t i)
{
    struct maker *m = &s->m;
    m->time = BEGIN + (int64_t)i * STEP;
    if (s->late) {
        s->late = false;
        user_part(s, s->late_time, s->late_pid, s->late_way);
    }
    next_buffer(s);
    maker_use_type((uint16_t)(17 + i % 2));
    if (i == 10 || i == 20)
        brief(s, i == 20);
    if (i == HANDLES / 8 * 7)
        tell_first(s);
    m->time = BEGIN + (int64_t)i * STEP + STEP / 4;
    if (i >= LIVING) {
        uint32_t old = i - LIVING;
        maker_close(m, pid_of(old), handle_of(old), 1 + old, old % 4 ? "" : "named");
        if (i % 3)
            stack_of(s, i + 5, pid_of(old), false);
    }
    m->time = BEGIN + (int64_t)i * STEP + STEP / 2;
    maker_create(m, pid_of(i), handle_of(i), 1 + i);
    stack_of(s, i, pid_of(i), i % 16 == 5);
    if (i % 50 == 0) {
        m->time = BEGIN + (int64_t)i * STEP + STEP * 3 / 4;
        maker_create(m, 100, 0x100000 + 4 * i, 0x1000000 + i);
        stack_of(s, i + 1, 100, false);
    }
}

static void build(bool by_keys, const char *path)
{
    struct scene *s = calloc(1, sizeof *s);
    struct etlb_options o = etlb_defaults();
    assert_non_null(s);
    o.buffer_size = BUFFER;
    s->by_keys = by_keys;
    for (uint32_t i = 0; i < 2; i++)
        s->kernel[i].key = 0xFFFFB00000000000u + UINT64_C(0x100) * i;
    for (uint32_t i = 0; i < USER_KEYS; i++)
        s->user[i].key = 0xFFFFB00000001000u + UINT64_C(0x100) * i;
    maker_begin_with(&s->m, 3, path, &o);
    s->m.no_stacks = true;
    images(&s->m);
    for (uint32_t i = 0; i < HANDLES; i++)
        turn(s, i);
    /* What one process had open is closed by its end, from the kernel. */
    s->m.time = BEGIN + (int64_t)HANDLES * STEP;
    maker_terminate(&s->m, 300);
    for (uint32_t i = HANDLES - LIVING; i < HANDLES; i++) {
        next_buffer(s);
        s->m.time = BEGIN + (int64_t)(HANDLES + i) * STEP;
        if (pid_of(i) != 300)
            continue;
        maker_close(&s->m, 300, handle_of(i), 1 + i, "");
        kernel_part(s, s->m.last, 300, 1);
    }
    s->m.time = BEGIN + (int64_t)2 * HANDLES * STEP;
    maker_process(&s->m, 0x0302, 300, 4, 0xA0 + 300, "other.exe");
    for (uint32_t i = 0; by_keys && i < 2; i++)
        maker_define(&s->m, 0x1824, s->kernel[i].key, s->kernel[i].frames);
    for (uint32_t i = 0; by_keys && i < USER_KEYS; i++)
        maker_define(&s->m, 0x1824, s->user[i].key, s->user[i].frames);
    s->m.time = BEGIN + (int64_t)2 * HANDLES * STEP + STEP;
    maker_type(&s->m, 17, "Event");
    maker_type(&s->m, 18, "File");
    maker_save(&s->m);
    free(s);
}

static const char *const plain = "test_keys_plain.etl";
static const char *const keyed = "test_keys_keyed.etl";

static bool gather_text(void *ctx, const char *bytes, size_t size)
{
    text_add_n(ctx, bytes, size);
    return true;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Rows that are equal in all but their stacks stand in the order of numbers, which say nothing. */
static void sort_lines(struct text *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->len; i++)
        count += t->s[i] == '\n';
    char **lines = calloc(count + 1, sizeof *lines);
    assert_non_null(lines);
    size_t n = 0;
    for (char *at = t->s; at && *at && n < count; n++) {
        char *end = strchr(at, '\n');
        *end = 0;
        lines[n] = at;
        at = end + 1;
    }
    qsort(lines, count, sizeof *lines, by_text);
    struct text sorted = {0};
    for (size_t i = 0; i < count; i++)
        text_addf(&sorted, "%s\n", lines[i]);
    free(lines);
    text_free(t);
    *t = sorted;
}

static void report_of(const char *path, const struct report_options *o, struct text *t)
{
    struct report_source source = {.files = &path, .file_count = 1};
    struct report *r = NULL;
    struct report_out out = {.write = gather_text, .ctx = t};
    struct err err = {0};
    assert_true(report_read(&source, o, &r, &err));
    assert_int_equal(ledger_counts(r->ledger)->stacks_alone, 0);
    if (path == keyed) {
        /* Numbers were given anew, more than once, and as few stayed as there are stacks. */
        assert_in_range(r->ledger->stacks.keys.instances, 2 * NUMBERS, UINT32_MAX);
        assert_in_range(r->ledger->stacks.kept, 1, 3000);
        assert_in_range(r->ledger->stacks.count, 1, NUMBERS);
    }
    assert_true(report_write(r, &out));
    report_free(r);
    sort_lines(t);
}

static void add_stack(struct report *r, uint32_t stack, struct text *t)
{
    uint32_t frames[STACK_FRAMES_MAX];
    uint32_t count = 0;
    assert_true(report_stack_frames(r, stack, frames, &count));
    for (uint32_t i = 0; i < count; i++)
        text_addf(t, " %s", r->frames[frames[i]].text);
}

static void set_of(const char *path, struct text *t)
{
    struct report_source source = {.files = &path, .file_count = 1};
    struct result_set *s = NULL;
    struct err err = {0};
    assert_true(result_set_read(&source, &s, &err));
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct result_group *g = &s->groups[i];
        text_addf(t, "%u %u %u %u", g->process, g->actor, g->type, g->lifetime);
        text_addf(t, " %s %llu %llu", g->name ? "named" : "-", (unsigned long long)g->counts.created,
                  (unsigned long long)g->counts.closed);
        add_stack(s->report, s->stacks[g->stack].stack, t);
        text_add(t, " closed by");
        add_stack(s->report, s->stacks[g->close_stack].stack, t);
        for (uint32_t k = 0; k < g->life_count; k++)
            text_addf(t, " %x", s->lives[g->first_life + k].handle);
        text_add(t, "\n");
    }
    result_set_free(s);
    sort_lines(t);
}

/* Both print on failure only what is different, of megabytes. */
static void assert_same(const struct text *a, const struct text *b)
{
    size_t at = 0;
    assert_true(a->len > 1000);
    while (at < a->len && at < b->len && a->s[at] == b->s[at])
        at++;
    while (at && a->s[at - 1] != '\n')
        at--;
    char left[400];
    char right[400];
    snprintf(left, sizeof left, "%s", a->s + at);
    snprintf(right, sizeof right, "%s", b->s + at);
    assert_string_equal(left, right);
    assert_int_equal(a->len, b->len);
}

static void reports(void **state)
{
    (void)state;
    static const struct report_options options[] = {
        {.format = REPORT_TEXT, .stacks = true, .has_top = true, .top = 1000},
        {.format = REPORT_CSV},
        {.format = REPORT_CSV, .leaks = true},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        struct text a = {0};
        struct text b = {0};
        report_of(plain, &options[i], &a);
        report_of(keyed, &options[i], &b);
        assert_same(&a, &b);
        text_free(&a);
        text_free(&b);
    }
}

static void result_sets(void **state)
{
    (void)state;
    struct text a = {0};
    struct text b = {0};
    set_of(plain, &a);
    set_of(keyed, &b);
    assert_same(&a, &b);
    text_free(&a);
    text_free(&b);
}

static void dump_of(const char *path, struct text *t)
{
    struct report_source source = {.files = &path, .file_count = 1};
    struct report_options o = {.format = REPORT_TEXT};
    struct report_out out = {.write = gather_text, .ctx = t};
    struct err err = {0};
    bool damaged = true;
    assert_true(dump_write(&source, &o, &out, &damaged, &err));
    assert_false(damaged);
}

/* Events are told in a second pass, with the numbers of the moment. */
static void dumps(void **state)
{
    (void)state;
    struct text a = {0};
    struct text b = {0};
    dump_of(plain, &a);
    dump_of(keyed, &b);
    assert_same(&a, &b);
    text_free(&a);
    text_free(&b);
}

static int make_files(void **state)
{
    (void)state;
    build(false, plain);
    build(true, keyed);
    return 0;
}

static int drop_files(void **state)
{
    (void)state;
    remove(plain);
    remove(keyed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reports), cmocka_unit_test(result_sets),
                                       cmocka_unit_test(dumps)};
    return cmocka_run_group_tests(tests, make_files, drop_files);
}
