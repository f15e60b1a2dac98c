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

/* "2026-11-23 02:17:40.123456Z", and the local time of the machine that this runs on, of a raw time. */
#define REPORT_TIME_TEXT 40
void report_utc(const struct timeline_facts *f, int64_t time, char out[REPORT_TIME_TEXT]);
void report_local(const struct timeline_facts *f, int64_t time, char out[REPORT_TIME_TEXT]);

/* "app.exe (4711)"; the type's name, or "type 17" (in `room`) where the trace does not say. */
#define REPORT_TYPE_ROOM 24
void report_add_process(const struct report *r, uint32_t process, struct text *t);
const char *report_type_name(const struct report *r, uint16_t type, char room[REPORT_TYPE_ROOM]);

#endif
