"""Compares what leaky says it did with what a recording of it holds: exactly, per process, type and function.

usage: compare_truth.py TRUTH LIVES LEAKY_EXE [NM]
LIVES comes from handle_lives. A handle belongs to a row of the truth when its opening stack has a frame in the row's
function. Between leaky's barriers every handle with a frame of leaky must belong to one; what the loader and the
runtime opened is listed by the module and offset of its innermost user frame. Prints both values of each difference
and a table per type; exits 1 when there is a difference.
"""
import bisect
import collections
import json
import struct
import subprocess
import sys

wrong = 0


def check(what, expected, actual):
    global wrong
    if expected != actual:
        wrong += 1
        print(f"{what}: truth {expected}, recording {actual}")


def functions(exe, nm):
    """Start offsets and names of the image's functions, sorted."""
    image = open(exe, "rb").read(0x400)
    base = struct.unpack_from("<Q", image, struct.unpack_from("<I", image, 0x3C)[0] + 0x30)[0]
    symbols = []
    for line in subprocess.run([nm, "-n", exe], capture_output=True, text=True, check=True).stdout.splitlines():
        address, kind, name = (line.split(" ") + ["", ""])[:3]
        # The linker drops some static functions' symbols; the sections they stand in keep theirs.
        name = name.removeprefix(".text$")
        if address and kind in ("t", "T") and not name.startswith("."):
            symbols.append((int(address, 16), name))
    if not symbols:
        sys.exit(f"{exe} has no symbols")
    return [(a - base, n) for a, n in symbols]


def main(truth_path, lives_path, exe, nm="x86_64-w64-mingw32-nm"):
    with open(truth_path, encoding="utf-8") as file:
        truth = json.load(file)
    with open(lives_path, encoding="utf-8") as file:
        lives = [json.loads(line) for line in file]
    summary = lives.pop()
    table = functions(exe, nm)
    starts = [a for a, _ in table]

    def names(life):
        """Functions of leaky on the stack that opened this handle."""
        found = set()
        for frame in life["frames"]:
            if (frame["module"] or "").lower() == "leaky.exe":
                # A return address may be the first byte after a function that does not return.
                at = bisect.bisect_right(starts, frame["offset"] - 1) - 1
                if at >= 0:
                    found.add(table[at][1])
        return found

    go, done = truth["goQpc"], truth["doneQpc"]
    processes = [truth] + truth["children"]
    mine = {p["pid"] for p in processes}
    between = [life for life in lives if life["pid"] in mine and go <= life["time"] <= done]
    matched = set()
    per_type = collections.defaultdict(lambda: [0, 0, 0, 0])  # opened and closed: truth, recording

    for process in processes:
        pid = process["pid"]
        inherited = collections.Counter()
        for row in process["rows"]:
            if row["inherited"]:
                inherited[row["type"]] += row["inherited"]
                if not row["created"] + row["duplicatedIn"]:
                    continue
            # The two files that tell of the end are written after the end of the work that they tell of.
            notice = row["function"] == "WriteNotice"
            where = [life for life in lives if life["time"] >= go] if notice else between
            rows = [(i, life) for i, life in enumerate(where)
                    if life["pid"] == pid and life["type"] == row["type"] and row["function"] in names(life)
                    and life["how"] in ("create", "duplicate")]
            if not notice:
                matched.update(i for i, _ in rows)
            what = f'pid {pid} {row["type"]} {row["function"]}'
            shut = [life for _, life in rows if life["closed"] is not None and (notice or life["closed"] <= done)]
            check(f"{what}: open", row["open"] - row["inherited"], len(rows) - len(shut))
            if row["internal"]:
                continue
            check(f"{what}: created", row["created"], sum(life["how"] == "create" for _, life in rows))
            check(f"{what}: duplicated in", row["duplicatedIn"], sum(life["how"] == "duplicate" for _, life in rows))
            check(f"{what}: closed", row["closed"], len(shut))
            if "handles" in row:
                still = sorted(life["handle"] for _, life in rows if life not in shut)
                check(f"{what}: handles", sorted(row["handles"]), still)
            totals = per_type[row["type"]]
            totals[0] += row["created"] + row["duplicatedIn"]
            totals[1] += len(rows)
            totals[2] += row["closed"]
            totals[3] += len(shut)
        for kind, count in sorted(inherited.items()):
            rows = [i for i, life in enumerate(between)
                    if life["pid"] == pid and life["type"] == kind and life["how"] == "inherit"]
            matched.update(rows)
            check(f"pid {pid} {kind}: inherited", count, len(rows))

    internal = {row["function"] for p in processes for row in p["rows"] if row["internal"]}
    others = collections.Counter()
    for i, life in enumerate(between):
        if i in matched:
            continue
        called = names(life)
        if called and not called & internal:
            wrong_one = f'{life["type"]} handle {life["handle"]:#x} of pid {life["pid"]}, {life["how"]}'
            check(f"{wrong_one} opened by {sorted(called)}: known to the truth", True, False)
        user = next((f for f in life["frames"] if f["module"] and f["offset"] and f["module"] != "ntoskrnl.exe"), None)
        others[(life["type"], f'{user["module"]}+{user["offset"]:#x}' if user else "no user stack")] += 1

    print("type            opened: truth  recording   closed: truth  recording")
    for kind, (a, b, c, d) in sorted(per_type.items()):
        print(f"{kind:15} {a:13} {b:10} {c:15} {d:10}")
    for (kind, where), count in sorted(others.items()):
        print(f"  other: {count} x {kind} by {where}")
    print(f'closes without an open: {summary["closesWithoutOpen"]}')
    if not per_type:
        check("rows compared", "some", "none")
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:]))
