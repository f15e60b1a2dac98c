#!/usr/bin/env bash
# Makes what people download, from build/mingw: an MSI (wixl here; the same .wxs serves WiX 3) and a portable .zip.
#   installer/make.sh            into build/installer/
#   HR_VERSION=0.0.9 installer/make.sh    another version than the project's, to test upgrades
#   HR_OUT=FOLDER installer/make.sh       into another folder
#   SIGN_PFX=cert.pfx SIGN_PASS_FILE=pass.txt installer/make.sh    signs the programs and the MSI too (osslsigncode)
set -eu
cd "$(dirname "$0")/.."
version=${HR_VERSION:-$(sed -nE 's/^project\(HandleRecorder VERSION ([0-9.]+).*/\1/p' CMakeLists.txt)}
[ -n "$version" ] || { echo 'no version in CMakeLists.txt' >&2; exit 1; }
# wixl takes relative paths only.
out=$(realpath -m --relative-to=. "${HR_OUT:-build/installer}")
rm -rf "$out" && mkdir -p "$out/bin"

sign() { # $1: a program or installer; nothing happens without a certificate
  [ -n "${SIGN_PFX:-}" ] || return 0
  osslsigncode sign -pkcs12 "$SIGN_PFX" -readpass "$SIGN_PASS_FILE" -h sha256 -n 'Handle Recorder' -in "$1" -out "$1.signed"
  mv "$1.signed" "$1"
}

for exe in HandleRecorder.exe handlerec.exe; do
  cp "build/mingw/$exe" "$out/bin/$exe"
  sign "$out/bin/$exe"
done

# A profile that ships and is not in the installer would be missing without a word.
for profile in profiles/*.wprp; do
  grep -q "Source=\"\$(var.Root)/$profile\"" installer/HandleRecorder.wxs || { echo "$profile is not in HandleRecorder.wxs" >&2; exit 1; }
done

msi=$out/HandleRecorder-$version-x64.msi
wixl -a x64 -D Version="$version" -D Root=. -D Bin="$out/bin" -o "$msi" installer/HandleRecorder.wxs
# wixl does not look into the programs for their version. Without it Windows would keep the file of an older version,
# remove that version, and leave the program missing.
for exe in HandleRecorder.exe handlerec.exe; do
  msibuild "$msi" -q "UPDATE \`File\` SET \`Version\` = '$version.0', \`Language\` = '1033' WHERE \`File\` = '$exe'"
done
sign "$msi"

# The portable archive: one folder, names sorted, the time of the last commit, so that it can be made again.
name=HandleRecorder-$version
mkdir -p "$out/$name/profiles"
cp "$out/bin/"*.exe "$out/$name/"
cp profiles/*.wprp "$out/$name/profiles/"
cp LICENSE "$out/$name/LICENSE.txt"
stamp=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CMakeLists.txt)
find "$out/$name" -exec touch -d "@$stamp" {} +
(cd "$out" && find "$name" -type f | LC_ALL=C sort | TZ=UTC zip -X -q -@ "$name-portable-x64.zip")
rm -rf "${out:?}/$name" "$out/bin"
ls -l "$out" | awk 'NF > 2 {print "size: " $NF " " $5 " bytes"}'
