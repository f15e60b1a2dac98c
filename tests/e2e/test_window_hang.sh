#!/usr/bin/env bash
# The window answers while an operation of tracing hangs.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" hang "$@"
