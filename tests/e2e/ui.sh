# shellcheck shell=bash disable=SC2034,SC2154
# Starts a Windows program on a screen of its own and drives it with uidrive. Source it after env.sh; needs $build,
# the folder of the programs. UI_DISPLAY may name a display number; otherwise a free one is taken.
#
#   ui_screen [PREFIX]       screen and a Wine prefix of its own, as ui_stop and ui_dpi end all of its programs
#   ui_dpi 144               the DPI of programs that start from now on (96, 120, 144, 192)
#   ui_start EXE ARG...      starts it and sets UI_TARGET, its process id
#   ui CMD ARG...            one uidrive command; `ui -` takes commands from stdin
#   ui_shot FILE.png         the screen as it is
#   ui_xclick ID             a click by the X server's own pointer (xdotool) where uidrive says one can be made
#   ui_xkey KEY...           the same for keys, in xdotool's names (ctrl+s, F5)
#   ui_wait_exit SECONDS     waits for its end; the exit code is in UI_EXIT
#   ui_stop                  ends what is left of it; for a trap

UI_DISPLAY=${UI_DISPLAY:-}
UI_SIZE=${UI_SIZE:-1280x900}
UI_TARGET=
UI_EXIT=
UI_STATE=
UI_HOST=

ui_screen() {
  UI_STATE=$(mktemp -d) || return 1
  hr_screen "$UI_DISPLAY" "$UI_SIZE" || { echo "no screen ${UI_DISPLAY:-is free}" >&2; return 1; }
  UI_DISPLAY=${DISPLAY#:}
  hr_wine_prefix "${1:-ui}"
}

# Windows are laid out for this many dots per inch; the desktop has to start anew to know.
ui_dpi() {
  wineserver -k 2>/dev/null
  wineserver -w
  hr_wineserver
  timeout 60 wine reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d "$1" /f </dev/null >/dev/null 2>&1 &&
    timeout 60 wine reg add 'HKCU\Software\Wine\Fonts' /v LogPixels /t REG_DWORD /d "$1" /f </dev/null >/dev/null 2>&1
}

# A path of Linux for Windows; one of Windows stays as it is.
ui_windows_path() {
  case $1 in
  /*) printf 'Z:%s' "$1" | tr / '\\\\' ;;
  *) printf '%s' "$1" ;;
  esac
}

# Programs beside this one run on the desktop of the same name.
ui() {
  UIDRIVE_DESKTOP=hr$UI_DISPLAY UIDRIVE_TARGET=$UI_TARGET timeout "${UI_LIMIT:-120}" wine "$build/uidrive.exe" "$@"
}

ui_start() {
  local exe=$1 i
  shift
  UI_TARGET=''
  UI_EXIT=''
  rm -f "$UI_STATE/state"
  wine explorer "/desktop=hr$UI_DISPLAY,$UI_SIZE" "$(ui_windows_path "$build/uidrive.exe")" run \
    "$(ui_windows_path "$UI_STATE/state")" "$(ui_windows_path "$exe")" "$@" </dev/null >"$UI_STATE/log" 2>&1 &
  UI_HOST=$!
  for i in $(seq 300); do
    grep -q . "$UI_STATE/state" 2>/dev/null && break
    sleep 0.1
  done
  UI_TARGET=$(sed -n 's/^pid //p' "$UI_STATE/state" | tr -d '\r')
  [ -n "$UI_TARGET" ] && return 0
  echo "not started: $exe: $(cat "$UI_STATE/state" "$UI_STATE/log" 2>/dev/null)" >&2
  return 1
}

ui_shot() { import -window root "$1"; }

ui_xclick() {
  local place
  place=$(ui where "$1" | tr -d '\r') || return 1
  # shellcheck disable=SC2086
  xdotool mousemove $place sleep 0.1 click 1
}

ui_xkey() { xdotool key "$@"; }

ui_wait_exit() {
  local i
  for i in $(seq $(($1 * 10))); do
    UI_EXIT=$(sed -n 's/^exit //p' "$UI_STATE/state" | tr -d '\r')
    [ -n "$UI_EXIT" ] && return 0
    sleep 0.1
  done
  echo "still running after $1 s" >&2
  return 1
}

ui_stop() {
  [ -n "$UI_HOST" ] && kill "$UI_HOST" 2>/dev/null
  [ -n "$UI_TARGET" ] && [ -z "$UI_EXIT" ] && timeout 20 wine taskkill /f /pid "$UI_TARGET" >/dev/null 2>&1
  [ -n "${HR_XVFB:-}" ] && { wineserver -k 2>/dev/null; kill "$HR_XVFB" 2>/dev/null; }
  [ -n "$UI_STATE" ] && rm -rf "$UI_STATE"
  UI_HOST='' UI_TARGET='' UI_STATE='' HR_XVFB=''
}
