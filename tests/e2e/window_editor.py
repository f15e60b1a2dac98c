"""Profiles: made with the keyboard alone and recorded with, edited, copied, imported and deleted; each wrong input is
told below its field; nothing is lost silently."""
import xml.etree.ElementTree as tree

from window import *

OWN = PREFIX / "drive_c/users" / os.environ.get("USER", "root") / "AppData/Roaming/HandleRecorder/profiles"
FOREIGN = """<?xml version="1.0" encoding="utf-8"?>
<WindowsPerformanceRecorder Version="1.0" Author="somebody">
  <Profiles>
    <SystemCollector Id="C" Name="NT Kernel Logger"><BufferSize Value="1024"/><Buffers Value="40"/></SystemCollector>
    <SystemProvider Id="P">
      <Keywords>
        <Keyword Value="ProcessThread"/><Keyword Value="Loader"/><Keyword Value="Handle"/><Keyword Value="CSwitch"/>
      </Keywords>
      <Stacks><Stack Value="HandleCreate"/><Stack Value="CSwitch"/></Stacks>
    </SystemProvider>
    <Profile Id="Theirs.Verbose.File" Name="Theirs" Description="Made elsewhere" DetailLevel="Verbose" LoggingMode="File">
      <Collectors><SystemCollectorId Value="C"><SystemProviderId Value="P"/></SystemCollectorId></Collectors>
    </Profile>
  </Profiles>
</WindowsPerformanceRecorder>
"""


def clean():
    OWN.mkdir(parents=True, exist_ok=True)
    for p in OWN.iterdir():
        p.unlink()


def files():
    return sorted(p.name for p in OWN.iterdir())


def comments(name):
    """What the file's Comments say, as a dictionary."""
    text = tree.parse(OWN / name).getroot().get("Comments")
    return dict(part.split("=", 1) for part in text.split(":1;", 1)[1].split()[0].split(";") if "=" in part)


def opened(w, title):
    ok = wait_for(lambda: w.shows(title), 10)
    return check(ok, f"{title} opens", [r[-1] for r in w.windows()])


def closed(w, title):
    return check(wait_for(lambda: not w.shows(title), 10), f"{title} closes", w.windows())


def value(w, name):
    return w.drive("text", id_of(name))


def profiles(w):
    return [line.rstrip("*").split("\t")[-1] for line in w.main("combo", id_of("PROFILE")).splitlines()]


def pick(w, name):
    w.main("select", id_of("PROFILE"), name)
    return check(wait_for(lambda: w.control("PROFILE") == name, 5), f"{name} is picked", w.control("PROFILE"))


def fill(w, name, text):
    """Types into a field and leaves it."""
    w.drive("click", id_of(name))
    w.key("ctrl+a", "del")
    if text:
        w.drive("type", text)
    w.key("tab")


def by_keyboard():
    clean()
    w = Window()
    w.key("alt+c", "p", "n")
    opened(w, "New profile")
    w.drive("type", "Night leaks")
    w.key("tab")
    w.drive("type", "What leaks while nobody looks.")
    w.key("ctrl+tab", "alt+o", "alt+s")
    w.drive("type", "eve")
    w.key("tab", "space", "alt+s", "ctrl+a")
    w.drive("type", "fil")
    w.key("tab", "space", "alt+s", "ctrl+a", "del")
    equal(value(w, "SLOTS"), "2 of 4 slots: Even, File", "two types are ticked")
    equal(value(w, "SLOTS_BAR"), "2 of 4 slots used", "the bar's name for screen readers")
    shot("editor-types")
    w.key("ctrl+tab", "alt+l", "ctrl+tab", "alt+f", "alt+b")
    w.drive("type", "512")
    w.key("alt+s")
    w.drive("type", "300")
    w.key("ctrl+tab", "alt+a", "tab")
    w.drive("type", "15")
    w.key("enter")
    closed(w, "New profile")
    equal(w.control("PROFILE"), "Night leaks", "the new profile is picked")
    equal(files(), ["Night leaks.wprp"], "it is saved")
    said = comments("Night leaks.wprp")
    equal(said.get("types"), "Even,File", "its types")
    w.record()
    found = sessions()[0]
    equal(tags(found), ["Even", "File"], "the session's type filter")
    equal(found["stacks"], [0x1120, 0x1121, 0x1122], "its stacks")
    equal(found["buffer_bytes"], 512 << 10, "its buffers")
    w.discard()
    equal(w.close(), 0, "exit code")
    # The next start knows it.
    w = Window()
    pick(w, "Night leaks")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    for page, name, wanted in (
        ("General", "ED_NAME", "Night leaks"), ("General", "ED_DESCRIPTION", "What leaks while nobody looks."),
        ("What to record", "SLOTS", "2 of 4 slots: Even, File"), ("Storage", "ED_BUFFER", "512"),
        ("Storage", "ED_SIZE", "300"), ("Stop", "ED_AFTER_VALUE", "15"),
    ):  # fmt: skip
        w.page(page)
        equal(value(w, name), wanted, f"{name} after a restart")
    w.page("Stacks")
    check("checked" in w.drive("state", id_of("CLOSE")), "close stacks are ticked")
    w.key("esc")
    closed(w, "Edit profile")
    equal(w.close(), 0, "exit code")


