/* Compares what was read back, type by type, with the tags that were let through. */
#include "core/record/expected.h"

#include "core/profile/plan.h"

#include <inttypes.h>

static bool let_through(const struct parts_note *note, const char *type)
{
    uint32_t tag = profile_tag(type);
    for (unsigned i = 0; i < note->recorded_count; i++)
        if (note->recorded[i] == tag)
            return true;
    return false;
}

/* The kernel compares the first four characters, so types that share them come along. A type without a name cannot be
 * judged. */
static bool check_filter(const struct readback *r, const struct parts_note *note, struct err *err)
{
    uint64_t others = 0;
    const struct readback_type *most = NULL;
    if (note->recorded_count == 0)
        return true;
    for (unsigned i = 0; i < r->type_count; i++) {
        const struct readback_type *t = &r->types[i];
        if (!t->name[0] || let_through(note, t->name))
            continue;
        others += t->events;
        if (!most || t->events > most->events)
            most = t;
    }
    if (!most)
        return true;
    err_set(err, ERR_MISMATCH, "The type filter did not take effect, %" PRIu64 " events of other types, most of %s",
            others, most->name);
    return err_remedy(err, "The recording is complete: look at the wanted types only.");
}

static bool check_events(const struct readback *r, const struct parts_note *note, struct err *err)
{
    /* Of few types it can be that nothing happened: then at least their open handles are listed. */
    if (r->handle_events || (note->recorded_count && r->handles_listed))
        return true;
    err_set(err, ERR_NOT_FOUND, "Looking in the recording for anything that happened to the handles recorded");
    return err_remedy(err, "If the program was at work meanwhile, record all types once.");
}

static bool check_names(const struct readback *r, struct err *err)
{
    if (r->types_named)
        return true;
    err_set(err, ERR_NOT_FOUND, "Looking in the recording for the names of the handle types");
    return err_remedy(err, "Record again if you need them: without names, types are numbers.");
}

bool expected_check(const struct readback *r, const struct parts_note *note, struct err *err)
{
    if (!plan_records_handles(note->masks))
        return true;
    return check_filter(r, note, err) && check_events(r, note, err) && check_names(r, err);
}
