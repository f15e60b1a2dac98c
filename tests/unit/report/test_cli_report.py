#!/usr/bin/env python3
"""`handlerec report` and `dump` as people use them: files by pattern, where output may go, baselines, wrong ranges.

Usage: test_cli_report.py PROGRAM [ARGUMENT...]
"""
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "etl"))
import test_cli_info as cli

check = cli.check
run = cli.run


def write(name, content):
    with open(name, "wb") as f:
        f.write(content)


def read(name):
    with open(name, "rb") as f:
        return f.read()


def leaked(arguments):
    code, out, err = run("report", "--format", "json", *arguments)
    check("exit code and errors of %s" % (arguments,), (code, err), (0, ""))
    return json.loads(out)["summary"]["leaked"] if code == 0 else None


def patterns_of_files():
    write("a.0001.etl", cli.smallest_trace(1))
    os.mkdir("caf\u00e9")
    write(os.path.join("caf\u00e9", "\u65e5\u672c.etl"), cli.smallest_trace(2))
    check("a pattern", leaked(["a*.etl"]), 1)
    check("one in a folder", leaked(["caf\u00e9/?\u672c.etl"]), 2)
    check("a pattern of a type is none of files", leaked(["a.0001.etl", "--type", "a*"]), 0)
    write("a.0002.etl", cli.smallest_trace(1))
    code, out, _ = run("info", "--json", "a.*.etl")
    told = json.loads(out)
    check("by name", (code, [f["file"] for f in told["files"]]), (0, ["a.0001.etl", "a.0002.etl"]))
    check("together: what came twice counts once", [told["together"][k] for k in ("events", "repeated", "damaged")],
          [1, 1, False])
    check("as text", "1; 1 more came twice" in run("info", "a.0001.etl", "a.0002.etl")[1], True)
    for name, started in (("monday.etl", 130999126000000000), ("tuesday.etl", 130999990000000000)):
        trace = bytearray(cli.smallest_trace(1))
        trace[0x48 + 32 + 0x108:0x48 + 32 + 0x110] = started.to_bytes(8, "little")
        write(name, bytes(trace))
    code, out, err = run("info", "--json", "monday.etl", "tuesday.etl")
    check("of two recordings", (code, err, len(json.loads(out)["files"]), json.loads(out)["together"]), (0, "", 2, None))
    code, out, _ = run("info", "monday.etl", "tuesday.etl")
    check("which is said", (code, "not one recording" in out), (0, True))
    check("the same file twice", leaked(["a.0001.etl", "a.0001.etl"]), 1)
    for command in (["report"], ["dump"], ["info"], ["merge", "-o", "x.etl"]):
        code, out, err = run(*command, "b*.etl")
        check("%s: no file matches" % command, (code, out, "b*.etl" in err), (1, "", True))
    code, _, err = run("report", "none/a*.etl")
    check("no such folder", (code, "none" in err), (1, True))


def outputs():
    whole = cli.smallest_trace(1)
    write("in.etl", whole)
    for name in ("in.etl", os.path.join("caf\u00e9", os.pardir, "in.etl")):
        code, out, err = run("report", "-o", name, "in.etl")
        check("-o %s, the recording" % name, (code, out, "in.etl" in err), (1, "", True))
        check("the recording is as it was", read("in.etl"), whole)
    os.mkdir("folder")
    for name in ("folder", os.path.join("no-such-folder", "x.html")):
        code, out, err = run("report", "-o", name, "in.etl")
        check("-o %s" % name, (code, out, name in err), (1, "", True))
    check("nothing is left behind", [f for f in os.listdir(".") if f.endswith(".part")], [])
    code, out, err = run("report", "--format", "html", "-o", "caf\u00e9.html", "in.etl")
    check("an output with a name of its own", (code, out, err), (0, "", ""))
    check("which is whole", read("caf\u00e9.html").rstrip().endswith(b"</html>"), True)
    if os.path.exists("/dev/full"):
        for command in (["report"], ["report", "--format", "html"], ["dump"], ["info"]):
            with open("/dev/full", "wb") as full:
                done = cli.subprocess.run(cli.sys.argv[1:] + command + ["in.etl"], stdout=full,
                                          stderr=cli.subprocess.PIPE, timeout=60)
            check("%s to a full disk" % command, (done.returncode, b"full disk" in done.stderr), (1, True))


def baselines():
    one, two = cli.smallest_trace(1), cli.smallest_trace(2)
    write("one.etl", one)
    write("two.etl", two)
    keep = ["report", "--format", "json", "-o", "old.json"]
    check("a first baseline", run(*keep, "one.etl")[0], 0)
    check("no more than before", run(*keep, "--baseline", "old.json", "one.etl")[0], 0)
    code, _, err = run(*keep, "--baseline", "old.json", "two.etl")
    check("one more, and the baseline is replaced", (code, "1 in the baseline" in err), (4, True))
    check("by the new report", json.loads(read("old.json"))["summary"]["leaked"], 2)
    write("old.json", b'{"groups": [{"process": "a')
    code, out, err = run("report", "--baseline", "old.json", "one.etl")
    check("a broken one fails, the report is there", (code, "leaked" in out, "old.json" in err), (1, True, True))
    code, _, err = run("report", "--baseline", "none.json", "one.etl")
    check("a missing one", (code, "none.json" in err), (1, True))
    check("a limit", run("report", "--fail-if", "*:*>0", "one.etl")[0], 4)
    check("a limit that is kept", run("report", "--fail-if", "*:*>1", "one.etl")[0], 0)


def wrong_values():
    for arguments, word in ((["--since", "5", "--until", "1"], "--since"), (["-o", ""], "-o"), (["--top", "x"], "--top"),
                            (["--min-duration", "2", "--max-duration", "1"], "--min-duration"),
                            (["--fail-if", "!a:b>0"], "--fail-if"), (["--object", "FF"], "--object")):
        code, out, err = run("report", *arguments, "one.etl")
        check("%s" % arguments, (code, out, word in err), (2, "", True))
    code, out, _ = run("report", "--top", "0", "--leaks", "two.etl")
    check("--top 0 lists nothing and says so", (code, "and 2 more" in out), (0, True))
    check("handles but one", leaked(["--handle", "!0x100", "two.etl"]), 1)
    check("a type without a name, as reports show it", leaked(["--type", "type 17", "two.etl"]), 2)
    check("or a limit of it", run("report", "--fail-if", "*:type 17>1", "two.etl")[0], 4)
    for form in ("text", "html"):
        out = run("report", "--format", form, "--type", "Evnet", "two.etl")[1]
        check("nothing passes, as %s" % form, ("No handles" in out, "No leaks" in out), (True, False))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.argv[1] = os.path.abspath(sys.argv[1]) if os.path.exists(sys.argv[1]) else sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        patterns_of_files()
        outputs()
        baselines()
        wrong_values()
        os.chdir(before)
    print("failed checks: %d" % cli.failed)
    sys.exit(1 if cli.failed else 0)


if __name__ == "__main__":
    main()
