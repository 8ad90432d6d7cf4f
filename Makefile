# Shoprelay: all commands of a developer. It needs only make and Python 3.11 or newer.
# It also builds the artefact: `sam build` calls build-<Function> below.

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
SAMPLE ?=
SUMMARY ?=
JSON ?=
MEASURE ?=

BIN := .venv/bin
SAM := .tools/sam/bin/sam
CHECKOV := .tools/checkov/bin/checkov
UV := .tools/uv/bin/uv
MUTMUT := .tools/mutmut/.ready
RIC := .tools/ric/.ready
PIP_QUIET := --quiet --disable-pip-version-check
CODE := $(wildcard bench cli functions shared tests)
export SAM_CLI_TELEMETRY := 0
export MERCHANT

.DEFAULT_GOAL := help
.PHONY: help setup run test coverage check lint types template lock artefact format golden docs alarms relock
.PHONY: chaos fuzz prove mutate bench costs night
.PHONY: build deploy preflight secret merchant section clean

help: ## list all targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

# ---- Set-up: once, and again when the lock file changes ----------------------------------------------

setup: .venv/.ready ## create .venv with all packages

# uv installs in seconds; where only pip is configured for the package index, pip takes a minute.
.venv/.ready: .venv/.locked pyproject.toml
	@$(BIN)/pip install $(PIP_QUIET) --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.locked: requirements.lock | $(UV)
	@echo "Setting up .venv: once"
	@$(PYTHON) -m venv --clear .venv
	@$(UV) pip install --system-certs --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r $< 2>/dev/null || \
	    $(BIN)/pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

