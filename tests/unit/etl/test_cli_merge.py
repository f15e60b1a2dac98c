#!/usr/bin/env python3
"""`handlerec merge` on real traces: the second reader reads the result and finds what it found in the inputs.

Usage: test_cli_merge.py PROGRAM [ARGUMENT...]    exit code 77: no traces at hand
"""
import collections
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tests"))
import etl_oracle  # noqa: E402

CORPUS = os.environ.get("HANDLEREC_ETL_CORPUS") or os.path.join(ROOT, "..", "shared", "etl")
# One native kernel trace, a circular one, a compressed one with stack keys, a merged one.
FILES = ["airbus_ShutdownPerfDiagLogger.etl", "pywintrace_eventlog.etl", "perfview_net.4.5.2.x64.etl",
         "perfview_diaghub.kernel.1.etl"]
ORIGIN = "4f1d2a86-93c7-4b60-8e5a-d2b7f06c31e9"
failed = 0


def check(what, got, expected):
    global failed
    if got != expected:
        failed += 1
        print("FAILED %s: got %r, expected %r" % (what, got, expected))


def run(*arguments):
    done = subprocess.run(sys.argv[1:] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def events(path):
    """What the second reader counts, without the header record and the event that says what a file was made of."""
    info, types = etl_oracle.read(path)
    counts = collections.Counter()
    for c in info["counts"]:
        key = c.get("hook") or (c["provider"], c["id"], c["opcode"])
        if key != "0x0000" and c.get("provider") != ORIGIN:
            counts[key] += c["count"]
    return info, types, counts


def main():
    if not os.path.isdir(CORPUS):
        print("SKIPPED: no trace files in %s" % CORPUS)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.etl")
        for name in FILES:
            path = os.path.join(CORPUS, name)
            code, text, errors = run("merge", "-o", out, path, path)
            check("%s: exit code (%s)" % (name, errors), code, 0)
            code, text, errors = run("merge", "-o", out, path)
            check("%s: an output that is there" % name, (code, "exists" in errors or "there already" in errors), (1, True))
            before, before_types, expected = events(path)
            after, after_types, got = events(out)
            check(name + ": events", got, expected)
            for key in ("osBuild", "pointerSize", "processors", "clock", "start", "eventsLost", "buffersLost"):
                check("%s: %s" % (name, key), after[key], before[key])
            check(name + ": mode", after["mode"], 0x10001)
            check(name + ": end", after["durationSeconds"] >= before["durationSeconds"], True)
            after_types["EVENT64"] -= 1
            check(name + ": header types", {k: v for k, v in after_types.items() if v}, before_types)
            with open(out, "rb") as f, open(path, "rb") as g:
                check(name + ": the fixed part of the header", f.read(0x90)[0x68 + 8:0x68 + 12], g.read(0x90)[0x68 + 8:0x68 + 12])
            os.remove(out)
            # No handle events: only the types' names, where there are any.
            code, text, errors = run("merge", "--only-open", "-o", out, path)
            check("%s: only what is open (%s)" % (name, errors), (code, ": 0 open handles" in text), (0, True))
            os.remove(out)
    for arguments, word in (((), "no output"), (("-o",), "needs a value"), (("-o", "x"), "no file"),
                            (("--frob", "x"), "--frob")):
        code, text, errors = run("merge", *arguments)
        check("usage %r" % (arguments,), (code, text, word in errors), (2, "", True))
    code, text, errors = run("merge", "--help")
    check("help", (code, "--replace" in text, errors), (0, True, ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
