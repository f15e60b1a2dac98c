#!/usr/bin/env python3
"""Compares `handlerec info` with two other sources on every real trace file at hand.

First: the reader in tests/etl_oracle.py, every key of every file. Second: the figures published beside the files
(header types, buffers, builds, losses, most frequent events), which come from neither reader.

Usage: test_corpus.py PROGRAM [ARGUMENT...]    the program, e.g. ./handlerec or wine handlerec.exe
The folder is in HANDLEREC_ETL_CORPUS, by default ../shared/etl beside the project. Exit code 77: it is not there.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, "tests"))
sys.dont_write_bytecode = True
import etl_oracle  # noqa: E402

# How the published table calls providers and groups.
PROVIDERS = {"CLR": "e13c0d23-ccbc-4e12-931b-d9cc2eee27e4", "CLRrundown": "a669021c-c450-4609-a035-5af59af4df18",
             "ImageID": "b3e675d7-2554-4f18-830b-2762732560de", "SysConfigEx": "9b79ee91-b5fd-41c0-a243-4248e266e9d0",
             "ProcessG": "3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c", "ImageG": "2cb15d1d-5fc1-11d2-abe1-00a0c911f518"}
GROUPS = {name: number for number, name in etl_oracle.GROUPS.items()}


class Check:
    def __init__(self):
        self.done = 0
        self.failed = 0

    def equal(self, what, got, expected):
        self.done += 1
        if got != expected:
            self.failed += 1
            print("FAILED %s: handlerec says %r, expected %r" % (what, got, expected))


def find_corpus():
    path = os.environ.get("HANDLEREC_ETL_CORPUS") or os.path.join(ROOT, "..", "shared", "etl")
    if os.path.isdir(path) and any(name.endswith(".etl") for name in os.listdir(path)):
        return os.path.abspath(path)
    print("SKIPPED: no trace files in %s (set HANDLEREC_ETL_CORPUS)" % path)
    sys.exit(77)


def run(program, *arguments):
    done = subprocess.run(program + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def count_key(c):
    return (c["hook"], c["name"]) if "hook" in c else (c["provider"], c["id"], c["opcode"])


def compare_counts(check, name, got, expected):
    mine = {count_key(c): c["count"] for c in got}
    theirs = {count_key(c): c["count"] for c in expected}
    check.equal(name + " kinds listed once", len(mine), len(got))
    for kind in sorted(set(mine) | set(theirs), key=str):
        check.equal("%s count of %s" % (name, kind), mine.get(kind), theirs.get(kind))
    order = [c["count"] for c in got]
    check.equal(name + " counts are sorted", order, sorted(order, reverse=True))


def compare_with_oracle(check, name, got, expected):
    check.equal(name + " keys", sorted(got), sorted(expected))
    for key, value in expected.items():
        if key == "counts":
            compare_counts(check, name, got[key], value)
        elif key == "durationSeconds":
            check.equal(name + " " + key, round(got[key], 6), round(value, 6))
        else:
            check.equal(name + " " + key, got.get(key), value)


def published(corpus):
    """The rows of the table in the folder's README, by file name."""
    path = os.path.join(corpus, "README.md")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as f:
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in f if line.startswith("|")]
    titles = rows[0]
    return {row[0]: dict(zip(titles, row)) for row in rows[2:] if len(row) == len(titles)}


def published_count(info, word):
    """The count in `info` of an event as the table writes it: Group/type, Provider/opN or Provider/idN/opN."""
    found = re.fullmatch(r"(.+?)(?:/id(\d+))?/op(\d+)", word)
    if found:
        guid = PROVIDERS.get(found.group(1), found.group(1))
        event_id = int(found.group(2)) if found.group(2) else None
        return sum(c["count"] for c in info["counts"]
                   if c.get("provider") == guid and c.get("id") == event_id and c["opcode"] == int(found.group(3)))
    group, kind = word.split("/")
    hook = "0x%04X" % (GROUPS[group] << 8 | int(kind))
    return sum(c["count"] for c in info["counts"] if c.get("hook") == hook)


def compare_with_table(check, name, info, text, row):
    check.equal(name + " published size", info["bytes"], int(row["size"]))
    check.equal(name + " published processors", info["processors"], int(row["CPUs"]))
    check.equal(name + " published buffers", info["buffers"], int(row["buffers"]))
    check.equal(name + " published buffer size", info["bufferSize"], int(row["buffer size"], 16))
    check.equal(name + " published build", info["osBuild"], int(row["Windows"].split()[0].split(".")[2]))
    check.equal(name + " published pointer size", info["pointerSize"], int(row["pointer size header / events"][0]))
    check.equal(name + " published mode", info["mode"], int(row["mode"].split()[0], 16))
    check.equal(name + " published losses", "%s/%s" % (info["eventsLost"], info["buffersLost"]), row["lost events"])
    check.equal(name + " published compression", info["compressed"], row["compression"] == "XPRESS")
    types = dict(item.split(":") for item in row["events by header type"].split())
    printed = {kind: number for number, kind in re.findall(r"^ +(\d+) (\w+)\r?$", text, re.M)}
    check.equal(name + " published header types", printed, types)
    for item in row["most frequent events"].split(", "):
        word, number = item.split("\u00d7")
        check.equal("%s published %s" % (name, word), published_count(info, word), int(number))


def main():
    program = sys.argv[1:]
    if not program:
        sys.exit(__doc__)
    corpus = find_corpus()
    table = published(corpus)
    check = Check()
    names = sorted(n for n in os.listdir(corpus) if n.endswith(".etl"))
    in_table = 0
    for name in names:
        path = os.path.join(corpus, name)
        code, out, err = run(program, "info", "--json", path)
        check.equal(name + " exit code", (code, err), (0, ""))
        if code != 0:
            continue
        info = json.loads(out)
        compare_with_oracle(check, name, info, etl_oracle.read(path)[0])
        if name in table:
            in_table += 1
            compare_with_table(check, name, info, run(program, "info", path)[1], table[name])
        print("%-45s %8d events, %4d kinds" % (name, info["events"], len(info["counts"])))
    print("%d files, %d of them in the published table; %d comparisons, %d failed" %
          (len(names), in_table, check.done, check.failed))
    sys.exit(1 if check.failed or not names else 0)


if __name__ == "__main__":
    main()
