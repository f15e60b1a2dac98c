/* The recorder's tables: what each phase does and shows, and where each input leads. */
#include "core/record/recorder.h"

/* A cell is the phase to go to, or one of these. 0 is PHASE_LOOKING, which nothing leads back to: a forgotten cell. */
enum cell { TAKE = PHASE_COUNT, IGNORE, WAIT, REFUSE };

struct row {
    struct recorder_step_row facts;
    /* The commands that may come in any phase. */
    uint8_t record, change, stop, save, cancel, discard, end;
};

/* Short names keep a row on a line: the columns are name, state, step, number, of, action, holds a session |
 * record, change, stop, save, cancel, discard, end. */
#define ST(s) RECORDER_STEP_##s
#define S(s)  RECORDER_##s
#define A(a)  ACTION_##a
#define G(p)  PHASE_##p

/* clang-format off */
static const struct row rows[PHASE_COUNT] = {
[G(LOOKING)] = {{"looking", S(IDLE), ST(CHECKING), 1, 1, A(LOOK), false},
    WAIT, REFUSE, IGNORE, WAIT, IGNORE, WAIT, G(ENDED)},
[G(IDLE)] = {{"idle", S(IDLE), ST(NONE), 0, 0, A(NONE), false},
    G(CHECKING), REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(ENDED)},
[G(SAVED)] = {{"saved", S(SAVED), ST(NONE), 0, 0, A(NONE), false},
    G(CHECKING), REFUSE, IGNORE, IGNORE, IGNORE, IGNORE, G(ENDED)},
[G(FAILED)] = {{"failed", S(FAILED), ST(NONE), 0, 0, A(NONE), false},
    G(CHECKING), REFUSE, IGNORE, IGNORE, IGNORE, IGNORE, G(ENDED)},
[G(ALIVE)] = {{"alive", S(OTHER), ST(NONE), 0, 0, A(NONE), false},
    G(CHECKING), REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(ENDED)},
[G(FOREIGN)] = {{"foreign", S(OTHER), ST(NONE), 0, 0, A(NONE), false},
    G(CHECKING), REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(ENDED)},
[G(ORPHAN)] = {{"orphan", S(ORPHAN), ST(NONE), 0, 0, A(NONE), false},
    REFUSE, REFUSE, G(ORPHAN_STOPPING), REFUSE, IGNORE, G(ABANDON), G(ENDED)},

[G(CHECKING)] = {{"checking", S(STARTING), ST(CHECKING), 1, 5, A(CHECK), false},
    IGNORE, REFUSE, G(IDLE), REFUSE, IGNORE, G(IDLE), G(ENDED)},
[G(NOTING)] = {{"noting", S(STARTING), ST(CHECKING), 1, 5, A(NOTE), false},
    IGNORE, REFUSE, G(IDLE), REFUSE, IGNORE, G(IDLE), G(ENDED)},
[G(STARTING)] = {{"starting", S(STARTING), ST(STARTING_SESSION), 2, 5, A(START), false},
    IGNORE, REFUSE, G(DROPPING), REFUSE, IGNORE, G(DROPPING), G(END_CLEANING)},
[G(STACKS)] = {{"stacks", S(STARTING), ST(SETTING_STACKS), 3, 5, A(SET_STACKS), true},
    IGNORE, WAIT, G(ABANDON), REFUSE, IGNORE, G(ABANDON), G(END_UNDOING)},
[G(FILTER)] = {{"filter", S(STARTING), ST(SETTING_FILTER), 4, 5, A(SET_FILTER), true},
    IGNORE, WAIT, G(ABANDON), REFUSE, IGNORE, G(ABANDON), G(END_UNDOING)},
[G(REFUSED)] = {{"refused", S(STARTING), ST(SETTING_FILTER), 4, 5, A(NONE), true},
    IGNORE, REFUSE, G(ABANDON), REFUSE, IGNORE, G(ABANDON), G(END_UNDOING)},
[G(MASKS)] = {{"masks", S(STARTING), ST(ENABLING_EVENTS), 5, 5, A(SET_MASKS), true},
    IGNORE, WAIT, G(ABANDON), REFUSE, IGNORE, G(ABANDON), G(END_UNDOING)},
[G(QUERYING)] = {{"querying", S(STARTING), ST(ENABLING_EVENTS), 5, 5, A(QUERY), true},
    IGNORE, WAIT, G(STOPPING), REFUSE, IGNORE, G(DISCARDING), G(END_STOPPING)},
[G(TAKEN)] = {{"taken", S(STARTING), ST(STARTING_SESSION), 2, 5, A(DROP), false},
    IGNORE, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_CLEANING)},
