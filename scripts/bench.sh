#!/usr/bin/env bash
# Measures the built server against its floor on both engines, PostgreSQL with durable settings. Usage: bench.sh [FLAGS
# of bench]; bench.sh brief: half a minute that only sees whether it still runs, on the PostgreSQL the tests have.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = brief ]; then
  scripts/build.sh
  go build -o bin/bench ./bench
  bin/bench -postgres "$LATCHKEY_TEST_POSTGRES_DURABLE" -users 200 -seconds 1 -rounds 1 -clients 8
  # Each of the others once, with little in its lists.
  LATCHKEY_BENCH_USERS=1000 go test -run '^$' -bench '^Benchmark(Mail|UserLists)' -benchtime 1x ./internal/app ./internal/store >/dev/null
  exit
fi
trap 'scripts/postgres.sh stop "bench-$$"' EXIT
scripts/build.sh
go build -o bin/bench ./bench
LATCHKEY_TEST_POSTGRES=$(scripts/postgres.sh start "bench-$$" durable)
export LATCHKEY_TEST_POSTGRES
bin/bench -postgres "$LATCHKEY_TEST_POSTGRES" "$@"
echo "Mails: a second through the outbox, and from a request until the mail server has it"
go test -run '^$' -bench '^BenchmarkMail' -benchtime 2000x ./internal/app | grep '^Benchmark'
echo "Deleting somebody with 100,000 entries in the log, and what others feel"
go test -run '^$' -bench '^BenchmarkDeletingABusyUser' -benchtime 3x ./internal/store | grep '^Benchmark'
users=${LATCHKEY_BENCH_USERS:-1000000}
echo "First pages of lists of $users users; they are made first, which takes minutes"
LATCHKEY_BENCH_USERS=$users go test -run '^$' -bench '^BenchmarkUserLists' -benchtime 200x -timeout 3h ./internal/store | grep '^Benchmark'
