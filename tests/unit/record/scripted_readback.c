/* The scripted reading back: link replacement for readback.c. */
#include "unit/record/scripted_readback.h"

#include "core/base/thread.h"

struct scripted_readback scripted_readback;

void scripted_readback_reset(void)
{
    atomic_store(&scripted_readback.calls, 0u);
    atomic_store(&scripted_readback.code, ERR_NONE);
    atomic_store(&scripted_readback.stuck, false);
    scripted_readback.found = (struct readback){
        .events = 42, .events_lost_known = true, .handle_events = 30, .handles_listed = 7, .types_named = true};
}

bool readback_check(const char *path, readback_go_on_fn *go_on, void *ctx, struct readback *out, struct err *err)
{
    atomic_fetch_add(&scripted_readback.calls, 1u);
    int percent = 0;
    do {
        if (!go_on(ctx, percent))
            return err_set(err, ERR_CANCELLED, "Reading %s back", path);
        if (atomic_load(&scripted_readback.stuck))
            clock_sleep_ms(1);
        percent = percent < 99 ? percent + 1 : percent;
    } while (atomic_load(&scripted_readback.stuck));
    enum err_code code = (enum err_code)atomic_load(&scripted_readback.code);
    if (code != ERR_NONE)
        return err_set(err, code, "Reading %s back", path);
    *out = scripted_readback.found;
    return true;
}
