"""Fails each ETW operation of a console recording once, with several codes, before and after it is carried out, and
kills the recorder in it; then checks that no session is left and nothing is lost. Started by test_faults.sh.

usage: faults.py BUILD_DIR NATIVE_DIR WORK_DIR PARTS_DIR    environment: KSIM_NAME, HR_FULL, HR_SEED
"""
import glob
import json
import os
import random
import re
import subprocess
import sys
import time

BUILD, NATIVE, WORK, PARTS = sys.argv[1:5]
FULL = bool(os.environ.get("HR_FULL"))
SEED = int(os.environ.get("HR_SEED") or 1)

WIN32_CODES = [5, 8, 87, 112, 183, 1450, 4201]
NT_CODES = [0xC0000022, 0xC000000D, 0xC0000061, 0xC0000017, 0xC00000BB, 0xC0000296]
EXIT_CODES = {0, 1, 3}  # those that handlerec --help tells, without the one for a wrong command line
# Operations that are reached only when another one fails: name, what has to fail.
CONDITIONAL = [("NtQuerySystemInformation:1", ["fail", "TraceQueryInformation:4", "0", "50"]),
               ("QueryAllTraces", ["fail", "StartTrace", "1", "1450"]),
               ("ControlTrace:STOP", ["fail", "TraceSetInformation:4", "1", "8"])]
RECORD = ["--type", "Event", "--stacks", "create,close,duplicate"]
wrong = 0
runs = 0


def differs(case, text):
    global wrong
    wrong += 1
    print(f"FAILED: {case}: {text}", flush=True)


