/* Reading .wprp files with the system's XML reader, and the list of profiles, with good, broken and huge files. */
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/profile/wprp_write.h"
#include "unit/test.h"
#include "win/profile_store.h"
#include "win/win.h"
#include "win/xml_win.h"

#include <stdio.h>

#define GOOD                                                                                                           \
    "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"A\" Comments=\"HandleRecorder:1;types=Even\">\r\n"           \
    "<Profiles><SystemCollector Id=\"C\" Name=\"NT Kernel Logger\"><Buffers Value=\"20\"/></SystemCollector>\r\n"      \
    "<SystemProvider Id=\"P\"><Keywords><Keyword Value=\"Handle\"/></Keywords><Stacks><Stack Value=\"HandleCreate\"/>" \
    "</Stacks></SystemProvider>\r\n"                                                                                   \
    "<Profile Id=\"X\" Name=\"A &amp; &#xE9;\" Description=\"&lt;d&gt;\" LoggingMode=\"File\" DetailLevel=\"Light\">"  \
    "<Collectors><SystemCollectorId Value=\"C\"><SystemProviderId Value=\"P\"/></SystemCollectorId></Collectors>"      \
    "</Profile></Profiles></WindowsPerformanceRecorder>"

static char dir[512];

static int make_dir(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    char utf8[400];
    if (!GetTempPathW(MAX_PATH, temp) || !utf16_put_utf8(utf8, sizeof utf8, temp))
        return -1;
    snprintf(dir, sizeof dir, "%shr-xml-%lu", utf8, GetCurrentProcessId());
    struct err err = {0};
    return file_make_dir(dir, &err) ? 0 : -1;
}

static bool erase(void *ctx, const char *name, uint64_t size)
{
    char path[1024];
    struct err err = {0};
    (void)size;
    snprintf(path, sizeof path, "%s\\%s", (const char *)ctx, name);
    return file_delete(path, &err);
}

static void remove_dir(const char *path)
{
    struct err err = {0};
    file_list(path, erase, (void *)(uintptr_t)path, &err);
    WCHAR *wide = utf16_from_utf8(path);
    if (wide)
        RemoveDirectoryW(wide);
    free(wide);
}

static int drop_dir(void **state)
{
    (void)state;
    remove_dir(dir);
    return 0;
}

static void write_to(const char *folder, const char *name, const void *data, size_t n, char path[1024])
{
    struct file *f = NULL;
    struct err err = {0};
    snprintf(path, 1024, "%s\\%s", folder, name);
    file_delete(path, &err);
    memset(&err, 0, sizeof err);
    if (!file_open(path, FILE_TO_CREATE, &f, &err) || !file_write_at(f, 0, data, n, &err))
        fail_msg("%s", err.doing);
    file_close(f);
}

static void a_good_file_is_read(void **state)
{
    (void)state;
    char path[1024];
    struct profile p;
    struct err err = {0};
    write_to(dir, "good.wprp", GOOD, strlen(GOOD), path);
    if (!wprp_load(path, &p, &err))
        fail_msg("%s", err.doing);
    assert_string_equal(p.name, "A & \xC3\xA9");
    assert_string_equal(p.description, "<d>");
    assert_int_equal(p.buffers, 20);
    assert_int_equal(p.tag_count, 1);
    assert_int_equal(p.tags[0], profile_tag("Event"));
    assert_int_equal(p.stacks, PROFILE_STACK_CREATE);
}

static void utf16_is_read_too(void **state)
{
    (void)state;
    static const char text[] = GOOD;
    unsigned char wide[2 + 2 * sizeof text];
    size_t n = 0;
    wide[n++] = 0xFF;
    wide[n++] = 0xFE;
    for (size_t i = 0; text[i]; i++) {
        wide[n++] = (unsigned char)text[i];
        wide[n++] = 0;
    }
    char path[1024];
    struct profile p;
    struct err err = {0};
    write_to(dir, "wide.wprp", wide, n, path);
    if (!wprp_load(path, &p, &err))
        fail_msg("%s", err.doing);
    assert_string_equal(p.name, "A & \xC3\xA9");
}

struct broken {
    const char *file;
    const char *content;
    const char *says;
};

