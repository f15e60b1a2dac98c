/* The system's text for an error number, on Linux. */
#include "core/base/err.h"
#include "core/base/text.h"

#include <string.h>

void err_os_text(enum err_kind kind, uint32_t os, char *out, size_t size)
{
    char text[256] = "";
    /* Windows numbers have no text here; the number itself still shows. */
    if (kind == ERR_KIND_ERRNO && strerror_r((int)os, text, sizeof text) != 0)
        text[0] = 0;
    text_put(out, size, text);
}
