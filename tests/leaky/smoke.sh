#!/bin/bash
# Runs leaky in each of its modes under Wine and compares its truth with the handles that the system counts.
# usage: smoke.sh BUILD_DIR
set -u
build=$(cd "$1" && pwd)
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
. "$(dirname "${BASH_SOURCE[0]}")/leaky.sh"
hr_wine_prefix || exit 1
work=$(mktemp -d)
trap 'leaky_cleanup; rm -rf "$work"' EXIT
failures=0

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

# mode NAME EXPECTED_EXIT leaky options...
mode() {
  local name=$1 expected=$2
  shift 2
  local dir=$work/$name
  leaky_start "$dir" "$@" || { fail "$name: no ready"; cat "$dir/leaky.log"; return; }
  timeout 30 wine "$build/enumhandles.exe" >"$dir/before.json" || fail "$name: enumhandles before"
  leaky_go "$dir" || { fail "$name: no done"; cat "$dir/leaky.log"; return; }
  timeout 30 wine "$build/enumhandles.exe" >"$dir/after.json" || fail "$name: enumhandles after"
  printf '%s: ' "$name"
  python3 "$HR_ROOT/tests/leaky/compare.py" "$dir/truth.json" "$dir/before.json" "$dir/after.json" ||
    fail "$name: truth and count differ"
  leaky_end "$dir"
  [ "$LEAKY_EXIT" = "$expected" ] || fail "$name: exit code $LEAKY_EXIT, expected $expected"
}

# created NAME FUNCTION FIELD: a number of the truth.
field() {
  python3 -c 'import json, sys
print(sum(r[sys.argv[3]] for r in json.load(open(sys.argv[1]))["rows"] if r["function"] == sys.argv[2]))' \
    "$work/$1/truth.json" "$2" "$3"
}

expect() {
  local actual
  actual=$(field "$1" "$2" "$3")
  [ "$actual" = "$4" ] || fail "$1: $2 $3 is $actual, expected $4"
}

all=(Event File Key Thread Process Section Mutant Semaphore Timer Token IoCompletion Job)
leaks=()
churns=()
n=10
for type in "${all[@]}"; do
  n=$((n + 3))
  leaks+=(--leak "$type:$n")
  churns+=(--churn "$type:$n")
done

mode leak-each 0 "${leaks[@]}" --list
expect leak-each LeakEvent created 13
expect leak-each LeakJob open 46
mode churn-each 0 "${churns[@]}" --named
expect churn-each ChurnKey closed 19
mode threads 0 --leak Event:1001 --leak Key:50 --churn Mutant:300 --threads 4 --depth 40 --named --list
expect threads LeakEvent created 1001
mode shared-name 0 --leak Event:20 --leak Section:7 --shared-name
mode rate 0 --leak Semaphore:30:100
mode race 0 --race 4:50 --list
[ "$(field race GetOrCreateEvent open)" -gt 0 ] || fail "race: no round leaked"
expect race GetOrCreateEvent closed 50
mode children 0 --inherit 17 --duplicate 23
expect children LeakInheritable created 17
expect children MakeDuplicateSource duplicatedOut 23
mode new-thread 0 --new-thread 9
mode new-process 0 --new-process 2
mode close-late 0 --leak Event:200 --leak Token:20 --close-late 1 --list
expect close-late LeakEvent closed 200
mode abort 3 --leak Event:5 --abort
mode terminated 0 --leak Event:5 --leak File:6 --terminated

# Paused, the count stays where it is; resumed, the work is completed.
dir=$work/pause
touch "$work/pause.now"
leaky_start "$dir" --leak Event:40 --pause-file "Z:$work/pause.now" || fail "pause: no ready"
leaky_release "$dir"
sleep 1
timeout 30 wine "$build/enumhandles.exe" >"$dir/first.json"
sleep 1
timeout 30 wine "$build/enumhandles.exe" >"$dir/second.json"
[ -e "$dir/done" ] && fail "pause: it went on"
rm "$work/pause.now"
leaky_wait "$dir" || fail "pause: no done"
python3 - "$dir" <<'PY' || fail "pause: counts"
import json, sys
def events(name, pid):
    for process in json.load(open(f"{sys.argv[1]}/{name}.json"))["processes"]:
        if process["pid"] == pid:
            return process.get("Event", 0)
pid = json.load(open(f"{sys.argv[1]}/truth.json"))["pid"]
first, second = events("first", pid), events("second", pid)
print(f"pause: {first} events, then {second}")
sys.exit(0 if first == second and first is not None else 1)
PY
leaky_end "$dir"
expect pause LeakEvent created 40

# The functions stand where the truth says, under these names, and call rather than jump.
python3 - "$work/leak-each/truth.json" "$build/leaky.exe" <<'PY' || fail "names and places of the functions"
import json, re, subprocess, sys
names = {}
for line in subprocess.check_output(["x86_64-w64-mingw32-nm", sys.argv[2]], text=True).splitlines():
    address, _, name = line.split(maxsplit=2) if line[0] != " " else ("0", "", "")
    names[name] = int(address, 16)
headers = subprocess.check_output(["x86_64-w64-mingw32-objdump", "-p", sys.argv[2]], text=True)
base = int(re.search(r"ImageBase\s+([0-9a-f]+)", headers)[1], 16)
wrong = 0
for row in json.load(open(sys.argv[1]))["rows"]:
    if not row["function"].startswith("Leak"):
        continue
    rva = names.get(row["function"], 0) - base
    code = subprocess.check_output(["x86_64-w64-mingw32-objdump", "-d", "--no-show-raw-insn",
                                    f"--disassemble={row['function']}", sys.argv[2]], text=True)
    body = code.split(f"<{row['function']}>:")[-1]
    if rva != row["rva"] or not re.search(r"\scall\s", body) or re.search(r"\sjmp\s+\*", body):
        wrong += 1
        print(f"{row['function']}: at {rva:#x} in the symbols, {row['rva']:#x} in the truth\n{body}")
sys.exit(1 if wrong else 0)
PY

# Wrong options and failing calls say so.
timeout 30 wine "$build/leaky.exe" --leak Nonsense:1 2>/dev/null && fail "an unknown type was taken"
timeout 30 wine "$build/leaky.exe" --truth 'Z:\no\such\folder\truth' 2>"$work/error.txt" && fail "an unwritable truth passed"
grep -q 'writing the truth failed (3)' "$work/error.txt" || fail "error text: $(cat "$work/error.txt")"

if [ "$failures" -gt 0 ]; then
  printf '%d failures\n' "$failures"
  exit 1
fi
echo "OK: leaky says what it does"
