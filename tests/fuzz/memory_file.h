/* file.h over bytes in memory, so that a fuzzer needs no disk: any path opens the bytes that were set. One thread. */
#ifndef HR_FUZZ_MEMORY_FILE_H
#define HR_FUZZ_MEMORY_FILE_H

#include "core/base/file.h"

void memory_file_set(const uint8_t *bytes, size_t size);

#endif
