/* Loads texts once, in both encodings, and formats numbers with the user's settings. */
#include "ui/words.h"

#include "core/base/text.h"

#include <shlwapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define FIRST_WORD 1000
#define WORD_ROOM  1400

static struct {
    WCHAR *wide;
    char *utf8;
} loaded[WORD_ROOM];

static WCHAR *load(unsigned id)
{
    const WCHAR *text = NULL;
    /* With no room given, LoadString hands out the resource itself, which has no NUL. */
    int n = LoadStringW(GetModuleHandleW(NULL), id, (WCHAR *)&text, 0);
    if (n < 0)
        n = 0;
    WCHAR *copy = malloc(((size_t)n + 1) * sizeof *copy);
    if (!copy)
        return NULL;
    if (n)
        wmemcpy(copy, text, (size_t)n);
    copy[n] = 0;
    return copy;
}

const WCHAR *words_wide(unsigned id)
{
    if (id < FIRST_WORD || id >= FIRST_WORD + WORD_ROOM)
        return L"";
    WCHAR **slot = &loaded[id - FIRST_WORD].wide;
    if (!*slot)
        *slot = load(id);
    return *slot ? *slot : L"";
}

const char *words_utf8(unsigned id)
{
    if (id < FIRST_WORD || id >= FIRST_WORD + WORD_ROOM)
        return "";
    char **slot = &loaded[id - FIRST_WORD].utf8;
    if (!*slot)
        *slot = utf16_to_utf8(words_wide(id));
    return *slot ? *slot : "";
}

void words_free(void)
{
    for (size_t i = 0; i < WORD_ROOM; i++) {
        free(loaded[i].wide);
        free(loaded[i].utf8);
        loaded[i].wide = NULL;
        loaded[i].utf8 = NULL;
    }
}

/* "3;2;0" of the user's settings as NUMBERFMT wants it: 32. A missing 0 at the end means "no further groups". */
static UINT grouping(void)
{
    WCHAR text[32] = L"";
    GetLocaleInfoEx(LOCALE_NAME_USER_DEFAULT, LOCALE_SGROUPING, text, 32);
    UINT value = 0;
    size_t n = wcslen(text);
    for (size_t i = 0; i < n; i++)
        if (text[i] >= L'1' && text[i] <= L'9')
            value = value * 10 + (UINT)(text[i] - L'0');
    if (n && text[n - 1] != L'0')
        value *= 10;
    return value;
}

static void put_number(void *self, uint64_t n, char *out, size_t size)
{
    (void)self;
    WCHAR plain[32];
    WCHAR thousand[16] = L",";
    WCHAR decimal[16] = L".";
    WCHAR text[64];
    swprintf(plain, 32, L"%llu", (unsigned long long)n);
    GetLocaleInfoEx(LOCALE_NAME_USER_DEFAULT, LOCALE_STHOUSAND, thousand, 16);
    GetLocaleInfoEx(LOCALE_NAME_USER_DEFAULT, LOCALE_SDECIMAL, decimal, 16);
    NUMBERFMTW format = {.LeadingZero = 1, .Grouping = grouping(), .lpDecimalSep = decimal, .lpThousandSep = thousand};
    if (!GetNumberFormatEx(LOCALE_NAME_USER_DEFAULT, 0, plain, &format, text, 64))
        wmemcpy(text, plain, 32);
    utf16_put_utf8(out, size, text);
}

static void put_bytes(void *self, uint64_t n, char *out, size_t size)
{
    (void)self;
    WCHAR text[64] = L"";
    /* The plain one, not the Ex one: not every system that we are tested on has that. */
    if (!StrFormatByteSizeW((LONGLONG)n, text, 64))
        swprintf(text, 64, L"%llu", (unsigned long long)n);
    utf16_put_utf8(out, size, text);
}

static const char *word(void *self, unsigned id)
{
    (void)self;
    return words_utf8(id);
}

const struct view_locale *words_locale(void)
{
    static const struct view_locale locale = {word, put_number, put_bytes, NULL};
    return &locale;
}

WCHAR *words_fill(unsigned id, const char *const *args, unsigned n)
{
    char text[2400];
    view_fill(text, sizeof text, words_utf8(id), args, n);
    return utf16_from_utf8(text);
}

bool words_set_wide(HWND window, const WCHAR *text)
{
    size_t n = wcslen(text) + 2;
    WCHAR *old = malloc(n * sizeof *old);
    bool same = false;
    if (old) {
        old[0] = 0;
        GetWindowTextW(window, old, (int)n);
        same = wcscmp(old, text) == 0;
    }
    free(old);
    return !same && SetWindowTextW(window, text);
}

bool words_set(HWND window, const char *utf8)
{
    WCHAR *wide = utf16_from_utf8(utf8);
    bool set = wide && words_set_wide(window, wide);
    free(wide);
    return set;
}
