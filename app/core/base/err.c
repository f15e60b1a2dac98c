/* Fills and words the error value. The numbers that decisions rest on stand in one table. */
#include "core/base/err.h"

#include "core/base/text.h"

#include <errno.h>
#include <stdio.h>

struct os_row {
    enum err_kind kind;
    uint32_t os;
    enum err_code code;
};

/* Only numbers that some decision rests on; all others are ERR_OS. */
static const struct os_row os_rows[] = {
    {ERR_KIND_WIN32, 2, ERR_NOT_FOUND},
    {ERR_KIND_WIN32, 3, ERR_NOT_FOUND},
    {ERR_KIND_WIN32, 5, ERR_ACCESS},
    {ERR_KIND_WIN32, 8, ERR_NO_MEMORY},
    {ERR_KIND_WIN32, 14, ERR_NO_MEMORY},
    {ERR_KIND_WIN32, 17, ERR_UNSUPPORTED}, /* not the same volume */
    {ERR_KIND_WIN32, 32, ERR_BUSY},
    {ERR_KIND_WIN32, 33, ERR_BUSY},
    {ERR_KIND_WIN32, 38, ERR_TRUNCATED},
    {ERR_KIND_WIN32, 39, ERR_NO_SPACE},
    {ERR_KIND_WIN32, 50, ERR_UNSUPPORTED},
    {ERR_KIND_WIN32, 80, ERR_EXISTS},
    {ERR_KIND_WIN32, 87, ERR_ARGUMENT},
    {ERR_KIND_WIN32, 112, ERR_NO_SPACE},
    {ERR_KIND_WIN32, 120, ERR_UNSUPPORTED},
    {ERR_KIND_WIN32, 183, ERR_EXISTS},
    {ERR_KIND_WIN32, 1223, ERR_CANCELLED},
    {ERR_KIND_WIN32, 1450, ERR_NO_SPACE},
    {ERR_KIND_WIN32, 4201, ERR_NOT_FOUND},
    {ERR_KIND_NTSTATUS, 0xC0000002u, ERR_UNSUPPORTED},
    {ERR_KIND_NTSTATUS, 0xC000000Du, ERR_ARGUMENT},
    {ERR_KIND_NTSTATUS, 0xC0000017u, ERR_NO_MEMORY},
    {ERR_KIND_NTSTATUS, 0xC0000022u, ERR_ACCESS},
    {ERR_KIND_NTSTATUS, 0xC0000061u, ERR_ACCESS},
    {ERR_KIND_NTSTATUS, 0xC00000BBu, ERR_UNSUPPORTED},
    {ERR_KIND_NTSTATUS, 0xC0000296u, ERR_NOT_FOUND},
    {ERR_KIND_HRESULT, 0x8007000Eu, ERR_NO_MEMORY},
    {ERR_KIND_HRESULT, 0x80070005u, ERR_ACCESS},
    {ERR_KIND_HRESULT, 0x80070002u, ERR_NOT_FOUND},
    {ERR_KIND_HRESULT, 0x800704C7u, ERR_CANCELLED},
    {ERR_KIND_ERRNO, ENOENT, ERR_NOT_FOUND},
    {ERR_KIND_ERRNO, EACCES, ERR_ACCESS},
    {ERR_KIND_ERRNO, EPERM, ERR_ACCESS},
    {ERR_KIND_ERRNO, EEXIST, ERR_EXISTS},
    {ERR_KIND_ERRNO, ENOMEM, ERR_NO_MEMORY},
    {ERR_KIND_ERRNO, EXDEV, ERR_UNSUPPORTED},
    {ERR_KIND_ERRNO, ENOSPC, ERR_NO_SPACE},
    {ERR_KIND_ERRNO, EBUSY, ERR_BUSY},
};

