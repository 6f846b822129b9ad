# `make` alone says what there is. Every target may be run in a fresh clone, in any order.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VENV ?= .venv
export VENV
# Tests start many servers; none of them should have to translate every module anew.
unexport PYTHONDONTWRITEBYTECODE
bin := $(VENV)/bin
TESTS ?= tests

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: export PORTAL_ENVIRONMENT ?= development
run: runtime ## Start a portal with the demonstration site at http://127.0.0.1:8000/
	@$(bin)/portal db upgrade
	@$(bin)/portal demo
	@exec $(bin)/portal serve

.PHONY: test
test: lint types site pytest image ## Check everything, as continuous integration does

.PHONY: lint
lint: packages ## Check style, room borders, compose.yaml and the Dockerfile
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/lint-imports --no-logo --cache-dir .cache/import-linter
	$(bin)/hadolint Dockerfile
	$(if $(wildcard compose.yaml),$(bin)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml)

.PHONY: types
types: packages ## Check types
	$(bin)/mypy --strict

.PHONY: site
site: packages ## Check the shipped site, and that editors get the schema of these very blocks
	$(bin)/portal check
	$(bin)/portal schema --check
	$(bin)/check-jsonschema --check-metaschema config/schema/layout.json
	$(bin)/check-jsonschema --schemafile config/schema/layout.json $(shell find config/layouts -name '*.yaml')

.PHONY: pytest
pytest: packages programs ## Run all tests, those in the browser as well
	$(bin)/pytest -n 2 --dist worksteal $(TESTS)

.PHONY: unit
unit: packages ## Run the tests that need no server and no browser
	$(bin)/pytest tests/unit

.PHONY: browser
browser: packages programs ## Run the tests in Chromium
	$(bin)/pytest -n 2 --dist worksteal tests/browser

.PHONY: prove
prove: export PROOF_STEPS ?= 1000000
prove: export PROOF_SECONDS ?= 14400
prove: export PROOF_URLS ?= 1000000
prove: export FAULT_REPEATS ?= 20
prove: export FAULT_REQUESTS ?= 10000
prove: packages programs ## Prove cache and server for longer (PROOF_STEPS, _SEED, _SECONDS, _URLS, FAULT_REPEATS, _REQUESTS)
	$(bin)/pytest -s tests/proofs tests/integration/oracle tests/operation

.PHONY: bench
bench: packages ## Measure; prints ratios, not absolute times
	$(bin)/python -m benchmarks

.PHONY: lighthouse
lighthouse: packages ## Measure the demo with Lighthouse; fails below 95 for speed, 100 for the rest
	@.ci/install-debian
	@.ci/install-node lighthouse
	$(bin)/python -m benchmarks.lighthouse

.PHONY: image
image: programs ## Build the container image and ask it for its health
	.ci/build-image

.PHONY: audit
audit: packages ## Ask the package index for known weaknesses (needs the network and pip-audit)
	@command -v pip-audit >/dev/null || { echo "make audit needs pip-audit: pipx install pip-audit" >&2; exit 1; }
	pip-audit --require-hashes --disable-pip --requirement requirements/runtime.lock

.PHONY: lock
lock: ## Pin the newest versions that requirements/*.in allow (needs uv)
	.ci/lock

.PHONY: clean
clean: ## Remove everything that was installed or made here; var/ (the database) stays
	rm -rf --one-file-system .cache $(VENV) *.egg-info build .hypothesis

# The steps below install; they return at once when there is nothing to do.
.PHONY: runtime packages programs
runtime:
	@.ci/install-python runtime
packages:
	@.ci/install-python test
programs:
	@.ci/install-debian
	@.ci/install-node