# Page, box to tick first, field, input, note, text.
WRONG = (
    ("General", None, "ED_NAME", "", "ED_NAME_NOTE", "Enter a name."),
    ("General", None, "ED_NAME", "all HANDLES", "ED_NAME_NOTE", "This name exists already."),
    ("Storage", None, "ED_BUFFER", "63", "ED_BUFFER_NOTE", "Enter 64 to 16,384 KB."),
    ("Storage", None, "ED_MEMORY", "15", "ED_MEMORY_NOTE", "Enter 16 to "),
    ("Storage", None, "ED_SIZE", "ten", "ED_SIZE_NOTE", "Enter a whole number, or nothing."),
    ("Storage", "ED_CIRCULAR", "ED_SIZE", "63", "ED_SIZE_NOTE", "A circular file needs 64 MB or more."),
    ("Storage", "ED_SEGMENTS", "ED_MINUTES", "0", "ED_SEGMENTS_NOTE", "Enter 1 to 1,440 minutes."),
    ("Storage", "ED_SEGMENTS", "ED_SEGMENT_MB", "1048577", "ED_SEGMENTS_NOTE", "Enter "),
    ("Storage", "ED_SEGMENTS", "ED_KEEP", "1", "ED_KEEP_NOTE", "Two segments need "),
    ("Stop", "ED_AFTER", "ED_AFTER_VALUE", "", "ED_AFTER_NOTE", "Enter 1 to 43,200 minutes."),
    ("Stop", "ED_AT", "ED_AT_VALUE", "x", "ED_AT_NOTE", "Enter 1 to 16,777,216 MB."),
    ("Stop", "ED_DISK", "ED_DISK_VALUE", "0", "ED_DISK_NOTE", "Enter 1 to 1,024 GB."),
    ("Stop", "ED_HOLD", "ED_HOLD_PROCESS", "", "ED_HOLD_NOTE", "Enter a process name or PID."),
    ("Stop", "ED_HOLD", "ED_HOLD_COUNT", "16777217", "ED_HOLD_NOTE", "Enter 1 to 16,777,216 handles."),
    ("Stop", "ED_GROW", "ED_GROW_COUNT", "fast", "ED_GROW_NOTE", "Enter 1 to 16,777,216 handles a minute."),
)


