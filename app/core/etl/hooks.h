/* Names of kernel events: hook ids, group << 8 | type. */
#ifndef HR_ETL_HOOKS_H
#define HR_ETL_HOOKS_H

#include <stddef.h>
#include <stdint.h>

/* The hooks this program decodes or decides on. */
enum etl_hook {
    HOOK_LOGFILE_HEADER = 0x0000,
    HOOK_GROUP_MASKS = 0x0005,
    HOOK_RUNDOWN_COMPLETE = 0x0008,
    HOOK_GROUP_MASKS_END = 0x0020,
    HOOK_PROCESS_START = 0x0301,
    HOOK_PROCESS_END = 0x0302,
    HOOK_PROCESS_DCSTART = 0x0303,
    HOOK_PROCESS_DCEND = 0x0304,
    HOOK_IMAGE_LOAD = 0x030A, /* in the group of processes */
    HOOK_PROCESS_TERMINATE = 0x030B,
    HOOK_PROCESS_DEFUNCT = 0x0327,
    HOOK_THREAD_START = 0x0501,
    HOOK_THREAD_END = 0x0502,
    HOOK_THREAD_DCSTART = 0x0503,
    HOOK_THREAD_DCEND = 0x0504,
    HOOK_MARK = 0x0F22,
    HOOK_CREATE_HANDLE = 0x1120,
    HOOK_CLOSE_HANDLE = 0x1121,
    HOOK_DUPLICATE_HANDLE = 0x1122,
    HOOK_TYPE_DCSTART = 0x1124,
    HOOK_TYPE_DCEND = 0x1125,
    HOOK_HANDLE_DCSTART = 0x1126,
    HOOK_HANDLE_DCEND = 0x1127,
    HOOK_CREATE_OBJECT = 0x1130,
    HOOK_DELETE_OBJECT = 0x1131,
    HOOK_REFERENCE_OBJECT = 0x1132,
    HOOK_DEREFERENCE_OBJECT = 0x1133,
    HOOK_IMAGE_UNLOAD = 0x1402,
    HOOK_IMAGE_DCSTART = 0x1403,
    HOOK_IMAGE_DCEND = 0x1404,
    HOOK_STACK = 0x1820,
    HOOK_STACK_KEY_DELETE = 0x1823,
    HOOK_STACK_KEY_RUNDOWN = 0x1824,
    HOOK_STACK_KEY_KERNEL = 0x1825,
    HOOK_STACK_KEY_USER = 0x1826,
};

/* "Object/CreateHandle"; a type without a name of its own shows as a number ("PerfInfo/46"), as does a group. */
#define ETL_HOOK_NAME 48
void etl_hook_name(uint16_t hook, char out[ETL_HOOK_NAME]);

#endif
