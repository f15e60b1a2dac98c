/* Passes text on when enough has gathered. */
#include "core/report/report_out.h"

#define ENOUGH 0x10000u

static void flush(struct report_out *o)
{
    if (!o->failed && o->text.len && !o->text.failed)
        o->failed = !o->write(o->ctx, text_str(&o->text), o->text.len);
    o->failed = o->failed || o->text.failed;
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

void report_add_clean(struct text *t, const char *s)
{
    for (; *s; s++)
        text_add_char(t, (unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}
