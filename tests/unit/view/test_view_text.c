/* Tests the window's texts and switches in every state, word by word as they ship. */
#include "core/record/view_text.h"

#include "core/profile/plan.h"
#include "core/record/profile_text.h"
#include "unit/view/english.h"
#include "unit/view/measured.h"

#include <inttypes.h>
#include <stdio.h>

struct scene {
    struct profile profile;
    struct snapshot counts;
    struct recorder_view view;
    struct view_facts facts;
    struct view_text text;
};

static struct scene *set(void)
{
    static struct scene s;
    memset(&s, 0, sizeof s);
    snprintf(s.profile.name, sizeof s.profile.name, "Event leaks");
    s.profile.stacks = PROFILE_STACK_CREATE | PROFILE_STACK_DUPLICATE;
    s.profile.storage = PROFILE_FILE;
    s.counts.available = true;
    s.counts.interval_s = 1;
    s.view.percent = -1;
    s.facts = (struct view_facts){.profile = &s.profile,
                                  .counts = &s.counts,
                                  .type = "Event",
                                  .counts_why = "",
                                  .suspect = "",
                                  .drive = "D:",
                                  .elevated = true};
    return &s;
}

static const struct view_text *make(struct scene *s)
{
    view_text_make(&s->view, &s->facts, &locale, &s->text);
    return &s->text;
}

/* Record, shield, Stop, saves, Discard, cancel, profile, change, only: as letters. */
static void assert_can(struct scene *s, const char *expected)
{
    const struct view_text *t = make(s);
    char got[16];
    snprintf(got, sizeof got, "%c%c%c%c%c%c%c%c%c", t->record ? 'r' : '-', t->shield ? 'h' : '-', t->stop ? 's' : '-',
             t->saves ? 'S' : '-', t->discard ? 'd' : '-', t->cancel ? 'c' : '-', t->profile ? 'p' : '-',
             t->change ? 'C' : '-', t->only ? 'o' : '-');
    assert_string_equal(got, expected);
}

static void what_can_be_done_in_each_state(void **state)
{
    (void)state;
    static const char *const expected[RECORDER_STATE_COUNT] = {
        [RECORDER_IDLE] = "r-----p-o",   [RECORDER_STARTING] = "----d----", [RECORDER_RECORDING] = "--s-d--C-",
        [RECORDER_SAVING] = "-----c---", [RECORDER_UNSAVED] = "--sSd-p-o",  [RECORDER_SAVED] = "r-----p-o",
        [RECORDER_FAILED] = "r-----p-o", [RECORDER_ORPHAN] = "------p-o",   [RECORDER_OTHER] = "r-----p-o",
    };
    struct scene *s = set();
    for (int i = 0; i < RECORDER_STATE_COUNT; i++) {
        s->view.state = (enum recorder_state)i;
        assert_can(s, expected[i]);
    }
    s->view.state = RECORDER_FAILED;
    s->view.parts_exist = true;
    assert_can(s, "--sSd-p-o");
    s->view.state = RECORDER_SAVING;
    s->view.step = RECORDER_STEP_DISCARDING;
    assert_can(s, "---------");
}

static void without_rights_and_without_a_selection(void **state)
{
    (void)state;
    struct scene *s = set();
    s->facts.elevated = false;
    s->facts.type = "";
    assert_can(s, "rh----p--");
    s->view.state = RECORDER_RECORDING;
    assert_can(s, "--s-d--C-");
}

static void stop_reads_save_when_unsaved(void **state)
{
    (void)state;
    struct scene *s = set();
    assert_string_equal(make(s)->stop_caption, "&Stop && save");
    s->view.state = RECORDER_UNSAVED;
    assert_string_equal(make(s)->stop_caption, "&Save...");
}

