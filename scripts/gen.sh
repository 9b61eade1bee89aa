#!/usr/bin/env bash
# Makes generated files and embedded data again. Needs Node and the npm registry for the data.
set -euo pipefail
cd "$(dirname "$0")/.."
go generate ./...
if [ "${1:-}" = data ]; then
  (cd tools/countries && npm ci --ignore-scripts && node generate.mjs)
  node tools/locale/generate.mjs
  (cd tools/lists && npm ci --ignore-scripts && node generate.mjs)
fi
gofmt -w $(git ls-files '*.go')
