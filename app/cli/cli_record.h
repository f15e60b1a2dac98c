/* What handlerec record was asked to do. */
#ifndef HR_CLI_CLI_RECORD_H
#define HR_CLI_CLI_RECORD_H

#include "cli/exit_codes.h"
#include "core/census/sys_backend.h"
#include "core/profile/profile.h"
#include "core/record/trace_backend.h"

#define RECORD_MAX_TYPES 64

struct record_options {
    struct profile profile; /* with what --type and --stacks changed in it */
    uint64_t seconds;       /* 0: until Ctrl+C */
    bool rescue;            /* save what another run left behind, start nothing */
    bool one_file;          /* segments are saved as one */
    uint64_t snapshot_ms;   /* a snapshot of the ring every so often; 0: none */
    char path[TRACE_PATH_MAX];
};

/* Reads the command line. EXIT_OK: `out` is complete; else the reason was told on stderr. `sys`: for the types of the
 * running system and the machine's name. */
enum exit_code record_options_read(int argc, char **argv, struct sys_backend *sys, struct record_options *out);

#endif
