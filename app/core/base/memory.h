/* Memory for large tables that are asked at random. Link seam: posix or win. Any thread. */
#ifndef HR_BASE_MEMORY_H
#define HR_BASE_MEMORY_H

#include <stddef.h>

/* A hint, where the compiler knows one, that what is there is read soon; any address will do. A function that does
 * nothing else is one that compilers leave out: give the hint where something is done. */
#if defined(__GNUC__)
#define MEMORY_PREFETCH(p) __builtin_prefetch(p)
#else
#define MEMORY_PREFETCH(p) ((void)(p))
#endif

/* One page of the larger kind, where a system has such: a processor finds those in its address cache more often. */
#define MEMORY_LARGE_PAGE ((size_t)0x200000)

/* All zero, on a cache line's boundary, in large pages where the system gives them unasked. NULL when there is none. */
void *memory_take(size_t size);
/* `size` as it was taken; NULL is fine. */
void memory_give(void *p, size_t size);

#endif
