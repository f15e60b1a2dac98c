"""The program that finds leaks has none: counts of its own handles, GDI and USER objects over many recordings."""
from window import *

ROUNDS = 50
WARM_UP = 6
SECONDS = 1.0 if FULL else 0.2
DIALOGS = 200 if FULL else 60


def counts(w, main="HandleRecorderMain"):
    """By kind. The lowest of several: what a worker holds for a moment is no leak."""
    lowest = {}
    for _ in range(5):
        found = json.loads(w.drive("in", main, "objects").splitlines()[-1])
        found.update({"handles: " + kind: n for kind, n in found.pop("types").items()})
        for kind, n in found.items():
            lowest[kind] = min(n, lowest.get(kind, n))
        w.drive("sleep", 150)
    for other in ("pid", "guiResourcesGdi", "guiResourcesUser"):
        del lowest[other]
    return lowest


def compare(before, middle, after, what, dialog=None):
    """What leaks grows in both halves; what is made once, when it is first drawn, does not. `dialog`: how much the
    system's file dialog grows by itself."""
    for kind in sorted(set(before) | set(middle) | set(after)):
        a, b, c = (found.get(kind, 0) for found in (before, middle, after))
        allowed = max(0, (dialog or {}).get(kind, 0))
        note = f" (of it the system's file dialog: {allowed})" if allowed else ""
        print(f"count: {what}: {kind} {a} -> {b} -> {c}{note}")
        check(c - a <= allowed or b <= a or c <= b, f"{what}: {kind} did not grow", a, b, c, note)
        check(c - a <= allowed + 4, f"{what}: {kind} grew by a handful at most", a, b, c, note)


def file_dialog(times):
    """What the system's own file dialog leaves behind in a program that does nothing else: Wine's leaves something."""
    w = Window(exe="uisample.exe", window="UiSample")

    def once(number):
        w.drive("click", "115")
        w.drive("filedialog", f"C:\\L{number}.etl")
        w.drive("wait-enabled", "115", 10)

    for number in range(WARM_UP // 2):
        once(number)
    before = counts(w, "UiSample")
    for number in range(times):
        once(number)
    grown = {kind: n - before.get(kind, 0) for kind, n in counts(w, "UiSample").items()}
    w.drive("close")
    w.wait_exit()
    return grown


def one(w, number):
    w.drive("command", IDS["IDM_RECORD"])
    w.wait_recording()
    time.sleep(SECONDS)
    if number % 2:
        w.drive("command", IDS["IDM_DISCARD"])
        wait_for(w.has_dialog, 10, 0.02)
        w.answer("Discard")
        check(wait_for(lambda: w.enabled("RECORD"), 10, 0.05), f"discarded, round {number}", w.title(), w.bar())
        return
    w.drive("command", IDS["IDM_STOP"])
    w.wait_file_dialog()
    name = f"C:\\L{number}.etl"
    linux_path(name).unlink(missing_ok=True)
    w.save_as(name)
    check(wait_for(lambda: name in w.bar(), 20, 0.05), f"saved, round {number}", w.title(), w.bar())
    linux_path(name).unlink(missing_ok=True)


def recordings():
    dialog = file_dialog(ROUNDS // 2)
    w = Window()
    for number in range(WARM_UP):
        one(w, number)
    # Rates are shown after 10 s for the first time.
    w.drive("sleep", 6000)
    before, memory = counts(w), w.private_kb()
    for number in range(ROUNDS // 2):
        one(w, number)
    middle = counts(w)
    for number in range(ROUNDS // 2, ROUNDS):
        one(w, number)
    compare(before, middle, counts(w), f"{ROUNDS} recordings", dialog)
    print(f"measured: {ROUNDS} recordings: private memory {memory} KB -> {w.private_kb()} KB")
    equal(w.close(), 0, "exit code")
    no_session("leaks")


def dialogs():
    w = Window()
    entries = [line.replace("*", "").split("\t")[-1] for line in w.main("combo", id_of("PROFILE")).splitlines()]

    def one(number):
        if number % 2:
            w.main("command", IDS["IDM_EDIT"])
            w.drive("wait-window", "-", "Edit profile", 10)
            w.drive("command", 2)  # Cancel
            w.drive("wait-gone", "Edit profile", 10)
        else:
            w.main("select", id_of("PROFILE"), entries[number // 2 % len(entries)])

    for number in range(WARM_UP * 4):
        one(number)
    before, memory = counts(w), w.private_kb()
    for number in range(DIALOGS // 2):
        one(number)
    middle = counts(w)
    for number in range(DIALOGS // 2, DIALOGS):
        one(number)
    compare(before, middle, counts(w), f"{DIALOGS} rounds of form and profiles")
    print(f"measured: {DIALOGS} rounds of form and profiles: private memory {memory} KB -> {w.private_kb()} KB")
    equal(w.close(), 0, "exit code")


for name, part in (("recordings", recordings), ("dialogs", dialogs)):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("the program leaks nothing itself")
