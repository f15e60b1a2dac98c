"""Compares what leaky says it did with the live counts and with a recording: exactly, per process, type and function.

usage: compare_truth.py [--no-live] RECORD_DIR LEAKY_EXE LEAKY_DIR...
RECORD_DIR   events.json (handlerec dump --json), info.json (handlerec info --json), kernel.json (ksimctl truth)
LEAKY_DIR    truth.json (leaky), before.json and after.json (handlerec types --json --process leaky.exe, at "ready" and
             at "done"; not with --no-live)

A handle belongs to a row of the truth when its opening stack has a frame in the row's function. Between leaky's
barriers every handle with a frame of leaky must belong to one; what the loader and the runtime opened is listed by the
module and offset of its innermost user frame. Prints both values of each difference and a table per type; exits 1
when there is a difference.
"""
import bisect
import collections
import json
import subprocess
import sys

from lives import read_lives

NM = "x86_64-w64-mingw32-nm"
# Everything that leaky itself does lies above one of these; below is the runtime's start, which opens handles too.
ENTRIES = {"wmain", "WorkerMain", "ShortThread"}
wrong = 0


def check(what, expected, actual, names=("truth", "recording")):
    global wrong
    if expected != actual:
        wrong += 1
        print(f"differs: {what}: {names[0]} {expected}, {names[1]} {actual}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def functions(exe):
    """Start offsets and names of the image's functions, sorted."""
    headers = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", exe], capture_output=True, text=True, check=True)
    base = int(headers.stdout.split("ImageBase")[1].split()[0], 16)
    symbols = {}
    for line in subprocess.run([NM, "-n", exe], capture_output=True, text=True, check=True).stdout.splitlines():
        address, kind, name = (line.split(" ") + ["", ""])[:3]
        if kind not in "tT" or not name or not address:
            continue
        offset = int(address, 16) - base
        # The linker drops some static functions' symbols; the sections they stand in keep theirs.
        if name.startswith(".text$"):
            symbols.setdefault(offset, name[6:])
        elif not name.startswith("."):
            symbols[offset] = name
    if not symbols:
        sys.exit(f"{exe} has no symbols")
    return sorted(symbols.items())


class Recording:
    """The lives of a recording, with the functions of leaky on the stack that opened each."""

    def __init__(self, folder, exe):
        with open(f"{folder}/events.json", encoding="utf-8") as file:
            self.lives, self.closes_without_open = read_lives(file)
        table = functions(exe)
        self.functions = {name: offset for offset, name in table}
        starts = [a for a, _ in table]
        for life in self.lives:
            life["names"] = set()
            for frame in life["frames"]:
                if (frame["module"] or "").lower() != "leaky.exe":
                    continue
                # A return address may be the first byte after a function that does not return.
                at = bisect.bisect_right(starts, frame["offset"] - 1) - 1
                if at >= 0:
                    life["names"].add(table[at][1])


def holdings(counts, pid):
    """Open handles by type of one process in the output of handlerec types; empty when it is not there."""
    for process in counts["processes"]:
        if process["pid"] == pid:
            return {t["name"]: t["open"] for t in process["types"]}
    return {}


class Table:
    """Per type: handles opened and closed, and how many more are open."""

    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)

    def add(self, kind, **numbers):
        self.rows[kind].update(numbers)

    def show(self):
        head = ("opened: truth", "file", "closed: truth", "file", "still open: truth", "live", "file")
        keys = ("opened", "file_opened", "closed", "file_closed", "open", "live", "file_open")
        print("  " + "  ".join([f"{'type':14}"] + [f"{h:>{max(len(h), 6)}}" for h in head]))
        for kind, row in sorted(self.rows.items()):
            if not any(row.values()):
                continue
            print("  " + "  ".join([f"{kind:14}"] + [f"{row[k]:>{max(len(h), 6)}}" for h, k in zip(head, keys)]))


def compare_row(truth, process, row, recording, matched, table):
    pid, kind, function = process["pid"], row["type"], row["function"]
    go, done = truth["goQpc"], truth["doneQpc"]
    # The two files are written after the work.
    end = done if function != "WriteNotice" else float("inf")
    mine = [life for life in recording.lives if life["pid"] == pid and life["type"] == kind and go <= life["time"] <= end
            and function in life["names"] and life["how"] != "listed"]
    matched.update(id(life) for life in mine)
    shut = [life for life in mine if life["closed"] is not None and life["closed"] <= end]
    what = f"pid {pid} {kind} {function}"
    if "rva" in row:
        check(f"{what}: start of the function", row["rva"], recording.functions.get(function), ("truth", "symbols"))
    open_here = row["open"] - row["inherited"]
    check(f"{what}: open", open_here, len(mine) - len(shut))
    table.add(kind, open=open_here, file_open=len(mine) - len(shut))
    if row["internal"]:
        # What the call opened and closed by itself is nobody's leak: only what it handed out counts.
        table.add(kind, opened=open_here, file_opened=len(mine) - len(shut))
        return
    opened = row["created"] + row["duplicatedIn"]
    check(f"{what}: created", row["created"], sum(life["how"] == "create" for life in mine))
    check(f"{what}: duplicated in", row["duplicatedIn"], sum(life["how"] != "create" for life in mine))
    check(f"{what}: closed", row["closed"], len(shut))
    if "handles" in row:
        still = sorted(life["handle"] for life in mine if life not in shut)
        check(f"{what}: handles", sorted(row["handles"]), still)
    table.add(kind, opened=opened, closed=row["closed"], file_opened=len(mine), file_closed=len(shut))


