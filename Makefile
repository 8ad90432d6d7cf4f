# Shoprelay: everything a person types. It needs make and Python 3.11 or newer, nothing else.
# Also the builder of the artefact: `sam build` calls build-<Function> below.

PYTHON ?= python3
MERCHANT ?=
SECRETS ?= merchants/$(MERCHANT).secrets.json
ONCE ?=
INPUTS ?=
PORT ?=
BATCHES ?=
SECONDS ?= 180
SEED ?=
STEPS ?=
SUMMARY ?=

BIN := .venv/bin
SAM := .tools/sam/bin/sam
PIP_QUIET := --quiet --disable-pip-version-check
CODE := $(wildcard bench cli functions shared tests)
export SAM_CLI_TELEMETRY := 0
export MERCHANT

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types template lock format golden docs relock
.PHONY: chaos fuzz prove
.PHONY: build deploy secret merchant section clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# ---- Set-up: once, and again when the lock changes ----------------------------------------------

setup: .venv/.ready ## make .venv with everything in it

.venv/.ready: .venv/.locked pyproject.toml
	@$(BIN)/pip install $(PIP_QUIET) --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Shoprelay needs Python 3.11 or newer, and \`$(PYTHON)\` is not: make PYTHON=python3.13 ..." >&2; exit 1; }
	@echo "Setting up .venv: once, about a minute"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

# SAM CLI pins libraries that conflict with ours, so it has a place of its own.
$(SAM): .ci/tools/sam.txt
	@echo "Setting up the SAM CLI: once, about a minute"
	@$(PYTHON) -m venv --clear .tools/sam
	@.tools/sam/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

# ---- Run and test -------------------------------------------------------------------------------

run: setup ## show the whole life of a webhook on this machine; ONCE=1 ends after it
	@$(BIN)/shoprelay local --merchant merchants/demo.toml --secrets merchants/demo.secrets.json $(if $(PORT),--port $(PORT)) $(if $(ONCE),--once)

test: setup ## run the tests, with branch coverage
	@$(BIN)/pytest -q -n 2 --cov --cov-report=term-missing:skip-covered

golden: setup ## write the golden files anew; read the diff before you commit it
	@$(BIN)/pytest -q tests/test_golden.py --golden

chaos: setup ## kill the local stack for SECONDS (180), and check that nothing is lost; SEED=n again
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(SUMMARY),--summary $(SUMMARY))

fuzz: setup ## send the door 100,000 inputs that no shop sends; SEED=n INPUTS=n again
	@$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SUMMARY),--summary $(SUMMARY))

prove: setup ## make a million steps of the machine that tries to break it; SEED=n BATCHES=1 SHRINK=1 one seed
	@$(BIN)/python -m tests.proof.prove $(if $(SEED),--seed $(SEED)) $(if $(BATCHES),--batches $(BATCHES)) $(if $(STEPS),--steps $(STEPS)) $(if $(SHRINK),--shrink) $(if $(SUMMARY),--summary $(SUMMARY))

docs: setup ## write docs/mapping.md and the README's configuration reference anew
	@$(BIN)/python -m cli.mapping > docs/mapping.md
	@$(BIN)/python -m cli.reference README.md

check: lint types template lock ## run the linters, types, template and lock checks

lint: setup
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

types: setup
	@$(BIN)/mypy

template: setup $(SAM)
	@$(BIN)/cfn-lint template.yaml
	@AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint

lock: setup
	@$(BIN)/pip check --disable-pip-version-check
	@$(BIN)/pytest -q tests/test_lock.py

format: setup ## put the code in order
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

# ---- Build and deploy ---------------------------------------------------------------------------

build: merchant $(SAM) ## MERCHANT=acme: make what is deployed, for one merchant
	@$(SAM) build

deploy: merchant section build ## MERCHANT=acme: build it and put it on AWS
	@$(SAM) deploy --config-env $(MERCHANT)

secret: merchant ## MERCHANT=acme SECRETS=file.json: create or update the merchant's secret
	@$(BIN)/python -m cli.secret merchants/$(MERCHANT).toml $(SECRETS)

merchant: setup
	@test -n "$(MERCHANT)" || { echo "Which merchant? For example: make $(MAKECMDGOALS) MERCHANT=acme" >&2; exit 1; }
	@$(BIN)/python -m cli.merchant merchants/$(MERCHANT).toml

section:
	@grep -q '^\[$(MERCHANT)\.deploy\.parameters\]' samconfig.toml || { \
	    echo "samconfig.toml has no section [$(MERCHANT).deploy.parameters]: copy the one of acme" >&2; exit 1; }

# The artefact: libraries, our code, the merchant's file; no tests, no cli, no caches.
# `sam build` runs this in place (build_in_source) for each function. Not with --parallel: two makes
# would race for .build.
build-%: .build/deps.done
	@test -f "merchants/$(MERCHANT).toml" || { echo "Which merchant? MERCHANT=acme sam build" >&2; exit 1; }
	@cp -R .build/deps/. "$(ARTIFACTS_DIR)"
	@find functions shared -name '*.py' | tar -cf - -T - | tar -xf - -C "$(ARTIFACTS_DIR)"
	@cp "merchants/$(MERCHANT).toml" "$(ARTIFACTS_DIR)/merchant.toml"

.build/deps.done: functions/requirements.txt
	@rm -rf .build/deps
	@$(BIN)/pip install $(PIP_QUIET) --no-deps --require-hashes -r $< --target .build/deps \
	    --only-binary=:all: --platform manylinux2014_aarch64 --implementation cp --python-version 3.13
	@rm -rf .build/deps/bin .build/deps/certifi/tests
	@find .build/deps \( -name __pycache__ -o -name '*.pyi' \) -prune -exec rm -rf {} +
	@touch $@

# ---- Keep ---------------------------------------------------------------------------------------

UV := .tools/uv/bin/uv
# A week's rest before a release is taken: most poisoned ones are found by then.
COMPILE := pip compile --quiet --upgrade --exclude-newer '1 week' --generate-hashes --no-header \
    --no-annotate --universal --python-version 3.11

$(UV): .ci/tools/uv.txt
	@$(PYTHON) -m venv --clear .tools/uv
	@.tools/uv/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

relock: $(UV) ## take the newest versions into the lock files
	@$(UV) $(COMPILE) pyproject.toml --group dev -o requirements.lock
	@$(UV) $(COMPILE) -c requirements.lock --group functions -o functions/requirements.txt
	@echo aws-sam-cli | $(UV) $(COMPILE) - -o .ci/tools/sam.txt
	@echo uv | $(UV) $(COMPILE) - -o .ci/tools/uv.txt

clean: ## remove everything that was made
	@rm -rf .aws-sam .build .hypothesis .mypy_cache .pytest_cache .ruff_cache .shoprelay .tools .venv
	@rm -rf .coverage .coverage.* *.egg-info
