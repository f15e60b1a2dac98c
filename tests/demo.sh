#!/usr/bin/env bash
# Shows the whole program at work: builds it, lets `leaky` leak events over the simulated kernel, finds and records the
# leak through the window with pointer and keys, and names the leaking function from the saved file.
#   tests/demo.sh [--screenshot]    --screenshot: makes resources/screenshot.png anew as well
# Needs a Debian machine and nothing else. The recording and a picture of each step are left in build/demo/.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
. "$HR_ROOT/tests/e2e/ui.sh"
cd "$HR_ROOT" || exit 1

picture=
case ${1:-} in
'') ;;
--screenshot) picture=1 ;;
*) echo "usage: tests/demo.sh [--screenshot]" >&2; exit 2 ;;
esac

# window.py reads these.
export build=$HR_BUILD/mingw shots=$HR_BUILD/demo work=$HR_BUILD/demo/work
# Connections that a program makes later would show as handles of its own between two counts.
export UI_SIZE KSIM_NAME=demo-$$ KSIM_CONNECTIONS=32
result="FAILED at \"set-up\": no reason was given"

cleanup() {
  local code=$?
  trap - EXIT INT TERM
  if [ "$code" != 0 ]; then
    [ -n "${HR_XVFB:-}" ] && import -window root "$shots/failed.png" 2>/dev/null && echo "   the screen as it was: $shots/failed.png"
    [ "$code" -gt 128 ] && result="FAILED: interrupted"
  fi
  # Everything runs in the demo's own Wine prefix, so ending that ends it all.
  [ -n "${WINEPREFIX:-}" ] && wineserver -k 2>/dev/null
  ui_stop
  # A server that waits for a client which was ended does not notice the end of Wine.
  [ -n "${kernel:-}" ] && kill -9 "$kernel" 2>/dev/null
  echo "demo: $result"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() {
  result="FAILED $*"
  exit 1
}

hr_say "set-up"
SECONDS=0
rm -rf "$shots" && mkdir -p "$work" || fail "at \"set-up\": cannot write to $shots"
hr_packages || fail 'at "set-up": packages could not be installed'

hr_say "build (the first time takes minutes)"
programs="HandleRecorder handlerec leaky uidrive uiread ksim ksimd ksimctl ksimrun"
{
  cmake --preset mingw && cmake --preset native &&
    # shellcheck disable=SC2086
    cmake --build --preset mingw --target $programs && cmake --build --preset native --target handlerec
} >"$work/build.log" 2>&1 || { tail -20 "$work/build.log"; fail "at \"build\": see $work/build.log"; }
echo "   $(stat -c '%n, %s bytes' build/mingw/HandleRecorder.exe)"

hr_say "start the simulated kernel and a screen"
# What a demo left that was killed: programs in its prefix, and a recording that would be offered for saving.
WINEPREFIX=$HR_BUILD/wineprefix-demo wineserver -k 2>/dev/null
rm -rf "$HR_BUILD"/wineprefix-demo/drive_c/users/*/AppData/Local/HandleRecorder
ui_screen demo || fail 'at "set-up": no screen or no Wine prefix'
export UIDRIVE_DESKTOP=hr$UI_DISPLAY
hr_wine_warm
wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
kernel=$!
for _ in $(seq 200); do
  [ "$(timeout 20 wine "$build/ksimctl.exe" sessions </dev/null 2>/dev/null | tr -d '\r')" = "[]" ] && answers=1 && break
  sleep 0.2
done
[ -n "${answers:-}" ] || fail "at \"set-up\": the simulated kernel does not answer: $(cat "$work/ksimd.log")"
setup=$SECONDS

PYTHONPATH=tests/e2e PYTHONDONTWRITEBYTECODE=1 timeout --foreground 400 python3 -u tests/e2e/demo.py
code=$?
[ $code -gt 128 ] && exit $code
[ $code = 124 ] && fail "after 400 s: something hangs"
[ $code = 0 ] || fail "$(cat "$work/failure.txt" 2>/dev/null || echo "with exit code $code")"

if [ -n "$picture" ]; then
  # The window alone, without the desktop around it.
  convert "$shots/05-recording.png" -bordercolor "$(convert "$shots/05-recording.png" -format '%[pixel:p{0,0}]' info:)" \
    -border 1 -fuzz 2% -trim +repage -strip resources/screenshot.png || fail 'at "picture": resources/screenshot.png'
  echo "   resources/screenshot.png: $(identify -format '%wx%h' resources/screenshot.png)"
fi
hr_say "$((SECONDS - setup)) s after $setup s of set-up; the recording and a picture of each step are in $shots"
result="passed: it recorded a leaking program and named the leak"
