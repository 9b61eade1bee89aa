#!/usr/bin/env bash
# Sets up everything the tests need and runs all of them: Go on SQLite and PostgreSQL, the official SDKs against
# the built binary, the browser. Nothing is left out in silence: LATCHKEY_REQUIRE=all turns every "not there"
# into a failure. Usage: test.sh [go|sdk|all]
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
# One set of build flags for everything, or each package would be compiled once a set.
export LATCHKEY_REQUIRE=all CGO_ENABLED=0 GOFLAGS=-trimpath
export LATCHKEY_TEST_REQUESTS=${LATCHKEY_TEST_REQUESTS:-50000}
began=$SECONDS

headline() { printf '\n== %s (%ds)\n' "$*" $((SECONDS - began)); }
need() { # need PROGRAM PACKAGE: from the system, else from Debian's packages
  command -v "$1" >/dev/null && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "$1 is missing and cannot be installed without root: install $2" >&2; exit 1; }
  [ -n "${apt_updated:-}" ] || { apt-get update -q >/dev/null || apt-get update -q; apt_updated=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$2" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get install -qy "$2" >/dev/null
}
stop() {
  scripts/postgres.sh stop "quick-$$" || true
  scripts/postgres.sh stop "durable-$$" || true
  [ -z "${memory:-}" ] || rm -rf "$memory"
}
trap stop EXIT

headline 'Setting up'
command -v go >/dev/null || { echo 'Go 1.26 or newer is needed' >&2; exit 1; }
command -v node >/dev/null || { echo 'Node 20 or newer is needed' >&2; exit 1; }
need strace strace
need openssl openssl
need oathtool oathtool
LATCHKEY_TEST_POSTGRES=$(scripts/postgres.sh start "quick-$$")
LATCHKEY_TEST_POSTGRES_DURABLE=$(scripts/postgres.sh start "durable-$$" durable)
export LATCHKEY_TEST_POSTGRES LATCHKEY_TEST_POSTGRES_DURABLE

headline 'Checking'
scripts/check.sh

if [ "$what" != sdk ]; then
  headline 'Go, on SQLite and PostgreSQL'
  # Files of tests lie in memory where there is room for them, or most tests would wait for a disk that nothing is asked
  # of; what the compiler makes stays on the disk.
  if [ "$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)" -gt 2000000 ] 2>/dev/null; then
    memory=$(mktemp -d /dev/shm/latchkey.XXXXXX)
  fi
  GOTMPDIR=${TMPDIR:-/tmp} TMPDIR=${memory:-${TMPDIR:-/tmp}} GOGC=200 go test -vet=off -timeout 20m ./... # vetted above
  headline 'The benchmark, briefly'
  scripts/bench.sh brief
fi

if [ "$what" != go ]; then
  headline 'Building'
  scripts/build.sh
  headline 'Node packages and Chromium'
  (cd sdk-tests && npm ci --ignore-scripts --no-audit --no-fund --silent)
  need chromium chromium
  need psql postgresql-client
  need sqlite3 sqlite3
  headline 'A production set-up, by the paper'
  (cd sdk-tests && node --test --test-reporter=spec operate.test.mjs)
  headline 'Official SDKs on SQLite'
  (cd sdk-tests && ENGINE=sqlite node --test --test-reporter=spec readme.test.mjs account.test.mjs tokens.test.mjs operators.test.mjs console.test.mjs invitations.test.mjs messaging.test.mjs)
  headline 'Official SDKs on PostgreSQL'
  (cd sdk-tests && ENGINE=postgres node --test --test-reporter=spec account.test.mjs tokens.test.mjs operators.test.mjs console.test.mjs invitations.test.mjs messaging.test.mjs)
  headline 'Passkeys in a browser, on both'
  (cd sdk-tests && for engine in sqlite postgres; do ENGINE=$engine node --test --test-reporter=spec passkeys.test.mjs; done)
  headline 'Second factors, on both'
  (cd sdk-tests && for engine in sqlite postgres; do ENGINE=$engine node --test --test-reporter=spec factors.test.mjs; done)
  headline 'The Appwrite CLI, on both'
  (cd sdk-tests && for engine in sqlite postgres; do ENGINE=$engine node --test --test-reporter=spec cli.test.mjs; done)
  headline 'Webhooks, on both'
  (cd sdk-tests && for engine in sqlite postgres; do ENGINE=$engine node --test --test-reporter=spec webhooks.test.mjs; done)
  headline 'The web SDK in a browser'
  (cd sdk-tests && node --test --test-reporter=spec browser.test.mjs oauth2.test.mjs)
  headline 'Hosted pages and the development mailbox in a browser'
  (cd sdk-tests && node --test --test-reporter=spec pages.test.mjs)
fi
headline 'Everything passed'
