"""Each operation fails once under the window: it says what failed, leaves no session behind and loses nothing."""

from window import *

ERROR = 1117  # "I/O device error": none that the program knows


def place(name):
    path = f"C:\\fault {name}.etl"
    linux_path(path).unlink(missing_ok=True)
    return path


def stop_and_save(w, name):
    w.click("STOP")
    w.wait_file_dialog()
    path = place(name)
    w.save_as(path)
    said = w.wait_saved()
    equal(said and said[1], path, f"{name}: saved")
    equal(leftovers(), [], f"{name}: no raw parts are left")
    no_session(name)
    return path


def worded(text, code, what):
    """What failed, the system's text with its number, one thing to do next."""
    return check(re.search(rf"[A-Z][^:]+: .+ \({code}\)\. [A-Z].+\.", text), f"{what} is worded", repr(text))


def start():
    w = Window()
    for operation in ("StartTrace", "TraceSetInformation:3", "TraceSetInformation:4"):
        sim("set", "fail", operation, 1, ERROR)
        w.click("RECORD")
        w.wait_title("Failed:")
        worded(w.bar(), ERROR, f"a failed {operation}")
        has(w.title(), "Failed:", "the title")
        check(w.enabled("RECORD") and not w.enabled("STOP") and not w.enabled("DISCARD"), f"{operation}: Record again")
        no_session(operation)
        equal(leftovers(), [], f"{operation}: nothing is left")
    shot("faults-bar")
    # There is another way to read masks back.
    sim("set", "fail", "TraceQueryInformation:4", 1, ERROR)
    w.record()
    w.discard()
    # The look at the fresh session only tells numbers: it records all the same.
    sim("set", "fail", "ControlTrace:QUERY", 1, ERROR)
    w.record()
    stop_and_save(w, "after failures")
    equal(w.close(), 0, "exit code")


def running():
    w = Window()
    w.only("Event")
    w.record()
    before = sessions()
    sim("set", "fail", "ControlTrace:QUERY", 1, ERROR)
    w.wait_bar(f"({ERROR})")
    worded(w.bar(), ERROR, "a failed query")
    check(wait_for(lambda: f"({ERROR})" not in w.bar(), 5), "the next good one takes it back", w.bar())
    for operation, wish, code in (
        ("TraceSetInformation:3", {"stacks": "CLOSE"}, str(ERROR)),
        ("NtSetSystemInformation:17", {"kind": "File"}, "0xC0000001"),
    ):
        sim("set", "fail", operation, 1, ERROR if code == str(ERROR) else 0xC0000001)
        w.change(**wish)
        w.wait_bar(f"({code})")
        worded(w.bar(), code, f"a failed {operation}")
        equal([(s["tags"], s["stacks"]) for s in sessions()], [(s["tags"], s["stacks"]) for s in before],
              f"{operation}: what was in force is")  # fmt: skip
        check(w.enabled("STOP"), f"{operation}: it goes on recording", w.title())
    w.change(kind="File")
    check(wait_for(lambda: len(sessions()[0]["tags"]) == 2, 5), "the next change works", sessions())
    # The session cannot be stopped: it goes on, and the next Stop saves it.
    sim("set", "fail", "ControlTrace:STOP", 1, ERROR)
    w.click("STOP")
    check(wait_for(lambda: f"({ERROR})" in w.bar(), 10), "a failed stop is told", w.bar(), w.title())
    worded(w.bar(), ERROR, "a failed stop")
    if w.shows("Save the recording"):
        w.key("esc")
    w.wait_recording()
    equal(len(sessions()), 1, "the session is still there")
    stop_and_save(w, "after a failed stop")
    # The same for Discard.
    w.record()
    sim("set", "fail", "ControlTrace:STOP", 1, ERROR)
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.answer("Discard")
    w.wait_bar(f"({ERROR})")
    w.wait_recording()
    w.discard()
    no_session("after a failed discard")
    equal(leftovers(), [], "after a failed discard nothing is left")
    equal(w.close(), 0, "exit code")


