#!/usr/bin/env bash
# Each operation fails once under the window, which says so and loses nothing.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" faults "$@"
