#!/usr/bin/env bash
# Passes all tests on a fresh Debian machine: installs what is missing, builds every flavour, runs unit tests, analysis,
# fuzzers and the end-to-end tests under Wine. The last line counts them.
#   tests/run.sh [--full] [STEP...]     --full: long tests whole, not a seeded sample; STEP: only these (see --list)
set -u
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$HR_ROOT" || exit 1

passed=0 failed=0 skipped=0
failures=()
only=()
export HR_FULL=${HR_FULL:-}
started=$(date +%s)

count() { # $1 name, $2 exit code: 0 passed, 77 skipped, else failed
  case $2 in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *) failed=$((failed + 1)); failures+=("$1") ;;
  esac
}

attempt() { # the command; name, limit, log, code and t0 are the caller's
  t0=$SECONDS
  timeout --kill-after=20 "$limit" "$@" >"$log" 2>&1 </dev/null
  code=$?
  script_says
}

script() { # $1 name, $2 seconds it may take, rest: the command; its output goes to a log that is shown when it fails
  local name=$1 limit=$2 log=$HR_BUILD/logs/$1.log code t0
  shift 2
  attempt "$@"
  count "$name" "$code"
}

# Like script, for what runs under Wine: its server was seen to crash or to stand still on a busy machine, whatever ran
# on it. A test that fails there is shown, and run once more: that run counts, and the first is told of.
wine_script() {
  local name=$1 limit=$2 log=$HR_BUILD/logs/$1.log code t0
  shift 2
  attempt "$@"
  if [ $code != 0 ] && [ $code != 77 ]; then
    echo "   $name: run once more"
    cp "$log" "$HR_BUILD/logs/$name.first.log"
    # Whatever stands still or is left in its Wine prefix ends first.
    [ -n "${retry_prefix:-}" ] && WINEPREFIX=$HR_BUILD/$retry_prefix wineserver -k >/dev/null 2>&1
    attempt "$@"
  fi
  count "$name" "$code"
}

script_says() { # name, limit, log, code and t0 are the caller's
  printf '   %-28s %s (%d s)\n' "$name" "$(case $code in 0) echo passed ;; 77) echo "skipped: $(tail -1 "$log")" ;; 124 | 137) echo "FAILED: longer than $limit s" ;; *) echo "FAILED: exit code $code" ;; esac)" $((SECONDS - t0))
  case $code in
    0) grep -E '^(size|measured|count|[a-z0-9_]*(ratio|second|mb|used)[a-z0-9_]*): ' "$log" | sed 's/^/      /' ;;
    77) ;;
    *) tail -40 "$log" | sed 's/^/      /' ;;
  esac
}

build() { # $1 preset; a flavour that does not build is one failure and its tests are not run
  local log=$HR_BUILD/logs/build-$1.log
  if cmake --preset "$1" >"$log" 2>&1 && cmake --build --preset "$1" >>"$log" 2>&1; then
    count "build-$1" 0
    return 0
  fi
  grep -E 'error|FAILED|warning' "$log" | head -20
  count "build-$1" 1
  return 1
}

unit() { # $1 preset: builds it and counts each of its tests
  hr_say "$1: build and unit tests"
  build "$1" || return
  local xml=$HR_BUILD/logs/$1.xml line
  local again=()
  [ "$1" = mingw ] && again=(--repeat until-pass:2) # for the reason that wine_script has
  ctest --preset "$1" "${again[@]}" --output-junit "$xml" --timeout 300 >"$HR_BUILD/logs/ctest-$1.log" 2>&1
  line=$(python3 - "$xml" <<'PY'
import sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot()
cases = list(suite.iter("testcase"))
bad = [c.get("name") for c in cases if c.get("status") == "fail"]
skip = [c.get("name") for c in cases if c.get("status") in ("notrun", "disabled") or c.find("skipped") is not None]
print(len(cases) - len(bad) - len(skip), len(bad), len(skip), *bad)
PY
) || line="0 1 0 ctest-$1"
  # shellcheck disable=SC2086
  set -- "$1" $line
  printf '   %s: %d passed, %d failed, %d skipped\n' "$1" "$2" "$3" "$4"
  passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
  [ "$1" = mingw ] && sed -n 's/^.*\(Test *#[0-9]*: [^ ]*\) .*\*\*\*.*/      run once more: \1/p' "$HR_BUILD/logs/ctest-$1.log"
  if [ "$3" != 0 ]; then
    sed -n '/\*\*\*\|\[  FAILED\|\[  ERROR\|error:/p' "$HR_BUILD/logs/ctest-$1.log" | head -60
    failures+=("${@:5}")
  fi
}

step_native() { unit native; }
step_clang() { unit native-clang; }
step_asan() { unit native-asan; }
step_tsan() { unit native-tsan; }

step_mingw() {
  hr_cmocka_mingw || { count cmocka-mingw 1; return; }
  hr_wine_prefix && hr_wine_warm || { count wine-prefix 1; return; }
  unit mingw
}

step_lint() {
  hr_say "format, clang-tidy, layering"
  script lint 600 bash tests/lint.sh
}

step_fuzz() {
  [ -x tests/fuzz/run.sh ] || return
  local seconds=${HR_FUZZ_SECONDS:-$((HR_FULL ? 600 : 5))}
  # A sample looks where it looked before: what is new is found by those who change the code, or by --full.
  [ -n "$HR_FULL" ] || export HR_FUZZ_SEED=${HR_FUZZ_SEED:-1}
  hr_say "fuzzers, $seconds s each"
  script fuzz $((seconds * 20 + 300)) bash tests/fuzz/run.sh "$seconds"
}

