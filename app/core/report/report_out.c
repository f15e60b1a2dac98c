/* Passes text on when enough has gathered. */
#include "core/report/report_out.h"

#define ENOUGH 0x10000u

static void flush(struct report_out *o)
{
    if (!o->failed && o->text.len && !o->text.failed)
        o->refused = !o->write(o->ctx, text_str(&o->text), o->text.len);
    o->failed = o->failed || o->refused || o->text.failed;
    text_clear(&o->text);
}

void report_out_pass(struct report_out *o)
{
    if (o->text.len >= ENOUGH)
        flush(o);
}

bool report_out_end(struct report_out *o)
{
    flush(o);
    text_free(&o->text);
    return !o->failed;
}

bool report_out_error(const struct report_out *o, struct err *err)
{
    return o->refused ? report_out_refused(err) : err_set(err, ERR_NO_MEMORY, "Writing the output");
}

bool report_out_refused(struct err *err)
{
    err_set(err, ERR_OS, "Writing the output");
    return err_remedy(err, "Check where it goes: a full disk, or a program that ended.");
}

void report_add_clean(struct text *t, const char *s)
{
    for (; *s; s++)
        text_add_char(t, (unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}
