"""Compares a report with what the simulated kernel saw and with what leaky says it did: exactly.

usage: compare_report.py REPORT.json KERNEL.json LEAKY_EXE LEAKY_DIR...
REPORT.json   handlerec report --format json, of the whole recording
KERNEL.json   ksimctl truth
LEAKY_DIR     truth.json (leaky); every leaky of them had ended when the recording stopped

Per process and type: created, duplicated, closed and open equal the kernel's counts. Per function of leaky: the handles
that it left open are those that the report calls leaked at exit, and the report names that function at the head of their
group. Every name in the report is the linker's. Prints both values of each difference; exits 1 when there is one.
"""
import bisect
import collections
import json
import sys

from compare_truth import check, functions, load
import compare_truth


class Names:
    """Functions of leaky by offset."""

    def __init__(self, exe):
        self.table = functions(exe)
        self.starts = [offset for offset, _ in self.table]

    def at(self, offset):
        at = bisect.bisect_right(self.starts, offset - 1) - 1
        return self.table[at][1] if at >= 0 else None


def function_of(code):
    """The function that the report itself names: of "leaky.exe!Function+0x12"."""
    return code[10:].rsplit("+", 1)[0] if code and code.startswith("leaky.exe!") else None


def balanced(what, row):
    check(f"{what}: preexisting + created + duplicated - closed", row["open"],
          row["preexisting"] + row["created"] + row["duplicated"] - row["closed"], ("open", "sum"))


def compare_kernel(report, kernel):
    session = kernel["sessions"][-1]
    names = ("kernel", "report")
    keys = {"creates": "created", "duplicates": "duplicated", "closes": "closed", "open_at_rundown": "open"}
    wanted = collections.defaultdict(collections.Counter)
    swept = collections.Counter()
    for row in session["rows"]:
        wanted[(row["pid"], row["type"])].update({keys[k]: row[k] for k in keys})
        swept[(row["pid"], row["type"])] += row["swept"]
    seen = collections.defaultdict(collections.Counter)
    for group in report["groups"]:
        balanced(f"group of {group['code']}", group)
        seen[(group["pid"], group["type"])].update(
            {k: group[k] for k in (*keys.values(), "preexisting", "leakedAtExit", "leaked")})
    for key in sorted(wanted.keys() | seen.keys(), key=str):
        for name in keys.values():
            check(f"{key[0]} {key[1]}: {name}", wanted[key][name], seen[key][name], names)
        # Without handles from before, those swept are those leaked at exit.
        if not seen[key]["preexisting"]:
            check(f"{key[0]} {key[1]}: at exit", swept[key], seen[key]["leakedAtExit"], names)
    for row in report["totals"]:
        balanced(f"total of {row['type']}", row)
    balanced("summary", report["summary"])
    check("uncertain", 0, report["summary"]["uncertain"], names)
    check("leaks listed", report["summary"]["leaked"], len(report["leaks"]), ("summary", "list"))
    check("leaks at exit listed", report["summary"]["leakedAtExit"],
          len(report["leaksAtExit"]) + report["leaksAtExitLeftOut"], ("summary", "list"))
    return sum(row["created"] + row["duplicated"] for row in wanted.values())


def compare_leaky(folder, report, frames_of, sums):
    truth = load(f"{folder}/truth.json")
    for process in [truth] + truth["children"]:
        pid = process["pid"]
        rows = collections.Counter()
        inherited = collections.Counter()
        internal = {(row["type"], row["function"]) for row in process["rows"] if row["internal"]}
        for row in process["rows"]:
            rows[(row["type"], row["function"])] += row["open"] - row["inherited"]
            inherited[row["type"]] += row["inherited"]
        leaks = [leak for leak in report["leaksAtExit"] if leak["pid"] == pid]
        heads = collections.Counter()
        for group in report["groups"]:
            if group["pid"] == pid:
                heads[(group["type"], function_of(group["code"]))] += group["leakedAtExit"]
        for (kind, function), count in sorted(rows.items()):
            mine = [leak for leak in leaks if leak["type"] == kind and function in frames_of[leak["stack"]]]
            check(f"pid {pid} {kind} {function}: leaked at exit", count, len(mine), ("truth", "report"))
            # A function that has others call for it does not stand first.
            if count and (kind, function) not in internal:
                check(f"pid {pid} {kind} {function}: heads its group", count, heads[(kind, function)],
                      ("truth", "report"))
            sums[kind] += count
        for kind, count in sorted(inherited.items()):
            if not count:
                continue  # standard handles, which leaky does not count
            mine = [leak for leak in leaks if leak["type"] == kind and leak["how"] == "inherit"]
            check(f"pid {pid} {kind}: inherited and left open", count, len(mine), ("truth", "report"))
            sums[f"{kind} inherited"] += count
        for row in process["rows"]:
            if "handles" in row and row["function"] != "WriteNotice":
                mine = sorted(leak["handle"] for leak in leaks
                              if leak["type"] == row["type"] and row["function"] in frames_of[leak["stack"]])
                check(f"pid {pid} {row['type']} {row['function']}: handles", sorted(row["handles"]), mine,
                      ("truth", "report"))


def stack_functions(report, exe):
    """The functions of leaky in each stack, and in how many frames the report names them."""
    names = Names(exe)
    frames_of = collections.defaultdict(set)
    named = 0
    for stack in report["stacks"]:
        for frame in stack["frames"]:
            if (frame["module"] or "").lower() == "leaky.exe":
                function = names.at(frame["offset"])
                frames_of[stack["id"]].add(function)
                if frame["symbol"]:  # the runtime's start-up code has none
                    check(f"leaky.exe+{frame['offset']:#x}", function, frame["symbol"].rsplit("+", 1)[0],
                          ("linker", "report"))
                    named += 1
    return frames_of, named


def main(report_path, kernel_path, exe, *folders):
    report = load(report_path)
    frames_of, named = stack_functions(report, exe)
    opened = compare_kernel(report, load(kernel_path))
    sums = collections.Counter()
    for folder in folders:
        compare_leaky(folder, report, frames_of, sums)
    print(f"report: {opened} handles opened, {sum(sums.values())} leaked at exit by {len(folders)} runs of leaky, as "
          f"they say, {named} frames named; {compare_truth.wrong} differences")
    check("frames of leaky named", True, named > 0)
    check("runs compared", True, bool(folders) and sum(sums.values()) > 0)
    return 1 if compare_truth.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
