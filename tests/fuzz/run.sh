#!/usr/bin/env bash
# Builds the fuzzers and runs each for a while from seeds made at run time.
# Usage: tests/fuzz/run.sh SECONDS_EACH [FUZZER...]    HR_FUZZ_SEED makes a run repeatable
# Inputs that are found to be interesting are kept in build/native-fuzz/corpus; what fails is kept in .../failures.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/native-fuzz
seconds=${1:?Usage: tests/fuzz/run.sh SECONDS_EACH [FUZZER...]}
shift
cd "$root" || exit 1
cmake --preset native-fuzz >/dev/null || exit 1
all=$(sed -n 's/^hr_fuzz(\([a-z_]*\) .*/\1/p' "$root/tests/fuzz/CMakeLists.txt")
fuzzers=${*:-$all}
# shellcheck disable=SC2086
ninja -C "$build" $fuzzers >"$build/fuzz-build.log" 2>&1 || { tail -30 "$build/fuzz-build.log"; exit 1; }
python3 "$root/tests/fuzz/seeds.py" "$build/seeds" || exit 1
failed=0
for name in $fuzzers; do
  mkdir -p "$build/corpus/$name" "$build/seeds/$name" "$build/failures"
  log=$build/$name.log
  "$build/$name" -max_total_time="$seconds" -seed="${HR_FUZZ_SEED:-0}" -max_len=16384 -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$build/failures/$name-" "$build/corpus/$name" "$build/seeds/$name" >"$log" 2>&1
  code=$?
  execs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -1)
  echo "size: $name ${seconds} s, ${execs:-?} executions, ${cover:-cov: ?}, corpus of $(find "$build/corpus/$name" -type f | wc -l) inputs, exit $code"
  if [ "$code" != 0 ]; then
    failed=1
    tail -40 "$log"
  fi
done
exit $failed