static void titles(void **state)
{
    (void)state;
    static const char *const expected[RECORDER_STATE_COUNT] = {
        [RECORDER_IDLE] = "Event leaks - Handle Recorder (Administrator)",
        [RECORDER_STARTING] = "Recording: Event leaks - Handle Recorder (Administrator)",
        [RECORDER_RECORDING] = "Recording: Event leaks - Handle Recorder (Administrator)",
        [RECORDER_SAVING] = "Saving: Event leaks - Handle Recorder (Administrator)",
        [RECORDER_UNSAVED] = "Not saved: Event leaks - Handle Recorder (Administrator)",
        [RECORDER_SAVED] = "Event leaks - Handle Recorder (Administrator)",
        [RECORDER_FAILED] = "Failed: Event leaks - Handle Recorder (Administrator)",
        [RECORDER_ORPHAN] = "Event leaks - Handle Recorder (Administrator)",
        [RECORDER_OTHER] = "Event leaks - Handle Recorder (Administrator)",
    };
    struct scene *s = set();
    for (int i = 0; i < RECORDER_STATE_COUNT; i++) {
        s->view.state = (enum recorder_state)i;
        assert_string_equal(make(s)->title, expected[i]);
    }
    s->facts.elevated = false;
    s->view.state = RECORDER_IDLE;
    assert_string_equal(make(s)->title, "Event leaks - Handle Recorder");
}

static void summaries(void **state)
{
    (void)state;
    struct scene *s = set();
    assert_string_equal(make(s)->summary,
                        "Records all types; create, duplicate stacks; to a file, growth not measured yet");
    s->profile.tags[0] = profile_tag("Event");
    s->profile.tags[1] = profile_tag("DxgkSharedResource");
    s->profile.tags[2] = profile_tag("Nonesuch");
    s->profile.tag_count = 3;
    s->profile.stacks = 0;
    s->profile.storage = PROFILE_CIRCULAR;
    s->profile.max_file_mb = 500;
    assert_string_equal(make(s)->summary,
                        "Records Event, Dxgk (4 types), None; no stacks; circular file 500 MB, span not measured yet");
    s->profile.storage = PROFILE_RING;
    s->profile.buffers = 512;
    s->profile.buffer_kb = 1024;
    s->profile.stacks = PROFILE_STACK_CLOSE;
    assert_string_equal(make(s)->summary,
                        "Records Event, Dxgk (4 types), None; close stacks; ring 512 MB, span not measured yet");
}

/* The figures of the profile editor. */
static void summaries_of_what_was_measured(void **state)
{
    (void)state;
    struct scene *s = set();
    s->facts.rates = measured();
    s->facts.memory_bytes = 16ull << 30;
    s->profile.tags[0] = profile_tag("Event");
    s->profile.tag_count = 1;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; to a file, about 10 MB a minute as measured last");
    s->profile.storage = PROFILE_CIRCULAR;
    s->profile.max_file_mb = 512;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; circular file 512 MB, about 47 min as measured last");
    s->profile.storage = PROFILE_RING;
    s->profile.buffers = 512;
    s->profile.buffer_kb = 1024;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; ring 512 MB, about 47 min as measured last");
    /* A share of the memory is a size, too. */
    s->profile.buffers = 0;
    s->profile.memory_percent = 5;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; ring 819 MB, about 75 min as measured last");
    /* Of how much is not known. */
    s->facts.memory_bytes = 0;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; ring \xE2\x80\x93, span not measured yet");
    s->facts.rates = NULL;
    assert_string_equal(make(s)->summary,
                        "Records Event; create, duplicate stacks; ring \xE2\x80\x93, span not measured yet");
}

