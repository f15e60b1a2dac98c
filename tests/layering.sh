#!/usr/bin/env bash
# The layering check: which folder may include which. Prints each offending line; exit 1 when there is one.
set -u
cd "$(dirname "$0")/.."
bad=0
report() { # $1 rule, stdin: offending lines
  local lines
  lines=$(cat)
  [ -z "$lines" ] && return
  printf 'layering: %s\n%s\n' "$1" "$lines"
  bad=1
}
includes() { grep -rnE '^[[:space:]]*#[[:space:]]*include' --include='*.c' --include='*.h' "$@" 2>/dev/null; }

# The C11 standard headers that core may use; signal and setjmp are not for a library.
std='assert|ctype|errno|float|inttypes|limits|math|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|time'
report 'app/core includes the C standard library and core only' < <(includes app/core | grep -vE "include \"core/|include <($std)\.h>")
report 'app/win may not include ui, cli or posix' < <(includes app/win | grep -E 'include "(ui|cli|posix)/')
report 'windows.h comes through win/win.h' < <(includes app/win | grep -E 'include <windows\.h>' | grep -v '^app/win/win\.h:')
report 'app/posix may not include ui, cli or win' < <(includes app/posix | grep -E 'include "(ui|cli|win)/')
report 'app/cli may not include ui' < <(includes app/cli | grep -E 'include "ui/')
report 'app/ui may not include cli or posix' < <(includes app/ui | grep -E 'include "(cli|posix)/')
report 'the product includes nothing of the tests' < <(includes app | grep -E 'include [<"](tests|unit|kernelsim|cmocka)')
report 'kernelsim and leaky include nothing from app' < <(includes tests/kernelsim tests/leaky | grep -E 'include "(core|win|posix|ui|cli)/')
# A file opens with one sentence that says its job.
headless() {
  git ls-files 'app/*.c' 'app/*.h' 'tests/*.c' 'tests/*.h' | while read -r f; do
    head -n 1 "$f" | grep -qE '^(/\*|//)' || echo "$f"
  done
}
report 'a file opens with a comment that says its job' < <(headless)

[ $bad = 0 ] && echo 'layering: clean'
exit $bad
