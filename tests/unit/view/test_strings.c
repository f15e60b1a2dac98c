/* Every text of the resources has a number of its own: of two with one number the program would show either. */
#include "unit/test.h"

#include "list_strings.h"
#include "resource.h"

static const struct {
    unsigned id;
    const char *name;
} texts[] = {
#define HR_TEXT(number, text) {number, #number},
#include "editor_en.inc"
#include "lists_en.inc"
#include "profile_en.inc"
#include "results_en.inc"
#include "strings_en.inc"
#undef HR_TEXT
};
#define TEXTS (sizeof texts / sizeof texts[0])

static void every_text_has_its_own_number(void **state)
{
    (void)state;
    unsigned twice = 0;
    for (size_t i = 0; i < TEXTS; i++)
        for (size_t k = i + 1; k < TEXTS; k++)
            if (texts[i].id == texts[k].id) {
                print_error("%s and %s are both %u\n", texts[i].name, texts[k].name, texts[i].id);
                twice++;
            }
    assert_int_equal(twice, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_text_has_its_own_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