def compare_inherited(process, done, recording, matched, table):
    """No function of the child made them: they come without user frames, before it runs."""
    wanted = collections.Counter()
    for row in process["rows"]:
        wanted[row["type"]] += row["inherited"]
    for kind, count in sorted(wanted.items()):
        if not count:
            continue
        mine = [life for life in recording.lives if life["pid"] == process["pid"] and life["type"] == kind
                and life["how"] == "inherit" and not life["names"]]
        matched.update(id(life) for life in mine)
        shut = sum(life["closed"] is not None and life["closed"] <= done for life in mine)
        check(f"pid {process['pid']} {kind}: inherited", count, len(mine) - shut)
        table.add(kind, opened=count, file_opened=len(mine), open=count, file_open=len(mine) - shut, file_closed=shut)


def compare_growth(what, rows, before, after, table):
    wanted = collections.Counter()
    for row in rows:
        wanted[row["type"]] += row["open"]
    for kind in sorted(wanted.keys() | before.keys() | after.keys()):
        grown = after.get(kind, 0) - before.get(kind, 0)
        check(f"{what} {kind}: more open", wanted[kind], grown, ("truth", "live"))
        table.add(kind, live=grown)


def compare_live(folder, truth, table):
    before, after = load(f"{folder}/before.json"), load(f"{folder}/after.json")
    pid = truth["pid"]
    check("leaky is in the live counts", True, bool(holdings(before, pid)) and bool(holdings(after, pid)))
    compare_growth(f"pid {pid}", truth["rows"], holdings(before, pid), holdings(after, pid), table)
    # A child that was there before shows what any waiting child has; with that, one that came later can be judged.
    fresh = {}
    for child in truth["children"]:
        fresh = holdings(before, child["pid"]) or fresh
    for child in truth["children"]:
        base = holdings(before, child["pid"]) or fresh
        if not base:
            sys.exit(f"{folder}: nothing to compare the child {child['pid']} with")
        rows = [r for r in child["rows"] if r["function"] != "child_prepare"]
        compare_growth(f"child {child['pid']}", rows, base, holdings(after, child["pid"]), table)
        for row in child["rows"]:
            if row["function"] == "child_prepare":
                table.add(row["type"], live=row["open"])


def compare_leaky(folder, live, recording, table, others):
    truth = load(f"{folder}/truth.json")
    processes = [truth] + truth["children"]
    matched = set()
    for process in processes:
        for row in process["rows"]:
            if row["created"] + row["duplicatedIn"] or not row["inherited"]:
                compare_row(truth, process, row, recording, matched, table)
        compare_inherited(process, truth["doneQpc"], recording, matched, table)
    if live:
        compare_live(folder, truth, table)

    pids = {p["pid"] for p in processes}
    internal = {row["function"] for p in processes for row in p["rows"] if row["internal"]}
    for life in recording.lives:
        if life["pid"] not in pids or not truth["goQpc"] <= life["time"] <= truth["doneQpc"] or id(life) in matched:
            continue
        if life["names"] & ENTRIES and not life["names"] & internal:
            check(f"pid {life['pid']}: {life['type']} handle {life['handle']:#x}, {life['how']}, opened by "
                  f"{sorted(life['names'])}: in the truth", False, True)
        user = next((f for f in life["frames"] if f["module"] and f["module"] != "ntoskrnl.exe"), None)
        others[(life["type"], f'{user["module"]}+{user["offset"]:#x}' if user else "no user stack")] += 1


def compare_kernel(folder, recording):
    """The whole recording against what the simulated kernel saw, and handlerec info's counts against both."""
    session = load(f"{folder}/kernel.json")["sessions"][-1]
    info = load(f"{folder}/info.json")
    counts = {c["hook"]: c["count"] for c in info["counts"] if "hook" in c}
    names = ("kernel", "recording")
    for lost in ("eventsLost", "buffersLost", "damagedBuffers"):
        check(lost, 0, info[lost])
    check("truncated", False, info["truncated"])
    check("events lost", 0, session["events_lost"], ("none", "kernel"))
    for hook, key in (("0x1120", "creates"), ("0x1121", "closes"), ("0x1122", "duplicates"), ("0x1127", "open_at_rundown")):
        check(f"{hook} in handlerec info", sum(r[key] for r in session["rows"]), counts.get(hook, 0), names)
    seen = collections.Counter()
    for life in recording.lives:
        seen[(life["pid"], life["type"], "creates" if life["how"] == "create" else "duplicates")] += life["how"] != "listed"
    made = collections.Counter()
    for row in session["rows"]:
        for key in ("creates", "duplicates"):
            made[(row["pid"], row["type"], key)] += row[key]
    for key in sorted(made.keys() | seen.keys()):
        check(" ".join(map(str, key)), made[key], seen[key], names)
    closed = sum(life["closed"] is not None for life in recording.lives) + recording.closes_without_open
    check("closes read", sum(r["closes"] for r in session["rows"]), closed, names)
    return sum(made.values()), closed


def main(*words):
    live = words[0] != "--no-live"
    record, exe, *folders = words if live else words[1:]
    recording = Recording(record, exe)
    table = Table()
    others = collections.Counter()
    for folder in folders:
        compare_leaky(folder, live, recording, table, others)
    opened, closed = compare_kernel(record, recording)
    table.show()
    for (kind, where), count in sorted(others.items()):
        print(f"  other: {count} x {kind} by {where}")
    sums = sum(table.rows.values(), collections.Counter())
    print(f"sums: truth opened {sums['opened']} (file {sums['file_opened']}), closed {sums['closed']} (file "
          f"{sums['file_closed']}), still open {sums['open']} (live {sums['live'] if live else 'not counted'}, file {sums['file_open']}); "
          f"all processes: {opened} opened, {closed} closed; {wrong} differences")
    if not table.rows or not folders:
        check("types compared", "some", "none")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
