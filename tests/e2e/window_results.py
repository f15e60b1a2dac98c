"""The results window: a recording's leaks from Show leaks, the command line and the dialog; groupings, filter, export."""
from window import *

RESULTS = "HandleRecorderResults"
GROUP, FILTER, ONLY, LIST = (id_of("RESULTS_" + n) for n in ("GROUP", "FILTER", "ONLY", "LIST"))
DETAIL, STACK, SUMMARY, CANCEL = (id_of("RESULTS_" + n) for n in ("DETAIL", "STACK", "SUMMARY", "CANCEL"))
LEAKS = 300
ROUNDS = 30 if FULL else 6


def number(text):
    return int(text.replace(",", "") or 0)


class Results:
    """The results window of a program that runs."""

    def __init__(self, w, seconds=20):
        self.w = w
        if not wait_for(self.is_open, seconds):
            raise RuntimeError("no results window")

    def is_open(self):
        return any(r[2] == RESULTS and r[5] == "visible" for r in self.w.windows())

    def drive(self, *words):
        return self.w.drive("in", RESULTS, *words)

    def text(self, control):
        return self.drive("text", control)

    def rows(self):
        lines = self.drive("list", LIST).splitlines()
        heads = lines[0].split("\t") if lines else []
        return [dict(zip(heads, line.split("\t"))) for line in lines[1:]]

    def groups(self):
        return [r["Group"] for r in self.rows()]

    def row(self, part):
        return next((r for r in self.rows() if part in r["Group"]), {})

    def wait_read(self, seconds=30):
        ok = wait_for(lambda: "leaked" in self.text(SUMMARY), seconds)
        return check(ok, "the recording is read", self.text(SUMMARY))

    def regroup(self, name):
        self.drive("select", GROUP, name)
        time.sleep(0.3)

    def filter(self, text):
        self.drive("click", FILTER)
        self.w.key("ctrl+a")
        if text:
            self.w.drive("type", text)
        else:
            self.w.key("backspace")
        time.sleep(0.6)

    def command(self, name):
        self.drive("command", IDS["IDM_RESULTS_" + name])

    def focus_list(self):
        """A click on the selected row keeps the selection."""
        self.drive("command", IDS["IDM_NEXT_PANE"])

    def pasted(self):
        """The first line of the clipboard, by way of the filter."""
        self.drive("click", FILTER)
        self.w.key("ctrl+a")
        self.w.key("ctrl+v")
        time.sleep(0.3)
        text = self.text(FILTER)
        self.filter("")
        return text


def totals(path):
    """Leaks per (process, pid, type), as handlerec has them."""
    report = json.loads(handlerec("report", path, "--format", "json")[1])
    found = {}
    for g in report["groups"]:
        key = (f"{g['process']} ({g['pid']})", g["type"])
        found[key] = found.get(key, 0) + g["leaked"]
    return report, found


