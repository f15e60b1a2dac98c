/* The recorder's tables: every (phase, input) has an outcome, and no way through them loses a session or a part. */
#include "core/record/recorder.h"

#include "core/base/text.h"
#include "unit/test.h"

#include <stdio.h>

#define RESULT_FIRST INPUT_OK

static const char *name(unsigned phase)
{
    return recorder_row((enum recorder_phase)phase)->name;
}

static enum recorder_verdict decide(unsigned phase, unsigned input, unsigned *next)
{
    enum recorder_phase n = PHASE_COUNT;
    enum recorder_verdict v = recorder_next((enum recorder_phase)phase, (enum recorder_input)input, &n);
    *next = n;
    return v;
}

static bool acts(unsigned phase)
{
    enum recorder_action a = recorder_row((enum recorder_phase)phase)->action;
    return a != ACTION_NONE && a != ACTION_QUIT;
}

static void test_every_pair_has_an_outcome(void **state)
{
    (void)state;
    unsigned pairs = 0;
    for (unsigned p = 0; p < PHASE_COUNT; p++) {
        assert_non_null(name(p));
        for (unsigned i = 0; i < INPUT_COUNT; i++, pairs++) {
            unsigned next = PHASE_COUNT;
            enum recorder_verdict v = decide(p, i, &next);
            const char *input = recorder_input_name((enum recorder_input)i);
            if (next >= PHASE_COUNT || (v != VERDICT_GO && next != p))
                fail_msg("%s, %s: no phase (%u)", name(p), input, next);
            /* A forgotten cell reads as the first phase, to which nothing leads. */
            if (v == VERDICT_GO && next == PHASE_LOOKING)
                fail_msg("%s, %s: forgotten", name(p), input);
            /* A command that waits in a phase that waits would wait for ever. */
            if (v == VERDICT_WAIT && !acts(p))
                fail_msg("%s, %s: waits in vain", name(p), input);
            if (i >= RESULT_FIRST && acts(p) != (v == VERDICT_GO))
                fail_msg("%s, %s: a result must lead on exactly where something is done", name(p), input);
        }
    }
    print_message("%u pairs of phase and input\n", pairs);
}

struct reach {
    bool seen[PHASE_COUNT];
    uint32_t without; /* inputs that do not happen */
};

static void walk(struct reach *r, unsigned phase)
{
    if (r->seen[phase])
        return;
    r->seen[phase] = true;
    for (unsigned i = 0; i < INPUT_COUNT; i++) {
        unsigned next = 0;
        if (!(r->without >> i & 1u) && decide(phase, i, &next) == VERDICT_GO)
            walk(r, next);
    }
}

static void test_every_phase_is_reached(void **state)
{
    (void)state;
    struct reach r = {.without = 0};
    walk(&r, PHASE_LOOKING);
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        if (!r.seen[p])
            fail_msg("%s is never reached", name(p));
}

/* A phase that holds a session is left for one that does not only when the session ended, or is shown as left. */
static void test_a_session_is_never_forgotten(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PHASE_COUNT; p++) {
        const struct recorder_step_row *row = recorder_row((enum recorder_phase)p);
        for (unsigned i = 0; row->holds_session && i < INPUT_COUNT; i++) {
            unsigned next = 0;
            if (decide(p, i, &next) != VERDICT_GO || recorder_row((enum recorder_phase)next)->holds_session)
                continue;
            bool stopped = row->action == ACTION_STOP && (i == INPUT_OK || i == INPUT_GONE);
            bool gone = i == INPUT_GONE;
            /* At the program's end there is nobody left to show it to: the next start finds it. */
            bool left = next == PHASE_ORPHAN || next == PHASE_ENDED;
            /* A ring that could not be written out is not stopped: it would be lost. */
            bool ends = row->action == ACTION_STOP || row->action == ACTION_FLUSH;
            if (!stopped && !gone && !(left && ends && i >= RESULT_FIRST))
                fail_msg("%s, %s -> %s forgets the session", name(p), recorder_input_name((enum recorder_input)i),
                         name(next));
        }
    }
}

