#!/usr/bin/env bash
# Faults of the simulated kernel while handlerec records: each ETW operation fails or kills the recorder once.
# HR_FULL=1: with every code. HR_SEED: another sample.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/kernel.sh"
kernel_start || exit 1
parts_forget
python3 "$HR_ROOT/tests/e2e/faults.py" "$build" "$native" "$work" \
  "$WINEPREFIX/drive_c/users/*/AppData/Local/HandleRecorder/parts"
