"""Starts HandleRecorder.exe over the simulated kernel and drives it: what the tests of the window share."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path(os.environ["build"])
WORK = Path(os.environ["work"])
DESKTOP = os.environ["UIDRIVE_DESKTOP"]
SHOTS = Path(os.environ["shots"])
FULL = bool(os.environ.get("HR_FULL"))
PREFIX = Path(os.environ["WINEPREFIX"])
LOCAL = PREFIX / "drive_c/users" / os.environ.get("USER", "root") / "AppData/Local/HandleRecorder"
EXE = "HandleRecorder.exe"

# Numbers of resources/resource.h, read from there: a control that is renumbered is still found.
IDS = dict(
    (name, int(number))
    for name, number in re.findall(
        r"#define (ID[CM]_\w+)\s+(\d+)", (Path(__file__).parents[2] / "resources/resource.h").read_text()
    )
)

failures = []


def id_of(name):
    """'RECORD' is the control IDC_RECORD; a number or anything that uidrive understands stays."""
    return str(IDS.get("IDC_" + str(name), name))


def check(ok, what, *details):
    if not ok:
        failures.append(what)
        print("FAILED:", what, *details, flush=True)
    return bool(ok)


def equal(found, wanted, what):
    return check(found == wanted, what, f"\n  found  {found!r}\n  wanted {wanted!r}")


def has(text, part, what):
    return check(part in text, what, f"\n  found  {text!r}\n  wanted {part!r} in it")


def finish(done):
    if failures:
        print(f"{len(failures)} failures")
        sys.exit(1)
    print(f"OK: {done}")


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def linux_path(path):
    """C:\\... of the Wine prefix, or Z:\\..."""
    drive, rest = path[0].lower(), path[3:].replace("\\", "/")
    return Path("/" + rest) if drive == "z" else PREFIX / f"drive_{drive}" / rest


class Server:
    """A program that takes one command a line and ends each answer with a line of = and its exit code. Where it can be
    helped, no Wine process is started while a window counts handles: Wine 8 crashes when handles are listed in the
    moment in which a new process has none yet."""

    def __init__(self, *words):
        self.words = words
        self.process = subprocess.Popen(
            ["wine", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)

    def run(self, *words):
        line = " ".join(f'"{w}"' if re.search(r"\s|^#|^$", w) else w for w in map(str, words))
        out = []
        with contextlib.suppress(OSError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        while True:
            got = self.process.stdout.readline().decode()
            if not got:
                raise DriveError(f"{self.words[0].name} ended at: {line}: {''.join(out)}")
            if got.startswith("= "):
                return int(got[2:]), "".join(out).replace("\r", "").rstrip("\n")
            out.append(got)

    def __call__(self, *words):
        code, out = self.run(*words)
        if code:
            raise DriveError(f"{' '.join(map(str, words))}: {out}")
        return out


class DriveError(Exception):
    pass


kernel = Server(BUILD / "ksimctl.exe", "serve")


def sim(*words):
    """ksimctl; JSON where it prints some."""
    text = kernel(*words)
    return json.loads(text) if text else None


def sessions():
    return sim("sessions")


def tags(session):
    """Its type filter as texts."""
    return [tag.to_bytes(4, "little").decode() for tag in session["tags"]]


def no_session(what):
    """The session may be on its way out: that is waited for."""
    for _ in range(20):
        found = sessions()
        if not found:
            return True
        time.sleep(0.25)
    return check(False, f"{what}: no session is left", found)


def handlerec(*words):
    """The native one where it is built: it reads the same."""
    native = BUILD.parent / "native/handlerec"
    program = [native] if native.exists() else ["wine", BUILD / "handlerec.exe"]
    if not native.exists():
        words = [windows_path(w) if isinstance(w, Path) else w for w in words]
    done = subprocess.run([*program, *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode().replace("\r", ""), done.stderr.decode().replace("\r", "")


def info(path):
    code, out, err = handlerec("info", path, "--json")
    if code not in (0, 3):
        raise RuntimeError(f"handlerec info {path}: {code} {err}")
    return json.loads(out)


def Drive(target=EXE):
    """uidrive, once for many commands."""
    return Server(BUILD / "uidrive.exe", *(["--target", target] if target else []), "serve")


class Window:
    """One run of HandleRecorder.exe."""

    runs = 0
    last = None

    def __init__(self, *args, rights="--elevated", ready=True, exe=EXE, window="HandleRecorderMain"):
        Window.runs += 1
        self.state = WORK / f"state{Window.runs}"
        # What the kernel's library in the program says, and Wine of exceptions; with WINDOW_DEBUG=+seh it says more.
        self.log = WORK / f"window{Window.runs}.log"
        words = [BUILD / "ksimrun.exe", *([rights] if rights else []), BUILD / exe]
        self.host = subprocess.Popen(
            ["wine", "explorer", f"/desktop={DESKTOP},{os.environ['UI_SIZE']}", windows_path(BUILD / "uidrive.exe"),
             "run", windows_path(self.state), *(windows_path(w) if isinstance(w, Path) else w for w in words), *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log.open("wb"),
            env={**os.environ, "WINEDEBUG": os.environ.get("WINDOW_DEBUG", "-all,err+seh")},
        )  # fmt: skip
        Window.last = self
        # The desktop is there when the program is.
        if not wait_for(lambda: self.state.exists() and "pid" in self.state.read_text(), 60):
            raise RuntimeError("the program was not started")
        self.drive = Drive(target=None)
        self.drive("wait-window", exe, window, 30)
        if ready and exe == EXE:
            self.wait_list("TYPES", "Event", 20)

    # What is on the screen.

    def title(self):
        rows = self.windows()
        return next((r[-1] for r in rows if r[2] == "HandleRecorderMain"), "")

    def windows(self):
        return [line.split("\t") for line in self.drive("windows").splitlines()]

    def control(self, name):
        return self.main("text", id_of(name))

    def main(self, *words):
        """A command about the main window, whatever dialog lies over it."""
        return self.drive("in", "HandleRecorderMain", *words)

    def enabled(self, name):
        return "enabled" in self.state_of(name)

    def state_of(self, name):
        return self.main("state", id_of(name)).split()

    def bar(self):
        return re.sub(r"</?a[^>]*>", "", self.control("BAR"))

    def step(self):
        return self.control("STEP")

    def rows(self, control="TYPES"):
        """The list's rows as dictionaries by heading; '' is the mark of a selected row."""
        lines = self.main("list", id_of(control)).splitlines()
        heads = lines[0].split("\t") if lines else []
        return [dict(zip(heads, line.split("\t"))) for line in lines[1:]]

    def dialog(self):
        """The open task dialog: title, text and buttons; None when there is none."""
        if not self.has_dialog():
            return None
        lines = [line.split("\t") for line in self.drive("taskdialog").splitlines()]
        return {
            "text": "\n".join(line[2] for line in lines if line[0].startswith("text")),
            "buttons": {line[2].replace("&", ""): line for line in lines if not line[0].startswith(("text", "title"))},
            "preset": [line[2].replace("&", "") for line in lines if line[0].endswith("*")],
        }

    def shows(self, title):
        """A window of this title is open, and can be used."""
        return any(r[-1] == title and r[5:7] == ["visible", "enabled"] for r in self.windows())

    def has_dialog(self):
        return any(r[2] == "#32770" and r[5] == "visible" for r in self.windows())

    def wait_dialog(self, part, seconds=10):
        found = wait_for(lambda: (d := self.dialog()) and part in d["text"] and d, seconds)
        check(found, f"a dialog says: {part}", self.dialog() or "(no dialog)", self.title(), self.bar())
        return found or {"text": "", "buttons": {}, "preset": []}

    def no_dialog(self, seconds=5):
        return check(wait_for(lambda: not self.has_dialog(), seconds), "the dialog is gone", self.dialog())

    # Waiting.

    def wait_title(self, part, seconds=15):
        return check(wait_for(lambda: part in self.title(), seconds), f"the title says {part}", self.title(), self.bar())

    def wait_bar(self, part, seconds=15):
        return check(wait_for(lambda: part in self.bar(), seconds), f"the bar says {part}", repr(self.bar()))

    def wait_list(self, control, part, seconds=10):
        return self.main("wait-list", id_of(control), part, seconds)

    def wait_recording(self, seconds=20):
        ok = wait_for(lambda: self.enabled("STOP") and re.fullmatch(r"\d+:\d\d:\d\d", self.step()), seconds)
        return check(ok, "it records", self.title(), self.bar(), self.dialog())

    def how_ended(self):
        """For a program that should not have: its exit code and its last words, or that it has not."""
        if programs():
            return "the program runs"
        said = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n  ".join(["the program is gone; uidrive says:", *self.state.read_text().splitlines(), *said])

    def check_exceptions(self):
        """Wine goes on after an exception in a window procedure, which on Windows would have ended the program."""
        said = [line for line in self.log.read_text(errors="replace").splitlines() if "ignoring exception" in line]
        check(not said, "no window procedure had an exception", *said)

    def wait_exit(self, seconds=20):
        def code():
            return re.search(r"^exit (\d+)", self.state.read_text(), re.M) if self.state.exists() else None

        found = wait_for(code, seconds)
        self.drive.close()
        self.check_exceptions()
        return int(found[1]) if found else None

    def wait_saved(self, seconds=30):
        if not self.wait_bar("Saved ", seconds):
            return None
        return re.match(r"Saved (.*), read back: ([\d,]+) events, (.*) lost\.", self.bar())

    # Doing.

    def click(self, name):
        return self.drive("click", id_of(name))

    def key(self, *keys):
        return self.drive("key", *keys)

    def menu(self, path):
        return self.drive("menu", path)

    def answer(self, button):
        return self.drive("taskdialog", button)

    def save_as(self, path):
        """In the open file dialog; a path of Windows."""
        return self.drive("filedialog", path)

    def wait_file_dialog(self, seconds=10):
        found = wait_for(lambda: self.shows("Save the recording"), seconds)
        check(found, "the save dialog is open", [r[-1] for r in self.windows()])
        return self.drive("filedialog") if found else ""

    def record(self):
        self.click("RECORD")
        return self.wait_recording()

    def only(self, kind):
        """Record only this type."""
        self.drive("list-click", id_of("TYPES"), "=" + kind)
        self.click("ONLY")

    def page(self, name):
        """A page of the open profile editor."""
        self.drive("tab", id_of("ED_TABS"), name)
        shown = wait_for(lambda: f"{name}*" in self.drive("tab", id_of("ED_TABS")), 5)
        check(shown, f"the page {name} is shown", self.drive("tab", id_of("ED_TABS")))

    def change(self, kind=None, stacks=None):
        """Ticks another type, or stacks, in the editor of the running recording."""
        self.menu("Recording/Change filter now...")
        title = "Change filter of the running recording"
        check(wait_for(lambda: self.shows(title), 10), "the editor opens")
        if kind:
            self.drive("list-click", id_of("TYPE_LIST"), "=" + kind, "0", "check")
        if stacks:
            self.page("Stacks")
            self.drive("click", id_of(stacks))
        self.drive("click", "=OK")

    def discard(self):
        self.click("DISCARD")
        self.wait_dialog("Discard this recording?")
        self.answer("Discard")
        ok = wait_for(lambda: self.enabled("RECORD"), 20)
        return check(ok, "idle after Discard", self.title(), self.bar())

    def close(self):
        """By the X, with nothing at stake; False when it does not end."""
        self.drive("close")
        return self.wait_exit()

    def close_main(self):
        """The same when another window lies over it."""
        self.main("close")
        return self.wait_exit()

    def private_kb(self):
        """Memory that only the program has."""
        text = Path(f"/proc/{programs()[0]}/smaps_rollup").read_text()
        return int(re.search(r"Private_Dirty:\s+(\d+)", text)[1])

    def kill(self):
        kill_programs()
        with contextlib.suppress(Exception):
            self.drive.close()