def groupings(r, path):
    report, found = totals(path)
    leaked = report["summary"]["leaked"]
    has(r.text(SUMMARY), f"{leaked:,} leaked, ", "the summary")
    has(r.text(SUMMARY), "0 events lost", "the summary")
    first = r.rows()
    heaviest = max(found, key=found.get)
    equal(first[0]["Group"], next(iter({p for p, t in [heaviest]})), "the heaviest process stands first")
    equal(number(first[0]["Leaked"]), sum(n for (p, t), n in found.items() if p == heaviest[0]), "its leaks")
    equal((first[1]["Group"], number(first[1]["Leaked"])), (heaviest[1], found[heaviest]), "its heaviest type")
    check(wait_for(lambda: "leaky.exe!LeakEvent" in r.groups()[2], 10), "the leaking function is named", r.groups())
    equal(number(first[2]["Leaked"]), LEAKS, "its leaks")
    check("*" in first[2]["#"], "the heaviest row is selected", first)
    has(r.text(DETAIL), f"> Event > leaky.exe", "the detail line names the path")
    stack = r.text(STACK)
    has(stack, "Created by", "the stack pane")
    has(stack, "leaky.exe", "the stack pane")
    has(stack, "ntdll.dll", "the stack pane")

    # Unfolding: the single handles are leaky's.
    r.drive("list-click", LIST, "2")
    r.w.key("right")
    time.sleep(0.3)
    single = [x["Group"] for x in r.rows() if x["Group"].startswith("0x")]
    truth = {f"0x{leak['handle']:X}" for leak in report["leaks"] if leak["type"] == "Event" and leak["process"] == "leaky.exe"}
    check(len(single) == LEAKS and {s.split()[0] for s in single} <= truth, "the single handles are leaky's", len(single), single[:3])
    r.w.key("right")
    time.sleep(0.3)
    check(re.match(r"Handle 0x[0-9A-F]+, created \d\d:\d\d:\d\d\.\d{3}, thread \d+", r.text(DETAIL)), "a handle's detail", r.text(DETAIL))
    r.w.key("left", "left")
    time.sleep(0.3)
    equal(len([x for x in r.groups() if x.startswith("0x")]), 0, "Left folds")

    for name, outermost in (("As in WPA", heaviest[0]), ("Type", "Event"), ("Name", "(no name)")):
        r.regroup(name)
        rows = r.rows()
        equal(rows[0]["Group"], outermost, f"{name}: what stands first")
        top = {p if name == "As in WPA" else t for p, t in found} if name != "Name" else None
        if top:
            equal(sum(number(x["Leaked"]) for x in rows if x["Group"] in top), leaked + 0 if name == "Type" else leaked,
                  f"{name}: all leaks are there")
        shot(f"results-{name.lower().replace(' ', '-')}")
    r.regroup("As in WPA")
    check({"(no name)", "still open", "(not closed)"} <= set(r.groups()), "WPA's levels", r.groups())

    # Customize: Type alone, by moving nothing and ticking less.
    r.drive("select", GROUP, "Customize...")
    r.w.drive("wait-window", "-", "Group by", 10)
    for row in range(6):
        if row != 1:
            r.w.drive("list-click", id_of("COLUMNS_LIST"), str(row), "0", "check")
    r.w.drive("click", "=OK")
    r.w.drive("wait-gone", "Group by", 10)
    time.sleep(0.3)
    equal({t for t in r.groups() if not t.startswith("0x")}, {t for p, t in found if found[p, t]}, "one level: the types")
    r.regroup("Process > Type > Create stack")


def filtering(r):
    before = r.groups()
    r.filter("leaky")
    check(all("leaky" in g for g in r.groups()[:1]) and len(r.rows()) <= len(before), "the filter leaves leaky", r.groups())
    r.filter("no such thing at all")
    equal(r.rows(), [], "nothing matches")
    shot("results-no-match")
    r.w.key("esc")
    check(wait_for(lambda: r.groups() == before, 5), "Esc clears the filter", r.groups(), before)
    check(r.is_open(), "and does not close the window")
    leaks = len(r.rows())
    r.drive("click", ONLY)
    check(wait_for(lambda: len(r.rows()) >= leaks, 5), "all handles", r.groups())
    created = number(r.rows()[0]["Created"])
    check(created >= LEAKS, "created ones are counted", r.rows()[0])
    r.drive("click", ONLY)
    check(wait_for(lambda: r.groups() == before, 5), "only leaks again", r.groups(), before)


def copying(r):
    r.drive("list-click", LIST, "2")
    time.sleep(0.2)
    detail = r.text(DETAIL)
    r.w.key("ctrl+c")
    check(wait_for(lambda: "copied" in r.text(SUMMARY), 5), "it says that it copied", r.text(SUMMARY))
    equal(r.pasted(), detail, "what Ctrl+C put on the clipboard")
    r.drive("list-click", LIST, "2")
    r.command("ETWANALYZER")
    time.sleep(0.3)
    has(r.pasted(), "ETWAnalyzer -extract ObjectRef -fd ", "the ETWAnalyzer command line")


