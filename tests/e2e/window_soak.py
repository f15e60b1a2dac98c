"""Recording to a ring again and again while everything else is done that a user can do meanwhile: the window stays, and
what it records is saved. HR_SOAK: so many recordings (40); HR_SEED: what is done when."""
import random

from window import *

ETL = "C:\\test recordings"
ROUNDS = int(os.environ.get("HR_SOAK", "40"))
SEED = int(os.environ.get("HR_SEED", "1"))
RESULTS = "HandleRecorderResults"


def place(name):
    folder = linux_path(ETL)
    folder.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    return f"{ETL}\\{name}"


def profile(storage, more=""):
    text = (Path(__file__).parents[2] / "profiles" / "Event.wprp").read_text()
    ours = "HandleRecorder:1;types=Even"
    check(ours in text, "the profile's Comments are known", text[:300])
    path = WORK / f"soak {storage}{re.sub(r'[^a-zA-Z0-9]', '', more)}.wprp"
    path.write_text(text.replace(ours, f"{ours};storage={storage}{more}"))
    return windows_path(path)


class Soak:
    """One run of the program, with several recordings."""

    snapshots = 0

    def __init__(self, dice, live, storage="ring"):
        self.dice = dice
        self.storage = storage
        self.w = Window("/profile", profile(storage, ";live=1" if live else ""))

    def alive(self, what):
        if not programs():
            raise RuntimeError(f"the program ended: {what}")

    def results_open(self):
        return any(r[2] == RESULTS and r[5] == "visible" for r in self.w.windows())

    def command(self, name):
        """By its number: the results window may lie over the button."""
        self.w.main("command", IDS["IDM_" + name])

    # What can be done while it records.

    def mark(self):
        self.w.key("f6" if self.results_open() else "ctrl+m")

    def mark_by_button(self):
        self.command("MARK")

    def snapshot(self):
        w = self.w
        Soak.snapshots += 1
        path = place(f"soak {Soak.snapshots}.etl")
        self.command("SNAPSHOT")
        if check(wait_for(lambda: w.shows("Save a snapshot"), 10), "the dialog for a snapshot is open"):
            w.save_as(path)
            w.wait_bar("Snapshot saved", 30)

    def leak(self):
        with Leaky("--leak", "Event:400:50") as leaky:
            leaky.go()
            leaky.done()

    def another_type(self):
        if self.results_open():
            return
        self.w.change(self.dice.choice(["File", "Key", "Mutant"]), self.dice.choice([None, "CLOSE"]))

    def select(self):
        self.command("NEXT_PANE")

    def sort(self):
        self.w.key(self.dice.choice(["home", "end", "down", "up"]))

    def ask_to_close(self):
        self.w.main("close")
        self.w.wait_dialog("Save the recording before closing?")
        self.w.answer("Keep recording")
        self.w.no_dialog()

    def ask_to_discard(self):
        self.command("DISCARD")
        self.w.wait_dialog("Discard this recording?")
        self.w.answer("Keep")
        self.w.no_dialog()

    def results(self):
        """Opened, it stays from the recording before: closed while the next one runs."""
        if self.results_open():
            self.w.drive("in", RESULTS, "close")
        else:
            self.w.key("f6")

    def wait(self):
        time.sleep(self.dice.uniform(0.2, 2.5))

    def record(self):
        w = self.w
        doings = [self.mark, self.mark_by_button, self.leak, self.another_type, self.select, self.sort, self.ask_to_close,
                  self.ask_to_discard, self.results, self.wait, self.wait]  # fmt: skip
        if self.storage == "ring":
            doings += [self.snapshot, self.snapshot]
        self.command("RECORD")
        w.wait_recording()
        self.alive("at the start")
        for doing in self.dice.sample(doings, 6):
            try:
                doing()
            except DriveError as problem:
                self.alive(f"{doing.__name__}: {problem}")
                raise
            self.alive(doing.__name__)
        check(self.w.enabled("STOP"), "it still records", self.w.title(), self.w.bar())

    def save(self):
        w = self.w
        path = place("soak saved.etl")
        self.command("STOP")
        w.wait_file_dialog()
        w.save_as(path)
        said = w.wait_saved(60)
        if said and self.dice.random() < 0.7:
            w.key("ctrl+l")
            check(wait_for(self.results_open, 10), "the results")

    def discard(self):
        self.command("DISCARD")
        self.w.wait_dialog("Discard this recording?")
        self.w.answer("Discard")
        check(wait_for(lambda: self.w.enabled("RECORD"), 20), "idle after Discard", self.w.title(), self.w.bar())


def soak(number, dice):
    live = number % 4 != 3
    storage = "file" if number % 8 == 5 else "ring"
    s = Soak(dice, live, storage)
    for _ in range(2):
        s.record()
        dice.choice([s.save, s.save, s.discard])()
        s.alive("at the end of a recording")
    equal(s.w.close_main(), 0, "exit code")
    no_session("soak")


for number in range((ROUNDS + 1) // 2):
    with case(f"round {number}"):
        soak(number, random.Random(SEED * 1000 + number))
finish(f"the window stayed through {ROUNDS} recordings")
