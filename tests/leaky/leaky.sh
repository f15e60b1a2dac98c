# shellcheck shell=bash disable=SC2034,SC2154
# Starts leaky under Wine and walks it through its barriers. Source it after env.sh and hr_wine_prefix; needs $build,
# the folder of the programs. One leaky at a time per folder.
#
#   leaky_start DIR OPTION...   until "ready": nothing was counted yet
#   leaky_go DIR                lets it work, until "done": all handles are made, none more comes
#   leaky_end DIR               lets it end; its exit code is in LEAKY_EXIT
# leaky_go is leaky_release and leaky_wait. DIR then has truth.json, leaky.log.

LEAKY_PID=

leaky_await() {
  local i
  for i in $(seq 600); do
    [ -e "$1" ] && return 0
    [ -e "$(dirname "$1")/failed" ] && return 1
    kill -0 "$LEAKY_PID" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

leaky_start() {
  local dir=$1
  shift
  mkdir -p "$dir"
  rm -f "$dir"/ready "$dir"/go "$dir"/done "$dir"/end "$dir"/failed
  # LEAKY_UNDER: a launcher, ksimrun.exe for one.
  timeout 120 wine ${LEAKY_UNDER:+"$LEAKY_UNDER"} "$build/leaky.exe" --sync "Z:$dir" --truth "Z:$dir/truth.json" --timeout 100 "$@" \
    >"$dir/leaky.log" 2>&1 </dev/null &
  LEAKY_PID=$!
  leaky_await "$dir/ready"
}

leaky_release() { touch "$1/go"; }
leaky_wait() { leaky_await "$1/done"; }
leaky_go() { leaky_release "$1" && leaky_wait "$1"; }

leaky_end() {
  touch "$1/end"
  wait "$LEAKY_PID"
  LEAKY_EXIT=$?
  LEAKY_PID=
}

# For a trap: ends a leaky that is still there.
leaky_cleanup() {
  [ -n "$LEAKY_PID" ] && kill "$LEAKY_PID" 2>/dev/null
  LEAKY_PID=
}