static const struct broken broken[] = {
    {"empty.wprp", "", "empty.wprp("},
    {"text.wprp", "hello", "text.wprp(1,"},
    {"open.wprp", "<WindowsPerformanceRecorder Version=\"1.0\">\n<Profiles>", "open.wprp(2,"},
    {"cross.wprp", "<WindowsPerformanceRecorder Version=\"1.0\">\n<Profiles>\n</Other>", "cross.wprp(3,"},
    {"quote.wprp", "<WindowsPerformanceRecorder\nVersion=\"1.0", "quote.wprp(2,"},
    {"twice.wprp", "<WindowsPerformanceRecorder\nVersion=\"1\"\nVersion=\"1\"/>", "twice.wprp(3,"},
    {"entity.wprp", "<WindowsPerformanceRecorder Version=\"&unknown;\"/>", "entity.wprp(1,"},
    {"dtd.wprp",
     "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;\">]>\n<WindowsPerformanceRecorder "
     "Version=\"&c;\"/>",
     "dtd.wprp(1,"},
    {"nul.wprp", "<WindowsPerformanceRecorder Version=\"\x01\"/>", "nul.wprp(1,"},
    {"utf8.wprp", "<WindowsPerformanceRecorder Version=\"1.0\" Author=\"\xC3\x28\"/>", "utf8.wprp("},
    {"root.wprp", "<Other/>", "root.wprp(1,2): the root element is <Other>"},
    {"bogus.wprp", "<WindowsPerformanceRecorder Version=\"1.0\">\n  <Bogus/>\n</WindowsPerformanceRecorder>",
     "bogus.wprp(2,4): unknown element <Bogus>"},
    {"attr.wprp", "<WindowsPerformanceRecorder\n   Version=\"1.0\"\n   Wrong=\"1\"/>",
     "attr.wprp(3,4): unknown attribute Wrong"},
};

static void broken_files_are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char path[1024];
        struct profile p;
        memset(&p, 0x5A, sizeof p);
        struct profile before = p;
        struct err err = {0};
        write_to(dir, broken[i].file, broken[i].content, strlen(broken[i].content), path);
        if (wprp_load(path, &p, &err))
            fail_msg("%s was read", broken[i].file);
        if (strncmp(err.doing, broken[i].says, strlen(broken[i].says)) != 0)
            fail_msg("%s: \"%s\" (code %d) does not begin with \"%s\"", broken[i].file, err.doing, (int)err.code,
                     broken[i].says);
        assert_int_equal(err.code, ERR_FORMAT);
        assert_memory_equal(&p, &before, sizeof p);
    }
}

/* `n` times `piece` between a beginning and an end. */
static void write_many(const char *name, const char *begin, const char *piece, unsigned n, const char *end,
                       char path[1024])
{
    struct text t = {0};
    text_add(&t, begin);
    for (unsigned i = 0; i < n; i++)
        text_add(&t, piece);
    text_add(&t, end);
    assert_false(t.failed);
    write_to(dir, name, t.s, t.len, path);
    text_free(&t);
}

