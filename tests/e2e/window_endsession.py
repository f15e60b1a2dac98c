"""Windows ends its session while the program records or saves: the raw parts are on disk before it agrees."""
from window import *

DELAY_MS = 2000  # of the session's end: what must be waited for
LOG = LOCAL / "log/HandleRecorder.log"


def log_size():
    return LOG.stat().st_size if LOG.exists() else 0


def slow_stop():
    sim("set", "delay", "ControlTrace:STOP", 1, DELAY_MS)


def end(w, name):
    """Returns the raw parts, and what the log says of it."""
    before, started = log_size(), time.monotonic()
    answer = w.main("endsession", 30)
    took = time.monotonic() - started
    # At this moment, without waiting for anything:
    left, raw = sessions(), parts()
    equal(answer.split("\n"), ["query agreed", "ended"], f"{name}: the window agrees")
    equal(left, [], f"{name}: no session is left when WM_ENDSESSION returns")
    print(f"measured: {name}: WM_ENDSESSION returned after {took:.1f} s (one call of tracing takes {DELAY_MS / 1000:.1f} s)")
    return raw, LOG.read_bytes()[before:].decode()


def whole(raw, least, name):
    if not equal(len(raw), 1, f"{name}: one raw part is on the disk"):
        return
    found = info(raw[0])
    equal((found["truncated"], found["damagedBuffers"]), (False, 0), f"{name}: the raw part is whole")
    created = sum(c["count"] for c in found["counts"] if c.get("hook") == "0x1120")
    check(created >= least, f"{name}: all that happened is in it", created, least)


def offered(name):
    """The next start has it, and saves it."""
    w = Window()
    w.wait_title("Not saved:")
    path = f"C:\\end {name}.etl"
    linux_path(path).unlink(missing_ok=True)
    w.click("STOP")
    w.wait_file_dialog()
    w.save_as(path)
    said = w.wait_saved()
    equal(said and said[1], path, f"{name}: saved at the next start")
    equal(leftovers(), [], f"{name}: no raw parts are left")
    equal(w.close(), 0, "exit code")


def recording():
    w = Window()
    with Leaky("--leak", "Event:3000") as leaky:
        w.record()
        leaky.go()
        leaky.done()
        slow_stop()
        raw, log = end(w, "recording")
        has(log, "Windows ends its session: stopping", "the log")
        has(log, "the raw parts are on disk", "the log")
        whole(raw, 3000, "recording")
    w.kill()
    offered("recording")


def stopping():
    """While the session is being ended and the place is asked for."""
    w = Window()
    with Leaky("--leak", "Event:3000") as leaky:
        w.record()
        leaky.go()
        leaky.done()
        slow_stop()
        w.click("STOP")
        w.wait_file_dialog()
        raw, _ = end(w, "stopping")
        whole(raw, 3000, "stopping")
    w.kill()
    sim("reset")
    offered("stopping")


def saving():
    """The place is chosen already: the file is there or the raw part is, and nothing is half done."""
    w = Window()
    w.record()
    path = WORK / "saving.etl"
    slow_stop()
    w.click("STOP")
    w.wait_file_dialog()
    w.save_as(windows_path(path))
    raw, _ = end(w, "saving")
    check(bool(raw) != path.exists(), "either the raw part or the file is there", raw, path.exists())
    found = info(raw[0] if raw else path)
    equal((found["truncated"], found["damagedBuffers"]), (False, 0), "saving: it is whole")
    equal(list(WORK.glob("*.incomplete")), [], "no half-made copy")
    w.kill()
    sim("reset")
    if raw:
        offered("saving")


def starting():
    """Nothing is recorded yet: nothing stays."""
    w = Window()
    sim("set", "delay", "TraceSetInformation:3", 1, DELAY_MS)
    w.click("RECORD")
    wait_for(lambda: sessions(), 5)
    end(w, "starting")
    equal(leftovers(), [], "starting: no raw parts are left")
    w.kill()


def idle():
    w = Window()
    started = time.monotonic()
    equal(w.main("endsession", 5).split("\n"), ["query agreed", "ended"], "an idle window agrees")
    check(time.monotonic() - started < 2, "at once", time.monotonic() - started)
    w.kill()


for name, part in (
    ("recording", recording),
    ("stopping", stopping),
    ("saving", saving),
    ("starting", starting),
    ("idle", idle),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("the end of the Windows session loses nothing")
