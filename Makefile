# Everything a developer does with Packhorse. `make` alone lists it.

.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c

# Linters have a module of their own, so that what they need doesn't get into
# what is shipped; tools/go.mod pins them.
TOOL := go tool -modfile=tools/go.mod

# What may last is told of, if it does.
PATIENTLY := tools/patiently

# Sources are all files but those that git or a run keeps here.
PRUNE := \( -path ./.git -o -path ./.run -o -path ./bin \) -prune

.PHONY: help
help: ## List what make can do
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Start everything, take the sample orders through their lives, stay up until Ctrl-C
	@exec bin/packhorse-dev

.PHONY: build
build: ## Build bin/packhorse and bin/packhorse-worker
	@mkdir -p bin
	@$(PATIENTLY) "building bin/packhorse (two minutes when nothing is cached)" go build -o bin/packhorse ./starter
	@$(PATIENTLY) "building bin/packhorse-worker (a few seconds)" go build -o bin/packhorse-worker ./worker
	@$(PATIENTLY) "building bin/packhorse-dev (a few seconds)" go build -o bin/packhorse-dev ./deploy/dev
	@$(PATIENTLY) "building bin/packhorse-warehouse (a few seconds)" go build -o bin/packhorse-warehouse ./examples/warehouse

# What tests need besides Go: PostgreSQL and the Temporal CLI.
.PHONY: servers
servers:
	@mkdir -p bin
	@$(PATIENTLY) "building bin/packhorse-dev (a minute when nothing is cached)" go build -o bin/packhorse-dev ./deploy/dev
	@bin/packhorse-dev --prepare

.PHONY: test
test: servers ## Run all tests with the race detector, on servers of their own
	@$(PATIENTLY) "building with the race detector (four minutes when nothing is cached)" go build -race ./...
	go test -race -vet=off -timeout 30m $(TESTFLAGS) ./...

.PHONY: lint
lint: ## Check format, .golangci.yml, workflowcheck, and that generated files are fresh
	@unformatted=$$(find . $(PRUNE) -o -name '*.go' -print | xargs -r gofmt -l); \
		if [[ -n $$unformatted ]]; then echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; fi
	@$(PATIENTLY) "building golangci-lint (three minutes when nothing is cached)" $(TOOL) golangci-lint version > /dev/null
	@tools/imports/check
	@# The import rules see what a file names; this sees what it gets with that.
	@if go list -deps ./workflows | grep -E '^(github.com/jackc/pgx|packhorse/internal/postgres)'; then \
		echo "workflows gets these by way of what it imports, and is to be replayed without"; exit 1; fi
	$(PATIENTLY) "linting (four minutes when nothing is cached)" $(TOOL) golangci-lint run ./...
	$(PATIENTLY) "checking that workflows are deterministic (two minutes when nothing is cached)" \
		$(TOOL) workflowcheck $(if $(wildcard workflowcheck.config.yaml),-config workflowcheck.config.yaml) ./...
	@# In a copy, because a check changes nothing.
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; \
		find . $(PRUNE) -o -print0 | tar --null --no-recursion --files-from=- -cf - | tar -xf - -C "$$copy"; \
		(cd "$$copy" && $(PATIENTLY) "generating in a copy (two minutes when nothing is cached)" go generate ./...); \
		if ! diff -ru --exclude=.git --exclude=.run --exclude=bin . "$$copy"; then \
			echo "generated files are stale: run make generate"; exit 1; fi

.PHONY: generate
generate: ## Regenerate what is generated
	@$(PATIENTLY) "generating (two minutes when nothing is cached)" go generate ./...

.PHONY: rehearse
rehearse: build ## Run recorded orders through a fresh stack: make rehearse ARGS='--file orders.ndjson --from 2024-11-29 --to 2024-11-30 --day 2s' (DISTURB=20s kills and stops things meanwhile, MEMORY=1 tells the worker's peak)
	@exec bin/packhorse-dev --fresh $(if $(DISTURB),--disturb $(DISTURB)) $(if $(MEMORY),--memory) --logs .run/logs/rehearse --exec -- bin/packhorse rehearse $(ARGS)

.PHONY: prove
prove: servers ## Run the long proofs of the API: 200 random command sequences, how lists grow, a minute of fuzzing
	@$(PATIENTLY) "building the tests of the API (two minutes when nothing is cached)" go vet ./internal/gateway/endtoend
	go test -run TestWalk ./internal/gateway/endtoend -wholewalk -v
	go test -run '^$$' -bench Listing -benchtime 120x ./internal/gateway/endtoend
	go test -run '^$$' -fuzz FuzzAPI -fuzztime 60s -fuzzminimizetime 1x ./internal/gateway/endtoend

.PHONY: histories
histories: servers ## Record a history of every kind of life, for replays by later code: make histories VERSION=name (default: the patch that has none; FORCE=1 replaces one; LIVES=pattern: only those lives)
	@$(PATIENTLY) "recording (a minute, and two to build when nothing is cached)" \
		go test -C workflows -count=1 -run '^TestRecordHistories$$' -args -record $(or $(VERSION),next) $(if $(FORCE),-record-again) $(if $(LIVES),-lives '$(LIVES)')

FUZZTIME := 60s

