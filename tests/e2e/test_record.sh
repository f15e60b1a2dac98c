#!/usr/bin/env bash
# handlerec record under the simulated kernel: leaky is recorded and compared with its truth, Ctrl+C, --for, refusals,
# what a killed recorder leaves behind, a session that ends by itself.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"

# record NAME EXPECTED_CODE OPTION...: output in NAME.out and NAME.err
record() {
  local name=$1 expected=$2 code
  shift 2
  (cd "$work" && timeout 100 wine "$build/ksimrun.exe" $LAUNCH "$build/handlerec.exe" record "$@" \
    </dev/null >"$work/$name.out" 2>"$work/$name.err")
  code=$?
  [ "$code" = "$expected" ] || fail "$name: exit code $code, expected $expected: $(cat "$work/$name.err")"
}
LAUNCH=

says() { # NAME TEXT
  grep -qF "$2" "$work/$1.err" || fail "$1: \"$2\" is not in \"$(cat "$work/$1.err")\""
}

# await TEXT FILE: until the file has the text
await() {
  local i
  for i in $(seq 300); do
    grep -qsF "$1" "$2" && return 0
    sleep 0.1
  done
  fail "\"$1\" did not come: $(cat "$2")"
  return 1
}

info() { timeout 60 wine "$build/handlerec.exe" info --json "Z:$1" </dev/null >"$1.json" || fail "info of $1: exit code $?"; }

parts_forget
kernel_start || exit 1

# 1. A leak, recorded until Ctrl+C.
dir=$work/leaky
leaky_start "$dir" --leak Event:300 --leak File:40 --churn Key:25 --list || fail "leaky is not ready: $(cat "$dir/leaky.log")"
python3 "$HR_ROOT/tests/e2e/press.py" "$work/press" "$work/terminal.txt" wine "$build/ksimrun.exe" "$build/handlerec.exe" \
  record --stacks create,close,duplicate -o "Z:$work/leak.etl" &
recorder=$!
await 'Recording 0:01' "$work/terminal.txt"
leaky_go "$dir" || fail "leaky did not do its work: $(cat "$dir/leaky.log")"
touch "$work/press"
wait "$recorder" || fail "the recorder's exit code is $?: $(cat "$work/terminal.txt")"
leaky_end "$dir"
no_session "Ctrl+C"
[ -s "$work/leak.etl" ] || fail "no file"
info "$work/leak.etl"
"$native/handlerec" dump --json "$work/leak.etl" >"$work/events.json" || fail "handlerec dump"
cp "$work/leak.etl.json" "$work/info.json"
sim truth >"$work/kernel.json"
python3 "$HR_ROOT/tests/e2e/compare_truth.py" --no-live "$work" "$build/leaky.exe" "$dir" ||
  fail "truth and recording differ"
python3 - "$work/leak.etl.json" <<'PY' || fail "info and the handles differ"
import json, sys
d = json.load(open(sys.argv[1]))
n = {c.get("hook"): c["count"] for c in d["counts"]}
print(f'count: {d["events"]} events, {n.get("0x1120")} created, {n.get("0x1121")} closed, {n.get("0x1820")} stacks, '
      f'{d["eventsLost"]} lost')
sys.exit(0 if d["eventsLost"] == 0 and not d["truncated"] and n["0x1120"] >= 340 and n["0x1820"] >= n["0x1120"] else 1)
PY

# 2. By itself after a time, with a filter, into the default file.
# After ten seconds it is known what such a recording costs, and kept for every profile.
rates=$(echo "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder)/rates.txt
rm -f "$rates"
record timed 0 --type event --type IoCompletion --for "${HR_FULL:+1}2s"
[ -z "${HR_FULL:-}" ] || grep -q '^tag ' "$rates" || fail "what it cost was not kept in $rates"
says timed 'IoCompletion also records IoCompletionReserve'
saved=$(tr -d '\r\n' <"$work/timed.out")
case $saved in
HandleRecorder_*_20??-??-??_??-??-??.etl) ;;
*) fail "default name: $saved" ;;
esac
info "$work/$saved"
sim calls | grep -q '"NtSetSystemInformation:17":{"calls":1,"refused":0}' || fail "the filter was not set: $(sim calls)"
no_session timed

