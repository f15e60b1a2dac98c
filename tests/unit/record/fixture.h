/* A controller over the scripted world, with a folder of its own for parts and saved files. */
#ifndef HR_TEST_RECORD_FIXTURE_H
#define HR_TEST_RECORD_FIXTURE_H

#include "core/record/controller.h"
#include "unit/record/scripted_backend.h"
#include "unit/record/scripted_merge.h"
#include "unit/record/scripted_readback.h"
#include "unit/test.h"

#define WAIT_MS 20000u /* far above what anything takes: reaching it is a failure */

struct fixture {
    struct script_world world;
    struct controller *ctl;
    struct profile profile;
    struct live_source live;   /* of the next controller */
    struct recorder_view view; /* as of the last look */
    atomic_uint notices;
    uint32_t poll_ms;    /* of the next controller */
    char dir[256];       /* of the parts */
    char saved[300];     /* where the tests save to */
    unsigned more_saved; /* how many of saved with a number there are */
};

/* `name` names the folder, which is emptied. No controller yet. */
void fixture_init(struct fixture *f, const char *name);
void fixture_free(struct fixture *f);
void fixture_empty(struct fixture *f); /* the folder */

/* A controller as a program start makes it; waits until it has looked around. */
void fixture_start(struct fixture *f);
/* Ends it as the program's end does. */
void fixture_end(struct fixture *f);

/* Ends it, and starts again as another process. */
void fixture_restart(struct fixture *f);

/* Does what it takes until nothing is under way, running or unsaved: stops, saves, takes up what was left. Saves go to
 * f->saved, or to f->saved with a number when that name is taken. */
void fixture_bring_home(struct fixture *f);

/* Waits until nothing is pending, and looks. */
const struct recorder_view *settle(struct fixture *f);
/* Waits until the view shows `state`. */
void wait_state(struct fixture *f, enum recorder_state state);
/* Record; save to f->saved, replacing nothing; the same after a stop: settled. */
void record(struct fixture *f);
void save_settled(struct fixture *f);
void stop_and_save(struct fixture *f);

/* How many files whose names end in `suffix` the parts' folder holds. */
unsigned count_files(const struct fixture *f, const char *suffix);
/* How often `what` stands in the files whose names begin with `name`. */
unsigned count_content(const struct fixture *f, const char *name, const char *what);
/* The whole text of a file; "" when it is not there. Valid until the next call. */
const char *content(const char *path);

void assert_state(const struct recorder_view *v, enum recorder_state state);
/* Asserts what every error text must have: what failed, its number where `os` is not 0, and a remedy. */
void assert_error_text(const struct err *e, uint32_t os);

#endif
