#!/usr/bin/env bash
# The end of the Windows session, closing while starting, and profiles picked by keys.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" ending "$@"