def wrong_inputs():
    clean()
    w = Window()
    w.menu("Recording/Profile/New")
    opened(w, "New profile")
    w.key("enter")
    equal(value(w, "ED_NAME_NOTE"), "Enter a name.", "OK without a name says so")
    equal(w.drive("control", "focus").split("\t")[2], id_of("ED_NAME"), "and goes there")
    fill(w, "ED_NAME", "Mine")
    equal(value(w, "ED_NAME_NOTE"), "", "a name is fine")
    for page, box, field, text, note, wanted in WRONG:
        w.page(page)
        if box and "checked" not in w.drive("state", id_of(box)):
            w.drive("click", id_of(box))
        if field == "ED_HOLD_COUNT":
            fill(w, "ED_HOLD_PROCESS", "app.exe")
        before = value(w, field)
        fill(w, field, text)
        wait_for(lambda: wanted in value(w, note), 5)
        has(value(w, note), wanted, f"{field}: {text!r}")
        # OK from another page comes here.
        w.page("Stacks")
        w.drive("click", "=OK")
        check("visible" in w.drive("state", id_of(field)), f"{field}: OK shows its page")
        equal(w.drive("control", "focus").split("\t")[2], id_of(field), f"{field}: OK goes there")
        fill(w, field, {"ED_NAME": "Mine", "ED_AT_VALUE": "100", "ED_HOLD_PROCESS": "app.exe", "ED_MINUTES": "10",
                        "ED_SEGMENT_MB": "", "ED_KEEP": "", "ED_SIZE": "100"}.get(field, before))  # fmt: skip
        if box == "ED_CIRCULAR":
            w.drive("click", id_of("ED_TO_FILE"))
        check(wanted not in value(w, note), f"{field}: mended", value(w, note))
    w.page("What to record")
    w.drive("click", id_of("THESE_TYPES"))
    w.drive("click", "=OK")
    has(value(w, "TYPES_NOTE"), "Tick at least one type", "no type")
    for kind in ("Event", "File", "Process", "Thread"):
        w.drive("list-click", id_of("TYPE_LIST"), "=" + kind, "0", "check")
    equal(value(w, "SLOTS"), "4 of 4 slots: Even, File, Proc, Thre", "four slots")
    w.drive("list-click", id_of("TYPE_LIST"), "=Key", "0", "check")
    has(value(w, "TYPES_NOTE"), "All 4 slots are used. Clear a type first.", "a fifth type")
    equal(value(w, "SLOTS"), "4 of 4 slots: Even, File, Proc, Thre", "is refused")
    shot("editor-four-slots")
    w.page("Stacks")
    w.drive("click", id_of("CREATE"))
    has(value(w, "STACKS_NOTE"), "Without create stacks", "a warning")
    equal(files(), [], "nothing was saved meanwhile")
    # Esc asks, and keeps what was typed.
    w.key("esc")
    question = w.wait_dialog("Close without saving the changes?")
    equal(question["preset"], ["Go on editing"], "Esc's question is harmless")
    w.key("esc")
    check(wait_for(lambda: w.shows("New profile"), 5), "Esc goes on editing")
    w.page("General")
    equal(value(w, "ED_NAME"), "Mine", "what was typed is there")
    w.key("enter")
    closed(w, "New profile")
    equal(files(), ["Mine.wprp"], "a warning does not keep it from being saved")
    said = comments("Mine.wprp")
    equal(said.get("types"), "Even,File,Proc,Thre", "types in the file")
    equal(w.close(), 0, "exit code")


