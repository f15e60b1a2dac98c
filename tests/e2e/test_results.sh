#!/usr/bin/env bash
# The results window: groupings, filter, stacks, copy, export, cancelling, and what it leaves behind.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" results "$@"
