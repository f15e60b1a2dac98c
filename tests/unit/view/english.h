/* The English texts that ship and how they write numbers, for tests of the window's texts. Include it once a program,
 * with resources in the include path. */
#ifndef HR_TEST_ENGLISH_H
#define HR_TEST_ENGLISH_H

#include "core/record/view_text.h"
#include "unit/test.h"

#include <inttypes.h>
#include <stdio.h>

#include "resource.h"

static const struct {
    unsigned id;
    const char *text;
} words[] = {
#define HR_TEXT(number, text) {number, text},
#include "editor_en.inc"
#include "profile_en.inc"
#include "strings_en.inc"
#undef HR_TEXT
};
#define WORDS (sizeof words / sizeof words[0])

static const char *word(void *self, unsigned id)
{
    (void)self;
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].id == id)
            return words[i].text;
    fail_msg("no text has the number %u", id);
    return "";
}

static void number(void *self, uint64_t n, char *out, size_t size)
{
    (void)self;
    if (n < 1000)
        snprintf(out, size, "%" PRIu64, n);
    else if (n < 1000000)
        snprintf(out, size, "%" PRIu64 ",%03" PRIu64, n / 1000, n % 1000);
    else
        snprintf(out, size, "%" PRIu64 ",%03" PRIu64 ",%03" PRIu64, n / 1000000, n / 1000 % 1000, n % 1000);
}

static void bytes(void *self, uint64_t n, char *out, size_t size)
{
    (void)self;
    snprintf(out, size, "%" PRIu64 " MB", n >> 20);
}

static const struct view_locale locale = {word, number, bytes, NULL};

#endif
