/* The recorder's state machine: (phase, input) -> phase, and what has to be done in each phase. Pure tables.
 *
 * A phase either waits for a command or has exactly one action under way. Commands are looked at between actions only,
 * so that whatever was asked for while an action hung is honoured before the next one begins.
 *
 * The table, as test_recorder prints it: phase [what the view shows: the action] how it went -> phase | command ->
 * phase. Commands that are not named are ignored; results that are not named count as "failed".
 *
 * looking [idle: look around] ok, nothing -> idle; failed -> failed; other's, alive -> alive; foreign -> foreign;
 *     ours -> orphan; leftover -> unsaved; | end -> ended;
 *     record, save, discard, save orphan, continue orphan, discard orphan: waits; change: refused;
 * idle [idle: waits] | record -> checking; end -> ended; change, save: refused;
 * saved [saved: waits] | record -> checking; end -> ended; change: refused;
 * failed [failed: waits] | record -> checking; end -> ended; change: refused;
 * alive [other: waits] | record -> checking; save orphan -> orphan listing; end -> ended; change, save: refused;
 * foreign [other: waits] | record -> checking; end -> ended; change, save: refused;
 * orphan [orphan: waits] | discard, discard orphan -> abandon; continue orphan -> resuming;
 *     stop, save orphan -> orphan listing; end -> ended; record, change, save: refused;
 * checking [starting: check and plan] failed -> failed; ok -> noting; | stop, discard -> idle; end -> ended;
 *     change, save: refused;
 * noting [starting: write the note] failed -> failed; ok -> starting; | stop, discard -> idle; end -> ended;
 *     change, save: refused;
 * starting [starting: start] ok -> companion; exists -> taken; no session -> naming; failed -> cleaning; |
 *     stop, discard -> dropping; end -> end: cleaning; change, save: refused;
 * companion [starting: start the companion] ok -> stacks; no session -> naming companion; failed -> undoing; |
 *     stop, discard -> abandon; end -> end: undoing; change: waits; save: refused;
 * stacks [starting: set stacks] ok -> filter; failed -> undoing; | stop, discard -> abandon; end -> end: undoing;
 *     change: waits; save: refused;
 * filter [starting: set filter] refused -> refused; ok -> masks; failed -> undoing; | stop, discard -> abandon;
 *     end -> end: undoing; change: waits; save: refused;
 * refused [starting: waits] | all types -> masks; stop, discard, do not record -> abandon; end -> end: undoing;
 *     change, save: refused;
 * masks [starting: set masks, read back] ok -> querying; failed -> undoing; | stop, discard -> abandon;
 *     end -> end: undoing; change: waits; save: refused;
 * querying [starting: query] ok, failed -> recording; gone -> died; | discard -> discarding; stop -> listing;
 *     end -> end: listing; change, snapshot: waits; save: refused;
 * taken [starting: delete part and note] ok, failed -> identify; | end -> end: cleaning; change, save: refused;
 * identify [starting: whose session] ok, failed -> failed; other's, alive -> alive; foreign -> foreign;
 *     ours -> orphan; | end -> ended; change, save: refused;
 * naming [starting: list sessions] ok, failed -> cleaning; | discard -> dropping; end -> end: cleaning;
 *     change, save: refused;
 * naming companion [starting: list sessions] ok, failed -> undoing; | discard -> abandon; end -> end: undoing;
 *     change, save: refused;
 * undoing [starting: stop] failed -> orphan; ok, gone -> cleaning; | end -> end: undoing; change, save: refused;
 * cleaning [starting: delete part and note] ok, failed -> failed; | end -> end: cleaning; change, save: refused;
 * abandon [saving: stop] failed -> orphan; ok, gone -> dropping; | end -> end: undoing; record: waits;
 *     change, save: refused;
 * recording [recording: waits] | tick -> polling; change -> change stacks; snapshot -> snapshot: listing;
 *     discard -> discarding; stop -> listing; end -> end: listing; save: refused;
 * polling [recording: query, free disk] ok, failed -> recording; segment due -> segment: closing; gone -> died;
 *     low disk, stop rule -> listing; | change -> change stacks; discard -> discarding; stop -> listing;
 *     end -> end: listing; snapshot: waits; save: refused;
 * change stacks [recording: set stacks] failed -> recording; gone -> polling; ok -> change filter; |
 *     discard -> discarding; stop -> listing; end -> end: listing; change: kept; snapshot: waits; save: refused;
 * change filter [recording: set filter] ok, failed -> recording; gone -> polling; | change -> change stacks;
 *     discard -> discarding; stop -> listing; end -> end: listing; snapshot: waits; save: refused;
 * snapshot: listing [recording: list open handles] refused -> recording; ok, failed -> snapshot: flushing; |
 *     discard -> discarding; end -> end: listing; change, stop, snapshot: waits; save: refused;
 * snapshot: flushing [recording: write the ring, hand over] ok, failed -> recording; gone -> polling; |
 *     discard -> discarding; end -> end: listing; change, stop, snapshot: waits; save: refused;
 * segment: closing [recording: clear masks] ok -> segment: switching; failed -> segment: opening; gone -> died; |
 *     discard -> discarding; end -> end: listing; change, stop, snapshot: waits; save: refused;
 * segment: switching [recording: next file] ok, failed -> segment: opening; gone -> died; | discard -> discarding;
 *     end -> end: listing; change, stop, snapshot: waits; save: refused;
 * segment: opening [recording: set masks] ok -> recording; gone -> died; failed -> listing; | discard -> discarding;
 *     end -> end: listing; change, stop, snapshot: waits; save: refused;
 * resuming [starting: sign, set masks] failed -> orphan; ok -> querying; gone -> died; | discard -> abandon;
 *     stop -> orphan listing; end -> ended; change: waits; save: refused;
 * died [saving: is there a part] nothing -> cleaning; ok, failed -> unsaved, failed; | discard -> dropping;
 *     end -> ended; save: waits; record, change: refused;
 * discarding [saving: stop] failed -> recording; ok, gone -> dropping; | end -> end: undoing; record: waits;
 *     change, save: refused;
 * dropping [saving: delete part and note] ok -> next parts; failed -> unsaved, failed; | end -> end: cleaning;
 *     record: waits; change, save: refused;
 * next parts [idle: find parts] ok, nothing -> idle; failed -> failed; leftover -> unsaved; | end -> ended;
 *     record: waits; change, save: refused;
 * listing [saving: list open handles] ok, failed -> flushing; | discard -> discarding; end -> end: listing;
 *     save, cancel: kept; record, change: refused;
 * flushing [saving: write the ring] failed -> recording; gone -> died; ok -> stopping; | discard -> discarding;
 *     end -> end: flushing; save, cancel: kept; record, change: refused;
 * stopping [saving: stop] failed -> recording; ok, gone -> placing; | discard -> discarding; end -> end: stopping;
 *     save, cancel: kept; record, change: refused;
 * orphan listing [saving: list open handles] ok, failed -> orphan flushing; | discard -> abandon;
 *     end -> end: listing; save, cancel: kept; record, change: refused;
 * orphan flushing [saving: write the ring] failed -> orphan; gone -> died; ok -> orphan stopping; |
 *     discard -> abandon; end -> end: flushing; save, cancel: kept; record, change: refused;
 * orphan stopping [saving: stop] failed -> orphan; ok, gone -> placing; | discard -> abandon; end -> end: stopping;
 *     save, cancel: kept; record, change: refused;
 * placing [saving: is the place free] gone -> failed; ok -> merging; nothing -> unsaved; failed -> unsaved, failed;
 *     | discard -> dropping; cancel -> unsaved; end -> ended; save: kept; record, change: refused;
 * merging [saving: make one file] ok -> verifying; cancelled -> unsaved; failed -> unsaved, failed; |
 *     discard -> dropping; save -> placing; cancel -> unsaved; end -> ended; record, change: refused;
 * verifying [saving: read back] ok -> moving; cancelled -> unsaved; failed -> unsaved, failed; |
 *     discard -> dropping; save -> placing; cancel -> unsaved; end -> ended; record, change: refused;
 * moving [saving: move into place] ok -> settling; cancelled -> unsaved; failed -> unsaved, failed; |
 *     discard -> dropping; save -> placing; cancel -> unsaved; end -> ended; record, change: refused;
 * settling [saving: delete the note] ok, failed -> saved; | end -> ended; record: waits; change: refused;
 * unsaved [unsaved: waits] | discard -> dropping; save -> placing; end -> ended; record, change: refused;
 * unsaved, failed [failed: waits] | discard -> dropping; save -> placing; end -> ended; record, change: refused;
 * end: listing [saving: list open handles] ok, failed -> end: flushing; |
 * end: flushing [saving: write the ring] ok, gone -> end: stopping; failed -> ended; |
 * end: stopping [saving: stop] ok, failed -> ended; |
 * end: undoing [saving: stop] ok, gone -> end: cleaning; failed -> ended; |
 * end: cleaning [saving: delete part and note] ok, failed -> ended; |
 * ended [idle: quits] |
 */
