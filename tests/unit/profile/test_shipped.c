/* Each profile that ships is read and planned; what it records is compared as text. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/profile/plan.h"
#include "core/profile/wprp_write.h"
#include "sink.h"
#include "unit/test.h"

static const struct {
    const char *file;
    const char *name;
    const char *types;
} shipped[] = {
    {"HandlesAll.wprp", "All handles", "types: all\n"},
    {"Event.wprp", "Event", "types: Even\n"},
    {"File.wprp", "File", "types: File\n"},
    {"ProcessThread.wprp", "Process and thread", "types: Proc Thre\n"},
    {"Key.wprp", "Key", "types: Key\n"},
};
#define SHIPPED (sizeof shipped / sizeof shipped[0])

static char *load(const char *name)
{
    char path[1024];
    struct text t = {0};
    text_addf(&t, "%s/%s", PROFILES_DIR, name);
    text_put(path, sizeof path, text_str(&t));
    text_free(&t);
    struct file *f = NULL;
    struct err err = {0};
    uint64_t size = 0;
    size_t got = 0;
    if (!file_open(path, FILE_TO_READ, &f, &err) || !file_size(f, &size, &err))
        fail_msg("%s", err.doing);
    char *s = malloc((size_t)size + 1);
    assert_non_null(s);
    assert_true(file_read_at(f, 0, s, (size_t)size, &got, &err));
    s[got] = 0;
    file_close(f);
    return s;
}

/* Opened and saved unchanged: the same profile, and saved again the same bytes. */
static void written_and_read_again(const struct profile *p)
{
    struct text once = {0};
    struct text twice = {0};
    struct err err = {0};
    struct profile again;
    if (!wprp_write(p, &once, &err) || !sink_read("again.wprp", text_str(&once), &again, &err) ||
        !wprp_write(&again, &twice, &err))
        fail_msg("%s", err.doing);
    assert_string_equal(text_str(&twice), text_str(&once));
    assert_string_equal(again.name, p->name);
    assert_string_equal(again.description, p->description);
    text_free(&once);
    text_free(&twice);
}

static void each_is_read_and_planned(void **state)
{
    (void)state;
    const struct sys_machine m = {
        .memory_bytes = 16ull << 30, .processors = 8, .windows_build = 19045, .elevated = true};
    for (size_t i = 0; i < SHIPPED; i++) {
        char *xml = load(shipped[i].file);
        struct profile p;
        struct err err = {0};
        struct wprp_exam exam = {.count = 0};
        if (!sink_examine(shipped[i].file, xml, &p, &exam, &err))
            fail_msg("%s", err.doing);
        if (exam.count)
            fail_msg("%s(%u,%u): %s", shipped[i].file, exam.notes[0].at.line, exam.notes[0].at.column,
                     exam.notes[0].text);
        assert_string_equal(p.name, shipped[i].name);
        assert_non_null(strstr(xml, "wpr.exe"));
        assert_string_equal(p.left_out, "");
        assert_false(p.foreign);
        struct session_plan plan;
        if (!plan_make(&p, &m, 100ull << 30, &plan, &err))
            fail_msg("%s: %s", shipped[i].file, err.doing);
        struct text got = {0};
        struct text want = {0};
        plan_print(&plan, &got);
        text_addf(&want,
                  "session: Handle Recorder {d553d63e-72f7-4e68-a941-430ccbd96b58}\nstorage: file\n"
                  "buffers: 64 to 256 of 1024 KB\nmasks: 7 0 0 0 40 0 0 0\nstacks: 0x1120 0x1122\n%s",
                  shipped[i].types);
        assert_string_equal(text_str(&got), text_str(&want));
        text_free(&got);
        text_free(&want);
        free(xml);
        written_and_read_again(&p);
    }
}

struct count {
    unsigned profiles;
};

static bool count_profile(void *ctx, const char *name, uint64_t size)
{
    struct count *c = ctx;
    (void)size;
    c->profiles += text_match("*.wprp", name);
    return true;
}

static void none_ships_untested(void **state)
{
    (void)state;
    struct count c = {0};
    struct err err = {0};
    assert_true(file_list(PROFILES_DIR, count_profile, &c, &err));
    assert_int_equal(c.profiles, SHIPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_read_and_planned),
        cmocka_unit_test(none_ships_untested),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
