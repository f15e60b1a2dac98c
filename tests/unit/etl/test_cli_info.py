#!/usr/bin/env python3
"""The command line of `handlerec` and `handlerec info`: exit codes, where output goes, help that is true.

Usage: test_cli_info.py PROGRAM [ARGUMENT...]
"""
import json
import os
import subprocess
import sys
import tempfile

KEYS = ["file", "bytes", "osBuild", "pointerSize", "processors", "clock", "bufferSize", "buffers", "mode", "start",
        "durationSeconds", "eventsLost", "buffersLost", "compressed", "events", "truncated", "damagedBuffers", "counts"]
failed = 0


def check(what, got, expected):
    global failed
    if got != expected:
        failed += 1
        print("FAILED %s: got %r, expected %r" % (what, got, expected))


def run(*arguments):
    done = subprocess.run(sys.argv[1:] + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def handle_create(time, object, handle):
    """Process 100 opens a handle of type 17."""
    payload = object.to_bytes(8, "little") + handle.to_bytes(4, "little") + (17).to_bytes(2, "little")
    record = bytearray(32) + payload
    record[0:8] = bytes([2, 0, 2, 0xC0]) + len(record).to_bytes(2, "little") + (0x1120).to_bytes(2, "little")
    record[8:16] = (7).to_bytes(4, "little") + (100).to_bytes(4, "little")
    record[16:24] = time.to_bytes(8, "little")
    return bytes(record)


def smallest_trace(leaks=0):
    """Buffer 0 alone, with its header record and handles that are opened."""
    fields = bytearray(0x118)
    for at, value, size in ((0, 0x1000, 4), (8, 22631, 4), (0x0C, 2, 4), (0x10, 131000000000000000, 8), (0x20, 1, 4),
                            (0x24, 1, 4), (0x2C, 8, 4), (0xF8 + 8, 10000000, 8), (0x108 - 8, 10000000, 8),
                            (0x108, 130999999990000000, 8), (0x110, 1, 4)):
        fields[at:at + size] = value.to_bytes(size, "little")
    fields[0xF8:0x100] = (0).to_bytes(8, "little")
    record = bytearray(32) + fields + "T\0N\0".encode("utf-16le")
    record[0:8] = bytes([2, 0, 2, 0xC0]) + len(record).to_bytes(2, "little") + b"\0\0"
    record[16:24] = (5000).to_bytes(8, "little")
    buffer = bytearray(b"\xff" * 0x1000)
    buffer[0:0x48] = bytes(0x48)
    records = [bytes(record)] + [handle_create(6000 + i, 0xFFFF800000001000 + 64 * i, 0x100 + 4 * i)
                                 for i in range(leaks)]
    whole = b"".join(r + b"\xff" * (-len(r) % 8) for r in records)
    end = 0x48 + len(whole)
    for at, value, size in ((0, 0x1000, 4), (0x30, end, 4), (0x34, 1, 2), (0x36, 4, 2), (0x2C, 3, 4)):
        buffer[at:at + size] = value.to_bytes(size, "little")
    buffer[0x48:end] = whole
    return bytes(buffer)


def usage_errors():
    for arguments, word in (([], "no command"), (["frobnicate"], "frobnicate"), (["info"], "no file"),
                            (["info", "--jso", "x"], "--jso"), (["report"], "no file"), (["dump", "--leaks", "x"], "--leaks"),
                            (["report", "x", "--type"], "needs a value"), (["report", "--top", "x", "y"], "--top"),
                            (["report", "--fail-if", "nonsense", "y"], "--fail-if")):
        code, out, err = run(*arguments)
        check("exit code of %s" % arguments, code, 2)
        check("output of %s" % arguments, out, "")
        check("%s is told in %r" % (word, err), word in err, True)
        check("%r leads to the help" % err, "--help" in err, True)


def help_texts():
    for arguments in (["--help"], ["-h"], ["help"], ["info", "--help"], ["info", "x", "-h"]):
        code, out, err = run(*arguments)
        check("exit code and errors of %s" % arguments, (code, err), (0, ""))
        check("%s tells the exit codes" % arguments, "Exit codes:" in out, True)
    check("help of a command, the other way", run("help", "info"), run("info", "--help"))
    check("help of no command", run("help", "frobnicate")[0], 2)
    check("version", [run("--version")[0], run("--version")[1][:10]], [0, "handlerec "])
    out = run("info", "--help")[1]
    for key in KEYS:
        check("help of info names %s" % key, key in out, True)


def files(folder):
    whole = smallest_trace()
    path = os.path.join(folder, "caf\u00e9 \u65e5\u672c.etl")
    with open(path, "wb") as f:
        f.write(whole)
    code, out, err = run("info", "--json", path)
    check("a whole file", (code, err), (0, ""))
    info = json.loads(out)
    check("keys in order", list(info), KEYS)
    check("the name comes back", info["file"], path)
    check("facts", [info[k] for k in ("bytes", "osBuild", "processors", "buffers", "durationSeconds", "eventsLost")],
          [0x1000, 22631, 2, 1, 1.0, 0])
    check("counts", info["counts"], [{"hook": "0x0000", "name": "EventTrace/Header", "count": 1}])
    code, out, err = run("info", path)
    check("as text", (code, err, "22631" in out), (0, "", True))

    with open(path, "wb") as f:
        f.write(whole[:0x800])
    code, out, err = run("info", "--json", path)
    check("a cut file", (code, err), (3, ""))
    check("a cut file says so", (json.loads(out)["truncated"], json.loads(out)["eventsLost"]), (True, None))

    with open(path, "wb") as f:
        f.write(b"this is no trace" * 100)
    code, out, err = run("info", path)
    check("no trace", (code, out), (1, ""))
    check("%r names the file" % err, "caf\u00e9" in err, True)
    os.remove(path)
    code, out, err = run("info", path)
    check("no file", (code, out), (1, ""))
    code, out, err = run("info", folder)
    check("a folder", (code, out), (1, ""))
    code, out, err = run("info", "--", "--json")
    check("a file named like an option", (code, "--json" in err), (1, True))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    usage_errors()
    help_texts()
    with tempfile.TemporaryDirectory() as folder:
        files(folder)
    print("failed checks: %d" % failed)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
