/* cmocka with the headers it wants before it. */
#ifndef HR_TEST_H
#define HR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* HR_FULL=1: long tests are whole, not a sample. It may be there and empty. */
static inline bool test_is_full(void)
{
    const char *full = getenv("HR_FULL");
    return full && *full == '1';
}

#endif