#ifndef HR_RECORD_RECORDER_H
#define HR_RECORD_RECORDER_H

#include "core/record/controller.h"

enum recorder_phase {
    PHASE_LOOKING, /* the first: is there a session of ours, are there raw parts? */
    PHASE_IDLE,
    PHASE_SAVED,
    PHASE_FAILED, /* nothing is left on disk */
    PHASE_ALIVE,  /* another recorder that runs has the session */
    PHASE_FOREIGN,
    PHASE_ORPHAN,

    /* Starting, until events flow. Nothing is recorded yet: discarding and failing take everything away again. */
    PHASE_CHECKING,
    PHASE_NOTING,
    PHASE_STARTING,
    PHASE_COMPANION, /* the second session, where one is needed */
    PHASE_STACKS,
    PHASE_FILTER,
    PHASE_REFUSED, /* waits: the system refused the type filter */
    PHASE_MASKS,
    PHASE_QUERYING,
    PHASE_TAKEN,            /* the name is in use: takes the note of this attempt away */
    PHASE_IDENTIFY,         /* ... and finds out by whom */
    PHASE_NAMING,           /* no free session: who has them? */
    PHASE_NAMING_COMPANION, /* the same, and the first session has to end */
    PHASE_UNDOING,          /* after a failure: ends the session */
    PHASE_CLEANING,         /* after a failure: takes away what was written */
    PHASE_ABANDON,          /* discarded before anything was recorded */