/* Of the running ring the session's own size counts: the plan may have made it smaller. */
static void summary_and_pane_of_a_running_ring(void **state)
{
    (void)state;
    struct scene *s = set();
    s->facts.rates = measured();
    s->facts.memory_bytes = 16ull << 30;
    s->profile.storage = PROFILE_RING;
    s->profile.memory_percent = 5;
    s->profile.stacks = PROFILE_STACK_CREATE;
    s->view.state = RECORDER_RECORDING;
    s->view.storage = PROFILE_RING;
    s->view.stacks = PROFILE_STACK_CREATE;
    assert_string_equal(make(s)->summary,
                        "Records all types; create stacks; ring 819 MB, about 75 min as measured last");
    assert_string_equal(s->text.panes[VIEW_PANE_STORED], "Ring: \xE2\x80\x93");
    s->view.status_known = true;
    s->view.status.buffer_kb = 1024;
    s->view.status.buffers = 512;
    assert_string_equal(make(s)->summary,
                        "Records all types; create stacks; ring 512 MB, about 47 min as measured last");
    assert_string_equal(s->text.panes[VIEW_PANE_STORED], "Ring: 512 MB");
    s->view.state = RECORDER_SAVED;
    assert_string_equal(make(s)->panes[VIEW_PANE_STORED], "Ring: \xE2\x80\x93");
}

/* While recording, what the session records counts, not what the next one would. */
static void summary_of_the_running_recording(void **state)
{
    (void)state;
    struct scene *s = set();
    s->profile.tags[0] = profile_tag("File");
    s->profile.tag_count = 1;
    s->view.state = RECORDER_RECORDING;
    s->view.tags[0] = profile_tag("Key");
    s->view.tag_count = 1;
    s->view.stacks = PROFILE_STACK_CREATE;
    assert_string_equal(make(s)->summary, "Records Key; create stacks; to a file, growth not measured yet");
    s->view.status_known = true;
    s->view.status.buffer_kb = 1024;
    s->view.status.buffers_written = 6;
    s->view.recording_ns = 9999999999u;
    assert_string_equal(make(s)->summary, "Records Key; create stacks; to a file, growth not measured yet");
    s->view.recording_ns = 30000000000u;
    assert_string_equal(make(s)->summary, "Records Key; create stacks; to a file, about 12 MB a minute");
}

static void steps(void **state)
{
    (void)state;
    struct scene *s = set();
    assert_string_equal(make(s)->step, "");
    assert_int_equal(s->text.progress, VIEW_PROGRESS_NONE);
    s->view.state = RECORDER_STARTING;
    s->view.step = RECORDER_STEP_SETTING_FILTER;
    assert_string_equal(make(s)->step, "Setting type filter...");
    assert_int_equal(s->text.progress, VIEW_PROGRESS_MARQUEE);
    s->view.state = RECORDER_RECORDING;
    s->view.recording_ns = 727000000000u;
    assert_string_equal(make(s)->step, "0:12:07");
    assert_int_equal(s->text.progress, VIEW_PROGRESS_NONE);
    s->view.state = RECORDER_SAVING;
    s->view.step = RECORDER_STEP_READING_BACK;
    s->view.step_number = 2;
    s->view.step_total = 3;
    assert_string_equal(make(s)->step, "Step 2 of 3: Reading back");
    assert_int_equal(s->text.progress, VIEW_PROGRESS_MARQUEE);
    s->view.percent = 41;
    assert_string_equal(make(s)->step, "Step 2 of 3: Reading back, 41%");
    assert_int_equal(s->text.progress, VIEW_PROGRESS_PERCENT);
    assert_int_equal(s->text.percent, 41);
    s->view.step_number = 0;
    assert_string_equal(make(s)->step, "Reading back, 41%");
}

static void every_step_has_words(void **state)
{
    (void)state;
    struct scene *s = set();
    for (int i = 0; i < RECORDER_STEP_COUNT; i++) {
        s->view.step = (enum recorder_step)i;
        s->view.state = RECORDER_STARTING;
        assert_true(make(s)->step[0] != 0);
        s->view.state = RECORDER_SAVING;
        assert_true(make(s)->step[0] != 0);
    }
}

static void progress_toward_the_limit_of_the_file(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_RECORDING;
    s->view.status_known = true;
    s->view.status.buffer_kb = 1024;
    s->view.status.buffers_written = 50;
    s->profile.max_file_mb = 200;
    make(s);
    assert_int_equal(s->text.progress, VIEW_PROGRESS_PERCENT);
    assert_int_equal(s->text.percent, 25);
    s->view.status.buffers_written = 900;
    make(s);
    assert_int_equal(s->text.percent, 100);
}

