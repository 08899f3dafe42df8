# Each of these works alone on a fresh clone: it makes .venv, installs the pinned dependencies, and runs.

PYTHON ?= python3
# What follows the command: make up ARGS="--port 8000", make test ARGS="-k push".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n 2 -m "not deep"

.DEFAULT_GOAL := help
.PHONY: help demo up test test-plain test-deep coverage lint bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/embedded ## play a real recording through everything, then stay up
	@$(BIN)/koodtx demo $(ARGS)

up: $(VENV)/embedded ## PostgreSQL, Redis and the API, until Ctrl-C
	@$(BIN)/koodtx up $(ARGS)

test: $(VENV)/dev ## the tests, on TimescaleDB
	$(PYTEST) $(ARGS)

test-plain: $(VENV)/dev ## the tests, on PostgreSQL without TimescaleDB
	KOODTX_POSTGRES_KIND=wheel $(PYTEST) $(ARGS)

test-deep: $(VENV)/dev ## thousands of random sync histories (hours)
	KOODTX_HYPOTHESIS_PROFILE=deep $(BIN)/pytest -n 2 -m deep $(ARGS)

coverage: $(VENV)/dev ## the tests, with coverage: terminal, coverage.xml, htmlcov/
	$(PYTEST) --cov --cov-report=term --cov-report=xml --cov-report=html $(ARGS)

lint: $(VENV)/dev ## style and types, Python and SQL
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/sqlfluff lint sql migrations
	$(BIN)/codespell --dictionary - --dictionary tools/words.txt
	$(BIN)/python tools/check_words.py

bench: $(VENV)/dev ## the measurements of docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

clean: ## remove .venv and what tests leave; data in .koodtx stays
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage coverage.xml htmlcov

# Stamps: installed again when what is to be installed has changed.
$(VENV)/embedded: EXTRA := embedded
$(VENV)/dev: EXTRA := dev
$(VENV)/embedded $(VENV)/dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing KooDTX and its dependencies into $(VENV), about a minute ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[$(EXTRA)]'
	@touch $@

# pip comes last, so an interrupted start is begun again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo 'Python can make no virtual environment here: apt-get install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
