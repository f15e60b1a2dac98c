#!/usr/bin/env bash
# The program itself leaks no handle, GDI or USER object.
exec bash "$(dirname "${BASH_SOURCE[0]}")/window.sh" leaks "$@"
