#!/usr/bin/env bash
# The profile editor and the menu Profile.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" editor "$@"
