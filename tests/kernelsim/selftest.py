"""Compares the "expect" lines of ksim_selftest.exe with the counts of the newest session in `ksimctl truth`."""
import json
import os
import sys

log, truth, trace = sys.argv[1:]
lines = open(log, encoding="utf-8", errors="replace").read().splitlines()
wanted = [line.split()[1:] for line in lines if line.startswith("expect ")]
bad = []
if "made" not in lines:
    bad.append("the self-test program did not come to its end")
session = json.load(open(truth, encoding="utf-8"))["sessions"][-1]
if session["events_lost"]:
    bad.append(f"events lost: {session['events_lost']}")
for pid, kind, *numbers in wanted:
    rows = [r for r in session["rows"] if r["pid"] == int(pid) and r["type"] == kind]
    seen = [sum(r[key] for r in rows) for key in ("creates", "closes", "duplicates")]
    made = [int(n) for n in numbers]
    print(f"process {pid} {kind}: created, closed, duplicated {made}, counted {seen}")
    if seen != made:
        bad.append(f"process {pid} {kind}: {made} made, {seen} counted")
balanced = [line.split()[1:] for line in lines if line.startswith("balanced ")]
for pid, kind in balanced:
    rows = [r for r in session["rows"] if r["pid"] == int(pid) and r["type"] == kind]
    opened = sum(r["creates"] + r["duplicates"] for r in rows)
    closed = sum(r["closes"] for r in rows)
    print(f"process {pid} {kind}: opened {opened}, closed {closed}, of these by the sweep {sum(r['swept'] for r in rows)}")
    if opened != closed or opened < 100:
        bad.append(f"process {pid} {kind}: {opened} opened, {closed} closed")
if len(wanted) != 4 or len(balanced) != 1:
    bad.append(f"4 and 1 rows expected, {len(wanted)} and {len(balanced)} printed")
if not os.path.exists(trace) or os.path.getsize(trace) < 100000:
    bad.append(f"no trace, or too small a one: {trace}")
for text in bad:
    print("differs:", text)
sys.exit(bool(bad))
