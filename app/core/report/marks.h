/* The marks of a recording, in order of time. One thread. */
#ifndef HR_REPORT_MARKS_H
#define HR_REPORT_MARKS_H

#include <stdbool.h>
#include <stdint.h>

struct report_mark {
    int64_t time; /* raw */
    char *text;   /* well-formed UTF-8 */
};

/* All zero is empty. */
struct report_marks {
    struct report_mark *list;
    uint32_t count;
    uint32_t room;
};

/* For timeline_options.mark, with the marks as its context. False for want of memory. */
bool report_marks_take(void *marks, int64_t time, const char *text);
/* Puts late ones in their place. */
void report_marks_sort(struct report_marks *m);
void report_marks_free(struct report_marks *m);

#endif
