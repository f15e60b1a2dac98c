#!/bin/bash
# Makes known handle activity under the simulated kernel, in each of its dialects, and compares what its session counted
# with what was made.
# usage: selftest.sh BUILD_DIR
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../env.sh"
hr_wine_prefix || exit 1
work=$(mktemp -d)
export KSIM_NAME=selftest-$$
wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

control() { timeout 60 wine "$build/ksimctl.exe" --name "$KSIM_NAME" "$@" </dev/null | tr -d '\r'; }

for _ in $(seq 100); do
  control truth >"$work/before.json" 2>/dev/null && [ -s "$work/before.json" ] && break
  sleep 0.2
done

failures=0
run() { # $1 name, rest: environment; the self-test under the kernel, its counts compared
  local name=$1
  shift
  env "$@" timeout 120 wine "$build/ksimrun.exe" "$build/ksim_selftest.exe" "Z:${work//\//\\}\\$name.etl" \
    </dev/null 2>&1 | tr -d '\r' >"$work/$name.log"
  grep -E '^(cost|time):' "$work/$name.log" | sed "s/^/measured: $name: /"
  control truth >"$work/$name.json"
  if ! python3 "$here/selftest.py" "$work/$name.log" "$work/$name.json" "$work/$name.etl"; then
    echo "FAILED: $name"
    tail -20 "$work/$name.log"
    tail -5 "$work/ksimd.log"
    failures=$((failures + 1))
  fi
}

dialects=$(control dialects | python3 -c 'import json, sys; print(*(d["name"] for d in json.load(sys.stdin)))')
[ -n "$dialects" ] || { echo 'FAILED: no dialects'; failures=1; }
for dialect in $dialects; do
  control set dialect "$dialect" >/dev/null || { echo "FAILED: dialect $dialect is refused"; failures=1; }
  run "$dialect"
done

# Rings and real-time sessions through the programs' own calls.
for dialect in default system-header; do
  control set dialect "$dialect" >/dev/null
  mkdir -p "$work/modes-$dialect"
  timeout 120 wine "$build/ksimrun.exe" "$build/ksim_modes.exe" "Z:${work//\//\\}\\modes-$dialect" </dev/null 2>&1 |
    tr -d '\r' >"$work/modes.log"
  grep -qx OK "$work/modes.log" || { echo "FAILED: modes, $dialect"; tail -5 "$work/modes.log"; failures=$((failures + 1)); }
done
run permuted KSIM_PERMUTE_TYPES=7

control quit >/dev/null
[ "$failures" = 0 ] && echo 'OK: the simulated kernel counts what was done'
[ "$failures" = 0 ]
