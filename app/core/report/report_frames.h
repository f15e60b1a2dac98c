/* Frames as text, and which of a stack's names the code. For the files of the report only. */
#ifndef HR_REPORT_REPORT_FRAMES_H
#define HR_REPORT_REPORT_FRAMES_H

#include "core/report/report.h"

/* The first frame outside the system's modules, else the outermost of all; frames of one function are one where names
 * are known. UINT32_MAX: no frames. False for want of memory. */
bool report_leading_frame(struct report *r, uint32_t stack, uint32_t *frame);

#endif
