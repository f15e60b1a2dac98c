/* What lists do alike; their words from the resources, and the signs of numbers from the user's settings. */
#include "ui/list_common.h"

#include "list_strings.h"

#include <stdlib.h>
#include <string.h>

static const struct word_row {
    UINT id;
    size_t field; /* in struct rows_words */
} word_rows[] = {
    {LISTS_DASH, offsetof(struct rows_words, dash)},
    {LISTS_PENDING, offsetof(struct rows_words, pending)},
    {LISTS_YES, offsetof(struct rows_words, yes)},
    {LISTS_YES_SHARED, offsetof(struct rows_words, yes_shared)},
    {LISTS_ALL, offsetof(struct rows_words, all)},
    {LISTS_GROWS_IN, offsetof(struct rows_words, grows_in)},
    {LISTS_GROWS, offsetof(struct rows_words, grows)},
    {LISTS_RISING, offsetof(struct rows_words, rising)},
    {LISTS_FALLING, offsetof(struct rows_words, falling)},
    {LISTS_LEVEL, offsetof(struct rows_words, level)},
    {LISTS_CHART, offsetof(struct rows_words, chart)},
    {LISTS_CHART_EMPTY, offsetof(struct rows_words, chart_empty)},
    {LISTS_UNNAMED_PROCESS, offsetof(struct rows_words, unnamed_process)},
};

/* The resources live as long as the program: a pointer into them, not terminated. */
static int find_string(UINT id, const WCHAR **text)
{
    *text = NULL;
    return LoadStringW(GetModuleHandleW(NULL), id, (WCHAR *)(void *)text, 0);
}

char *list_string(UINT id)
{
    const WCHAR *text = NULL;
    int n = find_string(id, &text);
    struct text out = {0};
    if (n > 0)
        text_add_utf16le(&out, text, (size_t)n, true);
    if (out.failed || !out.s) {
        text_free(&out);
        return text_copy("");
    }
    return out.s;
}

void list_string_wide(UINT id, WCHAR *out, int size)
{
    out[0] = 0;
    LoadStringW(GetModuleHandleW(NULL), id, out, size);
}

static const char *locale_sign(LCTYPE which, const char *fallback)
{
    WCHAR wide[16];
    if (GetLocaleInfoEx(LOCALE_NAME_USER_DEFAULT, which, wide, 16) <= 0)
        return fallback;
    char *sign = utf16_to_utf8(wide);
    return sign ? sign : fallback;
}

static void put_word(struct rows_words *w, const struct word_row *row)
{
    char *text = list_string(row->id);
    if (!text || !text[0]) {
        free(text); /* a program without these resources (a test's) speaks English */
        return;
    }
    *(const char **)(void *)((char *)w + row->field) = text;
}

const struct rows_words *list_words(void)
{
    static struct rows_words words;
    static bool loaded;
    if (loaded)
        return &words;
    words = rows_words_english;
    for (size_t i = 0; i < sizeof word_rows / sizeof word_rows[0]; i++)
        put_word(&words, &word_rows[i]);
    words.thousands = locale_sign(LOCALE_STHOUSAND, words.thousands);
    words.decimal = locale_sign(LOCALE_SDECIMAL, words.decimal);
    loaded = true;
    return &words;
}

void list_add_why(struct text *out, const struct err *err)
{
    char system[300] = "";
    err_os_text(err->kind, err->os, system, sizeof system);
    size_t n = strlen(system);
    while (n && system[n - 1] == '.')
        system[--n] = 0;
    text_add(out, n ? system : err->doing);
    if (err->kind == ERR_KIND_WIN32 || err->kind == ERR_KIND_ERRNO)
        text_addf(out, " (%u)", err->os);
    else if (err->kind != ERR_KIND_NONE)
        text_addf(out, " (0x%08X)", err->os);
    text_add_char(out, '.');
}

int list_scale(const struct list_look *look, int at96)
{
    return MulDiv(at96, (int)look->dpi, 96);
}

bool list_high_contrast(void)
{
    HIGHCONTRASTW h = {.cbSize = sizeof h};
    return SystemParametersInfoW(SPI_GETHIGHCONTRAST, sizeof h, &h, 0) && (h.dwFlags & HCF_HIGHCONTRASTON) != 0;
}

WCHAR *list_wide(const struct text *t)
{
    return utf16_from_utf8(text_str(t));
}

void list_put_text(struct text *t, WCHAR *out, int size)
{
    WCHAR *wide = list_wide(t);
    if (size > 0)
        lstrcpynW(out, wide ? wide : L"", size);
    free(wide);
    text_free(t);
}

void list_draw_sentence(HWND list, const struct list_look *look, HDC dc, const struct text *t)
{
    WCHAR *wide = list_wide(t);
    RECT r;
    RECT head = {0};
    GetClientRect(list, &r);
    GetWindowRect(ListView_GetHeader(list), &head);
    int pad = list_scale(look, 12);
    r.top += head.bottom - head.top + pad;
    InflateRect(&r, -pad, 0);
    HGDIOBJ font = SelectObject(dc, look->font);
    SetTextColor(dc, GetSysColor(COLOR_WINDOWTEXT));
    SetBkMode(dc, TRANSPARENT);
    DrawTextW(dc, wide ? wide : L"", -1, &r, DT_CENTER | DT_WORDBREAK | DT_NOPREFIX | DT_NOCLIP);
    SelectObject(dc, font);
    free(wide);
}

int list_find(const NMLVFINDITEMW *n, size_t count, void (*cell)(const void *list, size_t row, struct text *out),
              const void *list)
{
    if (!(n->lvfi.flags & (LVFI_STRING | LVFI_PARTIAL)) || !n->lvfi.psz)
        return -1;
    char *want = utf16_to_utf8(n->lvfi.psz);
    size_t length = want ? strlen(want) : 0;
    int found = -1;
    for (size_t i = 0; length && i < count && found < 0; i++) {
        size_t row = ((size_t)(n->iStart < 0 ? 0 : n->iStart) + i) % count;
        struct text t = {0};
        cell(list, row, &t);
        if (t.s && t.len >= length) {
            t.s[length] = 0;
            found = text_casecmp(t.s, want) == 0 ? (int)row : -1;
        }
        text_free(&t);
    }
    free(want);
    return found;
}