[G(IDENTIFY)] = {{"identify", S(STARTING), ST(STARTING_SESSION), 2, 5, A(IDENTIFY), false},
    IGNORE, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(ENDED)},
[G(NAMING)] = {{"naming", S(STARTING), ST(STARTING_SESSION), 2, 5, A(NAME_SESSIONS), false},
    IGNORE, REFUSE, IGNORE, REFUSE, IGNORE, G(DROPPING), G(END_CLEANING)},
[G(UNDOING)] = {{"undoing", S(STARTING), ST(DISCARDING), 5, 5, A(STOP), true},
    IGNORE, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_UNDOING)},
[G(CLEANING)] = {{"cleaning", S(STARTING), ST(DISCARDING), 5, 5, A(DROP), false},
    IGNORE, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_CLEANING)},
[G(ABANDON)] = {{"abandon", S(SAVING), ST(DISCARDING), 1, 1, A(STOP), true},
    WAIT, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_UNDOING)},

[G(RECORDING)] = {{"recording", S(RECORDING), ST(NONE), 0, 0, A(NONE), true},
    IGNORE, G(CHANGE_STACKS), G(STOPPING), REFUSE, IGNORE, G(DISCARDING), G(END_STOPPING)},
[G(POLLING)] = {{"polling", S(RECORDING), ST(NONE), 0, 0, A(POLL), true},
    IGNORE, G(CHANGE_STACKS), G(STOPPING), REFUSE, IGNORE, G(DISCARDING), G(END_STOPPING)},
[G(CHANGE_STACKS)] = {{"change stacks", S(RECORDING), ST(SETTING_STACKS), 1, 2, A(SET_STACKS), true},
    IGNORE, TAKE, G(STOPPING), REFUSE, IGNORE, G(DISCARDING), G(END_STOPPING)},
[G(CHANGE_FILTER)] = {{"change filter", S(RECORDING), ST(SETTING_FILTER), 2, 2, A(SET_FILTER), true},
    IGNORE, G(CHANGE_STACKS), G(STOPPING), REFUSE, IGNORE, G(DISCARDING), G(END_STOPPING)},
[G(RESUMING)] = {{"resuming", S(STARTING), ST(ENABLING_EVENTS), 5, 5, A(RESUME), false},
    IGNORE, WAIT, G(ORPHAN_STOPPING), REFUSE, IGNORE, G(ABANDON), G(ENDED)},
[G(DIED)] = {{"died", S(SAVING), ST(FLUSHING), 1, 3, A(EXAMINE), false},
    REFUSE, REFUSE, IGNORE, WAIT, IGNORE, G(DROPPING), G(ENDED)},
[G(DISCARDING)] = {{"discarding", S(SAVING), ST(DISCARDING), 1, 1, A(STOP), true},
    WAIT, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_UNDOING)},
[G(DROPPING)] = {{"dropping", S(SAVING), ST(DISCARDING), 1, 1, A(DROP), false},
    WAIT, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(END_CLEANING)},
[G(NEXT_PARTS)] = {{"next parts", S(IDLE), ST(CHECKING), 1, 1, A(FIND_PARTS), false},
    WAIT, REFUSE, IGNORE, REFUSE, IGNORE, IGNORE, G(ENDED)},

[G(STOPPING)] = {{"stopping", S(SAVING), ST(FLUSHING), 1, 3, A(STOP), true},
    REFUSE, REFUSE, IGNORE, TAKE, TAKE, G(DISCARDING), G(END_STOPPING)},
[G(ORPHAN_STOPPING)] = {{"orphan stopping", S(SAVING), ST(FLUSHING), 1, 3, A(STOP), true},
    REFUSE, REFUSE, IGNORE, TAKE, TAKE, G(ABANDON), G(END_STOPPING)},
[G(PLACING)] = {{"placing", S(SAVING), ST(READING_BACK), 2, 3, A(PLACE), false},
    REFUSE, REFUSE, IGNORE, TAKE, G(UNSAVED), G(DROPPING), G(ENDED)},
[G(VERIFYING)] = {{"verifying", S(SAVING), ST(READING_BACK), 2, 3, A(VERIFY), false},
    REFUSE, REFUSE, IGNORE, G(PLACING), G(UNSAVED), G(DROPPING), G(ENDED)},
