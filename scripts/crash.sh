#!/usr/bin/env bash
# The long form of the crash tests: twenty kills on each engine.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop "crash-$$"' EXIT
LATCHKEY_TEST_POSTGRES_DURABLE=$(scripts/postgres.sh start "crash-$$" durable)
export LATCHKEY_TEST_POSTGRES_DURABLE
LATCHKEY_TEST_ROUNDS=${LATCHKEY_TEST_ROUNDS:-20} go test ./tests/crash -v -count=1 -timeout 30m
