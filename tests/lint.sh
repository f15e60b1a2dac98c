#!/usr/bin/env bash
# Format, static analysis and layering of everything that is ours. Needs the native-clang and mingw builds configured.
#   lint.sh            files that differ from what was last found clean, by content
set -u
cd "$(dirname "$0")/.."
stamp=build/lint
mkdir -p "$stamp"
bad=0

mapfile -t sources < <(git ls-files --cached --others --exclude-standard 'app/*.c' 'app/*.h' 'tests/*.c' 'tests/*.h')
if ! clang-format --dry-run --Werror "${sources[@]}" 2>"$stamp/format.txt"; then
  grep -E 'error:' "$stamp/format.txt" | head -20
  echo 'lint: run clang-format -i on these files'
  bad=1
fi

bash tests/layering.sh || bad=1

# One file: analysed with the flags of the build that has it; a clean result is kept under the hash of all it read.
tidy_one() {
  local db=$1 file=$2 out
  shift 2
  if ! out=$(clang-tidy --quiet -p "$db" "$@" "$file" 2>/dev/null); then
    printf '%s\n' "$out" | head -40
    return 1
  fi
}
export -f tidy_one

tidy_build() { # $1 build folder, rest: extra clang-tidy arguments
  local db=$1
  shift
  local key files
  # A header change can touch every file: the key is the state of all sources and of the rules.
  key=$( (cat .clang-tidy "$db/compile_commands.json"; cat "${sources[@]}") | sha256sum | cut -c1-32)
  [ -f "$stamp/$(basename "$db")-$key" ] && return 0
  mkdir -p "$stamp/db"
  # clang reads gcc's commands; the few options that only gcc knows are taken out.
  files=$(python3 - "$db" "$stamp/db" <<'PY'
import json, os, re, sys
root = os.getcwd()
commands = json.load(open(sys.argv[1] + "/compile_commands.json"))
for c in commands:
    c["command"] = re.sub(r" -fno-ipa-\S+", "", c["command"])
    f = os.path.relpath(c["file"], root)
    if f.endswith(".c") and (f.startswith("app/") or f.startswith("tests/")):
        print(f)
json.dump(commands, open(sys.argv[2] + "/compile_commands.json", "w"))
PY
)
  [ -n "$files" ] || { echo "lint: no files in $db"; return 1; }
  printf '%s\n' "$files" | sort -u | xargs -P "$(nproc)" -I{} bash -c 'tidy_one "$@"' _ "$stamp/db" {} "$@" || return 1
  rm -f "$stamp/$(basename "$db")-"*
  touch "$stamp/$(basename "$db")-$key"
}

tidy_build build/native-clang || bad=1
tidy_build build/mingw --extra-arg=--target=x86_64-w64-mingw32 --extra-arg=-isystem/usr/share/mingw-w64/include \
  --extra-arg=-Wno-unknown-attributes --extra-arg=-Wno-ignored-attributes \
  --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-unused-command-line-argument || bad=1

[ $bad = 0 ] && echo 'lint: clean'
exit $bad
