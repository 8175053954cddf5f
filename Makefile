# Everything runs in .venv, which the first target that needs it sets up. With that done, no target touches a network.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
FIGURES ?= start
HALF_WIDTH ?= 0.03
TEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check truth bench docs

help:
	@echo "make demo    run a small circular supply chain and print what it learnt"
	@echo "make test    run the tests, $(TEST_WORKERS) at a time; make check runs the linters and the type checker"
	@echo "make truth   simulate the known queues and networks to a half-width of $(HALF_WIDTH)"
	@echo "make bench   print the figures of FIGURES=$(FIGURES)"
	@echo "make docs    write the scenario reference anew"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("looptwin needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-build-isolation --editable ".[dev]"
	@touch $@

demo: $(STAMP)
	@$(BIN)/python -m looptwin.demo

test: $(STAMP)
	$(BIN)/python -m pytest -n $(TEST_WORKERS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

truth: $(STAMP)
	$(BIN)/python -m pytest tests/truth --half-width $(HALF_WIDTH)

bench: $(STAMP)
	@$(BIN)/python -m benchmarks $(FIGURES)

docs: $(STAMP)
	$(BIN)/python -m docs.reference
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.five_factories
	$(BIN)/python -m docs.readme
