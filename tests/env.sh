# Set-up shared by run.sh and demo.sh: packages, the Windows test harness, a Wine prefix, a screen. Source it.
# Everything it makes lies under build/ of this checkout.

HR_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HR_BUILD=$HR_ROOT/build
HR_PACKAGES="cmake ninja-build gcc libc6-dev clang clang-tidy clang-format libclang-rt-14-dev libcmocka-dev python3
  mingw-w64 wine wine64 xvfb xdotool x11-utils imagemagick fonts-liberation wixl msitools zip unzip dpkg-dev xz-utils"

hr_say() { printf '== %s\n' "$*"; }

# Installs what is missing; needs root (or sudo) only then.
hr_packages() {
  local missing=""
  local p
  for p in $HR_PACKAGES; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
  done
  [ -z "$missing" ] && return 0
  hr_say "installing Debian packages:$missing"
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq || return 1
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || return 1
}

# cmocka for the Windows tests: Debian ships only the Linux library, so it is built from Debian's own source package.
hr_cmocka_mingw() {
  local dir=$HR_BUILD/cmocka-mingw
  [ -f "$dir/lib/libcmocka.a" ] && return 0
  hr_say "building cmocka for Windows from Debian's source package"
  rm -rf "$dir" && mkdir -p "$dir/apt/lists/partial" "$dir/lib" || return 1
  local release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main" >"$dir/apt/src.list"
  local opt="-o Dir::Etc::sourcelist=$dir/apt/src.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$dir/apt/lists -o APT::Sandbox::User=root"
  (
    cd "$dir" || exit 1
    # shellcheck disable=SC2086
    apt-get $opt update -qq && apt-get $opt source --download-only -qq cmocka || exit 1
    mkdir src && tar xf cmocka_*.orig.tar.xz -C src --strip-components=1 || exit 1
    cmake -S src -B obj -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$HR_ROOT/tests/mingw-w64.cmake" \
      -DBUILD_SHARED_LIBS=OFF -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF || exit 1
    ninja -C obj cmocka-static || exit 1
    mkdir -p include && cp src/include/cmocka*.h include/ && cp obj/src/libcmocka-static.a lib/libcmocka.a
  ) >"$HR_BUILD/cmocka-mingw.log" 2>&1 || { tail -20 "$HR_BUILD/cmocka-mingw.log" >&2; return 1; }
}

# The wineserver of Wine 8.0 compares a handle table's last index, -1 while the table is empty, without its sign. When
# one program lists all handles (class 64) while another is just starting, it runs off that table and crashes, and the
# whole prefix with it. So the tests start a copy in which this loop looks at the sign, and looks before its first
# step; another build of wineserver is left to Wine. Does nothing where one runs already.
hr_wineserver() {
  local from=/usr/lib/wine/wineserver64 copy=$HR_BUILD/wineserver64
  [ -f "$from" ] || return 0
  if [ ! -f "$copy" ] || [ "$from" -nt "$copy" ]; then
    mkdir -p "$HR_BUILD"
    python3 - "$from" "$copy.$$" <<'PYTHON' || { rm -f "$copy.$$"; return 0; }
import os, sys
data = open(sys.argv[1], "rb").read()
# mov 0x60(%r10),%rdx ... jmp to the test of the entry; ... cmp %edi,0x54(%r10); jb to the end
start, end = bytes.fromhex("498b526041b80400000031ffeb7d"), bytes.fromhex("83c7014883c2104183c00441397a547222")
first, last = data.find(start), data.find(end)
if data.count(start) != 1 or data.count(end) != 1 or first + len(start) + 0x7d != last + len(end):
    sys.exit(1)
data = data.replace(start, start[:-1] + b"\x77").replace(end, end[:-2] + b"\x7c\x22")
open(sys.argv[2], "wb").write(data)
os.chmod(sys.argv[2], 0o755)
PYTHON
    mv "$copy.$$" "$copy" || return 0
  fi
  "$copy" -p600 </dev/null >/dev/null 2>&1
  return 0
}

# A Wine prefix of this checkout's own. $1: a name, so that tests which need another set-up get their own.
hr_wine_prefix() {
  export WINEPREFIX=$HR_BUILD/wineprefix${1:+-$1}
  export WINEDEBUG=-all
  # No .NET and browser engines, no menu entries; and no winedbg: with it a crash can exit 0 or hang on a dialog.
  export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d;winedbg.exe=d"
  [ -f "$WINEPREFIX/.ready" ] && { hr_wineserver; return 0; }
  hr_say "creating a Wine prefix (about 15 s): $WINEPREFIX"
  rm -rf "$WINEPREFIX" && mkdir -p "$WINEPREFIX" || return 1
  wineboot -i </dev/null >/dev/null 2>&1 || return 1
  cp /usr/share/wine/fonts/marlett.ttf "$WINEPREFIX/drive_c/windows/Fonts/" || return 1
  wine reg add 'HKCU\Software\Wine' /v Version /d win10 /f </dev/null >/dev/null 2>&1 || return 1
  wineserver -w
  touch "$WINEPREFIX/.ready"
  hr_wineserver
}

# Keeps a wineserver and its service processes alive, so that no test pays for or hangs on their start.
hr_wine_warm() {
  hr_wineserver
  wineserver -p600 </dev/null >/dev/null 2>&1
  wine wineboot </dev/null >/dev/null 2>&1
}

# A private X screen. $1: its display number, or nothing for a free one; $2: its size. Sets DISPLAY and HR_XVFB.
hr_screen() {
  local number i
  number=$(mktemp) || return 1
  # The server itself says which number it took, so that two that start at once cannot take the same one.
  # shellcheck disable=SC2086
  Xvfb ${1:+":$1"} -displayfd 3 -screen 0 "${2:-1280x900}x24" -nolisten tcp 3>"$number" >/dev/null 2>&1 &
  HR_XVFB=$!
  for i in $(seq 100); do
    [ -s "$number" ] && break
    kill -0 "$HR_XVFB" 2>/dev/null || break
    sleep 0.1
  done
  export DISPLAY
  DISPLAY=:$(tr -d '\n' <"$number")
  rm -f "$number"
  [ "$DISPLAY" != : ] && xdpyinfo >/dev/null 2>&1
}
