#!/usr/bin/env python3
"""`handlerec wprp`: what it says of good, foreign, flawed and broken profiles, and its exit codes.

Usage: test_cli_wprp.py PROGRAM [ARGUMENT...]
"""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
ON_WINDOWS = sys.argv[-1].endswith(".exe")
failed = 0


def check(what, got, expected):
    global failed
    if got != expected:
        failed += 1
        print("FAILED %s: got %r, expected %r" % (what, got, expected))


def run(*arguments):
    done = subprocess.run(sys.argv[1:] + ["wprp", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    text = [s.decode("utf-8", "replace").replace("\r\n", "\n") for s in (done.stdout, done.stderr)]
    return done.returncode, text[0], text[1]


def test_native():
    code, out, err = run(os.path.join(ROOT, "profiles", "Event.wprp"))
    check("exit code without an XML reader", code, 1)
    check("output without an XML reader", out, "")
    check("why", "no XML reader" in err, True)


def test_windows(folder):
    shipped = os.path.join(ROOT, "profiles")
    for name in sorted(os.listdir(shipped)):
        if name.endswith(".wprp"):
            code, out, err = run(os.path.join(shipped, name))
            check(name, (code, err), (0, ""))
            check(name + " is taken by wpr.exe", "\nwpr.exe takes this file" in out, True)
    code, out, _ = run("--xperf", os.path.join(shipped, "Event.wprp"))
    check("types", "\nTypes: Event\n" in out, True)
    check("xperf", "\nxperf -on PROC_THREAD+LOADER+OB_HANDLE -stackwalk HandleCreate+HandleDuplicate " in out, True)
    check("what xperf cannot", "xperf has no type filter" in out, True)

    with open(os.path.join(shipped, "Event.wprp"), encoding="utf-8") as f:
        good = f.read()

    def with_text(name, text):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
        return run(path)

    foreign = good.replace('<Keyword Value="Loader"/>', '<Keyword Value="Loader"/>\n        <Keyword Value="CSwitch"/>')
    code, out, err = with_text("foreign.wprp", foreign)
    check("foreign", (code, err), (0, ""))
    check("what is left out has a place", "(12,18): keyword CSwitch" in out, True)
    check("what editing does", "changes are saved as a copy" in out, True)

    code, out, err = with_text("flawed.wprp", good.replace('Id="Event.Verbose.File"', 'Id="Event"')
                               .replace('Base="Event.Verbose.File"', 'Base="Event"'))
    check("flawed", (code, err), (5, ""))
    check("the flaw has a place", '(19,14): The Id of this profile must be "Event.Verbose.File".' in out, True)
    check("the flawed one is still read", "\nTypes: Event\n" in out, True)

    code, out, err = with_text("broken.wprp", good.replace("<Profiles>", "<Profiles><Bogus/>"))
    check("broken", code, 1)
    check("the break has a place", "broken.wprp(3,14): unknown element <Bogus>" in err, True)
    # Ends with a tag: where white space is last, Wine 8's reader turns in a circle.
    code, out, err = with_text("open.wprp", good[:good.index("<Profiles>") + 10])
    check("not XML", (code, out), (1, ""))
    check("where it ends", "open.wprp(3," in err, True)


with tempfile.TemporaryDirectory(dir=os.getcwd()) as temporary:
    if ON_WINDOWS:
        test_windows(temporary)
        check("no such file", run("there is none.wprp")[0], 1)
        check("no file", run()[0], 2)
        check("two files", run("a", "b")[0], 2)
        check("an unknown option", run("--json", "a")[0], 2)
    else:
        test_native()
code, out, _ = run("--help")
check("help", (code, "Usage: handlerec wprp" in out), (0, True))
print("FAILED: %d" % failed if failed else "OK")
sys.exit(1 if failed else 0)