/* Once events flow, only the user's discarding (or parts that are not there) leads to deleting. */
static void test_a_recording_is_never_dropped_unasked(void **state)
{
    (void)state;
    struct reach r = {.without = 1u << INPUT_DISCARD | 1u << INPUT_ORPHAN_DISCARD | 1u << INPUT_RECORD};
    r.seen[PHASE_CLEANING] = true; /* from "died", when there is no part */
    walk(&r, PHASE_RECORDING);
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        if (r.seen[p] && p != PHASE_CLEANING && recorder_row((enum recorder_phase)p)->action == ACTION_DROP)
            fail_msg("%s is reached from recording without a discard", name(p));
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        for (unsigned i = 0; i < INPUT_COUNT; i++) {
            unsigned next = 0;
            decide(p, i, &next);
            if (next == PHASE_CLEANING && p == PHASE_DIED)
                assert_int_equal(i, INPUT_NOTHING);
        }
}

static void only_way(unsigned to, unsigned from, unsigned input)
{
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        for (unsigned i = 0; i < INPUT_COUNT; i++) {
            unsigned next = 0;
            if (decide(p, i, &next) == VERDICT_GO && next == to && (p != from || i != input))
                fail_msg("%s is reached from %s by %s", name(to), name(p), recorder_input_name((enum recorder_input)i));
        }
}

static void test_parts_go_only_when_proven(void **state)
{
    (void)state;
    only_way(PHASE_MOVING, PHASE_VERIFYING, INPUT_OK);
    only_way(PHASE_SETTLING, PHASE_MOVING, INPUT_OK);
}

/* From anywhere the end comes in a few steps whatever the results, and a held session is stopped on the way. */
static void test_the_end_comes(void **state)
{
    (void)state;
    static const unsigned results[] = {INPUT_OK, INPUT_FAILED, INPUT_GONE};
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        for (unsigned r = 0; r < 3; r++) {
            unsigned at = p;
            bool stopped = false;
            bool unwritten = false;
            decide(p, INPUT_END, &at);
            for (unsigned steps = 0; at != PHASE_ENDED; steps++) {
                stopped = stopped || recorder_row((enum recorder_phase)at)->action == ACTION_STOP;
                unwritten = unwritten || recorder_row((enum recorder_phase)at)->action == ACTION_FLUSH;
                if (steps > 4)
                    fail_msg("no end from %s", name(p));
                decide(at, results[r], &at);
            }
            bool kept = results[r] == INPUT_FAILED && unwritten;
            if (recorder_row((enum recorder_phase)p)->holds_session && !stopped && !kept)
                fail_msg("the end leaves the session of %s running", name(p));
        }
}

#ifdef HR_RECORDER_H_PATH
/* --- the table in recorder.h --- */

static const char *const action_names[ACTION_COUNT] = {
    [ACTION_NONE] = "waits",
    [ACTION_LOOK] = "look around",
    [ACTION_CHECK] = "check and plan",
    [ACTION_NOTE] = "write the note",
    [ACTION_START] = "start",
    [ACTION_START_COMPANION] = "start the companion",
    [ACTION_LIST_HANDLES] = "list open handles",
    [ACTION_FLUSH] = "write the ring",
    [ACTION_SNAPSHOT] = "write the ring, hand over",
    [ACTION_CLOSE_SEGMENT] = "clear masks",
    [ACTION_SWITCH_FILE] = "next file",
    [ACTION_OPEN_SEGMENT] = "set masks",
    [ACTION_MERGE] = "make one file",
    [ACTION_SET_STACKS] = "set stacks",
    [ACTION_SET_FILTER] = "set filter",
    [ACTION_SET_MASKS] = "set masks, read back",
    [ACTION_QUERY] = "query",
    [ACTION_IDENTIFY] = "whose session",
    [ACTION_NAME_SESSIONS] = "list sessions",
    [ACTION_POLL] = "query, free disk",
    [ACTION_RESUME] = "sign, set masks",
    [ACTION_EXAMINE] = "is there a part",
    [ACTION_STOP] = "stop",
    [ACTION_DROP] = "delete part and note",
    [ACTION_FIND_PARTS] = "find parts",
    [ACTION_PLACE] = "is the place free",
    [ACTION_VERIFY] = "read back",
    [ACTION_MOVE] = "move into place",
    [ACTION_SETTLE] = "delete the note",
    [ACTION_QUIT] = "quits",
};

