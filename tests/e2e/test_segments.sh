#!/usr/bin/env bash
# Records in segments over the simulated kernel, a new file every MB. First all are kept: what the kernel logged is in one
# of them, and what it did not log came in gaps no longer than what the recorder says. Then old ones are deleted: a leak
# that began in the first file still names its creator.
# HR_FULL=1: 1,000 segments, otherwise 40.
# usage: test_segments.sh [DIALECT]
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"
export KSIM_CONNECTIONS=32
dialect=${1:-default}
wanted=40
[ -n "${HR_FULL:-}" ] && wanted=1000

# The numbers that the recorder shows on a terminal while it runs, as it wrote them last.
shown() { tr '\r' '\n' <"$1/terminal.txt" | sed -n "s/.*, \([0-9]*\) files, gap \([0-9]*\) ms.*/\\$2/p" | tail -1; }

record_segments() { # DIR SEGMENTS OPTION...: a leak in the first one, then as many events as make so many
  local dir=$1 segments=$2 rounds=0 recorder early
  shift 2
  kernel_speaks "$dialect" spread 5 || return 1
  mkdir -p "$dir"
  : >"$dir/terminal.txt"
  PRESS_SECONDS=3000 timeout 3100 python3 "$HR_ROOT/tests/e2e/press.py" "$dir/press" "$dir/terminal.txt" wine "$build/ksimrun.exe" \
    "$build/handlerec.exe" record --profile "Z:$work/file.wprp" --segment 1MB -o "Z:$dir/s.etl" "$@" &
  recorder=$!
  ends=("$recorder")
  for _ in $(seq 400); do
    grep -q 'Recording' "$dir/terminal.txt" && break
    sleep 0.1
  done
  grep -q 'Recording' "$dir/terminal.txt" || { fail "it does not record"; cat "$dir/terminal.txt"; return 1; }
  leaky_start "$dir/early" --leak Semaphore:12 --leak Mutant:7 --leak Timer:30 --leak Event:5 --list &&
    leaky_go "$dir/early" || fail "leaky is not done: $(cat "$dir/early/leaky.log")"
  early=$LEAKY_PID
  ends+=("$early")
  LEAKY_PID=
  while [ "0$(shown "$dir" 1)" -lt "$segments" ]; do
    rounds=$((rounds + 1))
    [ $rounds -gt $((segments / 5 + 10)) ] && { fail "only $(shown "$dir" 1) segments"; break; }
    leaky_start "$dir/churn" --churn Section:9000:5000 --churn Event:9000:5000 --depth 120 && leaky_go "$dir/churn" ||
      { fail "leaky is not done: $(cat "$dir/churn/leaky.log")"; break; }
    leaky_end "$dir/churn"
  done
  touch "$dir/press"
  wait "$recorder" || { fail "exit code of handlerec record $?"; tail -c 2000 "$dir/terminal.txt"; }
  no_session "$dir"
  sim truth >"$dir/kernel.json"
  touch "$dir/early/end"
  wait "$early"
  ends=()
}

compare() { # WHAT...
  python3 "$HR_ROOT/tests/e2e/compare_ring.py" "$@" >"$work/compared.txt" || { fail "$1"; cat "$work/compared.txt"; }
  sed 's/^/measured: /' "$work/compared.txt" | tail -1
}

# With small buffers the files are not much larger than wanted.
small_buffers "$work/file.wprp" File 64

# 1. All are kept.
dir=$work/all
record_segments "$dir" "$wanted" && {
  { # handlerec info of each by itself
    echo '['
    separator=
    for file in "$dir"/s*.etl; do
      printf '%s' "$separator"
      "$native/handlerec" info --json "$file" || fail "info of $file: exit code $?"
      separator=,
    done
    echo ']'
  } >"$dir/counts.json"
  compare segments "$dir/kernel.json" "$dir/counts.json" "$(shown "$dir" 1)" "$(shown "$dir" 2)"
}
rm -rf "$dir"

# 2. Old ones are deleted.
dir=$work/some
record_segments "$dir" $((wanted / 5)) --keep 5 && {
  files=("$dir"/s*.etl)
  [ "${#files[@]}" -lt $((wanted / 5)) ] || fail "${#files[@]} files are left of $(shown "$dir" 1)"
  "$native/handlerec" report --format json -o "$dir/report.json" "${files[@]}" || fail "report: exit code $?"
  compare carried "$dir/report.json" "$build/leaky.exe" "$dir/early"
  echo "count: ${#files[@]} files are left of $(shown "$dir" 1)"
}
kernel_stop

[ "$failures" = 0 ] && echo 'OK: segments lose nothing but what they say'
exit $((failures > 0))