/* What is said when nothing more exact was: the reason where the system gives no text, and the next thing to do. */
static const struct {
    const char *reason;
    const char *remedy;
} code_texts[ERR_CODE_COUNT] = {
    [ERR_NONE] = {"no error", ""},
    [ERR_NO_MEMORY] = {"not enough memory", "Close other programs and try again."},
    [ERR_ARGUMENT] = {"a value is not valid", "Correct the value and try again."},
    [ERR_OS] = {"the system refused", "Try again; the log folder holds the details."},
    [ERR_NOT_FOUND] = {"not found", "Check the name and try again."},
    [ERR_EXISTS] = {"it exists already", "Choose another name."},
    [ERR_ACCESS] = {"access is denied", "Run as administrator, or choose a place you may write to."},
    [ERR_FORMAT] = {"the content is not valid", "Use an intact file."},
    [ERR_TRUNCATED] = {"the content ends early", "Use a complete copy of the file."},
    [ERR_RANGE] = {"a limit was reached", "Use a smaller value."},
    [ERR_STATE] = {"not possible now", "Finish what is under way first."},
    [ERR_CANCELLED] = {"cancelled", "Start it again when you are ready."},
    [ERR_BUSY] = {"another program uses it", "Close that program and try again."},
    [ERR_NO_SPACE] = {"no space is left", "Free some space or choose another place."},
    [ERR_MISMATCH] = {"the system did not keep what was set", "Try again; send the log folder if it recurs."},
    [ERR_UNSUPPORTED] = {"this system does not support it", "Use a newer version of Windows."},
};

static enum err_code known(enum err_code code)
{
    return (unsigned)code < ERR_CODE_COUNT ? code : ERR_OS;
}

enum err_code err_code_of(enum err_kind kind, uint32_t os)
{
    for (size_t i = 0; i < sizeof os_rows / sizeof os_rows[0]; i++)
        if (os_rows[i].kind == kind && os_rows[i].os == os)
            return os_rows[i].code;
    return ERR_OS;
}

static void fill(struct err *e, enum err_code code, enum err_kind kind, uint32_t os, const char *doing, va_list args)
{
    if (!e || e->code != ERR_NONE)
        return;
    char full[ERR_DOING_MAX * 2];
    vsnprintf(full, sizeof full, doing, args);
    e->code = code;
    e->kind = kind;
    e->os = os;
    e->remedy[0] = 0;
    text_put(e->doing, sizeof e->doing, full);
}

bool err_set(struct err *e, enum err_code code, const char *doing, ...)
{
    va_list args;
    va_start(args, doing);
    fill(e, known(code), ERR_KIND_NONE, 0, doing, args);
    va_end(args);
    return false;
}

bool err_set_os(struct err *e, enum err_kind kind, uint32_t os, const char *doing, ...)
{
    va_list args;
    va_start(args, doing);
    fill(e, err_code_of(kind, os), kind, os, doing, args);
    va_end(args);
    return false;
}

bool err_remedy(struct err *e, const char *remedy)
{
    if (e && e->code != ERR_NONE && !e->remedy[0])
        text_put(e->remedy, sizeof e->remedy, remedy);
    return false;
}

void err_format(const struct err *e, char *out, size_t size)
{
    char system[512] = "";
    if (e->kind != ERR_KIND_NONE)
        err_os_text(e->kind, e->os, system, sizeof system);
    const char *reason = system[0] ? system : code_texts[known(e->code)].reason;
    const char *remedy = e->remedy[0] ? e->remedy : code_texts[known(e->code)].remedy;
    size_t n = 0;
    while (reason[n])
        n++;
    /* The system's texts end in a full stop; ours do not: one stop either way. */
    if (n && reason[n - 1] == '.')
        n--;
    char number[32] = "";
    if (e->kind == ERR_KIND_NTSTATUS || e->kind == ERR_KIND_HRESULT)
        snprintf(number, sizeof number, " (0x%08X)", e->os);
    else if (e->kind != ERR_KIND_NONE)
        snprintf(number, sizeof number, " (%u)", e->os);
    char line[ERR_DOING_MAX + ERR_REMEDY_MAX + 600];
    snprintf(line, sizeof line, "%s: %.*s%s.%s%s", e->doing, (int)n, reason, number, remedy[0] ? " " : "", remedy);
    text_put(out, size, line);
}
