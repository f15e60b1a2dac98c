/* Writes and opens the recording of the tests of the results window. */
#include "result_scene.h"

#include "unit/test.h"

#include <stdio.h>

static const char *const path = SCENE_PATH;
const struct report_source scene_source = {.files = &path, .file_count = 1};
static const uint64_t kernel[] = {0xFFFFF80000000010u, 0};

static void called_by(struct maker *m, uint32_t pid, uint64_t where)
{
    const uint64_t user[] = {0x7FF800000100, where, 0x140009000, 0};
    maker_stack(m, m->last, pid, m->tid, kernel);
    maker_stack(m, m->last, pid, m->tid, user);
}

void scene_start(struct maker *m)
{
    struct etlb_options o = etlb_defaults();
    o.buffer_size = 0x100000;
    maker_begin_with(m, 3, SCENE_PATH, &o);
    m->time = 11000000;
    maker_image(m, 0x1403, 0, 0xFFFFF80000000000u, 0x100000, "\\SystemRoot\\system32\\ntoskrnl.exe");
    static const struct {
        uint32_t pid;
        const char *name;
    } processes[] = {{100, "app.exe"}, {200, "other.exe"}};
    for (size_t i = 0; i < 2; i++) {
        maker_process(m, 0x0303, processes[i].pid, 4, 0xA0 + processes[i].pid, processes[i].name);
        maker_image(m, 0x1403, processes[i].pid, 0x140000000, 0x100000, "\\Device\\HarddiskVolume3\\app\\app.exe");
        maker_image(m, 0x1403, processes[i].pid, 0x7FF800000000, 0x100000,
                    "\\Device\\HarddiskVolume3\\Windows\\System32\\ntdll.dll");
    }
}

void scene_finish(struct maker *m)
{
    maker_type(m, 17, "Event");
    maker_type(m, 18, "File");
    maker_save(m);
}

void scene_build(void)
{
    struct maker m;
    scene_start(&m);
    for (uint32_t i = 0; i < 5; i++) {
        maker_create(&m, 100, 0x100 + 4 * i, 1 + i);
        called_by(&m, 100, 0x140001234);
    }
    maker_create(&m, 100, 0x200, 0x10);
    called_by(&m, 100, 0x140002000);
    maker_create(&m, 100, 0x204, 0x11); /* for a second */
    called_by(&m, 100, 0x140001234);
    m.time += 10000000;
    maker_close(&m, 100, 0x204, 0x11, "\\BaseNamedObjects\\Brief");
    called_by(&m, 100, 0x140005678);
    maker_create(&m, 100, 0x208, 0x12); /* for 100 us */
    called_by(&m, 100, 0x140001234);
    maker_close(&m, 100, 0x208, 0x12, "");
    called_by(&m, 100, 0x140005678);
    maker_use_type(18);
    maker_create(&m, 200, 0x10, 0x30);
    called_by(&m, 200, 0x140003000);
    maker_list(&m, 200, 0x10, 0x30, "\\Device\\file.txt");
    maker_use_type(17);
    maker_list(&m, 100, 0x100, 1, "\\BaseNamedObjects\\Evt7");
    for (uint32_t i = 1; i < 5; i++)
        maker_list(&m, 100, 0x100 + 4 * i, 1 + i, "");
    maker_list(&m, 100, 0x200, 0x10, "");
    scene_finish(&m);
}

const struct result_view scene_by_default = {
    .levels = {RESULT_PROCESS, RESULT_TYPE, RESULT_CREATE_STACK}, .level_count = 3, .only_leaks = true, .filter = ""};
const struct result_view scene_as_in_wpa = {
    .levels = {RESULT_CREATOR, RESULT_TYPE, RESULT_NAME, RESULT_LIFETIME, RESULT_CLOSE_STACK, RESULT_CREATE_STACK},
    .level_count = 6,
    .filter = ""};

void scene_open_within(struct scene *s, uint32_t groups_max)
{
    struct err err = {0};
    memset(s, 0, sizeof *s);
    assert_true(result_set_read_within(&scene_source, groups_max, &s->set, &err));
    s->tree.set = s->set;
}

void scene_open(struct scene *s)
{
    scene_build();
    scene_open_within(s, RESULT_GROUPS_MAX);
}

void scene_close(struct scene *s)
{
    result_tree_free(&s->tree);
    result_set_free(s->set);
    remove(SCENE_PATH);
}

void scene_show(struct scene *s, const struct result_view *view, const char *filter)
{
    struct result_view v = *view;
    v.filter = filter;
    assert_true(result_tree_build(&s->tree, &v));
}

void scene_build_many(uint32_t leaks, uint32_t closed)
{
    struct maker m;
    char name[40];
    scene_start(&m);
    for (uint32_t i = 0; i < closed; i++) {
        snprintf(name, sizeof name, "\\BaseNamedObjects\\N%u", (unsigned)i);
        maker_create(&m, 100, 0x9000, 0x9000 + i);
        called_by(&m, 100, 0x140001234);
        maker_close(&m, 100, 0x9000, 0x9000 + i, name);
    }
    for (uint32_t i = 0; i < leaks; i++) {
        if (i % 2000 == 1999)
            maker_processor(&m, 0);
        maker_create(&m, 100, 0x10000 + 4 * i, 0x10000 + i);
        called_by(&m, 100, 0x140001234);
    }
    scene_finish(&m);
}