def refused():
    """5f: the type filter."""
    w = Window()
    w.only("Event")
    for answer in ("Do not record", "esc"):
        sim("set", "fail", "NtSetSystemInformation:17", 1, 0xC000000D)
        w.click("RECORD")
        question = w.wait_dialog("Windows refused the type filter")
        worded(question["text"], "0xC000000D", "a refused filter")
        equal(question["preset"], ["Do not record"], "preset")
        w.key("esc") if answer == "esc" else w.answer(answer)
        check(wait_for(lambda: w.enabled("RECORD"), 10), f"{answer}: not recording", w.title())
        no_session(answer)
        equal(leftovers(), [], f"{answer}: nothing is left")
    shot("faults-filter")
    sim("set", "fail", "NtSetSystemInformation:17", 1, 0xC000000D)
    w.click("RECORD")
    w.wait_dialog("Windows refused the type filter")
    w.answer("Record all types")
    w.wait_recording()
    equal([s["tags"] for s in sessions()], [[]], "all types are recorded")
    has(w.control("SUMMARY"), "Records all types", "and it says so")
    stop_and_save(w, "unfiltered")
    equal(w.close(), 0, "exit code")


def no_free_session():
    """5e."""
    w = Window()
    sim("set", "fail", "StartTrace", 1, 1450)
    w.click("RECORD")
    question = w.wait_dialog("Windows has no free system session")
    has(question["text"], "1450", "its number")
    shot("faults-1450")
    w.answer("Do not record")
    w.no_dialog()
    check(wait_for(lambda: "(1450)" in w.bar(), 5) and w.enabled("RECORD"), "the bar keeps it", w.bar())
    no_session("1450")
    equal(leftovers(), [], "1450: nothing is left")
    sim("set", "fail", "StartTrace", 1, 1450)
    sim("set", "fail", "QueryAllTraces", 1, ERROR)
    w.click("RECORD")
    w.wait_dialog("Windows has no free system session")
    w.answer("Try again")
    w.wait_recording()
    w.discard()
    no_session("1450, tried again")
    equal(w.close(), 0, "exit code")


