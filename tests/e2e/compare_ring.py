"""Compares reports of rings, snapshots and segments with what the simulated kernel saw and with what leaky says it did.

usage: compare_ring.py snapshots REPORT.json KERNEL.json LEAKY_EXE LEAKY_DIR...
       compare_ring.py kept REPORT.json KERNEL.json LEAKY_EXE MEGABYTES EARLY_DIR LATE_DIR
       compare_ring.py segments KERNEL.json COUNTS.json SEGMENTS GAP_MS
       compare_ring.py carried REPORT.json LEAKY_EXE LEAKY_DIR

snapshots   every event was in one of the files: per process and type the report has the kernel's counts, each event once;
            all that the runs of leaky left open is leaked at exit, by the functions that they say
kept        a ring that was too small: MEGABYTES of events went through it while both runs of leaky stayed open. What the
            first one left open before is without a create, and the report says so; what it made and closed is no leak;
            what the second one left open at the end is leaked, by the functions that it says
segments    COUNTS.json: a list of handlerec info --json, one a file. What the kernel logged is in one of them; what it
            missed came in gaps between them, none longer than the GAP_MS that the recorder showed
carried     the leaks of a run of leaky name their creators although the files that held those are deleted
Prints both values of each difference; exits 1 when there is one.
"""
import collections
import json
import sys

from compare_report import balanced, compare_leaky, stack_functions
from compare_truth import check, load
import compare_truth

# Types of which the runtime under leaky has no handles of its own while it stands still.
OWN = ("Semaphore", "Mutant", "Timer", "Section", "IoCompletion")
KINDS = {"creates": "created", "closes": "closed", "duplicates": "duplicated"}


def session_of(kernel):
    """The last one that is not the companion."""
    return [s for s in kernel["sessions"] if "Companion" not in s["name"]][-1]


def told(kernel, sources):
    """Per process and type, by the report's words."""
    rows = collections.defaultdict(collections.Counter)
    for row in session_of(kernel)["rows"]:
        for kind, word in KINDS.items():
            rows[(row["pid"], row["type"])][word] += sum(row[source + kind] for source in sources)
    return rows


def reported(report):
    rows = collections.defaultdict(collections.Counter)
    for group in report["groups"]:
        balanced(f"group of {group['code']}", group)
        rows[(group["pid"], group["type"])].update(
            {k: group[k] for k in ("created", "closed", "duplicated", "open", "leaked", "preexisting")})
    balanced("summary", report["summary"])
    return rows


def compare_counts(report, wanted, seen):
    # What the recorder does between writing the ring out and ending it is in no file.
    recorders = {group["pid"] for group in report["groups"] if group["process"] == "handlerec.exe"}
    for key in sorted(wanted.keys() | seen.keys(), key=str):
        if key[0] in recorders:
            continue
        for word in KINDS.values():
            check(f"{key[0]} {key[1]}: {word}", wanted[key][word], seen[key][word], ("kernel", "report"))


def snapshots(report_path, kernel_path, exe, *folders):
    report, kernel = load(report_path), load(kernel_path)
    check("events lost", 0, session_of(kernel)["events_lost"], ("wanted", "kernel"))
    wanted = told(kernel, ("", "overwritten_"))
    compare_counts(report, wanted, reported(report))
    frames_of, _ = stack_functions(report, exe)
    sums = collections.Counter()
    for folder in folders:
        compare_leaky(folder, report, frames_of, sums)
    opened = sum(row["created"] + row["duplicated"] for row in wanted.values())
    overwritten = sum(row["created"] + row["duplicated"] for row in told(kernel, ("overwritten_",)).values())
    print(f"{opened} handles opened, {overwritten} of them overwritten at the end, {sum(sums.values())} left open by leaky")
    check("handles opened", True, opened > 500, ("wanted", "kernel"))


def held(folder):
    """Open handles of a leaky by type and function, and their values."""
    truth = load(f"{folder}/truth.json")
    counts, values = collections.Counter(), collections.defaultdict(set)
    for row in truth["rows"]:
        if row["function"] != "WriteNotice":
            counts[(row["type"], row["function"])] += row["open"]
            values[row["type"]].update(row.get("handles", []))
    return truth["pid"], counts, values


