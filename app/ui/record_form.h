/* "What to record": type filter and stack switches. Thread: the window's. */
#ifndef HR_UI_RECORD_FORM_H
#define HR_UI_RECORD_FORM_H

#include "core/census/watcher.h"
#include "core/profile/profile.h"
#include "win/win.h"

struct record_form {
    unsigned title;                /* of the dialog */
    const struct snapshot *counts; /* for the types of this system, may be NULL */
    uint32_t tags[PROFILE_MAX_TAGS];
    unsigned tag_count; /* 0: all types */
    unsigned stacks;
};

/* Modal. False: cancelled, `form` is as it was. */
bool record_form_run(HINSTANCE instance, HWND owner, struct record_form *form);

#endif
