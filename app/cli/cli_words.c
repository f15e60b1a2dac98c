/* Sentences about profiles and how the console writes numbers: always in English, so that scripts can read them. */
#include "cli/cli_words.h"

#include "core/base/text.h"
#include "core/census/rows.h"
#include "core/record/profile_words.h"

#include <stdio.h>

static const char *word(void *self, unsigned id)
{
    static const struct {
        unsigned id;
        const char *text;
    } words[] = {
#define HR_TEXT(number, text) {number, text},
#include "profile_en.inc"
#undef HR_TEXT
    };
    (void)self;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].id == id)
            return words[i].text;
    return "";
}

static void number(void *self, uint64_t n, char *out, size_t size)
{
    struct text t = {0};
    (void)self;
    rows_add_count(&t, n, &rows_words_english);
    text_put(out, size, text_str(&t));
    text_free(&t);
}

static void bytes(void *self, uint64_t n, char *out, size_t size)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double amount = (double)n;
    size_t unit = 0;
    (void)self;
    for (; amount >= 1024 && unit < 4; unit++)
        amount /= 1024;
    snprintf(out, size, unit && amount < 100 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
}

const struct view_locale cli_locale = {word, number, bytes, NULL};
