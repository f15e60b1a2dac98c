"""Compares what handlerec counts with what enumhandles counts and with leaky's truth. Called by test_census.sh.

census.py match STREAM ENUM PID TIME     a line of STREAM within 2 s after TIME has at least, and the line before TIME at
                                         most, what ENUM counted at TIME (a leak only grows)
census.py equal COUNT ENUM PID           the last (or only) object of COUNT has exactly what ENUM counted
census.py flat STREAM PID FROM           all lines from FROM on are alike
census.py grew STREAM PID UNTIL          lines until UNTIL grew in each of the eleven types
census.py truth STREAM TRUTH PID         change since the stream began is what leaky says is open
census.py cost STREAM HANDLES            prints what counting cost; below 5 %
TIME, FROM and UNTIL are seconds since 1970.
"""
import json
import sys

TYPES = ["Event", "File", "Key", "Thread", "Process", "Section", "Mutant", "Semaphore", "Timer", "Token",
         "IoCompletion"]


def seconds(filetime):
    return filetime / 1e7 - 11644473600


def objects(path):
    text = open(path, encoding="utf-8").read()
    if text.startswith("{\n"):
        return [json.loads(text)]
    # The last line can be cut off when the program is ended.
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def holdings(line, pid, field="open"):
    for process in line["processes"]:
        if process["pid"] == pid:
            by_type = {t["name"]: t[field] for t in process["types"]}
            return {name: by_type.get(name, 0) for name in TYPES}
    return None


def enumerated(path, pid):
    for process in json.load(open(path, encoding="utf-8"))["processes"]:
        if process["pid"] == pid:
            return {name: process.get(name, 0) for name in TYPES}
    sys.exit(f"enumhandles does not list process {pid}")


def compare(what, ours, theirs):
    wrong = [f"{name} {ours[name]} != {theirs[name]}" for name in TYPES if ours[name] != theirs[name]]
    if wrong:
        sys.exit(f"{what}: " + ", ".join(wrong))
    print(f"   {what}: " + ", ".join(f"{name} {ours[name]:,}" for name in TYPES))


def match(stream, enum, pid, time):
    theirs = enumerated(enum, pid)
    lines = [(seconds(o["time"]), holdings(o, pid)) for o in objects(stream)]
    before = [h for t, h in lines if t <= time and h]
    after = [(t, h) for t, h in lines if time < t <= time + 2 and h]
    if not before or not after:
        sys.exit(f"no count within 2 s of {time}: {[t for t, _ in lines]}")
    for name in TYPES:
        if not before[-1][name] <= theirs[name] <= after[-1][1][name]:
            sys.exit(f"{name}: {before[-1][name]} before, {theirs[name]} enumerated, {after[-1][1][name]} within 2 s")
    print("   while growing: " + ", ".join(
        f"{name} {before[-1][name]}<={theirs[name]}<={after[-1][1][name]}" for name in TYPES))


def flat(stream, pid, start):
    lines = [holdings(o, pid) for o in objects(stream) if seconds(o["time"]) >= start]
    if len(lines) < 3 or any(line != lines[0] for line in lines):
        sys.exit(f"not flat from {start}: {lines}")
    print(f"   flat for {len(lines)} counts")


def grew(stream, pid, end):
    lines = [h for h in (holdings(o, pid) for o in objects(stream) if seconds(o["time"]) <= end) if h]
    still = [name for name in TYPES if lines[-1][name] <= lines[0][name]]
    if still:
        sys.exit(f"did not grow: {still}")
    print(f"   grew in {len(lines)} counts, Event {lines[0]['Event']:,} to {lines[-1]['Event']:,}")


def truth(stream, path, pid):
    said = json.load(open(path, encoding="utf-8"))
    is_open = {name: sum(r["open"] for r in said["rows"] if r["type"] == name) for name in TYPES}
    compare("change and truth", holdings(objects(stream)[-1], pid, "change"), is_open)


def cost(stream, handles):
    shares = [o["cost"] for o in objects(stream)][2:]
    if len(shares) < 5:
        sys.exit(f"only {len(shares)} counts")
    average = sum(shares) / len(shares)
    print(f"measured: counting {handles:,} handles costs {average:.2%} of a core on average, {max(shares):.2%} at most, in {len(shares)} counts")
    if average >= 0.05:
        sys.exit("counting costs 5 % of a core or more")


def main():
    what, words = sys.argv[1], sys.argv[2:]
    if what == "match":
        match(words[0], words[1], int(words[2]), float(words[3]))
    elif what == "equal":
        pid = int(words[2])
        ours = holdings(objects(words[0])[-1], pid)
        compare("handlerec and enumhandles", ours or dict.fromkeys(TYPES, 0), enumerated(words[1], pid))
    elif what == "flat":
        flat(words[0], int(words[1]), float(words[2]))
    elif what == "grew":
        grew(words[0], int(words[1]), float(words[2]))
    elif what == "truth":
        truth(words[0], words[1], int(words[2]))
    elif what == "cost":
        cost(words[0], int(words[1]))
    else:
        sys.exit(__doc__)


main()
