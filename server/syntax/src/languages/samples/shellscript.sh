#!/usr/bin/env bash
# Moves files about.

set -euo pipefail
readonly LIMIT=10
export PATH="$PATH:bin" OTHER=1
declare -A kinds=([a]=1)
NAME=value
source ./lib.sh

helper() { :; }

# Prints a line.
# $1: the line
function print_line() {
  local line="$1" # not a constant
  echo "$line" | filter_out || return 1
  helper "$(today)"
}

function other {
  inner() { run; }
}
_sub() ( cd dir && list )
if [[ -n $NAME ]]; then
  conditional() { run; }
fi
lib::load() { trap cleanup EXIT; }
# Of bats.
@test "prints 'a' and é" {
  run print_line a
}
@test "" {
  run print_line
}
cat <<EOF
function fake() { }
EOF
main "$@"
