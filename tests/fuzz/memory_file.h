/* file.h over bytes in memory, so that a fuzzer needs no disk: any path opens the bytes that were set, unless it was
 * named or written. Nothing outlives memory_file_set. One thread. */
#ifndef HR_FUZZ_MEMORY_FILE_H
#define HR_FUZZ_MEMORY_FILE_H

#include "core/base/file.h"

/* Forgets all files; every name that is not there opens `bytes`, NULL: none does. */
void memory_file_set(const uint8_t *bytes, size_t size);
/* One more file, of its own name. */
void memory_file_put(const char *path, const uint8_t *bytes, size_t size);
/* How many files there are by name, those that were written included. */
unsigned memory_file_count(void);
/* Bytes of a file by name; 0: it is not there. */
size_t memory_file_size(const char *path);

#endif
