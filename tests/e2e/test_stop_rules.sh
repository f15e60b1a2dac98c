#!/usr/bin/env bash
# handlerec record under the simulated kernel stops and saves by itself, by each of its rules; marks set meanwhile from
# another console are in the file.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"

handlerec() { timeout "$1" wine "$build/ksimrun.exe" "$build/handlerec.exe" "${@:2}" </dev/null; }

# rule NAME MARK WORDS OPTION...: while leaky works, it ends by itself, says WORDS, and saves; MARK: set meanwhile, empty
# where it may end before
rule() {
  local name=$1 mark=$2 words=$3 dir=$work/$1 recorder i
  shift 3
  leaky_start "$dir" --leak Event:400 --churn "Event:${CHURN:-1000}" || fail "$name: leaky is not ready: $(cat "$dir/leaky.log")"
  handlerec 60 record "$@" -o "Z:$work/$name.etl" >"$work/$name.out" 2>"$work/$name.err" &
  recorder=$!
  for i in $(seq 200); do
    [ "$(sim sessions)" != "[]" ] && break
    sleep 0.1
  done
  [ -z "$mark" ] || handlerec 20 mark "$mark" >"$work/$name.mark" 2>&1 || fail "$name: mark: $(cat "$work/$name.mark")"
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

parts_forget
kernel_start || exit 1

rule holds "it leaks now" 'handles (Event), more than 300.' --stop-when 'leaky.exe:Event>300'
CHURN=20000 rule size "" 'MB are written.' --stop-at 1
rule disk "" 'MB are free on the disk.' --stop-disk 1024
rule grows "grün" 'Event grows by ' --stop-growth 'Event>100/min'
rule time "one" '' --for 4s

no_session "all rules"
[ "$failures" = 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo "OK: each rule stops and saves, and each mark is in the file"
