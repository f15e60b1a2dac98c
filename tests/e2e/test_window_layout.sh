#!/usr/bin/env bash
# No control is cut or covered, at 96 and at 144 DPI.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
failures=0
for dpi in 96 144; do
  WINDOW_DPI=$dpi bash "$here/window.sh" layout || failures=1
done
exit $failures
