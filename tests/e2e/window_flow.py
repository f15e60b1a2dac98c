"""The way from the idle window to a saved recording, and every way to end one: by pointer and keyboard."""
from window import *

ETL = "C:\\test recordings"
CREATE, CLOSE, DUPLICATE = 0x1120, 0x1121, 0x1122


def place(name):
    folder = linux_path(ETL)
    folder.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    return f"{ETL}\\{name}"


def row(w, kind):
    return next((r for r in w.rows() if r["Type"] == kind), {})


def change_of(w, kind):
    return int(row(w, kind).get("Change (down)", row(w, kind).get("Change", "0")).replace(",", "").replace("−", "-"))


def saved_agrees(w, path):
    """What the bar says is what the file has."""
    said = w.wait_saved()
    if not said:
        return
    equal(said[1], path, "the bar names the file")
    found = info(linux_path(path))
    equal(int(said[2].replace(",", "")), found["events"], "the bar and handlerec info count the same events")
    equal(said[3], str(found["eventsLost"]), "and the same lost events")
    equal(found["truncated"], False, "the file is whole")
    equal(leftovers(), [], "no raw parts are left")


def one_type():
    started = time.monotonic()
    with Leaky("--leak", "Event:900:150", "--leak", "File:300:50") as leaky:
        w = Window(ready=False)
        w.wait_list("TYPES", "Event", 15)
        print(f"measured: list filled {time.monotonic() - started:.1f} s after the start")
        equal(w.title(), w.control("PROFILE") + " - Handle Recorder (Administrator)", "the idle title")
        check(w.enabled("RECORD") and not w.enabled("STOP") and not w.enabled("DISCARD"), "only Record is enabled")
        equal(w.drive("control", "focus").split("\t")[2], id_of("TYPES"), "the focus starts in the list of types")
        before = change_of(w, "Event")
        leaky.go()
        check(wait_for(lambda: change_of(w, "Event") >= before + 100, 15), "Event grows in the list", row(w, "Event"))
        w.drive("list-click", id_of("TYPES"), "=Event")
        w.wait_list("PROCS", "leaky.exe")
        has(w.control("PROCS_LABEL"), "Event", "the lower list's label")
        w.click("ONLY")
        has(w.control("SUMMARY"), "Records Event;", "the summary after Record only this type")
        equal([r["Type"] for r in w.rows() if r["Recorded"]], ["Event"], "only Event is marked as recorded")
        w.record()
        session = sessions()[0]
        equal(tags(session), ["Even"], "the session's type filter")
        equal(session["stacks"], [CREATE, DUPLICATE], "the session's stacks")
        shot("flow-recording")
        w.change("File", "CLOSE")
        check(wait_for(lambda: tags(sessions()[0]) == ["Even", "File"], 5), "the filter was changed", sessions())
        check(wait_for(lambda: sessions()[0]["stacks"] == [CREATE, CLOSE, DUPLICATE], 5), "and the stacks", sessions())
        check(wait_for(lambda: "Records Event, File; create, duplicate, close" in w.control("SUMMARY"), 5),
              "the summary follows", w.control("SUMMARY"))  # fmt: skip
        with Leaky("--leak", "Event:500") as second:
            second.go()
            second.done()
        leaky.done()
        w.click("MARK")
        check(wait_for(lambda: "marks: 1" in w.control("STEP"), 5), "the mark is counted", w.control("STEP"))
        sim("set", "delay", "ControlTrace:STOP", 1, 4000)
        w.click("STOP")
        name = w.wait_file_dialog(3)
        equal(len(sessions()), 1, "the save dialog opens while the session is still being stopped")
        machine = re.escape(os.uname().nodename.split(".")[0])
        check(re.fullmatch(rf"(?i)HandleRecorder_{machine}_\d{{4}}-\d\d-\d\d_\d\d-\d\d-\d\d\.etl", name),
              "the proposed name", name)  # fmt: skip
        taken = place("taken.etl")
        linux_path(taken).write_text("not to be lost")
        w.save_as(taken)
        time.sleep(0.5)
        question = w.drive("taskdialog")
        has(question, "already exists", "an existing file is asked about")
        w.answer("No")
        equal(linux_path(taken).read_text(), "not to be lost", "the file is untouched after No")
        path = place("one type.etl")
        w.wait_file_dialog(5)
        w.save_as(path)
        saved_agrees(w, path)
        equal(linux_path(taken).read_text(), "not to be lost", "the other file is untouched in the end")
        shot("flow-saved")
        hooks = {c["hook"]: c["count"] for c in info(linux_path(path))["counts"] if "hook" in c}
        check(hooks.get("0x1120", 0) >= 500, "the leak is in the file", hooks)
        w.drive("link", id_of("BAR"), "Show in folder")
        every = Drive(target=None)
        check(wait_for(lambda: "test recordings" in every("windows"), 15), "Show in folder opens it", every("windows"))
        every.close()
        equal(w.close(), 0, "exit code")
    no_session("saved")


