/* The window's sentences about profiles, in English, for the console. Any thread. */
#ifndef HR_CLI_CLI_WORDS_H
#define HR_CLI_CLI_WORDS_H

#include "core/record/view_text.h"

extern const struct view_locale cli_locale;

#endif
