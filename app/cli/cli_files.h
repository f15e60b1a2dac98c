/* The files that a command line names. One thread. */
#ifndef HR_CLI_CLI_FILES_H
#define HR_CLI_CLI_FILES_H

#include "core/base/err.h"

/* All zero is empty. */
struct cli_files {
    char **list;
    uint32_t count;
    uint32_t room;
};

/* Adds the file `arg`. Windows' shells leave * and ? to the program: when there is no file of just this name, those
 * that match its last part are added instead, by name; none is an error. */
bool cli_files_add(struct cli_files *f, const char *arg, struct err *err);
/* All that argv names, in its order. After an error, too, they are to be freed. */
bool cli_files_add_all(struct cli_files *f, char *const *args, int count, struct err *err);
void cli_files_free(struct cli_files *f);

#endif