def other_dpi(r):
    """On a screen of another DPI all is larger, and back on this one it stands as before."""
    here = r.drive("tree")
    before = [int(n) for n in r.drive("rect", LIST).split()]
    r.drive("dpi", 96, 120)
    there = [int(n) for n in r.drive("rect", LIST).split()]
    check(1.15 < (there[2] - there[0]) / (before[2] - before[0]) < 1.35, "the list is wider by a quarter", before, there)
    shot("results-120-dpi")
    r.drive("dpi", 120, 96)
    equal(r.drive("tree"), here, "all places after it came back")


def exporting(r, path):
    for kind in ("html", "csv", "json", "txt"):
        out = WORK / f"export.{kind}"
        out.unlink(missing_ok=True)
        r.drive("click", id_of("RESULTS_EXPORT"))
        check(wait_for(lambda: r.w.shows("Export the report"), 10), "the export dialog opens")
        r.w.save_as(windows_path(out))
        check(wait_for(lambda: "Written to" in r.text(SUMMARY), 15), f"{kind} is written", r.text(SUMMARY))
        form = "text" if kind == "txt" else kind
        wanted = WORK / "wanted"
        subprocess.run(["wine", BUILD / "handlerec.exe", "report", windows_path(path), "--format", form, "-o",
                        windows_path(wanted)], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)  # fmt: skip
        check(wanted.exists() and out.read_bytes() == wanted.read_bytes(), f"the {kind} file is what handlerec writes",
              out, wanted)  # fmt: skip
        out.unlink()
        wanted.unlink()


def asked(r, command, title):
    """While it asks something it is not closed, not even by those who close all windows of a program."""
    r.command(command)
    check(wait_for(lambda: r.w.shows(title), 10), f"{title} is open")
    r.drive("close")
    time.sleep(0.5)
    check(r.is_open() and r.w.shows(title), "it stays while it asks", r.w.windows())
    r.w.key("esc")
    check(wait_for(lambda: not r.w.shows(title), 5), f"{title} closes")
    check(r.is_open(), "it is there after it asked")


def dropped(r, path, other):
    r.drive("drop", windows_path(other))
    check(wait_for(lambda: other.name in r.drive("text") and not r.rows(), 10), "dropped on it: no trace", r.drive("text"))
    r.drive("drop", windows_path(path))
    check(wait_for(lambda: path.name in r.drive("text"), 10), "dropped on it", r.drive("text"))
    r.wait_read()
    r.w.main("drop", windows_path(other))
    check(wait_for(lambda: other.name in r.drive("text"), 10), "dropped on the main window", r.drive("text"))
    r.w.main("drop", windows_path(path.parent))
    time.sleep(0.5)
    has(r.drive("text"), other.name, "a folder is nothing to read")


def recorded():
    """Record, Stop, Save, Show leaks: the last of the six clicks."""
    path = WORK / "leaks.etl"
    path.unlink(missing_ok=True)
    w = Window()
    with Leaky("--leak", f"Event:{LEAKS}", "--leak", "File:7") as leaky:
        w.record()
        leaky.go()
        leaky.done()
        w.click("STOP")
        w.wait_file_dialog()
        w.save_as(windows_path(path))
        w.wait_saved()
    w.drive("link", id_of("BAR"), "Show leaks")
    r = Results(w)
    r.wait_read()
    shot("results-leaks")
    equal(r.text(LIST), "Handles by group", "the list's name for screen readers")
    groupings(r, path)
    filtering(r)
    copying(r)
    other_dpi(r)
    exporting(r, path)
    asked(r, "EXPORT", "Export the report")
    r.drive("close")
    check(wait_for(lambda: not r.is_open(), 5), "the results window closes")
    rounds(r)
    w.key("ctrl+l")
    check(wait_for(r.is_open, 10), "Ctrl+L opens it again")
    r.wait_read()
    r.drive("click", id_of("RESULTS_MORE"))
    check(wait_for(lambda: "Unfold" in w.drive("menu-items"), 5), "its menu is open")
    equal(w.close_main(), 0, "exit code, with a menu of the results window open")
    no_session("results")


def open_file(r, path):
    """File > Open trace in the results window."""
    r.drive("command", IDS["IDM_OPEN"])
    check(wait_for(lambda: r.w.shows("Open a trace"), 10), "the open dialog")
    r.w.save_as(windows_path(path))