[G(MOVING)] = {{"moving", S(SAVING), ST(MOVING), 3, 3, A(MOVE), false},
    REFUSE, REFUSE, IGNORE, G(PLACING), G(UNSAVED), G(DROPPING), G(ENDED)},
[G(SETTLING)] = {{"settling", S(SAVING), ST(MOVING), 3, 3, A(SETTLE), false},
    WAIT, REFUSE, IGNORE, IGNORE, IGNORE, IGNORE, G(ENDED)},
[G(UNSAVED)] = {{"unsaved", S(UNSAVED), ST(NONE), 0, 0, A(NONE), false},
    REFUSE, REFUSE, IGNORE, G(PLACING), IGNORE, G(DROPPING), G(ENDED)},
[G(UNSAVED_FAILED)] = {{"unsaved, failed", S(FAILED), ST(NONE), 0, 0, A(NONE), false},
    REFUSE, REFUSE, IGNORE, G(PLACING), IGNORE, G(DROPPING), G(ENDED)},

[G(END_STOPPING)] = {{"end: stopping", S(SAVING), ST(FLUSHING), 1, 1, A(STOP), true},
    IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE},
[G(END_UNDOING)] = {{"end: undoing", S(SAVING), ST(DISCARDING), 1, 1, A(STOP), true},
    IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE},
[G(END_CLEANING)] = {{"end: cleaning", S(SAVING), ST(DISCARDING), 1, 1, A(DROP), false},
    IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE},
[G(ENDED)] = {{"ended", S(IDLE), ST(NONE), 0, 0, A(QUIT), false},
    IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE, IGNORE},
};

