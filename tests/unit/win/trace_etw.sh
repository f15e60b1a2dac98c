#!/usr/bin/env bash
# Runs test_trace_etw, and test_trace_live, on plain Wine and under the simulated kernel. Usage: trace_etw.sh BUILD_DIR
set -u
build=$(cd "$1" && pwd)
. "$(dirname "${BASH_SOURCE[0]}")/../../env.sh"
hr_wine_prefix || exit 1
export KSIM_NAME=trace-etw-$$
cd "$build" || exit 1
failures=0
timeout 60 wine ./test_trace_etw.exe bare </dev/null || failures=1
timeout 110 wine ./ksimrun.exe --server ./test_trace_etw.exe </dev/null || failures=1
timeout 60 wine ./ksimrun.exe --server ./test_trace_live.exe </dev/null || failures=1
left=$(timeout 20 wine ./ksimctl.exe sessions </dev/null | tr -d '\r\n')
[ "$left" = "[]" ] || { echo "sessions left running: $left"; failures=1; }
timeout 20 wine ./ksimctl.exe quit </dev/null >/dev/null
[ "$failures" = 0 ] && echo "OK: the trace backend does and refuses what it should"
exit "$failures"
