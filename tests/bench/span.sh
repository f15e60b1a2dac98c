#!/usr/bin/env bash
# Measures how much longer the same ring memory lasts with a type filter and without close stacks than with what WPR's
# Handle profile records (all types; stacks of create, close and duplicate). One workload goes through the simulated
# kernel's ring in each case; what the ring still holds at the end is read from the flushed file. Figures one a line.
# usage: tests/bench/span.sh      builds build/native
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
cmake --preset native >/dev/null && ninja -C build/native bench_span >/dev/null || exit 1
build/native/bench_span