static void the_bar_when_saved(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_SAVED;
    snprintf(s->view.saved_path, sizeof s->view.saved_path, "C:\\t\\a.etl");
    s->view.events = 48120;
    s->view.events_lost_known = true;
    assert_string_equal(make(s)->bar, "Saved C:\\t\\a.etl, read back: 48,120 events, 0 lost.");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_INFO);
    assert_int_equal(s->text.link_count, 2);
    assert_int_equal(s->text.links[0], VIEW_LINK_LEAKS);
    assert_int_equal(s->text.links[1], VIEW_LINK_FOLDER);
    s->facts.wpa = true;
    s->view.events_lost = 1204;
    assert_string_equal(make(s)->bar, "Saved C:\\t\\a.etl, read back: 48,120 events, 1,204 lost.");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_WARNING);
    assert_int_equal(s->text.link_count, 3);
    assert_int_equal(s->text.links[2], VIEW_LINK_WPA);
    s->view.events_lost_known = false;
    assert_string_equal(make(s)->bar, "Saved C:\\t\\a.etl, read back: 48,120 events, \xE2\x80\x93 lost.");
    s->view.events_lost = 0;
    err_set(&s->view.error, ERR_MISMATCH, "Half of it");
    err_remedy(&s->view.error, "Look again.");
    assert_string_equal(make(s)->bar, "Saved C:\\t\\a.etl, read back: 48,120 events, \xE2\x80\x93 lost. "
                                      "Half of it: the system did not keep what was set. Look again.");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_WARNING);
}

static void the_bar_when_failed(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_FAILED;
    err_set(&s->view.error, ERR_NO_SPACE, "Saving the recording");
    make(s);
    assert_int_equal(s->text.bar_icon, VIEW_ICON_ERROR);
    assert_string_equal(s->text.bar,
                        "Saving the recording: no space is left. Free some space or choose another place.");
    s->view.parts_exist = true;
    snprintf(s->view.parts_dir, sizeof s->view.parts_dir, "C:\\parts");
    assert_string_equal(make(s)->bar, "Saving the recording: no space is left. Free some space or choose another "
                                      "place. Nothing is lost: the parts stay in C:\\parts.");
}

static void the_bar_when_unsaved_orphan_other(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_UNSAVED;
    assert_string_equal(make(s)->bar, "Not saved. Save or discard before recording again.");
    err_set(&s->view.error, ERR_NO_SPACE, "Recording");
    assert_string_equal(make(s)->bar, "Recording: no space is left. Free some space or choose another place. Not "
                                      "saved. Save or discard before recording again.");
    s->view.state = RECORDER_ORPHAN;
    assert_string_equal(make(s)->bar, "A recording was left running.");
    assert_int_equal(s->text.link_count, 3);
    s->view.state = RECORDER_OTHER;
    assert_string_equal(make(s)->bar, "Another program uses our session name. It was left untouched.");
    assert_int_equal(s->text.links[0], VIEW_LINK_DETAILS);
    assert_false(view_other_is_ours(&s->view));
    s->view.other.session.guid = plan_session_guid;
    assert_true(view_other_is_ours(&s->view));
    assert_string_equal(make(s)->bar, "Another Handle Recorder is recording.");
}

static void the_bar_when_idle(void **state)
{
    (void)state;
    struct scene *s = set();
    make(s);
    assert_int_equal(s->text.bar_icon, VIEW_ICON_NONE);
    assert_string_equal(s->text.bar, "");
    s->facts.counts_restarted = true;
    assert_string_equal(make(s)->bar, "Restarted as administrator: changes count from now on.");
    s->facts.suspect = "Event in app.exe grows 120 a minute, steadily for 8 minutes";
    assert_string_equal(make(s)->bar, "Event in app.exe grows 120 a minute, steadily for 8 minutes");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_WARNING);
    s->counts.available = false;
    s->facts.counts_why = "Access is denied (0xC0000022).";
    assert_string_equal(make(s)->bar, "Handle counts are unavailable: Access is denied (0xC0000022). Recording still "
                                      "works.");
    s->facts.consent_refused = true;
    assert_string_equal(make(s)->bar, "Not started: consent was refused (1223).");
}

