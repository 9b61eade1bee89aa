#!/usr/bin/env bash
# Measures the built server against its floor on both engines, PostgreSQL with durable settings.
set -euo pipefail
cd "$(dirname "$0")/.."
trap 'scripts/postgres.sh stop "bench-$$"' EXIT
scripts/build.sh
go build -o bin/bench ./bench
bin/bench -postgres "$(scripts/postgres.sh start "bench-$$" durable)" "$@"
