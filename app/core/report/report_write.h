/* The forms of a report. One thread. */
#ifndef HR_REPORT_REPORT_WRITE_H
#define HR_REPORT_REPORT_WRITE_H

#include "core/report/report.h"
#include "core/report/report_out.h"

/* Writes in the form that the options say. False when memory was short or writing failed. */
bool report_write(struct report *r, struct report_out *o);

/* The single forms. They return false for want of memory. */
bool report_text(struct report *r, struct report_out *o);
bool report_json(struct report *r, struct report_out *o);
bool report_csv(struct report *r, struct report_out *o);
bool report_html(struct report *r, struct report_out *o);

/* A sentence on where the ring begins and what is gone; nothing for other recordings. */
void report_ring_text(const struct report *r, struct text *out);

/* A raw time: seconds since the start, "2026-11-23 02:17:40.123456Z", and the local time of the machine this runs on.
 */
struct report_when {
    double seconds;
    char utc[40];
    char local[40];
};
struct report_when report_when(const struct report *r, int64_t time);
void report_add_when(const struct report *r, int64_t time, struct text *t); /* "1.500 s (UTC, local LOCAL)" */
void report_add_recorded(const struct report *r, struct text *t); /* when the recording began, and how long it is */

/* How many groups leak; they stand first. */
uint32_t report_leaking(const struct report *r);

/* "app.exe (4711)"; `put` adds names, which are from the trace. */
void report_put_process(const struct report *r, uint32_t process, struct text *t,
                        void (*put)(struct text *t, const char *s));
void report_add_process(const struct report *r, uint32_t process, struct text *t); /* for a terminal */
/* The type's name, or "type 17" (in `room`) where the trace does not say; for a terminal also where the name could
 * command it. */
#define REPORT_TYPE_ROOM FILTER_TYPE_ROOM
const char *report_type_raw(const struct report *r, uint16_t type, char room[REPORT_TYPE_ROOM]);
const char *report_type_name(const struct report *r, uint16_t type, char room[REPORT_TYPE_ROOM]);

#endif