def replaced():
    w = Window()
    path = place("replaced.etl")
    linux_path(path).write_text("to be replaced")
    w.record()
    w.key("shift+f5")
    w.wait_file_dialog()
    w.save_as(path)
    time.sleep(0.5)
    w.answer("Yes")
    saved_agrees(w, path)
    # To another volume: a copy that is proven too.
    other = WORK / "other volume.etl"
    w.key("f5")
    w.wait_recording()
    w.key("shift+f5")
    w.wait_file_dialog()
    w.save_as(windows_path(other))
    saved_agrees(w, windows_path(other))
    equal(w.close(), 0, "exit code")
    no_session("replaced")


def discarded():
    w = Window()
    w.record()
    w.click("DISCARD")
    question = w.wait_dialog("Discard this recording?")
    equal(question["preset"], ["Keep"], "Keep is preset")
    w.key("esc")
    w.no_dialog()
    check(w.enabled("STOP"), "Esc keeps recording")
    w.click("DISCARD")
    w.wait_dialog("Discard this recording?")
    w.key("enter")
    w.no_dialog()
    check(w.enabled("STOP"), "Enter keeps recording")
    w.click("DISCARD")
    w.wait_dialog("It cannot be restored.")
    w.answer("Discard")
    check(wait_for(lambda: w.enabled("RECORD"), 10), "idle after Discard", w.title(), w.dialog())
    equal(w.bar(), "", "nothing more to say")
    equal(leftovers(), [], "no raw parts are left")
    no_session("discarded")
    equal(w.close(), 0, "exit code")


def focus(w):
    return w.drive("control", "focus").split("\t")[2]


def mnemonics(lines):
    return [m.lower() for line in lines for m in re.findall(r"&([^&])", line.replace("&&", ""))]


def unique(letters, what):
    equal(sorted(letters), sorted(set(letters)), f"mnemonics are unique: {what}")


def menus(w):
    tree = [line.split("\t") for line in w.drive("tree").splitlines()[1:]]
    bar = [line.split("\t")[1] for line in w.drive("menu-items").splitlines()]
    unique(mnemonics(bar) + mnemonics(r[-1] for r in tree if r[4] == "visible"), "menu bar and controls")
    check(all("&" in r[-1].replace("&&", "") for r in tree if r[1] == "Button"), "every button has a mnemonic", tree)
    for title in bar:
        w.key("alt+" + mnemonics([title])[0])
        # The open menu comes first; what is in it has tabs for keys.
        items = [line.split("\t")[1] for line in w.drive("menu-items").splitlines() if "\t" in line]
        items = [item for item in items if item not in bar]
        check(items, f"the menu {title} opens")
        unique(mnemonics(items), title)
        check(all("&" in item for item in items), f"every item of {title} has one", items)
        w.key("esc", "esc")


