#!/usr/bin/env bash
# Counts the handles of a leaky that nothing is injected into, with no simulated kernel, and compares eleven types with an
# enumerator written separately: while it leaks, paused, and done. Then with permuted type numbers, and what 100,000
# handles cost.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../env.sh"
build=$HR_BUILD/mingw
. "$here/../leaky/leaky.sh"
hr_wine_prefix || exit 1
hr_wine_warm
work=$(mktemp -d)
watcher=
failures=0

stop_watcher() {
  [ -n "$watcher" ] || return 0
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  watcher=
}
trap 'stop_watcher; leaky_cleanup; rm -rf "$work"' EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}
check() { python3 "$here/census.py" "$@" || fail "$*"; }
now() { date +%s.%N; }
# exec: the process that is killed is the program's own.
watch() {
  (exec timeout 100 wine "$build/handlerec.exe" types --watch --json --process leaky.exe >"$1" 2>"$1.err" </dev/null) &
  watcher=$!
}
enumerate() { timeout 30 wine "$build/enumhandles.exe" >"$1" || fail "enumhandles"; }
# The process id of leaky, as Windows knows it.
leaky_pid() {
  timeout 30 wine "$build/handlerec.exe" types --json --process leaky.exe |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["processes"][0]["pid"])'
}

leaks=()
for type in Event File Key Thread Process Section Mutant Semaphore Timer Token IoCompletion; do
  leaks+=(--leak "$type:60:10")
done

hr_say "eleven types leak, ten of each a second"
dir=$work/rate
mkdir -p "$dir"
leaky_start "$dir" "${leaks[@]}" --pause-file "Z:$dir/pause" || { fail "no ready"; cat "$dir/leaky.log"; }
pid=$(leaky_pid) || fail "leaky is not found"
watch "$dir/stream"
sleep 2
leaky_release "$dir"
sleep 2.5
enumerate "$dir/growing.json"
time=$(now)
sleep 2.5
touch "$dir/pause"
paused=$(now)
check grew "$dir/stream" "$pid" "$paused"
check match "$dir/stream" "$dir/growing.json" "$pid" "$time"

hr_say "paused"
sleep 5.2
enumerate "$dir/paused.json"
check flat "$dir/stream" "$pid" "$(python3 -c "print($paused + 1.5)")"
check equal "$dir/stream" "$dir/paused.json" "$pid"

hr_say "resumed and done"
rm "$dir/pause"
leaky_wait "$dir" || { fail "no done"; cat "$dir/leaky.log"; }
sleep 2.2
enumerate "$dir/done.json"
check equal "$dir/stream" "$dir/done.json" "$pid"
check truth "$dir/stream" "$dir/truth.json" "$pid"
# Ctrl+C ends watching, and that is no failure.
kill -INT "$watcher"
wait "$watcher"
code=$?
watcher=
[ "$code" = 0 ] || fail "Ctrl+C: exit code $code"

for seed in 1 7 42; do
  hr_say "type numbers permuted with seed $seed"
  # The enumerator, which wants them in the list's order, stops at the first that is not: they are permuted indeed.
  KSIM_PERMUTE_TYPES=$seed timeout 60 wine "$build/ksimrun.exe" --name census-test --server "$build/enumhandles.exe" \
    >/dev/null 2>"$dir/order" </dev/null
  grep 'is number' "$dir/order" || { fail "numbers are not permuted"; cat "$dir/order"; }
  KSIM_PERMUTE_TYPES=$seed timeout 60 wine "$build/ksimrun.exe" --name census-test --server "$build/handlerec.exe" \
    types --json --process "$pid" >"$dir/permuted.json" 2>"$dir/permuted.err" </dev/null ||
    { fail "handlerec with permuted types"; cat "$dir/permuted.err"; }
  check equal "$dir/permuted.json" "$dir/done.json" "$pid"
done
timeout 20 wine "$build/ksimctl.exe" --name census-test quit >/dev/null 2>&1
leaky_end "$dir"
[ "$LEAKY_EXIT" = 0 ] || fail "leaky's exit code is $LEAKY_EXIT"

hr_say "what 100,000 handles cost"
dir=$work/many
leaky_start "$dir" --leak Event:100000 || fail "no ready"
leaky_go "$dir" || fail "no done"
watch "$dir/stream"
sleep 12
check cost "$dir/stream" 100000
stop_watcher
leaky_end "$dir"

[ "$failures" = 0 ] || { printf '%s checks failed\n' "$failures"; exit 1; }
echo "OK: counts are real"
