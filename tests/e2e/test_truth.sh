#!/usr/bin/env bash
# Records leaky over the simulated kernel, in each of the kernel's dialects, and compares what leaky says it did with
# the live counts and with the recording: exactly. HR_FULL=1: every mode of leaky by itself in every dialect.
# usage: test_truth.sh [DIALECT...]
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"
# No handle of the simulated kernel's own may appear between two counts.
export KSIM_CONNECTIONS=32
compared=0

leaks=() churns=()
n=5
for type in Event File Key Thread Process Section Mutant Semaphore Timer Token IoCompletion; do
  n=$((n + 3))
  leaks+=(--leak "$type:$n")
  churns+=(--churn "$type:$((n * 2))")
done

# The modes of leaky by name: options in MODE, the exit code that is right in MODE_EXIT.
mode_options() {
  MODE_EXIT=0
  case $1 in
    everything) MODE=("${leaks[@]}" "${churns[@]}" --race 3:20 --inherit 7 --duplicate 9 --new-thread 5 --new-process 2 --list) ;;
    types) MODE=("${leaks[@]}" --list) ;;
    churn) MODE=("${churns[@]}" --named) ;;
    threads) MODE=(--leak Event:401 --leak Key:50 --churn Mutant:300 --threads 4 --depth 40 --named --list) ;;
    shared-name) MODE=(--leak Event:20 --leak Section:7 --shared-name) ;;
    race) MODE=(--race 4:50 --list) ;;
    children) MODE=(--inherit 17 --duplicate 23) ;;
    new-thread) MODE=(--new-thread 9) ;;
    new-process) MODE=(--new-process 2) ;;
    close-late) MODE=(--leak Event:60 --leak Token:20 --leak File:11 --close-late 1 --list) ;;
    abort) MODE=(--leak Event:5 --leak Timer:7 --abort) MODE_EXIT=3 ;;
    terminated) MODE=(--leak Event:5 --leak File:6 --churn Semaphore:9 --terminated) ;;
  esac
}

count_live() { timeout 60 wine "$build/ksimrun.exe" "$build/handlerec.exe" types --json --process leaky.exe </dev/null; }

leak_start() { # $1 folder, $2 mode
  mode_options "$2"
  leaky_start "$1" "${MODE[@]}" || { fail "$1: leaky is not ready"; cat "$1/leaky.log"; return 1; }
}

leak() { # $1 folder, of a leaky that is ready
  local dir=$1
  count_live >"$dir/before.json" || fail "$dir: handlerec types before"
  leaky_go "$dir" || { fail "$dir: leaky is not done"; cat "$dir/leaky.log"; return 1; }
  count_live >"$dir/after.json" || fail "$dir: handlerec types after"
  leaky_end "$dir"
  [ "$LEAKY_EXIT" = "$MODE_EXIT" ] || fail "$dir: leaky's exit code $LEAKY_EXIT, expected $MODE_EXIT"
}