static void the_bar_while_recording(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_RECORDING;
    s->facts.suspect = "suspect";
    assert_string_equal(make(s)->bar, "suspect");
    snprintf(s->view.notes, sizeof s->view.notes, "Buffers were cut.\nAnd more.");
    assert_string_equal(make(s)->bar, "Buffers were cut.");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_INFO);
    err_set(&s->view.error, ERR_OS, "Changing the filter");
    make(s);
    assert_non_null(strstr(s->text.bar, "Changing the filter: the system refused."));
    assert_int_equal(s->text.bar_icon, VIEW_ICON_WARNING);
}

static void assert_panes(struct scene *s, const char *expected)
{
    const struct view_text *t = make(s);
    char got[VIEW_PANES * 84];
    snprintf(got, sizeof got, "%s|%s|%s|%s|%s", t->panes[0], t->panes[1], t->panes[2], t->panes[3], t->panes[4]);
    assert_string_equal(got, expected);
}

static void panes(void **state)
{
    (void)state;
    struct scene *s = set();
    assert_panes(s,
                 "Counts: census|Lost: \xE2\x80\x93|Buffers: \xE2\x80\x93|Written: \xE2\x80\x93|D: \xE2\x80\x93 free");
    s->facts.counts = NULL;
    s->view.disk_known = true;
    s->view.disk_free = 212u << 20;
    assert_panes(s,
                 "Counting handles...|Lost: \xE2\x80\x93|Buffers: \xE2\x80\x93|Written: \xE2\x80\x93|D: 212 MB free");
    s->facts.counts = &s->counts;
    s->counts.interval_s = 3;
    s->view.state = RECORDER_RECORDING;
    s->view.status_known = true;
    s->view.status.buffer_kb = 1024;
    s->view.status.buffers = 64;
    s->view.status.buffers_free = 52;
    s->view.status.buffers_written = 7;
    assert_panes(s, "Counts: census, every 3 s|Lost: 0|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    assert_false(s->text.lost);
    /* A second source, with what it costs or lacks. */
    struct live_counts *live = calloc(1, sizeof *live);
    live->reading = true;
    live->cost = -1;
    s->facts.live = live;
    assert_panes(s, "Counts: census, trace|Lost: 0|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    live->cost = 0.0312;
    assert_panes(s, "Counts: census, trace (below 4% of a core)|Lost: 0|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    s->view.ring.companion_known = true;
    s->view.ring.companion_status.real_time_lost = 12;
    assert_panes(s, "Counts: census, trace (12 buffers missed)|Lost: 0|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    live->reading = false;
    assert_panes(s, "Counts: census, trace ended|Lost: 0|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    s->facts.live = NULL;
    free(live);
    s->view.status.events_lost = 1204;
    s->counts.available = false;
    assert_panes(s, "Counts: unavailable|Lost: 1,204|Buffers: 12/64|Written: 7 MB|D: 212 MB free");
    assert_true(s->text.lost);
    s->view.storage = PROFILE_RING;
    assert_panes(s, "Counts: unavailable|Lost: 1,204|Buffers: 12/64|Ring: 64 MB|D: 212 MB free");
}

static void what_rings_segments_and_marks_add(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.state = RECORDER_RECORDING;
    make(s);
    assert_true(s->text.mark);
    assert_false(s->text.snapshot);
    assert_string_equal(s->text.step, "0:00:00");
    s->view.segments.written = 3;
    s->view.segments.longest_gap_ns = 12100000;
    assert_string_equal(make(s)->step, "0:00:00, 3 files, gap 13 ms");
    s->view.marks = 2;
    assert_string_equal(make(s)->step, "0:00:00, 3 files, gap 13 ms, marks: 2");
    s->facts.hotkey_taken = true;
    assert_string_equal(make(s)->bar, "Ctrl+Shift+F9 belongs to another program. Mark with the button or Ctrl+M.");
    s->view.storage = PROFILE_RING;
    assert_true(make(s)->snapshot);
    s->view.ring.snapshots = 1;
    snprintf(s->view.ring.snapshot_path, sizeof s->view.ring.snapshot_path, "C:\\t\\s.etl");
    assert_string_equal(make(s)->bar, "Snapshot saved: C:\\t\\s.etl. Recording goes on.");
    assert_int_equal(s->text.bar_icon, VIEW_ICON_INFO);
    err_set(&s->view.ring.snapshot_error, ERR_NO_SPACE, "Saving the snapshot");
    make(s);
    assert_non_null(strstr(s->text.bar, "Saving the snapshot: no space is left."));
    assert_int_equal(s->text.bar_icon, VIEW_ICON_WARNING);
    s->view.ring.snapshot_busy = true;
    assert_string_equal(make(s)->bar, "Saving a snapshot. Recording goes on.");
    s->view.state = RECORDER_SAVING;
    make(s);
    assert_false(s->text.snapshot);
    assert_false(s->text.mark);
}

static void a_rule_that_ended_it_is_said(void **state)
{
    (void)state;
    struct scene *s = set();
    s->view.stopped_by_rule = true;
    s->view.stopped_by = (struct stop_fired){
        .rule = PROFILE_RULE_HOLD, .limit = 5000, .value = 5001, .process = "app.exe", .type = "Event"};
    s->view.state = RECORDER_SAVED;
    s->view.files = 3;
    s->view.events = 48120;
    s->view.events_lost_known = true;
    snprintf(s->view.saved_path, sizeof s->view.saved_path, "C:\\t\\a.etl");
    assert_string_equal(make(s)->bar,
                        "app.exe holds more than 5,000 Event handles. Saved C:\\t\\a.etl and 2 more, read "
                        "back: 48,120 events, 0 lost.");
    s->view.state = RECORDER_UNSAVED;
    assert_string_equal(make(s)->bar, "app.exe holds more than 5,000 Event handles. Not saved. Save or discard before "
                                      "recording again.");
}

static void filling_texts(void **state)
{
    (void)state;
    const char *args[] = {"one", "two"};
    char out[40];
    view_fill(out, sizeof out, "%2, %1%% of %3.", args, 2);
    assert_string_equal(out, "two, one% of .");
    view_fill(out, 6, "%1%2", args, 2);
    assert_string_equal(out, "onetw");
    view_fill(out, sizeof out, "end %", args, 2);
    assert_string_equal(out, "end ");
}

static void numbers_of_texts_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < WORDS; i++)
        for (size_t j = i + 1; j < WORDS; j++)
            if (words[i].id == words[j].id)
                fail_msg("%u is \"%s\" and \"%s\"", words[i].id, words[i].text, words[j].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_done_in_each_state),
        cmocka_unit_test(without_rights_and_without_a_selection),
        cmocka_unit_test(stop_reads_save_when_unsaved),
        cmocka_unit_test(titles),
        cmocka_unit_test(summaries),
        cmocka_unit_test(summaries_of_what_was_measured),
        cmocka_unit_test(summary_and_pane_of_a_running_ring),
        cmocka_unit_test(summary_of_the_running_recording),
        cmocka_unit_test(steps),
        cmocka_unit_test(every_step_has_words),
        cmocka_unit_test(progress_toward_the_limit_of_the_file),
        cmocka_unit_test(the_bar_when_saved),
        cmocka_unit_test(the_bar_when_failed),
        cmocka_unit_test(the_bar_when_unsaved_orphan_other),
        cmocka_unit_test(the_bar_when_idle),
        cmocka_unit_test(the_bar_while_recording),
        cmocka_unit_test(panes),
        cmocka_unit_test(what_rings_segments_and_marks_add),
        cmocka_unit_test(a_rule_that_ended_it_is_said),
        cmocka_unit_test(filling_texts),
        cmocka_unit_test(numbers_of_texts_are_unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