# 3. Profiles: by name, by file.
record profile 0 --profile event --for 1s -o "Z:$work/event.etl"
record broken 1 --profile "Z:$HR_ROOT/tests/e2e/test_record.sh" --for 1s
says broken 'test_record.sh'
printf '<WindowsPerformanceRecorder Version="1.0">\n <Bogus/>\n</WindowsPerformanceRecorder>' >"$work/bogus.wprp"
record bogus 1 --profile "Z:$work/bogus.wprp"
says bogus 'bogus.wprp(2,3): unknown element <Bogus>'

# 4. What is refused before anything starts.
before=$(sim calls | grep -o '"StartTrace":{"calls":[0-9]*')
record exists 1 -o "Z:$work/leak.etl" --for 1s
record nowhere 1 -o "Z:$work/no such folder/x.etl" --for 1s
record five 2 --type Event --type File --type Key --type Thread --type Job
record typo 2 --type Evnt
says typo "no handle type 'Evnt'"
record stacks 2 --stacks some
record time 2 --for soon
record option 2 --nonsense
LAUNCH=--not-elevated record user 1 --for 1s -o "Z:$work/user.etl"
says user 'administrator'
[ "$before" = "$(sim calls | grep -o '"StartTrace":{"calls":[0-9]*')" ] || fail "a refused recording was started"
[ -e "$work/user.etl" ] && fail "a refused recording left a file"

# 5. The filter is refused: nothing is recorded rather than everything.
sim set fail NtSetSystemInformation:17 1 0xC0000022
record filter 1 --type Event --for 1s -o "Z:$work/filter.etl"
says filter 'type filter'
no_session filter
[ -e "$work/filter.etl" ] && fail "an unfiltered file was saved"

# ... The filter is accepted and does nothing, which nobody can ask the system: reading back finds it.
sim set filter-ignored 1
record ignored 0 --type Event --for 2s -o "Z:$work/ignored.etl"
says ignored 'The type filter did not take effect'
[ -s "$work/ignored.etl" ] || fail "a recording with more than was wanted was not saved"
sim set filter-ignored 0
record heeded 0 --type Event --for 2s -o "Z:$work/heeded.etl"
grep -q 'did not take effect' "$work/heeded.err" && fail "a filter that works is said not to: $(cat "$work/heeded.err")"

# 6. Starting fails; the session that was begun is gone.
sim set fail TraceSetInformation:4 1 5
record masks 1 --for 1s -o "Z:$work/masks.etl"
no_session masks

# 7. A recorder that was killed leaves a running session: it is told, and can be saved.
(cd "$work" && exec timeout -s KILL 4 wine "$build/ksimrun.exe" "$build/handlerec.exe" record -o "Z:$work/killed.etl" \
  </dev/null >"$work/killed.out" 2>"$work/killed.err") &
killed=$!
await 'Recording.' "$work/killed.err"
timeout 20 wine taskkill /f /im handlerec.exe >/dev/null 2>&1
wait "$killed"
[ -e "$work/killed.etl" ] && fail "the killed recorder saved a file"
record again 1 --for 1s -o "Z:$work/again.etl"
says again 'record --rescue'
record rescue 0 --rescue -o "Z:$work/rescued.etl"
info "$work/rescued.etl"
no_session rescue
record nothing 1 --rescue -o "Z:$work/nothing.etl"
says nothing 'No recording was left behind'

# 8. The session ends by itself: what there is is saved, and the exit code says that it ended early.
(cd "$work" && timeout 60 wine "$build/ksimrun.exe" "$build/handlerec.exe" record -o "Z:$work/ended.etl" \
  </dev/null >"$work/ended.out" 2>"$work/ended.err"; echo $? >"$work/ended.code") &
ended=$!
await 'Recording.' "$work/ended.err"
sim end-session "Handle Recorder"
wait "$ended"
[ "$(cat "$work/ended.code")" = 3 ] || fail "ended: exit code $(cat "$work/ended.code"): $(cat "$work/ended.err")"
[ -s "$work/ended.etl" ] || fail "ended: no file"
no_session ended

[ "$failures" = 0 ] && echo 'OK: handlerec record does what it says'
exit $((failures > 0))
