#!/usr/bin/env bash
# handlerec record under the simulated kernel stops and saves by itself, by each of its rules; marks set meanwhile from
# another console are in the file. Usage: test_stop_rules.sh [BUILD_DIR]
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
build=$(cd "${1:-$HR_BUILD/mingw}" && pwd) || exit 1
. "$HR_ROOT/tests/leaky/leaky.sh"
hr_wine_prefix || exit 1
work=$(mktemp -d)
export KSIM_NAME=rules-$$
export LEAKY_UNDER=$build/ksimrun.exe
failures=0

control() { timeout 30 wine "$build/ksimctl.exe" "$@" </dev/null | tr -d '\r'; }
clean() {
  leaky_cleanup
  control quit >/dev/null 2>&1
  rm -rf "$work"
}
trap clean EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

under() { timeout "$1" wine "$build/ksimrun.exe" "$build/handlerec.exe" "${@:2}" </dev/null; }

# rule NAME MARK WORDS OPTION...: while leaky works, it ends by itself, says WORDS, and saves; MARK: set meanwhile, empty
# where it may end before
rule() {
  local name=$1 mark=$2 words=$3 dir=$work/$1 recorder i
  shift 3
  leaky_start "$dir" --leak Event:400 --churn "Event:${CHURN:-1000}" || fail "$name: leaky is not ready: $(cat "$dir/leaky.log")"
  under 60 record "$@" -o "Z:$work/$name.etl" >"$work/$name.out" 2>"$work/$name.err" &
  recorder=$!
  for i in $(seq 200); do
    [ "$(control sessions | tr -d '\n')" != "[]" ] && break
    sleep 0.1
  done
  [ -z "$mark" ] || under 20 mark "$mark" >"$work/$name.mark" 2>&1 || fail "$name: mark: $(cat "$work/$name.mark")"
  leaky_go "$dir" || fail "$name: leaky did not do its work: $(cat "$dir/leaky.log")"
  wait "$recorder" || fail "$name: exit code $?: $(cat "$work/$name.err")"
  leaky_end "$dir"
  grep -qF "$words" "$work/$name.err" || fail "$name: \"$words\" is not in \"$(cat "$work/$name.err")\""
  [ -s "$work/$name.etl" ] || { fail "$name: nothing was saved"; return; }
  timeout 60 wine "$build/handlerec.exe" report --format json "Z:$work/$name.etl" </dev/null 2>/dev/null >"$work/$name.json" ||
    fail "$name: report: exit code $?"
  python3 - "$work/$name.json" "$mark" <<'PYTHON' || fail "$name: marks: see above"
import json, sys
marks = json.load(open(sys.argv[1]))["marks"]
if [m["text"] for m in marks] != [m for m in sys.argv[2:] if m]:
    sys.exit(f"the file has the marks {marks}")
PYTHON
  echo "measured: $name: $(grep -F Stopped: "$work/$name.err" | tr -d '\r' | tail -1)"
}

rm -rf "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder/parts
wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
for _ in $(seq 100); do
  control sessions 2>/dev/null | grep -q '\[' && break
  sleep 0.1
done

rule holds "it leaks now" 'handles (Event), more than 300.' --stop-when 'leaky.exe:Event>300'
CHURN=20000 rule size "" 'MB are written.' --stop-at 1
rule disk "" 'MB are free on the disk.' --stop-disk 1024
rule grows "grün" 'Event grows by ' --stop-growth 'Event>100/min'
rule time "one" '' --for 4s

left=$(control sessions | tr -d '\n')
[ "$left" = "[]" ] || fail "sessions left: $left"
[ "$failures" = 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo "OK: each rule stops and saves, and each mark is in the file"
