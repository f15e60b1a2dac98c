/* The main window's bar. A part of view_text.h. */
#ifndef HR_RECORD_VIEW_BAR_H
#define HR_RECORD_VIEW_BAR_H

#include "core/record/view_text.h"

void view_bar_make(const struct recorder_view *v, const struct view_facts *f, const struct view_locale *l,
                   struct view_text *out);

#endif
