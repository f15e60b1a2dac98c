/* memory.h over Win32. Large pages want a privilege there that users do not have. */
#include "core/base/memory.h"

#include "win/win.h"

void *memory_take(size_t size)
{
    return VirtualAlloc(NULL, size ? size : 1, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void memory_give(void *p, size_t size)
{
    (void)size;
    if (p)
        VirtualFree(p, 0, MEM_RELEASE);
}
