#!/usr/bin/env bash
# Format, static analysis and layering of everything that is ours. Needs the native-clang and mingw builds configured.
# A file that was found clean is not analysed again while it and its headers are the same.
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
python3 tests/tidy.py "$stamp/clean" build/native-clang build/mingw || bad=1

[ $bad = 0 ] && echo 'lint: clean'
exit $bad
