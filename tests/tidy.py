#!/usr/bin/env python3
"""Runs clang-tidy over what two builds compile, each file once; skips what was found clean with the same text and headers.

Usage: tidy.py KEPT NATIVE_BUILD WINDOWS_BUILD [FILE...]    KEPT: a folder for what was found
The product is always analysed whole; of the tests a quarter, another one each day or by HR_SEED, and all with HR_FULL=1.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
import zlib

WINDOWS = ["--target=x86_64-w64-mingw32", "-isystem/usr/share/mingw-w64/include", "-Wno-unknown-attributes",
           "-Wno-ignored-attributes", "-Wno-unknown-warning-option", "-Wno-unused-command-line-argument"]
ROOT = os.getcwd()


def compilations(build, extra):
    """(file, arguments without the compiler) of our own C files. clang reads gcc's commands without what only gcc knows."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = json.load(f)
    for c in commands:
        path = os.path.relpath(c["file"], ROOT)
        if not path.endswith(".c") or not path.startswith(("app/", "tests/")):
            continue
        words = [w for w in shlex.split(c["command"])[1:] if not w.startswith("-fno-ipa-")]
        at = words.index("-o")
        del words[at:at + 2]
        words = [w for w in words if w not in ("-c", c["file"])]
        yield path, words + extra, c["directory"]


def chosen(native, windows):
    """Each file once: with the flags of the native build, unless it is compiled for Windows only or asks which it is."""
    jobs = {}
    for path, words, folder in compilations(native, []):
        jobs.setdefault(path, []).append((words, folder))
    for path in jobs:
        del jobs[path][1:]
    seen = set()
    for path, words, folder in compilations(windows, WINDOWS):
        if path in seen:
            continue
        seen.add(path)
        with open(path, encoding="utf-8") as f:
            both = re.search(r"^#\s*if.*_WIN32", f.read(), re.M)
        if path not in jobs or both:
            jobs.setdefault(path, []).append((words, folder))
    return [(path, words, folder) for path, ways in sorted(jobs.items()) for words, folder in ways]


def in_sample(path):
    """Whether a file's turn is today: all of the product's, every fourth of the tests'."""
    if path.startswith("app/") or os.environ.get("HR_FULL"):
        return True
    seed = os.environ.get("HR_SEED") or time.strftime("%j")
    return (zlib.crc32(path.encode()) + int(seed)) % 4 == 0


def key(path, words, folder, rules):
    """Of all that the analysis reads, but for the system's headers."""
    made = subprocess.run(["clang", *words, "-MM", os.path.join(ROOT, path)], cwd=folder, capture_output=True, text=True)
    if made.returncode:
        return None, made.stderr
    h = hashlib.sha256(rules)
    h.update("\0".join(words).encode())
    for name in made.stdout.split(":", 1)[1].replace("\\\n", " ").split():
        with open(os.path.join(folder, name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:32], ""


def analyse(job, kept, rules):
    path, words, folder = job
    begun = time.monotonic()
    digest, wrong = key(path, words, folder, rules)
    mark = os.path.join(kept, digest) if digest else None
    if mark and os.path.exists(mark):
        os.utime(mark)
        return path, "", False, 0.0
    if not mark:
        return path, wrong, True, 0.0
    done = subprocess.run(["clang-tidy", "--quiet", os.path.join(ROOT, path), "--", *words], cwd=folder,
                          capture_output=True, text=True)
    if done.returncode == 0:
        with open(mark, "w", encoding="utf-8"):
            pass
        return path, "", True, time.monotonic() - begun
    return path, done.stdout or done.stderr, True, time.monotonic() - begun


def main():
    kept, native, windows = sys.argv[1:4]
    os.makedirs(kept, exist_ok=True)
    with open(".clang-tidy", "rb") as f:
        rules = f.read() + subprocess.run(["clang-tidy", "--version"], capture_output=True).stdout
    jobs = [j for j in chosen(native, windows) if (in_sample(j[0]) if len(sys.argv) == 4 else j[0] in sys.argv[4:])]
    if not jobs:
        sys.exit("tidy: no files to analyse")
    begun = time.monotonic()
    failed = 0
    times = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, said, new, took in pool.map(lambda j: analyse(j, kept, rules), jobs):
            if said:
                failed += 1
                print("\n".join(said.splitlines()[:40]), flush=True)
            if new:
                times.append((took, path))
    for name in os.listdir(kept):  # what no file has looked like for a week
        path = os.path.join(kept, name)
        if time.time() - os.stat(path).st_mtime > 7 * 86400:
            os.remove(path)
    slowest = ", ".join(f"{p} {t:.1f} s" for t, p in sorted(times, reverse=True)[:3])
    print(f"measured: {len(jobs)} files, {len(times)} of them analysed in {time.monotonic() - begun:.0f} s, "
          f"{failed} with findings" + (f"; slowest: {slowest}" if times else ""))
    sys.exit(failed != 0)


main()
