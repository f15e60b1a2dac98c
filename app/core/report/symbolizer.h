/* Names of functions: what is asked, and who can answer. Each function says its thread. */
#ifndef HR_REPORT_SYMBOLIZER_H
#define HR_REPORT_SYMBOLIZER_H

#include "core/base/text.h"
#include "core/ledger/images.h"

/* A place in a module. */
struct symbol_ask {
    const char *path; /* as the kernel said it; from a trace: leads nowhere by itself */
    const char *pdb;  /* the file with its symbols as the module says it, "" when the trace does not tell */
    const struct ledger_image *image;
    uint64_t offset; /* of a return address */
};

/* Asked by a report, once per distinct frame, on the report's thread. `name` appends "Function+0x12" to `out` and
 * returns true, or returns false and leaves `out` alone. It returns within a time that its owner has set. */
struct symbolizer {
    void *ctx;
    bool (*name)(void *ctx, const struct symbol_ask *ask, struct text *out);
};

/* Finds names and may take as long as it likes: used by a symbol_queue only, on its thread. */
struct symbol_source {
    void *ctx;
    bool (*find)(void *ctx, const struct symbol_ask *ask, struct text *out); /* as symbolizer.name */
    void (*cancel)(void *ctx); /* any thread, any number of times: what find does ends soon if it can; may be NULL */
    void (*close)(void *ctx);  /* the last call; may be NULL */
};

#endif
