#!/usr/bin/env bash
# What can go wrong around a recording with handlerec, over the simulated kernel: the session cannot be ended, events are
# lost, the disk is full, the session ends by itself, the place cannot be written, rights are missing, another recorder
# runs, the command line is wrong. No session may be left, nothing recorded may be lost, and everything is told.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"
checks=0

expect() { # what, expected, actual
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

says() { # what, folder of the recording, extended regular expression that one line of stderr matches
  checks=$((checks + 1))
  grep -qE "$3" "$2/record.err" || fail "$1: no line like '$3' in: $(cat "$2/record.err")"
}

# A number that handlerec info tells of a file; 0 when there is no file.
fact() { "$native/handlerec" info --json "$1" 2>/dev/null | python3 -c "import json, sys; print(json.loads(sys.stdin.read() or '{}').get('$2', 0))"; }
part_count() { find "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder/parts -type f 2>/dev/null | wc -l; }
known() { python3 -c "import json, sys; s = json.load(sys.stdin)['sessions'][-1]; print($1)" <"$work/kernel.json"; }

begin() { # what; each mishap by itself, whatever the one before left
  what=$1
  sim reset
  parts_forget
}

nothing_left() { # what
  expect "$1: sessions" "[]" "$(sim sessions)"
  expect "$1: raw parts" 0 "$(part_count)"
}

rescued() { # what, name; the documented way ends and saves it
  record_run "$work/$2" --rescue -o "Z:$work/$2.etl"
  expect "$1: exit code of the rescue" "${3:-0}" "$RECORD_EXIT"
  [ "$(fact "$work/$2.etl" events)" -gt 50 ] || fail "$1: events in the rescued file: $(fact "$work/$2.etl" events)"
  nothing_left "$1, rescued"
}

leak() { # folder, options: a whole run of leaky
  local dir=$1
  shift
  leaky_start "$dir" "$@" && leaky_go "$dir" || fail "leaky: $(cat "$dir/leaky.log")"
  leaky_end "$dir"
}

kernel_start || exit 1

begin "the session cannot be ended"
dir=$work/stuck
# Three tries of its own, and one more when it gives up.
for n in 1 2 3 4; do sim set fail ControlTrace:STOP $n 5; done
record_run "$dir" --for 1s -o "Z:$dir.etl"
expect "$what: exit code" 1 "$RECORD_EXIT"
says "$what" "$dir" '^Stopping the recording session: .+ \(5\)\. .+'
says "$what" "$dir" "record --rescue -o FILE' ends and saves it"
expect "$what: it runs on" 1 "$(sim sessions | grep -c 'Handle Recorder')"
record_run "$work/stuck-next" --for 1s -o "Z:$work/stuck-next.etl"
expect "$what: exit code of the next recording" 1 "$RECORD_EXIT"
says "$what" "$work/stuck-next" 'record --rescue'
rescued "$what" stuck-rescued

begin "the writer stands still and events are lost"
dir=$work/lost
sim set ram-mb 16
record_start "$dir" --stacks create,close,duplicate -o "Z:$dir.etl" || fail "$what: it does not record: $(cat "$dir/record.err")"
sim set stall-writer 1
leak "$work/lost-leaky" --churn Event:30000
sim set stall-writer 0
record_stop "$dir"
sim truth >"$work/kernel.json"
lost=$(known "s['events_lost']")
expect "$what: exit code" 0 "$RECORD_EXIT"
says "$what" "$dir" "^$lost events were lost"
expect "$what: handlerec info" "$lost" "$(fact "$dir.etl" eventsLost)"
[ "$lost" -gt 1000 ] || fail "$what: only $lost"
expect "$what: handles that the kernel counts as closed, in the file" \
  "$(known "sum(r['closes'] for r in s['rows'])")" \
  "$("$native/handlerec" info --json "$dir.etl" | python3 -c "import json, sys; print(*[c['count'] for c in json.load(sys.stdin)['counts'] if c.get('hook') == '0x1121'])")"
nothing_left "$what"
echo "count: events lost on purpose: $lost, as recorder, file and kernel say"

begin "the disk is full in the midst"
dir=$work/full
record_start "$dir" -o "Z:$dir.etl" || fail "$what: it does not record"
leak "$work/full-leaky" --churn Event:9000
sim set disk-full 1
leak "$work/full-leaky" --churn Event:9000
for _ in $(seq 60); do [ -n "$(kernel_pids handlerec)" ] || break; sleep 0.5; done
[ -z "$(kernel_pids handlerec)" ] && record_wait || { fail "$what: handlerec did not notice"; record_stop "$dir"; }
sim set disk-full 0
expect "$what: exit code" 3 "$RECORD_EXIT"
says "$what" "$dir" '\(4201\)\. .+'
[ "$(fact "$dir.etl" events)" -gt 1000 ] || fail "$what: events kept: $(fact "$dir.etl" events)"
nothing_left "$what"

begin "the disk is full when the recording ends"
dir=$work/last
record_start "$dir" -o "Z:$dir.etl" || fail "$what: it does not record"
leak "$work/last-leaky" --churn Event:9000
sim set disk-full 1
record_stop "$dir"
sim set disk-full 0
expect "$what: exit code" 3 "$RECORD_EXIT"
says "$what" "$dir" '^Checking .+ It was saved as it is; what can be read of it is there\.'
grep -q '^0 events' "$dir/record.err" && fail "$what: a count that was not made is told: $(cat "$dir/record.err")"
[ "$(fact "$dir.etl" events)" -gt 1000 ] || fail "$what: events kept: $(fact "$dir.etl" events)"
nothing_left "$what"

begin "the session ends by itself"
dir=$work/ended
record_start "$dir" -o "Z:$dir.etl" || fail "$what: it does not record"
leak "$work/ended-leaky" --churn Event:9000
sim end-session "Handle Recorder"
record_wait
expect "$what: exit code" 3 "$RECORD_EXIT"
says "$what" "$dir" 'the session ended by itself: .+\(4201\)'
[ "$(fact "$dir.etl" events)" -gt 1000 ] || fail "$what: events kept: $(fact "$dir.etl" events)"
nothing_left "$what"

begin "the file exists"
dir=$work/exists
mkdir -p "$dir"
echo precious >"$dir.etl"
record_run "$dir" --for 1s -o "Z:$dir.etl"
expect "$what: exit code" 1 "$RECORD_EXIT"
says "$what" "$dir" 'exists'
expect "$what: its content" precious "$(cat "$dir.etl")"
expect "$what: calls" "{}" "$(sim calls | sed 's/"ControlTrace:QUERY":{[^}]*}//')"
nothing_left "$what"

begin "the file appears while recording"
dir=$work/appears
record_start "$dir" -o "Z:$dir.etl" || fail "$what: it does not record"
echo precious >"$dir.etl"
record_stop "$dir"
expect "$what: exit code" 1 "$RECORD_EXIT"
expect "$what: its content" precious "$(cat "$dir.etl")"
says "$what" "$dir" "record --rescue -o FILE' saves it"
rescued "$what" appears-rescued

begin "the folder cannot be written to"
dir=$work/unwritable
record_run "$dir" --for 1s -o "Z:/proc/handles.etl"
expect "$what: exit code" 1 "$RECORD_EXIT"
checks=$((checks + 1))
grep -qE '^[^ ].+: .+ \([0-9]+\)\. .+' "$dir/record.err" || fail "$what: no reason: $(cat "$dir/record.err")"
if [ "$(part_count)" != 0 ]; then rescued "$what" unwritable-rescued; else nothing_left "$what"; fi

begin "no administrator"
dir=$work/user
KERNEL_RIGHTS=--not-elevated record_run "$dir" --for 1s -o "Z:$dir.etl"
expect "$what: exit code" 1 "$RECORD_EXIT"
says "$what" "$dir" 'administrator'
expect "$what: sessions started" 0 "$(sim calls | grep -c StartTrace)"
KERNEL_RIGHTS=--not-elevated record_run "$dir" --rescue -o "Z:$dir.etl"
expect "$what: exit code of a rescue" 1 "$RECORD_EXIT"
says "$what" "$dir" 'administrator'
[ -e "$dir.etl" ] && fail "$what: a file was saved"
nothing_left "$what"

begin "another recorder runs"
dir=$work/first
record_start "$dir" -o "Z:$dir.etl" || fail "$what: it does not record"
first=$RECORD_PID
record_run "$work/second" --for 1s -o "Z:$work/second.etl"
expect "$what: exit code of the second" 1 "$RECORD_EXIT"
says "$what" "$work/second" 'Another Handle Recorder is recording: handlerec\.exe, process [0-9]+\. .+'
record_run "$work/second" --rescue -o "Z:$work/second.etl"
expect "$what: exit code of a rescue" 1 "$RECORD_EXIT"
says "$what" "$work/second" 'Another Handle Recorder is recording'
[ -e "$work/second.etl" ] && fail "$what: the second saved a file"
RECORD_PID=$first
record_stop "$dir"
expect "$what: exit code of the first" 0 "$RECORD_EXIT"
[ "$(fact "$dir.etl" events)" -gt 50 ] || fail "$what: events of the first: $(fact "$dir.etl" events)"
nothing_left "$what"

begin "wrong command lines"
dir=$work/wrong
wrong() { # expression, options
  local line=$1
  shift
  record_run "$dir" "$@"
  expect "$what: exit code of '$*'" 2 "$RECORD_EXIT"
  says "$what: '$*'" "$dir" "$line"
}
wrong "'--bogus'" --bogus
wrong "'Nope'" --type Nope
wrong 'at most 4 types' --type Event --type File --type Key --type Thread --type Mutant
wrong "'0'" --for 0
wrong "'-1s'" --for -1s
wrong 'needs a value' -o
expect "$what: calls" "{}" "$(sim calls)"
nothing_left "$what"

kernel_stop
echo "count: $checks checks of mishaps, $failures failures"
[ "$failures" = 0 ]
