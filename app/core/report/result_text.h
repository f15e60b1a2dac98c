/* What the results window says of a recording and its rows. Pure; the thread of the tree. All functions append. */
#ifndef HR_REPORT_RESULT_TEXT_H
#define HR_REPORT_RESULT_TEXT_H

#include "core/record/view_text.h"
#include "core/report/result_tree.h"
#include "core/report/result_words.h"

enum result_cell {
    RESULT_CELL_GROUP,
    RESULT_CELL_LEAKED,
    RESULT_CELL_AT_EXIT,
    RESULT_CELL_OPEN,
    RESULT_CELL_CREATED, /* and duplicated */
    RESULT_CELL_CLOSED,
    RESULT_CELL_LIFETIME, /* of a group: the mean of those that were closed */
    RESULT_CELL_COUNT
};

/* "4,812 leaked, 31 uncertain, 1,204 events lost", and what else limits what is said. */
void result_add_summary(const struct result_set *s, const struct view_locale *l, struct text *out);
/* Why there are no rows; nothing when there are some. `filtered`: a filter is set. */
void result_add_empty(const struct result_tree *t, bool filtered, const struct view_locale *l, struct text *out);

void result_add_cell(const struct result_tree *t, uint32_t row, enum result_cell cell, const struct view_locale *l,
                     struct text *out);
/* One line about a row: "Handle 0x1A4, created 10:44:03.120, thread 812, \BaseNamedObjects\Evt7". */
void result_add_detail(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out);
/* Its stacks, a frame a line, "\r\n" between lines. Of a group: the stack that most of its leaks have. */
void result_add_stacks(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out);
/* The row for the clipboard: its detail and its stacks. */
void result_add_copy(const struct result_tree *t, uint32_t row, const struct view_locale *l, struct text *out);
/* All rows as they are unfolded, with headings, tabs between the cells. */
void result_add_copy_all(const struct result_tree *t, const struct view_locale *l, struct text *out);

#endif
