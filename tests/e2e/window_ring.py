"""The window records to a memory ring: its companion, marks, a snapshot while it records, and the saved file."""
from window import *

ETL = "C:\\test recordings"


def place(name):
    folder = linux_path(ETL)
    folder.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    return f"{ETL}\\{name}"


def ring_profile():
    """The profile of all handles, its memory half alone, with a ring of 32 MB."""
    text = (Path(__file__).parents[2] / "profiles/HandlesAll.wprp").read_text()
    text = re.sub(r'\s*<Profile [^>]*Base="[^>]*>.*?</Profile>', "", text, flags=re.S)
    text = text.replace('LoggingMode="File"', 'LoggingMode="Memory"').replace(".Verbose.File", ".Verbose.Memory")
    text = re.sub(r'<Buffers Value="\d+"', '<Buffers Value="32"', text)
    path = WORK / "ring.wprp"
    path.write_text(text)
    return windows_path(path)


def snapshot(w, path):
    w.menu("Recording/Save snapshot...")
    check(wait_for(lambda: w.shows("Save a snapshot"), 10), "the dialog for a snapshot is open")
    w.save_as(path)
    w.wait_bar("Snapshot saved", 20)
    has(w.bar(), path, "the bar names the snapshot")


def a_ring():
    w = Window("/profile", ring_profile())
    has(w.control("SUMMARY"), "ring 32", "the summary")
    check(not w.enabled("MARK"), "Mark is off while nothing is recorded")
    w.record()
    names = sorted(s["name"] for s in sessions())
    equal(names, ["Handle Recorder", "Handle Recorder Companion"], "the sessions")
    with Leaky("--leak", "Event:50") as leaky:
        leaky.go()
        leaky.done()
    w.click("MARK")
    check(wait_for(lambda: w.step().endswith("marks: 1"), 5), "the mark is counted", w.step())
    w.key("ctrl+m")
    check(wait_for(lambda: w.step().endswith("marks: 2"), 5), "so is the key's", w.step())
    snapshot(w, place("ring snapshot.etl"))
    check(w.enabled("STOP") and w.enabled("MARK"), "recording goes on")
    shot("ring-recording")
    w.click("STOP")
    w.wait_file_dialog()
    path = place("ring.etl")
    w.save_as(path)
    said = w.wait_saved(60)
    shot("ring-saved")
    if said:
        found = info(linux_path(path))
        equal(int(said[2].replace(",", "")), found["events"], "the bar and handlerec info count the same events")
    no_session("saved")
    equal(leftovers(), [], "no raw parts are left")
    for name in ("ring.etl", "ring snapshot.etl"):
        _, report, _ = handlerec("report", linux_path(f"{ETL}\\{name}"))
        has(report, "Mark 1", f"the mark in {name}")
    equal(w.close(), 0, "the exit code")


a_ring()
finish("a ring is recorded and saved")