static void huge_files_are_refused(void **state)
{
    (void)state;
    static const char root[] = "<WindowsPerformanceRecorder Version=\"1.0\">\n";
    static const struct {
        const char *name;
        const char *piece;
        unsigned n;
        enum err_code code;
        const char *says;
    } cases[] = {
        {"large.wprp", "<!-- twenty characters -->\n", 200000, ERR_RANGE, "large.wprp(1,1): the file is larger than"},
        {"many.wprp", "<a/>", 30000, ERR_FORMAT, "many.wprp(2,"},
        {"deep.wprp", "<a>", 30000, ERR_FORMAT, "deep.wprp(2,"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[1024];
        struct profile p;
        struct err err = {0};
        write_many(cases[i].name, root, cases[i].piece, cases[i].n, "</WindowsPerformanceRecorder>", path);
        assert_false(wprp_load(path, &p, &err));
        assert_int_equal(err.code, cases[i].code);
        if (strncmp(err.doing, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("%s: \"%s\" does not begin with \"%s\"", cases[i].name, err.doing, cases[i].says);
    }
}

/* Always the same numbers for the same seed. */
static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static const char *const pieces[] = {
    "<",          ">",          "/>",         "\"",           "&amp;",        "&#0;",
    "&#x10FFFF;", "&#xD800;",   "&lt",        "<!--",         "-->",          "<![CDATA[",
    "]]>",        "<?x ?>",     "xmlns=\"\"", "\xEF\xBB\xBF", "\xED\xA0\x80", "\xC3",
    "<Stacks>",   "</Profile>", "Value",      " Id=\"P\"",    "types=a,b",    ":",
    "%41",        "4294967296", "-1",
};

/* Cuts, doubles, overwrites or puts something in, once or twice. */
static void mutate(struct text *t, uint32_t *seed)
{
    for (unsigned times = 1 + next_random(seed) % 2; times && t->len > 8; times--) {
        size_t at = next_random(seed) % t->len;
        size_t n = next_random(seed) % 40;
        struct text next = {0};
        text_add_n(&next, t->s, at);
        switch (next_random(seed) % 4) {
        case 0: /* cut out */
            at += at + n < t->len ? n : 0;
            break;
        case 1: /* twice */
            text_add_n(&next, t->s + at, at + n < t->len ? n : t->len - at);
            break;
        case 2: /* another byte */
            text_add_char(&next, (char)(next_random(seed) % 255 + 1));
            at++;
            break;
        default:
            text_add(&next, pieces[next_random(seed) % (sizeof pieces / sizeof pieces[0])]);
            break;
        }
        text_add_n(&next, t->s + at, t->len - at);
        assert_false(next.failed);
        text_free(t);
        *t = next;
    }
}

/* Wine 8's reader turns in a circle where such a thing does not end before the file does; Windows' refuses it. */
static bool circles_wine(const char *s)
{
    static const char *const marks[][2] = {{"<![CDATA[", "]]>"}, {"<!--", "-->"}, {"<?", "?>"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        for (const char *m = strstr(s, marks[i][0]); m; m = strstr(m + 1, marks[i][0]))
            if (!strstr(m, marks[i][1]))
                return true;
    return false;
}

/* A seeded sample of broken files: each is refused with a reason, or read as a profile that keeps all rules and can be
 * written and read again. */
static void mutated_files_are_read_or_refused(void **state)
{
    (void)state;
    unsigned count = test_is_full() ? 5000 : 500;
    unsigned taken = 0;
    for (unsigned i = 1; i <= count; i++) {
        uint32_t seed = i * 2654435761u;
        char path[1024];
        struct text t = {0};
        struct profile p;
        struct wprp_exam exam = {.count = 0};
        struct err err = {0};
        bool examined = false;
        text_add(&t, GOOD);
        mutate(&t, &seed);
        if (circles_wine(t.s)) {
            text_free(&t);
            continue;
        }
        write_to(dir, "mutated.wprp", t.s, t.len, path);
        bool read = wprp_load_examined(path, &p, &exam, &examined, &err);
        if (read != (err.code == ERR_NONE) || (!read && !err.doing[0]) || (read && !examined))
            fail_msg("seed %u: read %d, code %d, \"%s\"\n%s", i, read, (int)err.code, err.doing, t.s);
        if (read && !profile_check(&p, &err))
            fail_msg("seed %u: %s\n%s", i, err.doing, t.s);
        struct text written = {0};
        if (read) {
            struct profile again;
            taken++;
            assert_true(wprp_write(&p, &written, &err));
            write_to(dir, "mutated.wprp", written.s, written.len, path);
            if (!wprp_load(path, &again, &err) || again.foreign || strcmp(again.name, p.name) != 0)
                fail_msg("seed %u: %s\n%s", i, err.doing, written.s);
        }
        text_free(&written);
        text_free(&t);
    }
    /* Otherwise the sample would say nothing of one of the two. */
    assert_in_range(taken, count / 50, count - count / 50);
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    struct profile p;
    struct err err = {0};
    assert_false(wprp_load("C:\\there is none.wprp", &p, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void shipped_profiles_are_found_by_name(void **state)
{
    (void)state;
    static const char *const names[] = {"All handles", "Event", "File", "Key", "Process and thread"};
    struct profile_entry *entries = NULL;
    size_t count = 0;
    struct err err = {0};
    if (!profile_store_list(&entries, &count, &err))
        fail_msg("%s", err.doing);
    assert_in_range(count, 5, PROFILE_STORE_MAX);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(entries[i].name, names[i]);
        assert_true(entries[i].shipped);
        if (!entries[i].readable)
            fail_msg("%s", entries[i].why.doing);
    }
    profile_store_free(entries);
    struct profile p;
    static const char *const both[] = {"process and thread", "processthread"};
    for (size_t i = 0; i < 2; i++) {
        if (!profile_store_find(both[i], &p, &err))
            fail_msg("%s", err.doing);
        assert_int_equal(p.tag_count, 2);
    }
    assert_false(profile_store_find("no such profile", &p, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void names_are_told_apart(void **state)
{
    (void)state;
    char one[600];
    char two[600];
    char path[1024];
    struct err err = {0};
    snprintf(one, sizeof one, "%s\\shipped", dir);
    snprintf(two, sizeof two, "%s\\user", dir);
    assert_true(file_make_dir(one, &err));
    assert_true(file_make_dir(two, &err));
    write_to(one, "a.wprp", GOOD, strlen(GOOD), path);
    write_to(one, "notes.txt", "x", 1, path);
    write_to(two, "b.wprp", GOOD, strlen(GOOD), path);
    write_to(two, "broken.wprp", "<", 1, path);
    struct profile_entry *entries = NULL;
    size_t count = 0;
    if (!profile_store_list_in(one, two, &entries, &count, &err))
        fail_msg("%s", err.doing);
    assert_int_equal(count, 3);
    assert_string_equal(entries[0].name, "A & \xC3\xA9");
    assert_true(entries[0].shipped);
    assert_string_equal(entries[1].name, "A & \xC3\xA9 (b.wprp)");
    assert_true(entries[1].readable);
    assert_string_equal(entries[2].name, "broken.wprp");
    assert_false(entries[2].readable);
    assert_int_equal(entries[2].why.code, ERR_FORMAT);
    profile_store_free(entries);
    remove_dir(one);
    remove_dir(two);
    assert_true(profile_store_list_in(one, two, &entries, &count, &err));
    assert_int_equal(count, 0);
    profile_store_free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_is_read),
        cmocka_unit_test(utf16_is_read_too),
        cmocka_unit_test(broken_files_are_refused_with_their_place),
        cmocka_unit_test(huge_files_are_refused),
        cmocka_unit_test(mutated_files_are_read_or_refused),
        cmocka_unit_test(a_missing_file_is_not_found),
        cmocka_unit_test(shipped_profiles_are_found_by_name),
        cmocka_unit_test(names_are_told_apart),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
