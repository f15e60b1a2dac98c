#!/usr/bin/env bash
# What the trace tells while it records: the columns of the list, and what they cost.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" live "$@"
