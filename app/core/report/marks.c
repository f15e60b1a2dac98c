/* Keeps the marks that a time line tells. */
#include "core/report/marks.h"

#include "core/base/text.h"
#include "core/ledger/grow.h"

#include <stdlib.h>
#include <string.h>

bool report_marks_take(void *marks, int64_t time, const char *text)
{
    struct report_marks *m = marks;
    char *copy = text_copy(text);
    if (!copy || !grow_array(&m->list, &m->room, m->count + 1, sizeof *m->list)) {
        free(copy);
        return false;
    }
    m->list[m->count++] = (struct report_mark){time, copy};
    return true;
}

static int by_time(const void *left, const void *right)
{
    const struct report_mark *a = left;
    const struct report_mark *b = right;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return strcmp(a->text, b->text);
}

void report_marks_sort(struct report_marks *m)
{
    if (m->count)
        qsort(m->list, m->count, sizeof *m->list, by_time);
}

void report_marks_free(struct report_marks *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        free(m->list[i].text);
    free(m->list);
    memset(m, 0, sizeof *m);
}
