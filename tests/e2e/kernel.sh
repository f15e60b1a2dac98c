# shellcheck shell=bash disable=SC2034
# Runs the shipping programs over the simulated kernel. Source it first of all: it makes a Wine prefix, and sets $build and
# $native, the folders of the programs, $work, a folder of the test's own, and $failures. What still runs ends with the
# test, with those whose process ids it adds to ends.
#
#   fail WORD...            one more failure, with its words
#   kernel_start            a fresh simulated kernel; kernel_stop ends it, and all that still runs under it
#   kernel_speaks DIALECT [KNOB VALUE]  a fresh one that speaks it, raw parts of before forgotten
#   sim WORD...             ksimctl
#   no_session WHAT         fails when a session is left
#   under PROGRAM ARG...    a program under the kernel
#   small_buffers FILE MODE COUNT  a profile that records to Memory or to a File, in so many buffers of 64 KB
#   record_start DIR ARG... handlerec record in the background, until it records (or has ended: 1)
#   record_stop DIR         Ctrl+C; its exit code is in RECORD_EXIT, its output in DIR/record.out and DIR/record.err
#   record_run DIR ARG...   both, for a recording that ends by itself or is refused

. "$(dirname "${BASH_SOURCE[0]}")/../env.sh"
. "$HR_ROOT/tests/leaky/leaky.sh"
build=$HR_BUILD/mingw
native=$HR_BUILD/native
hr_wine_prefix && hr_wine_warm || exit 1
work=$(mktemp -d)
failures=0
ends=()
LEAKY_UNDER=$build/ksimrun.exe
RECORD_PID=
KERNEL_PID=
KERNEL_COUNT=0

kernel_clean() {
  local p
  for p in "${ends[@]}"; do kill "$p" 2>/dev/null; done
  leaky_cleanup
  kernel_stop
  rm -rf "$work"
}
trap kernel_clean EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

sim() { timeout 60 wine "$build/ksimctl.exe" "$@" </dev/null 2>&1 | tr -d '\r'; }

under() { wine "$build/ksimrun.exe" ${KERNEL_RIGHTS:-} "$build/$1.exe" "${@:2}"; }

kernel_start() {
  kernel_stop
  KERNEL_COUNT=$((KERNEL_COUNT + 1))
  export KSIM_NAME=e2e-$$-$KERNEL_COUNT
  wine "$build/ksimd.exe" --name "$KSIM_NAME" </dev/null >"$work/ksimd.log" 2>&1 &
  KERNEL_PID=$!
  local i
  for i in $(seq 150); do
    case $(sim sessions) in '[]') return 0 ;; esac
    kill -0 "$KERNEL_PID" 2>/dev/null || break
    sleep 0.1
  done
  echo "the simulated kernel does not answer:"
  tail -5 "$work/ksimd.log"
  return 1
}

# Linux process ids of Windows programs of this name under this kernel, not of ksimrun that waits for them.
kernel_pids() {
  local p
  for p in $(pgrep -f "$1[.]exe"); do
    tr '\0' '\n' 2>/dev/null <"/proc/$p/environ" | grep -qx "KSIM_NAME=$KSIM_NAME" || continue
    head -z -n 1 "/proc/$p/cmdline" 2>/dev/null | tr -d '\0' | grep -q "$1[.]exe" && echo "$p"
  done
}

kernel_stop() {
  local p
  [ -n "$KERNEL_PID" ] || return 0
  for p in $(kernel_pids handlerec) $(kernel_pids leaky); do kill -9 "$p" 2>/dev/null; done
  sim quit >/dev/null
  wait "$KERNEL_PID" 2>/dev/null
  KERNEL_PID=
}

kernel_speaks() {
  kernel_start || { fail "$1: no simulated kernel"; return 1; }
  [ -z "$(sim set dialect "$1")${2:+$(sim set "$2" "$3")}" ] || fail "$*: not known"
  parts_forget
}

no_session() { # what was before
  local left
  left=$(sim sessions)
  [ "$left" = "[]" ] || fail "$1: sessions left: $left"
}

small_buffers() {
  cat >"$1" <<WPRP
<?xml version="1.0" encoding="utf-8"?>
<WindowsPerformanceRecorder Version="1.0" Author="Handle Recorder" Comments="HandleRecorder:1;types=*">
 <Profiles>
  <SystemCollector Id="Collector" Name="NT Kernel Logger"><BufferSize Value="64"/><Buffers Value="$3"/></SystemCollector>
  <SystemProvider Id="Provider">
   <Keywords><Keyword Value="ProcessThread"/><Keyword Value="Loader"/><Keyword Value="Handle"/></Keywords>
   <Stacks><Stack Value="HandleCreate"/><Stack Value="HandleDuplicate"/></Stacks>
  </SystemProvider>
  <Profile Id="Small.Verbose.$2" Name="Small" Description="Small buffers" LoggingMode="$2" DetailLevel="Verbose">
   <Collectors><SystemCollectorId Value="Collector"><SystemProviderId Value="Provider"/></SystemCollectorId></Collectors>
  </Profile>
 </Profiles>
</WindowsPerformanceRecorder>
WPRP
}

# What an earlier test left unsaved would be asked about first.
parts_forget() { rm -rf "$WINEPREFIX"/drive_c/users/*/AppData/Local/HandleRecorder/parts; }

record_launch() { # DIR ARG...
  local dir=$1
  shift
  mkdir -p "$dir"
  : >"$dir/record.err"
  timeout "${RECORD_SECONDS:-120}" wine "$build/ksimrun.exe" ${KERNEL_RIGHTS:-} "$build/handlerec.exe" record "$@" \
    </dev/null >"$dir/record.out" 2>"$dir/record.err" &
  RECORD_PID=$!
}

record_start() {
  local dir=$1 i
  record_launch "$@"
  for i in $(seq 400); do
    grep -q '^Recording\. ' "$dir/record.err" && return 0
    kill -0 "$RECORD_PID" 2>/dev/null || break
    sleep 0.1
  done
  return 1
}

record_wait() {
  wait "$RECORD_PID"
  RECORD_EXIT=$?
  RECORD_PID=
}

record_stop() {
  local p
  for p in $(kernel_pids handlerec); do kill -INT "$p"; done
  record_wait
}

record_run() {
  record_launch "$@"
  record_wait
}