def sim(*words):
    done = subprocess.run(["wine", f"{BUILD}/ksimctl.exe", *words], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60)
    if done.returncode:
        sys.exit(f"ksimctl {words}: {done.returncode} {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


def sessions():
    return [s["name"] for s in json.loads(sim("sessions"))]


def calls():
    return json.loads(sim("calls"))


class Run:
    """One run of handlerec record: exit code, stderr, and the saved file's path."""

    def __init__(self, name, *options, seconds=60):
        global runs
        runs += 1
        self.path = f"{WORK}/{name}.etl"
        if os.path.exists(self.path):
            os.remove(self.path)
        command = ["wine", f"{BUILD}/ksimrun.exe", f"{BUILD}/handlerec.exe", "record", *options, "-o", f"Z:{self.path}"]
        # Not into pipes: Wine's desktop process, which the first window starts, would hold them open.
        with open(f"{WORK}/out", "wb") as out, open(f"{WORK}/err", "w+b") as err:
            try:
                self.code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                           timeout=seconds).returncode
            except subprocess.TimeoutExpired:
                self.code = None
                subprocess.run(["wine", "taskkill", "/f", "/im", "handlerec.exe"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            err.seek(0)
            self.text = err.read().decode(errors="replace").replace("\r", "")

    def recorded(self):
        return "Recording. " in self.text

    def saved(self):
        return os.path.exists(self.path)


def readable(path):
    done = subprocess.run([f"{NATIVE}/handlerec", "info", "--json", path], capture_output=True, timeout=60)
    return done.returncode in (0, 3) and json.loads(done.stdout)["events"] > 0


def parts():
    return [os.path.basename(p) for d in glob.glob(PARTS) for p in glob.glob(f"{d}/*")]


def tells(text, number):
    """A line that says what failed, the number, and one thing to do."""
    return re.search(rf"^\S.+: .+ \({number}\)\. \S.+\.$", text, re.MULTILINE)


def check_message(case, run, number):
    if run.code != 0 and not tells(run.text, number):
        differs(case, f"exit code {run.code} without what failed, {number} and remedy: {run.text!r}")


def rescue(case, was_recorded, told):
    """What was left is found by the next recording, and the documented way ends and saves it."""
    again = Run("again", *RECORD, "--for", "1s")
    if again.code == 0:
        # Nothing that was worth asking about: then nothing was recorded either, and it is gone now.
        if was_recorded:
            differs(case, f"a recording that had begun was not found again: {again.text!r}")
    elif "--rescue" not in again.text:
        differs(case, f"the next recording is refused without the way out: exit code {again.code}, {again.text!r}")
    else:
        saved = Run("rescued", "--rescue")
        if saved.code not in (0, 3) or not saved.saved():
            differs(case, f"rescue: exit code {saved.code}, {saved.text!r}")
        elif not readable(saved.path):
            differs(case, f"the rescued file cannot be read: {saved.path}")
    if not told and again.code != 0:
        differs(case, "the recording was left without a word about it")


def check_left(case, run, excused):
    """excused: it could not tell that something is left."""
    left_sessions, left_parts = sessions(), parts()
    if left_sessions or left_parts:
        rescue(case, run.recorded() and not run.saved(), excused or "--rescue" in run.text)
    elif run.recorded() and not run.saved():
        differs(case, f"the recording is lost: exit code {run.code}, {run.text!r}")
    if run.saved() and not readable(run.path):
        differs(case, f"the saved file cannot be read (exit code {run.code})")
    if run.code == 0 and not run.saved():
        differs(case, "exit code 0 and no file")
    now = sessions(), parts()
    if now != ([], []):
        differs(case, f"sessions and parts left at the end: {now}")
        sim("reset")
        for d in glob.glob(PARTS):
            for p in glob.glob(f"{d}/*"):
                os.remove(p)


def case(operation, nth, fault, after, conditions):
    """fault: the code to fail with, or None to be killed."""
    word = f"{fault:#x}" if fault is not None and fault > 0xFFFF else fault
    name = f"{operation} call {nth}: {'killed' if fault is None else f'fails with {word}'} {'after' if after else 'before'}"
    sim("reset")
    for condition in conditions:
        sim("set", *condition)
    words = ["die", operation, str(nth)] if fault is None else ["fail", operation, str(nth), str(fault)]
    sim("set", *words, *(["after"] if after else []))
    began = time.monotonic()
    run = Run("faulty", *RECORD, "--for", "1s")
    seconds = time.monotonic() - began
    made = calls().get(operation, {"calls": 0})["calls"]
    if made < nth:
        differs(name, f"the call was not made: {made} calls")
    if run.code is None:
        differs(name, f"did not end within 60 s: {run.text!r}")
    elif fault is not None:
        if run.code not in EXIT_CODES:
            differs(name, f"exit code {run.code} is none that is documented: {run.text!r}")
        # Of two failures the first is told.
        number = conditions[0][-1] if conditions else f"0x{fault:08X}" if fault > 0xFFFF else str(fault)
        # A session that is said to be gone and is not: what is told is that its file cannot be moved.
        gone = fault == 4201 and operation.startswith("ControlTrace")
        check_message(name, run, r"\d+" if gone else number)
    # A start that says it failed and did not, a session that is said to be gone and is not: nobody knows of it, but the
    # next recording finds it.
    unknown = (operation == "StartTrace" and after) or (operation.startswith("ControlTrace") and fault == 4201)
    check_left(name, run, fault is None or run.code is None or unknown)
    if os.environ.get("HR_VERBOSE"):
        print(f"{name}: exit code {run.code}, {seconds:.1f} s, saved {run.saved()}, {run.text!r}", flush=True)


def rescue_case(operation, nth, code):
    """The rescue of a recording whose recorder was killed fails once; tried again it succeeds."""
    name = f"rescue: {operation} call {nth} fails with {code}"
    sim("reset")
    sim("set", "die", "ControlTrace:STOP", "1")
    Run("orphan", *RECORD, "--for", "1s")
    if sessions() != ["Handle Recorder"]:
        differs(name, f"no orphan was left: {sessions()}")
    before = calls().get(operation, {"calls": 0})["calls"]
    sim("set", "fail", operation, str(nth), str(code))
    run = Run("rescued", "--rescue")
    made = calls().get(operation, {"calls": 0})["calls"]
    if made < before + nth:
        differs(name, f"the call was not made: {before}, then {made}")
    if run.code not in EXIT_CODES:
        differs(name, f"exit code {run.code} is none that is documented: {run.text!r}")
    check_message(name, run, str(code))
    if run.code != 0:
        run = Run("rescued", "--rescue")
    if run.code not in (0, 3) or not readable(run.path) or sessions() or parts():
        differs(name, f"rescued again: exit code {run.code}, sessions {sessions()}, parts {parts()}: {run.text!r}")


def operations():
    """(operation, nth call, conditions) of a whole recording; the query's calls are of several steps."""
    sim("reset")
    run = Run("plain", *RECORD, "--for", "1s")
    if run.code != 0 or not readable(run.path):
        sys.exit(f"a recording without faults: exit code {run.code}, {run.text!r}")
    made = calls()
    print("count: operations of a recording: " + ", ".join(f"{k} {v['calls']}" for k, v in made.items()))
    found = [(op, nth, []) for op, n in made.items() for nth in range(1, min(n["calls"], 4) + 1)]
    return found + [(op, 1, [condition]) for op, condition in CONDITIONAL]


def main():
    rng = random.Random(SEED)
    every = operations()
    cases = 0
    codes = set()
    for op, nth, conditions in every:
        known = NT_CODES if op.startswith("Nt") else WIN32_CODES
        for after in (False, True):
            chosen = known if FULL else rng.sample(known, 1)
            for fault in [*chosen, None]:
                codes.add(fault)
                cases += 1
                case(op, nth, fault, after, conditions)
    rescues = [("ControlTrace:QUERY", 1), ("ControlTrace:QUERY", 2), ("ControlTrace:STOP", 1)]
    for op, nth in rescues:
        # 4201 says that there is nothing to rescue, 5 in the first call that this user may not even look.
        for code in [c for c in WIN32_CODES if c != 4201 and (c != 5 or (op, nth) != rescues[0])] if FULL else [8]:
            cases += 1
            rescue_case(op, nth, code)
    sim("reset")
    print(f"count: {cases} faults: {len(every)} calls of {len({op for op, _, _ in every})} operations, "
          f"{len(codes - {None})} codes and a kill, before and after each; {runs} runs of handlerec, {wrong} failures "
          f"(seed {SEED})")
    return 1 if wrong else 0


sys.exit(main())
