#!/usr/bin/env bash
# What counting costs with 10,000 and with 100,000 open handles, as a share of a core and against the bare system call.
# Usage: census.sh [BUILD_DIR] [SECONDS]    under Wine the call's work is mostly the wineserver's, another process
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
build=${1:-$HR_BUILD/mingw}
hr_wine_prefix || exit 1
hr_wine_warm
bad=0
for handles in 10000 100000; do
  timeout 120 wine "$build/bench_census.exe" "$handles" "${2:-12}" </dev/null | tr -d '\r'
  [ "${PIPESTATUS[0]}" = 0 ] || bad=1
done
exit $bad
