/* The ways in which the undocumented parts of a handle trace could be, as named combinations. */
#include "kernel_state.h"

#include <string.h>

static const struct kernel_dialect dialects[] = {
    {.name = "default",
     .about = "compact headers, stacks in two records, sweep before the process's end",
     .handle_header = KERNEL_COMPACT,
     .image_header = KERNEL_SYSTEM,
     .stacks = KERNEL_STACK_SPLIT},
    {.name = "joined",
     .about = "kernel and user frames in one stack record, rundown and live images without ids",
     .handle_header = KERNEL_COMPACT,
     .image_header = KERNEL_PERFINFO,
     .stacks = KERNEL_STACK_JOINED,
     .ring_global = true,
     .ring_drains = true,
     .ring_flush_times = true,
     .ring_figures = true},
    {.name = "system-header",
     .about = "handle events with system headers, which name the acting process also where it closes another's handle",
     .handle_header = KERNEL_SYSTEM,
     .image_header = KERNEL_SYSTEM,
     .stacks = KERNEL_STACK_JOINED,
     .close_source_actor = true,
     .ring_switches = true,
     .ring_header_late = true,
     .order = KERNEL_ORDER_PROCESSOR},
    {.name = "no-ids",
     .about = "handle events with headers that have no ids; ids only in the stacks",
     .handle_header = KERNEL_PERFINFO,
     .image_header = KERNEL_PERFINFO,
     .stacks = KERNEL_STACK_SPLIT,
     .flush_marker = true,
     .ring_global = true,
     .ring_empties = true,
     .order = KERNEL_ORDER_MEMORY},
    {.name = "late-stacks",
     .about = "now and then the user part of a stack comes 10 ms late and on another processor",
     .handle_header = KERNEL_COMPACT,
     .image_header = KERNEL_SYSTEM,
     .stacks = KERNEL_STACK_LATE,
     .ring_switches = true,
     .ring_flush_times = true,
     .ring_header_late = true,
     .order = KERNEL_ORDER_MEMORY},
    {.name = "sweep-after-end",
     .about = "a dead process's handles are closed after its Process/End",
     .handle_header = KERNEL_COMPACT,
     .image_header = KERNEL_SYSTEM,
     .stacks = KERNEL_STACK_SPLIT,
     .sweep_after_end = true,
     .ring_global = true,
     .ring_switches = true,
     .ring_empties = true,
     .ring_keeps_files = true,
     .order = KERNEL_ORDER_PROCESSOR},
    {.name = "terminate-late",
     .about = "the terminate event comes after the sweep; system headers that still name a closed handle's owner",
     .handle_header = KERNEL_SYSTEM,
     .image_header = KERNEL_PERFINFO,
     .stacks = KERNEL_STACK_SPLIT,
     .terminate_after_sweep = true,
     .ring_drains = true,
     .order = KERNEL_ORDER_PROCESSOR},
    {.name = "late-close",
     .about = "a close is logged after NtClose, when its value may be in use again; processors' clocks apart",
     .handle_header = KERNEL_COMPACT,
     .image_header = KERNEL_SYSTEM,
     .stacks = KERNEL_STACK_JOINED,
     .late_close = true,
     .clocks_apart = true,
     .ring_global = true,
     .ring_flush_times = true,
     .ring_header_late = true,
     .ring_figures = true},
    {.name = "worst",
     .about = "no ids, late stacks, late closes, sweep after the end, clocks apart",
     .handle_header = KERNEL_PERFINFO,
     .image_header = KERNEL_PERFINFO,
     .stacks = KERNEL_STACK_LATE,
     .sweep_after_end = true,
     .terminate_after_sweep = true,
     .late_close = true,
     .clocks_apart = true,
     .flush_marker = true,
     .ring_switches = true,
     .ring_flush_times = true,
     .ring_empties = true,
     .ring_header_late = true,
     .ring_no_masks = true,
     .ring_keeps_files = true,
     .order = KERNEL_ORDER_MEMORY},
};

const struct kernel_dialect *kernel_dialect_at(uint32_t i)
{
    return i < sizeof dialects / sizeof dialects[0] ? &dialects[i] : NULL;
}

const struct kernel_dialect *kernel_dialect_find(const char *name)
{
    for (uint32_t i = 0; kernel_dialect_at(i); i++) {
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    }
    return NULL;
}
