#!/usr/bin/env bash
# Runs one test of the window, window_NAME.py, on a screen of its own over a simulated kernel of its own.
# usage: window.sh NAME [PART]; WINDOW_DPI: at this DPI instead of 96
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../env.sh"
. "$here/ui.sh"
export build=$HR_BUILD/mingw shots=$HR_BUILD/e2e/window
export work=$HR_BUILD/e2e/work-$1
rm -rf "$work" && mkdir -p "$work" "$shots" || exit 1
server=
clean_up() {
  [ -n "$server" ] && timeout 20 wine "$build/ksimctl.exe" quit </dev/null >/dev/null 2>&1
  [ -z "${WINDOW_DPI:-}" ] || ui_dpi 96
  ui_stop
}
trap clean_up EXIT
ui_screen || exit 1
[ -z "${WINDOW_DPI:-}" ] || ui_dpi "$WINDOW_DPI" || exit 1
export UI_SIZE UIDRIVE_DESKTOP=hr$UI_DISPLAY KSIM_NAME=window-$$
hr_wine_warm
wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  timeout 20 wine "$build/ksimctl.exe" sessions </dev/null >/dev/null 2>&1 && break
  sleep 0.1
done
PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1 python3 -u "$here/window_$1.py" "${@:2}"
