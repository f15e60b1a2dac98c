#!/bin/bash
# Asks the running simulated kernel for faults, and checks that programs under it meet them.
# usage: knobs.sh BUILD_DIR
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../env.sh"
hr_wine_prefix || exit 1
work=$(mktemp -d)
export KSIM_NAME=knobs-$$
wine "$build/ksimd.exe" --name "$KSIM_NAME" processors=2 dialect=joined </dev/null >"$work/ksimd.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

# Outputs go through files: a wineserver that starts here would keep a pipe open for ever.
control() { timeout 60 wine "$build/ksimctl.exe" "$@" </dev/null >"$work/control" 2>&1; tr -d '\r' <"$work/control"; }
# The self-test under the kernel; its last line.
made() {
  timeout 120 wine "$build/ksimrun.exe" "$@" "$build/ksim_selftest.exe" "Z:${work//\//\\}\\x.etl" </dev/null >"$work/made" 2>&1
  tr -d '\r' <"$work/made" | tail -1
}

failures=0
expect() { # $1 what, $2 wanted, $3 got
  [ "$2" = "$3" ] && return
  echo "FAILED: $1: expected '$2', got '$3'"
  failures=$((failures + 1))
}

for _ in $(seq 100); do
  [ "$(control sessions)" = '[]' ] && break
  sleep 0.2
done
expect 'unknown setting' 'no such setting' "$(control set nonsense 1)"
control set fail StartTrace 1 1450
expect 'a failing call' 'FAILED: StartTraceW (1450)' "$(made)"
expect 'nothing started' '[]' "$(control sessions)"
control set die StartTrace 1 after
expect 'a caller that dies' '' "$(made)"
expect 'its session goes on' 1 "$(control sessions | grep -c 'kernelsim self-test')"
expect 'the name is taken' 'FAILED: StartTraceW (183)' "$(made)"
control end-session 'kernelsim self-test'
expect 'the session has ended' '[]' "$(control sessions)"
control set hang ControlTrace:STOP 1
made >"$work/hung" &
for _ in $(seq 200); do
  control calls | grep -q 'ControlTrace:STOP' && break
  sleep 0.2
done
expect 'the call hangs' 1 "$(control sessions | grep -c 'kernelsim self-test')"
control release
wait $!
expect 'a call released' 'made' "$(cat "$work/hung")"
expect 'stopped after the release' '[]' "$(control sessions)"
expect 'without rights' 'FAILED: StartTraceW (5)' "$(made --not-elevated)"
control set disk-full 1
expect 'a full disk' 'FAILED: StartTraceW (112)' "$(made)"
control reset
expect 'after a reset' 'made' "$(made)"
control quit
[ "$failures" = 0 ] && echo 'OK: faults arrive as they were asked for'
[ "$failures" = 0 ]