/* Inputs that only some phases know: choices, the tick, and how the phase's action went. */
static const struct {
    uint8_t phase, input, cell;
} special[] = {
    {G(LOOKING), INPUT_ORPHAN_SAVE, WAIT},
    {G(LOOKING), INPUT_ORPHAN_CONTINUE, WAIT},
    {G(LOOKING), INPUT_ORPHAN_DISCARD, WAIT},
    {G(ORPHAN), INPUT_ORPHAN_SAVE, G(ORPHAN_STOPPING)},
    {G(ORPHAN), INPUT_ORPHAN_CONTINUE, G(RESUMING)},
    {G(ORPHAN), INPUT_ORPHAN_DISCARD, G(ABANDON)},
    {G(ALIVE), INPUT_ORPHAN_SAVE, G(ORPHAN_STOPPING)},
    {G(REFUSED), INPUT_ALL_TYPES, G(MASKS)},
    {G(REFUSED), INPUT_DO_NOT_RECORD, G(ABANDON)},
    {G(RECORDING), INPUT_TICK, G(POLLING)},

    {G(LOOKING), INPUT_OK, G(IDLE)},
    {G(LOOKING), INPUT_NOTHING, G(IDLE)},
    {G(LOOKING), INPUT_LEFTOVER, G(UNSAVED)},
    {G(LOOKING), INPUT_OURS, G(ORPHAN)},
    {G(LOOKING), INPUT_OTHERS_ALIVE, G(ALIVE)},
    {G(LOOKING), INPUT_FOREIGN, G(FOREIGN)},
    {G(LOOKING), INPUT_FAILED, G(FAILED)},
    {G(CHECKING), INPUT_OK, G(NOTING)},
    {G(CHECKING), INPUT_FAILED, G(FAILED)},
    {G(NOTING), INPUT_OK, G(STARTING)},
    {G(NOTING), INPUT_FAILED, G(FAILED)},
    {G(STARTING), INPUT_OK, G(STACKS)},
    {G(STARTING), INPUT_EXISTS, G(TAKEN)},
    {G(STARTING), INPUT_NO_SESSION, G(NAMING)},
    {G(STARTING), INPUT_FAILED, G(CLEANING)},
    {G(STACKS), INPUT_OK, G(FILTER)},
    {G(STACKS), INPUT_FAILED, G(UNDOING)},
    {G(FILTER), INPUT_OK, G(MASKS)},
    {G(FILTER), INPUT_REFUSED, G(REFUSED)},
    {G(FILTER), INPUT_FAILED, G(UNDOING)},
    {G(MASKS), INPUT_OK, G(QUERYING)},
    {G(MASKS), INPUT_FAILED, G(UNDOING)},
    {G(QUERYING), INPUT_OK, G(RECORDING)},
    {G(QUERYING), INPUT_GONE, G(DIED)},
    {G(QUERYING), INPUT_FAILED, G(RECORDING)},
    {G(TAKEN), INPUT_OK, G(IDENTIFY)},
    {G(TAKEN), INPUT_FAILED, G(IDENTIFY)},
    {G(IDENTIFY), INPUT_OK, G(FAILED)},
    {G(IDENTIFY), INPUT_NOTHING, G(FAILED)},
    {G(IDENTIFY), INPUT_OURS, G(ORPHAN)},
    {G(IDENTIFY), INPUT_OTHERS_ALIVE, G(ALIVE)},
    {G(IDENTIFY), INPUT_FOREIGN, G(FOREIGN)},
    {G(IDENTIFY), INPUT_FAILED, G(FAILED)},
    {G(NAMING), INPUT_OK, G(CLEANING)},
    {G(NAMING), INPUT_FAILED, G(CLEANING)},
    {G(UNDOING), INPUT_OK, G(CLEANING)},
    {G(UNDOING), INPUT_GONE, G(CLEANING)},
    {G(UNDOING), INPUT_FAILED, G(ORPHAN)},
    {G(CLEANING), INPUT_OK, G(FAILED)},
    {G(CLEANING), INPUT_FAILED, G(FAILED)},
    {G(ABANDON), INPUT_OK, G(DROPPING)},
    {G(ABANDON), INPUT_GONE, G(DROPPING)},
    {G(ABANDON), INPUT_FAILED, G(ORPHAN)},
    {G(POLLING), INPUT_OK, G(RECORDING)},
    {G(POLLING), INPUT_LOW_DISK, G(STOPPING)},
    {G(POLLING), INPUT_GONE, G(DIED)},
    {G(POLLING), INPUT_FAILED, G(RECORDING)},
    {G(CHANGE_STACKS), INPUT_OK, G(CHANGE_FILTER)},
    {G(CHANGE_STACKS), INPUT_GONE, G(POLLING)},
    {G(CHANGE_STACKS), INPUT_FAILED, G(RECORDING)},
    {G(CHANGE_FILTER), INPUT_OK, G(RECORDING)},
    {G(CHANGE_FILTER), INPUT_GONE, G(POLLING)},
    {G(CHANGE_FILTER), INPUT_FAILED, G(RECORDING)},
    {G(RESUMING), INPUT_OK, G(QUERYING)},
    {G(RESUMING), INPUT_GONE, G(DIED)},
    {G(RESUMING), INPUT_FAILED, G(ORPHAN)},
    {G(DIED), INPUT_OK, G(UNSAVED_FAILED)},
    {G(DIED), INPUT_NOTHING, G(CLEANING)},
    {G(DIED), INPUT_FAILED, G(UNSAVED_FAILED)},
    {G(DISCARDING), INPUT_OK, G(DROPPING)},
    {G(DISCARDING), INPUT_GONE, G(DROPPING)},
    {G(DISCARDING), INPUT_FAILED, G(RECORDING)},
    {G(DROPPING), INPUT_OK, G(NEXT_PARTS)},
    {G(DROPPING), INPUT_FAILED, G(UNSAVED_FAILED)},
    {G(NEXT_PARTS), INPUT_OK, G(IDLE)},
    {G(NEXT_PARTS), INPUT_NOTHING, G(IDLE)},
    {G(NEXT_PARTS), INPUT_LEFTOVER, G(UNSAVED)},
    {G(NEXT_PARTS), INPUT_FAILED, G(FAILED)},
    {G(STOPPING), INPUT_OK, G(PLACING)},
    {G(STOPPING), INPUT_GONE, G(PLACING)},
    {G(STOPPING), INPUT_FAILED, G(RECORDING)},
    {G(ORPHAN_STOPPING), INPUT_OK, G(PLACING)},
    {G(ORPHAN_STOPPING), INPUT_GONE, G(PLACING)},
    {G(ORPHAN_STOPPING), INPUT_FAILED, G(ORPHAN)},
    {G(PLACING), INPUT_OK, G(VERIFYING)},
    {G(PLACING), INPUT_NOTHING, G(UNSAVED)},
    {G(PLACING), INPUT_GONE, G(FAILED)},
    {G(PLACING), INPUT_FAILED, G(UNSAVED_FAILED)},
    {G(VERIFYING), INPUT_OK, G(MOVING)},
    {G(VERIFYING), INPUT_CANCELLED, G(UNSAVED)},
    {G(VERIFYING), INPUT_FAILED, G(UNSAVED_FAILED)},
    {G(MOVING), INPUT_OK, G(SETTLING)},
    {G(MOVING), INPUT_CANCELLED, G(UNSAVED)},
    {G(MOVING), INPUT_FAILED, G(UNSAVED_FAILED)},
    {G(SETTLING), INPUT_OK, G(SAVED)},
    {G(SETTLING), INPUT_FAILED, G(SAVED)},
    {G(END_STOPPING), INPUT_OK, G(ENDED)},
    {G(END_STOPPING), INPUT_FAILED, G(ENDED)},
    {G(END_UNDOING), INPUT_OK, G(END_CLEANING)},
    {G(END_UNDOING), INPUT_GONE, G(END_CLEANING)},
    {G(END_UNDOING), INPUT_FAILED, G(ENDED)},
    {G(END_CLEANING), INPUT_OK, G(ENDED)},
    {G(END_CLEANING), INPUT_FAILED, G(ENDED)},
};
/* clang-format on */

