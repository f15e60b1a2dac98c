#!/usr/bin/env bash
# Makes the installer and the portable archive, checks the installer's tables, installs, starts, upgrades and removes it
# in a Wine prefix of its own, and finds nothing left behind.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
cd "$HR_ROOT" || exit 1
bad=0
fail() { echo "FAILED: $*"; bad=1; }

work=$(mktemp -d)
bash installer/make.sh || exit 1
version=$(sed -nE 's/^project\(HandleRecorder VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)
msi=$HR_BUILD/installer/HandleRecorder-$version-x64.msi zip=$HR_BUILD/installer/HandleRecorder-$version-portable-x64.zip
HR_VERSION=0.0.9 HR_OUT=$work/old bash installer/make.sh >/dev/null || exit 1
old=$work/old/HandleRecorder-0.0.9-x64.msi

# --- the tables: wixl validates nothing ---

# In $work: it writes the icons into the current folder.
rows() { (cd "$work" && msiinfo export "$msi" "$1") | tr -d '\r' | tail -n +4; }
cells() { rows "$1" | cut -f "$2"; } # $2: columns, from 1
same() { # $1 what, $2 wanted, $3 found
  [ "$2" = "$3" ] || { fail "$1"; printf '  wanted:\n%s\n  found:\n%s\n' "$2" "$3"; }
}
property() { rows Property | awk -F '\t' -v name="$1" '$1 == name { print $2 }'; }
same 'version of the product' "$version" "$(property ProductVersion)"
same 'for all users' 1 "$(property ALLUSERS)"
same 'what finds other versions is passed on to the elevated part' 'WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED' "$(property SecureCustomProperties)"
same 'other versions' "$(printf '\t%s\t1\tWIX_UPGRADE_DETECTED\n%s\t\t2\tWIX_DOWNGRADE_DETECTED' "$version" "$version")" "$(cells Upgrade 2,3,5,7)"
same 'files' "$(printf '%s\n' HandleRecorder.exe handlerec.exe LICENSE.txt profiles/*.wprp | sed 's|.*/||' | LC_ALL=C sort)" "$(cells File 1 | LC_ALL=C sort)"
# A program without its version would be missing after an upgrade; a version for a file that has none is wrong as well.
same 'versions of files' "$(printf 'HandleRecorder.exe\t%s.0\t1033\nhandlerec.exe\t%s.0\t1033' "$version" "$version")" "$(cells File 1,5,6 | awk -F '\t' '$2 != ""')"
# Component rules: one file each, which is the key path; 64-bit; GUIDs of their own; each in the feature.
same 'a component for each file' "$(cells File 1 | LC_ALL=C sort)" "$(cells Component 6 | LC_ALL=C sort)"
same 'components are 64-bit' 256 "$(cells Component 4 | sort -u)"
same 'GUIDs occur once' '' "$(cells Component 2 | sort | uniq -d)"
same 'components of the feature' "$(cells Component 1 | LC_ALL=C sort)" "$(cells FeatureComponents 2 | LC_ALL=C sort)"
# An advertised shortcut's target is the feature, its component's key path what starts, and its icon is named like that.
same 'shortcut' "$(printf 'ProgramMenuFolder\tWindow\tAll\tHandleRecorderIcon.exe\tINSTALLDIR')" "$(cells Shortcut 2,4,5,9,12)"
same 'key path of the shortcut' HandleRecorder.exe "$(rows Component | awk -F '\t' '$1 == "Window" { print $6 }')"
same 'icon' HandleRecorderIcon.exe "$(cells Icon 1)"
same 'icon in the list of programs' HandleRecorderIcon.exe "$(property ARPPRODUCTICON)"
msiinfo suminfo "$msi" | grep -q '^Template: x64;1033' || fail 'the package is not one for x64'
sequence() { rows InstallExecuteSequence | awk -F '\t' -v name="$1" '$1 == name { print $3 }'; }
[ "$(sequence FindRelatedProducts)" -lt "$(sequence LaunchConditions)" ] || fail 'a newer version is looked for too late'
[ "$(sequence RemoveExistingProducts)" -gt "$(sequence InstallValidate)" ] &&
  [ "$(sequence RemoveExistingProducts)" -lt "$(sequence InstallInitialize)" ] || fail 'an older version is removed at the wrong time'

# --- in a Wine prefix ---

# A fresh one: what an earlier run left must be neither hidden nor blamed on this one.
rm -rf "$HR_BUILD/wineprefix-installer"
hr_wine_prefix installer && hr_wine_warm || exit 1
trap 'wineserver -k; rm -rf "$work"' EXIT
# No screen is needed.
timeout 60 wine reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f >/dev/null 2>&1 </dev/null
installed="$WINEPREFIX/drive_c/Program Files/Handle Recorder"

run_msi() { timeout 90 wine msiexec "$1" "Z:$2" /qn </dev/null >/dev/null 2>&1; }

# What is there: files (Wine's own temporary ones aside) and registry keys with their values.
state() {
  (cd "$WINEPREFIX/drive_c" && find . -path ./windows/temp -prune -o -path '*/Temp' -prune -o -print | LC_ALL=C sort) >"$1.files"
  local root
  for root in HKLM HKCU; do
    timeout 60 wine reg export "$root" "Z:$1.$root.reg" /y >/dev/null 2>&1 </dev/null || fail "registry export $root"
    # Each value under its key; what a counter or a time says is not compared.
    iconv -f UTF-16 -t UTF-8 "$1.$root.reg" | tr -d '\r' |
      awk '/^\[/ { key = $0; print key } /^["@]/ { sub(/=.*/, ""); print key " " $0 }' | LC_ALL=C sort >"$1.$root"
  done
}

# Names and versions in the list of installed programs.
listed() {
  timeout 60 wine reg query 'HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall' /s </dev/null 2>/dev/null |
    tr -d '\r' | awk '/^HKEY/ { name = "" } $1 == "DisplayName" && /Handle Recorder/ { name = 1 } $1 == "DisplayVersion" { version = $3 } name && version { print version; name = version = "" }'
}

window() { timeout 60 wine build/mingw/uidrive.exe "$@" </dev/null >"$work/uidrive.txt" 2>&1; }

# The window, from where it was installed: it must appear, and end by itself when it is closed.
start_and_close() { # $1 the exe
  timeout 90 wine "$1" >/dev/null 2>&1 </dev/null &
  local pid=$! code
  window wait-window HandleRecorder.exe HandleRecorderMain 40 || fail "$1 shows no window: $(cat "$work/uidrive.txt")"
  window --target HandleRecorder.exe close || fail "$1 does not take a close: $(cat "$work/uidrive.txt")"
  wait $pid
  code=$?
  [ $code = 0 ] || fail "$1 ended with exit code $code"
}

all_there() { # $1 when
  local f
  for f in HandleRecorder.exe handlerec.exe LICENSE.txt $(printf 'profiles/%s ' $(ls profiles | grep wprp)); do
    [ -f "$installed/$f" ] || fail "$1: $f is missing"
  done
  for f in HandleRecorder.exe handlerec.exe; do
    cmp -s "build/mingw/$f" "$installed/$f" || fail "$1: the installed $f is another one"
  done
  same "$1: shortcuts" 1 "$(find "$WINEPREFIX/drive_c" -name 'Handle Recorder.lnk' | wc -l)"
}

# msiexec makes keys of its own at its first run, and so does a window: one round before the state is taken.
run_msi /i "$msi" || fail "installing: exit code $?"
start_and_close "$installed/HandleRecorder.exe"
run_msi /x "$msi" || fail "removing: exit code $?"
state "$work/before"

run_msi /i "$old" || fail "installing 0.0.9: exit code $?"
same 'installed at first' 0.0.9 "$(listed)"
run_msi /i "$msi" || fail "installing $version over 0.0.9: exit code $?"
same 'installed after the upgrade' "$version" "$(listed)"
all_there 'after the upgrade'
run_msi /i "$old" && fail 'an older version installs over a newer one'
same 'installed after the refused downgrade' "$version" "$(listed)"
all_there 'after the refused downgrade'

timeout 60 wine "$installed/handlerec.exe" --help >"$work/help.txt" 2>&1 </dev/null || fail 'the installed handlerec does not start'
grep -qi 'handle' "$work/help.txt" || fail "the installed handlerec does not say what it is: $(cat "$work/help.txt")"
start_and_close "$installed/HandleRecorder.exe"

run_msi /x "$msi" || fail "removing: exit code $?"
state "$work/after"
for part in files HKLM HKCU; do
  left=$(LC_ALL=C comm -13 "$work/before.$part" "$work/after.$part")
  [ -z "$left" ] || fail "left behind ($part): $left"
  [ -s "$work/before.$part" ] || fail "nothing was compared ($part)"
done
# The round before the comparison must not have hidden anything of ours.
left=$(grep -i 'handle.\?rec' "$work"/after.files "$work"/after.HKLM "$work"/after.HKCU)
[ -z "$left" ] || fail "left behind: $left"
same 'installed at last' '' "$(listed)"

# The portable archive runs from where it is unpacked and installs nothing.
unzip -q "$zip" -d "$work/portable" || fail 'the archive does not unpack'
same 'the archive' "$( (printf '%s\n' HandleRecorder.exe handlerec.exe LICENSE.txt profiles/*.wprp) | LC_ALL=C sort)" \
  "$(cd "$work"/portable/* && find . -type f | sed 's|^\./||' | LC_ALL=C sort)"
start_and_close "$(ls "$work"/portable/*/HandleRecorder.exe)"
state "$work/portable-after"
left=$(LC_ALL=C comm -13 "$work/after.files" "$work/portable-after.files")
[ -z "$left" ] || fail "left behind by the portable program: $left"

for f in "$msi" "$zip"; do echo "size: $(basename "$f") $(stat -c %s "$f") bytes"; done
[ $bad = 0 ] && echo 'installer: installed, upgraded, started, removed, nothing left'
exit $bad
