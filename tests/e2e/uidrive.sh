#!/bin/bash
# Tries uidrive on uisample: each kind of control, and that it refuses what a user could not do.
# usage: uidrive.sh BUILD_DIR [SHOT.png]
set -u
build=$(cd "$1" && pwd)
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
. "$(dirname "${BASH_SOURCE[0]}")/ui.sh"
trap ui_stop EXIT
failures=0

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

# says TEXT COMMAND...: the command works, and the sample's status bar then shows TEXT.
says() {
  local wanted=$1 status
  shift
  ui "$@" >/dev/null || { fail "$*"; return; }
  status=$(ui status | sed -n 2p)
  [ "$status" = "$wanted" ] || fail "$*: the sample says \"$status\", expected \"$wanted\""
}

# prints TEXT COMMAND...: its output has the text.
prints() {
  local wanted=$1 output
  shift
  output=$(ui "$@" 2>&1)
  case $output in
  *"$wanted"*) ;;
  *) fail "$*: printed \"$output\", expected \"$wanted\"" ;;
  esac
}

# refuses TEXT COMMAND...: exits with 1 and says why.
refuses() {
  local wanted=$1 output code
  shift
  output=$(ui "$@" 2>&1)
  code=$?
  [ $code = 1 ] || fail "$*: exit code $code, expected 1: $output"
  case $output in
  *"$wanted"*) ;;
  *) fail "$*: said \"$output\", expected \"$wanted\"" ;;
  esac
}

ui_screen || exit 1
WINEDEBUG=-all,err+seh ui_start "$build/uisample.exe" || exit 1
ui wait-window - UiSample 30 >/dev/null || exit 1

prints 'Sample − window' text
prints $'SysListView32\t100' tree
says pressed click 102
says pressed click '=Press'
refuses 'is disabled' click 103
refuses 'is covered by Static 105' click 104
refuses 'is not visible' click 106
refuses 'outside the screen' click 114
refuses 'no control 999' click 999
prints 'Café − 1,000' status
prints $'999\trow 999\t6993' list 100
says 'row 400 column 1' list-click 100 400 1
says 'double 3' list-click 100 '=row 3' =Name double
prints $'3*f\trow 3\t21' list 100 5
says 'sorted by 1' header-click 100 =Count
ui wait-status 'sorted by 1' 2 || fail wait-status
ui wait-list 100 6993 2 || fail wait-list
refuses 'in vain' wait-list 100 6994 0
refuses 'no row' list-click 100 1000
says 'combo 2' select 107 'drei Ä'
says 'tab 1' tab 113 Second
ui click 108 && ui type 'Hällo wörld −' || fail type
prints 'Hällo wörld −' text 108
ui key ctrl+a del || fail key
[ -z "$(ui text 108)" ] || fail "ctrl+a, del left $(ui text 108)"
says checked click 109
prints 'focused checked' state 109
prints $'Button\t109' control focus
says 'menu 200' menu File/New
says 'menu 202' menu File/More/Deeper
refuses 'is disabled' menu File/Grey
prints $'200\t&New Ctrl+N\tenabled' menu-items
ui key esc esc || fail 'closing the menu'
ui click 110 || fail 'opening the task dialog'
prints $'link*\t1001\tSave and close' taskdialog
prints '0:12:07 recorded.' taskdialog
refuses 'is disabled with the window' --window UiSample click 102
ui taskdialog 'Do not ask again' || fail 'the check box of the task dialog'
says 'task 1001 1 0x0' taskdialog 'Save and close'
ui click 111 || fail 'opening the file dialog'
prints suggested.txt filedialog
says 'file Z:\tmp\no such folder − here.txt' filedialog 'Z:\tmp\no such folder − here.txt'
ui click 115 || fail 'opening the new file dialog'
prints suggested.etl filedialog
says 'new file Z:\tmp\trace − 1.etl' filedialog 'Z:\tmp\trace − 1.etl'
prints 'Show in folder' link 116
says 'link folder' link 116 'Show in folder'
says 'link leaks' link 116 'Show leaks'
refuses 'no link' link 116 'Show nothing'
ui list-click 100 '=row 5' 0 right || fail 'opening the context menu'
prints $'300\t&Copy Ctrl+C\tenabled checked' menu-items
[ -n "${2:-}" ] && ui_shot "$2"
says 'menu 301' menu 'popup/Record only this type'
ui_xkey alt+f n && sleep 0.5
prints 'menu 200' status

# The X server's own pointer and keys reach the same window.
ui click 108
says 'menu 200' menu File/New
ui_xclick 102 && sleep 0.5
prints pressed status

# A busy window shows in the latency; an idle one does not.
idle=$(ui null-latency 500)
(sleep 0.3; ui click 112) &
busy=$(ui null-latency 2000)
wait $!
python3 - "$idle" "$busy" <<'PY' || fail "latency: idle $idle, busy $busy"
import json, sys
idle, busy = (json.loads(text) for text in sys.argv[1:])
print("latency, idle:", idle, "with a hang of 700 ms:", busy)
sys.exit(0 if idle["max"] < 400 and 400 < busy["max"] < 2000 and idle["timeouts"] == 0 else 1)
PY
# A cell that comes when nobody waits for it any more is written all the same: into memory that is still there.
ui command 400 && sleep 0.5
refuses 'did not answer' list 100 3
sleep 3
says pressed click 102
grep -q 'ignoring exception' "$UI_STATE/log" && fail 'the sample wrote into memory that was not there any more'
prints 'row 0' list 100 3
ui objects | python3 -c 'import json, sys
found = json.load(sys.stdin)
print(found)
sys.exit(0 if found["windows"] > 10 and found["gdi"] > 10 and found["types"]["Thread"] >= 1 else 1)' || fail objects

prints 'query agreed' endsession
ui_wait_exit 10 || fail 'still there after the end of the session'
[ "$UI_EXIT" = 9 ] || fail "exit code $UI_EXIT, expected 9"

# Closing by the X, at another DPI.
ui_dpi 144
ui_start "$build/uisample.exe" || fail 'second start'
ui wait-window - UiSample 30 >/dev/null || fail 'no window at 144 DPI'
says pressed click 102
says 'row 9 column 1' list-click 100 9 1
says 'menu 202' menu File/More/Deeper
ui click 110 || fail 'opening the task dialog at 144 DPI'
[ -n "${2:-}" ] && ui_shot "${2%.png}-144.png"
says 'task 1002 0 0x0' taskdialog 'Keep recording'
ui close
ui_wait_exit 10
[ "$UI_EXIT" = 5 ] || fail "exit code $UI_EXIT, expected 5"
ui_dpi 96

if [ "$failures" -gt 0 ]; then
  printf '%d failures\n' "$failures"
  exit 1
fi
echo "OK: uidrive drives"
