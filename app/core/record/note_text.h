/* The text of the note beside a raw part. Private to this folder; any thread. */
#ifndef HR_RECORD_NOTE_TEXT_H
#define HR_RECORD_NOTE_TEXT_H

#include "core/base/text.h"
#include "core/record/parts.h"

/* Appends all but `part`, which the note's own name says. */
void note_print(const struct parts_note *n, struct text *t);
/* `s` is changed. False: not a note of ours, or cut; *out is untouched. */
bool note_parse(char *s, struct parts_note *out);

#endif