# What it takes for a build to be called reproducible: another folder, another day, the same bytes.
step_reproducible() {
  hr_say "a second build gives the same bytes"
  script reproducible 300 bash tests/reproducible.sh
}

# One test after another, in a process of its own: what is counted goes to the file $1.
e2e_lane() {
  local results=$1 t said
  shift
  count() { echo "$1 $2" >>"$results"; }
  for t; do
    said=$(wine_script "$(basename "$t" .sh)" $((HR_FULL ? 3600 : 300)) bash "$t")
    printf '%s\n' "$said"
  done
}

# A Wine prefix is one test's at a time, and all of them mostly wait: there is a lane for each prefix.
step_e2e() {
  hr_say "end-to-end tests: the shipping programs under Wine"
  hr_wine_prefix && hr_wine_warm || { count wine-prefix 1; return; }
  local own screen console results=$HR_BUILD/logs/e2e name code lanes=()
  mapfile -t own < <(grep -l '^ui_screen lists' tests/e2e/test_*.sh)
  mapfile -t screen < <(grep -lE '^ui_screen( \||$)|window\.sh' tests/e2e/test_*.sh)
  mapfile -t console < <(grep -LE '^ui_screen|window\.sh' tests/e2e/test_*.sh)
  rm -f "$results".*
  retry_prefix=wineprefix-lists e2e_lane "$results.lists" "${own[@]}" &
  lanes+=($!)
  retry_prefix=wineprefix-ui e2e_lane "$results.screen" "${screen[@]}" &
  lanes+=($!)
  (retry_prefix=wineprefix e2e_lane "$results.console" "${console[@]}")
  wait "${lanes[@]}"
  while read -r name code; do
    count "$name" "$code"
  done < <(cat "$results.lists" "$results.screen" "$results.console")
}

step_bench() {
  hr_say "measurements"
  script bench-read 200 bash tests/bench/read.sh --figures
  hr_wine_prefix && hr_wine_warm || { count wine-prefix 1; return; }
  script bench-census 200 bash tests/bench/census.sh
  script bench-span 100 bash tests/bench/span.sh
}

step_installer() {
  hr_say "installer and portable archive"
  wine_script installer 300 bash tests/e2e/installer.sh
}

step_demo() {
  hr_say "the demo"
  wine_script demo 400 bash tests/demo.sh
}

steps="native lint clang asan tsan fuzz mingw e2e installer demo reproducible bench"
# These need no Windows program and no quiet machine: in a whole run they use what the others leave of the processors,
# which mostly wait for windows. What is measured runs alone, at the end.
beside="lint asan tsan fuzz"
for arg; do
  case $arg in
    --full) HR_FULL=1 ;;
    --list) echo "$steps"; exit 0 ;;
    -*) echo "usage: tests/run.sh [--full] [--list] [STEP...]" >&2; exit 2 ;;
    *) only+=("$arg") ;;
  esac
done
for s in ${only[@]+"${only[@]}"}; do
  case " $steps " in *" $s "*) ;; *) echo "no such step: $s ($steps)" >&2; exit 2 ;; esac
done

# $1: its log. This script again, for the steps beside; it says what it counted in its last line.
run_beside() {
  local idle="nice -n 19"
  chrt --idle 0 true 2>/dev/null && idle="chrt --idle 0"
  # shellcheck disable=SC2086
  HR_BESIDE=1 $idle bash tests/run.sh $beside >"$1" 2>&1 </dev/null
}

count_beside() { # $1: its log
  local p f s
  sed '$d' "$1"
  read -r p f s < <(sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$1")
  [ -n "${s:-}" ] || { tail -5 "$1"; count beside 1; return; }
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  # shellcheck disable=SC2207
  failures+=($(sed -n 's/^failed: //p' "$1"))
}

mkdir -p "$HR_BUILD/logs"
if [ -z "${HR_BESIDE:-}" ]; then
  hr_say "Handle Recorder: all tests${HR_FULL:+, in full}"
  hr_packages || { echo "Packages could not be installed."; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
  # clang-tidy and the reproducibility check read the other builds' files, so these are configured first.
  hr_cmocka_mingw || true
  cmake --preset native-clang >/dev/null 2>&1
  cmake --preset mingw >/dev/null 2>&1
fi
aside=
trap '[ -z "$aside" ] || kill "$aside" 2>/dev/null' EXIT
for s in $steps; do
  if [ ${#only[@]} != 0 ]; then
    case " ${only[*]} " in *" $s "*) "step_$s" ;; esac
    continue
  fi
  case " $beside " in *" $s "*) continue ;; esac
  [ "$s" = clang ] && [ -z "$HR_FULL" ] && continue # the sanitizers' builds are clang's, with the same warnings
  if [ -n "$aside" ] && [ "$s" = reproducible ]; then
    wait "$aside"
    count_beside "$HR_BUILD/logs/beside.log"
  fi
  "step_$s"
  if [ -z "$aside" ]; then # after the first step: what does not even build natively is told at once
    run_beside "$HR_BUILD/logs/beside.log" &
    aside=$!
  fi
done
[ -n "${HR_BESIDE:-}" ] || WINEPREFIX=$HR_BUILD/wineprefix wineserver -k >/dev/null 2>&1

[ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[*]}"
hr_say "took $((($(date +%s) - started) / 60)) min $((($(date +%s) - started) % 60)) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
