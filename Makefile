# The one door for chores. Everything is set up in .venv from the hashed lock files.
PYTHON ?= python3
# Bytecode is kept, so that the second start of a command is quick.
export PYTHONDONTWRITEBYTECODE :=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench golden lock clean setup

setup: $(READY)

$(READY): requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)  ## Play one evening of a cooperative on a rehearsal ledger.
	$(BIN)/tally demo

test: $(READY)  ## All tests.
	$(BIN)/python -m pytest -n 2 -q

check: $(READY)  ## Style, types, house rules, docs in step with the program.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py tests/test_docs.py

bench: $(READY)  ## Ratios beside a peer or the physical limit, in one run.
	$(BIN)/python -m benchmarks

golden: $(READY)  ## Write the golden files anew; look at the difference before you commit it.
	TALLY_GOLDEN=write $(BIN)/python -m pytest -q tests/test_golden.py tests/test_docs.py tests/test_log_format.py tests/test_deciding_page.py tests/test_bank_page.py tests/test_treasurer_page.py tests/test_share_page.py

lock:  ## Lock files anew from pyproject.toml: names, versions and hashes, no addresses.
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --extra postgres -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml --group dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
