#!/usr/bin/env bash
# Runs every fuzz target for a while: FUZZTIME each (20s).
set -euo pipefail
cd "$(dirname "$0")/.."
found=0
while IFS=: read -r file target; do
  found=$((found + 1))
  echo "== $target ($file)"
  go test -vet=off "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}"
done < <(git ls-files '*_test.go' | xargs grep -oE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //')
[ "$found" -gt 0 ] || { echo 'no fuzz target was found' >&2; exit 1; }
echo "$found targets ran"
