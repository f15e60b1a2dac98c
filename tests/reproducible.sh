#!/usr/bin/env bash
# Builds the Windows programs a second time in another folder and compares them byte for byte with the first.
set -u
cd "$(dirname "$0")/.."
[ -f build/mingw/HandleRecorder.exe ] || { echo 'build/mingw is not built'; exit 1; }
copy=build/reproducible
rm -rf "$copy" && mkdir -p "$copy/src" || exit 1
git ls-files --cached --others --exclude-standard | grep -E '^(app|resources|profiles|CMake|tests/mingw)' | tar cf - -T - | tar xf - -C "$copy/src" || exit 1
cmake -S "$copy/src" -B "$copy/out" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DHR_TESTS=OFF \
  -DCMAKE_TOOLCHAIN_FILE="$PWD/$copy/src/tests/mingw-w64.cmake" >/dev/null || exit 1
cmake --build "$copy/out" >/dev/null || exit 1
bad=0
for exe in HandleRecorder.exe handlerec.exe; do
  if cmp "build/mingw/$exe" "$copy/out/$exe"; then
    echo "size: $exe $(stat -c %s "build/mingw/$exe") bytes, the same in both builds"
  else
    bad=1
  fi
done
exit $bad
