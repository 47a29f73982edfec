# `make run` starts the app, `make test` runs everything that the build server runs; `make` lists all targets.
PYTHON ?= python3
BIN := .venv/bin
# Three workers on two cores, since some tests mostly wait.
WORKERS ?= 3
PYTHON_SOURCES := app demo tests wsgi.py $(wildcard bench)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))
# The checks run in parallel; the tests wait for all of them.
MAKEFLAGS += --jobs=2
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test quick check lint types imports dead-code migrations-lint test-moments bench pictures crawl lock translations catalogues clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: .venv/run.stamp translations ## Start everything; Ctrl-C stops it (PORT=8001 for another port)
	@$(BIN)/flask serve

# Let Python write bytecode even if the environment forbids it: rewriting all assertions takes each worker five seconds.
test: export PYTHONDONTWRITEBYTECODE =
# The browser for the tests; if empty, the headless shell if it is installed.
test: export TEST_BROWSER ?=
# The part of the tests in turns, 1 to 4 or `all`; if empty, that of the commit.
test: export TEST_PART ?=
test: check translations ## Run everything that the build server runs (TEST_PART=all for all turns, TEST_BROWSER=chromium)
	$(BIN)/pytest -n $(WORKERS) --durations=10

quick: export PYTHONDONTWRITEBYTECODE =
quick: .venv/dev.stamp translations ## Run the tests closest to the changed files, for 50 seconds (SINCE=main~3)
	@$(BIN)/python -m tests.support.quick $(SINCE)

check: lint types imports dead-code migrations-lint ## Run the static checks, in under a minute

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint templates

types: .venv/dev.stamp
	$(BIN)/mypy $(PYTHON_SOURCES) migrations/env.py migrations/support.py

imports: .venv/dev.stamp
	$(BIN)/lint-imports

dead-code: .venv/dev.stamp
	@$(BIN)/python -m tests.support.dead_code $(PYTHON_SOURCES)

migrations-lint: .venv/dev.stamp
	$(BIN)/flask db sql | $(BIN)/squawk

test-moments: .venv/dev.stamp translations ## Run tests at later dates, with faketime (AREAS="tests/demo tests/imports" MOMENTS=leap-day)
	$(BIN)/python -m tests.support.moments $(AREAS)

bench: .venv/dev.stamp translations ## Measure speed as ratios to bare SQL and templates (CALLS=1000000, AUDIT_ROWS=5000000)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.audit
	$(BIN)/python -m bench.shares
	$(BIN)/python -m bench.marks
	$(BIN)/python -m bench.floors
	$(BIN)/python -m bench.webhooks

pictures: .venv/dev.stamp translations ## Save screenshots of every page, in both widths and themes, to var/pictures
	$(BIN)/python -m tests.browser.pictures

crawl: .venv/dev.stamp translations ## Request every page as every role, in every language and look (ARGUMENTS="--roles csr --languages ru --only /calls")
	$(BIN)/python -m tests.browser.crawl $(ARGUMENTS)

lock: .venv/dev.stamp ## Regenerate the pinned, hashed requirements from the .in files
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove everything generated: virtual environment, caches, everything under var/ including the database
	rm -rf .venv var .hypothesis .*_cache $(CATALOGUES)
	find app demo tests bench migrations -name __pycache__ -prune -exec rm -rf {} +

translations: $(CATALOGUES)

catalogues: .venv/run.stamp ## Update the translation files from the code and templates
	@mkdir -p var
	$(BIN)/pybabel --quiet extract -F babel.cfg -k _l -k _ln:1,2 -k lazy_pgettext:1c,2 --no-location --sort-output -o var/messages.pot .
	for language in ru uz; do $(BIN)/pybabel --quiet update --ignore-obsolete --no-fuzzy-matching \
	  -i var/messages.pot -d app/translations -l $$language --init-missing; done

%.mo: %.po .venv/run.stamp
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

LOCK_OPTIONS := --quiet --generate-hashes --python-version 3.11 --python-platform linux --custom-compile-command "make lock"

.venv/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
