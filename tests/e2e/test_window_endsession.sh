#!/usr/bin/env bash
# Windows ends its session while the program records or saves.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" endsession "$@"
