#!/usr/bin/env bash
# Drives the lists and the chart over a made-up system: what they say, order that waits for the pointer, selection that
# follows its row, sorting, typing a name, scale, and that drawing leaks nothing.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
. "$(dirname "${BASH_SOURCE[0]}")/ui.sh"
build=$HR_BUILD/mingw
trap ui_stop EXIT
failures=0
TYPES=10 PROCS=11 CHART=12

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}
# The column of a row, 1 is the first: its place, then the cells. Marks of selection and focus are left out.
rows() { ui list "$1" | tr -d '\r'; }
first() { rows "$TYPES" | sed -n 2p | grep -oE '(Event|File|Key|[A-Z][A-Za-z]+)' | head -1; }
selected() { rows "$1" | grep '\*' | head -1; }
expect() { # what, actual, wanted part
  case $2 in
  *"$3"*) ;;
  *) fail "$1: \"$2\", expected \"$3\"" ;;
  esac
}
start() {
  ui_start "$build/list_host.exe" "$@" || exit 1
  ui wait-window - Lists 30 >/dev/null && ui wait-list "$TYPES" Event 20 >/dev/null || { fail "no list"; exit 1; }
}
# The distance between two rows' middles: what one has to hit.
row_height() {
  local a b
  a=$(ui list-click "$TYPES" 0 0 where | grep -oE '[0-9]+' | sed -n 2p)
  b=$(ui list-click "$TYPES" 1 0 where | grep -oE '[0-9]+' | sed -n 2p)
  echo $((b - a))
}

ui_screen lists || exit 1
ui_dpi 96
start new
ui hover "$TYPES" >/dev/null
hr_say "order waits while the pointer is over the list"
[ "$(first)" = File ] || fail "File grows fastest at first: $(first) stands on top"
expect "headings" "$(rows "$TYPES" | head -1)" $'#\tType\tOpen now\tChange (down)\tPeak\tPer minute\tRecorded\tHistory\tTop process'
expect "the first sample selects the top row" "$(selected "$TYPES")" File
expect "holders" "$(rows "$PROCS" | head -1)" $'#\tProcess\tPID\tOpen now\tChange (down)\tPer minute'
sleep 11
[ "$(first)" = File ] || fail "rows moved under the pointer"
hr_say "order follows when the pointer leaves, the selection its row"
ui hover "$CHART" >/dev/null
sleep 5
[ "$(first)" = Event ] || fail "Event has grown more: $(first) stands on top"
expect "selection" "$(selected "$TYPES")" File

hr_say "keys and clicks"
ui list-click "$TYPES" =Event >/dev/null
expect "clicked" "$(selected "$TYPES")" Event
expect "chart" "$(ui text "$CHART")" 'Event, last 10 minutes: '
expect "chart" "$(ui text "$CHART")" rising
expect "holder" "$(rows "$PROCS")" leaky.exe
expect "a process without a name" "$(rows "$PROCS")" 'Process 5864'
ui key end >/dev/null
expect "End" "$(selected "$TYPES")" "$(rows "$TYPES" | tail -1 | grep -oE '[A-Z][A-Za-z]+' | head -1)"
ui key t o k >/dev/null
expect "typed" "$(selected "$TYPES")" Token
ui list-click "$TYPES" =Section >/dev/null
expect "unknown holder" "$(selected "$TYPES")" –
[ "$(rows "$PROCS" | wc -l)" = 1 ] || fail "holders of Section cannot be known: $(rows "$PROCS")"
ui header-click "$TYPES" =Type >/dev/null
[ "$(first)" = ALPC ] || fail "by name: $(first)"
expect "sorting keeps the selection" "$(selected "$TYPES")" Section
sleep 0.6 # a double click does not sort
ui header-click "$TYPES" =Type >/dev/null
[ "$(first)" = WmiGuid ] || fail "by name, the other way: $(first)"
expect "shared tag" "$(rows "$TYPES" | grep DxgkSharedResource)" 'Yes (Dxgk)'
expect "recorded" "$(rows "$TYPES" | grep Event)" Yes

hr_say "drawing leaks nothing"
ui objects >/dev/null
before=$(ui objects | tr -d '\r')
sleep 15
after=$(ui objects | tr -d '\r')
[ "$before" = "$after" ] || fail "objects before and after 15 s:"$'\n'"$before"$'\n'"$after"
printf 'measured: list_host has %s\n' "$(echo "$after" | tr '\n\t' ', ')"
height=$(row_height)
[ "$height" -ge 20 ] || fail "rows are $height pixels high"
ui close >/dev/null
ui_wait_exit 20
[ "$UI_EXIT" = 0 ] || fail "exit code $UI_EXIT"

hr_say "one and a half times as large"
ui_dpi 144
start old live
expect "columns from the trace" "$(rows "$TYPES" | head -1)" $'Top process\tCreated (trace)\tClosed (trace)\tDuplicated (trace)'
expect "created, closed, duplicated" "$(rows "$TYPES" | grep Event | tr '\t' ' ')" '1,100 7'
expect "not named by the trace" "$(rows "$TYPES" | grep Token | tr '\t' ' ')" '– – –'
large=$(row_height)
[ "$large" -ge 30 ] || fail "rows are $large pixels high at 144 DPI"
printf 'measured: rows are %s pixels high at 96 DPI, %s at 144\n' "$height" "$large"
sleep 4
case $(rows "$TYPES" | head -1) in *trace*) fail "columns from the trace stay after it" ;; esac
expect "a suspect for minutes" "$(rows "$TYPES" | sed -n 2p)" Event

[ "$failures" = 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo "OK: the lists show what they are told"