    PHASE_RECORDING,
    PHASE_POLLING,
    PHASE_CHANGE_STACKS,
    PHASE_CHANGE_FILTER,
    PHASE_SNAPSHOT_LISTING,
    PHASE_SNAPSHOT_FLUSHING,
    /* A new file: nothing is recorded from the first of these to the end of the last. */
    PHASE_SEGMENT_CLOSING,
    PHASE_SEGMENT_SWITCHING,
    PHASE_SEGMENT_OPENING,
    PHASE_RESUMING, /* an orphan is taken up again */
    PHASE_DIED,     /* the session ended by itself: what did it leave? */
    PHASE_DISCARDING,
    PHASE_DROPPING,
    PHASE_NEXT_PARTS, /* after a discard: are older parts still unsaved? */

    PHASE_LISTING,  /* a ring has no list of open handles but the one that its companion writes on demand */
    PHASE_FLUSHING, /* a ring is lost when it stops without */
    PHASE_STOPPING,
    PHASE_ORPHAN_LISTING,
    PHASE_ORPHAN_FLUSHING,
    PHASE_ORPHAN_STOPPING,
    PHASE_PLACING, /* is a place chosen, and free? */
    PHASE_MERGING, /* what lies in several pieces becomes one file */
    PHASE_VERIFYING,
    PHASE_MOVING,
    PHASE_SETTLING, /* the recording is in place and proven: the note about its raw part goes */
    PHASE_UNSAVED,
    PHASE_UNSAVED_FAILED, /* stopped or could not be saved; the parts are there */

