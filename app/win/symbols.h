/* Names of functions through dbghelp.dll: a symbol_source for symbol_queue.h.
 *
 * Thread: create on any; what it does happens on the queue's thread, because dbghelp serves one thread of a process at
 * a time: a second source waits until the first is closed.
 *
 * A module is named from only if it is the very one of the trace: by the GUID and age of its debug information where
 * the trace tells them, else by size and time stamp or checksum. Files are looked for
 * - on the user's symbol path (where a symbol server may be asked for them),
 * - in the folders of the recordings,
 * - where the trace says that the module was, if that is a drive of this machine; nothing in a trace or in a module
 *   that it names leads to another machine. */
#ifndef HR_WIN_SYMBOLS_H
#define HR_WIN_SYMBOLS_H

#include "core/report/symbolizer.h"
#include "win/symbols_library.h"

struct symbols_options {
    const char *path; /* the user's symbol path; NULL: that of _NT_SYMBOL_PATH */
    const char *const *files;
    unsigned file_count; /* recordings */
};

struct symbols;

/* Loads nothing yet. symbol_queue_open takes what *out leads to. */
bool symbols_create(const struct symbols_options *options, struct symbol_source *out, struct symbols **symbols,
                    struct err *err);

/* Which library names functions, and whether the symbol path asks for a server. Any thread, until the queue is closed.
 */
enum symbols_kind symbols_library_kind(const struct symbols *s);
bool symbols_wants_server(const struct symbols *s);
/* Why no library could be loaded; only after something was looked up and the kind is still SYMBOLS_NOT_LOADED. */
bool symbols_failed(const struct symbols *s, struct err *why);

/* What tests replace: the system's calls, and dbghelp's once it is loaded. NULL: as they are. */
struct symbols_seam {
    const struct symbols_system *system;
    void (*loaded)(struct dbghelp *calls);
};
bool symbols_create_over(const struct symbols_options *options, const struct symbols_seam *seam,
                         struct symbol_source *out, struct symbols **symbols, struct err *err);

#endif