def keys():
    w = Window()
    tree = {r[2]: [int(n) for n in r[3].split(",")] for r in (line.split("\t") for line in w.drive("tree").splitlines()[1:])}
    order = []
    for _ in range(12):
        w.key("tab")
        order.append(focus(w))
        if order[-1] == id_of("TYPES"):
            break
    wanted = [id_of(n) for n in ("PROCS", "PROFILE", "EDIT", "MORE", "RECORD", "ONLY", "TYPES")]
    equal([c for c in order if c != id_of("BAR")], wanted, "tab order, as drawn")
    w.key("shift+tab")
    equal(focus(w), id_of("ONLY"), "and back")
    w.key("tab")
    panes = []
    for _ in range(3):
        w.key("f6")
        panes.append(focus(w))
    equal(panes, [id_of(n) for n in ("PROCS", "PROFILE", "TYPES")], "F6 goes around the panes")
    w.key("shift+f6")
    equal(focus(w), id_of("PROFILE"), "Shift+F6 goes back")
    menus(w)
    w.key("f6")
    w.key("esc")
    w.key("enter")
    has(w.control("SUMMARY"), "Records ", "Enter on a type records only this type")
    check("all types" not in w.control("SUMMARY"), "Enter on a type sets the filter", w.control("SUMMARY"))
    w.key("f5")
    w.wait_recording()
    for control in ("TYPES", "PROCS", "STOP", "DISCARD"):
        w.drive("click", id_of(control)) if control in ("TYPES", "PROCS") else None
        w.key("esc", "esc")
    check(w.enabled("STOP") and not w.has_dialog(), "Esc does not stop, discard or close", w.title())
    w.key("shift+f5")
    w.wait_file_dialog()
    w.key("esc")
    w.wait_title("Not saved:")
    w.key("esc", "esc")
    has(w.title(), "Not saved:", "Esc does not discard what is unsaved")
    w.key("ctrl+s")
    w.wait_file_dialog()
    path = place("by keys.etl")
    w.save_as(path)
    saved_agrees(w, path)
    w.key("esc", "esc")
    equal(len(w.rows()) > 5, True, "Esc does not close")
    w.key("alt+f4")
    equal(w.wait_exit(), 0, "Alt+F4 closes; exit code")
    no_session("keys")


def unsaved():
    w = Window()
    w.record()
    w.click("STOP")
    w.wait_file_dialog()
    w.key("esc")
    w.wait_title("Not saved:")
    equal(w.control("STOP"), "&Save...", "Stop reads Save...")
    w.wait_bar("Not saved. Save or discard before recording again.")
    check(not w.enabled("RECORD") and w.enabled("STOP") and w.enabled("DISCARD"), "Save and Discard are possible")
    no_session("unsaved")
    equal(len(parts()), 1, "the raw part is there")
    shot("flow-unsaved")
    w.drive("close")
    question = w.wait_dialog("Save the recording before closing?")
    equal(question["preset"], ["Save and close"], "preset")
    w.answer("Keep open")
    w.no_dialog()
    w.wait_title("Not saved:")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.key("esc")
    w.no_dialog()
    w.wait_title("Not saved:")
    w.kill()
    # The next start offers it; this time saving.
    w = Window()
    w.wait_title("Not saved:")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Save and close")
    w.wait_file_dialog()
    w.key("esc")
    w.wait_title("Not saved:")
    path = place("after restart.etl")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Save and close")
    w.wait_file_dialog()
    w.save_as(path)
    equal(w.wait_exit(), 0, "saved and closed; exit code")
    check(info(linux_path(path))["events"] > 0, "what was saved can be read")
    equal(leftovers(), [], "no raw parts are left")
    w = Window()
    equal(w.title(), w.control("PROFILE") + " - Handle Recorder (Administrator)", "nothing is offered any more")
    w.record()
    w.click("STOP")
    w.wait_file_dialog()
    w.key("esc")
    w.wait_title("Not saved:")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Discard and close")
    equal(w.wait_exit(), 0, "discarded and closed; exit code")
    equal(leftovers(), [], "no raw parts are left")


def closing():
    w = Window()
    w.record()
    w.drive("close")
    question = w.wait_dialog("Save the recording before closing?")
    equal([b for b in question["buttons"]][:1], ["Save and close"], "the first answer")
    check(re.search(r"\d:\d\d:\d\d recorded", question["text"]), "how long was recorded", question["text"])
    w.key("esc")
    w.no_dialog()
    check(w.enabled("STOP"), "Esc keeps recording")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Keep recording")
    w.no_dialog()
    check(w.enabled("STOP"), "it goes on recording")
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Save and close")
    w.wait_file_dialog()
    path = place("closed.etl")
    w.save_as(path)
    equal(w.wait_exit(), 0, "saved and closed; exit code")
    check(info(linux_path(path))["events"] > 0, "what was saved can be read")
    no_session("saved and closed")
    w = Window()
    w.record()
    w.drive("close")
    w.wait_dialog("Save the recording before closing?")
    w.answer("Discard and close")
    equal(w.wait_exit(), 0, "discarded and closed; exit code")
    no_session("discarded and closed")
    equal(leftovers(), [], "no raw parts are left")


for name, part in (
    ("from the idle window to a saved file", one_type),
    ("replacing a file, and another volume", replaced),
    ("discarding", discarded),
    ("keys, tab order and mnemonics", keys),
    ("unsaved", unsaved),
    ("closing while recording", closing),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
finish("the window records, saves and ends as it should")
