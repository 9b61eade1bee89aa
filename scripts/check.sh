#!/usr/bin/env bash
# Format, vet, module files. Arrows, sizes and fresh generated files are tests of their own (internal/*_test.go).
set -euo pipefail
cd "$(dirname "$0")/.."
unformatted=$(git ls-files '*.go' | xargs gofmt -l)
[ -z "$unformatted" ] || { printf 'not formatted:\n%s\n' "$unformatted" >&2; exit 1; }
go vet ./...
if grep -rn '"resolved": "http' --include=package-lock.json . --exclude-dir=node_modules; then
  echo 'a lock file names a registry' >&2
  exit 1
fi
! command -v staticcheck >/dev/null || staticcheck ./...
