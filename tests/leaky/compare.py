"""Compares leaky's truth with what the system counted before and after: exactly, per process and type.

usage: compare.py TRUTH BEFORE AFTER    (the last two from enumhandles, at "ready" and at "done")
Prints one line per difference with both values, and exits 1 when there is one.
"""
import json
import sys

EXIT_MODES = ("exit", "abort", "terminated")
wrong = 0


def check(what, expected, actual):
    global wrong
    if expected != actual:
        wrong += 1
        print(f"{what}: expected {expected}, found {actual}")


def counts(listing, pid):
    """Open handles by type of one process; empty when it is not there."""
    for process in listing["processes"]:
        if process["pid"] == pid:
            return {k: v for k, v in process.items() if k not in ("pid", "all")}
    return {}


def opened(rows):
    total = {}
    for row in rows:
        total[row["type"]] = total.get(row["type"], 0) + row["open"]
    return total


def grown(before, after):
    return {t: after.get(t, 0) - before.get(t, 0) for t in before.keys() | after.keys()}


def compare_growth(what, expected, actual):
    for handle_type in sorted(expected.keys() | actual.keys()):
        check(f"{what}, {handle_type}", expected.get(handle_type, 0), actual.get(handle_type, 0))


def check_row(row):
    name = row["function"]
    total = row["created"] + row["duplicatedIn"] + row["inherited"] - row["closed"]
    check(f"{name}: sum", row["open"], total)
    if row["created"]:
        check(f"{name}: first not after last", True, row["firstQpc"] <= row["lastQpc"] or name == "WriteNotice")
    if "handles" in row:
        check(f"{name}: handles listed", row["open"], len(row["handles"]))
        check(f"{name}: handles differ from each other", len(row["handles"]), len(set(row["handles"])))


def main(truth_path, before_path, after_path):
    with open(truth_path, encoding="utf-8") as file:
        truth = json.load(file)
    with open(before_path, encoding="utf-8") as file:
        before = json.load(file)
    with open(after_path, encoding="utf-8") as file:
        after = json.load(file)

    check("known exit mode", True, truth["exitMode"] in EXIT_MODES)
    check("go before done", True, truth["goQpc"] < truth["doneQpc"] and truth["goFiletime"] < truth["doneFiletime"])
    for row in truth["rows"]:
        check_row(row)
    pid = truth["pid"]
    check("leaky is in the counts", True, bool(counts(before, pid)) and bool(counts(after, pid)))
    compare_growth("leaky", opened(truth["rows"]), grown(counts(before, pid), counts(after, pid)))

    # A child that was there before shows what any waiting child has; with that, one that came later can be judged.
    fresh = {}
    for child in truth["children"]:
        fresh = counts(before, child["pid"]) or fresh
    for child in truth["children"]:
        known = counts(before, child["pid"])
        base = known or fresh
        # What every waiting child inherits is part of what it is compared with.
        rows = [r for r in child["rows"] if r["function"] != "child_prepare"]
        if not base:
            print(f"child {child['pid']}: nothing to compare with")
            continue
        compare_growth(f"child that {child['role']}", opened(rows), grown(base, counts(after, child["pid"])))

    made = {r["function"]: r["created"] for r in truth["rows"] if r["created"]}
    print(f"compared {len(truth['rows'])} rows, {len(truth['children'])} children, {wrong} differences; {made}")
    return 1 if wrong else 0


sys.exit(main(*sys.argv[1:4]))
