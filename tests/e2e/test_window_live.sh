#!/usr/bin/env bash
# What the trace tells while it records: the columns of the list, and what they cost. With --full also many recordings,
# with everything that can be done meanwhile.
here=$(dirname "${BASH_SOURCE[0]}")
bash "$here/window.sh" live "$@" || exit 1
[ -z "${HR_FULL:-}" ] || exec bash "$here/window.sh" soak
