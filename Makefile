# `make run` to try it, `make test` for everything the build server runs; `make` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check lint types imports dead-code migrations-lint bench pictures lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: .venv/run.stamp app/translations/.stamp ## Start everything; Ctrl-C stops it. PORT=8001 moves it
	@$(BIN)/flask serve

test: check ## Everything the build server runs
	$(BIN)/pytest -n $(WORKERS)

check: lint types imports dead-code migrations-lint ## The fast part of the tests, under a minute

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint templates

types: .venv/dev.stamp
	$(BIN)/mypy

imports: .venv/dev.stamp
	$(BIN)/lint-imports

dead-code: .venv/dev.stamp
	$(BIN)/vulture

migrations-lint: .venv/dev.stamp
	$(BIN)/flask db sql | $(BIN)/squawk

bench: .venv/dev.stamp app/translations/.stamp ## Speed as ratios to bare SQL and template (CALLS=1000000)
	$(BIN)/python -m bench

pictures: .venv/dev.stamp app/translations/.stamp ## Every page, both widths and themes, into var/pictures
	$(BIN)/python -m tests.browser.pictures

lock: .venv/dev.stamp ## Make the pinned, hashed requirements again from the .in files
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove the virtual environment and everything under var/, the database too
	rm -rf .venv var app/translations/.stamp
	find app tests bench migrations -name __pycache__ -prune -exec rm -rf {} +

LOCK_OPTIONS := --quiet --generate-hashes --python-version 3.11 --python-platform linux --custom-compile-command "make lock"

.venv/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
