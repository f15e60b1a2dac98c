#!/usr/bin/env bash
# Measures how fast a report is made: figures one a line, the file's plain reading measured alternately in the same run.
# usage: tests/bench/read.sh [ROUNDS]      builds build/native; needs 2.5 GB in build/bench (deleted at the end)
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
build=$root/build/native
dir=$root/build/bench
mkdir -p "$dir"
trap 'rm -rf "$dir"' EXIT
cmake --preset native >/dev/null && ninja -C "$build" handlerec bench_trace >/dev/null || exit 1
"$build/bench_trace" "$dir/1.etl" 1 || exit 1
"$build/bench_trace" "$dir/4.etl" 4 || exit 1
python3 - "$build/handlerec" "$dir" "${1:-3}" <<'PY'
import json, os, subprocess, sys, time

handlerec, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])


def plain(path):
    start = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        room = bytearray(1 << 20)
        while file.readinto(room):
            pass
    return time.perf_counter() - start


def report(path):
    """Seconds and peak memory in MB of the shipping program."""
    start = time.perf_counter()
    out = os.open(os.devnull, os.O_WRONLY)
    child = subprocess.Popen([handlerec, "report", "--totals", "type", path], stdout=out)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    os.close(out)
    if status:
        sys.exit(f"handlerec report failed: {status}")
    return seconds, usage.ru_maxrss / 1024


def measure(name):
    path = f"{folder}/{name}.etl"
    size = os.path.getsize(path)
    plain(path)  # into the page cache
    reads, reports, peak = [], [], 0
    for _ in range(rounds):
        reads.append(plain(path))
        seconds, memory = report(path)
        reports.append(seconds)
        peak = max(peak, memory)
    return size, min(reads), min(reports), peak


size, read, seconds, peak = measure("1")
events = 2000000
print(f"events_per_second: {events / seconds:.0f}")
print(f"mb_per_second: {size / seconds / 1e6:.0f}")
print(f"peak_mb: {peak:.0f}")
print(f"ratio_to_plain_read: {read / seconds:.3f}")
size4, read4, seconds4, peak4 = measure("4")
print(f"events_per_second_4x: {4 * events / seconds4:.0f}")
print(f"ratio_to_plain_read_4x: {read4 / seconds4:.3f}")
print(f"peak_mb_4x: {peak4:.0f}")
if peak4 > peak * 1.1 + 8:
    sys.exit(f"peak memory grew with the file: {peak:.0f} MB, {peak4:.0f} MB at four times the length")
if read / seconds < 0.1:
    sys.exit("slower than a tenth of a plain read")
PY
