# shellcheck shell=bash disable=SC2034
# Runs the shipping programs over the simulated kernel. Source it after env.sh and hr_wine_prefix; needs $build, the
# folder of the Windows programs, and $work, a folder of the test's own.
#
#   kernel_start            a fresh simulated kernel; kernel_stop ends it, and all that still runs under it
#   sim WORD...             ksimctl
#   under PROGRAM ARG...    a program under the kernel
#   record_start DIR ARG... handlerec record in the background, until it records (or has ended: 1)
#   record_stop DIR         Ctrl+C; its exit code is in RECORD_EXIT, its output in DIR/record.out and DIR/record.err
#   record_run DIR ARG...   both, for a recording that ends by itself or is refused

RECORD_PID=
KERNEL_PID=
KERNEL_COUNT=0

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