static const char *const input_names[INPUT_COUNT] = {
    [INPUT_RECORD] = "record",
    [INPUT_CHANGE] = "change",
    [INPUT_STOP] = "stop",
    [INPUT_SAVE] = "save",
    [INPUT_CANCEL] = "cancel",
    [INPUT_DISCARD] = "discard",
    [INPUT_END] = "end",
    [INPUT_ALL_TYPES] = "all types",
    [INPUT_DO_NOT_RECORD] = "do not record",
    [INPUT_ORPHAN_SAVE] = "save orphan",
    [INPUT_ORPHAN_CONTINUE] = "continue orphan",
    [INPUT_ORPHAN_DISCARD] = "discard orphan",
    [INPUT_TICK] = "tick",
    [INPUT_OK] = "ok",
    [INPUT_FAILED] = "failed",
    [INPUT_NOTHING] = "nothing",
    [INPUT_GONE] = "gone",
    [INPUT_EXISTS] = "exists",
    [INPUT_NO_SESSION] = "no session",
    [INPUT_REFUSED] = "refused",
    [INPUT_LOW_DISK] = "low disk",
    [INPUT_CANCELLED] = "cancelled",
    [INPUT_LEFTOVER] = "leftover",
    [INPUT_OURS] = "ours",
    [INPUT_OTHERS_ALIVE] = "other's, alive",
    [INPUT_FOREIGN] = "foreign",
};

const struct recorder_step_row *recorder_row(enum recorder_phase phase)
{
    return &rows[phase].facts;
}

const char *recorder_input_name(enum recorder_input input)
{
    return input_names[input];
}

static unsigned special_cell(enum recorder_phase phase, enum recorder_input input)
{
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (special[i].phase == (unsigned)phase && special[i].input == (unsigned)input)
            return special[i].cell;
    return 0;
}

static unsigned cell_of(enum recorder_phase phase, enum recorder_input input)
{
    const struct row *r = &rows[phase];
    switch (input) {
    case INPUT_RECORD:
        return r->record;
    case INPUT_CHANGE:
        return r->change;
    case INPUT_STOP:
        return r->stop;
    case INPUT_SAVE:
        return r->save;
    case INPUT_CANCEL:
        return r->cancel;
    case INPUT_DISCARD:
        return r->discard;
    case INPUT_END:
        return r->end;
    default:
        break;
    }
    unsigned cell = special_cell(phase, input);
    if (cell)
        return cell;
    /* A choice whose question has passed, a tick outside recording, a result without an action. */
    if (input < INPUT_COMMAND_COUNT || r->facts.action == ACTION_NONE || r->facts.action == ACTION_QUIT)
        return IGNORE;
    return special_cell(phase, INPUT_FAILED);
}

enum recorder_verdict recorder_next(enum recorder_phase phase, enum recorder_input input, enum recorder_phase *next)
{
    unsigned cell = cell_of(phase, input);
    *next = phase;
    switch (cell) {
    case TAKE:
        return VERDICT_TAKE;
    case IGNORE:
        return VERDICT_IGNORE;
    case WAIT:
        return VERDICT_WAIT;
    case REFUSE:
        return VERDICT_REFUSE;
    default:
        *next = (enum recorder_phase)cell;
        return VERDICT_GO;
    }
}
