"""What the trace tells while it records: the list's columns for it, beside the census, to a file and to a ring."""
from window import *

COLUMNS = ["Created (trace)", "Closed (trace)", "Duplicated (trace)"]


def profile(storage):
    """The Event profile that ships, with live events."""
    text = (Path(__file__).parents[2] / "profiles" / "Event.wprp").read_text()
    ours = "HandleRecorder:1;types=Even"
    check(ours in text, "the profile's Comments are known", text[:300])
    path = WORK / f"live {storage}.wprp"
    path.write_text(text.replace(ours, f"{ours};live=1;storage={storage}"))
    return windows_path(path)


def columns(w, kind="Event"):
    row = next((r for r in w.rows() if r["Type"] == kind), {})
    return [int(row[c].replace(",", "")) if row.get(c, "–")[0].isdigit() else None for c in COLUMNS]


def counted(storage):
    with Leaky("--leak", "Event:700:100") as leaky:
        w = Window("/profile", profile(storage))
        check(COLUMNS[0] not in w.rows()[0], "no such columns before it records", w.rows()[0])
        w.record()
        check(wait_for(lambda: columns(w)[0] is not None, 15), "the columns came, and the type has its name", w.rows()[0])
        none = [0, 0, 0]
        check(wait_for(lambda: columns(w, "File") == none, 15), "a type that is not recorded counts nothing", columns(w, "File"))
        before = columns(w)
        leaky.go()
        leaky.done()
        check(wait_for(lambda: columns(w)[0] >= before[0] + 700, 15), "each create is counted", before, columns(w))
        # What else runs here opens an event now and then.
        check(columns(w)[0] <= before[0] + 800, "and counted once", before, columns(w))
        has(w.control("STATUS"), "trace (below ", "the status bar says what it costs")
        shot(f"live-{storage}")
        w.discard()
        check(wait_for(lambda: COLUMNS[0] not in w.rows()[0], 10), "they go with the recording", w.rows()[0])
        equal(w.close(), 0, "exit code")
    no_session(storage)


for storage in ("file", "ring"):
    with case(f"to a {storage}"):
        counted(storage)
finish("the list shows what the trace tells while it records")