def programs():
    """Linux's numbers of the programs under this kernel, not of ksimrun that waits for them."""
    found = []
    name = f"KSIM_NAME={os.environ['KSIM_NAME']}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            first = (folder / "cmdline").read_bytes().split(b"\0")[0]
            if first.endswith(EXE.encode()) and name in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def kill_programs():
    for pid in programs():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not programs(), 10)


class Leaky:
    """The leaking sample under the kernel, walked through its barriers."""

    def __init__(self, *options, kernel=True):
        start = [BUILD / "ksimrun.exe"] if kernel else []
        self.folder = WORK / f"leaky{time.monotonic_ns()}"
        self.folder.mkdir()
        self.process = subprocess.Popen(
            ["wine", *start, BUILD / "leaky.exe", "--sync", windows_path(self.folder), "--truth",
             windows_path(self.folder / "truth.json"), "--timeout", "200", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait("ready")

    def wait(self, name, seconds=60):
        if not wait_for(lambda: (self.folder / name).exists(), seconds):
            raise RuntimeError(f"leaky is not {name}")

    def go(self):
        (self.folder / "go").touch()

    def done(self):
        self.wait("done")
        return json.loads((self.folder / "truth.json").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        (self.folder / "end").touch()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()


def wait_for(what, seconds, every=0.1):
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(DriveError):
            found = what()
            if found:
                return found
        if time.monotonic() > end:
            return None
        time.sleep(every)


def shot(name):
    subprocess.run(["import", "-window", "root", SHOTS / f"{name}.png"], timeout=60)


def parts():
    """Raw parts on the disk, notes aside."""
    folder = LOCAL / "parts"
    return sorted(p for p in folder.glob("*.etl")) if folder.is_dir() else []


def leftovers():
    folder = LOCAL / "parts"
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def clear_parts():
    for p in (LOCAL / "parts").glob("*"):
        p.unlink()


@contextlib.contextmanager
def case(name):
    """A named part of a test: its failure is told, the kernel is as new after it, and the next one runs."""
    print("--", name, flush=True)
    started = time.monotonic()
    clear_parts()
    try:
        yield
    except (DriveError, RuntimeError, subprocess.SubprocessError, OSError) as problem:
        check(False, name, problem, Window.last.how_ended() if Window.last else "")
        shot("failed-" + re.sub(r"\W+", "-", name))
    finally:
        if programs():
            check(bool(failures), f"{name}: the program has ended")
            kill_programs()
        sim("reset")
        clear_parts()
    print(f"   {time.monotonic() - started:.1f} s", flush=True)
