#!/usr/bin/env bash
# Measures the built server against its floor on both engines, PostgreSQL with durable settings.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop "bench-$$"' EXIT
scripts/build.sh
go build -o bin/bench ./bench
LATCHKEY_TEST_POSTGRES=$(scripts/postgres.sh start "bench-$$" durable)
export LATCHKEY_TEST_POSTGRES
bin/bench -postgres "$LATCHKEY_TEST_POSTGRES" "$@"
echo "Mails: a second through the outbox, and from a request until the mail server has it"
go test -run '^$' -bench '^BenchmarkMail' -benchtime 2000x ./internal/app | grep '^Benchmark'
