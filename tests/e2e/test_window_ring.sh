#!/usr/bin/env bash
# A memory ring in the window: its companion, marks, a snapshot while it records, and the saved file.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" ring "$@"
