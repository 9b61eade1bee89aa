#!/usr/bin/env bash
# The long form of the crash tests: twenty kills on each engine, a hundred while 2,000 mails are promised, a hundred
# while webhooks are told, and several servers that send 5,000.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop "crash-$$"' EXIT
LATCHKEY_TEST_POSTGRES_DURABLE=$(scripts/postgres.sh start "crash-$$" durable)
export LATCHKEY_TEST_POSTGRES_DURABLE
export LATCHKEY_TEST_KILLS=${LATCHKEY_TEST_KILLS:-100} LATCHKEY_TEST_CODES=${LATCHKEY_TEST_CODES:-2000} LATCHKEY_TEST_MESSAGES=${LATCHKEY_TEST_MESSAGES:-5000}
LATCHKEY_TEST_ROUNDS=${LATCHKEY_TEST_ROUNDS:-20} go test ./tests/crash -v -count=1 -timeout 30m