def shipped():
    clean()
    w = Window()
    pick(w, "All handles")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    has(value(w, "ED_NOTICE"), "stays as it is", "a shipped profile says so")
    w.drive("click", "=OK")
    closed(w, "Edit profile")
    equal(files(), [], "looking changes nothing")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    w.page("Stacks")
    w.drive("click", id_of("CLOSE"))
    w.drive("click", "=OK")
    closed(w, "Edit profile")
    equal(w.control("PROFILE"), "All handles (copy)", "the copy is picked")
    equal(files(), ["All handles (copy).wprp"], "and saved")
    w.menu("Recording/Profile/Copy xperf line")
    w.menu("Recording/Profile/New")
    opened(w, "New profile")
    w.key("tab", "ctrl+v")
    has(value(w, "ED_DESCRIPTION"), "xperf -on PROC_THREAD+LOADER+OB_HANDLE -stackwalk HandleCreate+HandleClose+HandleDuplicate",
        "the clipboard")  # fmt: skip
    w.key("esc")
    w.wait_dialog("Close without saving the changes?")
    w.answer("Close without saving")
    closed(w, "New profile")
    # Save as: under the file's name.
    w.menu("Recording/Profile/Save as...")
    check(wait_for(lambda: w.shows("Save the profile as"), 10), "the save dialog opens")
    w.save_as(windows_path(WORK / "Elsewhere.wprp"))
    check(wait_for(lambda: (WORK / "Elsewhere.wprp").exists(), 10), "Save as writes it anywhere", w.dialog())
    equal(w.control("PROFILE"), "All handles (copy)", "what is saved elsewhere is not in the list")
    w.menu("Recording/Profile/Save as...")
    check(wait_for(lambda: w.shows("Save the profile as"), 10), "the save dialog opens again")
    w.save_as("C:" + str(OWN / "Another.wprp").split("drive_c", 1)[1].replace("/", "\\"))
    check(wait_for(lambda: "Another" in profiles(w), 10), "Save as", profiles(w), w.dialog())
    # Delete asks.
    pick(w, "All handles (copy)")
    w.menu("Recording/Profile/Delete")
    question = w.wait_dialog("Delete the profile All handles (copy)?")
    equal(question["preset"], ["Keep"], "Keep is preset")
    w.key("esc")
    w.no_dialog()
    equal(len(files()), 2, "Esc deletes nothing")
    w.menu("Recording/Profile/Delete")
    w.wait_dialog("It cannot be restored.")
    w.answer("Delete")
    check(wait_for(lambda: files() == ["Another.wprp"], 10), "deleted", files())
    check("All handles (copy)" not in profiles(w), "and gone from the list", profiles(w))
    pick(w, "All handles")
    w.click("MORE")
    items = [line.split("\t") for line in w.drive("menu-items").splitlines()]
    state = {i[1].replace("&", "").split(" Ctrl")[0]: i[2] for i in items if len(i) > 2}
    check("disabled" in state.get("Delete", "") or "grey" in state.get("Delete", ""), "one that ships cannot be deleted", state)
    w.key("esc")
    equal(w.close(), 0, "exit code")


def foreign():
    clean()
    theirs = WORK / "theirs.wprp"
    theirs.write_text(FOREIGN)
    w = Window()
    w.menu("Recording/Profile/Import...")
    check(wait_for(lambda: w.shows("Import profiles"), 10), "the open dialog opens")
    w.save_as(windows_path(theirs))
    check(wait_for(lambda: w.control("PROFILE") == "Theirs", 10), "the imported profile is picked", profiles(w))
    copy = OWN / files()[0]
    equal(copy.read_text(), FOREIGN, "the file is copied as it is")
    w.key("ctrl+e")
    opened(w, "Profile")
    has(value(w, "ED_NOTICE"), "only shown", "it says why it cannot be changed")
    check("disabled" in w.drive("state", id_of("ALL_TYPES")), "nothing can be changed")
    shot("editor-foreign")
    w.drive("click", id_of("ED_COPY"))
    check(wait_for(lambda: w.shows("New profile"), 5), "a copy can be edited", w.windows())
    equal(value(w, "ED_NAME"), "Theirs (copy)", "its name")
    w.drive("click", "=OK")
    question = w.wait_dialog("Save the copy without these parts?")
    has(question["text"], "CSwitch", "what is left out is listed")
    w.key("esc")
    check(wait_for(lambda: w.shows("New profile"), 5), "back in the editor")
    equal(len(files()), 1, "nothing was saved yet")
    w.drive("click", "=OK")
    w.wait_dialog("Save the copy without these parts?")
    w.answer("Save the copy")
    check(wait_for(lambda: w.control("PROFILE") == "Theirs (copy)", 10), "the copy is picked", w.control("PROFILE"))
    check("CSwitch" not in (OWN / "Theirs (copy).wprp").read_text(), "the copy has not what was left out")
    equal(copy.read_text(), FOREIGN, "theirs is as it was")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    w.key("esc")
    closed(w, "Edit profile")
    equal(w.close(), 0, "exit code")


# One minute of Event, of which 512 MB are 47 minutes.
RATES = """span 1
measured 60000 7 0
tag 6e657645 2310 1422000 2310 10000000 0 0 0 0 0 0 0 0
end
"""


