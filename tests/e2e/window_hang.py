"""While an operation of tracing hangs the window answers, and what is commanded meanwhile is done afterwards."""
from window import *

LIMIT_MS = 400  # of an answer; the operation hangs longer than that
HANG_MS = 10000 if FULL else 1000


class Hang:
    """The next call of an operation hangs until it is released."""

    def __init__(self, operation):
        self.operation = operation
        self.before = self.calls()
        sim("set", "hang", operation, 1)

    def calls(self):
        return sim("calls").get(self.operation, {"calls": 0})["calls"]

    def reached(self):
        return self.calls() == self.before + 1


def measure(w, name, hang, still):
    """The window's answers while the operation hangs; `still` must hold before and after the measurement."""
    check(wait_for(hang.reached, 10), f"{name} is called", hang.before, hang.calls())
    check(wait_for(still, 10), f"{name} hangs", w.title(), w.step())
    found = json.loads(w.main("null-latency", HANG_MS))
    check(still() and hang.reached(), f"{name} hangs all the time", w.title(), w.step())
    print(f"measured: hang {name} max latency {found['max']:.0f} ms ({found['count']} answers in {HANG_MS} ms)")
    check(found["max"] < LIMIT_MS and not found["timeouts"], f"the window answers while {name} hangs", found)


def starting(w, operation, name):
    hang = Hang(operation)
    w.click("RECORD")
    measure(w, name, hang, lambda: w.title().startswith("Recording:") and not w.enabled("STOP") and w.enabled("DISCARD"))
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.answer("Discard")
    check(not w.enabled("RECORD"), f"{name}: the discard waits for the operation")
    sim("release")
    check(wait_for(lambda: w.enabled("RECORD"), 10), f"{name}: discarded after all", w.title(), w.bar())
    no_session(f"{name}, discarded")
    equal(leftovers(), [], f"{name}: nothing is left")


def start():
    w = Window()
    w.only("Event")
    for operation, name in (
        ("StartTrace", "start"),
        ("TraceSetInformation:3", "set stacks"),
        ("NtSetSystemInformation:17", "set filter"),
        ("TraceSetInformation:4", "set masks"),
        ("TraceQueryInformation:4", "read masks back"),
    ):
        starting(w, operation, name)
    equal(w.close(), 0, "exit code")


def looking():
    """The first look around, when the window opens."""
    hang = Hang("ControlTrace:QUERY")
    w = Window()
    measure(w, "look around", hang, lambda: w.enabled("RECORD"))
    w.click("RECORD")
    equal(w.title().startswith("Recording:"), False, "Record waits for it")
    sim("release")
    w.wait_recording()
    w.discard()
    equal(w.close(), 0, "exit code")


def recorded(w, name):
    """Stopped while the operation hung: saved after all."""
    w.click("STOP")
    w.wait_file_dialog()
    path = f"C:\\hang {name}.etl"
    linux_path(path).unlink(missing_ok=True)
    w.save_as(path)
    sim("release")
    said = w.wait_saved()
    equal(said and said[1], path, f"{name}: stopped and saved after all")
    no_session(f"{name}, saved")
    equal(leftovers(), [], f"{name}: nothing is left")


def poll():
    w = Window()
    w.record()
    hang = Hang("ControlTrace:QUERY")
    measure(w, "poll", hang, lambda: w.enabled("STOP"))
    recorded(w, "poll")
    equal(w.close(), 0, "exit code")


def what_it_records():
    return [(s["tags"], s["stacks"]) for s in sessions()]


def change():
    w = Window()
    w.only("Event")
    for operation, name, wish in (
        ("TraceSetInformation:3", "change stacks", {"stacks": "CLOSE"}),
        ("NtSetSystemInformation:17", "change filter", {"kind": "File"}),
    ):
        w.record()
        before = what_it_records()
        hang = Hang(operation)
        w.change(**wish)
        measure(w, name, hang, lambda: w.enabled("STOP") and what_it_records() == before)
        recorded(w, name)
    equal(w.close(), 0, "exit code")


def stop():
    w = Window()
    w.record()
    hang = Hang("ControlTrace:STOP")
    w.click("STOP")
    w.wait_file_dialog()
    measure(w, "stop", hang, lambda: w.title().startswith("Saving:") and len(sessions()) == 1)
    path = "C:\\hang stop.etl"
    linux_path(path).unlink(missing_ok=True)
    w.save_as(path)
    check(wait_for(lambda: w.enabled("RECORD"), 0) is None, "it is not saved yet")
    w.drive("link", id_of("CANCEL_SAVE"), "Cancel")
    sim("release")
    w.wait_title("Not saved:")
    check(not linux_path(path).exists(), "saving was cancelled")
    equal(len(parts()), 1, "the raw part stays")
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.answer("Discard")
    check(wait_for(lambda: w.enabled("RECORD"), 10), "discarded", w.title())
    # Discarding hangs: its stop.
    w.record()
    hang = Hang("ControlTrace:STOP")
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.answer("Discard")
    measure(w, "stop of a discard", hang, lambda: w.title().startswith("Saving:") and len(sessions()) == 1)
    sim("release")
    check(wait_for(lambda: w.enabled("RECORD"), 10), "discarded", w.title())
    no_session("stop")
    equal(leftovers(), [], "nothing is left")
    equal(w.close(), 0, "exit code")


def census():
    """Counting many handles takes long: not on the window's time."""
    many = 1000000 if FULL else 100000
    with Leaky("--leak", f"Event:{many}", "--threads", "2", kernel=False) as leaky:
        w = Window()
        leaky.go()
        leaky.done()
        found = json.loads(w.main("null-latency", HANG_MS + 2000))
        rows = [r for r in w.rows() if r["Type"] == "Event"]
        check(int(rows[0]["Open now"].replace(",", "")) >= many, "all of them are counted", rows)
        print(f"measured: census of {rows[0]['Open now']} events, max latency {found['max']:.0f} ms; {w.drive('status').splitlines()[0]}")
        check(found["max"] < LIMIT_MS and not found["timeouts"], "the window answers while the census counts", found)
        equal(w.close(), 0, "exit code")


for name, part in (
    ("operations of starting", start),
    ("the first look around", looking),
    ("poll", poll),
    ("change", change),
    ("stop", stop),
    ("a large census", census),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("the window answers while operations hang")