$(UV): .ci/tools/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Shoprelay needs Python 3.11 or newer, and \`$(PYTHON)\` is not: make PYTHON=python3.13 ..." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .tools/uv
	@.tools/uv/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

# Tools whose pinned libraries conflict with ours have a virtual environment each.
define TOOL
	@$(PYTHON) -m venv --clear $(patsubst %/bin/,%,$(dir $@))
	@$(UV) pip install --system-certs --quiet --python $(dir $@)python --no-deps --require-hashes -r $< 2>/dev/null || \
	    $(dir $@)pip install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@
endef

$(SAM): .ci/tools/sam.txt | $(UV)
	@echo "Setting up the SAM CLI: once"
	$(TOOL)

$(CHECKOV): .ci/tools/checkov.txt | $(UV)
	@echo "Setting up checkov: once"
	$(TOOL)

# Lambda's own runtime client, with boto3 as in Lambda and nothing else: it runs the artefact.
$(RIC): .ci/tools/ric.txt | setup $(UV)
	@$(BIN)/python -m venv --clear --without-pip .tools/ric
	@$(UV) pip install --system-certs --quiet --compile-bytecode --python .tools/ric/bin/python --no-deps --require-hashes -r $< 2>/dev/null || \
	    $(BIN)/pip --python .tools/ric/bin/python install $(PIP_QUIET) --no-deps --require-hashes -r $<
	@touch $@

# mutmut runs the tests in its own process: it needs the project's packages beside its own.
$(MUTMUT): .ci/tools/mutmut.txt requirements.lock | $(UV)
	@echo "Setting up mutmut: once"
	@$(PYTHON) -m venv --clear .tools/mutmut
	@$(UV) pip install --system-certs --quiet --python .tools/mutmut/bin/python --no-deps --require-hashes -r requirements.lock -r $< 2>/dev/null || \
	    .tools/mutmut/bin/pip install $(PIP_QUIET) --no-deps --require-hashes -r requirements.lock -r $<
	@touch $@

# ---- Run and test -------------------------------------------------------------------------------

run: setup ## deliver sample webhooks on this machine; ONCE=1 exits after them
	@$(BIN)/shoprelay local --merchant merchants/demo.toml --secrets merchants/demo.secrets.json $(if $(PORT),--port $(PORT)) $(if $(ONCE),--once)

# `worksteal`: with a fixed distribution one worker ran the long tests alone at the end, for four minutes.
test: setup ## run the tests
	@$(BIN)/pytest -q -n 2 --dist worksteal --ignore=tests/artefact

# Not part of CI: tracing every line makes the tests take half as long again.
coverage: setup ## run the tests with branch coverage, at least 95 %
	@$(BIN)/pytest -q -n 3 --cov --cov-report=term-missing:skip-covered --ignore=tests/artefact

golden: setup ## rewrite the golden files; read the diff before you commit it
	@$(BIN)/pytest -q tests/test_golden.py --golden

chaos: setup ## kill the local stack repeatedly for SECONDS (180), check that nothing is lost; SEED=n repeats a run
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(SUMMARY),--summary $(SUMMARY))

fuzz: setup ## send the receiver 100,000 inputs that no shop sends; SEED=n INPUTS=n repeats a run
	@$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(INPUTS),--inputs $(INPUTS)) $(if $(SUMMARY),--summary $(SUMMARY))

prove: setup ## run a million steps of the model-based test; SEED=n BATCHES=1 SHRINK=1 runs one seed
	@$(BIN)/python -m tests.model_based.prove $(if $(SEED),--seed $(SEED)) $(if $(BATCHES),--batches $(BATCHES)) $(if $(STEPS),--steps $(STEPS)) $(if $(SHRINK),--shrink) $(if $(SUMMARY),--summary $(SUMMARY))

mutate: $(MUTMUT) ## mutation testing of the delivery code for SECONDS (3600), continued; SEED=n SAMPLE=n choose the mutants
	@.tools/mutmut/bin/python -m tests.mutation $(if $(filter-out file,$(origin SECONDS)),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(if $(SAMPLE),--sample $(SAMPLE))

docs: setup ## write the generated parts of the pages in docs/
	@$(BIN)/python -m cli.docs.generated

alarms: setup ## write the alarms of cli/stack/alarms.py into template.yaml
	@$(BIN)/python -m cli.stack.alarms template.yaml

night: setup ## run the example of docs/night.md; rewrite this page and docs/images
	@$(BIN)/python -m bench.night

bench: setup $(RIC) ## measure speed and memory, compare with the lower bounds, write docs/performance.md
	@$(BIN)/python -m bench

costs: setup ## rewrite docs/costs.md; MEASURE=1 measures its inputs first
	@$(if $(MEASURE),$(BIN)/python -m bench.costs.measure)
	@$(BIN)/python -m bench.costs > docs/costs.md

check: lint types template lock artefact ## run the linters, types, template, lock and artefact checks

lint: setup
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)

types: setup
	@$(BIN)/mypy

# This needs no network: checkov includes its policies.
template: setup $(SAM) $(CHECKOV)
	@$(BIN)/cfn-lint template.yaml
	@AWS_DEFAULT_REGION=us-east-1 $(SAM) validate --lint
	@$(CHECKOV) --file template.yaml --framework cloudformation --skip-download --compact --quiet
	@$(BIN)/pytest -q tests/stack/test_transformed.py

lock: setup
	@$(BIN)/pip check --disable-pip-version-check
	@$(BIN)/pytest -q tests/test_lock.py

artefact: setup $(RIC)
	@$(BIN)/pytest -q tests/artefact

format: setup ## format the code
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

# ---- Build and deploy ---------------------------------------------------------------------------

build: merchant $(SAM) ## MERCHANT=acme: build the artefact of one merchant
	@$(SAM) build
	@$(BIN)/python -m cli.artefact describe .aws-sam/build/*Function

deploy: merchant section build ## MERCHANT=acme: build and deploy it to AWS
	@$(SAM) deploy --config-env $(MERCHANT)

preflight: setup ## MERCHANT=acme: check whether its deployment would succeed; JSON=1 prints JSON
	@test -n "$(MERCHANT)" || { echo "Which merchant? For example: make preflight MERCHANT=acme" >&2; exit 1; }
	@$(BIN)/python -m cli.checks.preflight $(MERCHANT) $(if $(filter file,$(origin SECRETS)),,--secrets $(SECRETS)) $(if $(JSON),--json)

secret: merchant ## MERCHANT=acme SECRETS=file.json: create or update the merchant's secret
	@$(BIN)/shoprelay secrets put $(MERCHANT) --file $(SECRETS)

merchant: setup
	@test -n "$(MERCHANT)" || { echo "Which merchant? For example: make $(MAKECMDGOALS) MERCHANT=acme" >&2; exit 1; }
	@$(BIN)/python -m cli.merchants.files merchants/$(MERCHANT).toml

section:
	@grep -q '^\[$(MERCHANT)\.deploy\.parameters\]' samconfig.toml || { \
	    echo "samconfig.toml has no section [$(MERCHANT).deploy.parameters]: copy that of acme" >&2; exit 1; }

# The artefact: libraries, our code, the merchant's file, bytecode; no tests, no cli, no caches.
# `sam build` runs this in place (build_in_source) for each function. Do not use --parallel: two makes
# would write .build at the same time. HERE=1 builds for this machine, for the tests of the artefact.
LIBRARIES := .build/libraries$(if $(HERE),-here)

build-%: $(LIBRARIES).done
	@test -f "merchants/$(MERCHANT).toml" || { echo "Which merchant? MERCHANT=acme sam build" >&2; exit 1; }
	@cp -R $(LIBRARIES)/. "$(ARTIFACTS_DIR)"
	@find functions shared -name '*.py' | tar -cf - -T - | tar -xf - -C "$(ARTIFACTS_DIR)"
	@cp "merchants/$(MERCHANT).toml" "$(ARTIFACTS_DIR)/merchant.toml"
	@$(BIN)/python -m cli.artefact bytecode "$(ARTIFACTS_DIR)" $(if $(HERE),--here) $(if $(PYTHON_TARGET),--python $(PYTHON_TARGET))

$(LIBRARIES).done: functions/requirements.txt template.yaml cli/artefact/libraries.py cli/artefact/target.py | setup
	@$(BIN)/python -m cli.artefact libraries $(LIBRARIES) $(if $(HERE),--here)
	@touch $@

# ---- Maintain ---------------------------------------------------------------------------------------

# A release is used when it is a week old: most malicious ones are found by then.
COMPILE := pip compile --quiet --upgrade --exclude-newer '1 week' --generate-hashes --no-header \
    --no-annotate --universal --python-version 3.11

relock: $(UV) ## update the lock files to the newest versions
	@$(UV) $(COMPILE) pyproject.toml --group dev -o requirements.lock
	@$(UV) $(COMPILE) -c requirements.lock --group functions -o functions/requirements.txt
	@echo aws-sam-cli | $(UV) $(COMPILE) - -o .ci/tools/sam.txt
	@echo checkov | $(UV) $(COMPILE) - -o .ci/tools/checkov.txt
	@echo uv | $(UV) $(COMPILE) - -o .ci/tools/uv.txt
	@echo mutmut | $(UV) $(COMPILE) -c requirements.lock - -o .ci/tools/mutmut.txt
	@printf 'awslambdaric\nboto3\n' | $(UV) $(COMPILE) -c requirements.lock - -o .ci/tools/ric.txt

clean: ## remove everything that was generated
	@rm -rf .aws-sam .build .hypothesis .mypy_cache .pytest_cache .ruff_cache .shoprelay .tools .venv mutants
	@rm -rf .coverage .coverage.* *.egg-info