.PHONY: fuzz
fuzz: servers ## Fuzz everything that reads what others send, each target for FUZZTIME=60s, one after the other (FUZZ=Search: only those whose name has it)
	@failed=; for package in $$(grep -rlE --include='*_test.go' '^func Fuzz\w*$(FUZZ)' . | xargs -rn1 dirname | sort -u); do \
		targets=$$($(PATIENTLY) "building the tests of $$package (a minute)" go test -list '^Fuzz.*$(FUZZ)' $$package); \
		for target in $$(grep '^Fuzz' <<< "$$targets"); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || failed+=" $$target"; \
		done; \
	done; \
	if [[ -n $$failed ]]; then echo "failed:$$failed; what failed is kept in testdata/fuzz of the package, as a case of make test"; exit 1; fi

REPLAY := ../shared/conformance/replay.py
CASES  := ../shared/conformance/cases/*.json $(foreach of,orders locations returns webhooks,../shared/conformance/cases/$(of)/*.json)

.PHONY: conformance
ifeq ($(origin REPLAY)$(wildcard $(REPLAY)),file)
conformance:
	@echo "conformance: passed over. Recorded cases and their replayer are not part of the repository: they are looked for in $(dir $(REPLAY)), or REPLAY=program CASES='dir/*.json' names them"
else
conformance: build ## Replay recorded API traffic against a fresh stack, if it is at hand: make conformance CASES='dir/*.json' chooses other cases
	@$(PATIENTLY) "building bin/packhorse-conformance (a few seconds)" go build -o bin/packhorse-conformance ./internal/dev/cmd/conformance
	@exec bin/packhorse-conformance $(REPLAY) $(CASES)
endif

# Recorded orders, where they are at hand; else the examples.
ORDERS := $(firstword $(wildcard ../shared/data/olist-orders.ndjson.gz) examples)

.PHONY: chaos
chaos: build servers ## Break the whole stack at random while orders go through it, and check that nothing is lost: make chaos ARGS='--duration 60s --seed 7'
	@$(PATIENTLY) "building bin/packhorse-chaos (half a minute)" go build -o bin/packhorse-chaos ./internal/dev/cmd/chaos
	@exec bin/packhorse-chaos --orders $(ORDERS) $(ARGS)

.PHONY: drill
drill: build servers ## The same with the database set back by 30 s now and then, as by a restore: only what was committed since may be lost: make drill ARGS='--seed 7 --set-back 60s'
	@$(PATIENTLY) "building bin/packhorse-chaos (half a minute)" go build -o bin/packhorse-chaos ./internal/dev/cmd/chaos
	@exec bin/packhorse-chaos --orders $(ORDERS) --set-back 30s $(ARGS)

# The newest Temporal server that Packhorse was tried with, beside the one of the
# Temporal CLI; what is run against it is not part of the tests.
NEWEST := v1.32.1
NEWEST_SERVER := $(CURDIR)/bin/temporal-server-$(NEWEST)

.PHONY: newest
newest: build servers ## Run the demo, the happy path, pauses and a minute of chaos against a newer Temporal server, on PostgreSQL: make newest NEWEST=v1.32.1 (builds it once, some ten minutes)
	@if [[ ! -d $(NEWEST_SERVER) ]]; then \
		rm -rf $(NEWEST_SERVER).new; \
		$(PATIENTLY) "building the Temporal server $(NEWEST) (some ten minutes)" env GOBIN=$(NEWEST_SERVER).new \
			go install go.temporal.io/server/cmd/server@$(NEWEST) go.temporal.io/server/cmd/tools/sql@$(NEWEST); \
		mv $(NEWEST_SERVER).new/server $(NEWEST_SERVER).new/temporal-server; \
		mv $(NEWEST_SERVER).new/sql $(NEWEST_SERVER).new/temporal-sql-tool; \
		mv $(NEWEST_SERVER).new $(NEWEST_SERVER); \
	fi
	@$(PATIENTLY) "building bin/packhorse-chaos (half a minute)" go build -o bin/packhorse-chaos ./internal/dev/cmd/chaos
	PACKHORSE_TEMPORAL_SERVER=$(NEWEST_SERVER) bin/packhorse-dev --fresh --exec -- bin/packhorse demo --examples examples
	PACKHORSE_TEMPORAL_SERVER=$(NEWEST_SERVER) go test -count=1 -run '^TestHappyPath$$' ./workflows
	PACKHORSE_TEMPORAL_SERVER=$(NEWEST_SERVER) go test -count=1 -run '^TestPausedByAServer$$' ./internal/watch
	PACKHORSE_TEMPORAL_SERVER=$(NEWEST_SERVER) bin/packhorse-chaos --orders $(ORDERS) --duration 60s $(ARGS)

.PHONY: bench
bench: build ## Measure what an order's life costs against bare Temporal: make bench ARGS='--in-flight 32 --rounds 9 --require' (--help lists the rest)
	@$(PATIENTLY) "building bin/packhorse-bench (half a minute)" go build -o bin/packhorse-bench ./internal/dev/cmd/bench
	@exec bin/packhorse-bench $(ARGS)

.PHONY: clean
clean: ## Forget the data of make run
	@$(PATIENTLY) "building what cleans (a minute when nothing is cached)" go run ./deploy/dev --clean