def costs(file):
    """What the console says of a profile."""
    command = ["wine", BUILD / "handlerec.exe", "wprp", windows_path(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return next((line for line in done.stdout.decode().splitlines() if line.startswith("Cost: ")), done.stdout).strip()


def kept():
    """One figure in the summary, the editor and the console, also while it records; another program may change it."""
    text = (Path(__file__).parents[2] / "profiles/Event.wprp").read_text()
    text = text.replace('<Buffers Value="5" PercentageOfTotalMemory="true"/>', '<Buffers Value="512"/>')
    file = WORK / "kept.wprp"
    file.write_text(text.replace("HandleRecorder:1;types=Even", "HandleRecorder:1;types=Even;storage=ring"))
    rates = LOCAL / "rates.txt"
    LOCAL.mkdir(parents=True, exist_ok=True)
    rates.unlink(missing_ok=True)
    equal(costs(file), "Cost: not measured yet", "the console before")
    w = Window("/profile", windows_path(file))
    has(w.control("SUMMARY"), "; ring 512", "the summary before")
    has(w.control("SUMMARY"), ", span not measured yet", "the summary before")
    rates.write_text(RATES)
    holds = "Holds about 47 min (measured: 2,310 events/min)"
    equal(costs(file), f"Cost: {holds}", "the console")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    w.key("esc")
    closed(w, "Edit profile")
    has(w.control("SUMMARY"), ", about 47 min as measured last", "the summary when the window is used again")
    shot("summary-measured")
    w.key("ctrl+e")
    opened(w, "Edit profile")
    equal(value(w, "ED_ESTIMATE"), holds, "the editor")
    w.key("esc")
    closed(w, "Edit profile")
    w.record()
    check(wait_for(lambda: "Ring: 512" in w.drive("status"), 5), "the ring's size", w.drive("status"))
    has(w.control("SUMMARY"), "; ring 512", "the summary while it records")
    has(w.control("SUMMARY"), ", about 47 min as measured last", "the summary while it records")
    shot("summary-recording")
    w.discard()
    equal(w.close(), 0, "exit code")
    rates.unlink()


def measured():
    """After more than ten seconds of recording it is known how long a ring holds, and what each stack switch costs."""
    clean()
    w = Window()
    w.key("alt+c", "p", "n")
    opened(w, "New profile")
    w.drive("type", "Ring")
    w.page("Storage")
    w.key("alt+m", "alt+y")
    w.drive("type", "32")
    w.key("enter")
    closed(w, "New profile")
    with Leaky("--leak", "Event:4000:15000") as leaky:
        w.record()
        leaky.go()
        time.sleep(14)
        leaky.done()
    path = WORK / "ring.etl"
    w.click("STOP")
    w.wait_file_dialog()
    w.save_as(windows_path(path))
    w.wait_saved()
    check(wait_for(lambda: "as measured last" in w.control("SUMMARY"), 5), "the summary", w.control("SUMMARY"))
    w.key("ctrl+e")
    opened(w, "Edit profile")
    ok = wait_for(lambda: value(w, "ED_ESTIMATE").startswith("Holds about "), 5)
    check(ok, "the estimate", value(w, "ED_ESTIMATE"))
    equal(costs(OWN / "Ring.wprp"), "Cost: " + value(w, "ED_ESTIMATE"), "the console's")
    w.page("Stacks")
    check(re.search(r"\d+% of the data: .* → .*", value(w, "CLOSE_NOTE")), "what close stacks cost", value(w, "CLOSE_NOTE"))
    shot("editor-measured")
    w.key("esc")
    closed(w, "Edit profile")
    equal(w.close(), 0, "exit code")


for name, part in (
    ("made with the keyboard alone", by_keyboard),
    ("wrong inputs", wrong_inputs),
    ("shipped, Save as, Delete", shipped),
    ("foreign, Import", foreign),
    ("kept costs", kept),
    *([("measured", measured)] if FULL else []),
):
    if len(sys.argv) == 1 or sys.argv[1] in name:
        with case(name):
            part()
clean()
finish("profiles are edited as they should be")
