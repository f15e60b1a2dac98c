/* The table of kernel event names. */
#include "core/etl/hooks.h"

#include <stdio.h>

struct hook_row {
    uint16_t hook;
    const char *name;
};

static const char *const groups[] = {
    [0x00] = "EventTrace", [0x01] = "DiskIo",   [0x02] = "PageFault", [0x03] = "Process",
    [0x04] = "FileIo",     [0x05] = "Thread",   [0x06] = "TcpIp",     [0x07] = "Job",
    [0x08] = "UdpIp",      [0x09] = "Registry", [0x0B] = "Config",    [0x0F] = "PerfInfo",
    [0x11] = "Object",     [0x14] = "Image",    [0x18] = "StackWalk", [0x1A] = "ALPC",
};

static const struct hook_row rows[] = {
    {HOOK_LOGFILE_HEADER, "EventTrace/Header"},
    {HOOK_GROUP_MASKS, "EventTrace/GroupMasks"},
    {HOOK_RUNDOWN_COMPLETE, "EventTrace/RundownComplete"},
    {HOOK_GROUP_MASKS_END, "EventTrace/GroupMasksEnd"},
    {0x0050, "EventTrace/PartitionInfo"},
    {0x0052, "EventTrace/LastDropped"},
    {HOOK_PROCESS_START, "Process/Start"},
    {HOOK_PROCESS_END, "Process/End"},
    {HOOK_PROCESS_DCSTART, "Process/DCStart"},
    {HOOK_PROCESS_DCEND, "Process/DCEnd"},
    {HOOK_IMAGE_LOAD, "Image/Load"},
    {HOOK_PROCESS_TERMINATE, "Process/Terminate"},
    {HOOK_PROCESS_DEFUNCT, "Process/Defunct"},
    {HOOK_THREAD_START, "Thread/Start"},
    {HOOK_THREAD_END, "Thread/End"},
    {HOOK_THREAD_DCSTART, "Thread/DCStart"},
    {HOOK_THREAD_DCEND, "Thread/DCEnd"},
    {0x0548, "Thread/Name"},
    {HOOK_MARK, "PerfInfo/Mark"},
    {HOOK_CREATE_HANDLE, "Object/CreateHandle"},
    {HOOK_CLOSE_HANDLE, "Object/CloseHandle"},
    {HOOK_DUPLICATE_HANDLE, "Object/DuplicateHandle"},
    {HOOK_TYPE_DCSTART, "Object/TypeDCStart"},
    {HOOK_TYPE_DCEND, "Object/TypeDCEnd"},
    {HOOK_HANDLE_DCSTART, "Object/HandleDCStart"},
    {HOOK_HANDLE_DCEND, "Object/HandleDCEnd"},
    {HOOK_CREATE_OBJECT, "Object/CreateObject"},
    {HOOK_DELETE_OBJECT, "Object/DeleteObject"},
    {HOOK_REFERENCE_OBJECT, "Object/ReferenceObject"},
    {HOOK_DEREFERENCE_OBJECT, "Object/DereferenceObject"},
    {HOOK_IMAGE_UNLOAD, "Image/Unload"},
    {HOOK_IMAGE_DCSTART, "Image/DCStart"},
    {HOOK_IMAGE_DCEND, "Image/DCEnd"},
    {0x1421, "Image/KernelBase"},
    {0x1422, "Image/HypercallPage"},
    {HOOK_STACK, "StackWalk/Stack"},
    {0x1822, "StackWalk/KeyCreate"},
    {HOOK_STACK_KEY_DELETE, "StackWalk/KeyDelete"},
    {HOOK_STACK_KEY_RUNDOWN, "StackWalk/KeyRundown"},
    {HOOK_STACK_KEY_KERNEL, "StackWalk/KeyKernel"},
    {HOOK_STACK_KEY_USER, "StackWalk/KeyUser"},
};

void etl_hook_name(uint16_t hook, char out[ETL_HOOK_NAME])
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].hook == hook) {
            snprintf(out, ETL_HOOK_NAME, "%s", rows[i].name);
            return;
        }
    unsigned group = hook >> 8;
    if (group < sizeof groups / sizeof groups[0] && groups[group])
        snprintf(out, ETL_HOOK_NAME, "%s/%u", groups[group], hook & 0xFFu);
    else
        snprintf(out, ETL_HOOK_NAME, "0x%02X/%u", group, hook & 0xFFu);
}
