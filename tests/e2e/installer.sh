#!/usr/bin/env bash
# Makes the installer and the portable archive, installs, starts and removes under a Wine prefix of its own, and finds
# nothing left behind.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$HR_ROOT" || exit 1
bad=0
fail() { echo "FAILED: $*"; bad=1; }

bash installer/make.sh || exit 1
msi=$(ls build/installer/*.msi) zip=$(ls build/installer/*.zip)
hr_wine_prefix installer && hr_wine_warm || exit 1
trap 'WINEPREFIX=$WINEPREFIX wineserver -k' EXIT
wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >/dev/null 2>&1 </dev/null

# The tables say what an installation would do: wixl has no validation of its own.
table() { msiinfo export "$msi" "$1" | tr -d '\r'; }
table Property | grep -q "^ProductVersion" || fail 'no ProductVersion'
table Upgrade | grep -q 'WIX_DOWNGRADE\|WIX_UPGRADE' || fail 'no upgrade rule'
for f in HandleRecorder.exe handlerec.exe HandlesAll.wprp LICENSE.txt; do
  table File | grep -q "$f" || fail "$f is not in the MSI"
done

# What is there: files (Wine's own logs and temporary files aside) and registry keys.
state() {
  (cd "$WINEPREFIX/drive_c" && find . -path ./windows/temp -prune -o -path '*/Temp' -prune -o -print | LC_ALL=C sort) >"$1.files"
  for root in HKLM HKCU; do
    wine reg export "$root" "Z:$1.$root.reg" /y >/dev/null 2>&1 </dev/null || fail "registry export $root"
    iconv -f UTF-16 -t UTF-8 "$1.$root.reg" 2>/dev/null | tr -d '\r' | grep '^\[' | LC_ALL=C sort >"$1.$root"
  done
}
work=$(mktemp -d)
installed="$WINEPREFIX/drive_c/Program Files/Handle Recorder"

# msiexec makes keys of its own at its first run: one round before the state is taken.
timeout 60 wine msiexec /i "Z:$HR_ROOT/$msi" /qn </dev/null || fail "installing: exit code $?"
timeout 60 wine msiexec /x "Z:$HR_ROOT/$msi" /qn </dev/null || fail "removing: exit code $?"
state "$work/before"

timeout 60 wine msiexec /i "Z:$HR_ROOT/$msi" /qn </dev/null || fail "installing: exit code $?"
for f in HandleRecorder.exe handlerec.exe LICENSE.txt profiles/Event.wprp; do
  [ -f "$installed/$f" ] || fail "$f was not installed"
done
cmp -s build/mingw/handlerec.exe "$installed/handlerec.exe" || fail 'the installed handlerec.exe is another one'
timeout 60 wine "$installed/handlerec.exe" --help >"$work/help.txt" 2>&1 </dev/null || fail 'the installed handlerec does not start'
grep -q 'Handle Recorder' "$work/help.txt" || fail 'the installed handlerec does not say what it is'
find "$WINEPREFIX/drive_c" -name 'Handle Recorder.lnk' | grep -q . || fail 'no Start menu shortcut'

# The window, from where it was installed: it must appear and close by itself when told to.
start_and_close() { # $1 the exe
  timeout 60 wine "$1" >/dev/null 2>&1 </dev/null &
  local pid=$! code
  timeout 40 wine build/mingw/uidrive.exe wait-window HandleRecorder.exe 'Handle Recorder' 30 </dev/null || fail "$1 shows no window"
  timeout 40 wine build/mingw/uidrive.exe close HandleRecorder.exe </dev/null || fail "$1 does not take a close"
  wait $pid
  code=$?
  [ $code = 0 ] || fail "$1 ended with exit code $code"
}
start_and_close "$installed/HandleRecorder.exe"

timeout 60 wine msiexec /x "Z:$HR_ROOT/$msi" /qn </dev/null || fail "removing: exit code $?"
wineserver -w
state "$work/after"
for part in files HKLM HKCU; do
  left=$(LC_ALL=C comm -13 "$work/before.$part" "$work/after.$part" | grep -v 'AppData/Local/HandleRecorder')
  [ -z "$left" ] || fail "left behind ($part): $left"
done

# The portable archive runs from where it is unpacked and installs nothing.
(cd "$work" && unzip -q "$HR_ROOT/$zip") || fail 'the archive does not unpack'
start_and_close "$(ls "$work"/*/HandleRecorder.exe)"
rm -rf "$work"
ls -l build/installer | awk 'NF > 2 {print "size: " $NF " " $5 " bytes"}'
[ $bad = 0 ] && echo 'installer: installed, started, removed, nothing left'
exit $bad
