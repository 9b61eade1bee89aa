#!/usr/bin/env bash
# Runs the Go tests of every package, in their short form and on both engines, under the race detector. It needs a C
# compiler. Usage: race.sh [PACKAGES]
set -euo pipefail
cd "$(dirname "$0")/.."
command -v "${CC:-gcc}" >/dev/null || { echo 'The race detector needs a C compiler: install gcc' >&2; exit 1; }
trap 'scripts/postgres.sh stop "race-$$"' EXIT
LATCHKEY_TEST_POSTGRES=$(scripts/postgres.sh start "race-$$")
export LATCHKEY_TEST_POSTGRES LATCHKEY_REQUIRE=all CGO_ENABLED=1 GOFLAGS=-trimpath

# SQLite in Go touches no memory of Go's, and hashing is arithmetic: watching every access there takes ten times as long
# and finds nothing.
flags=()
for package in modernc.org/sqlite/lib modernc.org/libc golang.org/x/crypto/{argon2,blake2b,blowfish,scrypt}; do
  flags+=("-gcflags=$package=-race=false")
done
# The programs that tests of tests/crash run are built without the detector.
[ $# -gt 0 ] || set -- $(go list ./... | grep -v /tests/crash)
go test -race -short -vet=off -timeout 30m "${flags[@]}" "$@"
