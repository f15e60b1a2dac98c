/* A recording for the tests of the results window, and its rows. */
#ifndef HR_TEST_RESULT_SCENE_H
#define HR_TEST_RESULT_SCENE_H

#include "maker.h"

#include "core/report/result_tree.h"

#define SCENE_PATH "test_results.etl"
extern const struct report_source scene_source;

void scene_start(struct maker *m);
void scene_finish(struct maker *m);

/* app.exe leaks 5 events from one place (the first has a name) and 1 from another, closes 2; other.exe leaks a file. */
void scene_build(void);
/* Many handles of one place: leaks without names, closed ones with a name each. */
void scene_build_many(uint32_t leaks, uint32_t closed);

struct scene {
    struct result_set *set;
    struct result_tree tree;
};

extern const struct result_view scene_by_default;
extern const struct result_view scene_as_in_wpa;

void scene_open_within(struct scene *s, uint32_t groups_max);
void scene_open(struct scene *s); /* builds, too */
void scene_close(struct scene *s);
void scene_show(struct scene *s, const struct result_view *view, const char *filter);

#endif
