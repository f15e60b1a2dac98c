"""What demo.sh shows: finds a leaking program in the window and records it, with pointer and keys at what is on the
screen, then reads from the saved file which function leaked, beside what the program says it did.

Runs on the screen and over the simulated kernel of demo.sh. Exits 1 after a line in WORK/failure.txt.
"""
import collections
import json
import re
import subprocess
import sys
import time

import lives
from window import BUILD, EXE, SHOTS, WORK, Window, DriveError, failures, id_of, sessions, shot, wait_for, windows_path

NATIVE = BUILD.parent / "native"
TYPE = "Event"
step = "start"


class Failed(Exception):
    pass


def begin(what):
    global step
    step = what
    print(f"== {what}", flush=True)


def say(*words):
    print("  ", *words, flush=True)


def need(ok, why):
    """Also fails for what the window's own helpers found wrong."""
    if not ok or failures:
        raise Failed("; ".join(failures) or why)
    return ok


class Leaky:
    """The leaking program, from its start to the barrier that keeps its handles open until the end of the demo."""

    def __init__(self, name, rounds):
        self.dir = WORK / name
        self.dir.mkdir()
        self.log = open(self.dir / "leaky.log", "wb")
        # The guide's missing lock: four threads at a time, twenty times a second.
        self.process = subprocess.Popen(
            ["wine", BUILD / "ksimrun.exe", BUILD / "leaky.exe", "--sync", windows_path(self.dir),
             "--truth", windows_path(self.dir / "truth.json"), "--race", f"4:{rounds}:20"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        need(wait_for(lambda: self.has("ready"), 60), f"leaky is not ready: {self.said()}")

    def has(self, mark):
        return (self.dir / mark).exists()

    def said(self):
        return (self.dir / "leaky.log").read_text(errors="replace").strip()

    def go(self):
        (self.dir / "go").touch()

    def end(self):
        (self.dir / "end").touch()
        need(self.process.wait(60) == 0, f"leaky ended with {self.process.returncode}: {self.said()}")

    def truth(self):
        return json.loads((self.dir / "truth.json").read_text())


def number(text):
    digits = re.sub(r"\D", "", text)
    need(digits, f'the window shows "{text}" instead of a number')
    return int(digits)


def row_of(window, kind):
    # Rows are read one after the other from a list that sorts itself meanwhile: one may pass by unseen, not thrice.
    for _ in range(3):
        rows = window.rows()
        found = [row for row in rows if row["Type"] == kind]
        if found:
            return found[0]
    need(False, f"the list has no row {kind}: {[row['Type'] for row in rows]}")


def open_now(window):
    return number(row_of(window, TYPE)["Open now"])


def holders(window):
    """Open handles of the chosen type by process id, as the lower list shows them."""
    return {number(row["PID"]): number(row["Open now"]) for row in window.rows("PROCS")}


def settled(window):
    """The holders once both leaking programs are among them and two counts have found the same."""
    last = {}
    end = time.monotonic() + 30
    while True:
        names = [row["Process"] for row in window.rows("PROCS")]
        now = holders(window)
        if names.count("leaky.exe") == 2 and now == last:
            return now
        need(time.monotonic() < end, f"the window does not show both leaking programs at rest: {names}")
        last = now
        time.sleep(1.5)


def watch(window, leaky, more=None, seconds=120):
    """Prints what the list shows until leaky is done, or until it shows that many more; returns the first and last."""
    first = last = open_now(window)
    say(f"{TYPE}, open now: {first:,}")
    end = time.monotonic() + seconds
    while not (leaky.has("done") if more is None else last >= first + more):
        need(time.monotonic() < end, f"{TYPE} went from {first} to {last} in {seconds} s, and leaky is not done")
        need(not leaky.has("failed"), f"leaky failed: {leaky.said()}")
        time.sleep(0.4)
        now = open_now(window)
        if now != last:
            say(f"{TYPE}, open now: {now:,} ({now - last:+,})")
            last = now
    need(last > first, f"{TYPE} did not grow: {first}, then {last}")
    return first, last


def look(window, name):
    """A picture, with the pointer away from what it would tint or cover."""
    window.drive("hover", id_of("STATUS"))
    shot(name)


def choose(window, kind):
    for _ in range(3):
        # The order may change between a look and a click, as it may for a person.
        window.drive("list-click", id_of("TYPES"), f"={kind}")
        if "*" in row_of(window, kind)["#"]:
            return
    raise Failed(f"{kind} cannot be chosen")


def drive():
    begin("start Handle Recorder")
    window = Window()
    say(f"{len(window.rows())} handle types are listed")
    look(window, "01-idle")

    begin("a program leaks: which type grows?")
    first = Leaky("first", 120)
    say("leaky runs: its GetOrCreateEvent lacks a lock")
    first.go()
    watch(window, first)
    look(window, "02-event-grows")

    begin(f"choose {TYPE}, record only this type")
    choose(window, TYPE)
    need(window.wait_list("PROCS", "leaky.exe", 20) is not None, "leaky is not among the processes that hold events")
    look(window, "03-event-chosen")
    window.click("ONLY")
    window.drive("wait-text", id_of("SUMMARY"), f"Records {TYPE}", 20)
    say(window.control("SUMMARY"))
    look(window, "04-only-event")

    begin("record")
    window.click("RECORD")
    need(window.wait_recording(60), "it does not record")
    second = Leaky("second", 420)
    before = settled(window)
    second.go()
    say("leaky runs again, recorded from its first handle to its last")
    watch(window, second, 500)
    look(window, "05-recording")
    watch(window, second)
    truth = second.truth()
    held = sum(row["open"] for row in truth["rows"] if row["type"] == TYPE)
    pid = truth["pid"]
    # The last handles show with the next count.
    wait_for(lambda: holders(window).get(pid, 0) - before.get(pid, 0) == held, 20, 0.3)
    live = holders(window).get(pid, 0) - before.get(pid, 0)
    look(window, "06-leaked")

    begin("stop and save")
    window.click("STOP")
    say("proposed name:", window.wait_file_dialog(60))
    need(not failures, "")
    shot("07-file-name")
    window.save_as(windows_path(SHOTS / "leak.etl"))
    need(window.wait_saved(120), "it is not saved")
    say(window.bar())
    look(window, "08-saved")
    need(wait_for(lambda: sessions() == [], 20), f"a session is left: {sessions()}")

    begin("close")
    first.end()
    second.end()
    code = window.close()
    need(code == 0, f"{EXE} ended with exit code {code}")
    return truth, live


def read_report(path, pid, first, last):
    """What handlerec itself says of the process between two of its events, with the functions' names."""
    done = subprocess.run(
        ["wine", BUILD / "handlerec.exe", "report", "--format", "json", "--process", str(pid), "--type", TYPE,
         "--since", str(first), "--until", str(last), windows_path(path)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)  # fmt: skip
    need(done.returncode == 0, f"{path} cannot be read: {done.stderr}")
    (WORK / "report.json").write_text(done.stdout)
    return json.loads(done.stdout)


def is_leaky(frame):
    return (frame["module"] or "").lower() == "leaky.exe"


def read_lives(path):
    done = subprocess.run([NATIVE / "handlerec", "dump", "--json", path], capture_output=True, text=True)
    need(done.returncode == 0, f"{path} cannot be read: {done.stderr}")
    (WORK / "events.json").write_text(done.stdout)
    return lives.read_lives(done.stdout.splitlines())[0]


def report(truth, live):
    begin("what the recording says")
    handles = read_lives(SHOTS / "leak.etl")
    go, done = truth["goQpc"], truth["doneQpc"]
    mine = [life for life in handles if life["pid"] == truth["pid"] and go <= life["time"] <= done
            and any(map(is_leaky, life["frames"]))]  # fmt: skip
    left = [life for life in mine if life["closed"] is None or life["closed"] > done]
    say(f'{"":12} {"":9} {"leaky says":>11} {"window shows":>13} {"in the file":>12}')
    agree = True
    for kind in sorted({row["type"] for row in truth["rows"] if row["type"] == TYPE} | {x["type"] for x in mine}):
        rows = [row for row in truth["rows"] if row["type"] == kind]
        numbers = {
            "opened": (sum(row["created"] for row in rows), None, sum(x["type"] == kind for x in mine)),
            "left open": (sum(row["open"] for row in rows), live if kind == TYPE else None,
                          sum(x["type"] == kind for x in left)),
        }  # fmt: skip
        for what, (said, shown, found) in numbers.items():
            say(f'{kind:12} {what:9} {said:11,} {"" if shown is None else f"{shown:,}":>13} {found:12,}')
            agree = agree and said == found and shown in (None, said)
    kinds = collections.Counter(life["type"] for life in handles)
    say("in the file, of all programs:", ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common()))

    with open(WORK / "events.json", encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    seconds = [event["seconds"] for event in events if "handle" in event and go <= event["time"] <= done]
    told = read_report(SHOTS / "leak.etl", truth["pid"], min(seconds), max(seconds))
    groups = [g for g in told["groups"] if g["leaked"] and (g["code"] or "").startswith("leaky.exe")]
    need(groups, "the report has no place in leaky that leaks")
    frames = {stack["id"]: stack["frames"] for stack in told["stacks"]}
    say(f"the stack that opened most of the {groups[0]['leaked']:,} handles of the first group in handlerec report:")
    for frame in frames[groups[0]["stack"]]:
        say("  ", f"{frame['module']}!{frame['symbol']}" if frame["symbol"] else f"{frame['module']}+{frame['offset']:#x}")
    say("the leak:", ", ".join(f"{g['code']} ({g['leaked']:,} handles)" for g in groups))
    expected = {row["function"] for row in truth["rows"] if row["type"] == TYPE and row["open"]}
    found = {g["code"].split("!")[-1].rsplit("+", 1)[0] for g in groups}
    need(found == expected, f"the report says {sorted(found)} leaked, leaky says {sorted(expected)}")
    need(agree, "leaky, the window and the file do not agree")


def main():
    try:
        report(*drive())
    except KeyboardInterrupt:
        return 130
    except (Failed, DriveError, RuntimeError, OSError, subprocess.SubprocessError) as problem:
        (WORK / "failure.txt").write_text(f'at "{step}": {" ".join(str(problem).split())}\n')
        return 1
    return 0


sys.exit(main())
