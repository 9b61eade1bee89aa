.DEFAULT_GOAL := help
.PHONY: help run build check test race sdk fuzz bench crash gen

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: build ## build and start a development server
	@bin/latchkey dev

build: ## build the static binary into bin/
	@scripts/build.sh

check: ## format, vet, lint
	@scripts/check.sh

test: ## set up everything that is needed and run all tests
	@scripts/test.sh

race: ## the short Go tests under the race detector
	@scripts/race.sh

sdk: ## the official SDKs and the browser only
	@scripts/test.sh sdk

fuzz: ## every fuzz target for FUZZTIME (20s)
	@scripts/fuzz.sh

bench: ## the server against its floor, on SQLite and PostgreSQL
	@scripts/bench.sh

crash: ## kill the server twenty times and count what is lost
	@scripts/crash.sh

gen: ## make generated files and embedded data again
	@scripts/gen.sh
