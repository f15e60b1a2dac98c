/* Puts the queue of names between a report and dbghelp, and says why names are missing. */
#include "cli/cli_symbols.h"

#include "core/report/symbol_queue.h"
#include "win/symbols.h"

#include <stdio.h>
#include <stdlib.h>

#define TIMEOUT_SECONDS 10.0
#define TEXT_ROOM       1024

struct cli_symbols {
    struct symbol_queue *queue; /* owns what is behind `symbols` */
    const struct symbols *symbols;
    struct symbol_wait wait;
    struct symbolizer symbolizer;
    double limit;
};

static void tell(const char *what)
{
    fprintf(stderr, "handlerec: %s\n", what);
    fflush(stderr);
}

static void tell_error(const struct err *err)
{
    char text[TEXT_ROOM];
    err_format(err, text, sizeof text);
    tell(text);
}

/* No names are no reason to have no report. */
static bool start(struct cli_symbols *s, const struct report_options *o, const struct report_source *source,
                  struct err *err)
{
    const struct symbols_options options = {
        .path = o->symbols, .files = source->files, .file_count = source->file_count};
    struct symbol_source names;
    struct symbols *symbols = NULL;
    if (!symbols_create(&options, &names, &symbols, err) || !symbol_queue_open(&names, NULL, &s->queue, err))
        return false;
    s->symbols = symbols;
    s->limit = o->has_symbols_timeout ? o->symbols_timeout : TIMEOUT_SECONDS;
    symbol_wait_start(&s->wait, s->queue, (uint64_t)(s->limit * 1000));
    s->symbolizer = symbol_wait_symbolizer(&s->wait);
    return true;
}

struct cli_symbols *cli_symbols_start(const struct report_options *o, struct report_source *source)
{
    struct err err = {0};
    if (o->has_symbols_timeout && o->symbols_timeout <= 0)
        return NULL;
    struct cli_symbols *s = calloc(1, sizeof *s);
    bool ok = s ? start(s, o, source, &err) : err_set(&err, ERR_NO_MEMORY, "Looking up the names of functions");
    if (!ok) {
        tell_error(&err);
        free(s);
        return NULL;
    }
    source->symbolizer = &s->symbolizer;
    return s;
}

static void tell_missing(const struct cli_symbols *s)
{
    char text[TEXT_ROOM];
    struct err why = {0};
    if (s->wait.unanswered) {
        snprintf(text, sizeof text,
                 "%llu places in the code are shown without the name of their function: looking it up took longer than "
                 "%g seconds (--symbols-timeout).",
                 (unsigned long long)s->wait.unanswered, s->limit);
        tell(text);
    }
    if (symbols_failed(s->symbols, &why))
        tell_error(&why);
    else if (symbols_library_kind(s->symbols) == SYMBOLS_INBOX && s->wait.unnamed)
        tell(symbols_wants_server(s->symbols)
                 ? "The symbol path names a server, but the dbghelp.dll of Windows itself cannot ask one: install the "
                   "Debugging Tools for Windows or the Windows Performance Toolkit."
                 : "Names of functions come from the dbghelp.dll of Windows itself, which has no symbol server: those "
                   "of "
                   "modules without symbols on this machine are missing.");
}

void cli_symbols_end(struct cli_symbols *s, bool tell_why)
{
    if (!s)
        return;
    if (tell_why)
        tell_missing(s);
    symbol_queue_close(s->queue);
    free(s);
}
