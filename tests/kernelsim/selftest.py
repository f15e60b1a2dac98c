"""Compares the "expect" lines of ksim_selftest.exe with the counts of the newest session in `ksimctl truth`."""
import json
import os
import struct
import sys

CREATE, CLOSE, DUPLICATE, STACK = 0x1120, 0x1121, 0x1122, 0x1820


def events(path):
    """(hook, time, payload) of every SYSTEM, COMPACT and PERFINFO record."""
    data = open(path, "rb").read()
    at = 0
    while at + 0x48 <= len(data):
        size, end = struct.unpack_from("<I", data, at)[0], struct.unpack_from("<I", data, at + 0x30)[0]
        record = 0x48
        while record < end:
            kind = data[at + record + 2]
            length, hook = struct.unpack_from("<HH", data, at + record + 4)
            time_at, head = {2: (16, 32), 4: (16, 24), 0x11: (8, 16)}[kind]
            time = struct.unpack_from("<q", data, at + record + time_at)[0]
            yield hook, time, data[at + record + head : at + record + length]
            record = (record + length + 7) & ~7
        at += size


def stack_faults(path):
    """What is wrong with the stacks: every live handle event has one, and those of programs begin in a library's stub."""
    found = list(events(path))
    stacks = {}
    for hook, _, payload in found:
        if hook == STACK:
            time, pid, _ = struct.unpack_from("<QII", payload)
            frames = struct.unpack_from(f"<{(len(payload) - 16) // 8}Q", payload, 16)
            stacks.setdefault(time, []).append([f for f in frames if f < 1 << 47])
    made = [time for hook, time, _ in found if hook in (CREATE, CLOSE, DUPLICATE)]
    deep = sum(any(len(s) >= 3 for s in stacks.get(time, [])) for time in made)
    without = sum(time not in stacks for time in made)
    print(f"{len(made)} handle events, {deep} with three user frames or more, {without} without a stack")
    # Handles from before the DLL and the sweep of a dead process have no user stack.
    if without or deep < len(made) * 3 // 5:
        return [f"{len(made)} handle events, {without} without a stack, only {deep} with user frames"]
    return []


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
else:
    bad += stack_faults(trace)
for text in bad:
    print("differs:", text)
sys.exit(bool(bad))
