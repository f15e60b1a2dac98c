#!/usr/bin/env bash
# Measures how fast a report is made: figures one a line, the file's plain reading measured alternately in the same run.
# usage: tests/bench/read.sh [--figures] [ROUNDS]      9 rounds, with HR_FULL=1 25; builds build/native; needs 2 GB in
#                                                      build/bench (deleted at the end)
# Exit 1 when peak memory grows with the file, or below a tenth of a plain read; with --figures that only shows, as in a
# run of all tests: no test fails because a machine was busy.
# What is measured: the shipping program from its start to its end, `handlerec report` without options (leaks by the code
# that opened the handles: all stacks are followed) of a file that is in the page cache. The best round counts, because
# what disturbs a round only ever makes it slower; the first ones are slower where the system has to find the memory.
# Compared with: read() of the same file from its beginning to its end into one buffer of 1 MB that is used again and
# again. That is the fastest plain reading there is on the machines tried (smaller blocks cost calls, larger ones leave
# the processor's cache), so the ratio is the strictest. Every event is of the same form: 3 creates with a stack of 24
# frames to a bare close.
# Figures with "totals" are those of `--totals type`, which needs no frames: none are followed for it.
# What bounds it: two threads that both wait for memory. One copies the file in and hashes and moves the frames (about
# as much of its time goes to each of copying, ordering and moving); one follows the handles, of which each touches a
# slot, a life and a group that lie all over some 80 MB. The last quarter of the time is one thread's: a million handles
# that are open at the end are counted, and the groups sorted.
# Figures with "keys" are of stacks as a system that caches them tells them: by a key, and the key's frames when it leaves
# the cache, after which it means another stack; by code too.
# cores_used is processor time through elapsed time: one thread reads, merges and takes apart, one follows the handles.
set -u
judge=1
[ "${1:-}" = --figures ] && { judge=0; shift; }
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
build=$root/build/native
dir=$root/build/bench
mkdir -p "$dir"
trap 'rm -rf "$dir"' EXIT
cmake --preset native >/dev/null && ninja -C "$build" handlerec bench_trace >/dev/null || exit 1
"$build/bench_trace" "$dir/1.etl" 1 || exit 1
"$build/bench_trace" "$dir/4.etl" 4 || exit 1
"$build/bench_trace" "$dir/1_keys.etl" 1 keys || exit 1
"$build/bench_trace" "$dir/4_keys.etl" 4 keys || exit 1
python3 - "$build/handlerec" "$dir" "${1:-$([ "${HR_FULL:-0}" = 1 ] && echo 25 || echo 9)}" $judge <<'PY'
import json, os, subprocess, sys, time

handlerec, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
judge = sys.argv[4] == "1"


def plain(path):
    start = time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        room = bytearray(1 << 20)
        while file.readinto(room):
            pass
    return time.perf_counter() - start


def report(path, *options):
    """Seconds, seconds of processors and peak memory in MB of the shipping program."""
    start = time.perf_counter()
    out = os.open(os.devnull, os.O_WRONLY)
    child = subprocess.Popen([handlerec, "report", *options, path], stdout=out)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    os.close(out)
    if status:
        sys.exit(f"handlerec report failed: {status}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure(length):
    """Prints the figures of one file and returns its ratio and peak memory."""
    path = f"{folder}/{length}.etl"
    size, events = os.path.getsize(path), 2000000 * length
    plain(path)  # into the page cache
    reads, reports, totals = [], [], []
    for _ in range(rounds):
        reads.append(plain(path))
        reports.append(report(path))
        totals.append(report(path, "--totals", "type"))
    seconds, busy, _ = min(reports)
    ratio, peak = min(reads) / seconds, max(memory for _, _, memory in reports + totals)
    end = "" if length == 1 else f"_{length}x"
    print(f"events_per_second{end}: {events / seconds:.0f}")
    print(f"events_per_second_a_core{end}: {events / min(b for _, b, _ in reports):.0f}")
    print(f"cores_used{end}: {busy / seconds:.2f}")
    print(f"mb_per_second{end}: {size / seconds / 1e6:.0f}")
    print(f"plain_mb_per_second{end}: {size / min(reads) / 1e6:.0f}")
    print(f"ratio_to_plain_read{end}: {ratio:.3f}")
    print(f"events_per_second_totals{end}: {events / min(totals)[0]:.0f}")
    print(f"ratio_to_plain_read_totals{end}: {min(reads) / min(totals)[0]:.3f}")
    print(f"peak_mb{end}: {peak:.0f}", flush=True)
    return ratio, peak


def measure_keys(length):
    """Prints the peak memory of one file with cached stacks, and returns it."""
    peak = report(f"{folder}/{length}_keys.etl")[2]
    print(f"peak_mb_keys{'' if length == 1 else f'_{length}x'}: {peak:.0f}", flush=True)
    return peak


def check_growth(what, peak, peak4):
    if peak4 > peak * 1.1 + 8:
        sys.exit(f"peak memory {what} grew with the file: {peak:.0f} MB, {peak4:.0f} MB at four times the length")


ratio, peak = measure(1)
check_growth("of plain stacks", peak, measure(4)[1])
check_growth("of cached stacks", measure_keys(1), measure_keys(4))
if judge and ratio < 0.1:
    sys.exit("slower than a tenth of a plain read")
PY
