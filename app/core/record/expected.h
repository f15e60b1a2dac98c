/* Whether a recording holds what its session was set to record: the self-test of the type filter, which the system
 * cannot read back. Pure. */
#ifndef HR_RECORD_EXPECTED_H
#define HR_RECORD_EXPECTED_H

#include "core/record/parts.h"
#include "core/record/readback.h"

/* `note`: what was set. Fails, as a warning about a recording that is whole, with
 *   ERR_MISMATCH    it holds events of types that no filter let through,
 *   ERR_NOT_FOUND   it holds nothing that happened to handles, or does not name the types.
 * What the note does not know (a lost one) is not asked for. */
bool expected_check(const struct readback *r, const struct parts_note *note, struct err *err);

#endif