def other_files(path):
    """The command line, a second start, a damaged file, a missing one, a long read cancelled, and closing while reading."""
    damaged = WORK / "damaged.etl"
    damaged.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 100])
    missing = WORK / "missing.etl"
    missing.write_bytes(b"no trace")
    long = WORK / "long.etl"
    subprocess.run([BUILD.parent / "native/bench_trace", long, "1"], check=True, timeout=60)
    w = Window(windows_path(path))
    r = Results(w)
    r.wait_read()
    has(r.drive("text"), "leaks.etl - Leaks", "the title names the file")
    before = r.rows()
    second = subprocess.Popen(["wine", "explorer", f"/desktop={DESKTOP},{os.environ['UI_SIZE']}",
                               windows_path(BUILD / EXE), windows_path(damaged)], stdin=subprocess.DEVNULL)  # fmt: skip
    check(wait_for(lambda: "damaged.etl" in r.drive("text"), 15), "a second start hands its file over", r.drive("text"))
    check(wait_for(lambda: "damaged or ends early" in r.text(SUMMARY), 15), "the summary says that it is damaged", r.text(SUMMARY))
    shot("results-damaged")
    open_file(r, missing)
    check(wait_for(lambda: "missing.etl" in r.drive("text") and not r.rows(), 10), "a file that is no trace", r.rows())
    check("enabled" not in r.drive("state", id_of("RESULTS_EXPORT")).split(), "nothing to export")
    shot("results-error")

    dropped(r, path, missing)

    open_file(r, long)
    check(wait_for(lambda: r.text(SUMMARY).startswith("Reading long.etl"), 10, 0.02), "it says that it reads", r.text(SUMMARY))
    shot("results-reading")
    latency = r.drive("null-latency", "300")
    check(float(re.search(r"[\d.]+", latency)[0]) < 250, "the window answers while it reads", latency)
    r.drive("click", CANCEL)
    check(wait_for(lambda: "enabled" in r.drive("state", id_of("RESULTS_MORE")), 10, 0.05), "cancelled", r.text(SUMMARY))
    equal(r.rows(), [], "nothing is shown of it")
    # A second open ends the first.
    open_file(r, long)
    wait_for(lambda: r.text(SUMMARY).startswith("Reading"), 10, 0.02)
    open_file(r, path)
    r.wait_read()
    equal([x["Leaked"] for x in r.rows()], [x["Leaked"] for x in before], "the second file is shown")
    open_file(r, long)
    wait_for(lambda: r.text(SUMMARY).startswith("Reading"), 10, 0.02)
    r.drive("close")
    check(wait_for(lambda: not r.is_open(), 3), "the window closes while it reads")
    second.kill()
    equal(w.close(), 0, "exit code")
    for p in (long, damaged, missing):
        p.unlink()


def rounds(r):
    """Opening and closing leaves nothing behind."""
    counts = []
    for number in range(ROUNDS):
        r.w.main("command", IDS["IDM_LEAKS"])
        wait_for(r.is_open, 10, 0.05)
        r.wait_read()
        r.drive("close")
        check(wait_for(lambda: not r.is_open(), 5, 0.05), "the results window closes")
        if number % (ROUNDS // 3) == ROUNDS // 3 - 1:
            r.w.drive("sleep", 500)
            found = json.loads(r.w.main("objects").splitlines()[-1])
            found.update({"handles: " + kind: n for kind, n in found.pop("types").items()})
            counts.append({k: v for k, v in found.items() if k not in ("pid", "guiResourcesGdi", "guiResourcesUser")})
    for kind in sorted(set().union(*counts)):
        a, b, c = (found.get(kind, 0) for found in counts)
        print(f"count: {ROUNDS} rounds of the results window: {kind} {a} -> {b} -> {c}")
        check(c <= b or b <= a, f"rounds: {kind} did not grow", a, b, c)
        check(c - a <= 4, f"rounds: {kind} grew by a handful at most", a, b, c)


path = WORK / "leaks.etl"
for part in (recorded, other_files):
    if len(sys.argv) == 1 or sys.argv[1] == part.__name__:
        with case(part.__name__):
            part() if part is recorded else part(path)
finish("results")
