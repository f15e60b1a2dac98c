#!/usr/bin/env bash
# The truth in every dialect of the simulated kernel: leaky's handles of eleven types
# are recorded by handlerec, and the file says exactly what leaky did.
# Usage: test_dialects.sh [BUILD_DIR] [DIALECT...]    needs the native build's handle_lives
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
build=$(cd "${1:-$HR_BUILD/mingw}" && pwd) || exit 1
shift $(($# > 0))
. "$HR_ROOT/tests/leaky/leaky.sh"
hr_wine_prefix || exit 1
work=$(mktemp -d)
export KSIM_NAME=dialects-$$
export LEAKY_UNDER=$build/ksimrun.exe
failures=0

control() { timeout 30 wine "$build/ksimctl.exe" "$@" </dev/null | tr -d '\r'; }
clean() {
  leaky_cleanup
  control quit >/dev/null 2>&1
  rm -rf "$work"
}
trap clean EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

leaks=()
n=20
for type in Event File Key Thread Process Section Mutant Semaphore Timer Token IoCompletion; do
  n=$((n + 3))
  leaks+=(--leak "$type:$n")
  case $type in
  Thread | Process) leaks[-1]=$type:4 ;;
  esac
done

try() { # dialect
  local dir=$work/$1 recorder i
  mkdir -p "$dir"
  rm -rf "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder/parts
  control set dialect "$1" >/dev/null || { fail "$1: the kernel does not know it"; return; }
  leaky_start "$dir" "${leaks[@]}" --churn Event:50 --threads 4 --list ||
    { fail "$1: leaky is not ready: $(cat "$dir/leaky.log")"; return; }
  python3 "$HR_ROOT/tests/e2e/press.py" "$dir/press" "$dir/terminal.txt" wine "$build/ksimrun.exe" "$build/handlerec.exe" \
    record --stacks create,close,duplicate -o "Z:$dir/leak.etl" &
  recorder=$!
  for i in $(seq 300); do
    grep -qs 'Recording 0:0' "$dir/terminal.txt" && break
    sleep 0.1
  done
  leaky_go "$dir" || fail "$1: leaky did not do its work: $(cat "$dir/leaky.log")"
  touch "$dir/press"
  wait "$recorder" || fail "$1: the recorder's exit code is $?: $(cat "$dir/terminal.txt")"
  leaky_end "$dir"
  "$HR_BUILD/native/handle_lives" "$dir/leak.etl" leaky.exe >"$dir/lives.jsonl" || fail "$1: handle_lives"
  printf -- '-- %s\n' "$1"
  python3 "$HR_ROOT/tests/e2e/compare_truth.py" "$dir/truth.json" "$dir/lives.jsonl" "$build/leaky.exe" ||
    fail "$1: truth and recording differ"
}

wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
for _ in $(seq 100); do
  control sessions 2>/dev/null | grep -q '\[' && break
  sleep 0.1
done
all=$(control dialects | python3 -c 'import json, sys; print(*(d["name"] for d in json.load(sys.stdin)))')
[ -n "$all" ] || fail "no dialects"
for dialect in ${*:-$all}; do
  try "$dialect"
done

[ "$failures" = 0 ] && echo "OK: truth and recording agree in these dialects: ${*:-$all}"
exit $((failures > 0))
