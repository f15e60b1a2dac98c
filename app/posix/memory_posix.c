/* memory.h over POSIX: mappings that the kernel may fill with large pages. */
#include "core/base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE 64u

static size_t round_up(size_t size, size_t to)
{
    return size > SIZE_MAX - to ? 0 : (size + to - 1) / to * to;
}

static void *take_small(size_t size)
{
    size_t whole = round_up(size ? size : 1, LINE);
    void *p = whole ? aligned_alloc(LINE, whole) : NULL;
    return p ? memset(p, 0, whole) : NULL;
}

/* A mapping begins anywhere: what lies before the first large page, and behind the last, goes back. */
static void *take_large(size_t size)
{
    size_t whole = round_up(size, MEMORY_LARGE_PAGE);
    if (!whole || whole > SIZE_MAX - MEMORY_LARGE_PAGE)
        return NULL;
    char *p = mmap(NULL, whole + MEMORY_LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    size_t before = (MEMORY_LARGE_PAGE - (uintptr_t)p % MEMORY_LARGE_PAGE) % MEMORY_LARGE_PAGE;
    if (before)
        munmap(p, before);
    munmap(p + before + whole, MEMORY_LARGE_PAGE - before);
    /* A wish: without it everything works, a little slower. */
    (void)madvise(p + before, whole, MADV_HUGEPAGE);
    return p + before;
}

void *memory_take(size_t size)
{
    return size < MEMORY_LARGE_PAGE ? take_small(size) : take_large(size);
}

void memory_give(void *p, size_t size)
{
    if (size < MEMORY_LARGE_PAGE)
        free(p);
    else if (p)
        munmap(p, round_up(size, MEMORY_LARGE_PAGE));
}
