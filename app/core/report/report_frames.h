/* Frames as text, and which of a stack's names the code. For the files of the report and the results window's. */
#ifndef HR_REPORT_REPORT_FRAMES_H
#define HR_REPORT_REPORT_FRAMES_H

#include "core/report/report.h"

/* The first frame outside the system's modules, else the outermost of all; frames of one function are one where names
 * are known. UINT32_MAX: no frames. False for want of memory. */
bool report_leading_frame(struct report *r, uint32_t stack, uint32_t *frame);
/* What a symbolizer is asked about a frame that has an image; valid while the report is. */
struct symbol_ask report_frame_ask(const struct report *r, const struct ledger_frame *frame);
/* Names a frame that has an image: "Function+0x12". Its text changes, and with it the function it stands for. False
 * for want of memory. */
bool report_name_frame(struct report *r, uint32_t frame, const char *symbol);

#endif
