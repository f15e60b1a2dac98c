#!/usr/bin/env bash
# From the idle window to a saved recording, and every way to end one.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" flow "$@"
