#!/usr/bin/env bash
# Records to memory rings over the simulated kernel. First a ring of 2 MB under far more events than it holds: early
# creates are gone, the report says so, and no leak is one that leaky does not know of. Then snapshots every 100 ms while
# leaky works, and the final save: read together they are one story, in which each event happens once.
# HR_FULL=1: 50 MB of events and every dialect of the simulated kernel, otherwise a sample of dialects by HR_SEED.
# usage: test_ring.sh [DIALECT...]
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"
export KSIM_CONNECTIONS=32
seed=${HR_SEED:-$(date +%j)}

leak() { # DIR OPTION...: a leaky that has done its work and stays
  local dir=$1
  leaky_start "$@" && leaky_go "$dir" || { fail "$dir: leaky is not done"; cat "$dir/leaky.log"; }
}

leave() { # a leaky that stays, for later
  ends+=("$LEAKY_PID")
  LEAKY_PID=
}

ring_start() { # DIR DIALECT OPTION...
  local dir=$1 dialect=$2
  shift 2
  kernel_speaks "$dialect" spread 5 || return 1
  record_start "$dir" -o "Z:$dir/ring.etl" "$@" || { fail "$dialect: it does not record"; cat "$dir/record.err"; return 1; }
}

ring_stop() { # DIR DIALECT
  record_stop
  [ "$RECORD_EXIT" = 0 ] || { fail "$2: exit code of handlerec record $RECORD_EXIT"; cat "$1/record.err"; }
  no_session "$2"
  sim truth >"$1/kernel.json"
}

compare() { # DIALECT WHAT...
  local dialect=$1 code
  shift
  python3 "$HR_ROOT/tests/e2e/compare_ring.py" "$@" >"$work/compared.txt"
  code=$?
  [ $code = 0 ] || { fail "$dialect: $1"; cat "$work/compared.txt"; }
  sed "s/^/measured: $dialect: /" "$work/compared.txt" | tail -1
}

# Both runs of leaky that stay have handles of types that nobody else has; the one between makes them by the thousand.
too_small() { # DIALECT
  local dialect=$1 dir=$work/small-$1 churn=5000 megabytes=7
  [ -n "${HR_FULL:-}" ] && churn=38000 megabytes=50
  ring_start "$dir" "$dialect" --profile "Z:$work/small.wprp" || return
  leak "$dir/early" --leak Semaphore:120 --leak Mutant:40 --leak Event:300 --list
  leave
  leak "$dir/churn" --churn "Semaphore:$churn" --churn "Mutant:$churn" --churn Timer:500 --depth 80
  leaky_end "$dir/churn"
  leak "$dir/late" --leak Timer:17 --leak Section:9 --leak Event:21 --list
  leave
  ring_stop "$dir" "$dialect"
  touch "$dir/early/end" "$dir/late/end"
  wait "${ends[@]}"
  ends=()
  "$native/handlerec" report --format json -o "$dir/report.json" "$dir/ring.etl" || fail "$dialect: report: exit code $?"
  "$native/handlerec" report -o "$dir/report.txt" "$dir/ring.etl"
  grep -q '^The ring begins at .* have no create in it' "$dir/report.txt" ||
    { fail "$dialect: the report does not say what the ring lacks"; head -12 "$dir/report.txt"; }
  compare "$dialect" kept "$dir/report.json" "$dir/kernel.json" "$build/leaky.exe" "$megabytes" "$dir/early" "$dir/late"
}

snapshots() { # DIALECT
  local dialect=$1 dir=$work/snapshots-$1 count
  ring_start "$dir" "$dialect" --ring 16 --stacks create,close,duplicate --snapshot-every 100ms || return
  leak "$dir/one" --leak Event:81:200 --churn Section:400:800 --race 3:20 --inherit 7 --duplicate 9 --new-thread 5 --list
  leaky_end "$dir/one"
  leak "$dir/two" --leak Key:30 --leak Semaphore:150:300 --churn Mutant:300 --threads 4 --depth 40 --named --list
  leaky_end "$dir/two"
  ring_stop "$dir" "$dialect"
  count=$(ls "$dir"/ring.snapshot-*.etl 2>/dev/null | wc -l)
  [ "$count" -ge 5 ] || { fail "$dialect: only $count snapshots"; cat "$dir/record.err"; }
  # As many files as are read together at most, the last ones.
  mapfile -t files < <(ls -v "$dir"/ring.snapshot-*.etl | tail -60)
  timeout 120 wine "$build/handlerec.exe" report --format json -o "Z:$dir/report.json" "${files[@]/#/Z:}" \
    "Z:$dir/ring.etl" </dev/null || fail "$dialect: report: exit code $?"
  compare "$dialect: $count snapshots" snapshots "$dir/report.json" "$dir/kernel.json" "$build/leaky.exe" "$dir/one" "$dir/two"
}

# 2 MB in buffers that are small enough for several on each processor.
small_buffers "$work/small.wprp" Memory 32

kernel_start || exit 1
mapfile -t all < <(sim dialects | python3 -c 'import json, sys; print(*[d["name"] for d in json.load(sys.stdin)], sep="\n")')
[ "${#all[@]}" -gt 0 ] || { echo 'FAILED: no dialects'; exit 1; }
if [ $# -gt 0 ]; then
  small=("$@") shots=("$@")
elif [ -n "${HR_FULL:-}" ]; then
  small=("${all[@]}") shots=("${all[@]}")
else
  echo "count: dialects chosen with HR_SEED=$seed"
  small=("${all[$((10#$seed % ${#all[@]}))]}")
  shots=("${all[$(((10#$seed + 4) % ${#all[@]}))]}")
fi
for dialect in "${small[@]}"; do too_small "$dialect"; done
for dialect in "${shots[@]}"; do snapshots "$dialect"; done
kernel_stop

echo "count: ${#small[@]} small rings and ${#shots[@]} rings with snapshots, $failures failures"
[ "$failures" = 0 ]
