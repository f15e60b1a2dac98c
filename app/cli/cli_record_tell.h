/* One run of handlerec record, and what it tells of it on stderr. One thread. */
#ifndef HR_CLI_CLI_RECORD_TELL_H
#define HR_CLI_CLI_RECORD_TELL_H

#include "cli/cli_record.h"
#include "core/census/watcher.h"
#include "core/record/controller.h"

/* One run of the command. */
struct recording {
    const struct record_options *o;
    struct sys_backend *sys;
    struct controller *c;
    struct watcher *watcher; /* counts for stop rules; NULL: none need them */
    uint64_t counted;        /* the last snapshot of counts that was looked at */
    unsigned snapshots;      /* of the ring, asked for */
    uint64_t next_snapshot;  /* of clock_ns; 0: none yet */
    unsigned told_snapshots;
    struct err told_snapshot_error;
    struct recorder_view v;
    enum recorder_state told_state;
    enum recorder_step told_step;
    bool notes_told;
    uint64_t told_second;
    bool live; /* stderr is a console: the counting line is rewritten in place */
    bool line_open;
    bool commanded; /* record or rescue was asked for */
    bool stopping;
    unsigned stop_tries;
    bool cancelled;
    bool refused;       /* the filter was refused, and answered */
    bool ended_early;   /* by itself, and is saved all the same */
    bool saved_damaged; /* does not read back whole, and is saved as it is */
};

void tell_end_line(struct recording *r); /* the counting line, if there is one */
void tell_line(struct recording *r, const char *format, ...) ERR_PRINTF(2, 3);
void tell_error(struct recording *r, const struct err *e);
void tell_state(struct recording *r); /* the step, and while it records the count */
void tell_rule(struct recording *r);  /* which rule has stopped it */

/* Why nothing is recorded or saved; the exit code. */
enum exit_code tell_left_behind(struct recording *r);
enum exit_code tell_other(struct recording *r);
enum exit_code tell_running(struct recording *r);

#endif