def another_recorder():
    """5d: it is left alone, or stopped and saved."""
    path = place("of handlerec")
    log = WORK / "handlerec.log"
    with open(log, "wb") as out:
        other = subprocess.Popen(
            ["wine", BUILD / "ksimrun.exe", BUILD / "handlerec.exe", "record", "-o", path],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    wait_for(lambda: "Recording" in log.read_text(), 30)
    w = Window()
    question = w.wait_dialog("Another Handle Recorder is recording")
    check(re.search(r"handlerec\.exe \(PID \d+\), since \d", question["text"]), "whose it is", question["text"])
    equal(question["preset"], ["Leave it alone"], "preset")
    w.key("esc")
    w.no_dialog()
    w.wait_bar("Another Handle Recorder is recording.")
    w.click("RECORD")
    w.wait_dialog("Another Handle Recorder is recording")
    w.answer("Leave it alone")
    w.no_dialog()
    equal(len(sessions()), 1, "its session is untouched")
    equal(other.poll(), None, "handlerec goes on")
    w.drive("link", id_of("BAR"), "Details...")
    w.wait_dialog("Another Handle Recorder is recording")
    shot("faults-other")
    w.answer("Stop and save it")
    w.wait_file_dialog()
    mine = place("taken over")
    w.save_as(mine)
    # handlerec sees that its session has ended and saves too: whoever comes first has it, and one of them does.
    wait_for(lambda: "Saved " in w.bar() or linux_path(path).exists(), 30)
    check(("Saved " in w.bar()) != linux_path(path).exists(), "one of the two has saved it", w.bar())
    no_session("taken over")
    check(wait_for(lambda: other.poll() is not None, 20), "handlerec has ended", log.read_text())
    if other.poll() is None:
        other.kill()
    equal(w.close(), 0, "exit code")


def orphan():
    w = Window()
    for answer in ("Stop and save it", "Continue it", "Discard it...", "link"):
        w.record()
        sim("set", "die", "ControlTrace:QUERY", 1)
        check(w.wait_exit() is not None, "the recorder died")
        equal(len(sessions()), 1, "its session runs on")
        w = Window()
        question = w.wait_dialog("A recording was left running")
        check(re.search(r"Started \d.*written to .*\.etl", question["text"]), "what is known of it", question["text"])
        equal(question["preset"], ["Stop and save it"], "preset")
        if answer == "link":
            shot("faults-orphan")
            w.answer("Discard it...")
            w.wait_dialog("Discard this recording?")
            w.answer("Keep")
            w.no_dialog()
            w.wait_bar("A recording was left running.")
            equal(len(sessions()), 1, "Keep touches nothing")
            w.drive("link", id_of("BAR"), "Discard it...")
        else:
            w.answer(answer)
        if answer == "Continue it":
            w.wait_recording()
            stop_and_save(w, "continued")
        elif answer == "Stop and save it":
            w.wait_file_dialog()
            w.save_as(place("orphan"))
            check(w.wait_saved(), "saved")
        else:
            w.wait_dialog("Discard this recording?")
            w.answer("Discard")
            check(wait_for(lambda: w.enabled("RECORD"), 10), "discarded", w.title(), w.bar())
        no_session(answer)
        equal(leftovers(), [], f"{answer}: nothing is left")
    equal(w.close(), 0, "exit code")


def dies_silently():
    w = Window()
    with Leaky("--leak", "Event:2000") as leaky:
        w.record()
        leaky.go()
        leaky.done()
        sim("end-session", "Handle Recorder")
        w.wait_bar("Nothing is lost: the parts stay in")
        has(w.title(), "Failed:", "the title")
        equal(w.control("STOP"), "&Save...", "it can be saved")
        equal(len(parts()), 1, "the raw part is there")
        shot("faults-died")
        path = place("died")
        w.click("STOP")
        w.wait_file_dialog()
        w.save_as(path)
        # It is not whole, which is said first; then it is saved all the same.
        if wait_for(lambda: w.has_dialog() or "Saved" in w.bar(), 15) and w.has_dialog():
            question = w.dialog()
            has(question["text"], "The recording could not be saved", "what could not be done")
            w.answer("Try again")
        said = w.wait_saved()
        equal(said and said[1], path, "saved")
        check(info(linux_path(path))["events"] > 0, "what it recorded is there")
    equal(leftovers(), [], "no raw parts are left")
    no_session("died")
    equal(w.close(), 0, "exit code")


def cannot_be_saved():
    """5i: nothing is lost. The folder goes away between its choice and the end of the session."""
    w = Window()
    w.record()
    folder = linux_path("C:\\going away")
    folder.mkdir(exist_ok=True)
    path = "C:\\going away\\recording.etl"
    linux_path(path).unlink(missing_ok=True)
    sim("set", "hang", "ControlTrace:STOP", 1)
    w.click("STOP")
    w.wait_file_dialog()
    w.save_as(path)
    folder.rmdir()
    sim("release")
    question = w.wait_dialog("The recording could not be saved")
    check(re.search(r": .+ \(\d+\)\. [A-Z].+\.", question["text"]), "it is worded", question["text"])
    has(question["text"], "Nothing is lost: the parts stay in", "where the parts are")
    equal(question["preset"], ["Save elsewhere..."], "preset")
    shot("faults-unsaved")
    equal(len(parts()), 1, "the raw part is there")
    no_session("cannot be saved")
    w.answer("Try again")
    wait_for(lambda: not w.has_dialog(), 2)
    w.wait_dialog("The recording could not be saved")
    w.answer("Later")
    w.no_dialog()
    check(w.enabled("STOP") and w.enabled("DISCARD"), "it can be saved later", w.title(), w.bar())
    folder.mkdir()
    w.click("STOP")
    w.wait_file_dialog()
    w.save_as(path)
    said = w.wait_saved()
    equal(said and said[1], path, "saved in the end")
    equal(leftovers(), [], "no raw parts are left")
    equal(w.close(), 0, "exit code")


def not_elevated():
    w = Window(rights="--not-elevated")
    check("(Administrator)" not in w.title(), "the title says no administrator", w.title())
    check(w.enabled("RECORD"), "Record is enabled, with the shield")
    shot("faults-not-elevated")
    w.click("RECORD")
    # The simulated kernel passes its rights on: the restarted program has none either, and asks (5c).
    check(w.wait_exit() == 0, "the program restarts")
    w.drive = Drive(target=None)
    w.drive("wait-window", EXE, "HandleRecorderMain", 30)
    question = w.wait_dialog("Recording needs administrator rights", 20)
    has(question["text"], "Counting handles works without them.", "what works")
    equal(question["preset"], ["Only watch"], "preset")
    shot("faults-rights")
    w.answer("Only watch")
    w.no_dialog()
    w.wait_list("TYPES", "Event", 20)
    no_session("not elevated")
    w.drive("close")
    check(wait_for(lambda: not programs(), 10), "it ends")
    w.drive.close()


for name, part in (
    ("starting", start),
    ("running", running),
    ("refused filter", refused),
    ("no free session", no_free_session),
    ("another recorder", another_recorder),
    ("orphan", orphan),
    ("dies silently", dies_silently),
    ("cannot be saved", cannot_be_saved),
    ("not elevated", not_elevated),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("each operation has failed once under the window, and nothing is lost")
