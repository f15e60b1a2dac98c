/* This very program, which has symbols in it, as a trace would tell it; and the names that are found for it. */
#ifndef HR_TEST_SYMBOLS_SELF_H
#define HR_TEST_SYMBOLS_SELF_H

#include "unit/test.h"

#include "win/symbols.h"

#define SELF_ROOM 1024

int known_function(volatile int *x);

extern char self_path[SELF_ROOM];
extern char self_traced[SELF_ROOM];
extern struct ledger_image self_image;
extern uint64_t self_offset; /* of known_function in the image */
void self_describe(void);
int self_set_up(void **state); /* of the group */

/* One source, used without a queue: the test's thread is its thread. */
struct self_use {
    struct symbol_source source;
    struct symbols *symbols;
    char name[SELF_ROOM];
};

extern struct symbols_seam self_seam; /* what sources are started over */

void self_start_with(struct self_use *u, const char *path, const char *recording);
void self_start(struct self_use *u);
void self_end(struct self_use *u);

/* "" when it has no name. */
const char *self_ask_for(struct self_use *u, const char *path, const struct ledger_image *image, const char *pdb,
                         uint64_t offset);
const char *self_ask(struct self_use *u); /* the name of what lies in known_function */
const char *self_name(void);              /* the same from a source of its own */

#endif
