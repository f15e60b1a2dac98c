"""No control is cut, covers another one or leaves its window: at this DPI, in each state, at the least size too."""
from window import *

DPI = os.environ.get("WINDOW_DPI", "96")


def controls(w):
    """The visible children of the topmost window, with their places; and the window."""
    rows = [line.split("\t") for line in w.drive("tree").splitlines()[1:]]
    for r in rows:
        r[3] = [int(n) for n in r[3].split(",")]
    # Pages lie on tabs, and an edit control in its combo box.
    none = ("SysHeader32", "SysTabControl32", "#32770")
    inner = [r for r in rows[1:] if r[4] == "visible" and r[1] not in none]
    return rows[0], [r for r in inner if not (r[1] == "Edit" and any(c[1] == "ComboBox" and inside(r[3], c[3]) for c in inner))]


def inside(a, b):
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def overlap(a, b):
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def name_of(r):
    return next((n for n, i in IDS.items() if str(i) == r[2] and n.startswith("IDC")), r[2]) + f" {r[-1]!r}"


# An ellipsis says that something is cut, and the whole text is elsewhere.
MAY_BE_CUT = {id_of("STEP")}


def check_layout(w, what):
    what = f"{DPI} DPI, {what}"
    window, all_controls = controls(w)
    for r in all_controls:
        left, top, right, bottom = r[3]
        check(inside(r[3], window[3]), f"{what}: {name_of(r)} is inside the window", r[3], window[3])
        check(right > left and bottom > top, f"{what}: {name_of(r)} is to be seen", r[3])
    for i, a in enumerate(all_controls):
        for b in all_controls[i + 1 :]:
            check(not overlap(a[3], b[3]), f"{what}: {name_of(a)} and {name_of(b)} do not overlap", a[3], b[3])
    for line in w.drive("text-sizes").splitlines():
        control, *sizes, text = line.split("\t")
        need_x, need_y, have_x, have_y = map(int, sizes)
        # A line may stand one dot higher than its box: that dot is blank.
        fits = need_x <= have_x and need_y <= have_y + 1
        check(fits or control in MAY_BE_CUT, f"{what}: the text of {control} fits", repr(text), sizes)
    shot(f"layout-{DPI}-{re.sub(r'[^a-z]+', '-', what.split(', ', 1)[1])}")


def sizes(w, state):
    check_layout(w, f"{state}, as it opens")
    w.drive("size", 100, 100)
    window, _ = controls(w)
    width, height = window[3][2] - window[3][0], window[3][3] - window[3][1]
    check(width >= 640 and height >= 460, f"{DPI} DPI: the least size is kept", width, height)
    check_layout(w, f"{state}, least size")
    if FULL:
        w.drive("size", 1200, 860)
        check_layout(w, f"{state}, large")


def gdi(w):
    return json.loads(w.drive("objects").splitlines()[-1])["gdi"]


def other_dpi(w):
    """On a screen of another DPI all is larger by as much, and back on this one it stands as before."""
    w.drive("size", 900, 700)
    here = {r[2]: r[3] for r in controls(w)[1]}
    w.drive("dpi", 96, 120)
    check_layout(w, "on a screen with one and a quarter as many dots")
    there = {r[2]: r[3] for r in controls(w)[1]}
    for name in ("RECORD", "TYPES"):
        a, b = (places[id_of(name)] for places in (here, there))
        check(1.15 * (a[2] - a[0]) <= b[2] - b[0] <= 1.35 * (a[2] - a[0]), f"{name} is wider by a quarter", a, b)
    w.drive("dpi", 120, 96)
    equal({r[2]: r[3] for r in controls(w)[1]}, here, "all places after it came back")
    before = gdi(w)
    for _ in range(6):
        w.drive("dpi", 96, 120)
        w.drive("dpi", 120, 96)
    check(gdi(w) <= before + 4, "fonts and pictures of the other DPI are given back", before, gdi(w))


def states():
    w = Window(rights="--not-elevated")
    sizes(w, "not elevated")
    equal(w.close(), 0, "exit code")
    w = Window()
    sizes(w, "idle")
    if DPI == "96":
        other_dpi(w)
    w.key("ctrl+e")
    w.drive("wait-window", "-", "Edit profile", 10)
    w.drive("click", id_of("THESE_TYPES"))
    for page in ("General", "What to record", "Stacks", "Storage", "Stop"):
        w.page(page)
        check_layout(w, f"editor {page}")
    w.key("esc")
    w.wait_dialog("Close without saving the changes?")
    w.answer("Close without saving")
    w.record()
    sizes(w, "recording")
    sim("set", "delay", "ControlTrace:STOP", 1, 5000)
    w.click("STOP")
    w.wait_file_dialog()
    w.key("esc")
    w.no_dialog()
    check(w.title().startswith("Saving:"), "it is being stopped", w.title())
    sizes(w, "stopping")
    w.wait_title("Not saved:")
    sizes(w, "unsaved")
    w.click("STOP")
    w.wait_file_dialog()
    folder = linux_path("C:\\a folder with a rather long name\\and another one in it")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    w.save_as("C:\\a folder with a rather long name\\and another one in it\\a recording.etl")
    w.wait_saved()
    sizes(w, "saved")
    sim("set", "fail", "StartTrace", 1, 1117)
    w.click("RECORD")
    w.wait_bar("(1117)")
    sizes(w, "failed")
    equal(w.close(), 0, "exit code")


with case(f"layout at {DPI} DPI"):
    states()
finish(f"nothing is cut or covered at {DPI} DPI")
