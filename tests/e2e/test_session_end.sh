#!/usr/bin/env bash
# The end of the Windows session while handlerec records: it answers only when the recording is saved.
# Usage: test_session_end.sh [BUILD_DIR]
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../env.sh"
. "$here/ui.sh"
build=$(cd "${1:-$HR_BUILD/mingw}" && pwd) || exit 1
work=$(mktemp -d)
export KSIM_NAME=session-end-$$
server=
clean() {
  [ -n "$server" ] && timeout 20 wine "$build/ksimctl.exe" quit </dev/null >/dev/null 2>&1
  ui_stop
  rm -rf "$work"
}
trap clean EXIT
# A console program has a window only where there is a screen.
ui_screen || exit 1
hr_wine_warm
rm -rf "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder/parts

wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  timeout 20 wine "$build/ksimctl.exe" sessions </dev/null 2>/dev/null | grep -q '\[' && break
  sleep 0.1
done

(cd "$work" && timeout 100 wine "$build/ksimrun.exe" "$build/handlerec.exe" record -o "Z:$work/saved.etl" \
  </dev/null >"$work/out" 2>"$work/err"; echo $? >"$work/code") &
recorder=$!
for _ in $(seq 300); do
  grep -qsF 'Recording.' "$work/err" && break
  sleep 0.1
done
answer=$(timeout 90 wine "$build/uidrive.exe" --target handlerec.exe endsession 60 </dev/null 2>&1 | tr -d '\r')
saved=$([ -s "$work/saved.etl" ] && echo 'saved' || echo 'not saved')
wait "$recorder"
sessions=$(timeout 20 wine "$build/ksimctl.exe" sessions </dev/null | tr -d '\r\n')
found="$answer; $saved when it answered; exit code $(cat "$work/code"); sessions $sessions"
echo "count: $found"
case $found in
*'query agreed'*"; saved when it answered; exit code 0; sessions []") echo 'OK: handlerec heeds the end of the session' ;;
*) printf 'FAILED: %s\n%s\n' "$found" "$(cat "$work/err")"; exit 1 ;;
esac
