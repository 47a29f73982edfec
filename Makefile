# `make run` to try it, `make test` for everything the build server runs; `make` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
# Two cores keep three busy: some tests wait.
WORKERS ?= 3
PYTHON_SOURCES := app demo tests wsgi.py $(wildcard bench)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))
# The checks run beside each other; the tests wait for all of them.
MAKEFLAGS += --jobs=2
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test quick check lint types imports dead-code migrations-lint test-moments bench pictures crawl lock translations catalogues clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

run: .venv/run.stamp translations ## Start everything; Ctrl-C stops it. PORT=8001 moves it
	@$(BIN)/flask serve

# Whatever the shell says, Python keeps what it has compiled: rewriting all assertions takes each worker five seconds.
test: export PYTHONDONTWRITEBYTECODE =
# The browser of the tests; without a name, the headless shell where it is installed.
test: export TEST_BROWSER ?=
test: check translations ## Everything the build server runs (TEST_BROWSER=chromium: in the full browser)
	$(BIN)/pytest -n $(WORKERS) --durations=10

quick: export PYTHONDONTWRITEBYTECODE =
quick: .venv/dev.stamp translations ## What is nearest to the changed files, for 50 seconds (SINCE=main~3)
	@$(BIN)/python -m tests.support.quick $(SINCE)

check: lint types imports dead-code migrations-lint ## The fast part of the tests, under a minute

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint templates

types: .venv/dev.stamp
	$(BIN)/mypy $(PYTHON_SOURCES) migrations/env.py migrations/support.py

imports: .venv/dev.stamp
	$(BIN)/lint-imports

# Twice: what only tests use is dead too, and so is what no test uses of the tests. Names that only templates use count
# as used. Variables and attributes are left out: columns, members of enumerations.
dead-code: .venv/dev.stamp
	@mkdir -p var
	@grep -rhoE '[a-z_][a-z0-9_]+' templates | sort -u | sed 's/.*/getattr(_, "&")/' > var/names_in_templates.py
	@found=$$(for sources in "$(filter-out tests,$(PYTHON_SOURCES))" "$(PYTHON_SOURCES)"; do \
	  $(BIN)/vulture $$sources var/names_in_templates.py | grep -vE 'unused (variable|attribute)' || true; done); \
	test -z "$$found" || { echo "$$found"; exit 1; }

migrations-lint: .venv/dev.stamp
	$(BIN)/flask db sql | $(BIN)/squawk

test-moments: .venv/dev.stamp translations ## Tests at later moments, under faketime (AREAS="tests/demo tests/imports" MOMENTS=leap-day)
	$(BIN)/python -m tests.support.moments $(AREAS)

bench: .venv/dev.stamp translations ## Speed as ratios to bare SQL and template (CALLS=1000000, AUDIT_ROWS=5000000)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.audit
	$(BIN)/python -m bench.shares

pictures: .venv/dev.stamp translations ## Every page, both widths and themes, into var/pictures
	$(BIN)/python -m tests.browser.pictures

crawl: .venv/dev.stamp translations ## Every page as every role, however it is looked at (ARGUMENTS="--roles csr --languages ru --only /calls")
	$(BIN)/python -m tests.browser.crawl $(ARGUMENTS)

lock: .venv/dev.stamp ## Make the pinned, hashed requirements again from the .in files
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile $(LOCK_OPTIONS) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove what was made: virtual environment, caches, everything under var/ with the database
	rm -rf .venv var .hypothesis .*_cache $(CATALOGUES)
	find app demo tests bench migrations -name __pycache__ -prune -exec rm -rf {} +

translations: $(CATALOGUES)

catalogues: .venv/run.stamp ## Bring the translators' files up to date with the code and templates
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