    /* The program or the Windows session ends: parts stay. */
    PHASE_END_LISTING,
    PHASE_END_FLUSHING,
    PHASE_END_STOPPING,
    PHASE_END_UNDOING,
    PHASE_END_CLEANING,
    PHASE_ENDED,
    PHASE_COUNT
};

enum recorder_input {
    /* Commands. */
    INPUT_RECORD,
    INPUT_CHANGE,
    INPUT_STOP,
    INPUT_SNAPSHOT,
    INPUT_SAVE,
    INPUT_CANCEL,
    INPUT_DISCARD,
    INPUT_END,
    INPUT_ALL_TYPES,
    INPUT_DO_NOT_RECORD,
    INPUT_ORPHAN_SAVE,
    INPUT_ORPHAN_CONTINUE,
    INPUT_ORPHAN_DISCARD,
    INPUT_TICK, /* a second of recording has passed */
    INPUT_COMMAND_COUNT,

    /* How an action went. One that a phase's table does not name counts as INPUT_FAILED. */
    INPUT_OK = INPUT_COMMAND_COUNT,
    INPUT_FAILED,
    INPUT_NOTHING,    /* looked, and nothing is there; no place is chosen */
    INPUT_GONE,       /* the session does not exist (any more) */
    INPUT_EXISTS,     /* a session of this name exists */
    INPUT_NO_SESSION, /* the system has no free session (1450) */
    INPUT_REFUSED,    /* the type filter */
    INPUT_LOW_DISK,
    INPUT_RULE,    /* a stop rule holds */
    INPUT_SEGMENT, /* a new file is due */
    INPUT_CANCELLED,
    INPUT_LEFTOVER,
    INPUT_OURS, /* session found: no living recorder has it */
    INPUT_OTHERS_ALIVE,
    INPUT_FOREIGN,
    INPUT_COUNT
};

enum recorder_action {
    ACTION_NONE, /* wait for a command */
    ACTION_LOOK,
    ACTION_CHECK,
    ACTION_NOTE,
    ACTION_START,
    ACTION_START_COMPANION,
    ACTION_SET_STACKS,
    ACTION_SET_FILTER,
    ACTION_SET_MASKS,
    ACTION_QUERY,
    ACTION_IDENTIFY,
    ACTION_NAME_SESSIONS,
    ACTION_POLL,
    ACTION_RESUME,
    ACTION_LIST_HANDLES,
    ACTION_FLUSH,
    ACTION_SNAPSHOT,
    ACTION_CLOSE_SEGMENT,
    ACTION_SWITCH_FILE,
    ACTION_OPEN_SEGMENT,
    ACTION_EXAMINE,
    ACTION_STOP,
    ACTION_DROP,
    ACTION_FIND_PARTS,
    ACTION_PLACE,
    ACTION_MERGE,
    ACTION_VERIFY,
    ACTION_MOVE,
    ACTION_SETTLE,
    ACTION_QUIT,
    ACTION_COUNT
};

/* What happens with an input besides the change of phase. */
enum recorder_verdict {
    VERDICT_GO,     /* the phase changes */
    VERDICT_TAKE,   /* the phase stays, what the command carries is kept */
    VERDICT_IGNORE, /* asked for already, or pointless now */
    VERDICT_WAIT,   /* a command: ask again when the action under way is done */
    VERDICT_REFUSE, /* not possible now; the user is told */
};

struct recorder_step_row {
    const char *name;
    enum recorder_state state;
    enum recorder_step step;
    uint32_t number, total; /* of the step; 0 when nothing is under way. While saving: see the controller */
    enum recorder_action action;
    bool holds_session; /* a session of ours runs (or may) that nobody else would end */
};

/* Facts of a phase. */
const struct recorder_step_row *recorder_row(enum recorder_phase phase);

/* Decides. `next` is the phase to go on in (the same one unless VERDICT_GO). */
enum recorder_verdict recorder_next(enum recorder_phase phase, enum recorder_input input, enum recorder_phase *next);

const char *recorder_input_name(enum recorder_input input);

#endif