record_modes() { # $1 dialect, rest: modes; one recording of them all
  local dialect=$1 dir=$work/$1 mode folders=()
  shift
  kernel_speaks "$dialect" || return
  # The first leaky is there before the recording begins, the others come while it runs.
  leak_start "$dir/$1" "$1" || return
  record_start "$dir" --stacks create,close,duplicate -o "Z:$dir/leaky.etl" ||
    { fail "$dialect: it does not record"; cat "$dir/record.err"; return; }
  for mode; do
    [ "$mode" = "$1" ] || leak_start "$dir/$mode" "$mode" || continue
    leak "$dir/$mode" && folders+=("$dir/$mode")
  done
  record_stop
  [ "$RECORD_EXIT" = 0 ] || { fail "$dialect: exit code of handlerec record $RECORD_EXIT"; cat "$dir/record.err"; }
  no_session "$dialect"
  sim truth >"$dir/kernel.json"
  if ! "$native/handlerec" info --json "$dir/leaky.etl" >"$dir/info.json" ||
    ! "$native/handlerec" dump --json "$dir/leaky.etl" >"$dir/events.json"; then
    fail "$dialect: the recording cannot be read"
    return
  fi
  echo "$dialect: ${*}"
  python3 "$HR_ROOT/tests/e2e/compare_truth.py" "$dir" "$build/leaky.exe" "${folders[@]}" >"$dir/compared.txt" ||
    { fail "$dialect: truth, live counts and recording do not agree"; keep "$dir"; }
  # One dialect's table is shown in the test run's own output, of the others the sums.
  if [ "$dialect" = default ]; then sed '/^  other:/!s/^/measured: /' "$dir/compared.txt"; else sed "s/^sums:/measured: $dialect:/" "$dir/compared.txt"; fi
  # By the shipping program: names of functions come from the system's symbol library.
  timeout 120 wine "$build/handlerec.exe" report --format json -o "Z:$dir/report.json" "Z:$dir/leaky.etl" </dev/null &&
    python3 "$HR_ROOT/tests/e2e/compare_report.py" "$dir/report.json" "$dir/kernel.json" "$build/leaky.exe" \
      "${folders[@]}" >"$dir/report.txt" ||
    { fail "$dialect: truth and report do not agree"; keep "$dir"; }
  sed -n "s/^report:/measured: $dialect: report:/p" "$dir/report.txt"
  [ "$dialect" != default ] || every_form_names "$dir"
  compared=$((compared + ${#folders[@]}))
  rm -f "$dir/leaky.etl" "$dir/events.json"
}

read_with() { # $1 name of the output, rest: arguments of handlerec; its stderr beside it
  local out=$1
  shift
  timeout 120 wine "$build/handlerec.exe" "$@" </dev/null >"$out" 2>"$out.err" ||
    fail "handlerec $*: exit code $?: $(cat "$out.err")"
}

# Functions are named in every form, by the rules of --symbols and --symbols-timeout.
every_form_names() { # $1 folder
  local form etl=Z:$1/leaky.etl said
  for form in text csv html; do
    read_with "$1/named.$form" report --process leaky.exe --stacks --top 100 --format "$form" "$etl"
    grep -q 'leaky.exe!LeakEvent+0x' "$1/named.$form" || fail "$form does not name LeakEvent"
  done
  said=$(wc -l <"$1/named.text.err")
  [ "$said" = 1 ] || fail "$said lines on stderr, expected 1: $(cat "$1/named.text.err")"
  read_with "$1/named.dump" dump --stack LeakEvent "$etl"
  [ "$(grep -c 'leaky.exe!LeakEvent+0x' "$1/named.dump")" = "$(wc -l <"$1/named.dump")" ] &&
    [ -s "$1/named.dump" ] || fail "dump --stack LeakEvent: $(head -3 "$1/named.dump")"
  read_with "$1/unnamed" report --process leaky.exe --symbols-timeout 0 "$etl"
  grep -q 'leaky.exe+0x' "$1/unnamed" && ! grep -q '!' "$1/unnamed" && [ ! -s "$1/unnamed.err" ] ||
    fail "--symbols-timeout 0: $(grep -m1 '!' "$1/unnamed") $(cat "$1/unnamed.err")"
}

keep() { # what a failure was about
  mkdir -p "$HR_BUILD/logs/truth" && cp -r "$1" "$HR_BUILD/logs/truth/"
}

kernel_start || exit 1
dialects=$(sim dialects | python3 -c 'import json, sys; print(*[d["name"] for d in json.load(sys.stdin)])') || exit 1
[ $# = 0 ] || dialects=$*
rm -rf "$HR_BUILD/logs/truth"
ends=(close-late terminated abort threads race shared-name)
i=0
for dialect in $dialects; do
  if [ "${HR_FULL:-}" ]; then
    record_modes "$dialect" everything types churn threads shared-name race children new-thread new-process \
      close-late abort terminated
  else
    record_modes "$dialect" everything "${ends[$((i % ${#ends[@]}))]}" "${ends[$(((i + 1) % ${#ends[@]}))]}"
  fi
  i=$((i + 1))
done
kernel_stop

echo "count: $compared runs of leaky compared in $(wc -w <<<"$dialects") dialects, $failures failures"
[ "$compared" -gt 0 ] && [ "$failures" = 0 ]