def compare_open(folder, report, seen):
    """Of its own types just what is open; of the others at least that. No leak that is none."""
    pid, counts, values = held(folder)
    by_type = collections.Counter()
    for (kind, _), count in counts.items():
        by_type[kind] += count
    for kind in OWN:
        check(f"{folder}: {kind} open", by_type[kind], seen[(pid, kind)]["open"], ("truth", "report"))
    for kind, count in by_type.items():
        check(f"{folder}: at least {count} {kind} open", True, seen[(pid, kind)]["open"] >= count, ("truth", "report"))
    for leak in report["leaks"]:
        if leak["pid"] == pid and leak["type"] in OWN:
            check(f"{folder}: {leak['type']} {leak['handle']:#x} is open", True, leak["handle"] in values[leak["type"]],
                  ("wanted", "truth"))
    return pid, counts


def compare_creators(folder, report, exe, pid, counts):
    frames_of, _ = stack_functions(report, exe)
    total = 0
    for (kind, function), count in sorted(counts.items()):
        if not count:
            continue
        mine = [leak for leak in report["leaks"] if leak["pid"] == pid and leak["type"] == kind
                and function in frames_of[leak["stack"]]]
        check(f"{folder}: {kind} leaked by {function}", count, len(mine), ("truth", "report"))
        total += count
    check(f"{folder}: something was leaked", True, total > 0, ("wanted", "truth"))
    return total


def kept(report_path, kernel_path, exe, megabytes, early, late):
    report, kernel = load(report_path), load(kernel_path)
    session, summary = session_of(kernel), report["summary"]
    check(f"at least {megabytes} MB of events", True, session["bytes"] >= int(megabytes) << 20, ("wanted", "kernel"))
    check("events lost", 0, session["events_lost"], ("wanted", "kernel"))
    seen = reported(report)
    pid, counts = compare_open(early, report, seen)
    gone = sum(counts.values())
    for kind in {kind for kind, _ in counts}:
        check(f"creates of {kind} that are still there", 0, seen[(pid, kind)]["created"], ("wanted", "report"))
    check("the report says when the ring begins", True, summary["ringBegins"] is not None, ("wanted", "report"))
    check(f"at least {gone} open handles without a create", True, summary["openWithoutCreate"] >= gone,
          ("wanted", "report"))
    late_pid, late_counts = compare_open(late, report, seen)
    leaked = compare_creators(late, report, exe, late_pid, late_counts)
    print(f"{session['bytes'] >> 20} MB of events, {summary['created']} creates left, {gone} open handles without one, "
          f"{leaked} leaks with their creators, {summary['uncertain']} uncertain")


def segments(kernel_path, counts_path, shown, gap_ms):
    kernel, files = load(kernel_path), load(counts_path)
    wanted = collections.Counter()
    for row in told(kernel, ("",)).values():
        wanted.update(row)
    missed = sum(sum(row.values()) for row in told(kernel, ("missed_",)).values())
    check("events lost", 0, session_of(kernel)["events_lost"], ("wanted", "kernel"))
    seen = collections.Counter()
    for info in files:
        for count in info["counts"]:
            seen[count.get("hook")] += count["count"]
    for word, hook in (("created", "0x1120"), ("closed", "0x1121"), ("duplicated", "0x1122")):
        check(f"handles {word}", wanted[word], seen[hook], ("kernel", "files"))
    session = session_of(kernel)
    longest = session["longest_pause_us"] / 1000
    # They are shown once a second: some may have begun since.
    check(f"{len(files)} files, {shown} shown", True, 0 <= len(files) - int(shown) <= 10, ("wanted", "there"))
    check("gaps", len(files) - 1, session["pauses"], ("between files", "kernel"))
    check(f"the longest gap of {longest:.1f} ms is shown, {gap_ms} ms", True, int(gap_ms) + 1 >= longest,
          ("wanted", "shown"))
    for info in files:
        check(f"{info['path'] if 'path' in info else 'file'} is whole", False, info["truncated"], ("wanted", "read"))
    print(f"{len(files)} files, {sum(wanted.values())} handle events in them, {missed} in gaps of {longest:.0f} ms at most, "
          f"{gap_ms} ms shown")
    check("handle events", True, sum(wanted.values()) > 0, ("wanted", "kernel"))


def carried(report_path, exe, folder):
    report = load(report_path)
    pid, counts = compare_open(folder, report, reported(report))
    print(f"{compare_creators(folder, report, exe, pid, counts)} leaks of the first file name their creators")


def main(what, *arguments):
    {"snapshots": snapshots, "kept": kept, "segments": segments, "carried": carried}[what](*arguments)
    return 1 if compare_truth.wrong else 0


sys.exit(main(*sys.argv[1:]))