#define LINE_WIDTH 118u

struct table {
    struct text out;
    size_t column;
};

/* Adds an item of a list, on a new line when it does not fit. */
static void item(struct table *t, const char *s)
{
    if (t->column + strlen(s) + 2 > LINE_WIDTH) {
        text_add(&t->out, "\n *    ");
        t->column = 7;
    }
    text_addf(&t->out, " %s", s);
    t->column += strlen(s) + 1;
}

/* All inputs of one phase that have the same outcome, as "a, b -> c". */
static void outcome(struct table *t, unsigned phase, unsigned first, unsigned last, enum recorder_verdict v,
                    unsigned next)
{
    char line[400] = "";
    unsigned failed = 0;
    decide(phase, INPUT_FAILED, &failed);
    for (unsigned i = first; i < last; i++) {
        unsigned n = 0;
        /* A result that the table does not name goes where "failed" goes: one word stands for them all. */
        if (decide(phase, i, &n) != v || n != next || (i > INPUT_FAILED && n == failed))
            continue;
        size_t len = strlen(line);
        snprintf(line + len, sizeof line - len, "%s%s", len ? ", " : "", recorder_input_name((enum recorder_input)i));
    }
    if (!line[0])
        return;
    static const char *const words[] = {
        [VERDICT_TAKE] = "kept", [VERDICT_WAIT] = "waits", [VERDICT_REFUSE] = "refused"};
    size_t len = strlen(line);
    if (v == VERDICT_GO)
        snprintf(line + len, sizeof line - len, " -> %s;", name(next));
    else
        snprintf(line + len, sizeof line - len, ": %s;", words[v]);
    item(t, line);
}

static void phase_lines(struct table *t, unsigned p)
{
    static const char *const states[] = {"idle",  "starting", "recording", "saving", "unsaved",
                                         "saved", "failed",   "orphan",    "other"};
    const struct recorder_step_row *row = recorder_row((enum recorder_phase)p);
    char head[200];
    snprintf(head, sizeof head, " * %s [%s: %s]", row->name, states[row->state], action_names[row->action]);
    text_add(&t->out, head);
    t->column = strlen(head);
    if (acts(p))
        for (unsigned n = 0; n < PHASE_COUNT; n++)
            outcome(t, p, INPUT_OK, INPUT_COUNT, VERDICT_GO, n);
    item(t, "|");
    for (unsigned n = 0; n < PHASE_COUNT; n++)
        outcome(t, p, 0, INPUT_COMMAND_COUNT, VERDICT_GO, n);
    outcome(t, p, 0, INPUT_COMMAND_COUNT, VERDICT_TAKE, p);
    outcome(t, p, 0, INPUT_COMMAND_COUNT, VERDICT_WAIT, p);
    outcome(t, p, 0, INPUT_COMMAND_COUNT, VERDICT_REFUSE, p);
    text_add(&t->out, "\n");
}

static void test_the_header_shows_the_table(void **state)
{
    (void)state;
    static char header[64 * 1024];
    FILE *f = fopen(HR_RECORDER_H_PATH, "rb");
    assert_non_null(f);
    size_t n = fread(header, 1, sizeof header - 1, f);
    fclose(f);
    header[n] = 0;
    struct table t = {{0}, 0};
    for (unsigned p = 0; p < PHASE_COUNT; p++)
        phase_lines(&t, p);
    if (!strstr(header, text_str(&t.out))) {
        FILE *want = fopen("recorder-table.txt", "wb");
        assert_non_null(want);
        fputs(text_str(&t.out), want);
        fclose(want);
        fail_msg("recorder.h does not show the table that is now in %s", "recorder-table.txt");
    }
    text_free(&t.out);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_has_an_outcome),
        cmocka_unit_test(test_every_phase_is_reached),
        cmocka_unit_test(test_a_session_is_never_forgotten),
        cmocka_unit_test(test_a_recording_is_never_dropped_unasked),
        cmocka_unit_test(test_parts_go_only_when_proven),
        cmocka_unit_test(test_the_end_comes),
#ifdef HR_RECORDER_H_PATH
        cmocka_unit_test(test_the_header_shows_the_table),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
