/* How rows look: the suspect's sign, bold and tint, drawn cells, and the sentence in an empty list.
 *
 * Thread: the window's. Only list_view.c includes this. */
#ifndef HR_UI_LIST_DRAW_H
#define HR_UI_LIST_DRAW_H

#include "ui/list_inside.h"

void list_draw_set_look(struct list_view *v); /* images and colours for this scale and contrast */
LRESULT list_draw_custom(struct list_view *v, NMLVCUSTOMDRAW *draw);
/* The cell's text, when its column is too narrow for it. */
void list_draw_add_cut_text(const struct list_view *v, size_t row, int column, struct text *out);

#endif
