# Each target works on a fresh clone: it creates .venv, installs the pinned dependencies and runs.

PYTHON ?= python3
# Arguments of the command: make up ARGS="--port 8000", make test ARGS="-k push".
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n 2
# What differs by edition of the database, which is what plain PostgreSQL is tested with.
BY_EDITION := $(wildcard $(addprefix tests/,analysis backup database maintenance readings rollups schedules sync))

.DEFAULT_GOAL := help
.PHONY: help demo up test test-all test-deep coverage lint bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/embedded ## start everything, play a real recording through it, keep running
	@$(BIN)/koodtx demo $(ARGS)

up: $(VENV)/embedded ## start PostgreSQL, Redis and the API; stop with Ctrl-C
	@$(BIN)/koodtx up $(ARGS)

test: $(VENV)/dev ## the tests of every room, on TimescaleDB (minutes)
	@# By file, so that the servers of a module are started once.
	$(PYTEST) --dist loadfile -m "not long and not faults and not deep" $(ARGS)

test-all: $(VENV)/dev ## the rest: long histories, planted bugs, kills, and all that differs on plain PostgreSQL
	$(PYTEST) -m "(long or faults) and not deep" $(ARGS)
	KOODTX_POSTGRES_KIND=wheel $(PYTEST) -m "not faults and not deep" $(BY_EDITION) $(ARGS)

test-deep: $(VENV)/dev ## run thousands of random sync histories (takes hours)
	KOODTX_HYPOTHESIS_PROFILE=deep $(BIN)/pytest -n 2 -m deep $(ARGS)

coverage: $(VENV)/dev ## run the tests with coverage: terminal, coverage.xml, htmlcov/
	$(PYTEST) -m "not deep" --cov --cov-report=term --cov-report=xml --cov-report=html $(ARGS)

lint: $(VENV)/dev ## check style, types and words
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint sql migrations
	$(BIN)/codespell --dictionary - --dictionary tools/words.txt
	$(BIN)/python tools/check_words.py

bench: $(VENV)/dev ## run the benchmarks of docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

clean: ## remove .venv and files of tests; keep data in .koodtx
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .coverage coverage.xml htmlcov

# Stamp files: dependencies are installed again when their list has changed.
$(VENV)/embedded: EXTRA := embedded
$(VENV)/dev: EXTRA := dev
$(VENV)/embedded $(VENV)/dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing KooDTX and its dependencies into $(VENV), about a minute ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[$(EXTRA)]'
	@touch $@

# pip is installed last, so an interrupted creation is repeated.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo 'Python cannot create a virtual environment: apt-get install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
